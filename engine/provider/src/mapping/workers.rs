//! Threads whose stack is large enough for rules.

use std::thread::ScopedJoinHandle;

use problem::{Problem, code};

/// Starts as many threads as there are jobs, with a stack that is large enough for rules. Where the machine refuses some, the
/// others do their work.
///
/// # Errors
/// If no thread could be started.
pub fn workers<'scope, T: Send + 'scope, F: FnOnce() -> T + Send + 'scope>(
    scope: &'scope std::thread::Scope<'scope, '_>,
    name: &str,
    jobs: usize,
    stack_bytes: usize,
    mut work: impl FnMut() -> F,
) -> Result<Vec<ScopedJoinHandle<'scope, T>>, Problem> {
    let mut workers = Vec::with_capacity(jobs);
    let mut refused = None;
    for worker in 0..jobs {
        let builder = std::thread::Builder::new().name(format!("{name}-{worker}")).stack_size(stack_bytes);
        match builder.spawn_scoped(scope, work()) {
            Ok(worker) => workers.push(worker),
            Err(error) => refused = Some(error),
        }
    }
    match refused {
        Some(error) if workers.is_empty() => Err(not_finished(&format!("no thread could be started: {error}"))),
        Some(error) => {
            tracing::warn!("{} of {jobs} threads were started: {error}", workers.len());
            Ok(workers)
        }
        None => Ok(workers),
    }
}

/// The work was not finished.
#[must_use]
pub fn not_finished(message: &str) -> Problem {
    Problem::new(code::NOT_FINISHED, message).help(AGAIN)
}

/// What helps when the work was not finished.
const AGAIN: &str = "nothing was given its name; run again, with a smaller number of --jobs if memory is short";
