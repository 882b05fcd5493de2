//! `sifter check`: checks the rulebook.

use problem::{Code, code};

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
    let folder = &arguments.rulebook.rulebook;
    let generation = book.plan.as_ref().map(|plan| plan.generation.as_str());
    report::print(&book.problems, &book.files, folder, generation, arguments.format);
    let Some(plan) = &book.plan else {
        anstream::eprintln!("the rulebook does not check: {}", terminal::count_of(&book.problems));
        return Exit::Rulebook;
    };
    if arguments.format == Format::Human {
        anstream::println!(
            "{} objects, {} facts, {} rules, {} parameters, {} value sets: {}",
            plan.objects.len(),
            plan.facts.len(),
            plan.rules.len(),
            plan.parameters.len(),
            plan.value_sets.len(),
            terminal::count_of(&book.problems)
        );
    }
    Exit::Well
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
