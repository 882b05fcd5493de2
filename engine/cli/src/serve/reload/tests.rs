#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use problem::code;
use provider::{Generation, Generations};

use super::{Happened, ReloadSettings, Reloader, Stays, Watching};
use crate::serve::RulebookOnDisk;
use crate::serve::archive::Kept;
use crate::serve::begin::begin;
use crate::serve::generations::OnDisk;
use crate::serve::history::{Standing, Texts};

/// A small rulebook in a folder that goes, and what watches it.
struct Served {
    folder: tempfile::TempDir,
    generations: Generations,
    reloader: Reloader,
    watching: Option<Watching>,
    happened: Receiver<Happened>,
    /// While set, nothing can be kept.
    is_failing: Arc<AtomicBool>,
}

const RULE: &str = "rules/shared/attendance.rhai";
const OBJECT: &str = "objects/StudentAttendanceSummary.yaml";
const FIXTURE: &str = "tests/rules/DaysInMembership.yaml";
/// Longer than proving the small rulebook takes on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { assert!(std::fs::copy(&path, &target).is_ok()) }
    }
}

impl Served {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/mistakes/rulebook"), folder.path());
        Self::start_with(folder, None)
    }

    /// Starts again with what stands on the disk and what was kept.
    fn start_with(folder: tempfile::TempDir, kept: Option<Kept>) -> Self {
        let on_disk = OnDisk::read(folder.path()).unwrap();
        let rulebook = RulebookOnDisk { checked: on_disk.checked(), on_disk: on_disk.clone() };
        let begun = begin(&rulebook, kept).unwrap();
        let generations = Generations::new(Generation::of(Arc::clone(&begun.plan)));
        let settings = ReloadSettings { folder: folder.path().to_owned(), watch: true, keep: 2, jobs: 2 };
        let (told, happened) = channel();
        let is_failing = Arc::new(AtomicBool::new(false));
        let fails = Arc::clone(&is_failing);
        let witness = Box::new(move |happened: &Happened| {
            if fails.load(Ordering::SeqCst) {
                return Err("the disk is full".to_owned());
            }
            told.send(happened.clone()).map_err(|error| error.to_string())
        });
        let (reloader, watching) =
            Reloader::start(settings, on_disk, begun, vec![generations.clone()], witness).unwrap();
        Self { folder, generations, reloader, watching: Some(watching), happened, is_failing }
    }

    /// Ends it; gives the folder back.
    fn end(mut self) -> tempfile::TempDir {
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn edit(&self, file: &str, find: &str, put: &str) {
        let text = std::fs::read_to_string(self.path(file)).unwrap();
        assert_eq!(text.matches(find).count(), 1, "{file}: {find}");
        std::fs::write(self.path(file), text.replace(find, put)).unwrap();
    }

    fn next(&self) -> Happened {
        self.happened.recv_timeout(PATIENCE).unwrap()
    }

    /// What was put in force next, and what is known of those before it.
    fn next_in_force(&self) -> Kept {
        let Happened::InForce(history) = self.next() else { panic!("it is right") };
        // Told before it is done.
        let hash = history.standing().current.hash.to_string();
        let until = std::time::Instant::now() + PATIENCE;
        while self.in_force() != hash || self.reloader.current() != hash {
            assert!(std::time::Instant::now() < until, "it does not come in force");
            std::thread::sleep(Duration::from_millis(5));
        }
        Kept { standing: history.standing().clone(), earlier: history.earlier().cloned().collect() }
    }

    fn in_force(&self) -> String {
        self.generations.current().hash.to_string()
    }

    /// Whether nothing more happens; waits a little longer than the quiet after a change.
    fn is_quiet(&self) -> bool {
        self.happened.recv_timeout(Duration::from_secs(3)).is_err()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.watching.take().unwrap().stop();
    }
}

#[test]
fn an_edit_is_put_in_force_once_it_is_proved_and_can_be_taken_back() {
    let served = Served::start();
    let first = served.in_force();
    served.edit(RULE, "// What rules", "// All that rules");
    let second = served.next_in_force().standing.current.hash.to_string();
    assert_ne!(first, second);
    assert_eq!(served.reloader.earlier(), std::slice::from_ref(&first));

    assert_eq!(served.reloader.roll_back("nonsense"), Err(Stays::Unknown));
    assert_eq!(served.reloader.roll_back(first.get(..8).unwrap()).as_ref(), Ok(&first));
    let Standing { current, left, .. } = served.next_in_force().standing;
    assert_eq!((&*current.hash, left.as_ref()), (&*first, Some(&second)));
    assert_eq!(served.reloader.earlier(), [second]);
    assert!(served.is_quiet(), "what stands on the disk was put in force before, and waits for a change");
}

#[test]
fn what_does_not_check_or_pass_is_told_and_the_last_good_one_goes_on() {
    let served = Served::start();
    let first = served.in_force();
    served.edit(RULE, "least(", "leest(");
    let Happened::Refused(problems) = served.next() else { panic!("no such function") };
    assert!(problems.iter().any(problem::Problem::is_error));
    assert_eq!(served.reloader.problems(), problems);
    served.edit(RULE, "leest(", "least(");
    served.edit(OBJECT, "limits.cap)", "limits.cap + 1)");
    let Happened::Refused(problems) = served.next() else { panic!("its cases fail") };
    assert!(problems.iter().all(|problem| problem.code == code::NOT_PROVED), "{problems:?}");
    let about = |problem: &problem::Problem| problem.place.as_ref().is_some_and(|place| &*place.file == FIXTURE);
    assert!(problems.iter().any(about), "{problems:?}");
    assert_eq!(served.in_force(), first);
    served.edit(OBJECT, "limits.cap + 1)", "limits.cap)");
    assert!(served.is_quiet(), "this is what was in force all the time");
    assert_eq!((served.in_force(), served.reloader.problems()), (first, Vec::new()));
}

#[test]
fn many_files_make_one_candidate_and_git_is_waited_for() {
    let served = Served::start();
    std::fs::create_dir_all(served.path(".git")).unwrap();
    std::fs::write(served.path(".git/index.lock"), "").unwrap();
    // One after the other does not check: the rule is taken away before its function is given back.
    let rule = std::fs::read_to_string(served.path(RULE)).unwrap();
    std::fs::remove_file(served.path(RULE)).unwrap();
    assert!(served.is_quiet(), "git is not done");
    std::fs::write(served.path(RULE), rule.replace("// What rules", "// All that rules")).unwrap();
    for number in 0..20 {
        std::fs::write(
            served.path(&format!("rules/shared/more_{number}.rhai")),
            format!("/// Nothing.\nfn more_{number}(x) {{ x }}\n"),
        )
        .unwrap();
        std::thread::sleep(Duration::from_millis(20));
    }
    for number in 0..20 {
        std::fs::remove_file(served.path(&format!("rules/shared/more_{number}.rhai"))).unwrap();
    }
    std::fs::remove_file(served.path(".git/index.lock")).unwrap();
    assert_eq!(served.next_in_force().standing.left, None);
    assert!(served.is_quiet(), "there was one candidate only");
}

#[test]
fn only_so_many_earlier_generations_are_kept() {
    let served = Served::start();
    let mut hashes = vec![served.in_force()];
    for (from, to) in [("// What", "// One"), ("// One", "// Two"), ("// Two", "// Three")] {
        served.edit(RULE, from, to);
        hashes.push(served.next_in_force().standing.current.hash.to_string());
    }
    assert_eq!(served.reloader.earlier(), [hashes[2].clone(), hashes[1].clone()]);
    assert_eq!(served.reloader.roll_back(&hashes[0]), Err(Stays::Unknown));
}

#[test]
fn a_restart_keeps_to_what_was_gone_back_to_until_the_disk_changes() {
    let served = Served::start();
    let first = served.in_force();
    served.edit(RULE, "// What rules", "// All that rules");
    let second = served.next_in_force().standing.current.hash.to_string();
    assert_eq!(served.reloader.roll_back(&first), Ok(first.clone()));
    let kept = served.next_in_force();

    let served = Served::start_with(served.end(), Some(kept));
    assert_eq!(served.in_force(), first);
    assert_eq!(served.reloader.earlier(), std::slice::from_ref(&second));
    assert!(served.is_quiet(), "what was left stays left");
    assert_eq!(served.reloader.roll_back(&second), Ok(second.clone()), "of its files alone");
    assert_eq!(served.next_in_force().standing.left, None, "this is what stands on the disk");
    served.edit(RULE, "// All that rules", "// What the rules");
    assert_eq!(served.next_in_force().standing.left, None);
}

#[test]
fn a_restart_puts_in_force_only_what_passes() {
    let served = Served::start();
    let first = served.in_force();
    let book = OnDisk::read(served.folder.path()).unwrap().book;
    let kept = Kept { standing: Standing::now(Texts::of(book)), earlier: Vec::new() };
    served.edit(OBJECT, "limits.cap)", "limits.cap + 1)");
    assert!(matches!(served.next(), Happened::Refused(_)));

    let served = Served::start_with(served.end(), Some(kept.clone()));
    assert_eq!(served.in_force(), first, "what failed its cases is not in force after a restart");
    let Happened::Refused(problems) = served.next() else { panic!("its cases fail") };
    assert_eq!(served.reloader.problems(), problems);

    served.edit(OBJECT, "limits.cap + 1)", "limits.capp)");
    assert!(matches!(served.next(), Happened::Refused(_)));
    let served = Served::start_with(served.end(), Some(kept.clone()));
    assert_eq!(served.in_force(), first, "nor is the server kept from starting by what does not check");
    assert!(matches!(served.next(), Happened::Refused(_)));

    served.edit(OBJECT, "limits.capp)", "limits.cap)");
    assert!(served.is_quiet());
    served.edit(RULE, "// What rules", "// All that rules");
    drop(served.next_in_force());
    // The server fell before it could keep that: the disk holds a candidate again, and it passes.
    let served = Served::start_with(served.end(), Some(kept));
    assert_ne!(served.next_in_force().standing.current.hash.to_string(), first);
}

#[test]
fn what_cannot_be_kept_is_not_gone_back_to() {
    let served = Served::start();
    let first = served.in_force();
    served.edit(RULE, "// What rules", "// All that rules");
    let second = served.next_in_force().standing.current.hash.to_string();
    served.is_failing.store(true, Ordering::SeqCst);
    assert_eq!(served.reloader.roll_back(&first), Err(Stays::NotKept("the disk is full".to_owned())));
    assert_eq!((served.in_force(), served.reloader.current()), (second.clone(), second));
}
