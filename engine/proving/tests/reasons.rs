//! `because`, `expect_problem` and `parameters`.

mod support;

use support::run;

const LEARNER: &str = "rule: StudentPersonal/UTExtensions/LimitedEnglish\nas_of: 2026-02-02\ncases:\n  - name: a case\n    given: { student: { el_records: [ { program_status: Not EL, identified_date: 2025-09-01 } ] } }\n    expect: N\n";

fn because(claim: &str) -> support::Outcome {
    run(&[], &format!("{LEARNER}    because: {{ {claim} }}\n"))
}

#[test]
fn what_was_read_can_be_claimed() {
    because("reads: [lep.program_status, student.el_record, lep.identified_date]").passes();
    because("reads: lep.program_status").passes();
    because("not_reads: [lep.exit_date, lep.parent_declined_date]").passes();
}

#[test]
fn a_wrong_claim_fails_though_the_value_is_right() {
    because("reads: [lep.program_status, lep.exit_date]")
        .says(&["because it reads lep.exit_date", "lep.program_status"]);
    because("not_reads: [lep.program_status]").says(&["because it does not read lep.program_status"]);
    because("not_reads: [student.el_record]").says(&["does not read student.el_record"]);
}

#[test]
fn parameters_are_read_too() {
    let case = |claim: &str| {
        run(
            &[],
            &format!(
                "rule: StudentAttendanceSummary/DaysInMembership\nas_of: 2026-02-02\ncases:\n  - name: a case\n    given: {{ enrollment: {{ membership_days: 5, calendar: {{ days: [] }} }} }}\n    expect: \"5\"\n    because: {{ {claim} }}\n"
            ),
        )
    };
    case("reads: [membership.cap], not_reads: [membership.session_days]").passes();
    case("reads: [membership.session_days]").says(&["because it reads membership.session_days"]);
}

#[test]
fn the_line_that_gave_the_value_can_be_claimed_by_its_text_or_its_number() {
    because("returns: 'if record.program_status == \"Not EL\" { \"N\" } else { () }'").passes();
    because("returns: '\"N\"'").passes();
    because("returns: 'return \"F\"'")
        .says(&["because `return \"F\"` gave the value", "LimitedEnglish.rhai:26: if record"]);
    because("returns: 26").passes();
    because("returns: 24").says(&["because `24` gave the value"]);
}

#[test]
fn a_claim_of_what_does_not_exist_is_an_error() {
    because("reads: [lep.program_stats]").says(&["a.yaml:7:24", "did you mean `lep.program_status`?"]);
    because("read: [lep.program_status]").says(&["a.yaml:7:16", "did you mean `reads`?"]);
    because("returns: 'return \"X\"'").says(&["has no such line", "did you mean `return \"F\";`?"]);
    because("returns: 999").says(&["has no such line"]);
}

#[test]
fn only_a_rule_file_has_lines() {
    let fixture = "fact: student.is_el\nas_of: 2026-02-02\ncases:\n  - { name: a, given: { student: { el_record: absent } }, expect: false, because: { returns: x } }\n";
    run(&[], fixture).says(&["no file holds this one"]);
}

const SCHOOL: &str = "object: SchoolInfo\nas_of: 2026-02-02\ncases:\n  - name: a case\n    given: { school: { school_id: 7, school_guid: absent, name: Oak, district: { district_guid: 44444444-2222-3333-4444-555555555555, name: Weber } } }\n    expect: absent\n";

fn problems(expected: &str) -> support::Outcome {
    run(&[], &format!("{SCHOOL}    expect_problem: {expected}\n"))
}

#[test]
fn exactly_the_expected_problems_come() {
    problems("[M104, M103]").passes();
    problems("[M103, M104]").passes();
    problems("[{ code: M104, path: \"@RefId\", says: is mandatory }, { code: M103, says: left out }]").passes();
    problems("M103").says(&["expected the problem M103", "M104 at @RefId"]);
    problems("[M103, M104, M104]").says(&["M104"]);
    problems("[]").says(&["expected no problem"]);
}

#[test]
fn a_problem_with_another_path_or_text_is_another_one() {
    problems("[{ code: M104, path: LocalId }, M103]").says(&["M104 at LocalId"]);
    problems("[{ code: M104, says: nonsense }, M103]").says(&["that says `nonsense`"]);
}

#[test]
fn no_problem_at_all_can_be_expected() {
    let good = SCHOOL.replace("school_guid: absent", "school_guid: 33333333-2222-3333-4444-555555555555");
    let good = good.replace("    expect: absent\n", "    expect_problem: []\n");
    run(&[], &good).passes();
}

#[test]
fn an_expected_problem_that_does_not_exist_is_an_error() {
    problems("M14").says(&["no problem has the code M14"]);
    problems("{ code: M103, pth: x }").says(&["did you mean `path`?"]);
}

fn cap(more: &str, as_of: &str, expect: &str) -> support::Outcome {
    run(
        &[],
        &format!(
            "rule: StudentAttendanceSummary/DaysInMembership\nas_of: {as_of}\nparameters: {{ membership.cap: 100 }}\ncases:\n  - name: a case\n    given: {{ enrollment: {{ membership_days: 150, calendar: {{ days: [] }} }} }}\n    expect: {expect}\n{more}"
        ),
    )
}

#[test]
fn a_case_sets_parameters_over_those_of_its_file() {
    cap("", "2026-02-02", "\"100\"").passes();
    cap("    parameters: { membership.cap: 120 }\n", "2026-02-02", "\"120\"").passes();
}

#[test]
fn a_parameter_may_change_on_a_day() {
    let dated = "    parameters: { membership.cap: { 2026-01-01: 90, 2025-07-01: 110 } }\n";
    cap(dated, "2025-12-31", "\"110\"").passes();
    cap(dated, "2026-01-01", "\"90\"").passes();
    cap(dated, "2025-06-30", "\"110\"").says(&["P103"]);
}

#[test]
fn a_parameter_may_have_no_value() {
    cap("    parameters: { membership.cap: absent }\n    expect_problem: P103\n", "2026-02-02", "absent").passes();
}

#[test]
fn a_parameter_that_does_not_exist_or_fit_is_an_error() {
    cap("    parameters: { membership.cpa: 1 }\n", "2026-02-02", "\"1\"")
        .says(&["a.yaml:8:19", "did you mean `membership.cap`?"]);
    cap("    parameters: { membership.cap: many }\n", "2026-02-02", "\"1\"")
        .says(&["a.yaml:8:35", "not of the parameter's type"]);
    cap("    parameters: { membership.cap: { soon: 1 } }\n", "2026-02-02", "\"1\"")
        .says(&["a.yaml:8:37", "`soon` is no date"]);
}
