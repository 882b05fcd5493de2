//! Bad data: the run goes on, says where, and ends with 1.

use std::path::Path;

use serde_json::Value;

use crate::support::table::{Table, set_cell};
use crate::support::{District, OBJECTS, assert_valid, instances, problems};

/// The student whose rows are changed.
const STUDENT: &str = "72152A14FD0457308C3139F9D448B33F";

/// Maps Cedar Ridge after a change of person 1001; the problem of this table and row must be there, and everything that is not
/// about that student is as before.
fn problem_after(change: impl Fn(&Path), table: &str, row: &str, column: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let district = District::cedar_ridge_copy(&folder.path().join("district"));
    change(&folder.path().join("district"));
    let out = folder.path().join("out");
    district.map(&out, &[]).ends(1);
    assert_valid(&out);
    let sound = folder.path().join("sound");
    District::cedar_ridge().map(&sound, &[]).ends(0);
    for object in OBJECTS {
        let others = |out: &Path| -> Vec<String> {
            instances(out, object).into_iter().filter(|instance| !instance.contains(STUDENT)).collect()
        };
        assert!(others(&out) == others(&sound), "other instances of {object} are as before");
    }
    let all = problems(&out);
    let found = all.iter().find(|problem| {
        problem["severity"] == "error"
            && problem["table"] == table
            && problem["row"] == row
            && problem["column"] == column
    });
    found.unwrap_or_else(|| panic!("no problem names {table} {row} {column}: {all:#?}")).clone()
}

#[test]
fn a_date_that_is_none() {
    let change = |folder: &Path| set_cell(folder, "enrollment", "1", "startDate", "2026-13-45");
    assert_eq!(problem_after(change, "enrollment", "1", "startDate")["code"], "S301");
}

#[test]
fn a_calendar_that_does_not_exist() {
    let change = |folder: &Path| set_cell(folder, "enrollment", "1", "calendarID", "999");
    assert_eq!(problem_after(change, "enrollment", "1", "calendarID")["code"], "S302");
}

#[test]
fn a_person_that_occurs_twice() {
    let change = |folder: &Path| {
        let mut people = Table::read(folder, "person");
        let mut twin = people.row("personID", "1001").clone();
        twin[1] = b"11111111-2222-5333-8444-555555555555".to_vec();
        people.rows.push(twin);
        people.write();
    };
    assert_eq!(problem_after(change, "person", "1001", "personID")["code"], "S303");
}

#[test]
fn bytes_that_are_no_text() {
    let change = |folder: &Path| {
        let mut identities = Table::read(folder, "identity");
        let last_name = identities.column("lastName");
        let row = identities.row("personID", "1001");
        assert_eq!(row[last_name], b"Oldfield");
        row[0] = b"900001".to_vec();
        row[last_name] = b"Old\xff\xfefield".to_vec();
        identities.write();
        set_cell(folder, "person", "1001", "currentIdentityID", "900001");
    };
    assert_eq!(problem_after(change, "identity", "900001", "lastName")["code"], "S305");
}
