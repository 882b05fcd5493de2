//! The README of the broken rulebook promises messages; the program must give these and no others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use serde_json::Value;
use support::{copy_folder, edit, sifter, workspace};

const FOLDER: &str = "examples/broken-rulebook";

/// The rows of the README's table: code, and `file:line`.
fn promised() -> Vec<(String, String)> {
    let readme = std::fs::read_to_string(workspace().join(FOLDER).join("README.md")).unwrap();
    let rows = readme.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        (cells[1].to_owned(), cells[2].to_owned())
    })
    .collect()
}

#[test]
fn the_readme_lists_exactly_what_check_reports() {
    let run = sifter(&["check", "--rulebook", FOLDER, "--format", "json"]).ends(2);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let mut reported: Vec<(String, String)> = report["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| {
            let place = &problem["place"];
            let at = format!("{}:{}", place["file"].as_str().unwrap(), place["line"]);
            (problem["code"].as_str().unwrap().to_owned(), at)
        })
        .collect();
    let mut promised = promised();
    promised.sort();
    reported.sort();
    assert_eq!(promised.len(), 5);
    assert_eq!(promised, reported);
}

#[test]
fn each_mistake_stands_at_the_line_that_its_comment_announces() {
    for (_, place) in promised() {
        let (file, line) = place.split_once(':').unwrap();
        let text = std::fs::read_to_string(workspace().join(FOLDER).join(file)).unwrap();
        let before: Vec<&str> = text.lines().take(line.parse().unwrap()).collect();
        let comment = before.iter().rev().take(4).find(|line| line.contains("Mistake:"));
        assert!(comment.is_some(), "{place} has a comment above it");
    }
}

#[test]
fn the_mended_rulebook_has_no_problem() {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&workspace().join(FOLDER), folder.path());
    for (file, wrong, right) in [
        ("objects/graph.yaml", "type: txt?,", "type: text?,"),
        ("objects/SchoolInfo.yaml", "school.nmae", "school.name"),
        ("rules/facts/school/opening_year.rhai", "yaer_of(", "year_of("),
        ("rules/parameters/limits.yaml", "type: number", "type: int"),
        ("rules/value_sets/title1_status.yaml", "\"Schoolwide\"", "\"SchoolWide\""),
    ] {
        edit(&folder.path().join(file), wrong, right);
    }
    sifter(&["check", "--rulebook", &folder.path().display().to_string()]).ends(0);
}

#[test]
fn an_explanation_names_only_commands_that_exist() {
    for code in problem::code::ALL {
        for named in code.explanation().split("`sifter ").skip(1) {
            let command = named.split(['`', ' ']).next().unwrap();
            sifter(&[command, "--help"]).ends(0);
        }
    }
}
