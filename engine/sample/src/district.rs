//! The district from its first school to its last student.

use problem::Problem;

use crate::Plan;
use crate::draw::{Draw, Stream};
use crate::households::{self, Family};
use crate::names::{BOYS, GIRLS};
use crate::organisation::{self, STUDENTS_OF_GROUP};
use crate::out::Out;
use crate::student::{Student, World};
use crate::year::Year;
use crate::{
    assessments, attendance, behavior, codes, enrollment, grading, graduation, people, programs, rosters,
    special_education, transcript,
};

/// So many students are drawn before their rows are put in order and written.
const CHUNK: u64 = 1200;
/// People of families are numbered from here; those who work in the district below.
const FIRST_OF_FAMILIES: i64 = 1_000_000;

/// Rows that wait until those of other students are drawn, because they lie by day or by section.
#[derive(Default)]
struct Waiting {
    attendance: Vec<attendance::Waiting>,
    rosters: Vec<rosters::Waiting>,
    marks: Vec<grading::Waiting>,
    transcript: Vec<transcript::Waiting>,
    scores: Vec<assessments::Waiting>,
}

impl Waiting {
    fn flush(&mut self, out: &mut Out) {
        attendance::flush(out, &mut self.attendance);
        rosters::flush(out, &mut self.rosters);
        grading::flush(out, &mut self.marks);
        transcript::flush(out, &mut self.transcript);
        assessments::flush(out, &mut self.scores);
    }
}

/// Writes the whole district.
///
/// Each group of schools comes with its students, so that a row of a student has the same key whatever the district's size.
pub(crate) fn write(out: &mut Out, plan: &Plan, progress: &mut dyn FnMut(u64)) -> Result<(), Problem> {
    let year = Year::new(plan.school_year);
    codes::write(out, plan.seed);
    assessments::tests(out);
    let mut people = People { staff: 0, families: FIRST_OF_FAMILIES, family: None, before: None };
    let mut waiting = Waiting::default();
    let mut done = 0;
    // A district without students has schools all the same.
    for group_number in 0..plan.students.div_ceil(STUDENTS_OF_GROUP).max(1) {
        let group = organisation::write(out, plan.seed, group_number, &year, &mut people.staff);
        let world = World { seed: plan.seed, year: &year, group: &group };
        let last = plan.students.min((group_number + 1) * STUDENTS_OF_GROUP);
        while done < last {
            done += 1;
            student(out, &world, done, &mut people, &mut waiting);
            if done % CHUNK == 0 || done == last {
                waiting.flush(out);
                out.check()?;
                progress(done);
            }
        }
    }
    out.check()
}

/// Who was written last.
struct People {
    /// The last person id of staff.
    staff: i64,
    /// The last person id of families.
    families: i64,
    family: Option<Family>,
    /// The student before.
    before: Option<i64>,
}

fn student(out: &mut Out, world: &World<'_>, number: u64, people: &mut People, waiting: &mut Waiting) {
    let mut draw = Draw::new(world.seed, Stream::Student(number));
    people.families += 1;
    let person = people.families;
    let family = match people.family.take().filter(|_| households::follows_sibling(world.seed, number)) {
        Some(family) => family,
        None => {
            let mut draw = Draw::new(world.seed, Stream::Family(number));
            households::family(out, &mut draw, world, number, &mut people.families)
        }
    };
    let girl = draw.chance(500);
    let mut student = Student {
        number,
        person,
        grade: grade(number, draw.below(13)),
        first: draw.pick(if girl { GIRLS } else { BOYS }),
        last: family.last,
        enrollments: Vec::new(),
        special_education: draw.chance(120),
        learns_english: number % 400 == 70 || draw.chance(100),
    };
    people::write(out, &mut draw, world, &student, girl);
    households::join(out, &mut draw, &student, &family);
    enrollment::write(out, &mut draw, world, &mut student);
    attendance::write(&mut draw, world, &student, &mut waiting.attendance);
    let seats = rosters::write(&mut draw, world, &student, &mut waiting.rosters);
    grading::write(&mut draw, world, &student, &seats, &mut waiting.marks);
    transcript::write(&mut draw, world, &student, &mut waiting.transcript);
    graduation::write(out, &mut draw, world, &student);
    programs::write(out, &mut draw, world, &student);
    special_education::write(out, &mut draw, world, &student);
    assessments::write(&mut draw, world, &student, &mut waiting.scores);
    behavior::write(out, &mut draw, world, &student, people.before);
    people.before = Some(person);
    people.family = Some(family);
}

/// The drawn grade; the student who shows a rare case is in a grade in which it can be.
const fn grade(number: u64, drawn: usize) -> usize {
    match number % 400 {
        50 | 51 | 60 | 61 => 12,
        74 | 80 => 2,
        _ => drawn,
    }
}
