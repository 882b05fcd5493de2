//! Mistakes planted in a small rulebook: each must be reported with its own code, at its place, in the words of its file, and
//! nothing else with it; and what its file says mends it must mend it. `tests/mistakes/README.md` explains the files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rulebook::yaml::{self, Node, Reader};
use rulebook::{Files, Rulebook};
use support::{Run, copy_folder, formats, workspace};

/// Codes that no planted file brings about, and the file whose test does.
const TESTED_ELSEWHERE: &[(&str, &str)] = &[
    ("O102", "engine/provider/src/mapping/order.rs"),
    ("Z103", "engine/cli/src/serve/config/tests.rs"),
    ("Z104", "engine/cli/src/serve/reload/tests.rs"),
];

fn folder() -> PathBuf {
    workspace().join("tests/mistakes")
}

/// What is done to a file.
#[derive(Clone)]
enum Change {
    Replace(String, String),
    Write(String),
    Remove,
}

/// A planted mistake.
struct Mistake {
    /// Its file, below this folder.
    name: String,
    code: String,
    also: Vec<String>,
    file: String,
    change: Change,
    at: Option<String>,
    about: Option<String>,
    says: Option<String>,
    mend: Option<(String, Change)>,
    command: Option<Vec<String>>,
}

impl Mistake {
    fn read(path: &Path) -> Self {
        let name = path.strip_prefix(folder()).unwrap().display().to_string();
        let text = std::fs::read_to_string(path).unwrap();
        let node = yaml::parse(&name, &text).unwrap_or_else(|problem| panic!("{problem}"));
        let mut problems = Vec::new();
        let mut reader = Reader::new(&node, "a planted mistake", &mut problems);
        reader.need("mistake", &mut problems);
        let scalar = |node: &Node| node.scalar("a text", &mut Vec::new()).map(|scalar| scalar.text.clone());
        let mut text = |key| reader.get(key).and_then(scalar);
        let code = text("code").unwrap_or_default();
        let file = text("file").unwrap_or_default();
        let (find, put, content) = (text("find"), text("put"), text("content"));
        let (at, about, says) = (text("at"), text("about"), text("says"));
        let removed = text("remove").is_some();
        let texts = |node: Option<&Node>| {
            node.map(|node| {
                node.texts("texts", &mut Vec::new()).iter().map(|text| text.text.clone()).collect::<Vec<_>>()
            })
        };
        let also = texts(reader.get("also")).unwrap_or_default();
        let command = texts(reader.get("command"));
        let mend = reader.get("mend").map(|node| {
            let mut reader = Reader::new(node, "what mends it", &mut problems);
            let mut text = |key| reader.get(key).and_then(scalar);
            let to = text("file").unwrap_or_else(|| file.clone());
            let change = Change::Replace(text("find").unwrap_or_default(), text("put").unwrap_or_default());
            reader.finish(&mut problems);
            (to, change)
        });
        reader.finish(&mut problems);
        assert!(problems.is_empty(), "{name}: {}", problems[0]);
        let change = match (find, put, content, removed) {
            (Some(find), Some(put), None, false) => Change::Replace(find, put),
            (None, None, Some(content), false) => Change::Write(content),
            (None, None, None, true) => Change::Remove,
            _ => panic!("{name} needs `find` and `put`, or `content`, or `remove: true`"),
        };
        Self { name, code, also, file, change, at, about, says, mend, command }
    }

    fn group(&self) -> &str {
        self.name.split('/').next().unwrap()
    }

    /// Runs the program on the folder.
    fn run(&self, folder: &Path) -> Seen {
        const MAP: &[&str] =
            &["map", "--source", "csv:source", "--zone", "zone.yaml", "--as-of", "2026-02-02", "--out", "out"];
        let arguments: Vec<String> = match (&self.command, self.group()) {
            (Some(command), _) => command.clone(),
            (None, "sources" | "zones" | "runs") => MAP.iter().map(|word| (*word).to_owned()).collect(),
            (None, "fixtures") => vec!["test".to_owned()],
            (None, _) => vec!["check".to_owned()],
        };
        let run = support::run(support::program().current_dir(folder).args(arguments));
        let data = std::fs::read_to_string(folder.join("out/problems.jsonl")).unwrap_or_default();
        Seen { blocks: blocks(&run), about: data.lines().next().map(about), run }
    }

    /// A copy of the rulebook with the mistake in it.
    fn planted(&self) -> Result<tempfile::TempDir, String> {
        let planted = tempfile::tempdir().unwrap();
        copy_folder(&folder().join("rulebook"), planted.path());
        apply(planted.path(), &self.file, &self.change).map(|()| planted)
    }

    /// Everything that is not as the file says.
    fn faults(&self) -> Vec<String> {
        let planted = match self.planted() {
            Ok(planted) => planted,
            Err(why) => return vec![why],
        };
        let mut seen = self.run(planted.path());
        let mut faults = Vec::new();
        let codes: Vec<&str> = seen.blocks.iter().map(|block| code_of(block)).collect();
        let times = codes.iter().filter(|code| **code == self.code).count();
        // Of data each kind of problem is one line.
        if times == 0 || (times > 1 && !["sources", "runs"].contains(&self.group())) {
            faults.push(format!("{} is not reported once, but: {codes:?}\n{:#?}", self.code, seen.run));
            return faults;
        }
        let others: BTreeSet<&str> = codes.iter().copied().filter(|code| *code != self.code).collect();
        let also: BTreeSet<&str> = self.also.iter().map(String::as_str).collect();
        if others != also {
            faults.push(format!("{others:?} are reported too, and `also` says {also:?}:\n{}", seen.blocks.join("\n")));
        }
        seen.blocks.sort_by_key(|block| code_of(block) != self.code);
        let at = seen.blocks.first().and_then(|block| place_of(block, &self.file));
        let says = seen.blocks.join("\n");
        if std::env::var_os("SIFTER_UPDATE_MISTAKES").is_some() {
            self.update(at.as_deref(), seen.about.as_deref(), &says);
        } else {
            if at != self.at {
                faults.push(format!("it stands at {at:?}, and `at` says {:?}", self.at));
            }
            if seen.about != self.about {
                faults.push(format!("it is about {:?}, and `about` says {:?}", seen.about, self.about));
            }
            let expected = self.says.as_deref().unwrap_or_default();
            if says.trim_end() != expected.trim_end() {
                faults.push(format!("it says\n{says}\nand `says` is\n{expected}"));
            }
        }
        if let Some((file, change)) = &self.mend {
            let _ = std::fs::remove_dir_all(planted.path().join("out"));
            match apply(planted.path(), file, change) {
                Err(why) => faults.push(format!("mending: {why}")),
                Ok(()) => {
                    let mended = self.run(planted.path());
                    if mended.run.code != 0 || !mended.blocks.is_empty() {
                        faults.push(format!("it is not mended:\n{:#?}", mended.run));
                    }
                }
            }
        }
        faults.extend(self.faults_for_programs());
        faults
    }

    /// What `check` prints for programs: a suggestion must mend the mistake, and the SARIF log must be one.
    fn faults_for_programs(&self) -> Vec<String> {
        let for_data = ["fixtures", "sources", "zones", "runs"].contains(&self.group());
        let Ok(planted) = self.planted() else { return Vec::new() };
        if for_data || self.command.is_some() {
            return Vec::new();
        }
        // In this process, since most of a run of the program is its start.
        let book = Rulebook::new(files(planted.path()));
        let log = problem::sarif::log(&book.problems, "0.0.0", "");
        let mut faults = formats::sarif_faults(&log);
        let problem = book.problems[0].to_json();
        let fixes = log["runs"][0]["results"][0]["fixes"].is_array();
        if fixes == problem["suggestion"].is_null() {
            faults.push("either both of JSON and SARIF have a suggestion, or none".to_owned());
        }
        if problem["help"].is_null() {
            faults.push("it does not say what to do".to_owned());
        }
        let words = problem["help"].as_str().is_some_and(|help| help.starts_with("did you mean"));
        let suggested = formats::apply_suggestion(planted.path(), &problem);
        if words && !suggested {
            faults.push("what it says it means is no suggestion that a tool can apply".to_owned());
        }
        if suggested {
            let left = Rulebook::new(files(planted.path())).problems;
            if !left.is_empty() {
                faults.push(format!("its suggestion does not mend it: {}\n{left:#?}", problem["suggestion"]));
            }
        }
        faults
    }

    /// Writes what was seen into the file; `says` stands last.
    fn update(&self, at: Option<&str>, about: Option<&str>, says: &str) {
        let path = folder().join(&self.name);
        let text = std::fs::read_to_string(&path).unwrap();
        let kept: Vec<&str> = text
            .lines()
            .take_while(|line| !line.starts_with("says:"))
            .filter(|line| !line.starts_with("at: ") && !line.starts_with("about: "))
            .collect();
        let mut text = kept.join("\n").trim_end().to_owned();
        for (key, value) in [("at", at), ("about", about)] {
            if let Some(value) = value {
                text.push_str(&format!("\n{key}: {}", serde_json::Value::from(value)));
            }
        }
        text.push_str("\nsays: |\n");
        for line in says.trim_end().lines() {
            text.push_str(if line.is_empty() { "" } else { "  " });
            text.push_str(line);
            text.push('\n');
        }
        std::fs::write(path, text).unwrap();
    }
}

/// The files of a rulebook.
fn files(folder: &Path) -> Files {
    fn read(folder: &Path, name: &str, files: &mut Files) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{name}/{}", path.file_name().unwrap().to_str().unwrap());
            if path.is_dir() {
                read(&path, &name, files);
            } else {
                files.insert(name, std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut files = Files::new();
    for part in ["objects", "rules"] {
        read(&folder.join(part), part, &mut files);
    }
    files
}

/// What came of a run.
struct Seen {
    run: Run,
    /// Each problem as the terminal shows it.
    blocks: Vec<String>,
    /// What the first problem of the data is about.
    about: Option<String>,
}

fn apply(folder: &Path, file: &str, change: &Change) -> Result<(), String> {
    let path = folder.join(file);
    match change {
        Change::Remove => std::fs::remove_file(path).map_err(|error| format!("{file} cannot be removed: {error}")),
        Change::Write(content) => {
            let parent = path.parent().unwrap();
            if parent.is_file() {
                std::fs::remove_file(parent).unwrap();
            }
            std::fs::create_dir_all(parent).unwrap();
            std::fs::write(path, unescaped(content)).unwrap();
            Ok(())
        }
        Change::Replace(find, put) => {
            let text = std::fs::read_to_string(&path).map_err(|error| format!("{file} cannot be read: {error}"))?;
            match text.matches(find.as_str()).count() {
                1 => {
                    let (before, after) = text.split_once(find.as_str()).unwrap();
                    let mut bytes = before.as_bytes().to_vec();
                    bytes.extend(unescaped(put));
                    bytes.extend(after.as_bytes());
                    std::fs::write(path, bytes).unwrap();
                    Ok(())
                }
                count => Err(format!("{find:?} stands {count} times in {file}, not once")),
            }
        }
    }
}

/// The bytes of a text; `<ff>` is the byte that no UTF-8 text has.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (at, part) in text.split("<ff>").enumerate() {
        if at > 0 {
            bytes.push(0xff);
        }
        bytes.extend(part.as_bytes());
    }
    bytes
}

/// The problems that a run shows, each with its excerpt and help.
fn blocks(run: &Run) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut inside = false;
    for line in run.stderr.lines().chain(["="]).chain(run.stdout.lines()) {
        // A case that failed lists its problems.
        let listed = line.trim_start().strip_prefix("problem  ");
        let line = listed.unwrap_or(line);
        let starts = ["error[", "warning[", "info["].iter().any(|start| line.starts_with(start));
        let goes_on = || {
            let rest = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
            ["|", "-->", ":::", "..."].iter().any(|start| rest.starts_with(start))
                || ["help: ", "note: ", "      "].iter().any(|start| line.starts_with(start))
        };
        if starts {
            blocks.push(line.trim_end().to_owned());
            inside = listed.is_none();
        } else if inside && goes_on() {
            let last = blocks.last_mut().unwrap();
            last.push('\n');
            last.push_str(line.trim_end());
        } else {
            inside = false;
        }
    }
    blocks
}

fn code_of(block: &str) -> &str {
    block.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map_or("", |(code, _)| code)
}

/// `line:column`, or with the file if it is another than `file`.
fn place_of(block: &str, file: &str) -> Option<String> {
    let place = block.lines().find_map(|line| line.trim_start().strip_prefix("--> "))?;
    Some(place.strip_prefix(file).and_then(|rest| rest.strip_prefix(':')).unwrap_or(place).to_owned())
}

/// Object, key, path, table, row and column of a line of `problems.jsonl`, those that are there.
fn about(line: &str) -> String {
    let problem: serde_json::Value = serde_json::from_str(line).unwrap();
    let keys = ["object", "key", "path", "table", "row", "column"];
    keys.iter().filter_map(|key| problem[key].as_str()).collect::<Vec<_>>().join(" ")
}

fn mistakes() -> Vec<Mistake> {
    let only = std::env::var("SIFTER_MISTAKE").unwrap_or_default();
    let mut all = Vec::new();
    for group in std::fs::read_dir(folder()).unwrap() {
        let group = group.unwrap().path();
        if group.is_dir() && !group.ends_with("rulebook") {
            for file in std::fs::read_dir(group).unwrap() {
                all.push(file.unwrap().path());
            }
        }
    }
    all.sort();
    all.iter().filter(|path| path.display().to_string().contains(&only)).map(|path| Mistake::read(path)).collect()
}

#[test]
fn the_rulebook_of_the_mistakes_has_none() {
    let run =
        |arguments: &[&str]| support::run(support::program().current_dir(folder().join("rulebook")).args(arguments));
    let check = run(&["check"]).ends(0);
    assert!(check.stdout.contains("no problems"), "{check:#?}");
    run(&["test"]).ends(0);
    let out = tempfile::tempdir().unwrap();
    let out = out.path().join("out").display().to_string();
    let map = ["map", "--source", "csv:source", "--zone", "zone.yaml", "--as-of", "2026-02-02", "--out", &out];
    run(&map).ends(0);
    assert_eq!(std::fs::read_to_string(Path::new(&out).join("problems.jsonl")).unwrap(), "");
}

#[test]
fn each_mistake_is_reported_as_its_file_says_and_mended() {
    let mistakes = mistakes();
    let next = AtomicUsize::new(0);
    let faults = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(mistake) = mistakes.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = mistake.faults();
                    faults.lock().unwrap().extend(found.iter().map(|fault| format!("{}: {fault}", mistake.name)));
                }
            });
        }
    });
    let mut faults = faults.into_inner().unwrap();
    faults.sort();
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), mistakes.len(), faults.join("\n\n"));
}

#[test]
fn every_code_has_a_mistake_and_an_explanation() {
    let planted: BTreeSet<String> = mistakes().into_iter().map(|mistake| mistake.code).collect();
    let elsewhere = |code: &&str| TESTED_ELSEWHERE.iter().any(|(known, _)| known == code);
    let codes = problem::code::ALL.iter().map(|code| code.name());
    let missing: Vec<&str> = codes.filter(|code| !planted.contains(*code) && !elsewhere(code)).collect();
    if std::env::var_os("SIFTER_MISTAKE").is_none() {
        assert!(missing.is_empty(), "tests/mistakes/ has no mistake for {missing:?}");
    }
    for code in problem::code::ALL {
        assert!(code.title().len() > 10 && code.explanation().len() > 30, "{} says too little", code.name());
        assert_ne!(code.title(), code.explanation());
    }
    let unknown: Vec<&String> = planted.iter().filter(|code| problem::Code::find(code).is_none()).collect();
    assert!(unknown.is_empty(), "no problem has the codes {unknown:?}");
}

#[test]
fn there_are_sixty_mistakes_that_analysts_and_testers_make() {
    let of = |mistake: &&Mistake| !["sources", "zones", "runs"].contains(&mistake.group());
    if std::env::var_os("SIFTER_MISTAKE").is_none() {
        assert!(mistakes().iter().filter(of).count() >= 60);
    }
}
