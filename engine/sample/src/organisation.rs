//! Schools and their calendars. Schools come in groups that serve the same families, so a bigger district has more groups
//! and the same first ones.

use std::rc::Rc;

use chrono::NaiveDate;

use crate::draw::{Draw, Stream};
use crate::out::Out;
use crate::schedule::{self, Course};
use crate::staff;
use crate::tables::{self, row};
use crate::year::{SchoolDate, Year, after, date};

/// How many students a group of four schools has.
pub(crate) const STUDENTS_OF_GROUP: u64 = 2400;

/// What kind of school it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Elementary,
    Middle,
    High,
    /// An online school for all grades.
    Academy,
}

impl Kind {
    /// The school that the grade goes to; grades are numbered from kindergarten as 0.
    pub(crate) const fn of_grade(grade: usize) -> Self {
        match grade {
            0..=5 => Self::Elementary,
            6..=8 => Self::Middle,
            _ => Self::High,
        }
    }

    pub(crate) const fn grades(self) -> std::ops::RangeInclusive<usize> {
        match self {
            Self::Elementary => 0..=5,
            Self::Middle => 6..=8,
            Self::High => 9..=12,
            Self::Academy => 0..=12,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Elementary => "Elementary School",
            Self::Middle => "Middle School",
            Self::High => "High School",
            Self::Academy => "Online Academy",
        }
    }

    /// Terms of the primary schedule: every number that has a meaning occurs.
    const fn terms(self) -> usize {
        match self {
            Self::Elementary => 3,
            Self::Middle => 4,
            Self::High => 2,
            Self::Academy => 1,
        }
    }
}

/// Names of the grades, from kindergarten.
pub(crate) const GRADES: [&str; 13] = ["0K", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"];
/// A grade level that is kept out of the exchange.
pub(crate) const EXCLUDED_GRADE: &str = "XX";

/// Schools that serve the same families.
pub(crate) struct Group {
    pub(crate) schools: Vec<School>,
}

impl Group {
    pub(crate) fn school(&self, kind: Kind) -> &School {
        self.schools.iter().find(|school| school.kind == kind).unwrap_or(&self.schools[0])
    }
}

/// A school with its calendars.
pub(crate) struct School {
    pub(crate) id: i64,
    pub(crate) kind: Kind,
    pub(crate) number: String,
    pub(crate) name: String,
    pub(crate) staff: Vec<i64>,
    /// This year's main calendar.
    pub(crate) main: Calendar,
    /// A second one of this year: the alternative high school's, the excluded preschool's.
    pub(crate) second: Option<Calendar>,
    pub(crate) summer: Option<Calendar>,
    /// Of earlier years, the latest first.
    pub(crate) earlier: Vec<Calendar>,
}

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
struct Wish<'w> {
    school: i64,
    kind: Kind,
    name: &'w str,
    end_year: i32,
    span: (NaiveDate, NaiveDate),
    dates: &'w [SchoolDate],
    sequence: Option<i64>,
    summer: bool,
    exclude: bool,
    terms: usize,
    with_sections: bool,
}

/// Writes the group's schools with all that belongs to them.
pub(crate) fn write(out: &mut Out, seed: u64, number: u64, year: &Year, people: &mut i64) -> Group {
    let mut draw = Draw::new(seed, Stream::Group(number));
    let kinds = [Kind::Elementary, Kind::Middle, Kind::High, Kind::Academy];
    let schools = kinds.into_iter().map(|kind| school(out, &mut draw, kind, year, people)).collect();
    Group { schools }
}

fn school(out: &mut Out, draw: &mut Draw, kind: Kind, year: &Year, people: &mut i64) -> School {
    let id = out.key::<tables::School>();
    let (staff, principal) = staff::write(out, draw, people, year.end_year);
    let number = format!("{}", 100 + id);
    let name = format!("{} {}", draw.pick(crate::names::STREETS), kind.name());
    let (city, _, zip) = draw.pick(crate::names::CITIES);
    let street = format!("{} {} St", draw.between(10, 990), draw.pick(crate::names::STREETS));
    // With a Standard Code, with a name written last name first, and without a principal: each occurs.
    let standard = draw.maybe(500, |_| format!("77{number}"));
    let principal = match id % 4 {
        1 => principal.split_once(' ').map(|(first, last)| format!("{last}, {first}")),
        3 if id > 4 => None,
        _ => Some(principal),
    };
    row!(out, School {
        schoolID: id, schoolGUID: draw.guid(), districtID: 1, number: &number, standardCode: standard.as_ref(),
        ncesSchoolID: draw.maybe(700, |_| "499907700001"), name: &name, url: draw.maybe(600, |_| "https://school.example.org"),
        principalName: principal.as_ref(), principalTitle: draw.maybe(800, |_| "Principal"),
        principalEmail: draw.maybe(800, |_| "principal@school.example.org"), phone: "435-555-0110",
        fax: draw.maybe(500, |_| "435-555-0111"), address: &street, city: city, state: "UT", zip: zip,
        physicalAddress: draw.maybe(700, |_| &street), physicalCity: city, physicalState: "UT", physicalZip: zip,
    });
    history(out, draw, id, year);
    for at in 0..24 {
        let (room, name) = (out.key::<tables::Room>(), format!("{}", 101 + at));
        row!(out, Room { roomID: room, roomGUID: draw.guid(), schoolID: id, name: &name });
    }
    let rooms = out.key::<tables::Room>();
    row!(out, Room { roomID: rooms, roomGUID: draw.guid(), schoolID: id, name: "Gym" });
    let mut made = School {
        id,
        kind,
        number,
        name,
        main: this_year(out, draw, kind, id, year),
        second: second(out, draw, kind, id, year),
        summer: (kind == Kind::High).then(|| summer(out, draw, id, year)),
        earlier: Vec::new(),
        staff,
    };
    let years = if kind == Kind::High { 3 } else { 1 };
    for back in 1..=years {
        let calendar = earlier(out, draw, kind, id, &Year::new(year.end_year - back));
        made.earlier.push(calendar);
    }
    schedule::sections(out, draw, &mut made, rooms - 24);
    made
}

fn history(out: &mut Out, draw: &mut Draw, school: i64, year: &Year) {
    let codes = ["TGELGBTGPROG", "SWELIGTGPROG", "SWELIGSWPROG", "TGELGBNOPROG", "NOTTITLE1ELIG"];
    let started = date(year.end_year - 1, 7, 1);
    let id = out.key::<tables::SchoolAttribute>();
    row!(out, SchoolAttribute {
        schoolAttributeID: id, schoolID: school, startDate: date(year.end_year - 4, 7, 1), endDate: after(started, -1),
        title1: draw.pick(&codes),
    });
    let id = out.key::<tables::SchoolAttribute>();
    row!(out, SchoolAttribute {
        schoolAttributeID: id, schoolID: school, startDate: started, title1: draw.maybe(800, |draw| draw.pick(&codes)),
    });
}

fn this_year(out: &mut Out, draw: &mut Draw, kind: Kind, school: i64, year: &Year) -> Calendar {
    calendar(out, draw, &Wish {
        school,
        kind,
        name: "Main",
        end_year: year.end_year,
        span: (year.start, year.end),
        dates: &year.dates(),
        sequence: (kind != Kind::Middle).then_some(1),
        summer: false,
        exclude: false,
        terms: kind.terms(),
        with_sections: true,
    })
}

fn second(out: &mut Out, draw: &mut Draw, kind: Kind, school: i64, year: &Year) -> Option<Calendar> {
    let (name, exclude, sequence) = match kind {
        Kind::Elementary => ("Preschool services", true, Some(2)),
        Kind::High => ("Alternative", false, None),
        Kind::Middle | Kind::Academy => return None,
    };
    Some(calendar(out, draw, &Wish {
        school,
        kind,
        name,
        end_year: year.end_year,
        span: (year.start, year.end),
        dates: &year.dates(),
        sequence,
        summer: false,
        exclude,
        terms: 4,
        with_sections: false,
    }))
}

/// The summer before the school year: it belongs to the year's exchange, and is over.
fn summer(out: &mut Out, draw: &mut Draw, school: i64, year: &Year) -> Calendar {
    let first = date(year.end_year - 1, 7, 7);
    let dates: Vec<SchoolDate> = (0..26)
        .map(|at| after(first, at))
        .filter(|day| !matches!(chrono::Datelike::weekday(day), chrono::Weekday::Sat | chrono::Weekday::Sun))
        .map(|date| SchoolDate { date, school_day: true, instruction: true })
        .collect();
    calendar(out, draw, &Wish {
        school,
        kind: Kind::High,
        name: "Summer",
        end_year: year.end_year,
        span: (first, after(first, 25)),
        dates: &dates,
        sequence: Some(9),
        summer: true,
        exclude: false,
        terms: 1,
        with_sections: false,
    })
}

fn earlier(out: &mut Out, draw: &mut Draw, kind: Kind, school: i64, year: &Year) -> Calendar {
    calendar(out, draw, &Wish {
        school,
        kind,
        name: "Main",
        end_year: year.end_year,
        span: (year.start, year.end),
        dates: &year.dates(),
        sequence: Some(1),
        summer: false,
        exclude: false,
        terms: kind.terms(),
        with_sections: false,
    })
}

fn calendar(out: &mut Out, draw: &mut Draw, wish: &Wish<'_>) -> Calendar {
    let id = out.key::<tables::Calendar>();
    row!(out, Calendar {
        calendarID: id, calendarGUID: draw.guid(), schoolID: wish.school, name: wish.name, endYear: wish.end_year,
        startDate: wish.span.0, endDate: wish.span.1, sequence: wish.sequence,
        studentDay: match wish.kind { Kind::High => Some(345), Kind::Academy => None, _ => Some(350) },
        summerSchool: wish.summer, exclude: wish.exclude, r#type: draw.maybe(800, |draw| draw.pick(&["BL", "TR", "YR"])),
    });
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
        row!(out, AttendanceExcuse {
            excuseID: key, calendarID: id, code: *code, description: *description, status: *status, excuse: *excuse,
            stateCode: *state,
        });
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
        row!(out, GradeLevel {
            gradeLevelID: id, calendarID: calendar, name: GRADES[grade], seq: i64::try_from(grade).unwrap_or(0),
            standardCode: (kind != Kind::Academy || grade != 10).then_some(GRADES[grade]),
            stateGrade: if kindergarten { "00" } else { GRADES[grade] }, gradeCode: kindergarten.then_some("C"),
            halfDayAbsence: (grade != 8).then_some(if kindergarten { 60 } else { 120 }),
            wholeDayAbsence: (grade != 8).then_some(if kindergarten { 120 } else { 240 }), excludeSIF: false,
        });
    }
    let id = out.key::<tables::GradeLevel>();
    row!(out, GradeLevel {
        gradeLevelID: id, calendarID: calendar, name: EXCLUDED_GRADE, seq: 99, standardCode: "UN", stateGrade: EXCLUDED_GRADE,
        gradeCode: "A", excludeSIF: true,
    });
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
        Kind::Elementary => &[("AM", 510, 690, true, None), ("Lunch", 690, 730, false, None), ("PM", 730, 900, true, None)],
        Kind::Middle => &[
            ("1", 480, 530, true, Some(0)), ("2", 535, 585, true, Some(0)), ("3", 590, 640, true, Some(0)),
            ("Lunch", 640, 670, false, Some(0)), ("4", 670, 720, true, Some(0)), ("5", 725, 775, true, Some(0)),
            ("6", 780, 830, true, Some(0)), ("7", 835, 885, true, Some(0)),
        ],
        Kind::High if !wish.summer => &[
            ("Advisory", 475, 500, true, None), ("A1", 505, 585, true, Some(0)), ("A2", 590, 670, true, Some(0)),
            ("Lunch", 670, 700, false, None), ("A3", 700, 780, true, Some(0)), ("A4", 785, 865, true, Some(0)),
            ("B5", 505, 585, true, Some(1)), ("B6", 590, 670, true, Some(1)), ("B7", 700, 780, true, Some(1)),
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
            row!(out, Period {
                periodID: id, calendarID: calendar, periodScheduleID: rotation, name: *name, seq: seq,
                startTime: timed.then_some(&clock(start)), endTime: timed.then_some(&clock(end)), nonInstructional: !instructional,
            });
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
        row!(out, Day {
            dayID: id, calendarID: calendar, periodScheduleID: rotation, date: day.date, schoolDay: day.school_day,
            instruction: day.instruction, attendance: day.instruction,
        });
        if day.instruction {
            taught.push((day.date, rotation));
        }
    }
    taught
}

fn terms(out: &mut Out, draw: &mut Draw, calendar: i64, wish: &Wish<'_>, days: &[(NaiveDate, Option<i64>)]) -> Vec<Term> {
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
            row!(out, Term {
                termID: term, termGUID: draw.guid(), termScheduleID: id, name: &name, seq: i64::try_from(at + 1).unwrap_or(0),
                startDate: start, endDate: end, stateCode: primary.then_some(code),
            });
            Term { id: term, start, end }
        })
        .collect()
}
