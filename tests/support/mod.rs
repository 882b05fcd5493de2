//! What the tests of the whole program share: running it, copying districts and rulebooks, reading what it wrote.
#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

pub mod common;
pub mod formats;
pub mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

pub use common::{OBJECTS, skip};

/// The project's folder.
pub fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The folder with the schema and the Grand Bend district, if it is here.
pub fn shared() -> Option<PathBuf> {
    let folder = workspace().join("../shared");
    if folder.join("sif24/sif24-strict.xsd").exists() {
        return Some(folder);
    }
    skip("there is no folder ../shared");
    None
}

/// How a run ended.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    fn of(output: &Output) -> Self {
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = output.status.code().unwrap_or_else(|| panic!("the program was killed: {stderr}"));
        assert!(!stderr.contains("panicked"), "the program panicked: {stderr}");
        Self { code, stdout: String::from_utf8_lossy(&output.stdout).into_owned(), stderr }
    }

    /// The run, which must have ended with this code.
    #[track_caller]
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// Standard error must hold each of these texts.
    #[track_caller]
    pub fn says(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.stderr.contains(text), "nothing says {text:?} in: {}", self.stderr);
        }
        self
    }
}

/// The program, to be run in the project's folder, where the rulebook is.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sifter"));
    command.current_dir(workspace()).env_remove("SIFTER_LOG").env("NO_COLOR", "1");
    command
}

/// Runs the program.
pub fn sifter(arguments: &[&str]) -> Run {
    Run::of(&program().args(arguments).output().unwrap())
}

/// Runs a prepared command.
pub fn run(command: &mut Command) -> Run {
    Run::of(&command.output().unwrap())
}

/// A district to map.
#[derive(Clone, Debug)]
pub struct District {
    pub source: String,
    pub zone: PathBuf,
    pub as_of: String,
}

impl District {
    /// A folder of CSV files with its zone file.
    pub fn folder(folder: &Path, as_of: &str) -> Self {
        Self { source: format!("csv:{}", folder.display()), zone: folder.join("zone.yaml"), as_of: as_of.to_owned() }
    }

    pub fn cedar_ridge() -> Self {
        Self::folder(&workspace().join("examples/cedar-ridge"), "2026-02-02")
    }

    pub fn grand_bend() -> Option<Self> {
        Some(Self::folder(&shared()?.join("data/grand-bend"), "2022-05-27"))
    }

    /// A copy of Cedar Ridge, to be changed.
    pub fn cedar_ridge_copy(folder: &Path) -> Self {
        copy_folder(&workspace().join("examples/cedar-ridge"), folder);
        Self::folder(folder, "2026-02-02")
    }

    /// A generated district.
    pub fn generated(folder: &Path, students: u32, seed: u64) -> Self {
        let out = format!("csv:{}", folder.display());
        sifter(&["generate", "--students", &students.to_string(), "--seed", &seed.to_string(), "--out", &out]).ends(0);
        Self::folder(folder, "2026-02-02")
    }

    /// The command `map` for it.
    pub fn command(&self, more: &[&str]) -> Command {
        let mut command = program();
        command.args(["map", "--source", &self.source, "--as-of", &self.as_of, "--zone"]).arg(&self.zone).args(more);
        command
    }

    /// Maps it into a folder.
    pub fn map(&self, out: &Path, more: &[&str]) -> Run {
        run(self.command(more).arg("--out").arg(out))
    }
}

/// Copies a folder with all that is in it.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// Copies the rulebook.
pub fn copy_rulebook(to: &Path) {
    for part in ["objects", "rules"] {
        copy_folder(&workspace().join(part), &to.join(part));
    }
}

/// Replaces a text of a file. It must be there once, so that the edit does what the test says.
#[track_caller]
pub fn edit(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{from:?} must be once in {}", file.display());
    std::fs::write(file, text.replacen(from, to, 1)).unwrap();
}

/// The instances in an output file: each is a line.
pub fn instances(out: &Path, object: &str) -> Vec<String> {
    let text = std::fs::read_to_string(out.join(format!("{object}.xml"))).unwrap();
    let start = format!("<{object} ");
    text.lines().filter(|line| line.starts_with(&start)).map(str::to_owned).collect()
}

/// The instance with this text in it; there must be one.
#[track_caller]
pub fn instance_with(out: &Path, object: &str, text: &str) -> String {
    let mut found: Vec<String> = instances(out, object).into_iter().filter(|line| line.contains(text)).collect();
    assert_eq!(found.len(), 1, "{text:?} must be in one {object}");
    found.remove(0)
}

/// The text of the first element of this name in an instance.
pub fn element<'i>(instance: &'i str, name: &str) -> Option<&'i str> {
    let (_, rest) = instance.split_once(&format!("<{name}>"))?;
    rest.split_once("</").map(|(text, _)| text)
}

/// An attribute of the instance itself.
pub fn attribute<'i>(instance: &'i str, name: &str) -> Option<&'i str> {
    let (_, rest) = instance.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(text, _)| text)
}

/// The lines of `problems.jsonl`.
pub fn problems(out: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(out.join("problems.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// The output files of a run by name.
pub fn outputs(out: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(out)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).unwrap()))
        .collect()
}

/// Two runs must have written the same bytes. Says which file differs, not its megabytes.
#[track_caller]
pub fn assert_same(one: &Path, two: &Path) {
    let (one, two) = (outputs(one), outputs(two));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(*bytes == two[name], "{name} differs");
    }
}

/// Every XML file of the folder must be valid by the strict schema. A second opinion: another program judges.
#[track_caller]
pub fn assert_valid(out: &Path) {
    let Some(shared) = shared() else { return };
    let mut command = Command::new("xmllint");
    command.args(["--noout", "--schema"]).arg(shared.join("sif24/sif24-strict.xsd"));
    let files: Vec<PathBuf> = std::fs::read_dir(out)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "xml"))
        .collect();
    assert!(!files.is_empty(), "no XML in {}", out.display());
    match command.args(&files).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => skip("xmllint is not installed"),
    }
}

/// The commands in a text: lines that begin with `sifter`, with what was wrapped; an empty line ends one.
pub fn commands(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        let line = line.trim().trim_start_matches("$ ");
        if line.starts_with("sifter ") {
            found.push(line.to_owned());
            is_open = true;
        } else if line.is_empty() {
            is_open = false;
        } else if let Some(last) = found.last_mut().filter(|_| is_open) {
            last.push(' ');
            last.push_str(line);
        }
    }
    found
}

/// The words of a command; quotes keep one together.
pub fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for character in command.chars() {
        match character {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A file must be valid by a schema of the standard. Another program judges.
#[track_caller]
pub fn assert_valid_by(schema: &str, file: &Path) {
    let Some(shared) = shared() else { return };
    let mut command = Command::new("xmllint");
    match command.args(["--noout", "--schema"]).arg(shared.join("sif24").join(schema)).arg(file).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => skip("xmllint is not installed"),
    }
}
