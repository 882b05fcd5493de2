//! Each kind of change is made: a case that tells the change from the rule notices it, and one that does not, does not.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};

use proving::mutation::{self, Covering, Fate};
use support::small::{files, small};

/// A change at a place: the first case passes with it, the second does not.
#[track_caller]
fn assert_noticed(about: &str, place: &str, says: &str, weak: &str, strong: &str) {
    assert_eq!(small(&[(about, &[weak])]).fate(place, says), Fate::Survived, "{says}: the weak case");
    assert_eq!(small(&[(about, &[weak, strong])]).fate(place, says), Fate::Killed, "{says}: the strong case");
}

fn school(given: &str, expect: &str) -> String {
    format!("given: {{ school: {{ {given} }} }}, expect: {expect}")
}

const OLD: &str = "fact: school.is_old";
const WORD: &str = "fact: school.word";
const BAND: &str = "fact: school.band";
const ROOM: &str = "fact: school.best_room";

#[test]
fn comparisons_are_flipped_and_their_borders_moved() {
    let same = school("opened: 2026-02-02", "false");
    let before = school("opened: 2026-02-01", "true");
    assert_noticed(OLD, "graph.yaml:22:39", "`<` became `<=`", &before, &same);
    let absent = school("opened: absent", "false");
    assert_eq!(small(&[(OLD, &[&absent])]).fate("graph.yaml:22:39", "`<` became `>=`"), Fate::NotReached);
    assert_eq!(small(&[(OLD, &[&before])]).fate("graph.yaml:22:39", "`<` became `>=`"), Fate::Killed);
}

#[test]
fn constants_become_what_stands_next_to_them() {
    assert_noticed(
        WORD,
        "word.rhai:8:24",
        "3 became 4",
        &school("level: 8", "high"),
        &school("level: 4, kind: P", "P"),
    );
    assert_noticed(WORD, "word.rhai:8:24", "3 became 2", &school("level: 8", "high"), &school("level: 3", "three"));
    assert_eq!(
        small(&[(WORD, &[&school("level: 3", "three")])]).fate("word.rhai:9:16", "three became high"),
        Fate::Killed
    );
}

#[test]
fn arms_and_operands_are_dropped() {
    let (three, high) = (school("level: 3", "three"), school("level: 8", "high"));
    let then = "what the `if` does was dropped: its condition is always false";
    let otherwise = "what stands behind `else` (or after the `if`) was dropped: its condition is always true";
    assert_noticed(WORD, "word.rhai:8:8", then, &high, &three);
    assert_noticed(WORD, "word.rhai:8:8", otherwise, &three, &high);
    let busy = "fact: school.is_busy";
    let (open, big) = (school("open: true, big: false", "true"), school("open: false, big: true", "true"));
    assert_noticed(busy, "graph.yaml:26:16", "operand 1 of `||` was dropped", &big, &open);
    assert_noticed(busy, "graph.yaml:26:16", "operand 2 of `||` was dropped", &open, &big);
    let (old, new) = (school("opened: 2000-01-01", "true"), school("opened: 2026-02-03", "false"));
    assert_noticed(OLD, "graph.yaml:22:16", "operand 2 of `&&` was dropped", &old, &new);
    let absent = school("opened: absent", "false");
    assert_noticed(OLD, "graph.yaml:22:16", "operand 1 of `&&` was dropped", &old, &absent);
}

#[test]
fn guards_are_dropped() {
    let (given, blank) = (school("level: 1, kind: P", "P"), school("level: 1, kind: absent", "none"));
    assert_noticed(WORD, "kinds.rhai:2:5", "what stands behind `??` was dropped", &given, &blank);
    assert_noticed(WORD, "kinds.rhai:2:5", "what stands before `??` was dropped", &blank, &given);
    let closed = "fact: school.closed";
    assert_eq!(
        small(&[(closed, &[&school("open: true", "false")])]).fate("graph.yaml:61:18", "`!` was dropped"),
        Fate::Killed
    );
    let listed = "fact: school.listed";
    let (p, s) = (school("kind: P", "true"), school("kind: S", "true"));
    assert_noticed(listed, "graph.yaml:57:16", "S was dropped from the list", &p, &s);
    let level = "fact: school.next_level";
    let four = school("level: 3", "4");
    assert_eq!(small(&[(level, &[&four])]).fate("graph.yaml:65:31", "1 became 2"), Fate::Killed);
    assert_eq!(small(&[(level, &[&four])]).fate("graph.yaml:65:16", "`+` became `-`"), Fate::Killed);
}

#[test]
fn population_rules_and_conditions_of_elements_are_dropped() {
    let population = "population: SchoolInfo";
    assert_noticed(
        population,
        "SchoolInfo.yaml:7:24",
        "the population rule was dropped",
        &school("level: 1", "true"),
        &school("level: 0", "false"),
    );
    assert_noticed(
        "rule: SchoolInfo/SchoolURL",
        "SchoolInfo.yaml:15:3",
        "the element's condition (`when`) was dropped",
        &school("is_old: true, url: \"http://x\"", "\"http://x\""),
        &school("is_old: false, url: \"http://x\"", "absent"),
    );
}

#[test]
fn what_elements_say_of_their_values_is_dropped() {
    let of = |element: &str, case: &str, place: &str, says: &str| {
        small(&[(&*format!("rule: SchoolInfo/{element}"), &[case])]).fate(place, says)
    };
    let kind = school("kind: P", "primary");
    assert_eq!(of("StateProvinceId", &kind, "SchoolInfo.yaml:12:3", "the value set was not used"), Fate::Killed);
    let shut = school("open: false", "\"No\"");
    assert_eq!(of("NCESId", &shut, "SchoolInfo.yaml:13:3", "`otherwise` was dropped"), Fate::Killed);
    let whole = |rooms: &str| {
        format!(
            "given: {{ school: {{ school_guid: 11111111-2222-3333-4444-555555555555, name: A, level: 1, kind: P, open: true, \
             big: false, is_old: false, rooms: [ {rooms} ] }} }}, expect: \"<SchoolInfo \
             RefId='11111111222233334444555555555555'><LocalId>1.00</LocalId><StateProvinceId>primary</StateProvinceId>\
             <NCESId>Yes</NCESId><SchoolName>A</SchoolName><PhoneNumberList><PhoneNumber Type='0096'><Number>N</Number>\
             </PhoneNumber></PhoneNumberList></SchoolInfo>\""
        )
    };
    let (one, two) = (whole("{ wing: N }"), whole("{ wing: N }, { wing: S }"));
    assert_noticed("object: SchoolInfo", "SchoolInfo.yaml:19:3", "`take: 1` was dropped", &one, &two);
    let decimals = small(&[("object: SchoolInfo", &[&one])]).fate("SchoolInfo.yaml:11:3", "`decimals: 2` became 3");
    assert_eq!(decimals, Fate::Killed);
}

#[test]
fn rows_of_tables_are_changed() {
    let (low, middle, shut) = (
        school("open: true, level: 1", "low"),
        school("open: true, level: 2", "middle"),
        school("open: false, level: 1", "shut"),
    );
    assert_noticed(BAND, "graph.yaml:51:15", "row 1 of the table was dropped", &middle, &low);
    assert_noticed(BAND, "graph.yaml:51:15", "row 1: low became middle", &middle, &low);
    assert_noticed(
        BAND,
        "graph.yaml:52:15",
        "row 2: from 2 became from 3",
        &school("open: true, level: 3", "middle"),
        &middle,
    );
    assert_noticed(
        BAND,
        "graph.yaml:52:15",
        "row 2: to 5 became to 4",
        &middle,
        &school("open: true, level: 5", "middle"),
    );
    assert_noticed(
        BAND,
        "graph.yaml:52:15",
        "row 2: to 5 became to 6",
        &middle,
        &school("open: true, level: 6", "shut"),
    );
    // A closed school of the first level would take the row of the open ones.
    assert_noticed(BAND, "graph.yaml:51:15", "row 1: condition 1 was dropped", &low, &shut);
}

#[test]
fn value_sets_and_parameters_are_changed() {
    let kind = "fact: school.kind_word";
    let (p, s) = (school("kind: P", "primary"), school("kind: S", "secondary"));
    let of = |cases: &[&str], place: &str, says: &str| small(&[(kind, cases)]).fate(place, says);
    assert_eq!(of(&[&p], "kinds.yaml:2:22", "the entry for `S` was dropped"), Fate::NotReached);
    assert_eq!(of(&[&p, &s], "kinds.yaml:2:22", "the entry for `S` was dropped"), Fate::Killed);
    assert_eq!(of(&[&p], "kinds.yaml:2:10", "`P` was mapped to `secondary` instead of `primary`"), Fate::Killed);
    assert_eq!(of(&[&school("kind: X", "other")], "kinds.yaml:3:12", "`otherwise` was dropped"), Fate::Killed);
    assert_eq!(of(&[&school("kind: absent", "none")], "kinds.yaml:4:8", "`blank` was dropped"), Fate::Killed);
    let (far, near) = (school("level: 9", "high"), school("level: 7, kind: P", "P"));
    assert_noticed(WORD, "limits.yaml:6:26", "7 became 6", &far, &near);
    assert_noticed(WORD, "limits.yaml:6:26", "7 became 8", &far, &school("level: 8", "high"));
    let on = |date: &str, level: &str| format!("as_of: {date}, {level}");
    let six = school("level: 6, kind: P", "P");
    assert_noticed(WORD, "limits.yaml:6:26", "from 2025-07-01 became from 2025-07-02", &six, &on("2025-07-01", &six));
    let high = school("level: 6", "high");
    assert_noticed(
        WORD,
        "limits.yaml:6:26",
        "from 2025-07-01 became from 2025-06-30",
        &on("2025-06-01", &high),
        &on("2025-06-30", &high),
    );
}

#[test]
fn selections_are_changed() {
    let rooms = |rooms: &str, expect: &str| school(&format!("rooms: [ {rooms} ]"), expect);
    let one = "{ room_id: 1, size: 20, floor: 1, wing: A }";
    let found = rooms(one, "{ room: 1 }");
    let condition = "the condition was dropped, so that no row is left out for it";
    assert_noticed(
        ROOM,
        "graph.yaml:35:16",
        condition,
        &found,
        &rooms("{ room_id: 1, size: 10, floor: 1, wing: A }", "absent"),
    );
    assert_noticed(ROOM, "graph.yaml:35:34", condition, &found, &rooms("{ room_id: 1, size: 20, wing: A }", "absent"));
    let larger = rooms(&format!("{one}, {{ room_id: 2, size: 30, floor: 1, wing: A }}"), "{ room: 2 }");
    assert_noticed(ROOM, "graph.yaml:36:17", "`desc` was dropped from the order", &found, &larger);
    assert_noticed(ROOM, "graph.yaml:36:17", "this part of the order was dropped", &found, &larger);
    let wings = rooms(
        "{ room_id: 1, size: 20, floor: 1, wing: B }, { room_id: 2, size: 20, floor: 1, wing: A }",
        "{ room: 2 }",
    );
    assert_noticed(ROOM, "graph.yaml:36:33", "the order was turned round (`desc`)", &found, &wings);
    let distinct = "fact: school.wings";
    let (apart, same) = (
        rooms("{ room_id: 1, wing: A }, { room_id: 2, wing: B }", "[ { room: 1 }, { room: 2 } ]"),
        rooms("{ room_id: 1, wing: A }, { room_id: 2, wing: A }", "[ { room: 1 } ]"),
    );
    assert_noticed(distinct, "graph.yaml:70:19", "`distinct` was dropped", &apart, &same);
    let spare = "given: { school: { rooms: [], spare_rooms: [ { room_id: 7 } ] } }, expect: [ { room: 7 } ]";
    assert_noticed(distinct, "graph.yaml:71:20", "`otherwise` was dropped", &apart, spare);
}

#[test]
fn what_another_view_of_a_table_shares_is_changed_for_all_its_views() {
    let annex = |rooms: &str, expect: &str| format!("given: {{ annex: {{ rooms: [{rooms}] }} }}, expect: {expect}");
    let small_room = "{ room_id: 1, size: 20, floor: 1, wing: A }";
    let one = annex(small_room, "{ annex_room: 1 }");
    let two = annex(&format!("{small_room}, {{ room_id: 2, size: 30, floor: 1, wing: A }}"), "{ annex_room: 2 }");
    let about = "fact: annex.best_room";
    assert_noticed(about, "graph.yaml:36:17", "`desc` was dropped from the order", &one, &two);
    let (high, low) = ("given: { annex: { level: 8 } }, expect: high", "given: { annex: { level: 3 } }, expect: three");
    assert_noticed("fact: annex.word", "word.rhai:8:24", "3 became 2", high, low);
}

#[test]
fn what_would_change_nothing_is_not_tried() {
    let (mutants, _) = small(&[(OLD, &[&school("opened: absent", "false")])]).mutate();
    let says: Vec<String> =
        mutants.iter().map(|mutant| format!("{}:{} {}", mutant.at.line, mutant.at.column, mutant.says)).collect();
    // Rows stand in the order of their keys anyway.
    assert!(!says.contains(&"36:44 this part of the order was dropped".to_owned()), "{says:#?}");
    assert!(says.contains(&"36:44 the order was turned round (`desc`)".to_owned()), "{says:#?}");
    // A function that is called twice is one place.
    assert_eq!(says.iter().filter(|line| line.contains("2:5 what stands behind `??`")).count(), 1, "{says:#?}");
}

#[test]
fn a_change_is_tried_only_against_cases_that_reach_it_and_the_report_says_what_would_notice_it() {
    let (three, high) = (school("level: 3", "three"), school("level: 9", "high"));
    let (mutants, outcomes) = small(&[(WORD, &[&three, &high])]).mutate();
    let text = mutation::human(&mutants, &outcomes, &files());
    let at = text
        .find("rules/parameters/limits.yaml:6:26: no case noticed that 7 became 8")
        .unwrap_or_else(|| panic!("{text}"));
    assert!(text[at..].contains("6 |     2025-07-01: { value: 7, cite: x }"), "{text}");
    assert!(text[at..].contains("fact: school.word\n      as_of: 2025-07-01"), "{text}");
    let json = mutation::json(&mutants, &outcomes);
    assert_eq!(json["tried"], json["changes"]);
    let sum = ["noticed", "not_noticed", "not_reached"].iter().map(|key| json[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!(json["changes"], sum);
    assert!(json["survivors"].as_array().unwrap().iter().all(|survivor| survivor["case"] != ""), "{json:#}");
}

#[test]
fn when_the_time_is_up_it_says_what_was_not_tried() {
    let high = school("level: 9", "high");
    let ran = small(&[(WORD, &[&high])]);
    let (untried, text) = support::with_stack(move || {
        let mutants = mutation::mutants(&ran.plan, ran.fixtures[0].cases[0].as_of);
        let covering = Covering::new(&ran.fixtures, &ran.cases);
        let asked = AtomicUsize::new(0);
        let outcomes = mutation::run(&ran.plan, &mutants, &covering, 1, &|| asked.fetch_add(1, Ordering::Relaxed) < 5);
        assert_eq!(outcomes.tried(), 5);
        (outcomes.count(Fate::NotTried), mutation::human(&mutants, &outcomes, &files()))
    });
    assert!(untried > 0);
    assert!(text.contains(&format!("{untried} more changes were not tried, as the time was up")), "{text}");
}
