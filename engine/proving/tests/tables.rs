//! Tables: of rows, and of cases.

mod support;

use support::run;

const GPA: &str = "rule: StudentPersonal/UTExtensions/CumulativeGPA\nas_of: 2026-02-02\ncases:\n";

fn rows(table: &str, expect: &str) -> support::Outcome {
    run(
        &[],
        &format!("{GPA}  - {{ name: a case, given: {{ student: {{ transcript: {table} }} }}, expect: {expect} }}\n"),
    )
}

#[test]
fn rows_of_one_kind_are_a_table() {
    rows("{ columns: [unweighted_gpa_value, gpa_weight], rows: [[4, 1], [3, 1], [absent, 1]] }", "\"3.500\"").passes();
    rows("{ columns: [unweighted_gpa_value], rows: [[4], [3]], with: { gpa_weight: 1 } }", "\"3.500\"").passes();
    rows("{ columns: [unweighted_gpa_value], rows: [[4], [3]], with: { gpa_weight: 1 } }", "\"3.400\"")
        .says(&["expected 3.400, actual 3.500"]);
}

#[test]
fn a_list_may_hold_tables_beside_rows() {
    let table = "{ columns: [unweighted_gpa_value, gpa_weight], rows: [[4, 1]] }";
    rows(&format!("[ {{ unweighted_gpa_value: 2, gpa_weight: 1 }}, {table} ]"), "\"3.000\"").passes();
}

#[test]
fn a_table_that_does_not_fit_is_wrong_once() {
    let place = "tests/rules/a.yaml:4:";
    rows("{ columns: [unweighted_gpa_valu], rows: [[4], [3], [2]] }", "absent")
        .says(&[&format!("{place}65"), "did you mean `unweighted_gpa_value`?"]);
    rows("{ columns: [gpa_value, gpa_weight], rows: [[4, 1], [3]] }", "absent")
        .says(&[place, "has 1 value, and the table 2 columns"]);
    rows("{ columns: [gpa_value, gpa_value], rows: [[4, 1]] }", "absent").says(&[place, "stands here twice"]);
    rows("{ columns: [gpa_value], row: [[4]] }", "absent").says(&[place, "did you mean `rows`?"]);
    rows("{ columns: [gpa_value], rows: [[four]] }", "absent").says(&[place, "`four` is no"]);
    rows("{ gpa_value: 4 }", "absent").says(&[place, "takes a list of rows"]);
}

const CAP: &str = "rule: StudentAttendanceSummary/DaysInMembership\ncases:\n  - name: the cap\n    given: { enrollment: { membership_days: 1, calendar: { days: [] } } }\n";

#[test]
fn a_table_of_cases_is_a_case_a_line() {
    let table = "    columns: [as_of, enrollment.membership_days, expect]\n    rows:\n      - [2026-02-02, 179, \"179\"]\n      - [2026-02-02, 181, \"180\"]\n      - [2026-02-02, 181, \"181\"]\n";
    let outcome = run(&[], &format!("{CAP}{table}"));
    let shown: Vec<(String, u32)> = outcome.results.iter().map(|result| (result.name.clone(), result.line)).collect();
    assert_eq!(
        shown,
        [
            ("the cap: as_of 2026-02-02, membership_days 179".to_owned(), 7),
            ("the cap: as_of 2026-02-02, membership_days 181".to_owned(), 8),
            ("the cap: as_of 2026-02-02, membership_days 181".to_owned(), 9),
        ]
    );
    outcome.says(&["expected 181, actual 180"]);
}

#[test]
fn a_line_has_a_name_of_its_own_parameters_options_and_problems() {
    let table = "    as_of: 2026-02-02\n    columns: [name, parameters.membership.cap, zone.exclude_no_show, expect, expect_problem]\n    rows:\n      - [one, 0, true, \"0\", ~]\n      - [two, absent, false, absent, P103]\n";
    let outcome = run(&[], &format!("{CAP}{table}"));
    assert_eq!(outcome.results[0].name, "the cap: one");
    outcome.passes();
}

#[test]
fn a_column_that_nothing_is_called_is_wrong_once() {
    let table = |column: &str, value: &str| {
        let table = format!(
            "    as_of: 2026-02-02\n    columns: [{column}, expect]\n    rows:\n      - [{value}, \"1\"]\n      - [{value}, \"1\"]\n"
        );
        run(&[], &format!("{CAP}{table}"))
    };
    table("enrollment.membership_day", "1").says(&["a.yaml:6:26", "did you mean `membership_days`?"]);
    table("enrolment.membership_days", "1").says(&["a.yaml:6:15", "did you mean `enrollment`?"]);
    table("enrollment.grade.name", "1").says(&["a.yaml:6:15", "`grade` is a single value and has no `name`"]);
}

#[test]
fn a_table_needs_both_of_its_keys_a_date_and_what_is_expected() {
    let table = |text: &str| run(&[], &format!("{CAP}{text}"));
    table("    columns: [enrollment.membership_days, expect]\n    rows:\n      - [1, \"1\"]\n")
        .says(&["a case needs a date"]);
    table("    as_of: 2026-02-02\n    columns: [enrollment.membership_days]\n    rows:\n      - [1]\n")
        .says(&["needs `expect` or `expect_problem`"]);
    table("    as_of: 2026-02-02\n    columns: [expect]\n").says(&["`columns` and `rows`"]);
    table("    as_of: 2026-02-02\n    columns: [expect]\n    rows: []\n").says(&["the table has no line"]);
}
