//! Changes a rulebook in small ways, in memory, and tells which changes no case notices: each is a mistake that somebody could make
//! unnoticed.

mod change;
mod codes;
mod find;
mod report;
mod run;
mod selections;
mod steps;

use std::sync::Arc;

use rulebook::places::{Outcome, Reached};
use rulebook::plan::At;

pub use change::Change;
pub use find::mutants;
pub use report::{human, json};
pub use run::{Covering, Fate, Outcomes, run};

/// A small change of a plan.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// The file of what is changed.
    pub file: Arc<str>,
    /// Where in it.
    pub at: At,
    /// What is changed, in words.
    pub says: String,
    /// The change.
    pub change: Change,
    /// When what is changed is reached: one of these.
    pub reached: Vec<Reached>,
    /// What the case is about that would notice it, as the first line of a fixture.
    pub head: String,
    /// A case that would notice it, as far as that can be read from the plan.
    pub skeleton: String,
}

/// What a case must make of a step to notice that it was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notice {
    /// This must come of it.
    Outcome(Outcome),
    /// Both sides of the comparison must be equal.
    Border,
    /// It must be reached.
    Reach,
}
