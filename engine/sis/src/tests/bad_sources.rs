//! Sources that are not there, lack something, or fail in the middle.

use std::sync::Arc;

use graph::ReadSet;
use problem::{Problem, Severity};

use super::district::sound;
use super::servers::Scratch;
use super::shape::schema;
use super::write;
use crate::{Loader, Selection, Source, find_key};

fn start(url: &str) -> Result<Vec<Problem>, Vec<Problem>> {
    let schema = schema();
    let reads = ReadSet::everything(&schema);
    let source = Source::open(url).map_err(|problem| vec![problem])?;
    Loader::start(source, schema, reads, Selection::default()).map(|(_, problems)| problems)
}

fn codes(problems: &[Problem]) -> Vec<(&str, &str, &str)> {
    problems
        .iter()
        .map(|problem| {
            let subject = &problem.subject;
            (problem.code.name(), subject.table.as_deref().unwrap_or(""), problem.help.as_deref().unwrap_or(""))
        })
        .collect()
}

#[test]
fn what_cannot_be_opened_says_why_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.db");
    std::fs::write(&text, "this is no database, however long it may be, and however often one tries to read it")
        .unwrap();
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    for (url, says) in [
        ("sqlite:/nowhere/at/all.db".to_owned(), "there is no file"),
        (format!("sqlite:{}", text.display()), "cannot be opened"),
        ("csv:/nowhere/at/all".to_owned(), "cannot be read"),
        (format!("csv:{}", empty.display()), "no file named *.csv"),
        ("postgres://nobody:SECRET@127.0.0.1:1/none".to_owned(), "connection refused"),
        ("postgres://nobody:SECRET@[".to_owned(), "its URL is not one of PostgreSQL"),
        ("sqlit:x".to_owned(), "no kind of source"),
    ] {
        let problem = Source::open(&url).unwrap_err();
        assert_eq!(problem.code.name(), "S101", "{url}");
        assert!(problem.message.contains(says) && problem.help.is_some(), "{url}: {problem}");
        assert!(!problem.to_string().contains("SECRET"));
    }
}

#[test]
fn everything_that_is_missing_is_reported_at_once() {
    let mut tables = sound();
    let race = tables.remove("race").unwrap();
    tables.insert("raze".to_owned(), race);
    tables.remove("pair");
    tables.get_mut("person").unwrap().columns[1].0 = "person_guid".to_owned();
    let folder = tempfile::tempdir().unwrap();
    let mut want = vec![
        ("S201", "person", "did you mean `person_guid`?"),
        ("S201", "race", "did you mean `raze`?"),
        ("S201", "pair", ""),
    ];
    let problems = start(&write::sqlite(&tables, folder.path())).unwrap_err();
    let mut got = codes(&problems);
    got.sort_unstable();
    want.sort_unstable();
    assert_eq!(got, want);
    if let Some(scratch) = Scratch::with(&tables) {
        let postgres = start(&scratch.url()).unwrap_err();
        let mut got = codes(&postgres);
        got.sort_unstable();
        assert_eq!(got, want);
    }
}

#[test]
fn a_folder_may_lack_files_and_unknown_ones_are_noticed() {
    let mut tables = sound();
    let race = tables.remove("race").unwrap();
    tables.insert("raze".to_owned(), race);
    let pair = tables.remove("pair").unwrap();
    tables.insert("PAIR".to_owned(), pair);
    let folder = tempfile::tempdir().unwrap();
    let problems = start(&write::csv(&tables, folder.path())).unwrap();
    assert_eq!(codes(&problems), [("S202", "race", ""), ("S203", "raze", "did you mean `race`?")]);
    assert_eq!(problems[0].severity, Severity::Info);

    // Two entities read the table; one file is missing, which says who the students are.
    std::fs::remove_file(folder.path().join("person.csv")).unwrap();
    let problems = start(&format!("csv:{}", folder.path().display())).unwrap_err();
    assert_eq!(codes(&problems).iter().filter(|problem| **problem == ("S201", "person", "")).count(), 1);

    std::fs::write(folder.path().join("person.csv"), "").unwrap();
    let problems = start(&format!("csv:{}", folder.path().display())).unwrap_err();
    assert_eq!(problems.iter().filter(|problem| problem.code.name() == "S201").count(), 3, "a file without a header");
}

#[test]
fn a_folder_must_have_the_tables_of_what_is_mapped() {
    let schema = schema();
    let entity = |name: &str| schema.entity(name).unwrap();
    let mut tables = sound();
    tables.remove("attendance");
    let folder = tempfile::tempdir().unwrap();
    let url = write::csv(&tables, folder.path());
    let start_for = |mapped: &[&str]| {
        let selection = Selection { mapped: mapped.iter().map(|name| entity(name)).collect(), ..Selection::default() };
        let reads = ReadSet::everything(&schema);
        let started = Loader::start(Source::open(&url).unwrap(), Arc::clone(&schema), reads, selection);
        started.map(|(_, problems)| problems)
    };
    assert_eq!(codes(&start_for(&["student"]).unwrap()), [("S202", "attendance", "")]);
    // The second groups the rows of the first.
    for mapped in ["attendance", "attendance_day"] {
        let problems = start_for(&["student", mapped]).unwrap_err();
        assert_eq!(codes(&problems), [("S201", "attendance", "")], "{mapped}");
    }
    assert!(find_key(&Source::open(&url).unwrap(), &schema, entity("attendance"), graph::FieldId(0), "1").is_err());
    // Who is a student is a question of its own.
    std::fs::remove_file(folder.path().join("enrollment.csv")).unwrap();
    assert!(codes(&start_for(&["calendar"]).unwrap_err()).contains(&("S201", "enrollment", "")));
}

#[test]
fn a_damaged_file_is_a_lost_source() {
    let folder = tempfile::tempdir().unwrap();
    let mut tables = sound();
    let rows = &mut tables.get_mut("attendance").unwrap().rows;
    for key in 1000..4000 {
        rows.push(["1", "2025-08-21", "A", "1", "-", "-"].iter().fold(vec![Some(key.to_string())], |mut row, cell| {
            row.push((*cell != "-").then(|| (*cell).to_owned()));
            row
        }));
    }
    let url = write::sqlite(&tables, folder.path());
    assert!(start(&url).is_ok());
    let path = folder.path().join("district.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let third = bytes.len() / 3;
    bytes[third..].fill(0xee);
    std::fs::write(&path, bytes).unwrap();
    let problems = start(&url).unwrap_err();
    assert!(problems.iter().all(|problem| matches!(problem.code.name(), "S102")), "{problems:?}");
}

#[test]
fn a_server_that_goes_away_is_a_lost_source() {
    if let Some(scratch) = Scratch::with(&sound()) {
        let source = Source::open(&scratch.url()).unwrap();
        scratch.cut();
        let schema = schema();
        let reads = ReadSet::everything(&schema);
        let problems = Loader::start(source, schema, reads, Selection::default()).unwrap_err();
        assert_eq!(problems[0].code.name(), "S102", "{problems:?}");
    }
}

#[test]
fn the_source_is_seen_as_it_was_when_opened_and_is_not_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let url = write::sqlite(&sound(), folder.path());
    let path = folder.path().join("district.db");
    let before = std::fs::read(&path).unwrap();
    start(&url).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no journal is left behind");

    if let Some(scratch) = Scratch::with(&sound()) {
        let source = Source::open(&scratch.url()).unwrap();
        scratch.run("INSERT INTO enrollment VALUES (99, 7, 3, FALSE)");
        let schema = schema();
        let reads = ReadSet::everything(&schema);
        let (loader, _) = Loader::start(source, schema, reads, Selection::default()).unwrap();
        assert_eq!(loader.student_count(), 3);
    }
}

#[test]
fn a_row_is_found_by_its_guid() {
    let folder = tempfile::tempdir().unwrap();
    let mut sources = vec![
        Source::open(&write::csv(&sound(), folder.path())).unwrap(),
        Source::open(&write::sqlite(&sound(), folder.path())).unwrap(),
    ];
    let scratch = Scratch::with(&sound());
    sources.extend(scratch.iter().map(|scratch| Source::open(&scratch.url()).unwrap()));
    let schema = schema();
    let student = schema.entity("student").unwrap();
    let find = |source: &Source, field: &str, value: &str| {
        find_key(source, &schema, student, schema[student].field(field).unwrap(), value).unwrap()
    };
    for source in &sources {
        assert_eq!(find(source, "personGUID", "BBBBBBBB000000000000000000000005"), Some(5));
        assert_eq!(find(source, "number", "0001"), Some(1));
        assert_eq!(find(source, "number", "1"), None);
        assert_eq!(find(source, "personID", "7"), Some(7));
    }
    drop(sources);
}
