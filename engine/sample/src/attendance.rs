//! Attendance: single periods, tardies, whole days, long runs of unexcused days, suspensions, and rows that lie outside.

use chrono::NaiveDate;

use crate::calendar::{Calendar, EXCUSES, Period};
use crate::draw::Draw;
use crate::out::Out;
use crate::student::{Enrolled, Student, World};
use crate::tables::{self, row};
use crate::year::after;

/// A row of attendance that waits to be written among those of other students: a real system's rows lie in the order of
/// days, not of students.
pub(crate) struct Waiting {
    date: NaiveDate,
    person: i64,
    calendar: i64,
    period: i64,
    excuse: Option<i64>,
    own: Option<(&'static str, Option<&'static str>)>,
    present: Option<i64>,
}

/// Writes what waits, day after day.
pub(crate) fn flush(out: &mut Out, waiting: &mut Vec<Waiting>) {
    waiting.sort_by_key(|row| (row.date, row.calendar, row.person, row.period));
    for row in waiting.drain(..) {
        let id = out.key::<tables::Attendance>();
        row!(
            out,
            Attendance {
                attendanceID: id,
                personID: row.person,
                calendarID: row.calendar,
                date: row.date,
                periodID: row.period,
                excuseID: row.excuse,
                status: row.own.map(|(status, _)| status),
                excuse: row.own.and_then(|(_, excuse)| excuse),
                presentMinutes: row.present,
            }
        );
    }
}

/// What is entered for a period.
#[derive(Clone, Copy)]
enum Mark {
    /// The code at this place of [`EXCUSES`].
    Code(usize),
    /// No code: status and excuse of the row itself.
    Own(&'static str, Option<&'static str>),
}

const EXCUSED: usize = 0;
const UNEXCUSED: usize = 1;
const UNKNOWN: usize = 2;
const EXEMPT: usize = 3;
const TARDY: usize = 4;
const TARDY_EXEMPT: usize = 5;
const SUSPENDED: usize = 8;

/// Draws the student's attendance.
pub(crate) fn write(draw: &mut Draw, world: &World<'_>, student: &Student<'_>, waiting: &mut Vec<Waiting>) {
    let from = waiting.len();
    for (at, enrolled) in student.enrollments.iter().enumerate() {
        let mut sheet = Sheet { enrolled, person: student.person, rows: waiting };
        let days = enrolled.days(world.year.today);
        if days.is_empty() || (at > 0 && draw.chance(500)) {
            continue;
        }
        let day = |draw: &mut Draw| days.start + draw.below(days.len());
        for _ in 0..draw.below(6) {
            let mark = any_mark(draw);
            let place = day(draw);
            sheet.period(draw, place, mark);
        }
        for _ in 0..draw.below(3) {
            let place = day(draw);
            let mark = if draw.chance(900) { Mark::Code(TARDY) } else { Mark::Code(TARDY_EXEMPT) };
            sheet.period(draw, place, mark);
        }
        for _ in 0..draw.weighted(&[45, 35, 12, 8]) {
            let mark = absent(draw);
            sheet.whole_day(day(draw), mark);
        }
        if at == 0 && (student.shows(30) || student.shows(31) || student.shows(32) || draw.chance(6)) {
            run(draw, &mut sheet, student, &days);
        }
        if student.shows(33) || student.shows(34) || draw.chance(8) {
            suspension(draw, &mut sheet, student, &days);
        }
        // Before the start, or after the end: a row of a correction that came late.
        if student.shows(35) || draw.chance(15) {
            sheet.outside(enrolled.start, draw.between(-20, -1));
        }
        if let Some(end) = enrolled.end.filter(|_| draw.chance(80)) {
            sheet.outside(end, draw.between(1, 10));
        }
        // Entered ahead.
        if draw.chance(30) {
            sheet.outside(world.year.today, draw.between(1, 60));
        }
    }
    // One row for a student, a day and a period of a calendar.
    let rows = &mut waiting[from..];
    rows.sort_by_key(|row| (row.date, row.calendar, row.period));
    let mut last = None;
    let mut own = waiting.split_off(from);
    own.retain(|row| {
        let key = Some((row.date, row.calendar, row.period));
        std::mem::replace(&mut last, key) != key
    });
    waiting.append(&mut own);
}

fn any_mark(draw: &mut Draw) -> Mark {
    match draw.weighted(&[880, 50, 40, 30]) {
        0 => Mark::Code(draw.below(EXCUSES.len() - 1)),
        1 => Mark::Own("A", Some("U")),
        2 => Mark::Own("A", None),
        _ => Mark::Own("T", Some("U")),
    }
}

fn absent(draw: &mut Draw) -> Mark {
    match draw.weighted(&[50, 30, 10, 5, 5]) {
        0 => Mark::Code(EXCUSED),
        1 => Mark::Code(UNEXCUSED),
        2 => Mark::Code(UNKNOWN),
        3 => Mark::Code(EXEMPT),
        _ => Mark::Own("A", Some("E")),
    }
}

/// Ten to fourteen unexcused days in a row; of the eleventh on, membership stops.
fn run(draw: &mut Draw, sheet: &mut Sheet<'_, '_>, student: &Student<'_>, days: &std::ops::Range<usize>) {
    let length = if student.shows(30) {
        10
    } else if student.shows(31) {
        11
    } else {
        10 + draw.below(5)
    };
    let free = days.len().saturating_sub(length + 2);
    let start = days.start + draw.below(free + 1);
    let end = (start + length).min(days.end);
    // What lies in the run or beside it would break or lengthen it.
    sheet.clear(start.saturating_sub(1)..(end + 1));
    for place in start..end {
        let mark = if draw.chance(900) { Mark::Code(UNEXCUSED) } else { Mark::Code(UNKNOWN) };
        sheet.whole_day(place, mark);
    }
}

fn suspension(draw: &mut Draw, sheet: &mut Sheet<'_, '_>, student: &Student<'_>, days: &std::ops::Range<usize>) {
    let start = days.start + draw.below(days.len());
    for place in start..(start + 1 + draw.below(3)).min(days.end) {
        sheet.clear(place..place + 1);
        // Half a day: the first half of the periods.
        let half = student.shows(34) || draw.chance(300);
        let periods = sheet.meeting(place);
        let count = if half { periods.len().div_ceil(2) } else { periods.len() };
        for period in periods.into_iter().take(count) {
            sheet.push(place, period, Mark::Code(SUSPENDED), None);
        }
    }
}

/// A student's attendance in one calendar.
struct Sheet<'a, 'g> {
    enrolled: &'a Enrolled<'g>,
    person: i64,
    rows: &'a mut Vec<Waiting>,
}

impl Sheet<'_, '_> {
    fn calendar(&self) -> &Calendar {
        self.enrolled.calendar
    }

    /// The instructional periods that meet on the day at `place`.
    fn meeting(&self, place: usize) -> Vec<Period> {
        let (_, rotation) = self.calendar().days[place];
        let meets = |period: &&Period| {
            period.instructional && (period.rotation.is_none() || rotation.is_none() || period.rotation == rotation)
        };
        self.calendar().periods.iter().filter(meets).copied().collect()
    }

    fn period(&mut self, draw: &mut Draw, place: usize, mark: Mark) {
        let periods = self.meeting(place);
        let period = draw.pick(&periods);
        let late = matches!(mark, Mark::Code(TARDY)).then(|| period.minutes - draw.between(2, 20));
        self.push(place, period, mark, late);
    }

    fn whole_day(&mut self, place: usize, mark: Mark) {
        for period in self.meeting(place) {
            self.push(place, period, mark, None);
        }
    }

    fn push(&mut self, place: usize, period: Period, mark: Mark, present: Option<i64>) {
        let date = self.calendar().days[place].0;
        self.push_on(date, period, mark, present);
    }

    fn push_on(&mut self, date: NaiveDate, period: Period, mark: Mark, present: Option<i64>) {
        let (excuse, own) = match mark {
            Mark::Code(at) => (i64::try_from(at).ok().map(|at| self.calendar().first_excuse + at), None),
            Mark::Own(status, excuse) => (None, Some((status, excuse))),
        };
        let (person, calendar) = (self.person, self.calendar().id);
        self.rows.push(Waiting { date, person, calendar, period: period.id, excuse, own, present });
    }

    fn outside(&mut self, from: NaiveDate, days: i64) {
        let period = self.calendar().periods[0];
        self.push_on(after(from, days), period, Mark::Code(UNEXCUSED), None);
    }

    /// Takes away what was entered for these days.
    fn clear(&mut self, places: std::ops::Range<usize>) {
        let days = &self.enrolled.calendar.days;
        let places = places.start..places.end.min(days.len());
        let (person, calendar) = (self.person, self.enrolled.calendar.id);
        let dates: Vec<NaiveDate> = days[places].iter().map(|(date, _)| *date).collect();
        self.rows.retain(|row| row.person != person || row.calendar != calendar || !dates.contains(&row.date));
    }
}
