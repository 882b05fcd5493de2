//! What academic records say of the organisation, worked out once: schools, courses, terms, sets of scores, tests, RefIds.

use std::collections::HashMap;

use graph::{Date, Decimal, Graph, Row};
use sif::{Naming, RefId};

use super::marks;
use crate::hand_written::columns::Columns;
use crate::hand_written::graph_access::Read;

pub struct Directory {
    /// All by row.
    pub districts: Vec<District>,
    pub schools: Vec<School>,
    pub calendars: Vec<Calendar>,
    pub courses: Vec<Course>,
    pub groups: Vec<ScoreGroup>,
    pub tests: Vec<Test>,
    /// The tasks that are final.
    pub final_tasks: Vec<bool>,
    pub diplomas: HashMap<String, String>,
}

pub struct District {
    pub number: Option<String>,
    pub name: String,
    pub naming: Naming,
    /// By row: the RefIds of schools and sets of scores, which repeat.
    pub schools: Vec<String>,
    pub groups: Vec<String>,
    /// The RefId of marks that no set of scores lists.
    pub transcript: String,
}

pub struct School {
    pub district: u32,
    pub number: Option<String>,
    pub state_id: Option<String>,
    pub name: String,
    pub principal: Option<Principal>,
    pub phone: Option<String>,
    pub fax: Option<String>,
    pub groups: Vec<u32>,
}

pub struct Principal {
    pub last_name: Option<String>,
    pub first_name: Option<String>,
    pub full_name: String,
    pub title: Option<String>,
    pub email: Option<String>,
}

pub struct Calendar {
    pub school: u32,
    pub end_year: i64,
    pub session_type: &'static str,
    pub terms: Vec<Term>,
    /// The name and Standard Code of each grade.
    pub grades: Vec<(String, Option<String>)>,
}

pub struct Term {
    pub key: i64,
    pub seq: Option<i64>,
    pub name: String,
    pub start: Date,
    pub end: Date,
}

pub struct Course {
    pub key: i64,
    pub calendar: u32,
    pub number: Option<String>,
    pub state_code: Option<String>,
    pub name: Option<String>,
    pub reported: bool,
    /// The credit of the tasks that are reported, if one gives any.
    pub credit: Option<Decimal>,
    /// The sets of scores, each with its task, and in the order of their keys.
    pub tasks: Vec<(i64, u32)>,
    pub groups: Vec<u32>,
}

pub struct ScoreGroup {
    pub name: String,
    pub scores: Vec<String>,
    pub letters: Vec<String>,
    pub lowest: Option<Decimal>,
    pub highest: Option<Decimal>,
}

#[derive(Default)]
pub struct Test {
    /// The code of the national test that it belongs to, if records list that.
    pub listed: Option<String>,
    pub subject: Option<String>,
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

impl Directory {
    pub fn of(columns: &Columns, graph: &Graph) -> Self {
        let courses: Vec<Course> = graph.each(columns.Course.id).map(|row| course(columns, graph, row)).collect();
        let calendars: Vec<Calendar> =
            graph.each(columns.Calendar.id).map(|row| calendar(columns, graph, row)).collect();
        let mut schools: Vec<School> = graph.each(columns.School.id).map(|row| school(columns, graph, row)).collect();
        for course in &courses {
            schools[calendars[course.calendar as usize].school as usize].groups.extend(&course.groups);
        }
        for school in &mut schools {
            school.groups.sort_unstable();
            school.groups.dedup();
        }
        Self {
            districts: graph.each(columns.District.id).map(|row| district(columns, graph, row)).collect(),
            schools,
            calendars,
            courses,
            groups: graph.each(columns.ScoreGroup.id).map(|row| score_group(columns, graph, row)).collect(),
            tests: graph.each(columns.Test.id).map(|row| test(columns, graph, row)).collect(),
            final_tasks: graph
                .each(columns.GradingTask.id)
                .map(|row| graph.is(row, columns.GradingTask.is_final))
                .collect(),
            diplomas: diplomas(columns, graph),
        }
    }
}

fn district(columns: &Columns, graph: &Graph, row: Row) -> District {
    let at = &columns.District;
    let guid = graph.text(row, at.district_guid).and_then(RefId::parse).expect("a GUID");
    let naming = Naming::of(&guid);
    let ref_id = |name: String| naming.ref_id(&name).to_string();
    let school = |row| {
        let guid = graph.text(row, columns.School.school_guid).and_then(RefId::parse).expect("a GUID");
        ref_id(format!("SchoolAttended/school:{}", guid.canonical()))
    };
    let group = |row| ref_id(format!("MarkValueInfo/scoreGroup:{}", graph.key(row)));
    District {
        number: owned(graph.text(row, at.number)),
        name: graph.text(row, at.name).unwrap_or_default().to_owned(),
        naming,
        schools: graph.each(columns.School.id).map(school).collect(),
        groups: graph.each(columns.ScoreGroup.id).map(group).collect(),
        transcript: ref_id("MarkValueInfo/transcript".to_owned()),
    }
}

fn school(columns: &Columns, graph: &Graph, row: Row) -> School {
    let at = &columns.School;
    let text = |field| owned(graph.text(row, field));
    School {
        district: graph.one(row, at.district).expect("a district").index,
        number: text(at.number),
        state_id: text(at.standard_code).or_else(|| text(at.number)),
        name: text(at.name).unwrap_or_default(),
        principal: text(at.principal_name).map(|name| {
            let (last, first) = names(&name);
            Principal {
                last_name: owned(last),
                first_name: owned(first),
                full_name: name,
                title: text(at.principal_title),
                email: text(at.principal_email),
            }
        }),
        phone: text(at.phone),
        fax: text(at.fax),
        groups: Vec::new(),
    }
}

/// The last and the first name: a comma decides, or the last word.
fn names(name: &str) -> (Option<&str>, Option<&str>) {
    let part = |text: &'_ str| -> bool { !text.trim().is_empty() };
    let (last, first) = match name.split_once(',') {
        Some((last, first)) => (Some(last), Some(first)),
        None => (name.split_whitespace().next_back(), name.trim().rsplit_once(char::is_whitespace).map(|(all, _)| all)),
    };
    let some = |text: Option<&str>| text.is_some_and(part);
    (last.filter(|_| some(last)).map(str::trim), first.filter(|_| some(first)).map(str::trim))
}

fn calendar(columns: &Columns, graph: &Graph, row: Row) -> Calendar {
    let at = &columns.Calendar;
    let schedules =
        graph.linked(row, at.term_schedules).filter(|schedule| graph.is(*schedule, columns.TermSchedule.is_primary));
    let mut terms: Vec<Term> = schedules
        .flat_map(|schedule| graph.linked(schedule, columns.TermSchedule.terms))
        .map(|term| Term {
            key: graph.key(term),
            seq: graph.int(term, columns.Term.seq),
            name: graph.text(term, columns.Term.name).unwrap_or_default().to_owned(),
            start: graph.date(term, columns.Term.start_date).expect("a date"),
            end: graph.date(term, columns.Term.end_date).expect("a date"),
        })
        .collect();
    terms.sort_by_key(|term| (term.seq.is_none(), term.seq, term.key));
    let session_type = match terms.len() {
        _ if graph.is(row, at.summer_school) => "0833",
        1 => "0827",
        2 => "0828",
        3 => "0829",
        4 => "0830",
        _ => "9999",
    };
    let grade = |grade| {
        let name = graph.text(grade, columns.GradeLevel.name).unwrap_or_default().to_owned();
        (name, owned(graph.text(grade, columns.GradeLevel.standard_code)))
    };
    Calendar {
        school: graph.one(row, at.school).expect("a school").index,
        end_year: graph.int(row, at.end_year).expect("a year"),
        session_type,
        terms,
        grades: graph.linked(row, at.grade_levels).map(grade).collect(),
    }
}

fn course(columns: &Columns, graph: &Graph, row: Row) -> Course {
    let at = &columns.Course;
    let task = &columns.TaskCredit;
    let reported = |credit: &Row| {
        let task = graph.one(*credit, task.grading_task);
        task.is_some_and(|task| graph.is(task, columns.GradingTask.state_reported))
    };
    let credits: Vec<Decimal> = graph
        .linked(row, at.grading_task_credits)
        .filter(reported)
        .filter_map(|credit| graph.decimal(credit, task.credit))
        .collect();
    let tasks: Vec<(i64, u32)> = graph
        .linked(row, at.grading_task_credits)
        .filter_map(|credit| {
            let task_key = graph.key(graph.one(credit, task.grading_task)?);
            Some((task_key, graph.one(credit, task.score_group)?.index))
        })
        .collect();
    let mut groups: Vec<u32> = tasks.iter().map(|(_, group)| *group).collect();
    groups.sort_unstable();
    groups.dedup();
    Course {
        key: graph.key(row),
        calendar: graph.one(row, at.calendar).expect("a calendar").index,
        number: owned(graph.text(row, at.number)),
        state_code: owned(graph.text(row, at.state_code)),
        name: owned(graph.text(row, at.name)),
        reported: graph.is(row, at.active) && !graph.is(row, at.state_exclude),
        credit: (!credits.is_empty()).then(|| credits.iter().sum()),
        tasks,
        groups,
    }
}

fn score_group(columns: &Columns, graph: &Graph, row: Row) -> ScoreGroup {
    let at = &columns.ScoreGroup;
    let score = |item| graph.text(item, columns.ScoreItem.score).unwrap_or_default().to_owned();
    let scores: Vec<String> = graph.linked(row, at.items).map(score).collect();
    let mut letters: Vec<String> = Vec::new();
    for letter in scores.iter().filter(|score| marks::number(score).is_none()) {
        if !letters.contains(letter) {
            letters.push(letter.clone());
        }
    }
    let numbers = || scores.iter().filter_map(|score| marks::number(score));
    ScoreGroup {
        name: graph.text(row, at.name).unwrap_or_default().to_owned(),
        letters,
        lowest: numbers().min().map(|number| number.normalize()),
        highest: numbers().max().map(|number| number.normalize()),
        scores,
    }
}

fn test(columns: &Columns, graph: &Graph, row: Row) -> Test {
    let at = &columns.Test;
    let mut topmost = row;
    for _ in 0..8 {
        topmost = graph.one(topmost, at.parent).unwrap_or(topmost);
    }
    let national = graph.text(topmost, at.r#type) == Some("N");
    let code = graph.text(topmost, at.national_code);
    Test {
        listed: owned(code.filter(|code| national && ["AP", "SAT", "ACT"].contains(code))),
        subject: owned(graph.text(row, at.subject)),
    }
}

/// What diplomas are called; the source's dictionary wins, and its first row over its others.
fn diplomas(columns: &Columns, graph: &Graph) -> HashMap<String, String> {
    let at = &columns.Dictionary;
    let mut diplomas = HashMap::new();
    for row in graph.each(at.id).filter(|row| graph.text(*row, at.attribute) == Some("graduation.diplomaType")) {
        if let (Some(code), Some(value)) = (graph.text(row, at.code), graph.text(row, at.value)) {
            diplomas.entry(code.to_owned()).or_insert_with(|| value.to_owned());
        }
    }
    let known =
        [("GR", "Basic"), ("GP", "Basic"), ("GED", "GED"), ("AD", "Adult"), ("CT", "Certificate of Completion")];
    for (code, name) in known {
        diplomas.entry(code.to_owned()).or_insert_with(|| name.to_owned());
    }
    diplomas
}
