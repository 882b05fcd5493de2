//! Special education data plans.

use crate::draw::Draw;
use crate::out::Out;
use crate::student::{Student, World};
use crate::tables::{self, row};
use crate::value::Decimal;
use crate::year::after;

/// Writes the plans of a student in special education; and of a few who are not any more.
pub(crate) fn write(out: &mut Out, draw: &mut Draw, world: &World<'_>, student: &Student<'_>) {
    if !student.special_education {
        return;
    }
    let start = after(world.year.today, -draw.between(5, 360));
    plan(out, draw, student, start, Some(after(start, 364)), true);
    match draw.weighted(&[60, 20, 10, 10]) {
        // The year before, a draft for the next, and one that has no end.
        1 => plan(out, draw, student, after(start, -365), Some(after(start, -1)), true),
        2 => plan(out, draw, student, after(start, 200), Some(after(start, 564)), false),
        3 => plan(out, draw, student, after(start, -900), None, true),
        _ => {}
    }
}

fn plan(
    out: &mut Out,
    draw: &mut Draw,
    student: &Student<'_>,
    start: chrono::NaiveDate,
    end: Option<chrono::NaiveDate>,
    locked: bool,
) {
    let id = out.key::<tables::Plan>();
    let calendar = student.main().map(|enrolled| enrolled.calendar.id);
    let (hundredths, status) = (draw.between(0, 10000), draw.pick(&[Some("1"), Some("1"), Some("1"), Some("2"), None]));
    row!(
        out,
        Plan {
            planID: id,
            personID: student.person,
            calendarID: if draw.chance(850) { calendar } else { None },
            r#type: if draw.chance(970) { "UT Data Plan" } else { "Service plan" },
            locked: locked && draw.chance(950),
            startDate: start,
            endDate: end,
            specialEdStatus: status,
            regularPercent: draw.maybe(900, |_| Decimal::new(hundredths, 2)),
            time: draw.maybe(950, |draw| draw.pick(&["A", "B", "B", "C"])),
            dlm1Percent: draw.maybe(400, |draw| draw.chance(50)),
            extendedSchoolYear: draw.maybe(400, |draw| draw.chance(150)),
        }
    );
}
