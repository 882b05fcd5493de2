//! Hot reload: when the rulebook's folder changes, a candidate is made of it, proved, and put in force; or it is not, and the
//! generation before goes on.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use problem::Problem;
use provider::{Generation, Generations};
use tracing::{error, info, warn};

use super::generations::{History, OnDisk};

/// So long must it be quiet: an editor writes a file in several steps, and `git pull` many files.
const QUIET: Duration = Duration::from_millis(500);
/// How often it is looked whether git has finished.
const GIT_PAUSE: Duration = Duration::from_millis(200);
/// How long git is waited for: a lock that stays longer was left behind.
const GIT_PATIENCE: Duration = Duration::from_secs(60);

/// How long the end of the server waits for a proof to end by itself.
const STOP_PATIENCE: Duration = Duration::from_millis(500);

/// What became of the rulebook, to be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// A generation was put in force: by an edit, or by going back.
    InForce {
        /// Its hash.
        hash: String,
        /// Whether it is an earlier one.
        back: bool,
    },
    /// A candidate was refused.
    Refused(Vec<Problem>),
}

/// Takes note of what became of the rulebook.
pub type Witness = Box<dyn Fn(&Happened) + Send>;

/// The rulebook of a provider: which generation is in force, and how it got there.
#[derive(Clone)]
pub struct Reloader {
    shared: Arc<Shared>,
    wake: Sender<Wake>,
}

struct Shared {
    history: Mutex<History>,
    /// Of the providers that use the rulebook.
    generations: Vec<Generations>,
    /// What is wrong with what stands on the disk; empty while that is in force.
    problems: Mutex<Vec<Problem>>,
    witness: Mutex<Witness>,
}

enum Wake {
    Changed,
    Stop,
}

/// Keeps the watching alive.
pub struct Watching {
    _watcher: Option<RecommendedWatcher>,
    wake: Sender<Wake>,
    stopping: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Watching {
    /// Ends the watching: nothing is put in force from now on. A candidate that is being proved is not waited for, since it only reads.
    pub fn stop(mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        let _ended = self.wake.send(Wake::Stop);
        let Some(thread) = self.thread.take() else { return };
        let patience = Instant::now() + STOP_PATIENCE;
        while Instant::now() < patience && !thread.is_finished() {
            std::thread::sleep(Duration::from_millis(10));
        }
        if thread.is_finished() {
            let _ended = thread.join();
        }
    }
}

/// What is watched, and how candidates are proved.
pub struct ReloadSettings {
    /// The folder that holds objects/, rules/ and tests/.
    pub folder: PathBuf,
    /// Whether it is watched.
    pub watch: bool,
    /// How many earlier generations are kept.
    pub keep: usize,
    /// Threads that run fixtures.
    pub jobs: usize,
}

impl Reloader {
    /// Begins with what is in force, which stands on the disk so, and proves it in the background.
    ///
    /// # Errors
    /// If the folder cannot be watched.
    pub fn start(
        settings: ReloadSettings,
        first: OnDisk,
        generation: Generation,
        generations: Vec<Generations>,
        witness: Witness,
    ) -> notify::Result<(Self, Watching)> {
        let (wake, woken) = channel();
        let watcher = if settings.watch { Some(watch(&settings.folder, wake.clone())?) } else { None };
        let shared = Arc::new(Shared {
            history: Mutex::new(History::new(generation, settings.keep)),
            generations,
            problems: Mutex::new(Vec::new()),
            witness: Mutex::new(witness),
        });
        let reloader = Self { shared, wake: wake.clone() };
        let stopping = Arc::new(AtomicBool::new(false));
        let worker = Worker { reloader: reloader.clone(), settings, seen: first, stopping: Arc::clone(&stopping) };
        let thread = std::thread::Builder::new().name("rulebook".to_owned()).spawn(move || worker.run(&woken));
        let thread = thread.map_err(notify::Error::io)?;
        Ok((reloader, Watching { _watcher: watcher, wake, stopping, thread: Some(thread) }))
    }

    /// The hash of the generation in force.
    pub fn current(&self) -> String {
        self.shared.history().current().hash.to_string()
    }

    /// The hashes of earlier generations that can be gone back to, the latest first.
    pub fn earlier(&self) -> Vec<String> {
        self.shared.history().earlier().map(str::to_owned).collect()
    }

    /// What is wrong with what stands on the disk, while an older generation is in force.
    pub fn problems(&self) -> Vec<Problem> {
        self.shared.problems().clone()
    }

    /// Looks at the folder now, whether it is watched or not.
    pub fn look(&self) {
        let _ended = self.wake.send(Wake::Changed);
    }

    /// Goes back to an earlier generation; the next change on the disk makes a candidate again. Answers its whole hash; none
    /// where no earlier generation is meant by it.
    pub fn roll_back(&self, hash: &str) -> Option<String> {
        let found = self.shared.history().find(hash)?.clone();
        let hash = found.hash.to_string();
        self.put_in_force(found, true);
        Some(hash)
    }

    fn put_in_force(&self, next: Generation, back: bool) {
        let hash = next.hash.to_string();
        {
            let mut history = self.shared.history();
            self.shared.generations.iter().for_each(|generations| drop(generations.swap(next.clone())));
            history.put(next);
        }
        info!(generation = %hash, back, "a generation of the rulebook is in force");
        self.shared.tell(&Happened::InForce { hash, back });
    }
}

impl Shared {
    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn problems(&self) -> MutexGuard<'_, Vec<Problem>> {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, happened: &Happened) {
        let witness = self.witness.lock().unwrap_or_else(PoisonError::into_inner);
        witness(happened);
    }

    fn refuse(&self, problems: Vec<Problem>) {
        let first = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
        warn!(problems = problems.len(), first, "the rulebook on the disk is not put in force");
        self.problems().clone_from(&problems);
        self.tell(&Happened::Refused(problems));
    }
}

/// Watches folders, not files: many editors, and git, put a new file in the place of the old one.
fn watch(folder: &Path, wake: Sender<Wake>) -> notify::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Reading a file is no change of it.
        if event.is_ok_and(|event| !event.kind.is_access()) {
            let _ended = wake.send(Wake::Changed);
        }
    })?;
    for part in ["objects", "rules", "tests"].map(|part| folder.join(part)) {
        if part.is_dir() {
            watcher.watch(&part, RecursiveMode::Recursive)?;
        }
    }
    Ok(watcher)
}

struct Worker {
    reloader: Reloader,
    settings: ReloadSettings,
    /// What was made a candidate last.
    seen: OnDisk,
    stopping: Arc<AtomicBool>,
}

impl Worker {
    fn run(mut self, woken: &Receiver<Wake>) {
        self.prove_first();
        while self.changed(woken) {
            self.step();
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// What is in force from the start was checked, and is proved now: who waits for the server need not wait for that.
    fn prove_first(&self) {
        let plan = Arc::clone(&self.reloader.shared.history().current().plan);
        let proved = self.seen.proved(&plan, self.settings.jobs);
        if self.is_stopping() {
            return;
        }
        match proved {
            Ok(cases) => info!(cases, "the rulebook that the server began with is proved"),
            Err(problems) => {
                error!(problems = problems.len(), "the rulebook that the server began with does not pass its fixtures");
                *self.reloader.shared.problems() = problems;
            }
        }
    }

    /// Waits for a change, the quiet after it, and the end of what git does; false when there is nothing more to wait for.
    fn changed(&self, woken: &Receiver<Wake>) -> bool {
        if !matches!(woken.recv(), Ok(Wake::Changed)) {
            return false;
        }
        let patience = Instant::now() + GIT_PATIENCE;
        loop {
            match woken.recv_timeout(QUIET) {
                Ok(Wake::Changed) => {}
                Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return false,
                Err(RecvTimeoutError::Timeout) => {
                    if !is_git_busy(&self.settings.folder) || Instant::now() > patience {
                        return true;
                    }
                    std::thread::sleep(GIT_PAUSE);
                }
            }
        }
    }

    fn step(&mut self) {
        let shared = &self.reloader.shared;
        let on_disk = match OnDisk::read(&self.settings.folder) {
            Ok(on_disk) => on_disk,
            Err(problem) => return shared.refuse(vec![problem]),
        };
        // A file was written again as it was, or an editor has put another beside it.
        if on_disk == self.seen {
            return;
        }
        self.seen = on_disk;
        let proved = self.seen.checked().and_then(|plan| self.seen.proved(&plan, self.settings.jobs).map(|_| plan));
        if self.is_stopping() {
            return;
        }
        let plan = match proved {
            Ok(plan) => plan,
            Err(problems) => return shared.refuse(problems),
        };
        shared.problems().clear();
        let next = Generation::of(plan);
        if next.hash == shared.history().current().hash {
            // Only fixtures have changed.
            return;
        }
        self.reloader.put_in_force(next, false);
    }
}

/// Whether git is changing files of the repository that holds the folder.
fn is_git_busy(folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else {
        return false;
    };
    let git = folder.ancestors().map(|above| above.join(".git")).find(|git| git.exists());
    git.is_some_and(|git| git.join("index.lock").exists())
}
