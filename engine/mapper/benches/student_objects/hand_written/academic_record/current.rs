//! The courses that a student takes today, with their marks.

use std::cmp::Reverse;

use graph::{Graph, Row};

use super::directory::{Calendar, Course, Term};
use super::marks::Mark;
use super::{Record, title};
use crate::hand_written::HandWritten;
use crate::hand_written::enrollment::Enrollment;
use crate::hand_written::graph_access::Read;
use crate::hand_written::scores::rounded;
use crate::hand_written::xml::{Shown, Text, Xml};

/// The latest mark of a course within the present term that is no final grade.
pub struct TermMark<'g> {
    pub course: u32,
    pub mark: Mark<'g>,
    pub group: Option<u32>,
}

/// The term that holds today.
pub fn term<'r>(run: &HandWritten, calendar: &'r Calendar) -> Option<&'r Term> {
    let today = calendar.terms.iter().filter(|term| term.start <= run.as_of && run.as_of <= term.end);
    today.max_by_key(|term| (term.start, Reverse(term.key)))
}

pub fn term_marks<'g>(run: &HandWritten, graph: &'g Graph, student: Row, term: Option<&Term>) -> Vec<TermMark<'g>> {
    let at = &run.columns.GradingScore;
    let Some(term) = term else { return Vec::new() };
    let mut rows: Vec<_> = graph
        .linked(student, run.columns.Student.grading_scores)
        .filter_map(|row| {
            let date = graph.date(row, at.date).filter(|date| *date >= term.start && *date <= run.as_of)?;
            let task = graph.one(row, at.grading_task)?;
            let mark = Mark::of(graph.text(row, at.score), graph.decimal(row, at.percent))?;
            (!run.directory.final_tasks[task.index as usize]).then_some((Reverse((date, row.index)), row, mark))
        })
        .collect();
    rows.sort_unstable_by_key(|(order, ..)| *order);
    let mut marks: Vec<TermMark<'g>> = Vec::new();
    for (_, row, mark) in rows {
        let section = graph.one(row, at.section).expect("a section").index as usize;
        let course = run.organisation.sections[section].course;
        if marks.iter().any(|known| known.course == course) {
            continue;
        }
        let task = graph.int(row, at.grading_task_id);
        let listed = |(key, group): &&(i64, u32)| {
            let scores = &run.directory.groups[*group as usize].scores;
            Some(*key) == task && scores.iter().any(|item| Some(item.as_str()) == graph.text(row, at.score))
        };
        let group = run.directory.courses[course as usize].tasks.iter().find(listed).map(|(_, group)| *group);
        marks.push(TermMark { course, mark, group });
    }
    marks
}

/// The courses that the student takes today in a calendar.
fn courses(run: &HandWritten, graph: &Graph, student: Row, current: &Enrollment<'_>) -> Vec<u32> {
    let at = &run.columns.Roster;
    let mut courses: Vec<u32> = Vec::new();
    for roster in graph.linked(student, run.columns.Student.rosters) {
        let section = &run.organisation.sections[graph.one(roster, at.section).expect("a section").index as usize];
        let first = graph.date(roster, at.start_date).or(section.first_day);
        let last = graph.date(roster, at.end_date).or(section.last_day);
        let today = first.is_none_or(|first| first <= run.as_of) && last.is_none_or(|last| last >= run.as_of);
        let reported = run.directory.courses[section.course as usize].reported;
        if today && section.active && section.calendar == current.calendar.key && reported {
            courses.push(section.course);
        }
    }
    let order = |at: &u32| {
        let course = &run.directory.courses[*at as usize];
        (course.number.is_none(), course.number.as_deref(), course.key)
    };
    courses.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
    courses.dedup();
    courses
}

pub fn write(run: &HandWritten, record: &Record<'_>, student: Row, xml: &mut impl Xml) {
    let Some(term) = record.term else { return };
    let courses = courses(run, record.graph, student, record.current);
    if courses.is_empty() {
        return;
    }
    xml.start("CurrentCourseActivity");
    xml.begin("TermInfoData");
    xml.attribute("SchoolAttendedRefId", Text(record.current_school()));
    xml.within();
    xml.number("SchoolYear", record.current.calendar.end_year);
    xml.date("StartDate", term.start);
    xml.start("TermSpan");
    xml.leaf("Code", record.calendar.session_type);
    xml.end("TermSpan");
    xml.end("TermInfoData");
    xml.start("Courses");
    for at in courses {
        course(record, &run.directory.courses[at as usize], at, xml);
    }
    xml.end("Courses");
    xml.end("CurrentCourseActivity");
}

fn course(record: &Record<'_>, course: &Course, at: u32, xml: &mut impl Xml) {
    xml.start("Course");
    xml.leaf("SchoolAttendedRefId", record.current_school());
    xml.start("SchoolCourseInfoData");
    xml.optional("CourseCode", course.number.as_deref());
    xml.optional("StateCourseCode", course.state_code.as_deref());
    xml.optional("DistrictCourseCode", course.number.as_deref());
    xml.optional("CourseTitle", course.name.as_deref().map(title));
    xml.end("SchoolCourseInfoData");
    xml.start("MarkingPeriod");
    xml.start("TermInfoData");
    xml.start("TermSpan");
    xml.leaf("Code", record.calendar.session_type);
    xml.end("TermSpan");
    xml.end("TermInfoData");
    xml.start("GradeLevelWhenTaken");
    xml.leaf("Code", record.grade);
    xml.end("GradeLevelWhenTaken");
    if let Some(mark) = record.term_marks.iter().find(|mark| mark.course == at) {
        mark.mark.write(record.district, mark.group, xml);
    }
    if let Some(credit) = course.credit {
        xml.element("CourseCreditsAttempted", Shown(rounded(credit, 3)));
    }
    xml.end("MarkingPeriod");
    xml.end("Course");
}
