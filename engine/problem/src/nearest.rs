//! "Did you mean": the name nearest to a mistyped one.

/// The name of `names` that is nearest to `name`, if one is near enough: at most a third of the letters differ,
/// or one has the other's words with other separators or capitals.
///
/// ```
/// assert_eq!(problem::nearest("strat_date", ["start_date", "end_date"]), Some("start_date"));
/// assert_eq!(problem::nearest("startDate", ["start_date", "end_date"]), Some("start_date"));
/// assert_eq!(problem::nearest("colour", ["start_date", "end_date"]), None);
/// ```
pub fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let plain = plain(name);
    let ceiling = (name.chars().count() / 3).max(1);
    names
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| {
            let distance = if self::plain(candidate) == plain { 0 } else { strsim::osa_distance(name, candidate) };
            (distance, candidate)
        })
        .filter(|(distance, _)| *distance <= ceiling)
        .min()
        .map(|(_, candidate)| candidate)
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
