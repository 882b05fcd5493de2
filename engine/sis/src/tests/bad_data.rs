//! Every kind of bad row is reported by table, row and column; the rest goes on; no value is told.

use problem::Problem;

use super::district::{Tables, sound};
use super::equal::{load, load_csv};
use super::servers::Scratch;
use super::write;
use crate::Selection;

/// The sound district with bad rows added. Every column is text, so that any source can hold them.
pub(super) fn tables() -> Tables {
    let mut tables = sound();
    for table in tables.values_mut() {
        for column in &mut table.columns {
            column.1 = "TEXT".to_owned();
        }
    }
    let mut add = |table: &str, row: &str| {
        let row = row.split('|').map(|cell| (cell != "-").then(|| cell.to_owned())).collect();
        tables.get_mut(table).unwrap().rows.push(row);
    };
    add("calendar", "8|aaaaaaaa-0000-0000-0000-000000000008|-|SECRET");
    add("calendar", "-|aaaaaaaa-0000-0000-0000-000000000009|NoKey|-");
    add("day", "33|99|2025-08-20|-");
    add("day", "34|3|2025-02-30|SECRET");
    add("person", "9|BBBBBBBB000000000000000000000005|0009");
    add("person", "SECRET|bbbbbbbb-0000-0000-0000-000000000010|-");
    add("enrollment", "19|9|3|0");
    add("enrollment", "20|1|3|SECRET");
    add("enrollment", "21|404|3|0");
    add("enrollment", "22|2|404|0");
    add("enrollment", "23|-|3|0");
    add("enrollment", "24|SECRET|3|0");
    add("identity", "-|2|SECRET|-");
    add("identity", "30|2|SECRET|2011-13-01");
    add("identity", "31|1|SECRET|-");
    add("identity", "31|5|SECRET|-");
    add("race", "49|404|W");
    add("race", "50|22|-");
    add("attendance", "60|5|2025-08-21|A|1,5|2025-08-21 25:00:00|8h");
    add("member", "79|404|5");
    add("pair", "84|5|9");
    add("contact", "404|SECRET");
    add("contact", "SECRET|-");
    add("role", "99|91|404");
    add("role", "100|404|5");
    add("role", "-|91|1");
    add("role", "101|91|9");
    tables
}

/// What must be reported: code, table, row, column.
const WANT: &[(&str, &str, Option<&str>, &str)] = &[
    ("S301", "calendar", Some("8"), "name"),
    ("S301", "calendar", Some("8"), "start"),
    ("S304", "calendar", None, "calendarID"),
    ("S302", "day", Some("33"), "calendarID"),
    ("S301", "day", Some("34"), "date"),
    ("S301", "day", Some("34"), "minutes"),
    ("S303", "person", Some("5"), "personGUID"),
    ("S303", "person", Some("9"), "personGUID"),
    ("S304", "person", None, "personID"),
    ("S301", "enrollment", Some("20"), "noShow"),
    ("S302", "enrollment", Some("21"), "personID"),
    ("S302", "enrollment", Some("22"), "calendarID"),
    ("S301", "enrollment", Some("23"), "personID"),
    ("S301", "enrollment", Some("24"), "personID"),
    ("S304", "identity", None, "identityID"),
    ("S301", "identity", Some("30"), "birthDate"),
    ("S303", "identity", Some("31"), "identityID"),
    ("S302", "race", Some("49"), "identityID"),
    ("S301", "race", Some("50"), "code"),
    ("S301", "attendance", Some("60"), "minutes"),
    ("S301", "attendance", Some("60"), "entered"),
    ("S301", "attendance", Some("60"), "arrived"),
    ("S302", "member", Some("79"), "householdID"),
    ("S302", "contact", Some("404"), "personID"),
    ("S304", "contact", None, "personID"),
    ("S302", "role", Some("99"), "personID"),
    ("S302", "role", Some("100"), "incidentID"),
    ("S304", "role", None, "roleID"),
];

type Found = (String, String, Option<String>, String);

/// Code, table, row and column of every problem, sorted.
fn found(all: &[(String, Vec<Problem>)]) -> Vec<Found> {
    let text = |value: &Option<std::sync::Arc<str>>| value.as_deref().unwrap_or_default().to_owned();
    let mut found: Vec<Found> = all
        .iter()
        .flat_map(|(_, problems)| problems)
        .map(|problem| {
            let subject = &problem.subject;
            (problem.code.name().to_owned(), text(&subject.table), subject.row.clone(), text(&subject.column))
        })
        .collect();
    found.sort();
    found
}

#[test]
fn every_bad_row_is_reported_and_nothing_else() {
    let all = load_csv(&tables(), &Selection::default());
    let mut want: Vec<Found> = WANT
        .iter()
        .map(|(code, table, row, column)| {
            ((*code).to_owned(), (*table).to_owned(), row.map(str::to_owned), (*column).to_owned())
        })
        .collect();
    want.sort();
    assert_eq!(found(&all), want);
    for problem in all.iter().flat_map(|(_, problems)| problems) {
        assert!(!problem.to_string().contains("SECRET"), "a value was told: {problem}");
    }
}

#[test]
fn what_is_bad_is_bad_and_what_is_left_out_is_gone() {
    let all = load_csv(&tables(), &Selection::default());
    let (organisation, graph) = (&all[0].0, &all[1].0);
    assert!(organisation.contains("calendar 8: Int(8) Text(\"aaaaaaaa-0000-0000-0000-000000000008\") Bad Bad"));
    assert!(organisation.contains("day 34: Int(34) Int(3) Bad Bad"));
    assert!(!organisation.contains("NoKey"));
    assert!(graph.contains("student 5: Int(5) Bad Text(\"0005\")"), "{graph}");
    assert!(graph.contains("student 9: Int(9) Bad Text(\"0009\")"));
    assert!(graph.contains("student 1: Int(1) Text("), "a sound GUID stays");
    assert!(graph.contains("enrollment 20: Int(20) Int(1) Int(3) Bad"));
    assert!(graph.contains("enrollment 22: Int(22) Int(2) Int(404) Bool(false) calendar=None"));
    assert!(!graph.contains("enrollment 21"), "its student does not exist");
    assert!(!graph.contains("identity 31"), "nobody can tell which is meant");
    assert!(graph.contains("attendance 60: Int(60) Int(5) Date(2025-08-21) Text(\"A\") Bad Bad Bad"));
}

#[test]
fn what_occurs_twice_is_found_whatever_the_shard_and_the_batch() {
    for (shard, batch) in [(None, 1), (Some((1, 2)), 500), (Some((2, 2)), 1)] {
        let selection = Selection { shard, batch, ..Selection::default() };
        let all = load_csv(&tables(), &selection);
        let codes = found(&all);
        let is_reported = |row: &str| codes.iter().any(|one| one.0 == "S303" && one.2.as_deref() == Some(row));
        assert_eq!(is_reported("5"), selection.in_shard(Some(5)), "{shard:?} {codes:?}");
        assert!(is_reported("9"), "who took part in an incident is the organisation's, and comes with every shard");
        assert!(all.iter().all(|(graph, _)| !graph.contains("identity 31")));
    }
}

#[test]
fn sqlite_reports_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let all = load(&write::sqlite(&tables(), folder.path()), &Selection::default(), 1 << 20);
    assert_eq!(all, load_csv(&tables(), &Selection::default()));
}

#[test]
fn postgresql_reports_the_same() {
    if let Some(scratch) = Scratch::with(&tables()) {
        let all = load(&scratch.url(), &Selection::default(), 1 << 20);
        assert_eq!(all, load_csv(&tables(), &Selection::default()));
    }
}

#[test]
fn bytes_that_are_no_text_are_reported() {
    let want = ("S305".to_owned(), "identity".to_owned(), Some("21".to_owned()), "lastName".to_owned());
    let folder = tempfile::tempdir().unwrap();
    let url = write::csv(&sound(), folder.path());
    let path = folder.path().join("identity.csv");
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(7).position(|window| window == b"O'Brien").unwrap();
    bytes[at + 1] = 0xff;
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(found(&load(&url, &Selection::default(), 1 << 20)), std::slice::from_ref(&want));

    let url = write::sqlite(&sound(), folder.path());
    let connection = rusqlite::Connection::open(folder.path().join("district.db")).unwrap();
    connection.execute_batch("UPDATE identity SET lastName = CAST(x'4fff' AS TEXT) WHERE identityID = 21").unwrap();
    let all = load(&url, &Selection::default(), 1 << 20);
    assert_eq!(found(&all), [want]);
    assert!(all[1].0.contains("identity 21: Int(21) Int(1) Bad"));
}

#[test]
fn lines_that_are_no_rows_are_named_and_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let url = write::csv(&sound(), folder.path());
    std::fs::write(
        folder.path().join("person.csv"),
        "\u{feff}PERSONID,personGUID,number\n1,bbbbbbbb-0000-0000-0000-000000000001,\"two\nlines\"\n2,short\n5,too,long,row\n7,x,\"never closed\n9,y,z\n",
    )
    .unwrap();
    let all = load(&url, &Selection::default(), 1 << 20);
    let messages: Vec<String> =
        all[0].1.iter().filter(|problem| problem.subject.row.is_none()).map(ToString::to_string).collect();
    assert_eq!(messages.len(), 3, "{messages:?}");
    for (message, line) in messages.iter().zip(["line 4 ", "line 5 ", "line 6 "]) {
        assert!(message.contains("S301") && message.contains(line) && message.contains("`person`"), "{message}");
    }
    assert!(all[1].0.contains("Text(\"two\\nlines\")"));
    assert_eq!(all.len(), 2, "one student is left, in one batch");
}
