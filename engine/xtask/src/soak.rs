//! `cargo xtask soak`: loops that are too long for the gate.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use proving::soundness::{Words, random, search, written};
use rulebook::{Files, Rulebook};

/// Scripts need more stack than a thread has by itself.
const STACK: usize = 64 * 1024 * 1024;
/// Rules that are written at a time, and the graphs that each lot of them meets.
const LOT: usize = 40;
const GRAPHS_OF_A_LOT: u32 = 50;
/// Most rows of an entity.
const MOST: usize = 4;

/// Runs the rules of the project, and rules that are made up, over so many graphs each; every thread has seeds of its own.
pub fn soundness(graphs: u32, seed: u64) -> Result<String, String> {
    let begun = Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let each = graphs.div_ceil(u32::try_from(threads).unwrap_or(1));
    let work = |thread: usize| -> Result<(usize, usize), String> {
        let mine = seed.wrapping_add(u64::try_from(thread).unwrap_or(0) << 32);
        let book = Rulebook::new(project()?);
        let plan = book.plan.ok_or("the rulebook does not check: run `sifter check`")?;
        let words = Arc::new(Words::of(&plan));
        search(&plan, &words, MOST, each, mine)
            .map_err(|found| format!("{}: {}, over{:?}", found.unsound.what, found.unsound.why, found.rows))?;
        let mut draws = random(mine);
        let (mut accepted, mut refused) = (0, 0);
        for lot in 0..each.div_ceil(GRAPHS_OF_A_LOT) {
            let made = written::accept(written::write(&mut draws, LOT, true), true)?;
            accepted += made.rules.len();
            refused += made.refused;
            let words = Arc::new(Words::of(&made.plan));
            search(&made.plan, &words, MOST, GRAPHS_OF_A_LOT, mine.wrapping_add(u64::from(lot))).map_err(|found| {
                let rule = made.rules.iter().find(|(name, _)| found.unsound.what.ends_with(name.as_str()));
                format!("{}: {}\n{rule:#?}\nover{:?}", found.unsound.what, found.unsound.why, found.rows)
            })?;
        }
        Ok((accepted, refused))
    };
    let done: Vec<Result<(usize, usize), String>> = std::thread::scope(|scope| {
        let work = &work;
        let spawn = |thread| std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, move || work(thread));
        let running: Vec<_> = (0..threads).map(spawn).collect();
        let joined = running.into_iter().map(|thread| match thread {
            Ok(thread) => thread.join().unwrap_or_else(|_| Err("a thread ended by itself".to_owned())),
            Err(error) => Err(error.to_string()),
        });
        joined.collect()
    });
    let (mut accepted, mut refused) = (0, 0);
    for thread in done {
        let (more, fewer) = thread?;
        accepted += more;
        refused += fewer;
    }
    Ok(format!(
        "{graphs} graphs for the project's rules and {graphs} for {accepted} made-up rules ({refused} were refused): no fault of a rule ({} s)",
        begun.elapsed().as_secs()
    ))
}

/// Runs the store's tests of crashes with more rounds; of the whole workspace, as the gate builds it, so that nothing is built anew. Here nothing may be skipped: that would say that nothing was lost.
pub fn crashes(filter: &str, variable: &str, rounds: u32) -> Result<String, String> {
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["test", "--workspace", "--test", "crash", "--", filter, "--nocapture", "--test-threads=1"])
        .env(variable, rounds.to_string())
        .env("CI", "true")
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if status.success() {
        Ok(format!("{rounds} rounds: nothing acknowledged was lost"))
    } else {
        Err(format!("cargo test: {status}"))
    }
}

/// Runs the tests of a served zone for long, one after the other, so that what they measure is theirs.
pub fn zone(rounds: u32) -> Result<String, String> {
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["test", "--release", "--workspace", "--test", "zone_faults", "--", "--nocapture", "--test-threads=1"])
        .env("SIFTER_SOAK", "true")
        .env("SIFTER_SOAK_KILLS", rounds.to_string())
        .env("SIFTER_SOAK_POWER_LOSSES", rounds.saturating_mul(2).to_string())
        .env("SIFTER_SOAK_STUDENTS", "20000")
        .env("CI", "true")
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if status.success() {
        Ok(format!("{rounds} rounds: nothing acknowledged was lost; what was measured stands above"))
    } else {
        Err(format!("cargo test: {status}"))
    }
}

/// The files of the project's rulebook.
fn project() -> Result<Files, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Files::new();
    for part in ["objects", "rules"] {
        read(&root.join(part), part, &mut files).map_err(|error| format!("{part}: {error}"))?;
    }
    Ok(files)
}

fn read(folder: &Path, under: &str, files: &mut Files) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{under}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read(&entry.path(), &path, files)?;
        } else {
            files.insert(path, std::fs::read_to_string(entry.path())?);
        }
    }
    Ok(())
}
