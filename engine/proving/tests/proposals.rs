//! The cases that are proposed for the project's own rulebook are fixtures, and most of them reach what they are proposed for.
#![allow(clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use proving::coverage::{self, Coverage};
use proving::{Target, Verdict, fixture, run};
use rulebook::Rulebook;
use rulebook::places::Places;
use rulebook::plan::Plan;
use rulebook::types::Kind;

/// The proposal with something expected, so that it can be read: what is expected does not matter here.
fn filled(plan: &Plan, proposal: &str) -> String {
    let about = |target: &Target| match target {
        Target::Population(_) => "true",
        Target::Fact(fact) => match plan.facts[*fact].ty.kind {
            Kind::Rows(_) | Kind::Days => "[]",
            Kind::Row(_) => "absent",
            _ => "x",
        },
        Target::Object(_) => "absent",
        Target::Element(..) => "x",
    };
    let all = ["true", "[]", "absent", "x"].map(|expect| proposal.replace("what the requirement says", expect));
    let fits = all.iter().find(|text| {
        let read = fixture::read(plan, &proving::People::default(), "proposal.yaml", text, &mut Vec::new());
        read.is_some_and(|read| !read.cases.is_empty() && text.contains(&format!("expect: {}", about(&read.target))))
    });
    fits.cloned().unwrap_or_else(|| proposal.to_owned())
}

#[test]
fn proposed_cases_can_be_read_and_most_reach_what_they_are_for() {
    let plan = Rulebook::new(support::rulebook()).plan.unwrap_or_else(|| panic!("the rulebook does not check"));
    let (proposed, wrong, reached, astray) = support::with_stack(move || {
        let places = Places::of(&plan);
        let nothing = Coverage::new(&places, []);
        let as_of = graph::Date::from_ymd_opt(2026, 2, 2).unwrap_or_default();
        let missed = coverage::missed(&plan, &places, &nothing, as_of);
        let (mut wrong, mut astray, mut reached) = (Vec::new(), Vec::new(), 0);
        for missed in &missed {
            let decision = &nothing.decisions[missed.decision].decision;
            let at = format!("{}:{}:{} {:?}", decision.file, decision.at.line, decision.at.column, missed.outcome);
            let text = filled(&plan, &missed.skeleton);
            let mut problems = Vec::new();
            let read = fixture::read(&plan, &proving::People::default(), "proposal.yaml", &text, &mut problems);
            let Some((read, case)) = read.as_ref().and_then(|read| Some((read, read.cases.first()?))) else {
                wrong.push(format!("{at}: {problems:?}\n{text}"));
                continue;
            };
            let ran = run::run_recorded(&plan, read, &|_| true, true);
            let Some(ran) = ran.first() else { continue };
            if let Verdict::Broken(problems) = &ran.result.verdict {
                wrong.push(format!("{at}: {}: {problems:?}\n{text}", case.name));
            }
            let is_it = ran.taken.iter().any(|(spot, outcome)| {
                *outcome == missed.outcome
                    && places.find(*spot, *outcome).is_some_and(|number| {
                        let found = &places.decisions()[number];
                        (&found.file, found.at, found.what) == (&decision.file, decision.at, decision.what)
                    })
            });
            if is_it { reached += 1 } else { astray.push(at) }
        }
        (missed.len(), wrong, reached, astray)
    });
    assert!(wrong.is_empty(), "{} are no fixtures: {}", wrong.len(), wrong.join("\n"));
    println!("{reached} of {proposed} reach what they are for; not: {}", astray.join("\n"));
    assert!(
        reached * 100 >= proposed * 70,
        "only {reached} of {proposed} reach what they are for: {}",
        astray.join("\n")
    );
}
