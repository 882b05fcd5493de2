//! `sifter generate`: generates a district.

use std::time::Instant;

use crate::arguments::Generate;
use crate::exit::Exit;
use crate::files;
use crate::terminal::{self, Progress};

/// Runs the command.
pub fn run(arguments: &Generate) -> Exit {
    let files = match files::read(&arguments.rulebook.rulebook) {
        Ok(files) => files,
        Err(problem) => return terminal::end(&problem, &rulebook::Files::new()),
    };
    let graph = rulebook::graph_file::GRAPH_FILE;
    let schema = match rulebook::schema_of(graph, files.get(graph).map(String::as_str).unwrap_or_default()) {
        Ok(schema) => schema,
        Err(problems) => {
            problems.iter().for_each(|problem| terminal::print_problem(problem, &files));
            return Exit::Rulebook;
        }
    };
    let begun = Instant::now();
    let progress = Progress::new(arguments.students, "students");
    let plan = sample::Plan { students: arguments.students, seed: arguments.seed, school_year: arguments.school_year };
    let result = sample::generate(&schema, &plan, &arguments.out, &mut |done| progress.set(done));
    progress.finish();
    match result {
        Ok(summary) => {
            anstream::println!(
                "{} students, {} rows in {} tables, {:.1} s",
                arguments.students,
                summary.rows(),
                summary.tables.len(),
                begun.elapsed().as_secs_f64()
            );
            Exit::Well
        }
        Err(problem) => terminal::end(&problem, &files),
    }
}
