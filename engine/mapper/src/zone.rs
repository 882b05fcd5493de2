//! What a run is about: the zone's options, the school year, the date.

use graph::Date;

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
