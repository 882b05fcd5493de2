//! `sifter test`: runs fixtures, and tells what they reach.

mod affected;
mod loaded;
mod proof;
mod update;
mod watch;

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use proving::{CaseResult, Fixture, RecordedCase, report, run as runner};
use rulebook::plan::Plan;
use rulebook::script::Limits;

use crate::arguments::{Test, TestFormat, threads};
use crate::exit::Exit;
use crate::terminal;
use loaded::Loaded;
pub use loaded::fixtures_below;

/// Runs the command.
pub fn run(arguments: &Test) -> Exit {
    if let Some(exit) = proof::usage(&arguments.proof) {
        return exit;
    }
    if arguments.watch {
        return watch::run(arguments);
    }
    let begun = Instant::now();
    let mut loaded = match Loaded::read(arguments) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    loaded.print_problems();
    if let Some(reference) = &arguments.affected_by {
        let changes = match affected::since(reference, &arguments.rulebook.rulebook, &loaded.all) {
            Ok(changes) => changes,
            Err(message) => return terminal::usage(&message),
        };
        let all = loaded.suite.fixtures.len();
        loaded.keep(&changes);
        if arguments.format == TestFormat::Human {
            anstream::println!(
                "{} of {all} fixture files depend on what changed since {reference}",
                loaded.suite.fixtures.len()
            );
        }
    }
    let record = proof::is_wanted(&arguments.proof);
    let cases = parallel(&loaded.plan, &loaded.suite.fixtures, arguments, record);
    let results: Vec<CaseResult> = cases.iter().map(|(_, case)| case.result.clone()).collect();
    let (passed, failed) = report::counts(&results);
    if arguments.update && failed > 0 {
        return update::run(arguments, &loaded, &results);
    }
    match arguments.format {
        TestFormat::Human if proof::takes_output(&arguments.proof) => {
            anstream::eprint!("{}", report::human(&results, &loaded.all, false));
            anstream::eprintln!("{passed} passed, {failed} failed");
        }
        TestFormat::Human => print_human(&loaded, &results, begun),
        TestFormat::Json => anstream::println!("{}", report::json(&results)),
        TestFormat::Junit => anstream::print!("{}", report::junit(&results)),
    }
    let fixtures = &loaded.suite.fixtures;
    let whole = arguments.paths.is_empty() && arguments.filter.is_none() && arguments.affected_by.is_none();
    let subject = proof::Subject { plan: &loaded.plan, files: &loaded.book, fixtures, cases: &cases, whole };
    let mut missed = None;
    if record {
        match proof::coverage(&subject, &arguments.proof) {
            Ok(threshold) => missed = threshold,
            Err(exit) => return exit,
        }
        match proof::mutation(&subject, &arguments.proof, threads(arguments.jobs)) {
            Ok(threshold) => missed = missed.or(threshold),
            Err(exit) => return exit,
        }
    }
    // A case that fails says more than a threshold that is missed.
    let well = failed == 0 && loaded.suite.problems.is_empty();
    if well { missed.unwrap_or(Exit::Well) } else { Exit::Found }
}

/// Prints the failures and how many cases passed.
fn print_human(loaded: &Loaded, results: &[CaseResult], begun: Instant) {
    let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    anstream::print!("{}", report::human(results, &loaded.all, colour));
    let (passed, failed) = report::counts(results);
    anstream::println!(
        "{passed} passed, {failed} failed ({} files, {:.2} s)",
        loaded.suite.fixtures.len(),
        begun.elapsed().as_secs_f64()
    );
}

/// Runs the fixtures with several threads; the results are in the order of the files.
fn parallel(plan: &Arc<Plan>, fixtures: &[Fixture], arguments: &Test, record: bool) -> Vec<(usize, RecordedCase)> {
    let next = AtomicUsize::new(0);
    let filter = arguments.filter.as_deref();
    let mut results: Vec<(usize, Vec<RecordedCase>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads(arguments.jobs))
            .filter_map(|_| {
                std::thread::Builder::new()
                    .stack_size(Limits::default().stack_bytes)
                    .spawn_scoped(scope, || {
                        let mut mine = Vec::new();
                        loop {
                            let at = next.fetch_add(1, Ordering::Relaxed);
                            let Some(fixture) = fixtures.get(at) else { break mine };
                            let wanted = |case: &proving::Case| {
                                filter.is_none_or(|text| case.name.contains(text) || fixture.name.contains(text))
                            };
                            mine.push((at, runner::run_recorded(plan, fixture, &wanted, record)));
                        }
                    })
                    .ok()
            })
            .collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).flatten().collect()
    });
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().flat_map(|(at, results)| results.into_iter().map(move |case| (at, case))).collect()
}
