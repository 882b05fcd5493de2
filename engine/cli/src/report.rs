//! Prints problems in the format that is asked for: for people, for programs, for code scanners, for the log of a CI job.

use std::path::Path;

use problem::{Problem, github, sarif};
use rulebook::Files;

use crate::arguments::Format;
use crate::terminal;

/// Prints problems: for people to standard error, otherwise to standard output. `generation` is that of a rulebook which checks.
pub fn print(problems: &[Problem], files: &Files, rulebook: &Path, generation: Option<&str>, format: Format) {
    match format {
        Format::Human => problems.iter().for_each(|problem| terminal::print_problem(problem, files)),
        Format::Json => anstream::println!("{}", json(problems, generation)),
        Format::Sarif => {
            let log = sarif::log(problems, env!("CARGO_PKG_VERSION"), &within_repository(rulebook));
            anstream::println!("{log:#}");
        }
        Format::Github => {
            let folder = within_repository(rulebook);
            problems.iter().for_each(|problem| anstream::println!("{}", github::line(problem, &folder)));
        }
    }
}

/// Problems for programs.
pub fn json(problems: &[Problem], generation: Option<&str>) -> serde_json::Value {
    let problems: Vec<serde_json::Value> = problems.iter().map(Problem::to_json).collect();
    serde_json::json!({ "generation": generation, "problems": problems })
}

/// The rulebook's folder as scanners name files: relative to the working folder, which is the repository's, with `/`.
fn within_repository(rulebook: &Path) -> String {
    let whole = std::path::absolute(rulebook);
    let here = std::env::current_dir();
    let relative = match (&whole, &here) {
        (Ok(whole), Ok(here)) => whole.strip_prefix(here).unwrap_or(rulebook),
        _ => rulebook,
    };
    if relative.is_absolute() {
        return format!("{}/", relative.display());
    }
    let parts = relative.components().filter(|part| *part != std::path::Component::CurDir);
    parts.map(|part| format!("{}/", part.as_os_str().to_string_lossy())).collect()
}
