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
use rulebook::plan::Plan;
use tracing::{error, info, warn};

use super::begin::{Begun, Disk};
use super::generations::{OnDisk, checked};
use super::history::{History, Standing, Texts};

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
    /// A generation is to be in force: by an edit, or by going back.
    InForce(History),
    /// A candidate was refused.
    Refused(Vec<Problem>),
}

/// Takes note of what became of the rulebook, and says why it could not.
pub type Witness = Box<dyn Fn(&Happened) -> Result<(), String> + Send>;

/// Why a rulebook does not go back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stays {
    /// No earlier generation is meant by the hash.
    Unknown,
    /// This program finds mistakes in the generation.
    DoesNotCheck(Vec<Problem>),
    /// It could not be kept, so the next start would not know of it.
    NotKept(String),
}

/// The rulebook of a provider: which generation is in force, and how it got there.
#[derive(Clone)]
pub struct Reloader {
    shared: Arc<Shared>,
    wake: Sender<Wake>,
}

struct Shared {
    /// Held while another generation is put in force, so that what is kept is what is in force.
    changing: Mutex<()>,
    history: Mutex<History>,
    /// Of the providers that use the rulebook.
    generations: Vec<Generations>,
    /// What is wrong with what stands on the disk; empty while that is in force.
    problems: Mutex<Vec<Problem>>,
    witness: Mutex<Witness>,
    /// The hash of what the disk held when it was looked at last.
    on_disk: Mutex<String>,
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
    /// Goes on with what the server begins with. What stands on the disk is proved in the background: what is in force already, so that
    /// who waits for the server need not wait for that, or a candidate.
    ///
    /// # Errors
    /// If the folder cannot be watched.
    pub fn start(
        settings: ReloadSettings,
        on_disk: OnDisk,
        begun: Begun,
        generations: Vec<Generations>,
        witness: Witness,
    ) -> notify::Result<(Self, Watching)> {
        let (wake, woken) = channel();
        let watcher = if settings.watch { Some(watch(&settings.folder, wake.clone())?) } else { None };
        let Begun { standing, plan, earlier, disk } = begun;
        let shared = Arc::new(Shared {
            changing: Mutex::new(()),
            history: Mutex::new(History::new(standing, earlier, settings.keep)),
            generations,
            problems: Mutex::new(Vec::new()),
            witness: Mutex::new(witness),
            on_disk: Mutex::new(rulebook::generation(&on_disk.book)),
        });
        let reloader = Self { shared, wake: wake.clone() };
        let stopping = Arc::new(AtomicBool::new(false));
        let worker = Worker { reloader: reloader.clone(), settings, seen: on_disk, stopping: Arc::clone(&stopping) };
        let thread =
            std::thread::Builder::new().name("rulebook".to_owned()).spawn(move || worker.run(disk, &plan, &woken));
        let thread = thread.map_err(notify::Error::io)?;
        Ok((reloader, Watching { _watcher: watcher, wake, stopping, thread: Some(thread) }))
    }

    /// The hash of the generation in force.
    pub fn current(&self) -> String {
        self.shared.history().standing().current.hash.to_string()
    }

    /// The hashes of earlier generations that can be gone back to, the latest first.
    pub fn earlier(&self) -> Vec<String> {
        self.shared.history().earlier().map(|earlier| earlier.hash.to_string()).collect()
    }

    /// What is wrong with what stands on the disk, while an older generation is in force.
    pub fn problems(&self) -> Vec<Problem> {
        self.shared.problems().clone()
    }

    /// Looks at the folder now, whether it is watched or not.
    pub fn look(&self) {
        let _ended = self.wake.send(Wake::Changed);
    }

    /// Goes back to an earlier generation, also for the time after a restart; the next change on the disk makes a candidate again.
    /// Answers its whole hash. It blocks until that is kept.
    ///
    /// # Errors
    /// Why what is in force stays.
    pub fn roll_back(&self, hash: &str) -> Result<String, Stays> {
        let found = self.shared.history().find(hash).cloned().ok_or(Stays::Unknown)?;
        let plan = checked(&found.files).map_err(Stays::DoesNotCheck)?;
        let left = lock(&self.shared.on_disk).clone();
        let hash = found.hash.to_string();
        // What stands on the disk is not left if it is what is gone back to.
        let left = (left != hash).then_some(left);
        let kept = self.put_in_force(Standing { left, ..Standing::now(found) }, plan, true);
        kept.map(|()| hash).map_err(Stays::NotKept)
    }

    /// Keeps what is to be in force, and puts it in force. Where it cannot be kept, it is in force only if that is no matter: after an
    /// edit the next start finds the same candidate.
    fn put_in_force(&self, next: Standing, plan: Arc<Plan>, back: bool) -> Result<(), String> {
        let _alone = lock(&self.shared.changing);
        let history = self.shared.history().with(next);
        let kept = self.shared.tell(&Happened::InForce(history.clone()));
        if back {
            kept?;
        } else if let Err(why) = kept {
            error!(why, "that another generation of the rulebook is in force could not be kept");
        }
        let next = Generation::of(plan);
        let hash = Arc::clone(&next.hash);
        self.shared.generations.iter().for_each(|generations| drop(generations.swap(next.clone())));
        *self.shared.history() = history;
        info!(generation = %hash, back, "a generation of the rulebook is in force");
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn history(&self) -> MutexGuard<'_, History> {
        lock(&self.history)
    }

    fn problems(&self) -> MutexGuard<'_, Vec<Problem>> {
        lock(&self.problems)
    }

    fn tell(&self, happened: &Happened) -> Result<(), String> {
        lock(&self.witness)(happened)
    }

    fn refuse(&self, problems: Vec<Problem>) {
        let first = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
        warn!(problems = problems.len(), first, "the rulebook on the disk is not put in force");
        self.problems().clone_from(&problems);
        if let Err(why) = self.tell(&Happened::Refused(problems)) {
            error!(why, "why the rulebook on the disk is not put in force could not be kept");
        }
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
    fn run(mut self, disk: Disk, plan: &Arc<Plan>, woken: &Receiver<Wake>) {
        match disk {
            Disk::InForce => self.prove_first(plan),
            Disk::Candidate => self.try_candidate(),
            Disk::Left => {}
        }
        while self.changed(woken) {
            self.step();
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// What is in force from the start was checked, and is proved now.
    fn prove_first(&self, plan: &Arc<Plan>) {
        let proved = self.seen.proved(plan, self.settings.jobs);
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
        *lock(&shared.on_disk) = rulebook::generation(&on_disk.book);
        self.seen = on_disk;
        self.try_candidate();
    }

    /// Puts in force what was read from the disk, if it passes.
    fn try_candidate(&self) {
        let shared = &self.reloader.shared;
        let proved = self.seen.checked().and_then(|plan| self.seen.proved(&plan, self.settings.jobs).map(|_| plan));
        if self.is_stopping() {
            return;
        }
        let plan = match proved {
            Ok(plan) => plan,
            Err(problems) => return shared.refuse(problems),
        };
        shared.problems().clear();
        let next = Texts::of(self.seen.book.clone());
        if next.hash == shared.history().standing().current.hash {
            // Only fixtures have changed.
            return;
        }
        // What could not be kept is in force all the same, and was told.
        let _kept = self.reloader.put_in_force(Standing::now(next), plan, false);
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
