//! What is counted is the same whatever holds the data.

use graph::ReadSet;

use super::district::{Tables, sound};
use super::servers::Scratch;
use super::shape::schema;
use super::write;
use crate::{Source, Survey, survey};

/// The survey of a source, as lines: what is worth knowing of each column, then the tally of the races' codes.
fn counted(url: &str) -> Vec<String> {
    let schema = schema();
    let race = schema.entity("race").unwrap();
    let asked = [(race, vec![schema[race].field("code").unwrap()])];
    let source = Source::open(url).unwrap();
    let Survey { entities, tallies, problems } =
        survey(&source, &schema, &ReadSet::everything(&schema), &[], &asked).unwrap();
    let mut lines: Vec<String> = problems.iter().map(|problem| problem.message.clone()).collect();
    for count in entities {
        let entity = &schema[count.entity];
        let name = &entity.name;
        if count.without_key + count.keys_twice > 0 {
            lines.push(format!("{name}: {} without key, {} keys twice", count.without_key, count.keys_twice));
        }
        for field in count.fields {
            let dangling = field.dangling.map_or(0, |(_, rows)| rows);
            if field.empty + field.unreadable + dangling > 0 {
                let column = &entity[field.field].column;
                lines.push(format!(
                    "{name}.{column} of {}: {} empty, {} unreadable, {dangling} dangling",
                    count.rows, field.empty, field.unreadable
                ));
            }
        }
    }
    lines.extend(tallies[0].counts.iter().map(|(code, rows)| format!("{} × {rows}", code.join(" "))));
    lines
}

/// The small district with what databases allow: references to nothing, and empty cells.
fn damaged() -> Tables {
    let mut tables = sound();
    let mut set = |table: &str, row: usize, cell: usize, text: Option<&str>| {
        tables.get_mut(table).unwrap().rows[row][cell] = text.map(str::to_owned);
    };
    set("enrollment", 1, 2, Some("9"));
    set("enrollment", 2, 2, Some("9"));
    set("identity", 1, 1, Some("99"));
    set("calendar", 0, 2, None);
    set("race", 0, 2, Some("Z9"));
    set("race", 1, 2, Some("Z9"));
    set("pair", 0, 0, None);
    tables
}

#[test]
fn each_kind_of_source_gives_the_same_counts() {
    let folder = tempfile::tempdir().unwrap();
    let csv = counted(&write::csv(&damaged(), folder.path()));
    for wanted in [
        "calendar.name of 2: 1 empty, 0 unreadable, 0 dangling",
        "enrollment.calendarID of 4: 0 empty, 0 unreadable, 2 dangling",
        "identity.personID of 4: 0 empty, 0 unreadable, 1 dangling",
        "pair: 1 without key, 0 keys twice",
        "B × 1",
        "W × 1",
        "Z9 × 2",
    ] {
        assert!(csv.iter().any(|line| line == wanted), "{wanted:?} is not in {csv:#?}");
    }
    assert_eq!(counted(&write::sqlite(&damaged(), folder.path())), csv);
    if let Some(scratch) = Scratch::with(&damaged()) {
        assert_eq!(counted(&scratch.url()), csv);
    }
}

#[test]
fn a_sound_district_refers_to_nothing_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let lines = counted(&write::csv(&sound(), folder.path()));
    assert!(lines.iter().all(|line| !line.contains("of") || line.ends_with(" 0 dangling")), "{lines:#?}");
}

#[test]
fn what_is_missing_is_said_and_the_rest_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let mut tables = damaged();
    tables.remove("calendar");
    tables.get_mut("attendance").unwrap().columns[3].0 = "state".to_owned();
    let lines = counted(&write::sqlite(&tables, folder.path()));
    assert_eq!(lines[0], "the source has no table `calendar`");
    assert_eq!(lines[1], "table `attendance` has no column `status`");
    assert!(lines.iter().any(|line| line == "Z9 × 2"), "{lines:#?}");
    assert!(!lines.iter().any(|line| line.starts_with("enrollment.calendarID")), "its table is missing: {lines:#?}");
}
