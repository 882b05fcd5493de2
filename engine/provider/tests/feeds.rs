//! The change feed of a SQLite source, and what happens with one that comes, goes or lacks something; and what is found without one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use provider::events::triggers::{Dialect, script, script_for};
use provider::events::{Action, RowChange, watched};
use support::{District, day, plan, sent, today};

const NAME: &str = "UPDATE identity SET lastName = 'Other' WHERE identityID = (SELECT min(identityID) FROM identity JOIN enrollment USING (personID) JOIN calendar USING (calendarID) WHERE endYear = 2026 AND NOT exclude)";

#[test]
fn the_feed_notes_keys_and_never_a_value() {
    let district = District::generate(10, 5);
    district.sql(&script(&plan(), Dialect::Sqlite));
    district.tick(today());
    district.sql(NAME);
    district.sql("UPDATE school SET name = name; UPDATE person SET personGUID = personGUID");
    district.sql("DELETE FROM raceEthnicity; INSERT INTO lep VALUES (900, 1000004, 'EL', '2025-09-01', NULL, NULL)");
    let connection = district.connection();
    let mut rows = connection.prepare("SELECT table_name, row_key, found_by FROM sifter_change").unwrap();
    let rows: Vec<(String, String, String)> =
        rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap().map(Result::unwrap).collect();
    assert!(rows.iter().any(|row| row.0 == "lep" && row.1 == "900" && row.2 == "personID=1000004;"), "{rows:?}");
    assert!(rows.iter().all(|row| !["school", "person"].contains(&row.0.as_str())), "nothing of these has changed");
    for (_, key, found_by) in &rows {
        assert!(key.bytes().all(|byte| byte.is_ascii_digit()));
        let parts = found_by.split_terminator(';').map(|part| part.split_once('=').unwrap());
        parts.for_each(|(column, value)| {
            assert!(column.ends_with("ID") && value.bytes().all(|byte| byte.is_ascii_digit()))
        });
    }
    let (report, events) = district.tick(today());
    assert!(report.rows == rows.len() && !report.whole && events.iter().any(|event| event.object == "StudentPersonal"));
    assert_eq!(district.shelf.size("source_rows").0, 0, "with a feed no sums of rows are kept");
    assert_eq!(district.full(today()).1.len(), 0);
}

/// What is written while no feed is there, or one that watches less, is found all the same.
#[test]
fn a_feed_that_comes_and_goes_loses_nothing() {
    let district = District::generate(10, 5);
    let told = |name: &str, whole: bool| {
        district.sql(&NAME.replace("Other", name));
        let (report, events) = district.tick(today());
        assert_eq!(events.len(), 1, "{name}: {events:?}");
        assert_eq!(report.whole, whole, "{name}");
    };
    district.tick(today());
    told("Rows", false);
    district.sql(&NAME.replace("Other", "Between"));
    district.sql(&script(&plan(), Dialect::Sqlite));
    let (report, events) = district.tick(today());
    assert_eq!((report.whole, events.len()), (true, 1), "{events:?}");
    told("Feed", false);
    district.sql("DELETE FROM sifter_watch WHERE column_name = 'lastName'");
    told("Less", false);
    district.sql(&NAME.replace("Other", "Again"));
    district.sql(&script(&plan(), Dialect::Sqlite));
    let (report, events) = district.tick(today());
    assert_eq!((report.whole, events.len()), (true, 1), "{events:?}");
    told("Whole", false);
    // After a week its owner may have deleted what was not read.
    district.sql("DELETE FROM sifter_change");
    assert!(!district.tick(day("2026-02-09")).0.whole);
    assert!(district.tick(day("2026-02-16")).0.whole);
}

/// Two rows with one GUID: neither counts, though only one of them has changed.
#[test]
fn a_guid_that_occurs_twice_concerns_both_rows() {
    for with_feed in [false, true] {
        let district = District::generate(10, 5);
        if with_feed {
            district.sql(&script(&plan(), Dialect::Sqlite));
        }
        district.tick(today());
        let before = district.text("SELECT schoolGUID FROM school WHERE schoolID = 1");
        let set = |guid: &str| district.sql(&format!("UPDATE school SET schoolGUID = '{guid}' WHERE schoolID = 1"));
        let other = district.text("SELECT upper(schoolGUID) FROM school WHERE schoolID = 2");
        set(&other);
        let (_, events) = district.tick(today());
        let schools: Vec<Action> =
            events.iter().filter(|event| event.object == "SchoolInfo").map(|event| event.action).collect();
        assert_eq!(schools, [Action::Delete, Action::Delete], "{with_feed}");
        set(&before);
        let (_, events) = district.tick(today());
        let schools: Vec<Action> =
            events.iter().filter(|event| event.object == "SchoolInfo").map(|event| event.action).collect();
        assert_eq!(schools, [Action::Add, Action::Add], "{with_feed}");
        assert_eq!(district.full(today()).1.len(), 0);
    }
}

/// Codes are looked up from everywhere, without a relation.
#[test]
fn the_dictionary_concerns_whatever_looks_into_it() {
    let district = District::generate(30, 5);
    district.tick(today());
    let all = district.number("SELECT count(*) FROM attributeDictionary WHERE sifCode IS NOT NULL");
    assert!(all > 0);
    district.sql("DELETE FROM attributeDictionary");
    let (_, events) = district.tick(today());
    assert!(!events.is_empty());
    assert_eq!(district.full(today()).1.len(), 0);
}

#[test]
fn rows_that_somebody_names_are_compared() {
    let district = District::generate(10, 5);
    let mut publisher = district.publisher();
    publisher.tick(today()).unwrap();
    district.sql("UPDATE school SET name = 'Other' WHERE schoolID IN (1, 2)");
    let change = RowChange { table: "school".into(), key: Some(1), found_by: Vec::new(), column: None };
    let report = publisher.changed(today(), vec![change]).unwrap();
    assert_eq!((report.changed, report.events()), (1, 1));
    // The other one waits for the next look.
    assert_eq!(publisher.tick(today()).unwrap().changed, 1);
    assert_eq!(sent(&mut publisher).len(), 2);
}

#[test]
fn a_script_names_what_the_source_has() {
    let tables = watched(&plan());
    assert!(tables.iter().any(|table| table.table == "enrollment" && table.found_by.contains(&"personID".to_owned())));
    let lower = sis::WatchedTable { table: "o'dd \"table".to_owned(), ..tables[0].clone() };
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        let script = script_for(std::slice::from_ref(&lower), dialect);
        assert!(script.contains("'o''dd \"table'") && script.contains("\"o'dd \"\"table\""), "{script}");
    }
    // What no object with events reads is not watched.
    let columns = |entity: &graph::Entity| entity.fields.iter().map(|field| field.column.clone()).collect::<Vec<_>>();
    let schema = &plan().schema;
    let all: usize =
        schema.entities().filter(|(_, entity)| entity.like.is_none()).map(|(_, entity)| columns(entity).len()).sum();
    assert!(tables.iter().map(|table| table.columns.len()).sum::<usize>() < all);
}
