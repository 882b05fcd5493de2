//! What is sent, what only decides, and by what rows are found: over a rulebook that is small enough to see through.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;

use reference::lineage::{Column, Flow, Lineage};
use rulebook::plan::Plan;
use rulebook::{Files, Rulebook};

const GRAPH: &str = "\
entities:
  student:
    doc: A student.
    table: person
    root: enrollments
    key: person_id
    fields:
      person_id: { type: int, column: personID }
      person_guid: { type: text, column: personGUID }
      number: { type: text, column: number }
      first: { type: text?, column: first }
      last: { type: text?, column: last, sensitive: true }
      hidden: { type: bool, column: hidden }
    relations:
      enrollments: { many: enrollment, by: person_id, order: [grade, enrollment_id] }
    facts:
      name:
        type: text?
        doc: Both names.
        value: join(\" \", student.first, student.last)
      main:
        type: enrollment?
        doc: The latest enrollment.
        first: student.enrollments
        where: enrollment.active_on(as_of)
        order: [enrollment.enrollment_id desc]
      grade_count:
        type: int
        doc: How many enrollments are in a grade.
        count: student.enrollments
        where: enrollment.grade != \"\"
      is_ann:
        type: bool
        doc: Whether the first name is Ann, or one of two others.
        value: student.first == \"Ann\" || student.last == \"Lee\"
      marked(text):
        type: text
        given: { text: text }
        doc: The text, with a mark where the student is hidden.
        value: |
          if student.hidden { text + \"*\" } else { text }
  enrollment:
    doc: An enrollment.
    table: enrollment
    reached: student.enrollments
    period: { start: start_date, end: end_date, absent_start: active }
    key: enrollment_id
    fields:
      enrollment_id: { type: int, column: enrollmentID }
      person_id: { type: int, column: personID }
      grade: { type: text, column: grade }
      start_date: { type: date?, column: startDate }
      end_date: { type: date?, column: endDate }
";

const OBJECT: &str = "\
object: StudentPersonal
of: student
doc: A student.
population:
  - { rules: [P51], keep: \"!student.hidden\", doc: Shown. }
elements:
  \"@RefId\": { from: refid(student.person_guid) }
  LocalId: { from: student.marked(student.number), rows: [R1] }
  StateProvinceId: { from: \"student.main?.grade\", rows: [R2] }
  Name: { is: M }
  Name/@Type: { const: \"04\" }
  Name/LastName: { from: student.last }
  Name/FirstName: { from: student.first }
  Name/FullName: { from: student.name, when: student.grade_count > 1 }
";

fn plan(object: &str) -> Plan {
    let files: Files = [
        ("objects/graph.yaml".to_owned(), GRAPH.to_owned()),
        ("objects/StudentPersonal.yaml".to_owned(), object.to_owned()),
    ]
    .into();
    let book = Rulebook::new(files);
    let plan = book.plan.unwrap_or_else(|| panic!("{:#?}", book.problems));
    Plan::clone(&plan)
}

fn names(plan: &Plan, columns: impl IntoIterator<Item = Column>) -> BTreeSet<String> {
    columns.into_iter().map(|column| column.name(&plan.schema)).collect()
}

/// The lineage of an element: its own, and that of the parts around it.
fn of<'l>(plan: &Plan, lineage: &'l Lineage, path: &str) -> (&'l Flow, &'l Flow) {
    let at = plan.objects[0].nodes().iter().position(|node| &*node.path == path).unwrap();
    let element = &lineage.elements[0][at];
    (&element.own, &element.around)
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn what_a_column_holds_is_sent_through_facts_and_functions() {
    let plan = plan(OBJECT);
    let lineage = Lineage::of(&plan);
    let (own, _) = of(&plan, &lineage, "Name/FullName");
    assert_eq!(names(&plan, own.sent_columns()), set(&["person.first", "person.last"]));
    assert_eq!(names(&plan, own.deciding_columns()), set(&["enrollment.grade", "enrollment.enrollmentID"]));
    let facts: Vec<&str> = own.facts.iter().map(|fact| &*plan.facts[*fact].name).collect();
    assert_eq!(facts, ["name", "grade_count"]);
}

#[test]
fn what_a_condition_an_order_or_a_period_reads_only_decides() {
    let plan = plan(OBJECT);
    let lineage = Lineage::of(&plan);
    let (own, _) = of(&plan, &lineage, "StateProvinceId");
    assert_eq!(names(&plan, own.sent_columns()), set(&["enrollment.grade"]));
    let decides = set(&["enrollment.enrollmentID", "enrollment.startDate", "enrollment.endDate"]);
    assert_eq!(names(&plan, own.deciding_columns()), decides);
    assert_eq!(names(&plan, own.joined_columns()), set(&["person.personID", "enrollment.personID"]));
    assert!(own.as_of);
}

#[test]
fn what_is_compared_is_not_sent() {
    let plan = plan(OBJECT);
    let lineage = Lineage::of(&plan);
    let fact = plan.facts.iter().position(|fact| &*fact.name == "is_ann").unwrap();
    assert_eq!(names(&plan, lineage.facts[fact].sent_columns()), set(&[]));
    assert_eq!(names(&plan, lineage.facts[fact].deciding_columns()), set(&["person.first", "person.last"]));
}

#[test]
fn what_a_fact_is_given_goes_where_the_fact_puts_it() {
    let plan = plan(OBJECT);
    let lineage = Lineage::of(&plan);
    let (own, _) = of(&plan, &lineage, "LocalId");
    assert_eq!(names(&plan, own.sent_columns()), set(&["person.number"]));
    assert_eq!(names(&plan, own.deciding_columns()), set(&["person.hidden"]));
}

#[test]
fn the_condition_of_a_part_decides_about_what_is_in_it() {
    let object = OBJECT.replace(
        "  Name/LastName",
        "  Demographics: { is: O, when: student.last != () }\n  Demographics/PlaceOfBirth: { from: student.first }\n  Name/LastName",
    );
    // In the order of the schema.
    let (head, tail) = object.split_once("  Demographics:").unwrap();
    let (part, rest) = tail.split_once("  Name/LastName").unwrap();
    let plan = plan(&format!("{head}  Name/LastName{rest}  Demographics:{part}"));
    let lineage = Lineage::of(&plan);
    let (own, around) = of(&plan, &lineage, "Demographics/PlaceOfBirth");
    assert_eq!(names(&plan, own.columns()), set(&["person.first"]));
    assert_eq!(names(&plan, around.columns()), set(&["person.last"]));
    let student = plan.schema.entity("student").unwrap();
    let last = Column { entity: student, field: plan.schema[student].field("last").unwrap() };
    assert!(plan.schema[student][last.field].sensitive, "graph.yaml says so");
    let goes = lineage.column(last);
    let place = plan.objects[0].nodes().iter().position(|node| &*node.path == "Demographics/PlaceOfBirth").unwrap();
    assert!(goes.decides.iter().any(|element| element.node == place));
    assert!(!goes.sent.iter().any(|element| element.node == place));
}

#[test]
fn a_column_knows_its_facts_and_the_objects_whose_rows_it_decides() {
    let plan = plan(OBJECT);
    let lineage = Lineage::of(&plan);
    let student = plan.schema.entity("student").unwrap();
    let column = |name: &str| Column { entity: student, field: plan.schema[student].field(name).unwrap() };
    let hidden = lineage.column(column("hidden"));
    assert_eq!(hidden.populations, [0].into());
    assert_eq!(hidden.facts.len(), 1, "only the fact that reads it itself");
    assert!(lineage.column(column("person_id")).joins);
}
