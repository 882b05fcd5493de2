//! `sifter new`: begins a rule, a fact or a fixture.

use std::path::Path;

use problem::{Place, Problem, code};
use proving::sketch::{self, How, Sketch};

use crate::arguments::{New, NewKind};
use crate::exit::Exit;
use crate::files;
use crate::output::cannot_write;
use crate::prepared::today;
use crate::terminal;

/// Runs the command.
pub fn run(arguments: &New) -> Exit {
    let rulebook = match &arguments.kind {
        NewKind::Rule { rulebook, .. } | NewKind::Fact { rulebook, .. } | NewKind::Fixture { rulebook, .. } => rulebook,
    };
    let folder = &rulebook.rulebook;
    let files = match files::read(folder) {
        Ok(files) => files,
        Err(problem) => return terminal::end(&problem, &rulebook::Files::new()),
    };
    let begun = match &arguments.kind {
        NewKind::Rule { path, .. } => sketch::rule(&files, path, today()),
        NewKind::Fact { name, r#type, rank, .. } => {
            let how = rank.as_deref().map_or(How::Rule(r#type), How::Rank);
            sketch::fact(&files, name, how, today())
        }
        NewKind::Fixture { name, .. } => sketch::fixture(&files, name, today()),
    };
    let sketch = match begun {
        Ok(sketch) => sketch,
        Err(problems) => {
            for problem in &problems {
                terminal::print_problem(problem, &files);
            }
            anstream::eprintln!("nothing was written: {}", terminal::count_of(&problems));
            return Exit::Found;
        }
    };
    match write(folder, &files, &sketch) {
        Ok(()) => {
            for (path, _) in sketch.files.iter().chain([&sketch.fixture]) {
                let word = if files.contains_key(path) { "changed" } else { "written" };
                anstream::println!("{word}: {path}");
            }
            for next in &sketch.next {
                anstream::println!("next: {next}");
            }
            Exit::Well
        }
        Err(problem) => terminal::end(&problem, &files),
    }
}

/// Writes the files of a sketch. One that is there already is never overwritten; a file of the rulebook is replaced whole.
fn write(folder: &Path, files: &rulebook::Files, sketch: &Sketch) -> Result<(), Problem> {
    let all = || sketch.files.iter().chain([&sketch.fixture]);
    for (path, _) in all().filter(|(path, _)| !files.contains_key(path)) {
        if folder.join(path).exists() {
            return Err(Problem::new(code::CANNOT_WRITE, "the file is there already; nothing was written")
                .at(Place::new(path.as_str(), 1, 1, 1)));
        }
    }
    for (path, text) in all() {
        let target = folder.join(path);
        let aside = target.with_extension("new");
        let failed = |error: std::io::Error| cannot_write(&target.display().to_string(), &error);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        std::fs::write(&aside, text).and_then(|()| std::fs::rename(&aside, &target)).map_err(failed)?;
    }
    Ok(())
}
