//! A calendar: its grade levels, rotation days, periods, days, terms and attendance codes.

use std::rc::Rc;

use chrono::NaiveDate;

use crate::draw::Draw;
use crate::organisation::Kind;
use crate::out::Out;
use crate::schedule::{self, Course};
use crate::tables::{self, row};
use crate::year::{SchoolDate, Year};

/// Names of the grades, from kindergarten.
pub(crate) const GRADES: [&str; 13] = ["0K", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"];
/// A grade level that is kept out of the exchange.
pub(crate) const EXCLUDED_GRADE: &str = "XX";

/// A calendar with what students' rows refer to.
pub(crate) struct Calendar {
    pub(crate) id: i64,
    pub(crate) end_year: i32,
    pub(crate) start: NaiveDate,
    pub(crate) end: NaiveDate,
    /// Instructional days with their rotation.
    pub(crate) days: Rc<Vec<(NaiveDate, Option<i64>)>>,
    pub(crate) periods: Vec<Period>,
    pub(crate) terms: Vec<Term>,
    /// The first of the calendar's attendance codes, which are numbered in the order of [`EXCUSES`].
    pub(crate) first_excuse: i64,
    pub(crate) courses: Vec<Course>,
}

#[derive(Clone, Copy)]
pub(crate) struct Period {
    pub(crate) id: i64,
    pub(crate) rotation: Option<i64>,
    pub(crate) minutes: i64,
    pub(crate) instructional: bool,
}

#[derive(Clone, Copy)]
pub(crate) struct Term {
    pub(crate) id: i64,
    pub(crate) start: NaiveDate,
    pub(crate) end: NaiveDate,
}

/// Attendance codes: code, description, status, excuse, state code.
pub(crate) const EXCUSES: &[(&str, &str, &str, &str, Option<&str>)] = &[
    ("EX", "Absent, excused", "A", "E", None),
    ("UN", "Absent, unexcused", "A", "U", None),
    ("UK", "Absent, unknown", "A", "K", None),
    ("XM", "Absent, exempt", "A", "X", None),
    ("TU", "Tardy", "T", "U", None),
    ("TX", "Tardy, exempt", "T", "X", None),
    ("ER", "Early release", "E", "E", None),
    ("FT", "Field trip", "P", "E", None),
    ("SUS", "Suspended", "A", "E", Some("SUSP")),
];

/// How a calendar is to be made.
pub(crate) struct Wish<'w> {
    pub(crate) school: i64,
    pub(crate) kind: Kind,
    pub(crate) name: &'w str,
    pub(crate) end_year: i32,
    pub(crate) span: (NaiveDate, NaiveDate),
    pub(crate) dates: &'w [SchoolDate],
    pub(crate) sequence: Option<i64>,
    pub(crate) summer: bool,
    pub(crate) exclude: bool,
    pub(crate) terms: usize,
    pub(crate) with_sections: bool,
}

impl<'w> Wish<'w> {
    /// A school's main calendar of a year, without sections.
    pub(crate) const fn of_year(school: i64, kind: Kind, year: &Year, dates: &'w [SchoolDate]) -> Self {
        Self {
            school,
            kind,
            name: "Main",
            end_year: year.end_year,
            span: (year.start, year.end),
            dates,
            sequence: Some(1),
            summer: false,
            exclude: false,
            terms: kind.terms(),
            with_sections: false,
        }
    }
}

/// Writes a calendar.
pub(crate) fn write(out: &mut Out, draw: &mut Draw, wish: &Wish<'_>) -> Calendar {
    let id = out.key::<tables::Calendar>();
    row!(
        out,
        Calendar {
            calendarID: id,
            calendarGUID: draw.guid(),
            schoolID: wish.school,
            name: wish.name,
            endYear: wish.end_year,
            startDate: wish.span.0,
            endDate: wish.span.1,
            sequence: wish.sequence,
            studentDay: match wish.kind {
                Kind::High => Some(345),
                Kind::Academy => None,
                _ => Some(350),
            },
            summerSchool: wish.summer,
            exclude: wish.exclude,
            r#type: draw.maybe(800, |draw| draw.pick(&["BL", "TR", "YR"])),
        }
    );
    grades(out, id, wish.kind);
    let rotations = rotations(out, id, wish);
    let periods = periods(out, id, wish, &rotations);
    let days = days(out, id, wish, &rotations);
    let terms = terms(out, draw, id, wish, &days);
    let mut first_excuse = 0;
    for (at, (code, description, status, excuse, state)) in EXCUSES.iter().enumerate() {
        let key = out.key::<tables::AttendanceExcuse>();
        if at == 0 {
            first_excuse = key;
        }
        row!(
            out,
            AttendanceExcuse {
                excuseID: key,
                calendarID: id,
                code: *code,
                description: *description,
                status: *status,
                excuse: *excuse,
                stateCode: *state,
            }
        );
    }
    let courses = schedule::courses(out, draw, id, wish.kind, wish.with_sections);
    Calendar {
        id,
        end_year: wish.end_year,
        start: wish.span.0,
        end: wish.span.1,
        days: Rc::new(days),
        periods,
        terms,
        first_excuse,
        courses,
    }
}

fn grades(out: &mut Out, calendar: i64, kind: Kind) {
    for grade in kind.grades() {
        let id = out.key::<tables::GradeLevel>();
        let kindergarten = grade == 0;
        // One grade has no Standard Code, one no minutes; the half-day kindergarten is part time.
        row!(
            out,
            GradeLevel {
                gradeLevelID: id,
                calendarID: calendar,
                name: GRADES[grade],
                seq: i64::try_from(grade).unwrap_or(0),
                standardCode: (kind != Kind::Academy || grade != 10).then_some(GRADES[grade]),
                stateGrade: if kindergarten { "00" } else { GRADES[grade] },
                gradeCode: kindergarten.then_some("C"),
                halfDayAbsence: (grade != 8).then_some(if kindergarten { 60 } else { 120 }),
                wholeDayAbsence: (grade != 8).then_some(if kindergarten { 120 } else { 240 }),
                excludeSIF: false,
            }
        );
    }
    let id = out.key::<tables::GradeLevel>();
    row!(
        out,
        GradeLevel {
            gradeLevelID: id,
            calendarID: calendar,
            name: EXCLUDED_GRADE,
            seq: 99,
            standardCode: "UN",
            stateGrade: EXCLUDED_GRADE,
            gradeCode: "A",
            excludeSIF: true,
        }
    );
}

/// High schools have A and B days; elsewhere every day is alike.
fn rotations(out: &mut Out, calendar: i64, wish: &Wish<'_>) -> Vec<i64> {
    let names: &[&str] = if wish.kind == Kind::High && !wish.summer { &["A", "B"] } else { &["Main"] };
    (1_i64..)
        .zip(names)
        .map(|(seq, name)| {
            let id = out.key::<tables::PeriodSchedule>();
            row!(out, PeriodSchedule { periodScheduleID: id, calendarID: calendar, name: *name, seq: seq });
            id
        })
        .collect()
}

/// Start and end of a period in minutes after midnight, its name, whether it is taught, and its rotation.
type Slot = (&'static str, i64, i64, bool, Option<usize>);

fn periods(out: &mut Out, calendar: i64, wish: &Wish<'_>, rotations: &[i64]) -> Vec<Period> {
    let slots: &[Slot] = match wish.kind {
        Kind::Elementary => {
            &[("AM", 510, 690, true, None), ("Lunch", 690, 730, false, None), ("PM", 730, 900, true, None)]
        }
        Kind::Middle => &[
            ("1", 480, 530, true, Some(0)),
            ("2", 535, 585, true, Some(0)),
            ("3", 590, 640, true, Some(0)),
            ("Lunch", 640, 670, false, Some(0)),
            ("4", 670, 720, true, Some(0)),
            ("5", 725, 775, true, Some(0)),
            ("6", 780, 830, true, Some(0)),
            ("7", 835, 885, true, Some(0)),
        ],
        Kind::High if !wish.summer => &[
            ("Advisory", 475, 500, true, None),
            ("A1", 505, 585, true, Some(0)),
            ("A2", 590, 670, true, Some(0)),
            ("Lunch", 670, 700, false, None),
            ("A3", 700, 780, true, Some(0)),
            ("A4", 785, 865, true, Some(0)),
            ("B5", 505, 585, true, Some(1)),
            ("B6", 590, 670, true, Some(1)),
            ("B7", 700, 780, true, Some(1)),
            ("B8", 785, 865, true, Some(1)),
        ],
        Kind::High | Kind::Academy => &[("Morning", 480, 600, true, None), ("Noon", 600, 720, true, None)],
    };
    (1_i64..)
        .zip(slots)
        .map(|(seq, (name, start, end, instructional, rotation))| {
            let id = out.key::<tables::Period>();
            let clock = |minute: &i64| format!("{:02}:{:02}", minute / 60, minute % 60);
            let rotation = rotation.and_then(|at| rotations.get(at).copied());
            // The online school has no times: its periods' lengths are unknown.
            let timed = wish.kind != Kind::Academy;
            row!(
                out,
                Period {
                    periodID: id,
                    calendarID: calendar,
                    periodScheduleID: rotation,
                    name: *name,
                    seq: seq,
                    startTime: timed.then_some(&clock(start)),
                    endTime: timed.then_some(&clock(end)),
                    nonInstructional: !instructional,
                }
            );
            Period { id, rotation, minutes: end - start, instructional: *instructional }
        })
        .collect()
}

fn days(out: &mut Out, calendar: i64, wish: &Wish<'_>, rotations: &[i64]) -> Vec<(NaiveDate, Option<i64>)> {
    let mut taught = Vec::new();
    for day in wish.dates {
        let id = out.key::<tables::Day>();
        // Where days rotate they alternate, and every twentieth has all periods.
        let rotation = if rotations.len() > 1 && taught.len() % 20 == 19 {
            None
        } else {
            Some(rotations[taught.len() % rotations.len()])
        };
        row!(
            out,
            Day {
                dayID: id,
                calendarID: calendar,
                periodScheduleID: rotation,
                date: day.date,
                schoolDay: day.school_day,
                instruction: day.instruction,
                attendance: day.instruction,
            }
        );
        if day.instruction {
            taught.push((day.date, rotation));
        }
    }
    taught
}

fn terms(
    out: &mut Out,
    draw: &mut Draw,
    calendar: i64,
    wish: &Wish<'_>,
    days: &[(NaiveDate, Option<i64>)],
) -> Vec<Term> {
    let primary = schedule_of_terms(out, draw, calendar, wish.terms, true, days);
    if wish.kind == Kind::High && !wish.summer {
        schedule_of_terms(out, draw, calendar, 6, false, days);
    }
    primary
}

fn schedule_of_terms(
    out: &mut Out,
    draw: &mut Draw,
    calendar: i64,
    count: usize,
    primary: bool,
    days: &[(NaiveDate, Option<i64>)],
) -> Vec<Term> {
    let (schedule, letter) = match count {
        1 => ("Year", "Y"),
        2 => ("Semesters", "S"),
        3 => ("Trimesters", "T"),
        4 => ("Quarters", "Q"),
        _ => ("Six weeks", "W"),
    };
    let id = out.key::<tables::TermSchedule>();
    row!(out, TermSchedule { termScheduleID: id, calendarID: calendar, name: schedule, isPrimary: primary });
    (0..count)
        .map(|at| {
            let term = out.key::<tables::Term>();
            let (start, end) = (days[days.len() * at / count].0, days[days.len() * (at + 1) / count - 1].0);
            let name = format!("{letter}{}", at + 1);
            let code = if count == 1 { "YR" } else { name.as_str() };
            row!(
                out,
                Term {
                    termID: term,
                    termGUID: draw.guid(),
                    termScheduleID: id,
                    name: &name,
                    seq: i64::try_from(at + 1).unwrap_or(0),
                    startDate: start,
                    endDate: end,
                    stateCode: primary.then_some(code),
                }
            );
            Term { id: term, start, end }
        })
        .collect()
}
