#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use problem::code;
use provider::{Generation, Generations};

use super::{Happened, ReloadSettings, Reloader, Watching};
use crate::serve::generations::OnDisk;

/// A small rulebook in a folder that goes, and what watches it.
struct Served {
    folder: tempfile::TempDir,
    generations: Generations,
    reloader: Reloader,
    watching: Option<Watching>,
    happened: Receiver<Happened>,
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
        let first = OnDisk::read(folder.path()).unwrap();
        let generation = Generation::of(first.checked().unwrap());
        let generations = Generations::new(generation.clone());
        let settings = ReloadSettings { folder: folder.path().to_owned(), watch: true, keep: 2, jobs: 2 };
        let (told, happened) = channel();
        let witness = Box::new(move |happened: &Happened| drop(told.send(happened.clone())));
        let (reloader, watching) =
            Reloader::start(settings, first, generation, vec![generations.clone()], witness).unwrap();
        Self { folder, generations, reloader, watching: Some(watching), happened }
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
    let Happened::InForce { hash: second, back: false } = served.next() else { panic!("the edit is right") };
    assert_ne!(first, second);
    assert_eq!((served.in_force(), served.reloader.current()), (second.clone(), second.clone()));
    assert_eq!(served.reloader.earlier(), std::slice::from_ref(&first));

    assert_eq!(served.reloader.roll_back("nonsense"), None);
    assert_eq!(served.reloader.roll_back(first.get(..8).unwrap()).as_ref(), Some(&first));
    assert_eq!(served.next(), Happened::InForce { hash: first.clone(), back: true });
    assert_eq!(served.in_force(), first);
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
    assert!(matches!(served.next(), Happened::InForce { back: false, .. }));
    assert!(served.is_quiet(), "there was one candidate only");
}

#[test]
fn only_so_many_earlier_generations_are_kept() {
    let served = Served::start();
    let mut hashes = vec![served.in_force()];
    for (from, to) in [("// What", "// One"), ("// One", "// Two"), ("// Two", "// Three")] {
        served.edit(RULE, from, to);
        let Happened::InForce { hash, .. } = served.next() else { panic!("the edit is right") };
        hashes.push(hash);
    }
    assert_eq!(served.reloader.earlier(), [hashes[2].clone(), hashes[1].clone()]);
    assert_eq!(served.reloader.roll_back(&hashes[0]), None);
}
