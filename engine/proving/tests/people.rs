//! People whom cases share, and how a case's rows are laid over theirs.

mod support;

use support::run;

const ANA: &str = "\
person: ana
who: A learner of English.
why: To have rows to change.
given:
  student:
    el_records:
      - { called: first, program_status: Not EL, identified_date: 2024-09-01 }
      - { called: second, lep_id: 7, program_status: EL, identified_date: 2025-09-01 }
    enrollments:
      - { called: here, grade: K, start_date: 2025-08-18, calendar: { called: oak, end_year: 2026, school: { called: school, name: Oak } } }
";

/// A case of the EL record of Ana: what it gives beside her, and what it expects.
fn record(given: &str, expect: &str) -> support::Outcome {
    let head = "fact: student.el_record\nas_of: 2026-02-02\ncases:\n  - name: a case\n";
    run(&[("ana", ANA)], &format!("{head}    given: {{ extends: ana, {given} }}\n    expect: {expect}\n"))
}

#[test]
fn a_case_has_the_rows_of_the_person_that_it_extends() {
    record("", "{ lep: second }").passes();
    record("", "{ lep: 7 }").passes();
    record("", "{ lep: first }").says(&["expected first, actual second"]);
}

#[test]
fn a_field_of_one_row_is_changed() {
    record("student: { el_records: { change: { second: { identified_date: 2023-09-01 } } } }", "{ lep: first }")
        .passes();
    record("student: { el_records: { change: { 7: { identified_date: absent } } } }", "{ lep: first }").passes();
}

#[test]
fn rows_are_added_and_removed_and_a_list_takes_their_place() {
    let added = "{ called: third, program_status: EL, identified_date: 2026-01-01 }";
    record(&format!("student: {{ el_records: {{ add: [ {added} ] }} }}"), "{ lep: third }").passes();
    record("student: { el_records: { remove: [second] } }", "{ lep: first }").passes();
    record("student: { el_records: { remove: [first, second] } }", "absent").passes();
    record("student: { el_records: [] }", "absent").passes();
    record(&format!("student: {{ el_records: [ {added} ] }}"), "{ lep: third }").passes();
}

#[test]
fn what_is_added_may_be_a_table() {
    let table = "{ columns: [called, program_status, identified_date], rows: [[third, EL, 2026-01-01]] }";
    record(&format!("student: {{ el_records: {{ add: {table} }} }}"), "{ lep: third }").passes();
}

#[test]
fn a_row_behind_a_row_is_changed_and_stays_what_it_is() {
    let fixture = |given: &str, expect: &str| {
        run(
            &[("ana", ANA)],
            &format!(
                "fact: calendar.excluded\nas_of: 2026-02-02\ncases:\n  - {{ name: a case, given: {{ extends: ana, {given} calendar: oak }}, expect: {expect} }}\n"
            ),
        )
    };
    fixture("", "false").passes();
    fixture("student: { enrollments: { change: { here: { calendar: { exclude: true } } } } },", "true").passes();
}

#[test]
fn the_same_row_is_spoken_of_by_its_name_and_a_new_row_may_refer_to_it() {
    let given = "student: { enrollments: { add: [ { called: more, grade: K, start_date: 2026-01-05, service_type: P, reportable: true, calendar: oak } ] } }";
    let fixture = format!(
        "fact: enrollment.reportable\nas_of: 2026-02-02\ncases:\n  - {{ name: a case, given: {{ extends: ana, {given}, enrollment: more }}, expect: true }}\n"
    );
    run(&[("ana", ANA)], &fixture).passes();
}

#[test]
fn what_does_not_exist_cannot_be_changed() {
    let wrong = |given: &str, says: &[&str]| record(given, "absent").says(says);
    wrong(
        "student: { el_records: { change: { secnd: { exit_date: absent } } } }",
        &["`secnd`", "did you mean `second`?"],
    );
    wrong("student: { el_records: { remove: [frist] } }", &["`frist`", "did you mean `first`?"]);
    wrong("student: { homeless_records: { remove: [one] } }", &["no row of `homeless_records`"]);
    wrong(
        "student: { el_records: { changes: { second: {} } } }",
        &["`el_records` takes a list of rows", "did you mean `change`?"],
    );
    wrong("student: { el_records: { change: {}, ad: [] } }", &["did you mean `add`?"]);
    wrong("student: { el_recrods: [] }", &["tests/rules/a.yaml:5:39", "did you mean `el_records`?"]);
    wrong("lep: secnd", &["tests/rules/a.yaml:5:33", "no row of `lep` is called `secnd`", "did you mean `second`?"]);
}

#[test]
fn without_a_person_there_is_nothing_to_change() {
    let fixture = "fact: student.el_record\nas_of: 2026-02-02\ncases:\n  - { name: a case, given: { student: { el_records: { add: [] } } }, expect: absent }\n";
    run(&[], fixture).says(&["tests/rules/a.yaml:4:53", "to change, add to or remove from", "extends"]);
}

#[test]
fn a_person_that_nobody_is_has_a_near_name() {
    let fixture = "fact: student.el_record\nas_of: 2026-02-02\ncases:\n  - { name: a case, given: { extends: anna }, expect: absent }\n";
    run(&[("ana", ANA)], fixture).says(&["tests/rules/a.yaml:4:39", "`anna`", "did you mean `ana`?"]);
}

#[test]
fn what_is_wrong_with_a_person_is_said_once_however_many_extend_it() {
    let person = ANA.replace("program_status: Not EL", "program_stats: Not EL");
    let fixture = "fact: student.el_record\nas_of: 2026-02-02\ncases:\n  - { name: a, given: { extends: ana }, expect: absent }\n  - { name: b, given: { extends: ana }, expect: absent }\n";
    run(&[("ana", &person)], fixture).says(&["tests/people/ana.yaml:7:26", "did you mean `program_status`?"]);
}

#[test]
fn a_person_says_who_they_are_and_why_they_exist_under_their_own_name() {
    let fixture = "fact: student.el_record\nas_of: 2026-02-02\ncases:\n  - { name: a, given: {  student: { el_records: [] } }, expect: absent }\n";
    let wrong = |from: &str, to: &str, says: &[&str]| run(&[("ana", &ANA.replace(from, to))], fixture).says(says);
    wrong("person: ana", "person: eva", &["tests/people/ana.yaml:1:9", "`ana`", "`eva`"]);
    wrong("why: To have rows to change.\n", "", &["needs the key `why`"]);
    wrong("who: ", "woh: ", &["did you mean `who`?"]);
    wrong("  student:", "  studnet:", &["did you mean `student`?"]);
}

#[test]
fn two_rows_of_one_kind_have_two_names() {
    let person = ANA.replace("called: second", "called: first");
    let fixture = "fact: student.el_record\nas_of: 2026-02-02\ncases:\n  - { name: a, given: {  student: { el_records: [] } }, expect: absent }\n";
    run(&[("ana", &person)], fixture).says(&["tests/people/ana.yaml:8:19", "two rows of `lep` are called `first`"]);
}
