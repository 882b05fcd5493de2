#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::sync::OnceLock;

use rulebook::Files;

use super::{Disk, begin};
use crate::serve::RulebookOnDisk;
use crate::serve::archive::Kept;
use crate::serve::generations::OnDisk;
use crate::serve::history::{Standing, Texts};

/// The small rulebook of planted mistakes, with one file changed.
fn files(text: &str) -> Files {
    static SMALL: OnceLock<Files> = OnceLock::new();
    let small = SMALL.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/mistakes/rulebook");
        OnDisk::read(&folder).unwrap().book
    });
    let mut files = small.clone();
    files.get_mut("rules/shared/attendance.rhai").unwrap().push_str(text);
    files
}

fn disk(text: &str) -> RulebookOnDisk {
    let on_disk = OnDisk { book: files(text), tests: Files::new() };
    RulebookOnDisk { checked: on_disk.checked(), on_disk }
}

fn kept(text: &str, left: Option<&str>) -> Option<Kept> {
    let standing = Standing { left: left.map(str::to_owned), ..Standing::now(Texts::of(files(text))) };
    let standing = Standing { since: "2026-01-01T00:00:00Z".to_owned(), ..standing };
    Some(Kept { standing, earlier: vec![Texts::of(files("// Before."))] })
}

/// What a server begins with: the generation, whether it is as old as what was kept, how many there are before it, and the disk's part.
fn begun(disk: &RulebookOnDisk, kept: Option<Kept>) -> Option<(Files, bool, usize, Disk)> {
    let begun = begin(disk, kept)?;
    assert_eq!(begun.plan.generation, *begun.standing.current.hash);
    let is_old = begun.standing.since.starts_with("2026-01-01");
    Some(((*begun.standing.current.files).clone(), is_old, begun.earlier.len(), begun.disk))
}

const WRONG: &str = "fn (";

#[test]
fn without_a_past_it_is_what_stands_on_the_disk_if_it_checks() {
    assert_eq!(begun(&disk(""), None), Some((files(""), false, 0, Disk::InForce)));
    assert_eq!(begun(&disk(WRONG), None), None);
}

#[test]
fn what_was_in_force_goes_on() {
    assert_eq!(begun(&disk(""), kept("", None)), Some((files(""), true, 1, Disk::InForce)));
    assert_eq!(begun(&disk("// New."), kept("", None)), Some((files(""), true, 1, Disk::Candidate)));
    assert_eq!(begun(&disk(WRONG), kept("", None)), Some((files(""), true, 1, Disk::Candidate)));
}

#[test]
fn what_was_left_stays_left_and_something_else_is_a_candidate() {
    let left = Texts::of(files("// New."));
    assert_eq!(begun(&disk("// New."), kept("", Some(&left.hash))), Some((files(""), true, 1, Disk::Left)));
    assert_eq!(begun(&disk("// Newer."), kept("", Some(&left.hash))), Some((files(""), true, 1, Disk::Candidate)));
}

#[test]
fn what_this_program_no_longer_takes_gives_way_to_the_disk() {
    assert_eq!(begun(&disk(""), kept(WRONG, None)), Some((files(""), false, 1, Disk::InForce)));
    assert_eq!(begun(&disk(WRONG), kept(WRONG, None)), None);
    assert_eq!(begun(&disk("fn ( // Other."), kept(WRONG, None)), None);
}
