//! `sifter check --ledger`: how each requirement is answered, and which are not.

use std::sync::Arc;

use problem::{Problem, code};
use proving::{Ledger, Suite};
use rulebook::plan::Plan;
use rulebook::requirements::REQUIREMENTS_FILE;
use rulebook::script::Limits;
use rulebook::{Requirements, Rulebook};

use crate::arguments::{Check, Format, LedgerRows};
use crate::commands::test::fixtures_below;
use crate::exit::Exit;
use crate::report;
use crate::terminal;

/// Runs the command for a rulebook that checks.
pub fn run(arguments: &Check, rows: LedgerRows, plan: &Arc<Plan>, book: &Rulebook) -> Exit {
    let folder = &arguments.rulebook.rulebook;
    if !book.files.contains_key(REQUIREMENTS_FILE) {
        let message = format!("the rulebook has no ledger: there is no {}", folder.join(REQUIREMENTS_FILE).display());
        let help = "the file lists the rows that the rulebook must answer; `cargo xtask requirements` writes it";
        return terminal::end(&Problem::new(code::NO_SOURCE, message).help(help), &book.files);
    }
    let mut problems = book.problems.clone();
    let mut files = book.files.clone();
    let mut ledger = None;
    if let Some(requirements) = Requirements::read(&book.files, &mut problems) {
        let tests = match fixtures_below(folder) {
            Ok(tests) => tests,
            Err(problem) => return terminal::end(&problem, &book.files),
        };
        let suite = Suite::read(plan, &tests);
        files.extend(tests);
        problems.extend(suite.problems.iter().cloned());
        let Some(made) = of(plan, &suite, &requirements) else {
            return terminal::usage("the ledger could not be made");
        };
        problems.extend(made.problems.iter().cloned());
        ledger = Some(made);
    }
    let problems: Vec<Problem> = problems.into_iter().map(|problem| problem.settled(&files)).collect();
    match (arguments.format, &ledger) {
        (Format::Json, _) => {
            let mut json = report::json(&problems, Some(&plan.generation));
            json["ledger"] = ledger.as_ref().map(Ledger::to_json).unwrap_or_default();
            anstream::println!("{json}");
        }
        (Format::Human, Some(ledger)) => {
            anstream::print!("{}", ledger.human(rows == LedgerRows::Rows));
            report::print(&problems, &files, folder, None, Format::Human);
            anstream::println!("{}", terminal::count_of(&problems));
        }
        (format, _) => report::print(&problems, &files, folder, Some(&plan.generation), format),
    }
    if problems.iter().any(Problem::is_error) { Exit::Found } else { Exit::Well }
}

/// The ledger; none if no thread can be had. The cases about populations run on one with a stack that is large enough for rules.
pub fn of(plan: &Arc<Plan>, suite: &Suite, requirements: &Requirements) -> Option<Ledger> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(Limits::default().stack_bytes);
        thread.spawn_scoped(scope, || Ledger::of(plan, suite, requirements)).ok()?.join().ok()
    })
}
