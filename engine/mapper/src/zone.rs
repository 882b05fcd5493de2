//! What a run is about: the zone's options, the school year, the date.

use graph::Date;
use problem::{Problem, code};
use rulebook::yaml::{Kind, Node, Reader};

/// The zone's options, as its file gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// The zone's name.
    pub name: String,
    /// The school years that it covers, by the year in which they end.
    pub school_years: Vec<i32>,
    /// The numbers of the schools that it covers; none: all.
    pub schools: Option<Vec<String>>,
    /// The ids of the calendars that it leaves out.
    pub excluded_calendars: Vec<i64>,
    /// Leaves out No Show enrollments.
    pub exclude_no_show: bool,
    /// Leaves out State Exclude enrollments.
    pub exclude_state_exclude: bool,
    /// Leaves out enrollments that are not Primary.
    pub exclude_non_primary: bool,
    /// Leaves out schools without a calendar.
    pub exclude_schools_without_calendar: bool,
    /// Publishes Social Security Numbers.
    pub publish_ssn: bool,
    /// Leaves out empty elements that neither the schema nor the page makes mandatory.
    pub strip_empty_elements: bool,
}

impl Zone {
    /// A zone of all schools for one school year, with every option off.
    #[must_use]
    pub fn of_year(name: &str, school_year: i32) -> Self {
        Self {
            name: name.to_owned(),
            school_years: vec![school_year],
            schools: None,
            excluded_calendars: Vec::new(),
            exclude_no_show: false,
            exclude_state_exclude: false,
            exclude_non_primary: false,
            exclude_schools_without_calendar: false,
            publish_ssn: false,
            strip_empty_elements: false,
        }
    }

    /// Reads the options of a zone as its file has them, all but its name and its agents. What the file does not say stays as it
    /// is; the school years must be said if there are none yet. What is wrong is added to `problems`.
    pub fn read_options(&mut self, reader: &mut Reader<'_>, problems: &mut Vec<Problem>) {
        let years = match &self.school_years[..] {
            [] => reader.need("school_years", problems),
            _ => reader.get("school_years"),
        };
        if let Some(node) = years {
            self.school_years = school_years(node, problems);
        }
        if let Some(node) = reader.get("schools") {
            self.schools = schools(node, problems);
        }
        if let Some(node) = reader.get("excluded_calendars") {
            self.excluded_calendars = numbers(node, "calendar ids", problems);
        }
        for (key, option) in [
            ("exclude_no_show", &mut self.exclude_no_show),
            ("exclude_state_exclude", &mut self.exclude_state_exclude),
            ("exclude_non_primary", &mut self.exclude_non_primary),
            ("exclude_schools_without_calendar", &mut self.exclude_schools_without_calendar),
            ("publish_ssn", &mut self.publish_ssn),
            ("strip_empty_elements", &mut self.strip_empty_elements),
        ] {
            if let Some(flag) = reader.get(key).and_then(|node| node.flag(problems)) {
                *option = flag;
            }
        }
    }
}

/// School years, ascending, each once.
fn school_years(node: &Node, problems: &mut Vec<Problem>) -> Vec<i32> {
    let before = problems.len();
    let numbers = numbers(node, "school years", problems);
    let mut years: Vec<i32> = numbers
        .iter()
        .filter_map(|number| i32::try_from(*number).ok())
        .filter(|year| (1900..=2200).contains(year))
        .collect();
    if problems.len() == before && (years.is_empty() || years.len() < numbers.len()) {
        problems.push(
            Problem::new(code::BAD_ZONE, "a zone has school years, each by the year in which it ends")
                .at(node.place.clone()),
        );
    }
    years.sort_unstable();
    years.dedup();
    years
}

/// The numbers of schools; none for `all`.
fn schools(node: &Node, problems: &mut Vec<Problem>) -> Option<Vec<String>> {
    if matches!(&node.kind, Kind::Scalar(scalar) if scalar.text == "all") {
        return None;
    }
    let items = node.list("`all` or school numbers", problems)?;
    Some(items.iter().filter_map(|item| item.scalar("a school number", problems)).map(|one| one.text.clone()).collect())
}

fn numbers(node: &Node, what: &str, problems: &mut Vec<Problem>) -> Vec<i64> {
    let mut found = Vec::new();
    for item in node.list(what, problems).unwrap_or_default() {
        let Some(scalar) = item.scalar("a whole number", problems) else { continue };
        match scalar.text.parse() {
            Ok(number) => found.push(number),
            Err(_) => problems.push(
                Problem::new(code::WRONG_KIND, format!("expected a whole number in {what}")).at(item.place.clone()),
            ),
        }
    }
    found
}

/// First and last day of a school year: 1 July to 30 June of the year in which it ends. None for a year that no calendar has.
#[must_use]
pub fn year_span(school_year: i32) -> Option<(Date, Date)> {
    Some((Date::from_ymd_opt(school_year.checked_sub(1)?, 7, 1)?, Date::from_ymd_opt(school_year, 6, 30)?))
}

/// The school year that a date belongs to.
///
/// ```
/// let date = |y, m, d| graph::Date::from_ymd_opt(y, m, d).unwrap();
/// assert_eq!(mapper::school_year_of(date(2026, 6, 30)), 2026);
/// assert_eq!(mapper::school_year_of(date(2026, 7, 1)), 2027);
/// ```
#[must_use]
pub fn school_year_of(date: Date) -> i32 {
    use chrono::Datelike;
    date.year() + i32::from(date.month() >= 7)
}
