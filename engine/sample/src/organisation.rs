//! Schools and their calendars. Schools come in groups that serve the same families, so a bigger district has more groups
//! and the same first ones.

use crate::calendar::{self, Calendar, Wish};
use crate::draw::{Draw, Stream};
use crate::out::Out;
use crate::schedule;
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
    pub(crate) const fn terms(self) -> usize {
        match self {
            Self::Elementary => 3,
            Self::Middle => 4,
            Self::High => 2,
            Self::Academy => 1,
        }
    }
}

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
    row!(
        out,
        School {
            schoolID: id,
            schoolGUID: draw.guid(),
            districtID: 1,
            number: &number,
            standardCode: standard.as_ref(),
            ncesSchoolID: draw.maybe(700, |_| "499907700001"),
            name: &name,
            url: draw.maybe(600, |_| "https://school.example.org"),
            principalName: principal.as_ref(),
            principalTitle: draw.maybe(800, |_| "Principal"),
            principalEmail: draw.maybe(800, |_| "principal@school.example.org"),
            phone: "435-555-0110",
            fax: draw.maybe(500, |_| "435-555-0111"),
            address: &street,
            city: city,
            state: "UT",
            zip: zip,
            physicalAddress: draw.maybe(700, |_| &street),
            physicalCity: city,
            physicalState: "UT",
            physicalZip: zip,
        }
    );
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
    row!(
        out,
        SchoolAttribute {
            schoolAttributeID: id,
            schoolID: school,
            startDate: date(year.end_year - 4, 7, 1),
            endDate: after(started, -1),
            title1: draw.pick(&codes),
        }
    );
    let id = out.key::<tables::SchoolAttribute>();
    row!(
        out,
        SchoolAttribute {
            schoolAttributeID: id,
            schoolID: school,
            startDate: started,
            title1: draw.maybe(800, |draw| draw.pick(&codes)),
        }
    );
}

/// The main calendar of this year, the only one with sections.
fn this_year(out: &mut Out, draw: &mut Draw, kind: Kind, school: i64, year: &Year) -> Calendar {
    let dates = year.dates();
    let sequence = (kind != Kind::Middle).then_some(1);
    let wish = Wish { sequence, with_sections: true, ..Wish::of_year(school, kind, year, &dates) };
    calendar::write(out, draw, &wish)
}

fn second(out: &mut Out, draw: &mut Draw, kind: Kind, school: i64, year: &Year) -> Option<Calendar> {
    let (name, exclude, sequence) = match kind {
        Kind::Elementary => ("Preschool services", true, Some(2)),
        Kind::High => ("Alternative", false, None),
        Kind::Middle | Kind::Academy => return None,
    };
    let dates = year.dates();
    let wish = Wish { name, sequence, exclude, terms: 4, ..Wish::of_year(school, kind, year, &dates) };
    Some(calendar::write(out, draw, &wish))
}

/// The summer before the school year: it belongs to the year's exchange, and is over.
fn summer(out: &mut Out, draw: &mut Draw, school: i64, year: &Year) -> Calendar {
    let first = date(year.end_year - 1, 7, 7);
    let dates: Vec<SchoolDate> = (0..26)
        .map(|at| after(first, at))
        .filter(|day| !matches!(chrono::Datelike::weekday(day), chrono::Weekday::Sat | chrono::Weekday::Sun))
        .map(|date| SchoolDate { date, school_day: true, instruction: true })
        .collect();
    let wish = Wish {
        name: "Summer",
        span: (first, after(first, 25)),
        sequence: Some(9),
        summer: true,
        terms: 1,
        ..Wish::of_year(school, Kind::High, year, &dates)
    };
    calendar::write(out, draw, &wish)
}

fn earlier(out: &mut Out, draw: &mut Draw, kind: Kind, school: i64, year: &Year) -> Calendar {
    calendar::write(out, draw, &Wish::of_year(school, kind, year, &year.dates()))
}
