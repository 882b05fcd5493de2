//! A student while the student's rows are written.

use chrono::NaiveDate;

use crate::calendar::Calendar;
use crate::draw::Draw;
use crate::organisation::{Group, School};
use crate::year::Year;

/// What all students of a group share.
pub(crate) struct World<'g> {
    pub(crate) seed: u64,
    pub(crate) year: &'g Year,
    pub(crate) group: &'g Group,
}

/// A student while the student's rows are written.
pub(crate) struct Student<'g> {
    /// From 1.
    pub(crate) number: u64,
    pub(crate) person: i64,
    /// From kindergarten as 0.
    pub(crate) grade: usize,
    pub(crate) first: &'static str,
    pub(crate) last: &'static str,
    pub(crate) enrollments: Vec<Enrolled<'g>>,
    pub(crate) special_education: bool,
    pub(crate) learns_english: bool,
}

/// An enrollment of this year.
pub(crate) struct Enrolled<'g> {
    pub(crate) school: &'g School,
    pub(crate) calendar: &'g Calendar,
    pub(crate) start: NaiveDate,
    pub(crate) end: Option<NaiveDate>,
    pub(crate) primary: bool,
}

impl Enrolled<'_> {
    /// The places among the calendar's instructional days that the enrollment covers up to `until`.
    pub(crate) fn days(&self, until: NaiveDate) -> std::ops::Range<usize> {
        let days = &self.calendar.days;
        let last = self.end.map_or(until, |end| end.min(until));
        let from = days.partition_point(|(date, _)| *date < self.start);
        let to = days.partition_point(|(date, _)| *date <= last);
        from..to.max(from)
    }
}

impl<'g> Student<'g> {
    /// The student's main enrollment of this year.
    pub(crate) fn main(&self) -> Option<&Enrolled<'g>> {
        self.enrollments.iter().find(|enrolled| enrolled.primary).or(self.enrollments.first())
    }

    /// Whether this student is the one of four hundred that shows case number `case`: so every rare case is in every district
    /// of a few hundred students, whatever was drawn.
    pub(crate) const fn shows(&self, case: u64) -> bool {
        self.number % 400 == case
    }
}

/// A span of a program record: usually open from some day of the year; over, of an earlier year, in the future, or without a start.
pub(crate) fn span(draw: &mut Draw, year: &Year) -> (Option<NaiveDate>, Option<NaiveDate>) {
    use crate::year::after;
    let start = after(year.start, draw.between(-20, 150));
    match draw.weighted(&[60, 15, 10, 8, 4, 3]) {
        0 => (Some(start), None),
        1 => (Some(start), Some(year.end)),
        2 => (Some(start), Some(after(start, draw.between(0, 60)))),
        3 => (Some(after(start, -400)), Some(after(start, -200))),
        4 => (Some(after(year.today, draw.between(1, 90))), None),
        _ => (None, None),
    }
}
