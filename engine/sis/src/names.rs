//! Names of tables and columns. Their case never matters: PostgreSQL folds it, and people spell as they like.

/// The name of `names` that means `wanted`: the same letters, else the same but for case.
pub(crate) fn resolve<'n>(wanted: &str, names: &'n [String]) -> Option<&'n String> {
    names
        .iter()
        .find(|name| *name == wanted)
        // Two names that differ in case only are rare; the smallest is taken, so that it is the same on every run.
        .or_else(|| names.iter().filter(|name| same(name, wanted)).min())
}

/// Whether two names are the same but for case.
pub(crate) fn same(left: &str, right: &str) -> bool {
    left == right || left.to_lowercase() == right.to_lowercase()
}

/// The name as SQL writes it when any character may be in it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exact_name_wins_over_another_case() {
        let names = ["PERSON".to_owned(), "person".to_owned(), "Person".to_owned()];
        assert_eq!(resolve("person", &names).map(String::as_str), Some("person"));
        assert_eq!(resolve("pErson", &names).map(String::as_str), Some("PERSON"));
        assert_eq!(resolve("persons", &names), None);
    }

    #[test]
    fn quotes_are_doubled() {
        assert_eq!(quoted("a\"b"), "\"a\"\"b\"");
    }
}
