//! The change feed of a PostgreSQL source, as its owner installs it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::process::{Command, Stdio};
use std::sync::Arc;

use mapper::Zone;
use provider::events::triggers::{Dialect, script_for};
use provider::events::{Action, Guard, OutgoingEvent, Publisher, Report, Settings, watched};
use rulebook::script::Limits;
use support::{MemoryShelf, plan, sent, today};

/// A database of its own, which goes with the test.
struct Base(String);

impl Base {
    fn new() -> Option<Self> {
        let name = format!("sifter_events_{}", uuid::Uuid::new_v4().simple());
        if psql("test", &format!("CREATE DATABASE {name}")).is_none() {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "on CI nothing may be skipped");
            println!("skipped: needs psql and PostgreSQL at 127.0.0.1");
            return None;
        }
        Some(Self(name))
    }

    fn url(&self) -> String {
        format!("postgres://root@127.0.0.1/{}", self.0)
    }

    fn sql(&self, sql: &str) -> String {
        psql(&self.0, sql).unwrap_or_else(|| panic!("refused: {}", &sql[..sql.len().min(300)]))
    }
}

impl Drop for Base {
    fn drop(&mut self) {
        let _ = psql("test", &format!("DROP DATABASE {} WITH (FORCE)", self.0));
    }
}

fn psql(database: &str, sql: &str) -> Option<String> {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("script.sql");
    std::fs::write(&file, sql).unwrap();
    let mut command = Command::new("psql");
    command.args(["-h", "127.0.0.1", "-U", "root", "-qtA", "-v", "ON_ERROR_STOP=1", "-d", database, "-f"]).arg(&file);
    let output = command.stderr(Stdio::inherit()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn publisher(base: &Base, shelf: &MemoryShelf) -> Publisher {
    let settings = Settings {
        zone: Arc::new(Zone::of_year("test", 2026)),
        source: base.url(),
        announce: false,
        limits: Limits::default(),
        guard: Guard { max_deleted_share: 1.0, ..Guard::default() },
    };
    Publisher::open(settings, plan(), Box::new(shelf.clone())).unwrap()
}

fn tick(base: &Base, shelf: &MemoryShelf) -> (Report, Vec<OutgoingEvent>) {
    let mut publisher = publisher(base, shelf);
    let report = publisher.tick(today()).unwrap();
    let events = sent(&mut publisher);
    publisher.full(today()).unwrap();
    assert_eq!(sent(&mut publisher), [], "a comparison of everything finds no more");
    (report, events)
}

#[test]
fn changes_of_a_postgresql_source_are_found_by_its_triggers() {
    let Some(base) = Base::new() else { return };
    let plan = plan();
    sample::generate(
        &plan.schema,
        &sample::Plan { students: 12, seed: 5, school_year: 2026 },
        &base.url(),
        &mut |_| {},
    )
    .unwrap();
    let source = sis::Source::open(&base.url()).unwrap();
    let script = script_for(&sis::spell(&source, &watched(&plan)).unwrap(), Dialect::Postgres);
    drop(source);
    base.sql(&script);
    // It may be installed again.
    base.sql(&script);
    let shelf = MemoryShelf::default();
    let (report, events) = tick(&base, &shelf);
    assert!(report.whole && events.is_empty());
    assert_eq!(shelf.size("source_rows").0, 0, "with a feed no sums of rows are kept");

    // An edit of what nobody reads is not noted.
    base.sql("UPDATE school SET name = name");
    assert_eq!(base.sql("SELECT count(*) FROM sifter_change"), "0");

    base.sql("UPDATE school SET name = 'Other' WHERE schoolID = 1");
    let (report, events) = tick(&base, &shelf);
    assert_eq!((events.len(), events[0].object.as_str(), events[0].action), (1, "SchoolInfo", Action::Change));
    assert!(!report.whole);

    // A row that belongs to another student concerns both.
    let student = base.sql("SELECT min(personID) FROM roster");
    let other = base.sql("SELECT max(personID) FROM roster");
    base.sql(&format!("UPDATE roster SET personID = {other} WHERE rosterID = (SELECT min(rosterID) FROM roster WHERE personID = {student})"));
    assert!(base.sql("SELECT found_by FROM sifter_change ORDER BY id").contains(&format!("personid={student};")));
    let (_, events) = tick(&base, &shelf);
    assert!(events.iter().any(|event| event.object == "StudentSectionEnrollment" && event.action == Action::Delete));

    base.sql("DELETE FROM identity WHERE identityID % 2 = 0");
    let (report, _) = tick(&base, &shelf);
    assert!(report.rows > 1);
    base.sql("TRUNCATE sectionPlacement");
    let (_, events) = tick(&base, &shelf);
    assert!(events.iter().any(|event| event.object == "SectionInfo" && event.action == Action::Delete));

    // A transaction that ends late: its note has a lower number than one that was read before.
    base.sql(
        "INSERT INTO sifter_change (id, table_name, row_key) OVERRIDING SYSTEM VALUE VALUES (1000000, 'nothing', '1')",
    );
    tick(&base, &shelf);
    base.sql(
        "ALTER TABLE school DISABLE TRIGGER USER; UPDATE school SET name = 'Late' WHERE schoolID = 1; \
         INSERT INTO sifter_change (id, table_name, row_key) OVERRIDING SYSTEM VALUE VALUES (999990, 'school', '1')",
    );
    let (report, events) = tick(&base, &shelf);
    assert_eq!((report.rows, events.len()), (1, 1));
}
