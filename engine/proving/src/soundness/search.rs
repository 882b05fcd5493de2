//! Looks for a graph that makes a rule fail.

use std::sync::Arc;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use rulebook::plan::Plan;

use super::judge::{Unsound, judge};
use super::rows::{Rows, any_rows};
use super::words::Words;

/// The smallest graph that was found to make something fail.
#[derive(Clone, Debug)]
pub struct Found {
    /// What fails, and why.
    pub unsound: Unsound,
    /// The rows.
    pub rows: Rows,
}

/// How far a graph that was found is made smaller.
const MOST_STEPS: u32 = 20_000;

/// A source of randomness; the same seed gives the same draws.
#[must_use]
pub fn random(seed: u64) -> TestRng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

/// Runs the plan over `graphs` graphs of up to `most` rows an entity.
///
/// # Errors
/// The smallest graph on which something fails that the checker should have excluded.
pub fn search(plan: &Arc<Plan>, words: &Arc<Words>, most: usize, graphs: u32, seed: u64) -> Result<(), Box<Found>> {
    let config = Config { cases: graphs, failure_persistence: None, max_shrink_iters: MOST_STEPS, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, random(seed));
    let result = runner.run(&any_rows(&plan.schema, words, most), |rows| match judge(plan, words, &rows) {
        None => Ok(()),
        Some(unsound) => Err(TestCaseError::fail(unsound.why)),
    });
    match result {
        Err(TestError::Fail(_, rows)) => match judge(plan, words, &rows) {
            Some(unsound) => Err(Box::new(Found { unsound, rows })),
            None => Ok(()),
        },
        // Nothing is ever rejected, so a run is never given up.
        Ok(()) | Err(TestError::Abort(_)) => Ok(()),
    }
}
