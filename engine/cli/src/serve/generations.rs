//! A rulebook as it stands on the disk, and how it is proved.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use problem::{Place, Problem, code};
use proving::run as runner;
use proving::{CaseResult, Suite, Verdict};
use rulebook::plan::Plan;
use rulebook::script::Limits;
use rulebook::{Files, Rulebook};

use crate::commands::test::fixtures_below;
use crate::files;

/// A rulebook and its fixtures as they stand on the disk.
#[derive(Clone, Default, PartialEq)]
pub struct OnDisk {
    /// The files of objects/ and rules/.
    pub book: Files,
    /// Fixtures and people.
    pub tests: Files,
}

impl OnDisk {
    /// Reads all of it.
    ///
    /// # Errors
    /// The first file or folder that cannot be read.
    pub fn read(folder: &Path) -> Result<Self, Problem> {
        Ok(Self { book: files::read(folder)?, tests: fixtures_below(folder)? })
    }

    /// All files, to draw problems with.
    pub fn files(&self) -> Files {
        let mut all = self.book.clone();
        all.extend(self.tests.clone());
        all
    }

    /// Parses and checks the rulebook.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn checked(&self) -> Result<Arc<Plan>, Vec<Problem>> {
        checked(&self.book)
    }

    /// Runs every fixture against a plan of this rulebook, with this many threads.
    ///
    /// # Errors
    /// What is wrong with the fixtures, and the cases that do not pass.
    pub fn proved(&self, plan: &Arc<Plan>, jobs: usize) -> Result<usize, Vec<Problem>> {
        let suite = Suite::read(plan, &self.tests);
        let mut wrong: Vec<Problem> = suite.problems.iter().filter(|problem| problem.is_error()).cloned().collect();
        let results = run_all(plan, &suite, jobs);
        wrong.extend(results.iter().filter_map(failure));
        if wrong.is_empty() { Ok(results.len()) } else { Err(wrong) }
    }
}

/// Parses and checks the files of a rulebook.
///
/// # Errors
/// What is wrong with them.
pub fn checked(files: &Files) -> Result<Arc<Plan>, Vec<Problem>> {
    let book = Rulebook::new(files.clone());
    match book.plan {
        Some(plan) if !book.problems.iter().any(Problem::is_error) => Ok(plan),
        _ => Err(book.problems),
    }
}

fn run_all(plan: &Arc<Plan>, suite: &Suite, jobs: usize) -> Vec<CaseResult> {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let worker = || {
            let mut mine = Vec::new();
            while let Some(fixture) = suite.fixtures.get(next.fetch_add(1, Ordering::Relaxed)) {
                mine.extend(runner::run(plan, fixture, &|_| true));
            }
            mine
        };
        let spawn =
            |_| std::thread::Builder::new().stack_size(Limits::default().stack_bytes).spawn_scoped(scope, worker);
        let workers: Vec<_> = (0..jobs.max(1)).filter_map(|job| spawn(job).ok()).collect();
        let results: Vec<_> = workers.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        // A fixture that no thread was left to run has not passed.
        results.into_iter().filter_map(Result::ok).flatten().collect()
    })
}

/// What is wrong with a case that does not pass. Its values are made up, but they stay in `sifter test`, which shows them.
fn failure(result: &CaseResult) -> Option<Problem> {
    let why = match &result.verdict {
        Verdict::Passed => return None,
        Verdict::Failed(_) => "does not give what it expects",
        Verdict::Broken(_) => "cannot be run",
    };
    let message = format!("the case `{}` of {} {why}", result.name, result.target);
    let place = Place::new(result.file.as_str(), result.line, 1, 0);
    Some(Problem::new(code::NOT_PROVED, message).at(place).help("`sifter test` shows what came instead"))
}
