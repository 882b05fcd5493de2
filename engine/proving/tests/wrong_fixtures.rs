//! What is written wrong in a fixture is an error with its place, never a case that passes.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use problem::Problem;
use proving::{People, Verdict, fixture, run};
use rulebook::Rulebook;

/// What is wrong with a fixture, when it is read or when its cases run. A case that fails is not wrong, and one that passes even less.
fn wrong(book: &Rulebook, text: &str) -> Vec<Problem> {
    let plan = book.plan.clone().unwrap_or_else(|| panic!("{:?}", book.problems));
    let text = text.to_owned();
    let work = move || {
        let mut problems = Vec::new();
        let fixture = fixture::read(&plan, &People::default(), "wrong.yaml", &text, &mut problems);
        for outcome in fixture.iter().flat_map(|fixture| run::run(&plan, fixture, &|_| true)) {
            match outcome.verdict {
                Verdict::Broken(found) => problems.extend(found),
                Verdict::Passed | Verdict::Failed(_) => {}
            }
        }
        problems
    };
    support::with_stack(work)
}

const POPULATION: &str = "population: StudentSchoolEnrollment\nas_of: 2026-02-02\n";
const ELEMENT: &str = "rule: StudentPersonal/UTExtensions/LimitedEnglish\nas_of: 2026-02-02\n";
const ROW: &str = "fact: student.current_enrollment\nas_of: 2026-02-02\n";
const ROWS: &str = "fact: student.zone_enrollments\nas_of: 2026-02-02\n";

/// A fixture with one wrong case has one problem, which says this and stands where the text `at` begins.
#[track_caller]
fn assert_wrong(head: &str, case: &str, says: &str, at: &str) {
    let line = format!("  - {{ name: a name, {case} }}");
    let problems = wrong(&Rulebook::new(support::rulebook()), &format!("{head}cases:\n{line}\n"));
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let [problem] = &problems[..] else { panic!("one problem is expected of {line}: {shown:#?}") };
    assert!(shown[0].contains(says), "nothing says {says:?}: {shown:#?}");
    let place = problem.place.as_ref().map(|place| (place.line as usize, place.column as usize));
    assert_eq!(place, Some((head.lines().count() + 2, line.find(at).unwrap() + 1)), "{line}: {shown:#?}");
}

#[test]
fn a_row_is_expected_by_the_name_of_its_entity_and_nothing_else() {
    let of = |expect: &str| format!("given: {{ student: {{}} }}, expect: {expect}");
    assert_wrong(ROW, &of("{ enrolment: 5 }"), "did you mean `enrollment`?", "enrolment");
    assert_wrong(ROW, &of("{ day: 5 }"), "`day`", "day");
    assert_wrong(ROW, &of("{ enrollment: five }"), "no row of `enrollment` is called `five`", "five");
    assert_wrong(ROW, &of("{ enrollment: 5, lep: 1 }"), "`lep`", "lep");
    assert_wrong(ROW, &of("[{ enrollment: 5 }]"), "{ enrollment: 1 }", "[{");
    assert_wrong(ROW, &of("5"), "{ enrollment: 1 }", "5");
}

#[test]
fn rows_are_expected_as_a_list() {
    let of = |expect: &str| format!("given: {{ student: {{}} }}, expect: {expect}");
    assert_wrong(ROWS, &of("[{ enrolment: 5 }]"), "did you mean `enrollment`?", "enrolment");
    assert_wrong(ROWS, &of("{ enrollment: 5 }"), "a list of rows", "{ enrollment");
}

#[test]
fn an_element_is_expected_as_a_single_value() {
    assert_wrong(ELEMENT, "given: {}, expect: { nonsense: true }", "a single value", "{ nonsense");
    assert_wrong(ELEMENT, "given: {}, expect: [Y]", "a single value", "[Y]");
    assert_wrong(ELEMENT, "given: {}, expect: ~", "a single value", "expect");
}

#[test]
fn a_population_is_true_or_false() {
    assert_wrong(POPULATION, "given: {}, expect: yes", "true or false", "yes");
    assert_wrong(POPULATION, "given: {}, expect: { nonsense: true }", "true or false", "{ nonsense");
}

#[test]
fn a_fixture_has_cases() {
    let problems = wrong(&Rulebook::new(support::rulebook()), &format!("{POPULATION}cases: []\n"));
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(shown.len() == 1 && shown[0].starts_with("wrong.yaml:3:8: error[F101]"), "{shown:#?}");
}

#[test]
fn whole_instances_are_xml() {
    let head = "object: StudentPersonal\nas_of: 2026-02-02\n";
    assert_wrong(head, "given: {}, expect: [a]", "XML", "[a]");
}

#[test]
fn the_zone_of_a_case_is_read_as_a_zone_file_is() {
    let of = |zone: &str| format!("given: {{ enrollment: {{}} }}, zone: {{ {zone} }}, expect: false");
    assert_wrong(POPULATION, &of("school_years: [2026, next]"), "a whole number", "next");
    assert_wrong(POPULATION, &of("excluded_calendars: [x]"), "a whole number", "x]");
    assert_wrong(POPULATION, &of("school_years: []"), "school years", "[]");
    assert_wrong(POPULATION, &of("school_years: [99999999999]"), "school years", "[9");
    for wrong in ["13-01", "7-1", "02-29", "01-01", "July"] {
        assert_wrong(
            POPULATION,
            &of(&format!("school_year_starts: {wrong}")),
            "no day on which school years start",
            wrong,
        );
    }
    assert_wrong(POPULATION, &of("shools: [1]"), "did you mean `schools`?", "shools");
}
