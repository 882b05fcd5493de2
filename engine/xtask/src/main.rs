//! Chores of the project: `cargo xtask schema`, `cargo xtask soak`.
#![forbid(unsafe_code)]

mod schema;
mod soak;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask schema --from DIR [--check]
  --from DIR   folder that holds objects.json, codesets.json and objects/*.md
  --check      compare with the committed data and write nothing
or: cargo xtask soak soundness [--graphs N] [--seed S]   (use --release: cargo run --release -p xtask -- soak soundness)
  --graphs N   graphs for the project's rules, and for rules that are made up (100,000)
  --seed S     where the draws begin (1)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(message) => {
            println!("{message}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<String, String> {
    match arguments.first().map(String::as_str) {
        Some("schema") => schema_data(arguments),
        Some("soak") if arguments.get(1).is_some_and(|what| what == "soundness") => soak_soundness(arguments),
        _ => Err(USAGE.to_owned()),
    }
}

fn soak_soundness(arguments: &[String]) -> Result<String, String> {
    let (mut graphs, mut seed) = (100_000, 1);
    let mut rest = arguments.iter().skip(2);
    while let Some(argument) = rest.next() {
        let number = rest.next().ok_or(USAGE)?;
        match argument.as_str() {
            "--graphs" => graphs = number.parse().map_err(|_| USAGE)?,
            "--seed" => seed = number.parse().map_err(|_| USAGE)?,
            _ => return Err(USAGE.to_owned()),
        }
    }
    soak::soundness(graphs, seed)
}

fn schema_data(arguments: &[String]) -> Result<String, String> {
    let mut from: Option<PathBuf> = None;
    let mut check = false;
    let mut rest = arguments.iter().skip(1);
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--from" => from = rest.next().map(PathBuf::from),
            "--check" => check = true,
            _ => return Err(USAGE.to_owned()),
        }
    }
    let from = from.ok_or_else(|| USAGE.to_owned())?;
    if check && !from.exists() && std::env::var_os("CI").is_none() {
        return Ok(format!("skipped: {} does not exist here", from.display()));
    }
    let data = data_folder();
    for (name, fresh) in schema::generate(&from)? {
        let path = data.join(name);
        if check {
            let committed = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            if committed != fresh {
                return Err(format!("{} is out of date: run `cargo xtask schema --from DIR`", path.display()));
            }
        } else {
            std::fs::write(&path, fresh).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    Ok(if check { "the schema data is up to date" } else { "the schema data is written" }.to_owned())
}

/// Where the crate `sif` keeps its data.
fn data_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sif/data")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The committed data is what the published schema gives today.
    #[test]
    fn the_committed_data_is_fresh() -> Result<(), String> {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/sif24");
        let arguments = ["schema", "--from", &from.to_string_lossy(), "--check"].map(str::to_owned);
        let message = run(&arguments)?;
        println!("{message}");
        Ok(())
    }

    #[test]
    fn an_unknown_argument_is_an_error() {
        assert!(run(&["schema".to_owned(), "--form".to_owned()]).is_err());
    }
}
