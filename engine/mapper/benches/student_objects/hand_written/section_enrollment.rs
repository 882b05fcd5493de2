//! StudentSectionEnrollment.

use graph::{Date, Days, Decimal, Graph, Row};

use super::HandWritten;
use super::attendance_summary::{Mark, UNEXCUSED_LIMIT};
use super::enrollment::Enrollment;
use super::graph_access::Read;
use super::organisation::Section;
use super::scores::rounded;
use super::student::Student;
use super::xml::{Guid, Shown, Xml};

/// Writes a student's places in sections, as far as they are reported.
pub fn write_all(
    run: &HandWritten,
    graph: &Graph,
    student: &Student<'_>,
    enrollments: &[Enrollment<'_>],
    xml: &mut impl Xml,
) {
    for roster in graph.linked(student.row, run.columns.Student.rosters) {
        let section = graph.one(roster, run.columns.Roster.section).expect("a section");
        let section = &run.organisation.sections[section.index as usize];
        let in_calendar = |index: &u32| enrollments[*index as usize].calendar.key == section.calendar;
        let enrolled = student.enrollments.iter().any(in_calendar);
        if enrolled && section.reported {
            write(run, graph, roster, section, student, enrollments, xml);
            xml.line();
        }
    }
}

fn write(
    run: &HandWritten,
    graph: &Graph,
    roster: Row,
    section: &Section,
    student: &Student<'_>,
    enrollments: &[Enrollment<'_>],
    xml: &mut impl Xml,
) {
    let at = &run.columns.Roster;
    let first_day = graph.date(roster, at.start_date).or(section.first_day);
    let last_day = graph.date(roster, at.end_date).or(section.last_day);
    let scores = Scores::of(run, graph, student.row, section);

    xml.begin("StudentSectionEnrollment");
    xml.attribute("RefId", Guid(graph.text(roster, at.roster_guid).unwrap_or_default()));
    xml.attribute("StudentPersonalRefId", Guid(student.guid));
    xml.attribute("SectionInfoRefId", Guid(&section.guid));
    xml.attribute("SchoolYear", Shown(section.end_year));
    xml.within();
    xml.optional_date("EntryDate", first_day);
    xml.optional_date("ExitDate", last_day);
    xml.start_with("CreditsAttempted", "Type", "0585");
    let attempted: Decimal = section.tasks.iter().map(|task| task.credit).sum();
    xml.content(Shown(rounded(attempted, 3)));
    xml.end("CreditsAttempted");

    xml.start_extension("StudentSectionEnrollmentExtensions");
    xml.always("GradeEarned", scores.last.map(|(_, _, score)| score));
    if section.career_technical {
        let span = (first_day.unwrap_or(Date::MIN), last_day.unwrap_or(Date::MAX));
        xml.number("CourseMembership", membership(run, graph, section, span, student, enrollments));
    } else {
        xml.empty("CourseMembership");
    }
    xml.mark("ConcurrEnrolled", section.at_campus);
    let passed = |(at, task): (usize, &super::organisation::Task)| {
        let score = scores.of_tasks.get(at).copied().flatten().map(|(_, _, score)| score);
        score.filter(|score| task.passing.iter().any(|passing| passing == score)).map(|_| task.credit)
    };
    let earned: Decimal = section.tasks.iter().enumerate().filter_map(passed).sum();
    xml.start("CreditsEarned");
    xml.content(Shown(rounded(earned, 3)));
    xml.end("CreditsEarned");
    xml.end_extension("StudentSectionEnrollmentExtensions");
    xml.end("StudentSectionEnrollment");
}

/// The date and id of a grade, and its score; the latest is the greatest.
type Latest<'g> = (Option<Date>, u32, &'g str);

/// The student's grades in a section: the final one, and the latest of each task that is reported.
struct Scores<'g> {
    last: Option<Latest<'g>>,
    of_tasks: Vec<Option<Latest<'g>>>,
}

impl<'g> Scores<'g> {
    fn of(run: &HandWritten, graph: &'g Graph, student: Row, section: &Section) -> Self {
        let at = &run.columns.GradingScore;
        let mut scores = Self { last: None, of_tasks: vec![None; section.tasks.len()] };
        for row in graph.linked(student, run.columns.Student.grading_scores) {
            if graph.int(row, at.section_id) != Some(section.key) {
                continue;
            }
            let Some(score) = graph.text(row, at.score) else { continue };
            let latest = (graph.date(row, at.date), row.index, score);
            let task = graph.int(row, at.grading_task_id).unwrap_or_default();
            if run.organisation.final_tasks.contains(&task) {
                scores.last = scores.last.max(Some(latest));
            }
            for (_, known) in section.tasks.iter().zip(&mut scores.of_tasks).filter(|(known, _)| known.key == task) {
                *known = (*known).max(Some(latest));
            }
        }
        scores
    }
}

/// Days of membership in a section of career and technical education.
fn membership(
    run: &HandWritten,
    graph: &Graph,
    section: &Section,
    (first, last): (Date, Date),
    student: &Student<'_>,
    enrollments: &[Enrollment<'_>],
) -> i64 {
    let during: Vec<(Date, Date)> = student
        .enrollments
        .iter()
        .map(|index| &enrollments[*index as usize])
        .filter(|enrollment| enrollment.calendar.key == section.calendar)
        .map(|enrollment| (enrollment.start.max(first), enrollment.last_day(run.as_of).min(last)))
        .collect();
    let in_window = |date: Date| during.iter().any(|(from, to)| *from <= date && date <= *to);
    let members = match during[..] {
        [(from, to)] => section.dates.count(from, to),
        _ => u32::try_from(section.dates.iter().filter(|date| in_window(*date)).count()).unwrap_or(0),
    };
    let at = &run.columns.AttendanceDay;
    let mut unexcused = Vec::new();
    for day in graph.linked(student.row, run.columns.Student.attendance_days) {
        let Some(date) = graph.date(day, at.date) else { continue };
        if graph.int(day, at.calendar_id) != Some(section.calendar) || !in_window(date) || !section.dates.contains(date)
        {
            continue;
        }
        let marks: Vec<Mark> = graph.linked(day, at.rows).map(|row| Mark::of(run, graph, row)).collect();
        let missed = |period: u32| marks.iter().any(|mark| mark.period == period && mark.unexcused);
        if section.meetings.iter().all(|(period, dates)| !dates.contains(date) || missed(*period)) {
            unexcused.push(date);
        }
    }
    if unexcused.len() <= UNEXCUSED_LIMIT as usize {
        return i64::from(members);
    }
    let dates = Days::new(section.dates.iter().filter(|date| in_window(*date)));
    i64::from(members) - i64::from(dates.beyond_runs(&Days::new(unexcused), UNEXCUSED_LIMIT).len())
}
