//! Which fixtures a change of files concerns, by the plan.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use proving::Suite;
use proving::affected::{Changes, Dependencies};
use rulebook::{Files, Rulebook};

const GPA: &str = "tests/rules/StudentPersonal/UTExtensions/CumulativeGPA.yaml";
const GRADUATION: &str = "tests/rules/StudentPersonal/ProjectedGraduationYear.yaml";
const LEARNER: &str = "tests/rules/StudentPersonal/UTExtensions/LimitedEnglish.yaml";
const MEMBERSHIP: &str = "tests/rules/StudentAttendanceSummary/DaysInMembership.yaml";
const POPULATION: &str = "tests/rules/StudentSchoolEnrollment/population.yaml";
const IS_EL: &str = "tests/rules/facts/lep/is_el.yaml";
const SCHOOL: &str = "tests/objects/SchoolInfo.yaml";
const PERSONAL: &str = "tests/objects/StudentPersonal.yaml";
const EXIT_OF_PLAN: &str = "tests/rules/StudentParticipation/S2/ProgramExitDate.yaml";
const EXIT_OF_504: &str = "tests/rules/StudentParticipation/S4/ProgramExitDate.yaml";
const PLANS: &str = "tests/objects/StudentParticipation/special_education.yaml";
const TOGETHER: &str = "tests/objects/StudentParticipation/together.yaml";
const WHICH_PLANS: &str = "tests/rules/StudentParticipation/S2/population.yaml";

fn all() -> Files {
    let mut files = support::rulebook();
    files.extend(support::fixtures());
    files
}

/// The fixtures, of those above, that an edit of a file concerns.
#[track_caller]
fn after(file: &str, from: &str, to: &str) -> Vec<String> {
    let before = all();
    let mut after = before.clone();
    let text = after.get_mut(file).unwrap();
    assert!(text.contains(from), "{from:?} is not in {file}");
    *text = text.replacen(from, to, 1);
    concerned(&before, &after)
}

fn concerned(before: &Files, after: &Files) -> Vec<String> {
    let changes = Changes::between(before, after);
    let plan = Rulebook::new(support::rulebook()).plan.unwrap();
    let suite = Suite::read(&plan, after);
    let mut names = vec![GPA, GRADUATION, LEARNER, MEMBERSHIP, POPULATION, IS_EL, SCHOOL, PERSONAL];
    names.extend([EXIT_OF_PLAN, EXIT_OF_504, PLANS, TOGETHER, WHICH_PLANS]);
    let mut found: Vec<String> = suite
        .fixtures
        .iter()
        .filter(|fixture| names.contains(&fixture.file.as_str()))
        .filter(|fixture| changes.concern(&Dependencies::of(&plan, fixture)))
        .map(|fixture| fixture.file.clone())
        .collect();
    found.sort();
    found
}

#[test]
fn a_rule_concerns_its_own_fixture_and_the_whole_object() {
    let file = "rules/StudentPersonal/UTExtensions/LimitedEnglish.rhai";
    assert_eq!(after(file, "return \"Y\"", "return \"N\""), [PERSONAL, LEARNER]);
}

#[test]
fn a_fact_concerns_what_reads_it_however_far_behind() {
    assert_eq!(
        after("objects/graph.yaml", "lep.program_status in [\"EL\"", "lep.program_status in [\"El\""),
        [PERSONAL, LEARNER, IS_EL]
    );
}

#[test]
fn a_fact_behind_a_fact_concerns_the_rule_in_front() {
    // Which services are given is asked by the rule, which are refused only by that fact.
    let found = after("objects/graph.yaml", "lep_service.date_refused <= as_of", "lep_service.date_refused < as_of");
    assert_eq!(found, [PERSONAL, LEARNER]);
}

#[test]
fn a_shared_helper_concerns_what_calls_it() {
    let found = after("rules/shared/school_years.rhai", "year_of(date) + 1", "year_of(date) + 2");
    assert_eq!(found, [PERSONAL, GRADUATION]);
}

#[test]
fn a_comment_of_the_graph_concerns_nothing() {
    assert!(after("objects/graph.yaml", "  lep:\n", "  # a comment\n  lep:\n").is_empty());
}

#[test]
fn a_parameter_concerns_what_reads_it_and_not_what_reads_its_neighbour() {
    assert_eq!(
        after("rules/parameters/membership.yaml", "{ value: 180,", "{ value: 181,"),
        [PLANS, TOGETHER, MEMBERSHIP]
    );
}

#[test]
fn a_value_set_concerns_what_maps_by_it() {
    let found = after("rules/value_sets/race.yaml", "doc:", "# doc\ndoc:");
    assert_eq!(found, [PERSONAL]);
}

#[test]
fn an_element_concerns_the_fixtures_of_its_object() {
    let found = after("objects/SchoolInfo.yaml", "from: school.nces_school_id", "from: school.number");
    assert_eq!(found, [SCHOOL]);
    let found =
        after("objects/StudentSchoolEnrollment.yaml", "keep: enrollment.reportable", "keep: enrollment.is_primary");
    assert_eq!(found, [POPULATION]);
}

#[test]
fn an_element_of_a_variant_concerns_that_variant_and_the_whole_object() {
    let file = "objects/StudentParticipation.yaml";
    let found = after(file, "plan.enrollment?.sped_exit_date", "plan.end_date");
    assert_eq!(found, [PLANS, TOGETHER, EXIT_OF_PLAN]);
    let found = after(file, "add_days(section504.end_date", "add_days(section504.start_date");
    // A whole case takes all of the object's file, whichever variant it is about.
    assert_eq!(found, [PLANS, TOGETHER, EXIT_OF_504]);
    let found = after(file, "keep: plan.is_data_plan", "keep: plan.locked");
    assert_eq!(found, [PLANS, TOGETHER, EXIT_OF_PLAN, WHICH_PLANS]);
}

#[test]
fn a_person_and_a_fixture_concern_those_who_use_them() {
    let found = after("tests/people/senior.yaml", "Algebra 1", "Algebra I");
    assert_eq!(found, [GRADUATION, GPA]);
    let found = after(IS_EL, "cases:", "# cases\ncases:");
    assert_eq!(found, [IS_EL]);
}

#[test]
fn a_file_that_is_new_or_gone_concerns_what_depends_on_it() {
    let before = all();
    let mut after = before.clone();
    after.remove("tests/people/senior.yaml");
    assert_eq!(concerned(&after, &before), [GRADUATION, GPA]);
    assert!(Changes::between(&before, &before).is_empty());
}
