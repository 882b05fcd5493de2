//! `sifter test`: runs fixtures, and tells what they reach.

mod proof;

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use proving::{CaseResult, Fixture, RecordedCase, fixture, report, run as runner};
use rulebook::script::Limits;

use crate::arguments::{Test, TestFormat, threads};
use crate::exit::Exit;
use crate::files;
use crate::terminal;

/// Runs the command.
pub fn run(arguments: &Test) -> Exit {
    if let Some(exit) = proof::usage(&arguments.proof) {
        return exit;
    }
    let begun = Instant::now();
    let folder = &arguments.rulebook.rulebook;
    let book = match files::rulebook(folder) {
        Ok(book) => book,
        Err(exit) => return exit,
    };
    let Some(plan) = book.plan else { return Exit::Rulebook };
    let paths = if arguments.paths.is_empty() {
        ["tests/rules", "tests/objects"].iter().map(|part| folder.join(part)).filter(|path| path.exists()).collect()
    } else {
        arguments.paths.clone()
    };
    let mut found = Vec::new();
    for path in &paths {
        if let Err(problem) = collect(path, &mut found) {
            anstream::eprintln!("error: {problem}");
            return Exit::Usage;
        }
    }
    found.sort();
    let mut sources = BTreeMap::new();
    let mut fixtures = Vec::new();
    let mut problems = Vec::new();
    for path in &found {
        let name = path.strip_prefix(folder).unwrap_or(path).display().to_string();
        match files::read_text(path) {
            Ok(text) => {
                fixtures.extend(fixture::read(&plan, &name, &text, &mut problems));
                sources.insert(name, text);
            }
            Err(problem) => problems.push(problem),
        }
    }
    for problem in &problems {
        terminal::print_problem(problem, &sources);
    }
    let record = proof::is_wanted(&arguments.proof);
    let cases = parallel(&plan, &fixtures, arguments.filter.as_deref(), threads(arguments.jobs), record);
    let results: Vec<CaseResult> = cases.iter().map(|(_, case)| case.result.clone()).collect();
    let (passed, failed) = report::counts(&results);
    match arguments.format {
        TestFormat::Human if proof::takes_output(&arguments.proof) => {
            anstream::eprint!("{}", report::human(&results, &sources, false));
            anstream::eprintln!("{passed} passed, {failed} failed");
        }
        TestFormat::Human => {
            let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            anstream::print!("{}", report::human(&results, &sources, colour));
            anstream::println!(
                "{passed} passed, {failed} failed ({} files, {:.2} s)",
                fixtures.len(),
                begun.elapsed().as_secs_f64()
            );
        }
        TestFormat::Json => anstream::println!("{}", report::json(&results)),
        TestFormat::Junit => anstream::print!("{}", report::junit(&results)),
    }
    let subject = proof::Subject { plan: &plan, files: &book.files, fixtures: &fixtures, cases: &cases };
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
    if failed == 0 && problems.is_empty() { missed.unwrap_or(Exit::Well) } else { Exit::Found }
}

fn collect(path: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !path.is_dir() {
        found.push(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|end| end == "yaml") {
            found.push(path);
        }
    }
    Ok(())
}

/// Runs the fixtures with several threads; the results are in the order of the files.
fn parallel(
    plan: &Arc<rulebook::plan::Plan>,
    fixtures: &[Fixture],
    filter: Option<&str>,
    jobs: usize,
    record: bool,
) -> Vec<(usize, RecordedCase)> {
    let next = AtomicUsize::new(0);
    let mut results: Vec<(usize, Vec<RecordedCase>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs)
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
