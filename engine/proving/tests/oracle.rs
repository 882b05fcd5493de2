//! The rule language's own engine is the oracle of the native steps: every fixture of the project must come out the same.
#![expect(clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use proving::{Suite, Verdict, run};
use rulebook::Rulebook;
use support::with_stack;

fn rulebook(of_scripts: bool) -> Rulebook {
    let files = support::rulebook();
    if of_scripts { Rulebook::of_scripts(files) } else { Rulebook::new(files) }
}

/// Runs every fixture; returns how many cases there were, and those that did not pass.
fn run_all(of_scripts: bool) -> (usize, Vec<String>) {
    let book = rulebook(of_scripts);
    let plan = book.plan.unwrap_or_else(|| panic!("the rulebook does not check: {:?}", book.problems));
    let mut suite = Suite::read(&plan, &support::fixtures());
    let mut failures: Vec<String> = suite.problems.iter().map(ToString::to_string).collect();
    let mut cases = 0;
    if of_scripts {
        // A script knows no lines that give its value, and compares with what is absent without a word.
        let compares = "an enrollment without a start date is rejected";
        for fixture in &mut suite.fixtures {
            fixture.cases.retain(|case| case.name != compares);
            fixture.cases.iter_mut().for_each(|case| case.because = None);
        }
    }
    for outcome in suite.fixtures.iter().flat_map(|fixture| run::run(&plan, fixture, &|_| true)) {
        cases += 1;
        if !matches!(outcome.verdict, Verdict::Passed) {
            failures.push(format!("{}:{}: {}: {:?}", outcome.file, outcome.line, outcome.name, outcome.verdict));
        }
    }
    (cases, failures)
}

#[test]
fn every_fixture_passes_with_native_steps() {
    let (cases, failures) = with_stack(|| run_all(false));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(cases > 500, "only {cases} cases were found");
}

#[test]
fn every_fixture_passes_with_scripts() {
    let (_, failures) = with_stack(|| run_all(true));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_rule_of_the_project_has_native_steps() {
    let book = rulebook(false);
    let plan = book.plan.unwrap();
    let scripts: Vec<String> = plan
        .facts
        .iter()
        .map(|fact| (&fact.value, fact.name.to_string()))
        .chain(plan.objects.iter().flat_map(|object| {
            object.nodes().into_iter().filter_map(|node| Some((&node.leaf.as_ref()?.value, node.path.to_string())))
        }))
        .filter(|(value, _)| matches!(value, rulebook::plan::Value::Script(..)))
        .map(|(_, name)| name)
        .collect();
    assert!(scripts.is_empty(), "these rules run as scripts, which is slow: {}", scripts.join(", "));
}

#[test]
fn every_rule_of_the_rulebook_is_right_as_a_script() {
    let book = rulebook(true);
    assert!(book.plan.is_some_and(|plan| plan.rules.len() > 20));
    assert_eq!(book.problems, []);
}
