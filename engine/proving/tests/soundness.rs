//! What the checker accepts raises no fault of its own on any graph that fits the schema.
//!
//! `SIFTER_SOUNDNESS_GRAPHS` is the number of graphs (200); `cargo xtask soak soundness` takes many more.

mod support;

use std::sync::Arc;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use proving::soundness::{Words, any_rows, random, search, written};
use rulebook::Rulebook;
use support::with_stack;

fn graphs() -> u32 {
    std::env::var("SIFTER_SOUNDNESS_GRAPHS").ok().and_then(|text| text.parse().ok()).unwrap_or(200)
}

/// Graphs that are empty, or that do not fit the schema, would show nothing.
#[test]
fn most_graphs_fit_the_schema_and_have_rows_of_most_entities() {
    with_stack(|| {
        let plan = Rulebook::new(support::rulebook()).plan.unwrap();
        let strategy = any_rows(&plan.schema, &Arc::new(Words::of(&plan)), 4);
        let mut runner = TestRunner::new_with_rng(proptest::test_runner::Config::default(), random(1));
        let mut with_rows = vec![0; plan.schema.len()];
        for _ in 0..50 {
            let rows = strategy.new_tree(&mut runner).unwrap().current();
            assert!(rows.graph().is_some(), "these rows do not fit the schema: {rows:?}");
            for (entity, _) in plan.schema.entities() {
                with_rows[usize::from(entity.0)] += usize::from(rows.count(entity) > 0);
            }
        }
        println!("graphs with rows, of 50: {with_rows:?}");
        for (entity, declared) in plan.schema.entities() {
            let is_group = matches!(declared.source, graph::Source::Group { .. });
            let graphs = with_rows[usize::from(entity.0)];
            assert!(is_group || graphs >= 8, "only {graphs} of 50 graphs have a row of {}", declared.name);
        }
    });
}

#[test]
fn the_rules_of_the_project_raise_no_fault_of_their_own() {
    with_stack(|| {
        let book = Rulebook::new(support::rulebook());
        let plan = book.plan.unwrap_or_else(|| panic!("the rulebook does not check: {:?}", book.problems));
        let words = Arc::new(Words::of(&plan));
        if let Err(found) = search(&plan, &words, 3, graphs(), 1) {
            panic!("{}: {}, over{:?}", found.unsound.what, found.unsound.why, found.rows);
        }
    });
}

#[test]
fn rules_that_nobody_would_write_raise_no_fault_of_their_own_once_they_are_accepted() {
    with_stack(|| {
        let mut draws = random(1);
        let (mut accepted, mut refused, mut scripts) = (0, 0, 0);
        for batch in 0..graphs().div_ceil(20) {
            let made =
                written::accept(written::write(&mut draws, 40, true), true).unwrap_or_else(|why| panic!("{why}"));
            accepted += made.rules.len();
            refused += made.refused;
            let is_script = |fact: &&rulebook::plan::Fact| matches!(fact.value, rulebook::plan::Value::Script(..));
            scripts += made.plan.facts.iter().filter(is_script).count();
            let words = Arc::new(Words::of(&made.plan));
            if let Err(found) = search(&made.plan, &words, 3, 20, u64::from(batch)) {
                let name = found.unsound.what.trim_start_matches("student.");
                let rule = made.rules.iter().find(|(known, _)| known == name).map(|(_, rule)| rule);
                panic!("{}: {}\n{rule:#?}\nover{:?}", found.unsound.what, found.unsound.why, found.rows);
            }
        }
        println!("{accepted} rules accepted, {scripts} of them scripts; {refused} refused");
        assert!(scripts > 0, "no rule is a script");
        // A writer whose rules are all refused, or none, would show nothing.
        assert!(accepted * 10 > refused && refused * 10 > accepted, "{accepted} accepted, {refused} refused");
    });
}

#[test]
fn without_the_question_about_absence_rules_fail() {
    with_stack(|| {
        let mut draws = random(1);
        let made = written::accept(written::write(&mut draws, 40, false), false).unwrap_or_else(|why| panic!("{why}"));
        let words = Arc::new(Words::of(&made.plan));
        let Err(found) = search(&made.plan, &words, 3, 50, 1) else { panic!("nothing failed") };
        assert!(found.unsound.what.starts_with("student.made_"), "{:?}", found.unsound);
    });
}
