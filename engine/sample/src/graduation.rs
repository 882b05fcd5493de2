//! Graduation: cohorts, diplomas, seals, and the programs with their tests that lead there.

use crate::codes::{CAREER, CIVICS_COUNT, CIVICS_LOCAL, CIVICS_SCORE};
use crate::draw::Draw;
use crate::out::Out;
use crate::student::{Student, World, span};
use crate::tables::{self, row};
use crate::year::{after, date};

/// Writes what leads a student of the upper grades to graduation.
pub(crate) fn write(out: &mut Out, draw: &mut Draw, world: &World<'_>, student: &Student<'_>) {
    if student.grade >= 9 {
        cohort(out, draw, world, student);
        programs(out, draw, world, student);
    }
    if student.grade >= 11 {
        seals(out, draw, world, student);
    }
}

fn cohort(out: &mut Out, draw: &mut Draw, world: &World<'_>, student: &Student<'_>) {
    if draw.chance(80) {
        return;
    }
    let left = 12 - i32::try_from(student.grade).unwrap_or(12);
    let class = world.year.end_year + left;
    // Some repeat a year, and their class is an earlier one.
    let class = if draw.chance(40) { class - 1 } else { class };
    let early = (student.grade == 12)
        .then(|| {
            draw.maybe(60, |draw| {
                // On the day itself, before it, and after it.
                after(world.year.today, draw.pick(&[-20, 0, 60]))
            })
        })
        .flatten();
    row!(
        out,
        Graduation {
            personID: student.person,
            grade9Date: draw.maybe(900, |_| date(class - 4, 8, 20)),
            cohortYearNGA: draw.maybe(850, |_| class),
            cohortYearNCLB: draw.maybe(500, |_| class),
            diplomaDate: early,
            diplomaType: early.map(|_| draw.pick(&["GR", "GP", "GED", "AD", "CT", "ZZ"])),
        }
    );
}

fn programs(out: &mut Out, draw: &mut Draw, world: &World<'_>, student: &Student<'_>) {
    let join = |out: &mut Out, draw: &mut Draw, program: i64| {
        let id = out.key::<tables::ProgramParticipation>();
        let (start, end) = span(draw, world.year);
        row!(
            out,
            ProgramParticipation {
                participationID: id,
                personID: student.person,
                programID: program,
                startDate: start,
                endDate: end,
            }
        );
    };
    let civics = match draw.weighted(&[40, 10, 3, 47]) {
        0 => Some(CIVICS_COUNT),
        1 => Some(CIVICS_SCORE),
        2 => Some(CIVICS_LOCAL),
        _ => None,
    };
    let civics = if student.shows(60) || student.shows(61) { Some(CIVICS_SCORE) } else { civics };
    if let Some(program) = civics {
        join(out, draw, program);
    }
    if draw.chance(150) {
        join(out, draw, CAREER);
    }
}

fn seals(out: &mut Out, draw: &mut Draw, world: &World<'_>, student: &Student<'_>) {
    let count = if student.grade == 12 && draw.chance(30) { 2 } else { usize::from(draw.chance(80)) };
    for at in 0..count {
        seal(out, draw, world, student, "1", if at == 0 { "ES" } else { "PT" });
    }
    if draw.chance(30) {
        seal(out, draw, world, student, "2", "EN");
    }
}

fn seal(
    out: &mut Out,
    draw: &mut Draw,
    world: &World<'_>,
    student: &Student<'_>,
    kind: &'static str,
    language: &'static str,
) {
    let id = out.key::<tables::GraduationSeal>();
    row!(
        out,
        GraduationSeal {
            sealID: id,
            personID: student.person,
            stateSeal: kind,
            earnedDate: draw.maybe(950, |draw| after(world.year.today, -draw.between(1, 600))),
            language: draw.maybe(950, |_| language),
        }
    );
}
