//! What a run is about: the zone's options, the school year, the date.

use chrono::Datelike;
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
    /// The month and day on which a school year starts.
    pub school_year_starts: YearStart,
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
            school_year_starts: YearStart::default(),
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
        if let Some(node) = reader.get("school_year_starts")
            && let Some(starts) = year_start(node, problems)
        {
            self.school_year_starts = starts;
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

/// A month and a day, such as `07-01`.
fn year_start(node: &Node, problems: &mut Vec<Problem>) -> Option<YearStart> {
    let scalar = node.scalar("a month and a day", problems)?;
    let found = scalar
        .text
        .split_once('-')
        .filter(|(month, day)| month.len() == 2 && day.len() == 2)
        .and_then(|(month, day)| YearStart::new(month.parse().ok()?, day.parse().ok()?));
    if found.is_none() {
        let problem = Problem::new(
            code::BAD_ZONE,
            format!("`{}` is no day on which school years start, from 01-02 to 12-31 and not 02-29", scalar.text),
        );
        problems.push(problem.at(node.place.clone()).help("write month and day, such as 07-01 for 1 July"));
    }
    found
}

/// The month and day on which a school year starts. It ends on the day before in the next calendar year, by which it is called.
///
/// ```
/// use mapper::YearStart;
/// let date = |y, m, d| graph::Date::from_ymd_opt(y, m, d).unwrap();
/// let july = YearStart::default();
/// assert_eq!(july.year_of(date(2026, 6, 30)), 2026);
/// assert_eq!(july.year_of(date(2026, 7, 1)), 2027);
/// assert_eq!(july.span(2026), Some((date(2025, 7, 1), date(2026, 6, 30))));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearStart {
    month: u32,
    day: u32,
}

impl Default for YearStart {
    /// 1 July, where a zone's file says nothing else (decisions.md, zone year).
    fn default() -> Self {
        Self { month: 7, day: 1 }
    }
}

impl YearStart {
    /// A day that every year has, and after which a year ends in the next calendar year.
    #[must_use]
    pub fn new(month: u32, day: u32) -> Option<Self> {
        // 2001 has no 29 February.
        Date::from_ymd_opt(2001, month, day).filter(|_| (month, day) != (1, 1)).map(|_| Self { month, day })
    }

    /// First and last day of a school year, which is called by the year in which it ends. None for a year that no calendar has.
    #[must_use]
    pub fn span(self, school_year: i32) -> Option<(Date, Date)> {
        let first = Date::from_ymd_opt(school_year.checked_sub(1)?, self.month, self.day)?;
        let last = Date::from_ymd_opt(school_year, self.month, self.day)?.pred_opt()?;
        Some((first, last))
    }

    /// The school year that a date belongs to.
    #[must_use]
    pub fn year_of(self, date: Date) -> i32 {
        date.year() + i32::from((date.month(), date.day()) >= (self.month, self.day))
    }
}
