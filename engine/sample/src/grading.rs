//! Marks that students get in their sections.

use chrono::NaiveDate;

use crate::codes::{FINAL_MARK, LETTERS, PROGRESS, TERM_MARK};
use crate::draw::Draw;
use crate::organisation::Kind;
use crate::out::Out;
use crate::rosters::Seat;
use crate::student::{Student, World};
use crate::tables::{self, row};
use crate::value::Decimal;
use crate::year::after;

/// A mark that waits: a real system's rows lie in the order of days.
pub(crate) struct Waiting {
    date: NaiveDate,
    person: i64,
    section: i64,
    task: i64,
    term: i64,
    score: Option<&'static str>,
    percent: Option<Decimal>,
    dated: bool,
}

/// Writes what waits, day after day.
pub(crate) fn flush(out: &mut Out, waiting: &mut Vec<Waiting>) {
    waiting.sort_by_key(|row| (row.date, row.section, row.person, row.task));
    for row in waiting.drain(..) {
        let id = out.key::<tables::GradingScore>();
        row!(
            out,
            GradingScore {
                gradingScoreID: id,
                personID: row.person,
                sectionID: row.section,
                gradingTaskID: row.task,
                termID: row.term,
                score: row.score,
                percent: row.percent,
                date: row.dated.then_some(row.date),
            }
        );
    }
}

/// Draws the marks of the terms that are over, and some on the way.
pub(crate) fn write(
    draw: &mut Draw,
    world: &World<'_>,
    student: &Student<'_>,
    seats: &[Seat<'_>],
    waiting: &mut Vec<Waiting>,
) {
    let letters = Kind::of_grade(student.grade) != Kind::Elementary;
    for seat in seats {
        if seat.calendar.courses[seat.course].homeroom || (!letters && !draw.chance(330)) {
            continue;
        }
        for (at, term) in seat.calendar.terms.iter().enumerate() {
            if term.start > world.year.today {
                break;
            }
            let over = term.end < world.year.today;
            let last = at + 1 == seat.calendar.terms.len();
            // Every second term closes with the mark that the state wants.
            let task = match (over, at % 2 == 1 || last || seat.calendar.terms.len() < 3) {
                (true, true) => FINAL_MARK,
                (true, false) => TERM_MARK,
                (false, _) => PROGRESS,
            };
            if task != FINAL_MARK && draw.chance(600) {
                continue;
            }
            let score =
                if letters { LETTERS[draw.below(LETTERS.len())].0 } else { draw.pick(&["4", "3", "3", "2", "1"]) };
            let date = if over { after(term.end, draw.between(0, 6)) } else { after(term.start, draw.between(1, 20)) };
            waiting.push(Waiting {
                date,
                person: student.person,
                section: seat.section,
                task,
                term: term.id,
                score: draw.maybe(950, |_| score),
                percent: draw.maybe(500, |draw| Decimal::new(draw.between(3500, 10000), 2)),
                dated: draw.chance(960),
            });
        }
    }
}
