//! `check --ledger`: every row of the requirement with its answer, and what is missing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::path::Path;

use serde_json::Value;
use support::{Run, copy_folder, edit, program, run, sifter, workspace};

/// A copy of the small rulebook of the mistakes, which answers all of its list.
fn small() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&workspace().join("tests/mistakes/rulebook"), folder.path());
    folder
}

fn check(folder: &Path, more: &[&str]) -> Run {
    run(program().current_dir(folder).arg("check").args(more))
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap()
}

/// The row with this id.
fn row<'l>(ledger: &'l Value, id: &str) -> &'l Value {
    ledger["ledger"]["rows"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap()
}

#[test]
fn each_of_the_628_rows_is_answered_once_and_each_population_rule_of_data_somewhere() {
    let ledger = json(&sifter(&["check", "--ledger", "--format", "json"]));
    let rows = ledger["ledger"]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 628);
    for row in rows {
        assert_eq!(row["answers"].as_array().unwrap().len(), 1, "{row:#}");
    }
    let rules = ledger["ledger"]["population"].as_array().unwrap();
    let (data, rights): (Vec<&Value>, Vec<&Value>) = rules.iter().partition(|rule| rule["about"] == "data");
    assert_eq!((data.len(), rights.len()), (49, 16));
    for rule in data {
        assert!(!rule["conditions"].as_array().unwrap().is_empty(), "{rule:#}");
    }
}

#[test]
fn a_row_is_shown_with_its_answer_and_its_place() {
    let folder = small();
    let shown = check(folder.path(), &["--ledger"]).ends(0).stdout;
    for line in [
        "SchoolInfo: 2 rows: 1 const, 1 elements",
        "  R1    constant     const (Address) AddressList/Address[@Type=0123]/City   objects/common/Address.yaml:5   no case",
        "  R2    conditional  elements        PrincipalInfo   objects/SchoolInfo.yaml:16   3 cases",
        "  P1    SchoolInfo                 objects/SchoolInfo.yaml:7   excludes 1, keeps 1",
        "  P2    SchoolInfo                 agents' rights, which the zone checks",
        "2 of 2 rows are answered",
        "no problems",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "no line {line:?} in\n{shown}");
    }
    let summary = check(folder.path(), &["--ledger=summary"]).ends(0).stdout;
    assert!(summary.contains("SchoolInfo: 2 rows") && !summary.contains("R1 "), "{summary}");
}

#[test]
fn cases_of_an_element_around_it_and_of_the_same_group_elsewhere_count() {
    let folder = small();
    let (object, list) = ("objects/SchoolInfo.yaml", "objects/requirements.yaml");
    let address = "  \"AddressList/Address[@Type=0123]\": { is: MR, group: Address, group_rows: { City: [R1] } }\n";
    let other = "  \"AddressList/Address[@Type=0765]\": { is: MR, group: Address, group_rows: { City: [R3] } }\n";
    edit(&folder.path().join(object), address, &format!("{address}{other}"));
    let listed = "    R1: { kind: constant, path: AddressList/Address/City }\n";
    let both = listed.replace("constant", "list") + "    R3: { kind: list, path: AddressList/Address/City }\n";
    edit(&folder.path().join(list), listed, &both);
    let fixture = |path: &str, cases: usize| {
        let case = |number| format!("  - {{ name: case {number}, given: {{ school: {{}} }}, expect: present }}\n");
        let cases: String = (0..cases).map(case).collect();
        format!("rule: \"SchoolInfo/{path}\"\nas_of: 2026-02-02\ncases:\n{cases}")
    };
    let tests = folder.path().join("tests/rules");
    let problems = |run: &Run| {
        let found = json(run);
        let found = found["problems"].as_array().unwrap().iter();
        found.map(|problem| problem["message"].as_str().unwrap().to_owned()).collect::<Vec<String>>()
    };
    let format = ["--ledger", "--format", "json"];
    let none = check(folder.path(), &format).ends(1);
    let of = |id: &str| {
        format!("`{id}` (SchoolInfo/AddressList/Address/City) is of the kind list and has none of at least 3 cases")
    };
    assert_eq!(problems(&none), [of("R1"), of("R3")]);
    // The city is declared once, for both addresses.
    std::fs::write(tests.join("city.yaml"), fixture("AddressList/Address[@Type=0123]/City", 2)).unwrap();
    let two = json(&check(folder.path(), &format).ends(1));
    assert_eq!((&row(&two, "R1")["cases"], &row(&two, "R3")["cases"]), (&2.into(), &2.into()));
    // The list is around both, one address around its own city alone.
    std::fs::write(tests.join("addresses.yaml"), fixture("AddressList", 1)).unwrap();
    std::fs::write(tests.join("first.yaml"), fixture("AddressList/Address[@Type=0123]", 4)).unwrap();
    let all = json(&check(folder.path(), &format).ends(0));
    assert_eq!((&row(&all, "R1")["cases"], &row(&all, "R3")["cases"]), (&7.into(), &3.into()));
}

#[test]
fn a_case_that_an_earlier_rule_excludes_is_none_for_a_later_one() {
    let folder = small();
    let rule = "  - { rules: [P1], keep: school.grade_count > 0, doc: \"A school with a grade.\" }\n";
    let other = "  - { rules: [P3], keep: school.seats != 0, doc: \"A school with a seat.\" }\n";
    edit(&folder.path().join("objects/SchoolInfo.yaml"), rule, &format!("{rule}{other}"));
    edit(&folder.path().join("objects/requirements.yaml"), "    P1: data\n", "    P1: data\n    P3: data\n");
    let case = "    given: { school: { grades: [] } }\n";
    edit(&folder.path().join("tests/rules/schools.yaml"), case, "    given: { school: { grades: [], seats: 0 } }\n");
    let shown = check(folder.path(), &["--ledger"]).ends(1);
    shown.says(&["error[F103]: the population rule `P3` of SchoolInfo has no case that it excludes"]);
}

#[test]
fn a_rulebook_without_a_list_has_no_ledger() {
    let folder = small();
    std::fs::remove_file(folder.path().join("objects/requirements.yaml")).unwrap();
    check(folder.path(), &[]).ends(0);
    check(folder.path(), &["--ledger"])
        .ends(3)
        .says(&["the rulebook has no ledger: there is no", "cargo xtask requirements"]);
}

#[test]
fn a_rulebook_that_does_not_check_has_none_either() {
    let folder = small();
    edit(&folder.path().join("objects/SchoolInfo.yaml"), "from: school.name }", "from: school.nme }");
    check(folder.path(), &["--ledger"]).ends(2).says(&["G103"]);
}
