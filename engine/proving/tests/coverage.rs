//! Each kind of place is recorded when it is reached, and only then.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::collections::BTreeSet;

use proving::coverage;
use rulebook::Rulebook;
use rulebook::places::{Outcome, Places};
use support::small::{files, small};

/// What one case reaches, facts and elements left out.
#[track_caller]
fn reached(about: &str, case: &str) -> BTreeSet<String> {
    small(&[(about, &[case])]).reached()
}

#[track_caller]
fn assert_reached(about: &str, case: &str, expected: &[&str]) {
    let expected: BTreeSet<String> = expected.iter().map(|line| (*line).to_owned()).collect();
    assert_eq!(reached(about, case), expected);
}

#[test]
fn operands_are_reached_until_one_decides() {
    let about = "fact: school.is_old";
    assert_reached(
        about,
        "given: { school: { opened: 2000-01-01 } }, expect: true",
        &["graph.yaml:19:7 fact computed", "graph.yaml:22:16 && true", "graph.yaml:22:39 && true"],
    );
    assert_reached(
        about,
        "given: { school: { opened: absent } }, expect: false",
        &["graph.yaml:19:7 fact computed", "graph.yaml:22:16 && false"],
    );
    let about = "fact: school.is_busy";
    assert_reached(
        about,
        "given: { school: { open: true } }, expect: true",
        &["graph.yaml:23:7 fact computed", "graph.yaml:26:16 || true"],
    );
    assert_reached(
        about,
        "given: { school: { open: false, big: false } }, expect: false",
        &["graph.yaml:23:7 fact computed", "graph.yaml:26:16 || false", "graph.yaml:26:31 || false"],
    );
}

#[test]
fn what_another_view_of_a_table_shares_is_one_place() {
    assert_reached(
        "fact: annex.word",
        "given: { annex: { level: 3 } }, expect: three",
        &["graph.yaml:27:7 fact computed", "word.rhai:8:8 if true", "word.rhai:9:9 value gave the value"],
    );
    assert_reached(
        "fact: annex.best_room",
        "given: { annex: { rooms: [ { room_id: 1, size: 20, floor: 1, wing: A } ] } }, expect: { annex_room: 1 }",
        &["graph.yaml:31:7 fact computed", "graph.yaml:35:16 where true", "graph.yaml:35:34 where true"],
    );
}

#[test]
fn branches_functions_and_the_line_that_gave_the_value_are_reached() {
    let about = "fact: school.word";
    assert_reached(
        about,
        "given: { school: { level: 3 } }, expect: three",
        &["graph.yaml:27:7 fact computed", "word.rhai:8:8 if true", "word.rhai:9:9 value gave the value"],
    );
    assert_reached(
        about,
        "given: { school: { level: 8 } }, expect: high",
        &[
            "graph.yaml:27:7 fact computed",
            "limits.yaml:6:26 period used",
            "word.rhai:8:8 if false",
            "word.rhai:11:8 if true",
            "word.rhai:11:37 value gave the value",
        ],
    );
    assert_reached(
        about,
        "as_of: 2025-06-30, given: { school: { level: 1, kind: absent } }, expect: none",
        &[
            "graph.yaml:27:7 fact computed",
            "kinds.rhai:2:5 ?? absent",
            "kinds.rhai:2:5 function computed",
            "kinds.rhai:2:13 ?? present",
            "limits.yaml:5:26 period used",
            "word.rhai:8:8 if false",
            "word.rhai:11:8 if false",
            "word.rhai:11:53 value gave the value",
        ],
    );
}

#[test]
fn a_value_that_a_case_sets_for_a_parameter_reaches_no_period() {
    let seen = reached(
        "fact: school.word",
        "parameters: { limits.high: 100 }, given: { school: { level: 8, kind: P } }, expect: P",
    );
    assert!(!seen.iter().any(|line| line.contains("period")), "{seen:#?}");
    assert!(seen.contains("kinds.rhai:2:5 ?? present"), "{seen:#?}");
}

#[test]
fn conditions_of_selections_and_what_stands_before_a_question_mark_are_reached() {
    assert_reached(
        "fact: school.best_floor",
        "given: { school: { rooms: [ { size: 20, floor: 2, wing: A }, { size: 5, wing: A }, { size: 30, floor: absent, wing: A } ] } }, expect: 2",
        &[
            "graph.yaml:31:7 fact computed",
            "graph.yaml:35:16 where false",
            "graph.yaml:35:16 where true",
            "graph.yaml:35:34 where false",
            "graph.yaml:35:34 where true",
            "graph.yaml:37:7 fact computed",
            "graph.yaml:40:16 ?. present",
        ],
    );
    assert_reached(
        "fact: school.best_floor",
        "given: { school: { best_room: absent } }, expect: absent",
        &["graph.yaml:37:7 fact computed", "graph.yaml:40:16 ?. absent"],
    );
}

#[test]
fn rows_of_tables_and_value_sets_are_reached() {
    let table = "fact: school.band";
    for (given, expect, row) in [
        ("open: true, level: 1", "low", "51:15 table row used"),
        ("open: true, level: 4", "middle", "52:15 table row used"),
        ("open: false, level: 4", "shut", "53:15 table row used"),
        ("open: true, level: 9", "shut", "53:15 table row used"),
    ] {
        assert_reached(
            table,
            &format!("given: {{ school: {{ {given} }} }}, expect: {expect}"),
            &["graph.yaml:45:7 fact computed", &format!("graph.yaml:{row}")],
        );
    }
    for (kind, expect, row) in [
        ("P", "primary", "2:10 code used"),
        ("S", "secondary", "2:22 code used"),
        ("X", "other", "3:12 otherwise used"),
        ("absent", "none", "4:8 blank used"),
    ] {
        assert_reached(
            "fact: school.kind_word",
            &format!("given: {{ school: {{ kind: {kind} }} }}, expect: {expect}"),
            &["graph.yaml:41:7 fact computed", &format!("kinds.yaml:{row}")],
        );
    }
}

#[test]
fn elements_remarks_and_population_rules_are_reached() {
    assert_reached(
        "population: SchoolInfo",
        "given: { school: { level: 0 } }, expect: false",
        &["SchoolInfo.yaml:7:24 keep false"],
    );
    assert_reached(
        "rule: SchoolInfo/SchoolURL",
        "given: { school: { url: \"http://x\", is_old: true } }, expect: \"http://x\"",
        &["SchoolInfo.yaml:15:3 element sent", "SchoolInfo.yaml:15:47 when true"],
    );
    assert_reached(
        "rule: SchoolInfo/SchoolURL",
        "given: { school: { url: \"http://x\", is_old: false } }, expect: absent",
        &["SchoolInfo.yaml:15:3 element not sent", "SchoolInfo.yaml:15:47 when false"],
    );
    let whole = reached(
        "object: SchoolInfo",
        "expect_problem: M109, given: { school: { school_guid: 11111111-2222-3333-4444-555555555555, name: A, level: 1, is_old: false, open: false, big: false } }",
    );
    for line in
        ["SchoolInfo.yaml:1:1 element sent", "SchoolInfo.yaml:8:15 warn true", "SchoolInfo.yaml:14:3 element sent"]
    {
        assert!(whole.contains(line), "{line} is not in {whole:#?}");
    }
}

#[test]
fn what_is_in_an_element_that_is_not_sent_is_not_sent_either() {
    let name = "rule: SchoolInfo/PrincipalInfo/ContactName";
    assert_reached(
        name,
        "given: { school: { url: A, big: false } }, expect: absent",
        &[
            "SchoolInfo.yaml:16:3 element not sent",
            "SchoolInfo.yaml:16:33 when false",
            "SchoolInfo.yaml:17:3 element not sent",
        ],
    );
}

#[test]
fn a_condition_that_is_tested_before_any_row_is_reached_too() {
    assert_reached(
        "fact: school.open_room",
        "given: { school: { open: false, rooms: [ { size: 20, wing: A } ] } }, expect: false",
        &["graph.yaml:76:7 fact computed", "graph.yaml:80:16 where false"],
    );
}

#[test]
fn operands_that_are_near_at_hand_are_reached_as_any_other() {
    assert_reached(
        "fact: school.kindless",
        "given: { school: { kind: absent } }, expect: true",
        &[
            "graph.yaml:81:7 fact computed",
            "kinds.rhai:6:6 ?? absent",
            "kinds.rhai:6:6 function computed",
            "kinds.rhai:6:14 ?? present",
        ],
    );
}

#[test]
fn rows_that_are_taken_instead_are_reached() {
    let seen = reached("fact: school.wings", "given: { school: { rooms: [], spare_rooms: [] } }, expect: []");
    assert!(seen.contains("graph.yaml:71:20 value gave the value"), "{seen:#?}");
    let seen = reached(
        "fact: school.wings",
        "given: { school: { rooms: [ { room_id: 1, wing: A } ] } }, expect: [ { room: 1 } ]",
    );
    assert!(!seen.contains("graph.yaml:71:20 value gave the value"), "{seen:#?}");
}

#[test]
fn what_is_missing_comes_with_a_case_that_reaches_it() {
    let ran = small(&[("fact: school.word", &["given: { school: { level: 3 } }, expect: three"])]);
    let (coverage, missed) = ran.coverage();
    let of = |file: &str, line: u32, column: u32, says: &str| {
        let found = missed.iter().find(|missed| {
            let decision = &coverage.decisions[missed.decision].decision;
            decision.file.ends_with(file)
                && (decision.at.line, decision.at.column) == (line, column)
                && missed.says == says
        });
        found.unwrap_or_else(|| panic!("{says:?} is not missing: {missed:#?}")).skeleton.clone()
    };
    let case = of("word.rhai", 8, 8, "the condition of this `if` was never false");
    assert!(case.starts_with("fact: school.word\nas_of: 2026-02-02\ncases:\n"), "{case}");
    assert!(case.contains("given: { school: { level: 4 } }"), "{case}");
    // What stands behind the first `if` is reached when its condition does not hold.
    let case = of("word.rhai", 11, 37, "this line never gave the value");
    assert!(case.contains("given: { school: { level: 8 } }"), "{case}");
    let case = of("graph.yaml", 35, 16, "this condition of the selection was never reached");
    assert!(case.contains("given: { school: { rooms: [{ size: "), "{case}");
    let case = of("graph.yaml", 52, 15, "this row of the table never decided");
    assert!(case.contains("given: { school: { open: true, level: 2 } }"), "{case}");
    let case = of("kinds.yaml", 2, 22, "the code `S` was never used");
    assert!(case.contains("fact: school.kind_word") && case.contains("{ kind: S }"), "{case}");
    let case = of("limits.yaml", 5, 26, "this value of `limits.high` was never used");
    assert!(case.contains("as_of: 2000-07-01"), "{case}");
    let case = of("SchoolInfo.yaml", 7, 24, "this population rule was never reached");
    assert!(case.contains("population: SchoolInfo"), "{case}");
}

#[test]
fn percents_are_rounded_down_and_thresholds_are_exact() {
    let tally = coverage::Tally { all: 1000, seen: 999 };
    assert_eq!(tally.percent(), "99.9");
    assert!(tally.is_at_least(99) && !tally.is_at_least(100));
    assert_eq!(coverage::Tally { all: 3000, seen: 2999 }.percent(), "99.9");
    assert!(coverage::Tally { all: 3, seen: 3 }.is_at_least(100));
}

#[test]
fn html_shows_every_line_and_what_no_case_saw() {
    let ran = small(&[("fact: school.word", &["given: { school: { level: 3 } }, expect: three"])]);
    let (coverage, missed) = ran.coverage();
    let pages = coverage::pages(&coverage, &missed, &files());
    let names: Vec<&str> = pages.iter().map(|page| page.name.as_str()).collect();
    assert_eq!(names[0], "index.html");
    let page = pages.iter().find(|page| page.name == "rules__facts__school__word.rhai.html").unwrap();
    assert!(page.text.contains("if school.level &gt; limits.high"), "{}", page.text);
    assert!(page.text.contains("the condition of this `if` was never false"), "{}", page.text);
    assert!(!page.text.contains("<script"));
    assert!(pages[0].text.contains("rules__facts__school__word.rhai.html"));
}

/// What may become of an element, by the rulebook whose elements of PrincipalInfo these are.
fn outcomes_of_principal(elements: &str) -> Vec<Outcome> {
    let mut book = files();
    let object = book.entry("objects/SchoolInfo.yaml".to_owned()).or_default();
    *object = object.replace("PrincipalInfo: { is: O, when: school.big }", "PrincipalInfo: { is: O }");
    *object = object.replace("  PrincipalInfo/ContactName: { is: M, from: school.url }\n", elements);
    let plan = Rulebook::new(book).plan.unwrap();
    let places = Places::of(&plan);
    let found = places.decisions().iter().find(|place| &*place.name == "SchoolInfo/PrincipalInfo");
    found.map(|place| place.outcomes.clone()).unwrap_or_default()
}

#[test]
fn a_part_with_an_element_that_always_stands_there_is_never_left_out() {
    let empty = "  PrincipalInfo/ContactName: { is: M, from: school.url, absent: empty }\n";
    assert_eq!(outcomes_of_principal(empty), [Outcome::Sent]);
    let nil = "  PrincipalInfo/ContactName: { is: M, from: school.url, absent: empty, when: school.big }
  PrincipalInfo/ContactTitle: { is: O, from: school.url, absent: nil }\n";
    assert_eq!(outcomes_of_principal(nil), [Outcome::Sent]);
    let sometimes = nil.replace("absent: nil", "absent: omit");
    assert_eq!(outcomes_of_principal(&sometimes), [Outcome::Sent, Outcome::NotSent]);
}
