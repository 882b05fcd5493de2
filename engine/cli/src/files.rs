//! Reads the rulebook's files from a folder.

use std::path::Path;

use problem::{Place, Problem, code};
use rulebook::{Files, Rulebook};

use crate::exit::Exit;
use crate::terminal;

/// The largest file that a rulebook may have.
const LARGEST_FILE: u64 = 8 * 1024 * 1024;

/// The YAML and Rhai files of `objects/` and `rules/` below a folder.
///
/// # Errors
/// A problem that names the file that cannot be read.
pub fn read(folder: &Path) -> Result<Files, Problem> {
    let mut files = Files::new();
    for part in ["objects", "rules"] {
        let path = folder.join(part);
        if !path.is_dir() {
            let message = format!("there is no folder {}", path.display());
            return Err(Problem::new(code::NO_SOURCE, message)
                .help("name the folder that holds objects/ and rules/ with --rulebook"));
        }
        read_folder(&path, part, &mut files)?;
    }
    Ok(files)
}

fn read_folder(folder: &Path, under: &str, files: &mut Files) -> Result<(), Problem> {
    let failed = |path: &Path, error: &std::io::Error| {
        Problem::new(code::NO_SOURCE, format!("{} cannot be read: {error}", path.display()))
    };
    let entries = std::fs::read_dir(folder).map_err(|error| failed(folder, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| failed(folder, &error))?;
        let path = entry.path();
        let name = format!("{under}/{}", entry.file_name().to_string_lossy());
        let about = std::fs::metadata(&path).map_err(|error| failed(&path, &error))?;
        if about.is_dir() {
            read_folder(&path, &name, files)?;
        } else if path.extension().is_some_and(|end| end == "yaml" || end == "rhai") {
            if about.len() > LARGEST_FILE {
                return Err(Problem::new(code::NO_SOURCE, format!("{} is larger than 8 MiB", path.display())));
            }
            files.insert(name, read_text(&path)?);
        }
    }
    Ok(())
}

/// A file's text.
///
/// # Errors
/// A problem that names the file; if it is not UTF-8, also the line.
pub fn read_text(path: &Path) -> Result<String, Problem> {
    let bytes = std::fs::read(path)
        .map_err(|error| Problem::new(code::NO_SOURCE, format!("{} cannot be read: {error}", path.display())))?;
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..good].iter().filter(|byte| **byte == b'\n').count() + 1;
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        Problem::new(code::BAD_TEXT, "the file is not UTF-8 text").at(Place::new(
            path.display().to_string(),
            line,
            1,
            0,
        ))
    })
}

/// The rulebook of a folder, checked. Its problems are printed.
///
/// # Errors
/// How the program ends if the rulebook cannot be used.
pub fn rulebook(folder: &Path) -> Result<Rulebook, Exit> {
    let files = read(folder).map_err(|problem| terminal::end(&problem, &Files::new()))?;
    checked(files)
}

/// The rulebook of these files, checked. Its problems are printed.
///
/// # Errors
/// How the program ends if the rulebook cannot be used.
pub fn checked(files: Files) -> Result<Rulebook, Exit> {
    let book = Rulebook::new(files);
    for problem in &book.problems {
        terminal::print_problem(problem, &book.files);
    }
    if book.plan.is_none() {
        anstream::eprintln!("the rulebook does not check: {}", terminal::count_of(&book.problems));
        return Err(Exit::Rulebook);
    }
    Ok(book)
}
