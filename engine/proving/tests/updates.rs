//! What failing cases expect, rewritten in place.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use proving::update::{self, Updated};
use proving::{Suite, run};
use rulebook::{Files, Rulebook};

const FILE: &str = "tests/rules/a.yaml";

fn rewrite(text: &str) -> Updated {
    let files = Files::from([(FILE.to_owned(), text.to_owned())]);
    support::with_stack(move || {
        let plan = Rulebook::new(support::rulebook()).plan.unwrap();
        let suite = Suite::read(&plan, &files);
        assert_eq!(suite.problems, []);
        let fixture = &suite.fixtures[0];
        update::rewrite(&files[FILE], fixture, &run::run(&plan, fixture, &|_| true))
    })
}

/// The update changes exactly this, and the fixture passes then.
#[track_caller]
fn becomes(text: &str, from: &str, to: &str) -> Updated {
    let updated = rewrite(text);
    assert_eq!(updated.refused, []);
    assert_eq!(text.matches(from).count(), 1, "{from:?} must be once in {text}");
    assert_eq!(updated.text, text.replacen(from, to, 1));
    support::run(&[], &updated.text).passes();
    updated
}

/// The update refuses, says why, and changes nothing.
#[track_caller]
fn refuses(text: &str, why: &str) {
    let updated = rewrite(text);
    assert_eq!((updated.text.as_str(), updated.changes.len()), (text, 0));
    assert!(updated.refused.iter().any(|refused| refused.why.contains(why)), "{:?}", updated.refused);
}

const HEAD: &str =
    "# A comment at the top.\nrule: StudentPersonal/UTExtensions/LimitedEnglish\nas_of: 2026-02-02\ncases:\n";

fn learner(tail: &str) -> String {
    format!(
        "{HEAD}  - name: a case   # why not\n    given: {{ student: {{ el_records: [ {{ program_status: Not EL, identified_date: 2025-09-01 }} ] }} }}\n{tail}"
    )
}

#[test]
fn a_value_is_rewritten_and_the_comment_beside_it_stays() {
    let updated = becomes(&learner("    expect: Y  # by the page\n"), "expect: Y", "expect: N");
    assert_eq!(
        updated.diff(FILE),
        format!("{FILE}:7\n-     expect: Y  # by the page\n+     expect: N  # by the page\n")
    );
}

#[test]
fn quotes_stay() {
    becomes(&learner("    expect: \"Y\"\n"), "\"Y\"", "\"N\"");
    becomes(&learner("    expect: 'Y'\n"), "'Y'", "N");
}

#[test]
fn a_value_in_brackets_is_rewritten() {
    let text = format!(
        "{HEAD}  - {{ name: \"a, b\", expect: Y, given: {{ student: {{ el_records: [ {{ program_status: Not EL, identified_date: 2025-09-01 }} ] }} }} }}\n"
    );
    becomes(&text, "expect: Y", "expect: N");
}

#[test]
fn a_line_of_a_table_is_rewritten() {
    let text = learner(
        "    columns: [as_of, expect]\n    rows:\n      - [2025-08-31, \"\"]\n      - [2025-09-01, Y] # the day itself\n      - [2025-09-02, N]\n",
    );
    becomes(&text, "[2025-09-01, Y]", "[2025-09-01, N]");
}

const ROWS: &str = "fact: student.zone_enrollments\nas_of: 2026-02-02\ncases:\n  - name: a case\n    given: { student: { enrollments: [ { called: one, start_date: 2025-08-18, reportable: true }, { enrollment_id: 7, start_date: 2025-08-19, reportable: true } ] } }\n";

#[test]
fn rows_are_rewritten_by_name_or_key() {
    becomes(
        &format!("{ROWS}    expect: [{{ enrollment: 7 }}]\n"),
        "[{ enrollment: 7 }]",
        "[{ enrollment: one }, { enrollment: 7 }]",
    );
    let block = "\n      - { enrollment: 7 }\n      # more\n      - { enrollment: 7 }\n      - { enrollment: one }";
    becomes(&format!("{ROWS}    expect:{block}\n"), &block[1..], "      [{ enrollment: one }, { enrollment: 7 }]");
}

#[test]
fn a_row_without_a_name_cannot_be_spoken_of() {
    refuses(&format!("{}    expect: []\n", ROWS.replace("called: one, ", "")), "add `called:`");
}

const SCHOOL: &str = "object: SchoolInfo\nas_of: 2026-02-02\ncases:\n  - name: a case\n    given:\n      school: { school_id: 7, school_guid: 33333333-2222-3333-4444-555555555555, name: A & B, district: { district_guid: 44444444-2222-3333-4444-555555555555, name: Weber } }\n";

#[test]
fn whole_instances_are_rewritten_as_xml() {
    let old = "expect: |\n      <SchoolInfo RefId=\"33333333222233334444555555555555\">\n        <LocalId>8</LocalId>\n      </SchoolInfo>\n";
    let text = format!("{SCHOOL}    {old}  # The end.\n");
    let updated = rewrite(&text);
    assert_eq!(updated.refused, []);
    assert!(
        updated.text.contains("\n        <LocalId>7</LocalId>\n        <SchoolName>A &amp; B</SchoolName>\n"),
        "{}",
        updated.text
    );
    assert!(updated.text.ends_with("      </SchoolInfo>\n  # The end.\n"), "{}", updated.text);
    support::run(&[], &updated.text).passes();
    let updated = rewrite(&format!("{SCHOOL}    expect: |\n      <Short/>\n"));
    assert_eq!(updated.text.matches('|').count(), 1, "{}", updated.text);
    support::run(&[], &updated.text).passes();
    let updated = rewrite(&format!("{SCHOOL}    expect: absent\n"));
    support::run(&[], &updated.text).passes();
}

#[test]
fn xml_has_no_room_in_brackets() {
    let text = "object: SchoolInfo\nas_of: 2026-02-02\ncases:\n  - { name: a, expect: absent, given: { school: { school_guid: 33333333-2222-3333-4444-555555555555, name: Oak, district: { district_guid: 44444444-2222-3333-4444-555555555555, name: Weber } } } }\n";
    refuses(text, "over several lines");
}

#[test]
fn what_is_not_a_wrong_value_is_refused() {
    refuses(&learner("    expect: N\n    expect_problem: M104\n"), "other problems");
    refuses(&learner("    expect: N\n    because: { reads: [lep.exit_date] }\n"), "what it claims of why");
    refuses(
        &learner("    expect: Y\n").replace("Not EL, identified", "Not EL, identified_dat: absent, identified"),
        "the case itself is wrong",
    );
    refuses(
        &format!(
            "{HEAD}  - name: a law\n    given: {{ student: {{ el_records: [] }} }}\n    property: {{ for_any: {{ as_of: [2026-01-01] }}, holds: value != () && value != \"\" }}\n"
        ),
        "a property expects no single value",
    );
}

#[test]
fn several_failing_cases_are_rewritten_at_once() {
    let text = learner("    expect: Y\n")
        + "  - name: another\n    given: { student: { el_records: [] } }\n    expect: \"N\" # none\n";
    let updated = rewrite(&text);
    assert_eq!(updated.text, text.replace("expect: Y", "expect: N").replace("\"N\" # none", "\"\" # none"));
    assert_eq!(updated.changes.len(), 2);
}

#[test]
fn a_shared_expectation_of_a_table_is_not_rewritten_for_one_line() {
    let text = learner("    expect: Y\n    columns: [as_of]\n    rows:\n      - [2025-08-31]\n      - [2025-09-01]\n");
    refuses(&text, "several lines share what is expected");
}
