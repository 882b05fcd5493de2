//! Transcripts: courses of this district, of others, and entered by hand.

use chrono::NaiveDate;

use crate::calendar::{Calendar, GRADES};
use crate::codes::LETTERS;
use crate::draw::Draw;
use crate::organisation::{Kind, School};
use crate::out::Out;
use crate::student::{Student, World};
use crate::tables::{self, row};
use crate::value::Decimal;
use crate::year::{Year, after};

/// A transcript course that waits: a real system's rows lie in the order in which terms were closed.
pub(crate) struct Waiting {
    person: i64,
    grade: usize,
    end_year: i32,
    term: i64,
    terms: i64,
    dates: (NaiveDate, NaiveDate),
    what: What,
    mark: Mark,
    credits: Vec<(Decimal, Option<Decimal>, &'static str)>,
}

/// Where the course was taken.
enum What {
    Here {
        course: i64,
        school: i64,
        number: String,
        state_code: String,
        name: String,
        school_number: String,
        school_name: String,
    },
    Elsewhere {
        source: &'static str,
        number: String,
        name: &'static str,
        district: Option<&'static str>,
        school: &'static str,
    },
}

struct Mark {
    score: Option<&'static str>,
    percent: Option<Decimal>,
    weight: Option<Decimal>,
    value: Option<Decimal>,
    unweighted: Option<Decimal>,
    bonus: Option<Decimal>,
}

/// Writes what waits, term after term.
pub(crate) fn flush(out: &mut Out, waiting: &mut Vec<Waiting>) {
    waiting.sort_by_key(|row| (row.end_year, row.term));
    for row in waiting.drain(..) {
        let id = out.key::<tables::TranscriptCourse>();
        let Mark { score, percent, weight, value, unweighted, bonus } = row.mark;
        let (source, course, district_number) = match &row.what {
            What::Here { course, .. } => ("1", Some(*course), Some("77")),
            What::Elsewhere { source, district, .. } => (*source, None, *district),
        };
        let (number, state_code, name) = match &row.what {
            What::Here { number, state_code, name, .. } => (number, Some(state_code), name.as_str()),
            What::Elsewhere { number, name, .. } => (number, None, *name),
        };
        let (school, school_number, school_name) = match &row.what {
            What::Here { school, school_number, school_name, .. } => {
                (Some(*school), Some(school_number.as_str()), school_name.as_str())
            }
            What::Elsewhere { district, school, .. } => (None, district.map(|_| "412"), *school),
        };
        row!(
            out,
            TranscriptCourse {
                transcriptID: id,
                personID: row.person,
                source: source,
                courseID: course,
                schoolID: school,
                courseNumber: number,
                stateCode: state_code,
                courseName: name,
                districtNumber: district_number,
                schoolNumber: school_number,
                schoolName: school_name,
                startYear: row.end_year - 1,
                endYear: row.end_year,
                grade: GRADES[row.grade],
                startTerm: row.term,
                endTerm: row.term,
                actualTerm: row.term,
                termsLong: row.terms,
                termStartDate: row.dates.0,
                termEndDate: row.dates.1,
                date: course.map(|_| after(row.dates.1, 3)),
                score: score,
                percent: percent,
                gpaWeight: weight,
                gpaValue: value,
                unweightedGPAValue: unweighted,
                bonusPoints: bonus,
            }
        );
        for (attempted, earned, kind) in row.credits {
            let credit = out.key::<tables::TranscriptCredit>();
            row!(
                out,
                TranscriptCredit {
                    creditID: credit,
                    transcriptID: id,
                    creditsAttempted: attempted,
                    creditsEarned: earned,
                    creditType: kind,
                }
            );
        }
    }
}

/// Draws the transcript of a student of grades 7 to 12.
pub(crate) fn write(draw: &mut Draw, world: &World<'_>, student: &Student<'_>, waiting: &mut Vec<Waiting>) {
    if student.grade < 7 || draw.chance(30) {
        return;
    }
    // One student has marks without weights, one has no unweighted values.
    let habit = if student.shows(50) {
        Habit::NoWeights
    } else if student.shows(51) {
        Habit::NoUnweighted
    } else {
        Habit::Usual
    };
    let school_year = world.year.end_year;
    for back in (0..4).rev() {
        let Some(grade) = student.grade.checked_sub(usize::try_from(back).unwrap_or(0)) else { continue };
        if grade < 7 {
            continue;
        }
        let school = world.group.school(Kind::of_grade(grade));
        let calendar = if back == 0 {
            Some(&school.main)
        } else {
            school.earlier.iter().find(|calendar| calendar.end_year == school_year - back)
        };
        let elsewhere = draw.chance(60);
        match calendar {
            Some(calendar) if !elsewhere => here(draw, world, student, grade, school, calendar, habit, waiting),
            _ => away(draw, student, grade, &Year::new(school_year - back), world.year.today, habit, waiting),
        }
    }
}

/// How the values of a student's courses are entered.
#[derive(Clone, Copy, PartialEq)]
enum Habit {
    Usual,
    NoWeights,
    NoUnweighted,
}

#[allow(clippy::too_many_arguments, reason = "what a course depends on")]
fn here(
    draw: &mut Draw,
    world: &World<'_>,
    student: &Student<'_>,
    grade: usize,
    school: &School,
    calendar: &Calendar,
    habit: Habit,
    waiting: &mut Vec<Waiting>,
) {
    let credited = Kind::of_grade(grade) == Kind::High;
    for course in calendar.courses.iter().filter(|course| course.grade == grade && !course.homeroom) {
        for (at, term) in calendar.terms.iter().enumerate() {
            // Middle schools close a course once, at the end of a half.
            let closes = credited || at + 1 == calendar.terms.len();
            if !closes || term.end >= world.year.today || draw.chance(250) {
                continue;
            }
            waiting.push(Waiting {
                person: student.person,
                grade,
                end_year: calendar.end_year,
                term: i64::try_from(at + 1).unwrap_or(1),
                terms: i64::try_from(calendar.terms.len()).unwrap_or(1),
                dates: (term.start, term.end),
                what: What::Here {
                    course: course.id,
                    school: school.id,
                    number: course.number.clone(),
                    state_code: course.state_code.clone(),
                    name: course.name.clone(),
                    school_number: school.number.clone(),
                    school_name: school.name.clone(),
                },
                mark: mark(draw, habit),
                credits: credits(draw, credited),
            });
        }
    }
}

fn away(
    draw: &mut Draw,
    student: &Student<'_>,
    grade: usize,
    year: &Year,
    today: NaiveDate,
    habit: Habit,
    waiting: &mut Vec<Waiting>,
) {
    let half = after(year.start, 140);
    let by_hand = draw.chance(300);
    let school = draw.pick(&["Harbor Point High", "Mesa Verde Preparatory", "Instituto del Norte"]);
    for at in 0..draw.between(1, 9) {
        let term = 1 + at % 2;
        let dates = if term == 1 { (year.start, half) } else { (after(half, 1), year.end) };
        if dates.1 >= today {
            continue;
        }
        waiting.push(Waiting {
            person: student.person,
            grade,
            end_year: year.end_year,
            term,
            terms: 2,
            dates,
            what: What::Elsewhere {
                source: if by_hand { "3" } else { "2" },
                number: format!("X{}", 100 + at),
                name: draw.pick(&["Algebra", "World Literature", "Earth Science", "History of Music", "Français 1"]),
                district: (!by_hand).then(|| draw.pick(&["12", "30"])),
                school,
            },
            mark: mark(draw, habit),
            credits: credits(draw, true),
        });
    }
}

fn mark(draw: &mut Draw, habit: Habit) -> Mark {
    let (score, _, values) = LETTERS[draw.weighted(&[22, 14, 12, 14, 8, 8, 8, 6, 4, 3, 1])];
    let weight = match draw.weighted(&[880, 60, 30, 30]) {
        0 => Some(Decimal::new(1000, 3)),
        1 => Some(Decimal::new(500, 3)),
        2 => Some(Decimal::new(0, 3)),
        _ => None,
    };
    let bonus = draw.maybe(120, |draw| Decimal::new(draw.pick(&[500, 1000]), 3));
    let unweighted = draw.chance(940) && habit != Habit::NoUnweighted;
    let percent = draw.maybe(300, |draw| Decimal::new(draw.between(5000, 10000), 2));
    let (whole, as_number) = (draw.between(50, 100), draw.chance(20));
    Mark {
        // Some schools enter the percentage alone.
        score: (!as_number).then_some(score),
        percent: if as_number { Some(Decimal::new(whole, 0)) } else { percent },
        weight: if habit == Habit::NoWeights { None } else { weight },
        value: values.map(|(value, _)| Decimal::new(value, 3)),
        unweighted: if unweighted { values.map(|(_, value)| Decimal::new(value, 3)) } else { None },
        bonus,
    }
}

fn credits(draw: &mut Draw, credited: bool) -> Vec<(Decimal, Option<Decimal>, &'static str)> {
    if !credited {
        return Vec::new();
    }
    let attempted = draw.pick(&[500, 500, 500, 250, 1000]);
    let earned = match draw.weighted(&[92, 6, 2]) {
        0 => Some(attempted),
        1 => Some(0),
        _ => None,
    };
    let kind = draw.pick(&["LA", "MA", "SC", "SS", "EL"]);
    let mut credits = vec![(Decimal::new(attempted, 3), earned.map(|earned| Decimal::new(earned, 3)), kind)];
    if draw.chance(30) {
        credits.push((Decimal::new(250, 3), Some(Decimal::new(250, 3)), "EL"));
    }
    credits
}
