//! A relation without a question mark must lead to a row whatever the source holds.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use support::{GRAPH, small, wrong};

/// The small rulebook, with a school that enrollments name by a field of this type, and days on which a student has grades.
fn with_school(field: &str, school: &str, day_of: &str) -> rulebook::Files {
    let mut files = small("    ()");
    let enrollment = format!(
        "      school_id: {{ type: {field}, column: schoolID }}\n    relations:\n      school: {{ one: {school}, by: school_id }}\n"
    );
    let others = format!(
        "  school:\n    doc: A school.\n    table: school\n    key: school_id\n    fields:\n      school_id: {{ type: int, column: schoolID }}\n      \
         opened: {{ type: date, column: opened, unique: true }}\n  enrollment_day:\n    doc: Enrollments that start on one day.\n    group_of: enrollment\n    \
         by: [person_id, start_date]\n    key: enrollment_id\n    fields:\n      enrollment_id: {{ type: int }}\n      person_id: {{ type: int }}\n      \
         start_date: {{ type: date }}\n    relations:\n      student: {{ one: student, by: person_id }}\n      opening: {{ one: {day_of}, by: {{ start_date: opened }} }}\n"
    );
    files.insert("objects/graph.yaml".to_owned(), format!("{GRAPH}{enrollment}{others}"));
    files
}

#[test]
fn a_joining_field_that_may_be_empty_leads_nowhere_when_it_is() {
    let found = wrong(with_school("int?", "school", "school?"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("G110 objects/graph.yaml:"), "{found:?}");
    assert!(
        found[0].contains("`school` may lead nowhere: `school_id` may be empty; write `one: school?`"),
        "{found:?}"
    );
    assert_eq!(wrong(with_school("int?", "school?", "school?")), [""; 0]);
    assert_eq!(wrong(with_school("int", "school", "school?")), [""; 0]);
}

#[test]
fn a_group_need_not_agree_with_a_row_that_its_own_rows_do_not_lead_to() {
    // The student is certain: enrollments are found by their student.
    let found = wrong(with_school("int", "school", "school"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].contains("`opening` may lead nowhere: rows of `enrollment`, which it groups, need not agree with any"),
        "{found:?}"
    );
}
