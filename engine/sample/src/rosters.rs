//! Which sections students sit in.

use chrono::NaiveDate;

use crate::calendar::Calendar;
use crate::draw::Draw;
use crate::out::Out;
use crate::student::{Enrolled, Student, World};
use crate::tables::{self, row};
use crate::value::Guid;
use crate::year::after;

/// A roster row that waits: a real system's rows lie by section.
pub(crate) struct Waiting {
    section: i64,
    person: i64,
    guid: Guid,
    start: Option<NaiveDate>,
    end: Option<NaiveDate>,
}

/// A course that a student takes now.
pub(crate) struct Seat<'g> {
    pub(crate) calendar: &'g Calendar,
    pub(crate) course: usize,
    pub(crate) section: i64,
}

/// Writes what waits, section after section.
pub(crate) fn flush(out: &mut Out, waiting: &mut Vec<Waiting>) {
    waiting.sort_by_key(|row| (row.section, row.person));
    for row in waiting.drain(..) {
        let id = out.key::<tables::Roster>();
        row!(
            out,
            Roster {
                rosterID: id,
                rosterGUID: row.guid,
                sectionID: row.section,
                personID: row.person,
                startDate: row.start,
                endDate: row.end,
            }
        );
    }
}

/// Draws the student's rosters and gives the courses that the student takes.
pub(crate) fn write<'g>(
    draw: &mut Draw,
    world: &World<'g>,
    student: &Student<'g>,
    waiting: &mut Vec<Waiting>,
) -> Vec<Seat<'g>> {
    let mut seats = Vec::new();
    for enrolled in &student.enrollments {
        // Some are enrolled before their schedule is made.
        if !draw.chance(30) {
            enroll(draw, world, student, enrolled, waiting, &mut seats);
        }
    }
    seats
}

fn enroll<'g>(
    draw: &mut Draw,
    world: &World<'g>,
    student: &Student<'g>,
    enrolled: &Enrolled<'g>,
    waiting: &mut Vec<Waiting>,
    seats: &mut Vec<Seat<'g>>,
) {
    let calendar = enrolled.calendar;
    let courses: Vec<usize> = (0..calendar.courses.len())
        .filter(|at| calendar.courses[*at].grade == student.grade && !calendar.courses[*at].sections.is_empty())
        .collect();
    let Some(classes) = courses.first().map(|at| calendar.courses[*at].sections.len()) else { return };
    let class = draw.below(classes);
    let skipped = draw.below(courses.len() + 1);
    let late = draw.chance(150);
    let start = (!late).then_some(enrolled.start);
    for (turn, at) in courses.iter().enumerate() {
        let course = &calendar.courses[*at];
        // One course is not taken, and who comes for part of the day takes few.
        if (turn == skipped && !course.homeroom) || (!enrolled.primary && turn > 2) {
            continue;
        }
        let mut put = |draw: &mut Draw, class: usize, start, end| {
            let section = course.sections[class].id;
            waiting.push(Waiting { section, person: student.person, guid: draw.guid(), start, end });
            section
        };
        let changed = after(world.year.start, draw.between(20, 150));
        let other = (class + 1) % classes;
        let section = if draw.chance(40) && changed > enrolled.start && enrolled.end.is_none() && other != class {
            put(draw, class, start, Some(after(changed, -1)));
            put(draw, other, Some(changed), None)
        } else {
            put(draw, class, start, enrolled.end)
        };
        // Two homerooms, and both begin on the same day.
        if course.homeroom && other != class && (student.shows(40) || draw.chance(10)) {
            put(draw, other, start, enrolled.end);
        }
        seats.push(Seat { calendar, course: *at, section });
    }
}
