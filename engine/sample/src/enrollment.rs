//! Enrollments: the plain ones, and those that overlap, move, start late, end early or do not count.

use chrono::NaiveDate;

use crate::calendar::{Calendar, EXCLUDED_GRADE, GRADES};
use crate::codes::{ENDS, PART_TIME_STARTS, STARTS};
use crate::draw::Draw;
use crate::organisation::{Kind, School};
use crate::out::Out;
use crate::student::{Enrolled, Student, World};
use crate::tables::{self, row};
use crate::year::after;

/// An enrollment to be written.
#[derive(Clone, Copy)]
struct Wish<'g> {
    school: &'g School,
    calendar: &'g Calendar,
    start: NaiveDate,
    end: Option<NaiveDate>,
    service: &'static str,
    grade: &'static str,
    start_status: Option<&'static str>,
    state_exclude: bool,
    no_show: bool,
}

/// Writes the student's enrollments of this year, and of years before.
pub(crate) fn write<'g>(out: &mut Out, draw: &mut Draw, world: &World<'g>, student: &mut Student<'g>) {
    earlier(out, draw, world, student);
    for wish in this_year(draw, world, student) {
        let wish: Wish<'g> = wish;
        enroll(out, draw, world, student, &wish);
        student.enrollments.push(Enrolled {
            school: wish.school,
            calendar: wish.calendar,
            start: wish.start,
            end: wish.end,
            primary: wish.service == "P",
        });
    }
}

fn this_year<'g>(draw: &mut Draw, world: &World<'g>, student: &Student<'g>) -> Vec<Wish<'g>> {
    let (home, academy) = (world.group.school(Kind::of_grade(student.grade)), world.group.school(Kind::Academy));
    let year = world.year;
    let plain = Wish {
        school: home,
        calendar: &home.main,
        start: year.start,
        end: None,
        service: "P",
        grade: GRADES[student.grade],
        start_status: draw.maybe(950, |draw| draw.pick(STARTS)),
        state_exclude: false,
        no_show: false,
    };
    let online = Wish { school: academy, calendar: &academy.main, ..plain };
    let second = home.second.as_ref().filter(|_| home.kind == Kind::High).unwrap_or(&home.main);
    // A day in the middle of the year, before today.
    let day = after(year.start, draw.between(15, 150));
    let part_time = |draw: &mut Draw| Some(draw.pick(PART_TIME_STARTS));
    match draw.weighted(&[600, 50, 25, 35, 20, 10, 20, 20, 20, 20, 20, 30, 40, 20, 10, 10, 15, 15, 40]) {
        // Moves to the other school: the next day, or after a gap.
        1 => vec![Wish { end: Some(after(day, -1)), ..plain }, Wish { start: day, ..online }],
        2 => vec![Wish { end: Some(after(day, -12)), ..online }, Wish { start: day, ..plain }],
        // A second, partial enrollment in the same school.
        3 => vec![plain, Wish { start: day, end: draw.maybe(400, |_| after(day, 30)), service: "S", ..plain }],
        // Both primary in one school.
        4 => vec![plain, Wish { calendar: second, start: day, ..plain }],
        // Neither is.
        5 => vec![Wish { service: "S", ..plain }, Wish { service: "N", start: day, ..plain }],
        6 => vec![Wish { service: "N", ..plain }],
        7 => vec![Wish { service: "S", start_status: part_time(draw), ..plain }],
        8 => vec![Wish { no_show: true, end: Some(year.start), ..plain }],
        9 => vec![Wish { state_exclude: true, ..plain }],
        // Starts in the future.
        10 => vec![Wish { start: after(year.today, draw.between(1, 60)), ..plain }],
        // Left, perhaps after today, or on the day itself.
        11 => vec![Wish {
            end: Some(if draw.chance(700) { day } else { after(year.today, draw.between(0, 60)) }),
            ..plain
        }],
        12 => vec![Wish { start: day, ..plain }],
        // Left the school, and came back on the next day.
        13 => vec![Wish { end: Some(day), ..plain }, Wish { start: after(day, 1), ..plain }],
        14 => vec![Wish { grade: EXCLUDED_GRADE, ..plain }],
        15 => vec![Wish { calendar: home.second.as_ref().unwrap_or(&home.main), ..plain }],
        // The summer before.
        16 => home.summer.as_ref().map_or_else(
            || vec![plain],
            |summer| vec![Wish { calendar: summer, start: summer.start, end: Some(summer.end), ..plain }, plain],
        ),
        17 => vec![Wish { start_status: part_time(draw), ..plain }],
        // Part of the day in the other school.
        18 => vec![plain, Wish { service: "S", start: day, ..online }],
        _ => vec![plain],
    }
}

fn enroll(out: &mut Out, draw: &mut Draw, world: &World<'_>, student: &Student<'_>, wish: &Wish<'_>) {
    let id = out.key::<tables::Enrollment>();
    let special = student.special_education && draw.chance(900);
    let exit = special.then(|| draw.maybe(80, |draw| after(world.year.today, -draw.between(1, 120)))).flatten();
    row!(
        out,
        Enrollment {
            enrollmentID: id,
            enrollmentGUID: draw.guid(),
            personID: student.person,
            calendarID: wish.calendar.id,
            grade: wish.grade,
            serviceType: wish.service,
            startDate: wish.start,
            endDate: wish.end,
            startStatus: wish.start_status,
            endStatus: wish.end.and_then(|_| draw.maybe(950, |draw| draw.pick(ENDS))),
            stateExclude: wish.state_exclude,
            noShow: wish.no_show,
            residentDistrict: draw.maybe(850, |draw| draw.pick(&["77", "77", "77", "12", "30"])),
            stateAid: draw.maybe(850, |draw| draw.pick(&["A", "A", "B", "C"])),
            specialEdStatus: if special {
                draw.pick(&[Some("1"), Some("1"), Some("1"), Some("2"), None])
            } else {
                None
            },
            specialEdSetting: special
                .then(|| draw.maybe(900, |draw| {
                    draw.pick(if student.grade == 0 { &["C", "F", "J"] } else { &["V", "W", "Y"] })
                }))
                .flatten(),
            disability1: special
                .then(|| draw.maybe(950, |draw| {
                    draw.pick(&["AU", "SLD", "SLD", "SL", "OHI", "ED", "HI", "DD", "OI", "VI", "AUT", "QQ"])
                }))
                .flatten(),
            spedExitDate: exit,
            spedExitReason: exit.map(|_| draw.pick(&["A", "D", "P", "S", "X"])),
        }
    );
}

fn earlier(out: &mut Out, draw: &mut Draw, world: &World<'_>, student: &Student<'_>) {
    let Some(grade) = student.grade.checked_sub(1) else { return };
    if !draw.chance(200) {
        return;
    }
    let school = world.group.school(Kind::of_grade(grade));
    let Some(calendar) = school.earlier.first() else { return };
    let end = draw.maybe(900, |_| calendar.end);
    enroll(
        out,
        draw,
        world,
        student,
        &Wish {
            school,
            calendar,
            start: calendar.start,
            end,
            service: "P",
            grade: GRADES[grade],
            start_status: Some("E1"),
            state_exclude: false,
            no_show: false,
        },
    );
}
