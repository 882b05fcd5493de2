//! The transcripts of engine/docs/ are true: every command that they show is run, and says what they say it says.
//!
//! `SIFTER_UPDATE_TRANSCRIPT=1 cargo test --test transcript` writes the outputs anew; read the difference before you commit it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{copy_folder, workspace};

/// A part of a transcript.
enum Part {
    /// Text for the reader, fences included.
    Text(String),
    /// Commands with what they print.
    Console(Vec<(String, String)>),
    /// A file, the lines that are taken out and the lines that are put there.
    Edit(String, String, String),
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut lines = text.lines();
    let mut prose = String::new();
    while let Some(line) = lines.next() {
        let block: Option<Vec<&str>> = (line == "```console" || line.starts_with("```edit "))
            .then(|| lines.by_ref().take_while(|line| *line != "```").collect());
        let Some(block) = block else {
            let _ = writeln!(prose, "{line}");
            continue;
        };
        parts.push(Part::Text(std::mem::take(&mut prose)));
        if let Some(file) = line.strip_prefix("```edit ") {
            let side = |mark: char| -> String {
                let lines = block.iter().filter(|line| line.starts_with(mark));
                lines.map(|line| format!("{}\n", line.get(2..).unwrap_or_default())).collect()
            };
            parts.push(Part::Edit(file.to_owned(), side('-'), side('+')));
            continue;
        }
        let mut commands: Vec<(String, String)> = Vec::new();
        for line in block {
            match (line.strip_prefix("$ "), commands.last_mut()) {
                (Some(command), _) => commands.push((command.to_owned(), String::new())),
                (None, Some((_, output))) => {
                    let _ = writeln!(output, "{line}");
                }
                (None, None) => panic!("a block of commands begins with one: {line}"),
            }
        }
        parts.push(Part::Console(commands));
    }
    parts.push(Part::Text(prose));
    parts
}

fn written(parts: &[Part]) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(prose) => text.push_str(prose),
            Part::Console(commands) => {
                text.push_str("```console\n");
                for (command, output) in commands {
                    let _ = write!(text, "$ {command}\n{output}");
                }
                text.push_str("```\n");
            }
            Part::Edit(file, out, put) => {
                let _ = writeln!(text, "```edit {file}");
                for (mark, lines) in [('-', out), ('+', put)] {
                    for line in lines.lines() {
                        let _ = writeln!(text, "{mark} {line}");
                    }
                }
                text.push_str("```\n");
            }
        }
    }
    text
}

/// What differs from run to run: how long it took.
fn settled(output: &str) -> String {
    let mut text = String::new();
    for line in output.lines() {
        let line = match line.rsplit_once(", ") {
            Some((before, time)) if time.ends_with(" s)") => format!("{before}, … s)"),
            _ => line.to_owned(),
        };
        let _ = writeln!(text, "{line}");
    }
    text
}

fn run(folder: &Path, command: &str) -> String {
    let script = format!("sifter() {{ \"$SIFTER\" \"$@\"; }}; {{ {command}; }} 2>&1");
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder)
        .env("SIFTER", env!("CARGO_BIN_EXE_sifter"))
        .env("NO_COLOR", "1")
        .env_remove("SIFTER_LOG")
        .output()
        .unwrap();
    settled(&String::from_utf8_lossy(&output.stdout))
}

fn edit(folder: &Path, file: &str, out: &str, put: &str) {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let changed = if out.is_empty() {
        text + put
    } else {
        assert_eq!(text.matches(out).count(), 1, "these lines must be once in {file}:\n{out}");
        text.replacen(out, put, 1)
    };
    std::fs::write(path, changed).unwrap();
}

fn transcripts() -> Vec<PathBuf> {
    let files = std::fs::read_dir(workspace().join("engine/docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .filter(|path| std::fs::read_to_string(path).unwrap().contains("```edit "))
        .collect();
    found.sort();
    found
}

#[test]
fn every_command_says_what_the_transcript_shows() {
    let transcripts = transcripts();
    assert!(!transcripts.is_empty(), "there is no transcript");
    for path in transcripts {
        let folder = tempfile::tempdir().unwrap();
        for part in ["objects", "rules", "tests/rules", "tests/objects", "tests/people"] {
            let from = workspace().join(part);
            if from.is_dir() {
                copy_folder(&from, &folder.path().join(part));
            }
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let mut parts = parts(&text);
        for part in &mut parts {
            match part {
                Part::Text(_) => {}
                Part::Edit(file, out, put) => edit(folder.path(), file, out, put),
                Part::Console(commands) => {
                    for (command, output) in commands {
                        *output = run(folder.path(), command);
                    }
                }
            }
        }
        let now = written(&parts);
        if std::env::var_os("SIFTER_UPDATE_TRANSCRIPT").is_some() {
            std::fs::write(&path, &now).unwrap();
        }
        let differs = text.lines().zip(now.lines()).find(|(shown, said)| shown != said);
        if let Some((shown, said)) = differs {
            panic!("{}:\nshown: {shown}\nsaid:  {said}", path.display());
        }
        assert_eq!(text.lines().count(), now.lines().count(), "{}", path.display());
    }
}
