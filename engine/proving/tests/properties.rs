//! Laws that hold for many inputs.
#![expect(clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use proving::{Failure, Verdict};
use support::{Outcome, run};

const HEAD: &str = "rule: StudentAttendanceSummary/DaysInMembership\nas_of: 2026-02-02\ncases:\n";

fn law(for_any: &str, holds: &str, more: &str) -> Outcome {
    run(
        &[],
        &format!(
            "{HEAD}  - name: a law\n    given: {{ enrollment: {{ membership_days: 1, calendar: {{ days: [] }} }} }}\n    property:\n      for_any: {{ {for_any} }}\n      holds: {holds}\n{more}"
        ),
    )
}

const DAYS: &str = "enrollment.membership_days: { from: 0, to: 400 }";

fn failure(outcome: &Outcome) -> &Failure {
    match &outcome.results[0].verdict {
        Verdict::Failed(failure) => failure,
        other => panic!("the law should fail: {other:?} {:?}", outcome.problems),
    }
}

#[test]
fn a_law_that_holds_passes() {
    law(DAYS, "(parse_int(value) ?? 999) <= membership.cap", "").passes();
    law(DAYS, "value != ()", "      tries: 1000\n").passes();
}

#[test]
fn the_smallest_input_that_breaks_a_law_is_found() {
    // Every input is tried, or some are drawn and made smaller.
    for tries in ["1000", "100"] {
        let outcome = law(DAYS, "(parse_int(value) ?? 999) < 57", &format!("      tries: {tries}\n"));
        assert_eq!(failure(&outcome).given, "enrollment.membership_days: 57", "{tries}");
        assert_eq!(failure(&outcome).actual, "57");
    }
}

#[test]
fn a_border_is_found_though_few_inputs_are_tried() {
    let border = "enrollment.membership_days: { from: 0, to: 1000000 }";
    let outcome = law(border, "(parse_int(value) ?? 999) > 0", "      tries: 20\n");
    assert_eq!(failure(&outcome).given, "enrollment.membership_days: 0");
}

#[test]
fn the_input_can_be_pasted_as_a_case_that_passes() {
    let outcome =
        law(&format!("{DAYS}, as_of: {{ from: 2026-01-01, to: 2026-03-01 }}"), "(parse_int(value) ?? 999) < 57", "");
    let paste = failure(&outcome).paste.clone().unwrap();
    assert!(paste.contains("membership_days: 57") && paste.contains("as_of: 2026-01-01"), "{paste}");
    run(&[], &format!("{HEAD}{paste}")).passes();
}

#[test]
fn the_same_inputs_are_drawn_each_time() {
    let shown = || {
        let outcome =
            law("enrollment.membership_days: { from: 0.00, to: 90000.00 }", "(parse_int(value) ?? 999) < 57", "");
        format!("{:?}", failure(&outcome))
    };
    assert_eq!(shown(), shown());
}

#[test]
fn a_rule_that_fails_breaks_every_law() {
    let outcome = law(DAYS, "true", "    parameters: { membership.cap: absent }\n");
    assert!(failure(&outcome).problems[0].contains("P103"), "{:?}", failure(&outcome).problems);
}

#[test]
fn inputs_may_be_listed_or_any_of_true_and_false() {
    let fixture = |holds: &str| {
        run(
            &[],
            &format!(
                "population: StudentSchoolEnrollment\nas_of: 2026-02-02\ncases:\n  - name: a law\n    given: {{ enrollment: {{ called: e }} }}\n    property:\n      for_any: {{ enrollment.reportable: any, enrollment.dropped_by_overlap: [true, false] }}\n      holds: {holds}\n"
            ),
        )
    };
    fixture("value == (enrollment.reportable && !enrollment.dropped_by_overlap)").passes();
    let outcome = fixture("value == enrollment.reportable");
    assert_eq!(failure(&outcome).given, "enrollment.reportable: true\nenrollment.dropped_by_overlap: true");
}

#[test]
fn a_law_is_checked_like_a_rule() {
    law(DAYS, "value <= 180", "").says(&["a.yaml:8:20", "cannot be compared"]);
    law(DAYS, "valeu != ()", "").says(&["a.yaml:8:14", "did you mean `value`?"]);
    law(DAYS, "membership.cap", "").says(&["a.yaml:8:14", "a law is true or false"]);
}

#[test]
fn what_is_written_wrong_in_a_property_is_an_error() {
    law("enrollment.membership_day: [1]", "true", "").says(&["did you mean `membership_days`?"]);
    law("enrollment.membership_days: { from: 9, to: 1 }", "true", "").says(&["has no value"]);
    law("enrollment.membership_days: { from: 9 }", "true", "").says(&["needs the key `to`"]);
    law("enrollment.membership_days: []", "true", "").says(&["may be nothing"]);
    law("enrollment.membership_days: 5", "true", "").says(&["a list of values"]);
    law("enrollment.grade: { from: a, to: b }", "true", "").says(&["list other values"]);
    law(DAYS, "true", "      tries: 0\n").says(&["from 1 to 10000"]);
    law(DAYS, "true", "      trie: 5\n").says(&["did you mean `tries`?"]);
    law(DAYS, "true", "    expect: \"1\"\n").says(&["a property has no `expect`"]);
}

#[test]
fn whole_instances_have_no_laws() {
    let fixture = "object: SchoolInfo\nas_of: 2026-02-02\ncases:\n  - { name: a, given: { school: {} }, property: { for_any: { school.name: [A] }, holds: \"true\" } }\n";
    run(&[], fixture).says(&["not about whole instances"]);
}
