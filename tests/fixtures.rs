//! `sifter test`, as testers and CI systems use it: update, watch, what a change concerns, JUnit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use support::{copy_rulebook, edit, program, run, skip};

const LEARNER: &str = "tests/rules/StudentPersonal/UTExtensions/LimitedEnglish.yaml";
const RULE: &str = "rules/StudentPersonal/UTExtensions/LimitedEnglish.rhai";

/// A rulebook with three fixtures of its own and one person.
struct Book {
    folder: tempfile::TempDir,
}

impl Book {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy_rulebook(folder.path());
        let book = Self { folder };
        book.write(
            "tests/people/ana.yaml",
            "person: ana\nwho: A learner.\nwhy: To be changed.\ngiven:\n  student:\n    el_records: [ { called: record, program_status: Not EL, identified_date: 2025-09-01 } ]\n",
        );
        book.write(
            LEARNER,
            "rule: StudentPersonal/UTExtensions/LimitedEnglish\nas_of: 2026-02-02\ncases:\n  - name: none   # a comment\n    given: { extends: ana }\n    expect: N\n",
        );
        book.write(
            "tests/rules/facts/lep/is_el.yaml",
            "fact: lep.is_el\nas_of: 2026-02-02\ncases:\n  - { name: no learner, given: { lep: { program_status: Not EL } }, expect: false }\n",
        );
        book.write(
            "tests/rules/StudentAttendanceSummary/DaysInMembership.yaml",
            "rule: StudentAttendanceSummary/DaysInMembership\nas_of: 2026-02-02\ncases:\n  - { name: five, given: { enrollment: { membership_days: 5, calendar: { days: [] } } }, expect: \"5\" }\n",
        );
        book
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        std::fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        command.arg("test").arg("--rulebook").arg(self.folder.path()).args(arguments);
        command
    }

    fn test(&self, arguments: &[&str]) -> support::Run {
        run(&mut self.command(arguments))
    }

    /// Makes it a git repository with one commit; false where there is no git.
    fn commit(&self) -> bool {
        let git = |arguments: &[&str]| {
            let mut command = Command::new("git");
            command.arg("-C").arg(self.folder.path()).args(["-c", "user.name=a", "-c", "user.email=a@example.org"]);
            command.args(arguments).output().is_ok_and(|output| output.status.success())
        };
        let made = git(&["init", "-q", "-b", "main"]) && git(&["add", "."]) && git(&["commit", "-q", "-m", "one"]);
        if !made {
            skip("git is missing");
        }
        made
    }
}

#[test]
fn update_rewrites_what_fails_and_nothing_else_and_shows_it() {
    let book = Book::new();
    edit(&book.path("tests/people/ana.yaml"), "program_status: Not EL", "program_status: Pending");
    let before = book.read(LEARNER);
    let run = book.test(&["--update"]).ends(0);
    assert!(run.stdout.contains(&format!("{LEARNER}:6\n-     expect: N\n+     expect: \"\"\n")), "{}", run.stdout);
    assert!(run.stdout.contains("1 updated, 0 not"), "{}", run.stdout);
    assert_eq!(book.read(LEARNER), before.replace("expect: N", "expect: \"\""));
    book.test(&[]).ends(0);
}

#[test]
fn update_says_what_it_cannot_express_and_leaves_it() {
    let book = Book::new();
    let text = book.read(LEARNER) + "    expect_problem: M104\n";
    book.write(LEARNER, &text);
    book.test(&["--update"]).ends(1).says(&["not updated", LEARNER, "other problems came than it expects"]);
    assert_eq!(book.read(LEARNER), text);
}

#[test]
fn update_of_what_passes_changes_nothing() {
    let book = Book::new();
    let before = book.read(LEARNER);
    assert!(book.test(&["--update"]).ends(0).stdout.contains("3 passed, 0 failed"));
    assert_eq!(book.read(LEARNER), before);
}

/// The files of the cases that ran.
fn files(run: &support::Run) -> Vec<String> {
    let cases: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    cases.as_array().unwrap().iter().map(|case| case["file"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn only_what_a_change_concerns_is_run() {
    let book = Book::new();
    if !book.commit() {
        return;
    }
    let concerned = || files(&book.test(&["--affected-by", "main", "--format", "json"]).ends(0));
    assert!(concerned().is_empty());
    edit(&book.path("objects/graph.yaml"), "in [\"EL\", \"Exited EL\"]", "in [\"Exited EL\", \"EL\"]");
    assert_eq!(concerned(), [LEARNER, "tests/rules/facts/lep/is_el.yaml"]);
    edit(
        &book.path("rules/parameters/membership.yaml"),
        "{ value: 180, cite: \"Utah Admin. Code R277-419-6, one",
        "{ value: 181, cite: \"Utah Admin. Code R277-419-6, one",
    );
    assert_eq!(concerned().len(), 3);
}

#[test]
fn a_person_and_a_file_that_git_does_not_know_yet_count_as_changed() {
    let book = Book::new();
    if !book.commit() {
        return;
    }
    edit(&book.path("tests/people/ana.yaml"), "A learner.", "Another learner.");
    let new = "tests/rules/facts/student/is_el.yaml";
    book.write(new, "fact: student.is_el\nas_of: 2026-02-02\ncases:\n  - { name: none, given: { student: { el_record: absent } }, expect: false }\n");
    assert_eq!(files(&book.test(&["--affected-by", "HEAD", "--format", "json"]).ends(0)), [LEARNER, new]);
}

#[test]
fn outside_of_a_repository_and_for_an_unknown_commit_the_error_says_so() {
    let book = Book::new();
    let run = run(book
        .command(&["--affected-by", "main"])
        .env("GIT_CEILING_DIRECTORIES", book.folder.path().parent().unwrap()));
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("git cannot tell what changed"), "{}", run.stderr);
    if book.commit() {
        book.test(&["--affected-by", "mian"]).ends(3).says(&["git knows no commit or branch called mian"]);
        book.test(&["--affected-by", "--output=x"]).ends(3);
    }
}

#[test]
fn junit_has_a_suite_for_each_file_and_tells_failures_from_errors() {
    let book = Book::new();
    let text = "rule: StudentPersonal/UTExtensions/LimitedEnglish\nas_of: 2026-02-02\ncases:\n  - { name: right, given: { extends: ana }, expect: N }\n  - { name: \"wrong <&\\\">\", given: { extends: ana }, expect: Y }\n  - { name: broken, given: { extends: ana, student: { nothing: 1 } }, expect: Y }\n";
    book.write(LEARNER, text);
    let run = book.test(&["--format", "junit", &book.path(LEARNER).display().to_string()]).ends(1);
    let says = format!("{LEARNER}:6:55: error[G103]: `student` has no field, relation or fact `nothing`");
    let expected = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"sifter\" tests=\"3\" failures=\"1\" errors=\"1\" time=\"0\">\n\
         <testsuite name=\"{LEARNER}\" tests=\"3\" failures=\"1\" errors=\"1\" time=\"0\" skipped=\"0\">\n\
         <testcase classname=\"StudentPersonal/UTExtensions/LimitedEnglish\" name=\"right\" file=\"{LEARNER}\" line=\"4\" time=\"0\"/>\n\
         <testcase classname=\"StudentPersonal/UTExtensions/LimitedEnglish\" name=\"wrong &lt;&amp;&quot;&gt;\" file=\"{LEARNER}\" line=\"5\" time=\"0\">\
         <failure message=\"expected Y, actual N\" type=\"failed\">{LEARNER}:5\ngiven:\nextends: ana\nexpected:\nY\nactual:\nN\n</failure></testcase>\n\
         <testcase classname=\"StudentPersonal/UTExtensions/LimitedEnglish\" name=\"broken\" file=\"{LEARNER}\" line=\"6\" time=\"0\">\
         <error message=\"{says}\" type=\"broken\">{says}</error></testcase>\n\
         </testsuite>\n</testsuites>\n"
    );
    assert_eq!(run.stdout, expected);
}

/// A program that watches, and the lines that it prints.
struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn start(book: &Book) -> Self {
        let mut child = book.command(&["--watch"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let errors = sender.clone();
        std::thread::spawn(move || {
            BufReader::new(stdout).lines().map_while(Result::ok).for_each(|line| sender.send(line).unwrap_or_default());
        });
        std::thread::spawn(move || {
            BufReader::new(stderr).lines().map_while(Result::ok).for_each(|line| errors.send(line).unwrap_or_default());
        });
        Self { child, lines }
    }

    /// What it prints between two waits, once that says all of these. A file may be read while it is half written: what is said
    /// of that is passed over.
    #[track_caller]
    fn says(&self, texts: &[&str]) {
        let (mut block, mut all) = (String::new(), String::new());
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(60));
            let line = line.unwrap_or_else(|_| panic!("it never says {texts:?} together: {all}{block}"));
            block.push_str(&line);
            block.push('\n');
            // What goes to standard error may come before or after.
            if texts.iter().all(|text| block.contains(text)) {
                return;
            }
            if line.starts_with("watching ") {
                all.push_str(&std::mem::take(&mut block));
            }
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Puts a new file in the place of the old one, as many editors do.
fn replace(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from}");
    let aside = path.with_extension("new");
    std::fs::write(&aside, text.replacen(from, to, 1)).unwrap();
    std::fs::rename(&aside, path).unwrap();
}

#[test]
fn watch_runs_what_a_change_concerns_however_the_file_is_written() {
    let book = Book::new();
    let watching = Watching::start(&book);
    watching.says(&["3 passed, 0 failed (3 files"]);
    replace(&book.path(RULE), "{ \"N\" }", "{ \"F\" }");
    watching.says(&["1 of 3 fixture files", "FAILED", "0 passed, 1 failed"]);
    // What failed runs again with every change.
    replace(&book.path("tests/rules/facts/lep/is_el.yaml"), "no learner", "is no learner");
    watching.says(&["2 of 3 fixture files", "1 passed, 1 failed"]);
    edit(&book.path(RULE), "{ \"F\" }", "{ nonsense }");
    watching.says(&["the rulebook does not check"]);
    replace(&book.path(RULE), "{ nonsense }", "{ \"N\" }");
    watching.says(&["1 of 3 fixture files", "1 passed, 0 failed"]);
}

#[test]
fn only_a_terminal_is_cleared() {
    let book = Book::new();
    let watching = Watching::start(&book);
    let line = watching.lines.recv_timeout(Duration::from_secs(60)).unwrap();
    assert!(!line.contains('\u{1b}'), "{line:?}");
}

#[test]
fn watch_is_for_people() {
    let book = Book::new();
    book.test(&["--watch", "--format", "json"]).ends(3).says(&["--format human"]);
    book.test(&["--watch", "--update"]).ends(3);
}

/// The YAML examples of the documentation, each with the file that its first line names.
fn examples() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(support::workspace().join("engine/docs/fixtures.md")).unwrap();
    let blocks = text.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks
        .map(|block| {
            let file = block.lines().next().unwrap().strip_prefix("# ").expect("an example names its file");
            (file.to_owned(), block.to_owned())
        })
        .collect()
}

#[test]
fn the_examples_of_the_documentation_pass() {
    let book = Book { folder: tempfile::tempdir().unwrap() };
    copy_rulebook(book.folder.path());
    let examples = examples();
    assert!(examples.len() >= 8, "{} examples", examples.len());
    for (file, text) in &examples {
        book.write(file, text);
    }
    let run = book.test(&[]).ends(0);
    let fixtures = examples.iter().filter(|(file, _)| !file.starts_with("tests/people/")).count();
    assert!(run.stdout.contains(&format!("0 failed ({fixtures} files")), "{}", run.stdout);
}

#[test]
fn the_documentation_names_every_person() {
    let text = std::fs::read_to_string(support::workspace().join("engine/docs/fixtures.md")).unwrap();
    for entry in std::fs::read_dir(support::workspace().join("tests/people")).unwrap() {
        let file = entry.unwrap().file_name().to_string_lossy().into_owned();
        let name = file.trim_end_matches(".yaml");
        assert!(text.contains(&format!("`{name}`")), "{name} is not in engine/docs/fixtures.md");
    }
}

#[test]
fn every_person_is_used() {
    let mut texts = String::new();
    let mut folders = vec![support::workspace().join("tests/rules"), support::workspace().join("tests/objects")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                texts.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    for entry in std::fs::read_dir(support::workspace().join("tests/people")).unwrap() {
        let file = entry.unwrap().file_name().to_string_lossy().into_owned();
        let name = file.trim_end_matches(".yaml");
        let uses = texts.matches(&format!("extends: {name}")).count();
        assert!(uses >= 2, "{name} is used {uses} times");
    }
}
