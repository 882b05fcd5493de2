//! `sifter check`: checks the rulebook.

mod data;
pub mod ledger;

use problem::{Code, Problem, code};
use rulebook::Files;
use rulebook::graph_file::GRAPH_FILE;
use rulebook::plan::Plan;

use crate::arguments::{Check, Format};
use crate::exit::Exit;
use crate::files;
use crate::report;
use crate::terminal;

/// Runs the command.
pub fn run(arguments: &Check) -> Exit {
    if let Some(name) = &arguments.explain {
        return explain(name);
    }
    let files = match files::read(&arguments.rulebook.rulebook) {
        Ok(files) => files,
        Err(problem) => return terminal::end(&problem, &rulebook::Files::new()),
    };
    let book = rulebook::Rulebook::new(files);
    if let (Some(rows), Some(plan)) = (arguments.ledger, &book.plan) {
        return ledger::run(arguments, rows, plan, &book);
    }
    let mut problems = book.problems;
    if let Some(url) = &arguments.source
        && let Err(problem) = look_at_data(book.plan.as_deref(), &book.files, url, &mut problems)
    {
        return terminal::end(&problem, &book.files);
    }
    let generation = book.plan.as_ref().map(|plan| plan.generation.as_str());
    report::print(&problems, &book.files, &arguments.rulebook.rulebook, generation, arguments.format);
    let Some(plan) = &book.plan else {
        anstream::eprintln!("the rulebook does not check: {}", terminal::count_of(&problems));
        return Exit::Rulebook;
    };
    if arguments.format == Format::Human {
        anstream::println!(
            "{} objects, {} facts, {} rules, {} parameters, {} value sets: {}",
            plan.object_names().len(),
            plan.facts.len(),
            plan.rules.len(),
            plan.parameters.len(),
            plan.value_sets.len(),
            terminal::count_of(&problems)
        );
    }
    if problems.iter().any(Problem::is_error) { Exit::Found } else { Exit::Well }
}

/// Adds what the data says: of a rulebook that checks everything that it reads, otherwise how often what may be absent is.
fn look_at_data(plan: Option<&Plan>, files: &Files, url: &str, problems: &mut Vec<Problem>) -> Result<(), Problem> {
    if let Some(plan) = plan {
        let found = data::problems(plan, url)?;
        problems.extend(found.into_iter().map(|problem| problem.settled(files)));
    } else if let Some(Ok(schema)) = files.get(GRAPH_FILE).map(|text| rulebook::schema_of(GRAPH_FILE, text)) {
        data::say_how_often_absent(&schema, url, problems)?;
    }
    Ok(())
}

fn explain(name: &str) -> Exit {
    match Code::find(name) {
        Some(code) => {
            anstream::println!("{}: {}\n\n{}", code.name(), code.title(), code.explanation());
            Exit::Well
        }
        None => {
            let near = problem::nearest(name, code::ALL.iter().map(|code| code.name()));
            terminal::usage(&format!("no problem has the code {name}{}", terminal::did_you_mean(near)))
        }
    }
}
