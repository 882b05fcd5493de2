//! What the objects share of an enrollment.

use chrono::Days;
use graph::{Date, Graph, Row};

use super::HandWritten;
use super::graph_access::Read;
use super::organisation::Calendar;
use super::student::Student;

pub struct Enrollment<'g> {
    pub row: Row,
    pub student: u32,
    pub calendar: &'g Calendar,
    pub grade_level: Option<Row>,
    pub start: Date,
    pub end: Option<Date>,
    /// The day after the last, which is what Utah reports.
    pub reported_end: Option<Date>,
    pub primary: bool,
    pub reportable: bool,
}

impl<'g> Enrollment<'g> {
    pub fn of(run: &'g HandWritten, graph: &'g Graph, row: Row) -> Self {
        let at = &run.columns.Enrollment;
        let calendar = graph.one(row, at.calendar).expect("a calendar");
        let calendar = &run.organisation.calendars[calendar.index as usize];
        let grade_level = graph.one(row, at.grade_level);
        let end = graph.date(row, at.end_date);
        let excluded = grade_level.is_some_and(|grade| graph.is(grade, run.columns.GradeLevel.exclude_sif));
        Self {
            row,
            student: graph.one(row, at.student).expect("a student").index,
            calendar,
            grade_level,
            start: graph.date(row, at.start_date).expect("a date"),
            end,
            reported_end: end.and_then(|end| end.checked_add_days(Days::new(1))),
            primary: graph.text(row, at.service_type) == Some("P"),
            reportable: calendar.open && !excluded,
        }
    }

    /// The last day that counts.
    pub fn last_day(&self, as_of: Date) -> Date {
        self.end.unwrap_or(as_of).min(as_of).min(self.calendar.end_date)
    }

    /// Whether it is in the zone and no Primary enrollment takes its place.
    pub fn reported(&self, students: &[Student<'_>], all: &[Self]) -> bool {
        let others = &students[self.student as usize].enrollments;
        let taken = |other: &Self| other.primary && self.overlaps(other);
        self.reportable && (self.primary || !others.iter().any(|other| taken(&all[*other as usize])))
    }

    fn overlaps(&self, other: &Self) -> bool {
        other.row != self.row
            && other.calendar.school == self.calendar.school
            && self.reported_end.is_none_or(|end| other.start <= end)
            && other.reported_end.is_none_or(|end| self.start <= end)
    }
}
