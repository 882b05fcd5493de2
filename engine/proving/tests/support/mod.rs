//! What the tests share: the project's files, and room for rules to run.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test file uses a part of it; a test that cannot go on fails"
)]

#[allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "only some of the tests use it; one that cannot go on fails"
)]
pub mod small;

use std::path::{Path, PathBuf};

use rulebook::Files;

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Adds the files below a folder, named as if it were called `under`.
pub fn read(folder: &Path, under: &str, files: &mut Files) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{under}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            read(&entry.path(), &path, files);
        } else {
            files.insert(path, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
}

/// The files of the project's rulebook.
pub fn rulebook() -> Files {
    let mut files = Files::new();
    for part in ["objects", "rules"] {
        read(&root().join(part), part, &mut files);
    }
    files
}

/// The project's fixtures and the people whom they share.
pub fn fixtures() -> Files {
    let mut files = Files::new();
    for part in ["tests/people", "tests/rules", "tests/objects"] {
        let folder = root().join(part);
        if folder.is_dir() {
            read(&folder, part, &mut files);
        }
    }
    files
}

/// Rules need a larger stack than test threads have.
pub fn with_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(16 * 1024 * 1024).spawn(work).unwrap().join().unwrap()
}

/// What came of a fixture: what is wrong with it, and its cases.
pub struct Outcome {
    pub problems: Vec<String>,
    pub results: Vec<proving::CaseResult>,
}

impl Outcome {
    /// Every case passed, and nothing is wrong.
    #[track_caller]
    pub fn passes(&self) {
        let wrong: Vec<String> = self.failures();
        assert!(self.problems.is_empty() && wrong.is_empty(), "{:#?} {wrong:#?}", self.problems);
        assert!(!self.results.is_empty(), "no case ran");
    }

    /// Expected and actual of each case that failed, or what is wrong with it.
    pub fn failures(&self) -> Vec<String> {
        let shown = |result: &proving::CaseResult| match &result.verdict {
            proving::Verdict::Passed => None,
            proving::Verdict::Failed(failure) => {
                Some(format!("{}: expected {}, actual {}", result.name, failure.expected, failure.actual))
            }
            proving::Verdict::Broken(problems) => {
                Some(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
            }
        };
        self.results.iter().filter_map(shown).collect()
    }

    /// Exactly one thing is wrong, when the fixture is read or runs; it says all of these texts.
    #[track_caller]
    pub fn says(&self, texts: &[&str]) {
        let all: Vec<String> = self.problems.iter().cloned().chain(self.failures()).collect();
        assert_eq!(all.len(), 1, "one thing should be wrong: {all:#?}");
        for text in texts {
            assert!(all[0].contains(text), "nothing says {text:?} in {}", all[0]);
        }
    }
}

/// Runs a fixture of the project's rulebook, with these people of `tests/people/`.
pub fn run(people: &[(&str, &str)], fixture: &str) -> Outcome {
    run_with(rulebook(), people, fixture)
}

/// Runs a fixture of a rulebook.
pub fn run_with(book: Files, people: &[(&str, &str)], fixture: &str) -> Outcome {
    let mut files = Files::from([("tests/rules/a.yaml".to_owned(), fixture.to_owned())]);
    files.extend(people.iter().map(|(name, text)| (format!("tests/people/{name}.yaml"), (*text).to_owned())));
    with_stack(move || {
        let plan = rulebook::Rulebook::new(book).plan.unwrap();
        let suite = proving::Suite::read(&plan, &files);
        let results = suite.fixtures.iter().flat_map(|fixture| proving::run::run(&plan, fixture, &|_| true)).collect();
        Outcome { problems: suite.problems.iter().map(ToString::to_string).collect(), results }
    })
}
