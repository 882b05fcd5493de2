//! Runs the cases of fixtures.

pub(crate) mod judge;
pub(crate) mod setting;
pub(crate) mod xml;

use std::cell::OnceCell;
use std::sync::Arc;

use problem::Problem;
use rulebook::places::{Outcome, Places, Spot};
use rulebook::plan::Plan;

use crate::fixture::{Case, Fixture};
use crate::property;

/// What came of a case.
#[derive(Clone, Debug)]
pub struct CaseResult {
    /// The fixture's file.
    pub file: String,
    /// What the case is about.
    pub target: String,
    /// The case's name.
    pub name: String,
    /// Its line.
    pub line: u32,
    /// What came of it.
    pub verdict: Verdict,
}

/// What came of a case.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// As expected.
    Passed,
    /// Not as expected.
    Failed(Failure),
    /// The case itself is wrong.
    Broken(Vec<Problem>),
}

/// How a case failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What was given, as written.
    pub given: String,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub actual: String,
    /// The problems that came with it.
    pub problems: Vec<String>,
    /// What could stand after `expect` for the case to pass, or why nothing could.
    pub replacement: Result<Replacement, String>,
    /// A case that shows the same, to be pasted into the fixture.
    pub paste: Option<String>,
}

/// What could stand after `expect`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// YAML on one line.
    Value(String),
    /// XML of several lines.
    Block(String),
}

/// A decision that was taken: where in the plan, and what came of it.
pub type Taken = (Spot, Outcome);

/// What the cases of a run share: the places of the plan, listed when a case asks for them first.
pub(crate) struct Run<'p> {
    pub plan: &'p Arc<Plan>,
    places: OnceCell<Places>,
}

impl<'p> Run<'p> {
    const fn new(plan: &'p Arc<Plan>) -> Self {
        Self { plan, places: OnceCell::new() }
    }

    /// The places of the plan.
    pub fn places(&self) -> &Places {
        self.places.get_or_init(|| Places::of(self.plan))
    }
}

/// What came of a case, and which decisions it has taken.
#[derive(Clone, Debug)]
pub struct RecordedCase {
    /// What came of it.
    pub result: CaseResult,
    /// Its number in the fixture, from 0.
    pub number: usize,
    /// The decisions, each once, in the order in which they were taken first; of a property, those of every try.
    pub taken: Vec<Taken>,
}

/// Runs every case of a fixture that `wanted` wants.
#[must_use]
pub fn run(plan: &Arc<Plan>, fixture: &Fixture, wanted: &dyn Fn(&Case) -> bool) -> Vec<CaseResult> {
    run_recorded(plan, fixture, wanted, false).into_iter().map(|case| case.result).collect()
}

/// Runs one case.
#[must_use]
pub fn one(plan: &Arc<Plan>, fixture: &Fixture, case: &Case) -> Verdict {
    verdict(&Run::new(plan), fixture, case, None)
}

/// Runs every case of a fixture that `wanted` wants, and tells which decisions each has taken, if they are recorded.
#[must_use]
pub fn run_recorded(
    plan: &Arc<Plan>,
    fixture: &Fixture,
    wanted: &dyn Fn(&Case) -> bool,
    record: bool,
) -> Vec<RecordedCase> {
    let run = Run::new(plan);
    let cases = fixture.cases.iter().enumerate().filter(|(_, case)| wanted(case));
    cases
        .map(|(number, case)| {
            let mut taken = Vec::new();
            let verdict = verdict(&run, fixture, case, record.then_some(&mut taken));
            let result = CaseResult {
                file: fixture.file.clone(),
                target: fixture.name.clone(),
                name: case.name.clone(),
                line: case.place.line,
                verdict,
            };
            RecordedCase { result, number, taken }
        })
        .collect()
}

fn verdict(run: &Run<'_>, fixture: &Fixture, case: &Case, recorded: Option<&mut Vec<Taken>>) -> Verdict {
    match &case.property {
        Some(law) => property::judge(run.plan, fixture, case, law, recorded),
        None => judge::judge(run, fixture, case, recorded),
    }
}
