//! A small rulebook that checks, which each test changes.
#![allow(dead_code, reason = "each test file uses a part of it")]

use problem::{Problem, code};
use rulebook::{Files, Rulebook};

/// The path of the rule of the small rulebook.
pub const RULE: &str = "rules/facts/student/days.rhai";

/// The first line of the rule's body.
pub const BODY: u32 = 8;

/// A graph of students with enrollments, and one fact that a rule gives.
pub const GRAPH: &str = "\
entities:
  student:
    doc: A student.
    table: person
    root: enrollments
    key: person_id
    fields:
      person_id: { type: int, column: personID }
      guid: { type: text, column: personGUID }
      born: { type: date?, column: born }
      name: { type: text?, column: name }
    relations:
      enrollments: { many: enrollment, by: person_id }
    facts:
      days:
        type: int?
        doc: Days.
        rule: true
  enrollment:
    doc: An enrollment.
    table: enrollment
    reached: student.enrollments
    key: enrollment_id
    fields:
      enrollment_id: { type: int, column: enrollmentID }
      person_id: { type: int, column: personID }
      start_date: { type: date, column: startDate }
      end_date: { type: date?, column: endDate }
      credits: { type: decimal?, column: credits }
      grade: { type: text?, column: grade }
";

/// The text of a rule with the header that it needs.
pub fn rule(name: &str, parameters: &str, body: &str) -> String {
    format!(
        "//! {name}\n//! Reports: x.\n//! Source: x.\n//! Inputs: x.\n//! Absent: x.\n\nfn value({parameters}) {{\n{body}\n}}\n"
    )
}

/// The small rulebook, with a body of its rule.
pub fn small(body: &str) -> Files {
    files(&[("objects/graph.yaml", GRAPH), (RULE, &rule("student.days", "student, as_of", body))])
}

/// Files by path.
pub fn files(files: &[(&str, &str)]) -> Files {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

/// What is wrong with a rulebook, a line each: code, place, message and help. Small rulebooks leave much unread, so that is
/// not among it.
pub fn wrong(files: Files) -> Vec<String> {
    Rulebook::new(files).problems.iter().filter(|problem| !is_unread(problem)).map(line).collect()
}

/// What a rulebook declares and does not read, a line each.
pub fn unread(files: Files) -> Vec<String> {
    Rulebook::new(files).problems.iter().filter(|problem| is_unread(problem)).map(line).collect()
}

/// Whether a problem says that something is not read.
pub fn is_unread(problem: &Problem) -> bool {
    [code::UNUSED_NAME, code::UNUSED_FACT, code::UNUSED_PARAMETER, code::UNUSED_VALUE_SET].contains(&problem.code)
}

/// A problem in one line.
pub fn line(problem: &Problem) -> String {
    let place = problem.place.as_ref().map(ToString::to_string).unwrap_or_default();
    let help = problem.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
    format!("{} {place} {}{help}", problem.code.name(), problem.message)
}

/// An object of the small rulebook: elements and extension by path.
pub fn object(elements: &str, extension: &str) -> String {
    format!(
        "object: StudentPersonal\nof: student\nelements:\n  \"@RefId\": {{ is: M, from: refid(student.guid) }}\n{elements}extension:\n{extension}"
    )
}

/// How the extension is wrapped.
pub const EXTENSION: &str = "name: Ours\n";
