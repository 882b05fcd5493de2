//! Runs the cases of fixtures.

pub(crate) mod judge;
pub(crate) mod setting;
pub(crate) mod xml;

use std::sync::Arc;

use problem::Problem;
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

/// Runs every case of a fixture that `wanted` wants.
#[must_use]
pub fn run(plan: &Arc<Plan>, fixture: &Fixture, wanted: &dyn Fn(&Case) -> bool) -> Vec<CaseResult> {
    fixture
        .cases
        .iter()
        .filter(|case| wanted(case))
        .map(|case| CaseResult {
            file: fixture.file.clone(),
            target: fixture.name.clone(),
            name: case.name.clone(),
            line: case.place.line,
            verdict: verdict(plan, fixture, case),
        })
        .collect()
}

fn verdict(plan: &Arc<Plan>, fixture: &Fixture, case: &Case) -> Verdict {
    match &case.property {
        Some(law) => property::judge(plan, fixture, case, law),
        None => judge::judge(plan, fixture, case),
    }
}
