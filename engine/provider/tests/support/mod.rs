//! A small district, a rulebook, and somewhere to keep and send things.
#![allow(dead_code, reason = "not every test needs all of it")]

mod files;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};

use graph::Date;
use mapper::Zone;
use provider::events::{Action, Entry, Guard, NotTaken, OutgoingEvent, Outlet, Publisher, Report, Settings, Shelf};
use rulebook::plan::Plan;
use rulebook::script::Limits;
use rulebook::{Files, Rulebook};
use sif::message::{Header, Message, Version};
use sif::tree::ViolationKind;
use sif::xml::read::Limits as Limits_;
use store::{Record, Space, StoreFault};
use tempfile::TempDir;

pub use files::files;

/// The day of the tests.
pub fn today() -> Date {
    day("2026-02-03")
}

/// A day.
pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// A rulebook's plan.
pub fn compiled(files: Files) -> Arc<Plan> {
    let book = Rulebook::new(files);
    let errors: Vec<_> = book.problems.iter().filter(|problem| problem.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    book.plan.unwrap()
}

/// The plan of the repository's rulebook.
pub fn plan() -> Arc<Plan> {
    static PLAN: OnceLock<Arc<Plan>> = OnceLock::new();
    Arc::clone(PLAN.get_or_init(|| compiled(files())))
}

/// Keeps records in memory.
#[derive(Clone, Default)]
pub struct MemoryShelf {
    records: Arc<Mutex<BTreeMap<(Space, String), String>>>,
    /// How many writes are taken before one fails.
    pub writes_left: Arc<Mutex<Option<u32>>>,
}

impl MemoryShelf {
    /// Another one with the same records.
    pub fn copy(&self) -> Self {
        let records = Arc::new(Mutex::new(self.records.lock().unwrap().clone()));
        Self { records, writes_left: Arc::default() }
    }

    /// Everything that is kept, as text.
    pub fn text(&self) -> String {
        self.records.lock().unwrap().iter().map(|((space, key), value)| format!("{space} {key} {value}\n")).collect()
    }

    /// The records of a space, and their bytes.
    pub fn size(&self, space: &str) -> (usize, usize) {
        let records = self.records.lock().unwrap();
        let of = records.iter().filter(|((own, _), _)| *own == space);
        of.fold((0, 0), |(count, bytes), ((_, key), value)| (count + 1, bytes + key.len() + value.len()))
    }
}

impl Shelf for MemoryShelf {
    fn get(&self, space: Space, key: &str) -> Result<Option<String>, StoreFault> {
        Ok(self.records.lock().unwrap().get(&(space, key.to_owned())).cloned())
    }

    fn list(&self, space: Space) -> Result<Vec<Record>, StoreFault> {
        let records = self.records.lock().unwrap();
        let of = records.iter().filter(|((own, _), _)| *own == space);
        Ok(of.map(|((_, key), value)| Record { key: key.clone(), value: value.clone() }).collect())
    }

    fn write(&self, entries: Vec<Entry>) -> Result<(), StoreFault> {
        if let Some(left) = &mut *self.writes_left.lock().unwrap() {
            if *left == 0 {
                return Err(StoreFault::Lost("the test ends it".to_owned()));
            }
            *left -= 1;
        }
        let mut records = self.records.lock().unwrap();
        for entry in entries {
            match entry {
                Entry::Put(space, key, value) => {
                    records.insert((space, key), value);
                }
                Entry::Delete(space, key) => {
                    records.remove(&(space, key));
                }
            }
        }
        Ok(())
    }
}

/// Takes every event, or some of them.
#[derive(Default)]
pub struct Taken {
    /// The events that were taken, those that were taken before left out.
    pub events: Vec<OutgoingEvent>,
    /// How many times an event came again.
    pub again: usize,
    /// How many more are taken.
    pub left: Option<usize>,
}

impl Outlet for Taken {
    fn publish(&mut self, event: OutgoingEvent) -> Result<(), NotTaken> {
        match &mut self.left {
            Some(0) => return Err(NotTaken::Later("the test ends it".to_owned())),
            Some(left) => *left -= 1,
            None => {}
        }
        if self.events.iter().any(|known| known.message_id == event.message_id) {
            self.again += 1;
        } else {
            self.events.push(event);
        }
        Ok(())
    }
}

/// A source that can be changed, with what was published of it.
pub struct District {
    folder: TempDir,
    pub zone: Zone,
    pub shelf: MemoryShelf,
    pub plan: Arc<Plan>,
    pub announce: bool,
    pub guard: Guard,
}

impl District {
    /// A generated one of so many students.
    pub fn generate(students: u64, seed: u64) -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("source.db").display());
        let plan = plan();
        sample::generate(&plan.schema, &sample::Plan { students, seed, school_year: 2026 }, &url, &mut |_| {}).unwrap();
        let zone = Zone::of_year("test", 2026);
        Self { folder, zone, shelf: MemoryShelf::default(), plan, announce: false, guard: Guard::default() }
    }

    /// Another one that is the same now.
    pub fn copy(&self) -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::copy(self.path(), folder.path().join("source.db")).unwrap();
        let (zone, shelf, plan) = (self.zone.clone(), self.shelf.copy(), Arc::clone(&self.plan));
        Self { folder, zone, shelf, plan, announce: self.announce, guard: self.guard }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("source.db")
    }

    /// Changes the source.
    pub fn sql(&self, sql: &str) {
        self.connection().execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    pub fn connection(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path()).unwrap()
    }

    /// A number that the source gives.
    pub fn number(&self, sql: &str) -> i64 {
        self.connection().query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// A text that the source gives.
    pub fn text(&self, sql: &str) -> String {
        self.connection().query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    pub fn publisher(&self) -> Publisher {
        let settings = Settings {
            zone: Arc::new(self.zone.clone()),
            source: format!("sqlite:{}", self.path().display()),
            announce: self.announce,
            limits: Limits::default(),
            guard: self.guard,
        };
        Publisher::open(settings, Arc::clone(&self.plan), Box::new(self.shelf.clone())).unwrap()
    }

    /// Looks what changed, and gives the events.
    pub fn tick(&self, on: Date) -> (Report, Vec<OutgoingEvent>) {
        let mut publisher = self.publisher();
        let report = publisher.tick(on).unwrap();
        (report, sent(&mut publisher))
    }

    /// Compares everything, and gives the events.
    pub fn full(&self, on: Date) -> (Report, Vec<OutgoingEvent>) {
        let mut publisher = self.publisher();
        let report = publisher.full(on).unwrap();
        (report, sent(&mut publisher))
    }
}

/// The events that wait.
pub fn sent(publisher: &mut Publisher) -> Vec<OutgoingEvent> {
    let mut taken = Taken::default();
    publisher.publish(&mut taken).unwrap();
    assert_eq!(publisher.waiting().unwrap(), 0);
    taken.events.iter().for_each(check);
    taken.events
}

/// The event as a message.
pub fn message(event: &OutgoingEvent) -> bytes::Bytes {
    let header = Header {
        message_id: event.message_id.clone(),
        timestamp: "2026-02-03T08:00:00Z".to_owned(),
        source_id: "Sifter".to_owned(),
        ..Header::default()
    };
    agent::Event::new(event.object.clone(), event.action, event.xml.clone()).write(Version::V2_4, &header)
}

/// Fails if the event is not what the standard takes: an Add or Change has all that is mandatory in what it sends, a Delete its key
/// and the attributes that every object has.
pub fn check(event: &OutgoingEvent) {
    let message = Message::read(&message(event), &Limits_::default()).unwrap();
    let instances = sif::message::instances(message.tree()).unwrap();
    let [instance] = &instances[..] else { panic!("{} instances", instances.len()) };
    assert_eq!(instance.action, Some(event.action.name()));
    let mut wrong = sif::tree::check_element(instance.object, instance.element);
    if event.action == Action::Delete {
        wrong.retain(|wrong| wrong.kind != ViolationKind::Missing || wrong.path.contains('@'));
    }
    let wrong: Vec<String> = wrong.iter().map(|wrong| format!("{} {}", wrong.path, wrong.why())).collect();
    assert!(wrong.is_empty(), "{wrong:?}: {event:?}");
}
