//! Chores of the project: `cargo xtask schema`, `cargo xtask requirements`, `cargo xtask soak`.
#![forbid(unsafe_code)]

mod requirements;
mod schema;
mod soak;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask schema --from DIR [--check]
  --from DIR   folder that holds objects.json, codesets.json and objects/*.md
  --check      compare with the committed data and write nothing
or: cargo xtask requirements --from DIR [--check]
  --from DIR   folder that holds inventory.json and population.json
  --check      compare with objects/requirements.yaml and write nothing
or: cargo xtask soak soundness [--graphs N] [--seed S]   (use --release: cargo run --release -p xtask -- soak soundness)
  --graphs N   graphs for the project's rules, and for rules that are made up (100,000)
  --seed S     where the draws begin (1)
or: cargo xtask soak power [--rounds N]   power losses under load (200); needs root, loop devices, mkfs.ext4 and xfs_io
or: cargo xtask soak kill [--rounds N]    kill -9 at random moments, so often on each store (2,000)
or: cargo xtask soak zone [--rounds N]    the same for a served zone (N kills, twice as many power losses; 100), packets of 20,000
                                          students, long queues, bad agents and reloads; measured with a release build";

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
        Some("requirements") => requirements_list(arguments),
        Some("soak") if arguments.get(1).is_some_and(|what| what == "soundness") => soak_soundness(arguments),
        Some("soak") if arguments.get(1).is_some_and(|what| what == "power") => {
            soak::crashes("power", "STORE_POWER_LOSSES", rounds(arguments, 200)?)
        }
        Some("soak") if arguments.get(1).is_some_and(|what| what == "kill") => {
            soak::crashes("kill", "STORE_KILLS", rounds(arguments, 2_000)?)
        }
        Some("soak") if arguments.get(1).is_some_and(|what| what == "zone") => soak::zone(rounds(arguments, 100)?),
        _ => Err(USAGE.to_owned()),
    }
}

/// The argument `--rounds N`.
fn rounds(arguments: &[String], usual: u32) -> Result<u32, String> {
    match arguments.get(2..).unwrap_or_default() {
        [] => Ok(usual),
        [name, number] if name == "--rounds" => number.parse().map_err(|_| USAGE.to_owned()),
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
    let (from, check) = from_and_check(arguments)?;
    if is_skipped(&from, check) {
        return Ok(format!("skipped: {} does not exist here", from.display()));
    }
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sif/data");
    for (name, fresh) in schema::generate(&from)? {
        put(&data.join(name), &fresh, check, "schema")?;
    }
    Ok(if check { "the schema data is up to date" } else { "the schema data is written" }.to_owned())
}

fn requirements_list(arguments: &[String]) -> Result<String, String> {
    let (from, check) = from_and_check(arguments)?;
    if is_skipped(&from, check) {
        return Ok(format!("skipped: {} does not exist here", from.display()));
    }
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../objects/requirements.yaml");
    put(&list, &requirements::generate(&from)?, check, "requirements")?;
    Ok(if check { "the list of requirements is up to date" } else { "the list of requirements is written" }.to_owned())
}

/// The arguments `--from DIR` and `--check`.
fn from_and_check(arguments: &[String]) -> Result<(PathBuf, bool), String> {
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
    Ok((from.ok_or_else(|| USAGE.to_owned())?, check))
}

/// Where what is compared with is not at hand, a comparison is left out; never on the CI server.
fn is_skipped(from: &Path, check: bool) -> bool {
    check && !from.exists() && std::env::var_os("CI").is_none()
}

/// Writes a file anew, or compares it.
fn put(path: &Path, fresh: &str, check: bool, chore: &str) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    if !check {
        return std::fs::write(path, fresh).map_err(failed);
    }
    if std::fs::read_to_string(path).map_err(failed)? == fresh {
        return Ok(());
    }
    Err(format!("{} is out of date: run `cargo xtask {chore} --from DIR`", path.display()))
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

    /// The committed list is what the inventory gives today.
    #[test]
    fn the_list_of_requirements_is_fresh() -> Result<(), String> {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/requirements");
        let arguments = ["requirements", "--from", &from.to_string_lossy(), "--check"].map(str::to_owned);
        println!("{}", run(&arguments)?);
        Ok(())
    }

    #[test]
    fn an_unknown_argument_is_an_error() {
        assert!(run(&["schema".to_owned(), "--form".to_owned()]).is_err());
        assert!(run(&["soak", "power", "--round", "3"].map(str::to_owned)).is_err());
        assert!(run(&["soak", "kill", "--rounds", "many"].map(str::to_owned)).is_err());
        assert!(run(&["soak", "zone", "--rounds"].map(str::to_owned)).is_err());
    }
}
