//! `sifter docs`: makes the reference.

use std::io;
use std::path::{Path, PathBuf};

use problem::Problem;
use proving::Suite;
use reference::{Material, Page};
use rulebook::Requirements;
use tempfile::TempDir;

use super::check::ledger;
use super::test::fixtures_below;
use crate::arguments::Docs;
use crate::exit::Exit;
use crate::files;
use crate::output::cannot_write;
use crate::terminal;

/// What the first page of a reference has in it, and no other file.
const SIGN: &str = "<meta name=\"generator\" content=\"sifter docs\">";

/// Runs the command.
pub fn run(arguments: &Docs) -> Exit {
    let folder = &arguments.rulebook.rulebook;
    let book = match files::rulebook(folder) {
        Ok(book) => book,
        Err(exit) => return exit,
    };
    let Some(plan) = &book.plan else { return Exit::Rulebook };
    let tests = match fixtures_below(folder) {
        Ok(tests) => tests,
        Err(problem) => return terminal::end(&problem, &book.files),
    };
    let suite = Suite::read(plan, &tests);
    let mut problems = suite.problems.clone();
    let requirements = Requirements::read(&book.files, &mut problems);
    let ledger = requirements.and_then(|requirements| ledger::of(plan, &suite, &requirements));
    let mut all = book.files.clone();
    all.extend(tests.clone());
    problems.iter().for_each(|problem| terminal::print_problem(problem, &all));
    let material = Material { plan, files: &book.files, suite: &suite, tests: &tests, ledger: ledger.as_ref() };
    let pages = reference::site(material);
    match write(&arguments.out, &pages) {
        Ok(()) => {
            let first = arguments.out.join("index.html");
            anstream::println!("{} files, {} objects: open {}", pages.len(), plan.objects.len(), first.display());
            // What could not be read is missing from the site.
            if problems.iter().any(Problem::is_error) { Exit::Found } else { Exit::Well }
        }
        Err(problem) => terminal::end(&problem, &all),
    }
}

/// Writes the pages aside, and puts them in the place of what was there when they are whole.
fn write(out: &Path, pages: &[Page]) -> Result<(), Problem> {
    let failed = |error: &io::Error| cannot_write(&out.display().to_string(), error);
    let target = whole(out).map_err(|error| failed(&error))?;
    if !may_be_replaced(&target).map_err(|error| failed(&error))? {
        let error = io::Error::new(io::ErrorKind::AlreadyExists, "the folder holds something other than a reference");
        return Err(failed(&error).help("name a new folder, an empty one, or one that `sifter docs` has made"));
    }
    let parent = target.parent().unwrap_or(Path::new("."));
    let aside = aside(parent, pages).map_err(|error| failed(&error))?;
    swap(&aside, &target, parent).map_err(|error| failed(&error))
}

/// The folder's own path, also where `out` ends in `..` or is the current folder.
fn whole(out: &Path) -> io::Result<PathBuf> {
    match out.canonicalize() {
        Ok(path) => Ok(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => std::path::absolute(out),
        Err(error) => Err(error),
    }
}

/// Whether nothing is lost if the folder is replaced.
fn may_be_replaced(target: &Path) -> io::Result<bool> {
    let mut entries = match std::fs::read_dir(target) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    if entries.next().is_none() {
        return Ok(true);
    }
    Ok(std::fs::read_to_string(target.join("index.html")).is_ok_and(|text| text.contains(SIGN)))
}

fn aside(parent: &Path, pages: &[Page]) -> io::Result<TempDir> {
    std::fs::create_dir_all(parent)?;
    let folder = tempfile::Builder::new().prefix(".sifter-docs-").tempdir_in(parent)?;
    let site = folder.path().join("site");
    for (path, text) in pages {
        let file = site.join(path);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(file, text)?;
    }
    Ok(folder)
}

/// Puts the new folder in the place of the old one. What was there stays there if that fails.
fn swap(aside: &TempDir, target: &Path, parent: &Path) -> io::Result<()> {
    let new = aside.path().join("site");
    if !target.exists() {
        return std::fs::rename(new, target);
    }
    let old = tempfile::Builder::new().prefix(".sifter-docs-").tempdir_in(parent)?;
    let kept = old.path().join("site");
    std::fs::rename(target, &kept)?;
    std::fs::rename(new, target).inspect_err(|_| {
        let _ = std::fs::rename(&kept, target);
    })
}
