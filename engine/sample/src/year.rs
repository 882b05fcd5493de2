//! The dates of a school year.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// A school year of 180 instructional days, from August to May.
pub(crate) struct Year {
    /// The year in which it ends.
    pub(crate) end_year: i32,
    /// First day of school.
    pub(crate) start: NaiveDate,
    /// Last day of school.
    pub(crate) end: NaiveDate,
    /// The day on which the data is as it is: 2 February. Little is entered for days after it.
    pub(crate) today: NaiveDate,
}

/// A weekday of the school year.
#[derive(Clone, Copy)]
pub(crate) struct SchoolDate {
    pub(crate) date: NaiveDate,
    pub(crate) school_day: bool,
    pub(crate) instruction: bool,
}

/// A date that exists, whatever the year.
pub(crate) fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

/// The date so many days later, or earlier.
pub(crate) fn after(from: NaiveDate, days: i64) -> NaiveDate {
    let size = Days::new(days.unsigned_abs());
    let moved = if days < 0 { from.checked_sub_days(size) } else { from.checked_add_days(size) };
    moved.unwrap_or(from)
}

fn nth(year: i32, month: u32, weekday: Weekday, n: u8) -> NaiveDate {
    NaiveDate::from_weekday_of_month_opt(year, month, weekday, n).unwrap_or_default()
}

impl Year {
    pub(crate) fn new(end_year: i32) -> Self {
        let last_of_may = date(end_year, 5, 31);
        let back = (i64::from(last_of_may.weekday().num_days_from_monday()) - 4).rem_euclid(7);
        Self {
            end_year,
            start: nth(end_year - 1, 8, Weekday::Mon, 3),
            end: after(last_of_may, -back),
            today: date(end_year, 2, 2),
        }
    }

    /// The weekdays of the year, holidays among them.
    pub(crate) fn dates(&self) -> Vec<SchoolDate> {
        let closed = self.holidays();
        // The teachers' own day: school is open, and nobody is taught.
        let teachers = nth(self.end_year - 1, 10, Weekday::Wed, 3);
        let mut left = 180;
        let mut dates = Vec::new();
        let mut day = self.start;
        while day <= self.end {
            if !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
                let school_day = !closed.iter().any(|(from, to)| *from <= day && day <= *to);
                let instruction = school_day && day != teachers && left > 0;
                left -= i32::from(instruction);
                dates.push(SchoolDate { date: day, school_day, instruction });
            }
            day = after(day, 1);
        }
        dates
    }

    fn holidays(&self) -> Vec<(NaiveDate, NaiveDate)> {
        let (fall, spring) = (self.end_year - 1, self.end_year);
        let thanksgiving = nth(fall, 11, Weekday::Thu, 4);
        let fall_break = nth(fall, 10, Weekday::Thu, 3);
        let single = |day: NaiveDate| (day, day);
        vec![
            single(nth(fall, 9, Weekday::Mon, 1)),
            (fall_break, after(fall_break, 1)),
            (after(thanksgiving, -1), after(thanksgiving, 1)),
            (date(fall, 12, 22), date(spring, 1, 2)),
            single(nth(spring, 1, Weekday::Mon, 3)),
            single(nth(spring, 2, Weekday::Mon, 3)),
            (date(spring, 3, 30), date(spring, 4, 3)),
            (nth(spring, 5, Weekday::Mon, 4), nth(spring, 5, Weekday::Mon, 4)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_has_180_days() {
        let year = Year::new(2026);
        assert_eq!((year.start, year.end), (date(2025, 8, 18), date(2026, 5, 29)));
        for end_year in 2020..2032 {
            let taught = Year::new(end_year).dates().iter().filter(|day| day.instruction).count();
            assert!((178..=180).contains(&taught), "{end_year}: {taught}");
        }
    }
}
