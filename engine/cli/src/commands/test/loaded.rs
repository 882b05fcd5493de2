//! The rulebook with its fixtures and people, as they stand on the disk now.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use problem::{Problem, code};
use proving::Suite;
use proving::affected::{Changes, Dependencies};
use rulebook::Files;
use rulebook::plan::Plan;

use crate::arguments::Test;
use crate::exit::Exit;
use crate::files;
use crate::terminal;

/// What was read.
pub struct Loaded {
    /// The plan.
    pub plan: Arc<Plan>,
    /// The fixtures that were asked for, and all people.
    pub suite: Suite,
    /// The files of the rulebook.
    pub book: Files,
    /// Every file: of the rulebook, people, fixtures.
    pub all: Files,
    /// Files that could not be read.
    unreadable: Vec<Problem>,
}

/// The files as they stand on the disk, before anything is made of them.
#[derive(PartialEq)]
pub struct OnDisk {
    book: Files,
    tests: Files,
    unreadable: Vec<Problem>,
}

impl OnDisk {
    /// Reads what the arguments name.
    ///
    /// # Errors
    /// How the program ends if a folder cannot be read; why is printed.
    pub fn read(arguments: &Test) -> Result<Self, Exit> {
        let folder = &arguments.rulebook.rulebook;
        let book = files::read(folder).map_err(|problem| terminal::end(&problem, &Files::new()))?;
        let mut found = Vec::new();
        for path in std::iter::once(folder.join("tests/people")).filter(|path| path.exists()).chain(paths(arguments)) {
            if let Err(problem) = collect(&path, &mut found) {
                anstream::eprintln!("error: {}: {problem}", path.display());
                return Err(Exit::Usage);
            }
        }
        let mut tests = Files::new();
        let mut unreadable = Vec::new();
        for path in found {
            match files::read_text(&path) {
                Ok(text) => {
                    tests.insert(name_of(folder, &path), text);
                }
                Err(problem) => unreadable.push(problem),
            }
        }
        Ok(Self { book, tests, unreadable })
    }

    /// The rulebook and its fixtures. What is wrong with the rulebook is printed.
    ///
    /// # Errors
    /// How the program ends if the rulebook does not check.
    pub fn loaded(&self) -> Result<Loaded, Exit> {
        let book = files::checked(self.book.clone())?;
        let Some(plan) = book.plan else { return Err(Exit::Rulebook) };
        let mut suite = Suite::read(&plan, &self.tests);
        suite.problems.extend(self.unreadable.iter().cloned());
        let mut all = book.files.clone();
        all.extend(self.tests.clone());
        Ok(Loaded { plan, suite, book: book.files, all, unreadable: self.unreadable.clone() })
    }
}

impl Loaded {
    /// Reads what the arguments name. What is wrong with the rulebook is printed.
    ///
    /// # Errors
    /// How the program ends if there is nothing to run.
    pub fn read(arguments: &Test) -> Result<Self, Exit> {
        OnDisk::read(arguments)?.loaded()
    }

    /// Prints what is wrong with the fixtures.
    pub fn print_problems(&self) {
        for problem in self.suite.problems.iter() {
            terminal::print_problem(problem, &self.all);
        }
    }

    /// Keeps the fixtures that changes concern; all, if a file could not be read.
    pub fn keep(&mut self, changes: &Changes) {
        if self.unreadable.is_empty() {
            let plan = Arc::clone(&self.plan);
            self.suite.fixtures.retain(|fixture| changes.concern(&Dependencies::of(&plan, fixture)));
        }
    }
}

/// Every fixture and person of a rulebook's folder.
///
/// # Errors
/// The first file or folder that cannot be read.
pub fn fixtures_below(folder: &Path) -> Result<Files, Problem> {
    let mut found = Vec::new();
    for path in ["tests/people", "tests/rules", "tests/objects"].iter().map(|part| folder.join(part)) {
        if path.exists() {
            collect(&path, &mut found).map_err(|error| {
                Problem::new(code::NO_SOURCE, format!("{} cannot be read: {error}", path.display()))
            })?;
        }
    }
    found.into_iter().map(|path| Ok((name_of(folder, &path), files::read_text(&path)?))).collect()
}

/// The files and folders to look for fixtures in.
fn paths(arguments: &Test) -> Vec<PathBuf> {
    if !arguments.paths.is_empty() {
        return arguments.paths.clone();
    }
    let folder = &arguments.rulebook.rulebook;
    ["tests/rules", "tests/objects"].iter().map(|part| folder.join(part)).filter(|path| path.exists()).collect()
}

/// A file's name as seen from the rulebook's folder, with `/`.
pub fn name_of(folder: &Path, path: &Path) -> String {
    let whole = || Some((path.canonicalize().ok()?, folder.canonicalize().ok()?));
    let name = match path.strip_prefix(folder) {
        Ok(name) => name.to_owned(),
        Err(_) => whole()
            .and_then(|(path, folder)| path.strip_prefix(folder).ok().map(Path::to_owned))
            .unwrap_or_else(|| path.to_owned()),
    };
    name.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/").replace("//", "/")
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
