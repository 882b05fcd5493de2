//! `test --watch`: runs what a changed file concerns, again and again.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use notify::{RecursiveMode, Watcher};
use proving::affected::{Changes, Dependencies};
use proving::{CaseResult, Verdict};
use rulebook::Files;

use super::loaded::OnDisk;
use super::{parallel, print_human};
use crate::arguments::{Test, TestFormat};
use crate::exit::Exit;
use crate::terminal;

/// So long must it be quiet: an editor writes a file in several steps.
const QUIET: Duration = Duration::from_millis(80);

/// Runs everything once, then what changes concern, until the program is ended.
pub fn run(arguments: &Test) -> Exit {
    if arguments.format != TestFormat::Human {
        return terminal::usage("--watch is for people: it goes with --format human alone");
    }
    let (sender, receiver) = channel();
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Reading a file is no change of it.
        if event.is_ok_and(|event| !event.kind.is_access()) {
            // Who no longer listens has ended.
            let _ended = sender.send(());
        }
    });
    let folder = &arguments.rulebook.rulebook;
    let own = ["objects", "rules", "tests"].map(|part| folder.join(part));
    // Folders are watched, not files: many editors put a new file in the place of the old one.
    let given = arguments.paths.iter().map(|path| match path.parent() {
        Some(parent) if !path.is_dir() => parent.to_owned(),
        _ => path.clone(),
    });
    let folders: BTreeSet<PathBuf> = own.into_iter().chain(given).filter(|path| path.is_dir()).collect();
    let watching = watcher.and_then(|mut watcher| {
        for folder in &folders {
            watcher.watch(folder, RecursiveMode::Recursive)?;
        }
        Ok(watcher)
    });
    let _watching = match watching {
        Ok(watcher) => watcher,
        Err(why) => return terminal::usage(&format!("the files cannot be watched: {why}")),
    };
    let mut watch = Watch { arguments, seen: None, tested: Files::new(), failed: BTreeSet::new() };
    watch.step(true);
    while changed(&receiver) {
        watch.step(false);
    }
    terminal::usage("the files can no longer be watched")
}

/// Waits for a change and the quiet after it; false when there is nothing more to wait for.
fn changed(receiver: &Receiver<()>) -> bool {
    if receiver.recv().is_err() {
        return false;
    }
    while receiver.recv_timeout(QUIET).is_ok() {}
    true
}

struct Watch<'a> {
    arguments: &'a Test,
    /// The files as they were read last.
    seen: Option<OnDisk>,
    /// The files as they were when fixtures ran last.
    tested: Files,
    /// The fixtures that did not pass, which run every time.
    failed: BTreeSet<String>,
}

impl Watch<'_> {
    fn step(&mut self, first: bool) {
        let begun = Instant::now();
        let Ok(on_disk) = OnDisk::read(self.arguments) else { return self.wait() };
        // A file was written again as it was, or an editor has put another beside it.
        if self.seen.as_ref() == Some(&on_disk) {
            return;
        }
        let loaded = on_disk.loaded();
        self.seen = Some(on_disk);
        // What is wrong with the rulebook is printed below what was there: the last results still stand.
        let Ok(mut loaded) = loaded else { return self.wait() };
        let changes = Changes::between(&self.tested, &loaded.all);
        let all = loaded.suite.fixtures.len();
        if !first {
            let plan = std::sync::Arc::clone(&loaded.plan);
            let concerned = |fixture: &proving::Fixture| {
                self.failed.contains(&fixture.file) || changes.concern(&Dependencies::of(&plan, fixture))
            };
            loaded.suite.fixtures.retain(concerned);
        }
        if std::io::stdout().is_terminal() {
            // Clears the terminal, what has scrolled away included.
            anstream::print!("\u{1b}[2J\u{1b}[3J\u{1b}[H");
        }
        loaded.print_problems();
        let cases = parallel(&loaded.plan, &loaded.suite.fixtures, self.arguments, false);
        let results: Vec<CaseResult> = cases.into_iter().map(|(_, case)| case.result).collect();
        if !first {
            anstream::println!("changed; {} of {all} fixture files depend on it", loaded.suite.fixtures.len());
        }
        print_human(&loaded, &results, begun);
        self.failed = results
            .iter()
            .filter(|result| !matches!(result.verdict, Verdict::Passed))
            .map(|result| result.file.clone())
            .collect();
        self.tested = loaded.all;
        self.wait();
    }

    fn wait(&self) {
        anstream::println!("watching objects/, rules/ and tests/; Ctrl-C ends");
        // A terminal that is gone is noticed by the next line.
        let _flushed = std::io::stdout().flush();
    }
}
