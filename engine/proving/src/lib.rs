//! Everything that proves a rulebook: fixtures, cases that anyone can read; what they reach; and the proof that the checker is
//! sound.
//!
//! [`Suite::read`] reads the people and the fixture files, [`run::run`] runs the cases of a fixture against a plan, [`report`]
//! prints what came of it, [`update`] rewrites what was expected, and [`affected`] says which fixtures a change concerns.
#![forbid(unsafe_code)]

pub mod affected;
pub mod because;
pub mod coverage;
mod expectation;
mod expected_problem;
pub mod fixture;
mod given;
pub mod ledger;
mod merge;
pub mod mutation;
pub mod parameters;
mod path;
pub mod people;
pub mod property;
pub mod report;
pub mod run;
mod skeleton;
pub mod sketch;
pub mod soundness;
mod suite;
pub mod text;
pub mod update;
mod wants;

pub use expectation::Expectation;
pub use expected_problem::ExpectedProblem;
pub use fixture::{Case, Fixture, Target};
pub use ledger::{Answer, Ledger, LedgerRow, LedgerRule};
pub use people::People;
pub use run::{CaseResult, Failure, RecordedCase, Replacement, Verdict};
pub use suite::Suite;
