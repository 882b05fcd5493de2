//! No message may repeat what a person's row holds: neither what is sound nor, worse, what is wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::path::Path;

use support::table::Table;
use support::{District, run};

/// Tables, and their columns of people's data.
const PERSONAL: &[(&str, &[&str])] = &[
    (
        "identity",
        &[
            "lastName",
            "firstName",
            "middleName",
            "suffix",
            "alias",
            "gender",
            "birthDate",
            "ssn",
            "birthCity",
            "stateOfBirth",
            "birthCountry",
        ],
    ),
    ("person", &["studentNumber", "stateID"]),
    ("contact", &["email", "cellPhone", "workPhone", "homePhone"]),
    ("household", &["phone"]),
    ("address", &["number", "street", "apt", "city", "zip", "latitude", "longitude"]),
];

/// What every canary begins with. Nothing else in the district or the program has it.
const CANARY: &str = "Qxz";

/// Puts a canary into every cell of the columns; each second one with characters that no element may hold.
fn put_canaries(folder: &Path) -> usize {
    let mut count = 0;
    for (name, columns) in PERSONAL {
        let mut table = Table::read(folder, name);
        for column in columns.iter().map(|column| table.column(column)).collect::<Vec<_>>() {
            for row in &mut table.rows {
                count += 1;
                let bad = if count % 2 == 0 { "\u{1}<&\u{7}" } else { "" };
                row[column] = format!("{CANARY}{count}{bad}").into_bytes();
            }
        }
        table.write();
    }
    count
}

#[test]
fn no_message_repeats_a_persons_data() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::cedar_ridge_copy(&folder.path().join("district"));
    assert!(put_canaries(&folder.path().join("district")) > 1000);
    support::edit(&district.zone, "publish_ssn: false", "publish_ssn: true");
    let out = folder.path().join("out");
    let whole = run(district.command(&[]).arg("--out").arg(&out).env("SIFTER_LOG", "trace"));
    assert_eq!(whole.code, 1, "the bad cells are errors");
    let problems = std::fs::read_to_string(out.join("problems.jsonl")).unwrap();
    assert!(problems.contains("birthDate"), "the bad dates are told of");
    let students = std::fs::read_to_string(out.join("StudentPersonal.xml")).unwrap();
    assert!(students.contains(CANARY), "the canaries are read and sent");
    // Without a folder the problems go to standard error.
    let alone = run(district.command(&["--objects", "StudentPersonal"]).env("SIFTER_LOG", "trace"));
    let checked = support::sifter(&["check", "--source", &district.source]);
    assert!(checked.stderr.contains("birthDate"), "the bad dates are counted");
    for (what, text) in [
        ("check --source", &checked.stderr),
        ("stderr", &whole.stderr),
        ("summary", &whole.stdout),
        ("problems.jsonl", &problems),
        ("problems on stderr", &alone.stderr),
    ] {
        let told = text.lines().find(|line| line.contains(CANARY));
        assert!(told.is_none(), "{what} repeats a cell: {told:?}");
    }
}
