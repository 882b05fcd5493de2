//! `sifter test --coverage` and `--mutate`: formats that other programs read, thresholds, exit codes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use support::{copy_folder, copy_rulebook, edit, sifter, workspace};

/// What an LCOV tracefile says of a file: lines with hits, branches with how often each was taken.
#[derive(Default, Debug)]
struct Record {
    lines: BTreeMap<u32, u32>,
    branches: Vec<(u32, Option<u32>)>,
    sums: BTreeMap<String, u32>,
}

/// A small reader of LCOV, as strict as the ones that other people use.
fn read_lcov(text: &str) -> BTreeMap<String, Record> {
    let mut files = BTreeMap::new();
    let mut open: Option<(String, Record)> = None;
    for line in text.lines() {
        if line == "end_of_record" {
            let (name, record) = open.take().expect("a record ends that has begun");
            files.insert(name, record);
            continue;
        }
        let (key, value) = line.split_once(':').unwrap_or_else(|| panic!("no line of LCOV: {line:?}"));
        if key == "SF" {
            assert!(open.is_none(), "a record begins in another");
            open = Some((value.to_owned(), Record::default()));
            continue;
        }
        if key == "TN" {
            continue;
        }
        let record = &mut open.as_mut().expect("a line stands in a record").1;
        let numbers: Vec<&str> = value.split(',').collect();
        match (key, &numbers[..]) {
            ("DA", [line, hits]) => {
                record.lines.insert(line.parse().unwrap(), hits.parse().unwrap());
            }
            ("BRDA", [line, block, branch, taken]) => {
                assert!(block.parse::<u32>().is_ok() && branch.parse::<u32>().is_ok(), "{value}");
                let taken = (*taken != "-").then(|| taken.parse().unwrap());
                record.branches.push((line.parse().unwrap(), taken));
            }
            ("FN", [line, name]) => assert!(line.parse::<u32>().is_ok() && !name.is_empty()),
            ("FNDA", [hits, name]) => assert!(hits.parse::<u32>().is_ok() && !name.is_empty()),
            ("FNF" | "FNH" | "BRF" | "BRH" | "LF" | "LH", [sum]) => {
                record.sums.insert(key.to_owned(), sum.parse().unwrap());
            }
            _ => panic!("no line of LCOV: {line:?}"),
        }
    }
    assert!(open.is_none(), "the last record ends");
    files
}

/// The rulebook and its fixtures in a folder, without the fixtures of one rule.
fn without_limited_english(folder: &Path) -> String {
    copy_rulebook(folder);
    for part in ["tests/rules", "tests/people"] {
        copy_folder(&workspace().join(part), &folder.join(part));
    }
    std::fs::remove_file(folder.join("tests/rules/StudentPersonal/UTExtensions/LimitedEnglish.yaml")).unwrap();
    folder.display().to_string()
}

#[test]
fn the_projects_own_rules_are_covered_and_a_missing_fixture_misses_the_threshold() {
    let report = sifter(&["test", "--coverage", "--coverage-at-least", "100"]).ends(0);
    assert!(report.stdout.contains("branches            100.0 %"), "{}", report.stdout);
    let folder = tempfile::tempdir().unwrap();
    let rulebook = without_limited_english(folder.path());
    let report = sifter(&["test", "--rulebook", &rulebook, "--coverage", "--coverage-at-least", "100"]).ends(4);
    let at =
        "rules/StudentPersonal/UTExtensions/LimitedEnglish.rhai:11:8: the condition of this `if` was never reached";
    let place = report.stdout.find(at).unwrap_or_else(|| panic!("{}", report.stdout));
    let said = &report.stdout[place..];
    assert!(said.contains("    11 |     if record == () {\n       |        ^\n"), "{said}");
    assert!(said.contains("      rule: StudentPersonal/UTExtensions/LimitedEnglish\n"), "{said}");
    assert!(said.contains("          given: { student: { el_record: absent } }\n"), "{said}");
    report.says(&["less than the 100 % that --coverage-at-least asks for"]);
    // Less is asked for, and less is enough.
    sifter(&["test", "--rulebook", &rulebook, "--coverage-at-least", "80"]).ends(0);
}

#[test]
fn a_case_that_fails_says_more_than_a_threshold() {
    let folder = tempfile::tempdir().unwrap();
    let rulebook = without_limited_english(folder.path());
    let fixture = folder.path().join("tests/rules/StudentPersonal/ELL.yaml");
    let text = std::fs::read_to_string(&fixture).unwrap();
    std::fs::write(&fixture, text.replace("expect: \"No\"", "expect: \"Yes\"")).unwrap();
    assert_ne!(text, std::fs::read_to_string(&fixture).unwrap());
    sifter(&["test", "--rulebook", &rulebook, "--coverage-at-least", "100"]).ends(1);
}

#[test]
fn lcov_json_and_html_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let rulebook = without_limited_english(folder.path());
    let lcov = sifter(&["test", "--rulebook", &rulebook, "--coverage=lcov"]).ends(0);
    let json = sifter(&["test", "--rulebook", &rulebook, "--coverage=json"]).ends(0);
    let again = sifter(&["test", "--rulebook", &rulebook, "--coverage=json", "--jobs", "1"]).ends(0);
    assert!(json.stdout == again.stdout, "the number of threads changes the report");
    let files = read_lcov(&lcov.stdout);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    let listed = json["files"].as_array().unwrap();
    assert_eq!(files.len(), listed.len());
    let (mut all, mut seen) = (0, 0);
    for file in listed {
        let record = &files[file["file"].as_str().unwrap()];
        let facts = file["places"].as_array().unwrap().iter().filter(|place| place["what"] == "fact").count();
        let outcomes = u32::try_from(record.branches.len() + facts).unwrap();
        assert_eq!(file["outcomes"]["all"], outcomes, "{file:#}");
        assert_eq!(record.sums["BRF"], u32::try_from(record.branches.len()).unwrap());
        let taken = record.branches.iter().filter(|(_, taken)| taken.is_some_and(|taken| taken > 0)).count();
        assert_eq!(record.sums["BRH"], u32::try_from(taken).unwrap());
        assert_eq!(record.sums["LF"], u32::try_from(record.lines.len()).unwrap());
        assert!(record.branches.iter().all(|(line, _)| record.lines.contains_key(line)), "{file:#}");
        all += outcomes;
        seen += record.sums["BRH"] + record.sums["FNH"];
    }
    assert_eq!(json["all"]["all"], all);
    assert_eq!(json["all"]["seen"], seen);
    let rule = &files["rules/StudentPersonal/UTExtensions/LimitedEnglish.rhai"];
    assert!(rule.branches.iter().all(|(_, taken)| taken.is_none()), "{rule:#?}");
    let missed = json["missed"].as_array().unwrap();
    assert!(!missed.is_empty() && missed.iter().all(|missed| missed["case"] != ""), "{missed:#?}");

    let out = folder.path().join("pages");
    let shown = out.display().to_string();
    sifter(&["test", "--rulebook", &rulebook, "--coverage=html", "--out", &shown]).ends(0);
    let index = std::fs::read_to_string(out.join("index.html")).unwrap();
    assert_eq!(index.matches("<a href=").count(), files.len());
    let name = "rules__StudentPersonal__UTExtensions__LimitedEnglish.rhai.html";
    let page = std::fs::read_to_string(out.join(name)).unwrap();
    assert!(index.contains(name) && page.contains("was never reached"), "{page}");
}

#[test]
fn pages_need_a_folder() {
    sifter(&["test", "--coverage=html"]).ends(3).says(&["name a folder for them with --out"]);
}

/// A rulebook that is changed in few places, so that its changes are tried in a moment.
fn small(folder: &Path) -> String {
    copy_folder(&workspace().join("examples/broken-rulebook/objects"), &folder.join("objects"));
    edit(&folder.join("objects/SchoolInfo.yaml"), "school.nmae", "school.name");
    edit(&folder.join("objects/graph.yaml"), "txt?", "text?");
    let graph = folder.join("objects/graph.yaml");
    edit(&graph, "rule: true", "value: \"if school.opened == () { 0 } else { 1 }\"");
    edit(&graph, "type: int?\n", "type: int\n");
    std::fs::create_dir_all(folder.join("rules")).unwrap();
    std::fs::create_dir_all(folder.join("tests/rules")).unwrap();
    folder.display().to_string()
}

#[test]
fn changes_that_no_case_notices_are_told_with_their_place_and_a_case() {
    let folder = tempfile::tempdir().unwrap();
    let rulebook = small(folder.path());
    let fixture = folder.path().join("tests/rules/opening.yaml");
    let head = "fact: school.opening_year\nas_of: 2026-02-02\ncases:\n";
    let first = "  - { name: not known, given: { school: { opened: absent } }, expect: 0 }\n";
    let second = "  - { name: known, given: { school: { opened: 2020-01-01 } }, expect: 1 }\n";
    std::fs::write(&fixture, format!("{head}{first}")).unwrap();
    let out = folder.path().join("out").display().to_string();
    let weak =
        sifter(&["test", "--rulebook", &rulebook, "--mutate", "--mutation-at-least", "90", "--out", &out]).ends(4);
    weak.says(&["less than the 90 % that --mutation-at-least asks for"]);
    let told = std::fs::read_to_string(folder.path().join("out/changes.txt")).unwrap();
    let says =
        "no case noticed that what stands behind `else` (or after the `if`) was dropped: its condition is always true";
    assert!(told.contains(says), "{told}");
    assert!(told.contains("given: { school: { opened: 2026-02-02 } }"), "{told}");
    let json: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.path().join("out/changes.json")).unwrap()).unwrap();
    assert_eq!(json["not_tried"], 0);
    let survivors = json["survivors"].as_array().unwrap();
    let there = survivors.iter().any(|survivor| survivor["change"] == says.trim_start_matches("no case noticed that "));
    assert!(there, "{survivors:#?}");

    // With the case that was proposed it is noticed.
    std::fs::write(&fixture, format!("{head}{first}{second}")).unwrap();
    sifter(&["test", "--rulebook", &rulebook, "--mutation-at-least", "50"]).ends(0);
    // No time at all: nothing is tried, which is said.
    let none = sifter(&["test", "--rulebook", &rulebook, "--mutate", "--mutate-seconds", "0"]).ends(0);
    assert!(none.stdout.contains("more changes were not tried, as the time was up"), "{}", none.stdout);
}

#[test]
fn some_cases_are_told_only_of_the_files_that_they_reach() {
    let case = workspace().join("tests/rules/StudentPersonal/UTExtensions/LimitedEnglish.yaml");
    let told = sifter(&["test", &case.display().to_string(), "--coverage"]).ends(0);
    assert!(!told.stdout.contains("objects/SchoolInfo.yaml"), "{}", told.stdout);
    assert!(
        told.stdout.contains("objects/StudentPersonal.yaml: ") && told.stdout.contains("not listed: "),
        "{}",
        told.stdout
    );
    // Of all cases, a file that none reaches is what matters most.
    let folder = tempfile::tempdir().unwrap();
    copy_rulebook(folder.path());
    copy_folder(&workspace().join("tests/people"), &folder.path().join("tests/people"));
    copy_folder(&workspace().join("tests/rules/StudentPersonal"), &folder.path().join("tests/rules/StudentPersonal"));
    let told = sifter(&["test", "--rulebook", &folder.path().display().to_string(), "--coverage"]).ends(0);
    assert!(
        told.stdout.contains("objects/SchoolInfo.yaml: 0 of ") && !told.stdout.contains("not listed: "),
        "{}",
        told.stdout
    );
}
