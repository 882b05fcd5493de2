//! What the help and the README tell people to type must run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use support::{commands, sifter, workspace};

const EXAMPLE: &str = "examples/cedar-ridge";

/// Runs a command that someone is told to type, with its output in a folder that goes.
fn run(command: &str) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().display().to_string();
    let mut arguments: Vec<&str> = command.split_whitespace().skip(1).collect();
    if let Some(at) = arguments.iter().position(|argument| *argument == "--out") {
        arguments[at + 1] = &out;
    }
    let run = sifter(&arguments);
    assert_eq!(run.code, 0, "{command}\n{}", run.stderr);
}

#[test]
fn every_example_of_a_help_that_names_the_example_district_runs() {
    let mut count = 0;
    let names = ["map", "check", "test", "docs", "explain", "generate", "serve", "completions", "man"];
    for name in names {
        let help = sifter(&[name, "--help"]).ends(0).stdout;
        let (_, examples) = help.split_once("Example").unwrap_or_else(|| panic!("{name} has no example"));
        // A server runs until it is told to end: tests/serve/ starts the example.
        let of_this = |command: &&String| {
            let ends = !command.starts_with("sifter serve") || command.ends_with("--check");
            (command.contains(EXAMPLE) && ends) || *command == "sifter docs --out reference"
        };
        for command in commands(examples).iter().filter(of_this) {
            run(command);
            count += 1;
        }
    }
    assert!(count >= 3, "only {count} examples name {EXAMPLE}");
}

#[test]
fn every_command_of_the_readme_that_names_the_example_district_runs() {
    let text = std::fs::read_to_string(workspace().join("README.md")).unwrap();
    // Each line of a block is a command of its own.
    let lines = text.lines().filter(|line| line.contains(EXAMPLE) && !line.contains("sifter serve"));
    let told: Vec<String> =
        lines.map(|line| line.replace("cargo run -- ", "sifter ")).flat_map(|line| commands(&line)).collect();
    assert!(told.len() >= 2, "{told:?}");
    told.iter().for_each(|command| run(command));
}
