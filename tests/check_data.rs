//! `check --source`: what the data says of the rulebook, in counts, from every kind of source, without a person's value.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::path::Path;

use serde_json::Value;
use support::table::Table;
use support::{District, Run, edit, sifter};

fn check(url: &str, more: &[&str]) -> Run {
    sifter(&[&["check", "--source", url], more].concat())
}

/// Every problem as `severity code message`.
fn reported(url: &str) -> Vec<String> {
    let report: Value = serde_json::from_str(&check(url, &["--format", "json"]).stdout).unwrap();
    let problems = report["problems"].as_array().unwrap().iter();
    let word = |problem: &Value, key: &str| problem[key].as_str().unwrap().to_owned();
    problems.map(|p| [word(p, "severity"), word(p, "code"), word(p, "message")].join(" ")).collect()
}

/// Sets a column of the first rows of a table.
fn set_rows(folder: &Path, table: &str, column: &str, values: &[&str]) -> usize {
    let mut table = Table::read(folder, table);
    let at = table.column(column);
    for (row, value) in table.rows.iter_mut().zip(values) {
        row[at] = value.as_bytes().to_vec();
    }
    table.write();
    table.rows.len()
}

#[test]
fn the_data_is_counted_and_an_error_ends_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::cedar_ridge_copy(folder.path());
    check(&district.source, &[]).ends(0);
    let enrollments = set_rows(folder.path(), "enrollment", "calendarID", &["", "77", "88"]);
    set_rows(folder.path(), "raceEthnicity", "code", &["Z9", "Z9", "Z9", "Z9", "Y8"]);
    let problems = reported(&district.source);
    for wanted in [
        format!(
            "error S401 `calendarID` of `enrollment` is empty in 1 of {enrollments} rows, and graph.yaml says that it never is"
        ),
        format!(
            "error S302 `calendarID` of `enrollment` refers to a row of `calendar` that does not exist, in 2 of {enrollments} rows"
        ),
        "warning S402 code `Z9` of `code` of `raceEthnicity` occurs 4 times and is not in the value set `race`"
            .to_owned(),
    ] {
        assert!(problems.contains(&wanted), "{wanted:?} is not in {problems:#?}");
    }
    assert!(!problems.iter().any(|problem| problem.contains("Y8")), "what occurs once is not shown");
    check(&district.source, &[]).ends(1).says(&["error[S401]", "--> objects/graph.yaml:"]);
}

#[test]
fn a_persons_value_in_a_column_of_codes_is_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::cedar_ridge_copy(folder.path());
    let personal = ["Qx Lee", "Qxoldfields", "Qx@mail", "52901Qx", "2011-05-Qx", "Qxé"];
    let values: Vec<&str> = personal.iter().flat_map(|value| [*value; 4]).collect();
    for (table, column) in [("identity", "gender"), ("raceEthnicity", "code"), ("enrollment", "grade")] {
        set_rows(folder.path(), table, column, &values);
    }
    for format in ["human", "json", "sarif", "github"] {
        let run = check(&district.source, &["--format", format]);
        let text = run.stdout + &run.stderr;
        assert!(text.contains("not in the value set `race`"), "{text}");
        assert!(!text.contains("Qx"), "{format}: {text}");
    }
}

#[test]
fn csv_sqlite_and_postgresql_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let urls = [format!("csv:{}", path("district")), format!("sqlite:{}", path("district.db"))];
    for url in &urls {
        sifter(&["generate", "--students", "60", "--seed", "3", "--out", url]).ends(0);
    }
    let csv = reported(&urls[0]);
    assert!(csv.iter().any(|problem| problem.contains("S403")), "{csv:#?}");
    assert_eq!(csv, reported(&urls[1]));
}

#[test]
fn of_what_may_be_absent_the_data_says_how_often_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let rulebook = folder.path().join("rulebook");
    support::copy_folder(&support::workspace().join("tests/mistakes/rulebook"), &rulebook);
    let rule = rulebook.join("rules/StudentAttendanceSummary/DaysAttended.rhai");
    edit(&rule, "enrollment.end_date != () && ", "");
    let source = format!("csv:{}", rulebook.join("source").display());
    check(&source, &["--rulebook", &rulebook.display().to_string()])
        .ends(2)
        .says(&["error[R107]", "declared here as date?; empty in 2 of 3 rows"]);
}

#[test]
fn a_source_that_is_not_there_ends_with_3() {
    check("csv:nowhere", &[]).ends(3).says(&["error[S101]"]);
}
