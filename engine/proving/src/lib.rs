//! Everything that proves a rulebook: for now fixtures, cases that anyone can read.
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
mod wants;

pub use expectation::Expectation;
pub use fixture::{Case, Fixture, Target};
pub use run::{CaseResult, Failure, RecordedCase, Verdict};
