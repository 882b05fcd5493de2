//! Everything that proves a rulebook: fixtures, cases that anyone can read; and the proof that the checker is sound.
//!
//! [`fixture::read`] reads a fixture file, [`run::run`] runs its cases against a plan, [`report`] prints what came of it.
#![forbid(unsafe_code)]

pub mod coverage;
mod expectation;
pub mod fixture;
mod given;
pub mod mutation;
pub mod report;
pub mod run;
mod skeleton;
pub mod sketch;
pub mod soundness;
mod wants;

pub use expectation::Expectation;
pub use fixture::{Case, Fixture, Target};
pub use run::{CaseResult, Failure, RecordedCase, Verdict};
