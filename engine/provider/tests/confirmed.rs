//! What the guard holds back is deleted when somebody has confirmed exactly that: once, and whatever stops in between.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mapper::Zone;
use provider::events::{Action, Entry, EventFault, Guard, HeldBack, OutgoingEvent, Publisher, Report, Settings, Shelf};
use rulebook::script::Limits;
use store::{Record, Space, StoreFault};
use support::{District, MemoryShelf, Taken, sent, today};

/// Takes every place away, and gives them back.
const EMPTY: &str = "CREATE TABLE kept AS SELECT * FROM roster; DELETE FROM roster";
const FILL: &str = "INSERT INTO roster SELECT * FROM kept; DROP TABLE kept";

fn published(students: u64) -> District {
    let district = District::generate(students, 5);
    district.tick(today());
    district
}

#[track_caller]
fn held(looked: Result<Report, EventFault>) -> HeldBack {
    match looked {
        Err(EventFault::Deletions(held)) => held,
        other => panic!("it is not held back: {other:?}"),
    }
}

fn deletes(events: &[OutgoingEvent]) -> usize {
    events.iter().filter(|event| event.action == Action::Delete).count()
}

#[test]
fn the_same_finding_has_the_same_token_whoever_looks() {
    let district = published(40);
    district.sql(EMPTY);
    let token = held(district.publisher().tick(today())).token;
    assert_eq!((token.len(), token.bytes().all(|byte| byte.is_ascii_hexdigit())), (64, true));
    assert_eq!(held(district.publisher().full(today())).token, token);
    let mut other = district.copy();
    other.guard = Guard { held_bytes: 0, ..Guard::default() };
    assert_eq!(held(other.publisher().tick(today())).token, token, "also where it is too much to keep");
    // What else changes is not held back, and another matter.
    district.sql("UPDATE school SET name = 'Other'");
    assert_eq!(held(district.publisher().tick(today())).token, token);
}

#[test]
fn what_was_confirmed_is_deleted_once() {
    let district = published(40);
    district.sql(EMPTY);
    let token = held(district.publisher().tick(today())).token;
    let mut publisher = district.publisher();
    assert!(!publisher.is_due().unwrap());
    publisher.allow(&token).unwrap();
    drop(publisher);
    let mut publisher = district.publisher();
    assert!(publisher.is_due().unwrap(), "it is not lost when the process ends");
    publisher.tick(today()).unwrap();
    assert!(deletes(&sent(&mut publisher)) > 100);
    assert!(!publisher.is_due().unwrap());
    district.sql(FILL);
    publisher.tick(today()).unwrap();
    sent(&mut publisher);
    district.sql(EMPTY);
    for _ in 0..2 {
        held(publisher.tick(today()));
        assert_eq!(sent(&mut publisher).len(), 0);
    }
}

#[test]
fn where_something_else_would_be_deleted_it_is_held_back_again() {
    let district = published(40);
    district.sql(EMPTY);
    let mut publisher = district.publisher();
    let token = held(publisher.tick(today())).token;
    publisher.allow(&token).unwrap();
    // Of two places one comes back: as many would be deleted whichever it is, but not the same.
    let back = |which: &str| {
        format!(
            "DELETE FROM roster; INSERT INTO roster SELECT * FROM kept WHERE rosterID = (SELECT {which}(rosterID) FROM kept)"
        )
    };
    district.sql(&back("min"));
    let one = held(publisher.tick(today()));
    assert_ne!(one.token, token);
    assert!(!publisher.is_due().unwrap(), "the confirmation is used up");
    district.sql(&back("max"));
    publisher.allow(&one.token).unwrap();
    let other = held(publisher.tick(today()));
    assert_eq!(one.objects, other.objects, "as many");
    assert_ne!(one.token, other.token);
    // A confirmation does not come back with what it was for.
    district.sql("DELETE FROM roster");
    assert_eq!(held(publisher.tick(today())).token, token);
    assert_eq!(sent(&mut publisher).len(), 0);
    publisher.allow(&token).unwrap();
    publisher.tick(today()).unwrap();
    assert!(deletes(&sent(&mut publisher)) > 100);
}

#[test]
fn a_source_that_is_whole_again_uses_a_confirmation_up() {
    let district = published(40);
    district.sql(EMPTY);
    let mut publisher = district.publisher();
    let token = held(publisher.tick(today())).token;
    publisher.allow(&token).unwrap();
    district.sql(FILL);
    assert_eq!(publisher.tick(today()).unwrap().events(), 0);
    district.sql(EMPTY);
    assert_eq!(held(publisher.tick(today())).token, token);
}

#[test]
fn a_look_that_fails_leaves_a_confirmation_for_the_next() {
    let district = published(40);
    district.sql(EMPTY);
    let mut publisher = district.publisher();
    let token = held(publisher.tick(today())).token;
    publisher.allow(&token).unwrap();
    let aside = district.path().with_extension("aside");
    std::fs::rename(district.path(), &aside).unwrap();
    assert!(matches!(publisher.tick(today()), Err(EventFault::Source(_))));
    std::fs::rename(&aside, district.path()).unwrap();
    publisher.tick(today()).unwrap();
    assert!(deletes(&sent(&mut publisher)) > 100);
}

/// Looks until nothing is due, as a server does that is started anew: at most twice.
fn go_on(district: &District, taken: &mut Taken) {
    let mut publisher = district.publisher();
    if publisher.is_due().unwrap() {
        publisher.tick(today()).unwrap();
    }
    publisher.publish(taken).unwrap();
}

/// So much is deleted that it is compared twice and written in several transactions.
#[test]
fn a_crash_in_the_middle_loses_no_confirmation_and_repeats_no_delete() {
    let mut district = published(40);
    // Each owner is written by itself.
    district.guard.held_bytes = 0;
    district.sql("DELETE FROM roster; DELETE FROM enrollment");
    let confirmed = |publisher: &mut Publisher| {
        let token = held(publisher.tick(today())).token;
        publisher.allow(&token).unwrap();
    };
    confirmed(&mut district.publisher());
    let mut expected = Taken::default();
    go_on(&district.copy(), &mut expected);
    let said = |taken: &Taken| {
        let mut said: Vec<_> =
            taken.events.iter().map(|event| (event.object.clone(), event.action, event.xml.clone())).collect();
        said.sort_unstable();
        said
    };
    assert!(deletes(&expected.events) > 300, "{} events", expected.events.len());
    let mut stops = 0;
    for stops_after in (0..).step_by(8) {
        let district = district.copy();
        *district.shelf.writes_left.lock().unwrap() = Some(stops_after);
        let mut taken = Taken::default();
        let mut publisher = district.publisher();
        let first = publisher.tick(today()).map(drop).and_then(|()| publisher.publish(&mut taken).map(drop));
        *district.shelf.writes_left.lock().unwrap() = None;
        go_on(&district, &mut taken);
        assert!(said(&taken) == said(&expected), "stopped after {stops_after} writes");
        assert_eq!(district.full(today()).1.len(), 0);
        if first.is_ok() {
            break;
        }
        stops += u32::from(publisher.is_due().unwrap());
    }
    assert!(stops > 3, "stopped in the comparison only {stops} times");
}

/// A shelf that empties a file of the source when a comparison is about to be done again.
struct Meddling {
    shelf: MemoryShelf,
    file: PathBuf,
    is_armed: Arc<AtomicBool>,
}

impl Shelf for Meddling {
    fn get(&self, space: Space, key: &str) -> Result<Option<String>, StoreFault> {
        self.shelf.get(space, key)
    }

    fn list(&self, space: Space) -> Result<Vec<Record>, StoreFault> {
        // The owners are read again where what was found is forgotten.
        if space == "published_owners" && self.is_armed.swap(false, Ordering::Relaxed) {
            keep_lines(&self.file, |_| false);
        }
        self.shelf.list(space)
    }

    fn write(&self, entries: Vec<Entry>) -> Result<(), StoreFault> {
        self.shelf.write(entries)
    }
}

/// Keeps the head of a CSV file and the lines whose numbers are wanted.
fn keep_lines(file: &Path, is_wanted: impl Fn(usize) -> bool) {
    let text = std::fs::read_to_string(file).unwrap();
    let kept = text.lines().enumerate().filter(|(number, _)| *number == 0 || is_wanted(*number));
    let kept: String = kept.map(|(_, line)| format!("{line}\n")).collect();
    std::fs::write(file, kept).unwrap();
}

/// A folder of CSV files has no snapshots: where it is read twice, the second time may show what the guard has not seen.
#[test]
fn a_source_that_empties_between_two_readings_of_one_look_deletes_no_more_than_the_guard_has_seen() {
    let folder = tempfile::TempDir::new().unwrap();
    let source = format!("csv:{}", folder.path().display());
    let plan = support::plan();
    sample::generate(&plan.schema, &sample::Plan { students: 40, seed: 5, school_year: 2026 }, &source, &mut |_| {})
        .unwrap();
    let (shelf, is_armed) = (MemoryShelf::default(), Arc::new(AtomicBool::new(false)));
    let file = folder.path().join("roster.csv");
    let open = || {
        let settings = Settings {
            zone: Arc::new(Zone::of_year("test", 2026)),
            source: source.clone(),
            announce: false,
            limits: Limits::default(),
            guard: Guard { held_bytes: 0, ..Guard::default() },
        };
        let meddling = Meddling { shelf: shelf.clone(), file: file.clone(), is_armed: Arc::clone(&is_armed) };
        Publisher::open(settings, Arc::clone(&plan), Box::new(meddling)).unwrap()
    };
    let mut publisher = open();
    publisher.tick(today()).unwrap();
    let whole = std::fs::read_to_string(&file).unwrap();
    // A few go, which is not too much.
    keep_lines(&file, |number| number > 20);
    is_armed.store(true, Ordering::Relaxed);
    let looked = publisher.tick(today());
    let Err(EventFault::Source(why)) = looked else { panic!("{looked:?}") };
    assert!(why[0].message.contains("the source changed while it was compared"), "{why:?}");
    assert!(!is_armed.load(Ordering::Relaxed), "it was compared twice");
    let mut taken = Taken::default();
    let empty = held(publisher.tick(today()));
    assert_eq!(empty.objects[0].deleted, empty.objects[0].published);
    publisher.publish(&mut taken).unwrap();
    assert_eq!(taken.events.len(), 0);
    // Whole again: what of the few was written before is sent, and comes back.
    std::fs::write(&file, whole).unwrap();
    let mut publisher = open();
    publisher.tick(today()).unwrap();
    publisher.publish(&mut taken).unwrap();
    let gone = deletes(&taken.events);
    let back = taken.events.iter().filter(|event| event.action == Action::Add).count();
    assert!((1..=20).contains(&gone) && gone == back, "{gone} are gone, {back} came back");
    assert_eq!(publisher.full(today()).unwrap().events(), 0);
}
