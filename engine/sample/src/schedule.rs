//! Courses, their sections, when the sections meet, and who teaches them.

use crate::calendar::{Calendar, GRADES};
use crate::codes::{FINAL_MARK, LETTER_GROUP, STANDARDS_GROUP, TERM_MARK};
use crate::draw::Draw;
use crate::organisation::{Kind, School};
use crate::out::Out;
use crate::tables::{self, row};
use crate::value::Decimal;
use crate::year::after;

/// Classes of a grade that are taught together.
const CLASSES: usize = 7;

/// A course of a calendar.
pub(crate) struct Course {
    pub(crate) id: i64,
    pub(crate) grade: usize,
    pub(crate) homeroom: bool,
    pub(crate) number: String,
    pub(crate) name: String,
    pub(crate) state_code: String,
    /// One for each class.
    pub(crate) sections: Vec<Section>,
}

/// A section of a course.
pub(crate) struct Section {
    pub(crate) id: i64,
}

/// A subject: short name, name, SCED area, and the start of its state course code.
type Subject = (&'static str, &'static str, &'static str, &'static str);

const ELEMENTARY: &[Subject] = &[
    ("HR", "Homeroom", "73", "00"),
    ("LA", "Language Arts", "51", "06"),
    ("MA", "Mathematics", "52", "07"),
    ("SC", "Science", "53", "08"),
    ("MU", "Music", "55", "02"),
    ("PE", "Physical Education", "58", "05"),
];
const MIDDLE: &[Subject] = &[
    ("AD", "Advisory", "73", "00"),
    ("EN", "English", "51", "06"),
    ("MA", "Mathematics", "52", "07"),
    ("SC", "Integrated Science", "53", "08"),
    ("SS", "Utah Studies", "54", "09"),
    ("AR", "Art", "55", "02"),
    ("PE", "Physical Education", "58", "05"),
];
const HIGH: &[Subject] = &[
    ("AD", "Advisory", "22", "00"),
    ("EN", "English", "01", "06"),
    ("MA", "Secondary Mathematics", "02", "07"),
    ("SC", "Biology & Chemistry", "03", "08"),
    ("SS", "World Civilizations", "04", "09"),
    ("AU", "Automotive \"Basics\"", "20", "40"),
    ("SP", "Spanish", "06", "04"),
    ("HE", "Health, Fitness", "08", "05"),
];
const ACADEMY: &[Subject] =
    &[("AV", "Advisor", "73", "00"), ("RE", "Reading", "01", "06"), ("NU", "Numeracy", "02", "07")];

const fn subjects(kind: Kind) -> &'static [Subject] {
    match kind {
        Kind::Elementary => ELEMENTARY,
        Kind::Middle => MIDDLE,
        Kind::High => HIGH,
        Kind::Academy => ACADEMY,
    }
}

/// Writes the courses of a calendar. One that gets no sections has a trial all the same.
pub(crate) fn courses(out: &mut Out, draw: &mut Draw, calendar: i64, kind: Kind, with_sections: bool) -> Vec<Course> {
    if !with_sections {
        let trial = out.key::<tables::Trial>();
        row!(out, Trial { trialID: trial, calendarID: calendar, active: true });
    }
    let mut courses = Vec::new();
    for grade in kind.grades() {
        for (at, subject) in subjects(kind).iter().enumerate() {
            courses.push(course(out, draw, calendar, kind, grade, subject, at == 0));
        }
    }
    courses
}

fn course(
    out: &mut Out,
    draw: &mut Draw,
    calendar: i64,
    kind: Kind,
    grade: usize,
    (short, name, area, state): &Subject,
    homeroom: bool,
) -> Course {
    let id = out.key::<tables::Course>();
    let career = *state == "40";
    // The last year's English earns college credit.
    let concurrent = kind == Kind::High && grade == 12 && *short == "EN";
    let number = format!("{short}{}", GRADES[grade]);
    let full = format!("{name} {}", if grade == 0 { "K" } else { GRADES[grade].trim_start_matches('0') });
    let state_code = format!("{state}{grade:02}0000130");
    row!(
        out,
        Course {
            courseID: id,
            courseGUID: draw.guid(),
            calendarID: calendar,
            number: &number,
            name: &full,
            stateCode: draw.maybe(960, |_| &state_code),
            description: draw.maybe(500, |_| &full),
            active: true,
            stateExclude: false,
            r#type: draw.maybe(800, |draw| draw.pick(&["C", "E", "H"])),
            scedSubjectArea: draw.maybe(970, |_| *area),
            pseoType: career.then_some("S"),
            termType: draw.maybe(30, |_| "YR"),
            specialCode: draw.maybe(if career { 500 } else { 5 }, |_| "77104"),
            serviceDistrict: concurrent.then_some("91WSU"),
            distanceCode: concurrent.then_some("OGD"),
            programType: (grade == 0 && homeroom).then(|| draw.pick(&["FD", "HD"])),
            wblCourseType: match draw.weighted(&[60, 10, 29, 1]) {
                0 => Some("A"),
                1 => Some("L"),
                2 => None,
                _ => Some("Z"),
            },
        }
    );
    let letters = matches!(kind, Kind::Middle | Kind::High);
    if !homeroom {
        let credit = out.key::<tables::GradingTaskCredit>();
        row!(
            out,
            GradingTaskCredit {
                gradingTaskCreditID: credit,
                courseID: id,
                gradingTaskID: FINAL_MARK,
                scoreGroupID: if letters { LETTER_GROUP } else { STANDARDS_GROUP },
                credit: letters.then(|| Decimal::new(draw.pick(&[250, 500, 500, 1000]), 3)),
            }
        );
        if draw.chance(300) {
            let credit = out.key::<tables::GradingTaskCredit>();
            row!(
                out,
                GradingTaskCredit {
                    gradingTaskCreditID: credit,
                    courseID: id,
                    gradingTaskID: TERM_MARK,
                    scoreGroupID: draw.maybe(700, |_| if letters { LETTER_GROUP } else { STANDARDS_GROUP }),
                }
            );
        }
    }
    Course { id, grade, homeroom, number, name: full, state_code, sections: Vec::new() }
}

/// Writes the sections of the school's main calendar, their placements and their teachers; and the courses that must not be
/// reported: switched off, excluded, without sections, only in a plan that was not taken.
pub(crate) fn sections(out: &mut Out, draw: &mut Draw, school: &mut School, first_room: i64) {
    let trial = out.key::<tables::Trial>();
    row!(out, Trial { trialID: trial, calendarID: school.main.id, active: true });
    let discarded = out.key::<tables::Trial>();
    row!(out, Trial { trialID: discarded, calendarID: school.main.id, active: false });
    let taught: Vec<usize> = places_of_periods(&school.main);
    let classes = if school.kind == Kind::Academy { 1 } else { CLASSES };
    let width = subjects(school.kind).len();
    let (main, staff) = (&mut school.main, &school.staff);
    let terms: Vec<(i64, chrono::NaiveDate, chrono::NaiveDate)> =
        main.terms.iter().map(|term| (term.id, term.start, term.end)).collect();
    for (at, course) in main.courses.iter_mut().enumerate() {
        for class in 0..classes {
            let subject = at % width;
            let place = match school.kind {
                // Mornings for half of the subjects, afternoons for the others.
                Kind::Elementary | Kind::Academy => taught[(subject * taught.len()) / width],
                // Advisory has a period of its own; the other subjects take turns.
                Kind::High if subject == 0 => taught[0],
                Kind::High => taught[1 + (subject + class) % (taught.len() - 1)],
                Kind::Middle => taught[(subject + class) % taught.len()],
            };
            let id = section(out, draw, course.id, trial, class, first_room, course.homeroom, school.kind);
            let half = course.homeroom.then_some(0).or_else(|| draw.maybe(150, |draw| draw.below(2))).unwrap_or(2);
            for (number, (term, _, _)) in terms.iter().enumerate() {
                // A few sections last half a year.
                let meets = match half {
                    0 if !course.homeroom => number * 2 < terms.len(),
                    1 => number * 2 >= terms.len() - 1,
                    _ => true,
                };
                if meets {
                    let placement = out.key::<tables::SectionPlacement>();
                    row!(
                        out,
                        SectionPlacement {
                            placementID: placement,
                            sectionID: id,
                            termID: *term,
                            periodID: main.periods[place].id,
                        }
                    );
                }
            }
            teachers(out, draw, id, staff, at * classes + class, &terms);
            course.sections.push(Section { id });
        }
    }
    unreported(out, draw, main.id, trial, discarded, first_room, school.kind);
}

/// The places of the periods in which something is taught.
fn places_of_periods(calendar: &Calendar) -> Vec<usize> {
    (0..calendar.periods.len()).filter(|at| calendar.periods[*at].instructional).collect()
}

#[allow(clippy::too_many_arguments, reason = "the columns of one row")]
fn section(
    out: &mut Out,
    draw: &mut Draw,
    course: i64,
    trial: i64,
    class: usize,
    first_room: i64,
    homeroom: bool,
    kind: Kind,
) -> i64 {
    let id = out.key::<tables::Section>();
    let number = format!("{}", class + 1);
    let online = kind == Kind::Academy;
    row!(
        out,
        Section {
            sectionID: id,
            sectionGUID: draw.guid(),
            courseID: course,
            trialID: trial,
            number: &number,
            roomID: (!online).then(|| draw.maybe(950, |draw| first_room + draw.between(0, 24))).flatten(),
            homeroom: homeroom,
            mediumOfInstruction: if online {
                Some("ONL")
            } else {
                draw.maybe(300, |draw| draw.pick(&["F2F", "F2F", "TEC", "HYB", "SKY"]))
            },
            altSchoolCode: draw.maybe(20, |_| "77105"),
            serviceDistrict: draw.maybe(10, |_| "92UVU"),
            distanceCode: draw.maybe(10, |_| "ORM"),
        }
    );
    id
}

fn teachers(
    out: &mut Out,
    draw: &mut Draw,
    section: i64,
    staff: &[i64],
    turn: usize,
    terms: &[(i64, chrono::NaiveDate, chrono::NaiveDate)],
) {
    let person = |at: usize| staff[1 + at % (staff.len() - 1)];
    let (first, last) = (terms[0].1, terms[terms.len() - 1].2);
    let middle = terms[terms.len() / 2].1;
    type Line = (usize, &'static str, Option<&'static str>, Option<chrono::NaiveDate>, Option<chrono::NaiveDate>);
    let lines: Vec<Line> = match draw.weighted(&[72, 10, 7, 5, 3, 2, 1]) {
        0 => vec![(0, "P", None, None, None)],
        1 => vec![(0, "P", None, Some(first), Some(last))],
        // The teacher left in the middle of the year.
        2 => vec![(0, "P", None, Some(first), Some(after(middle, -1))), (5, "P", None, Some(middle), None)],
        3 => vec![(0, "P", None, None, None), (7, "T", None, None, None), (9, "N", None, Some(middle), None)],
        4 => vec![(0, "P", Some("NR"), None, None), (11, "T", None, Some(first), None)],
        // The same person twice, and four people.
        5 => vec![
            (0, "T", None, Some(first), None),
            (0, "P", None, None, None),
            (3, "T", None, None, None),
            (4, "N", None, None, None),
        ],
        _ => Vec::new(),
    };
    for (step, kind, role, start, end) in lines {
        let id = out.key::<tables::SectionStaffHistory>();
        row!(
            out,
            SectionStaffHistory {
                historyID: id,
                sectionID: section,
                personID: person(turn + step),
                staffType: kind,
                role: role,
                startDate: start,
                endDate: end,
            }
        );
    }
}

fn unreported(out: &mut Out, draw: &mut Draw, calendar: i64, trial: i64, discarded: i64, first_room: i64, kind: Kind) {
    let lines = [
        ("OFF", "Latin, no longer taught", false, false, Some(trial)),
        ("EXC", "Study hall", true, true, Some(trial)),
        ("NONE", "Planned course", true, false, None),
        ("PLAN", "Course of a discarded plan", true, false, Some(discarded)),
        ("IDLE", "Course that does not meet", true, false, Some(trial)),
    ];
    for (number, name, active, exclude, trial) in lines {
        let id = out.key::<tables::Course>();
        row!(
            out,
            Course {
                courseID: id,
                courseGUID: draw.guid(),
                calendarID: calendar,
                number: number,
                name: name,
                active: active,
                stateExclude: exclude,
                scedSubjectArea: "88",
            }
        );
        if let Some(trial) = trial {
            section(out, draw, id, trial, 0, first_room, false, kind);
        }
    }
}
