//! What a decision table cannot use is a problem where it stands, never silence.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use rulebook::{Files, Rulebook};
use support::{EXTENSION, GRAPH, files, object, wrong};

/// The small rulebook with a table for a fact of enrollments.
fn with_table(given: &str, cell: &str) -> Files {
    let graph = GRAPH.replace("rule: true", "value: \"1\"");
    let fact = format!(
        "    facts:\n      level:\n        type: text?\n        doc: x\n        table:\n          given: {given}\n          rows:\n            - [{cell}, high]\n            - [any, ()]\n"
    );
    files(&[("objects/graph.yaml", &format!("{graph}{fact}"))])
}

#[test]
fn a_range_of_what_is_no_whole_number_is_a_problem_at_the_range() {
    for (given, kind) in [("credits", "decimal?"), ("start_date", "date"), ("grade", "text?")] {
        let low = if given == "start_date" { "2025-07-01" } else { "1" };
        let found = wrong(with_table(given, &format!("{{ from: {low} }}")));
        let expected = format!(
            "D110 objects/graph.yaml:38:16 a range is of whole numbers, and the input is {kind}; list the values, or take a rule"
        );
        assert_eq!(found, [expected]);
    }
    let found = wrong(with_table("enrollment_id", "{ from: () }"));
    assert_eq!(
        found,
        ["D110 objects/graph.yaml:38:24 `()` is no end of a range; leave `from` or `to` out where there is no end"]
    );
}

#[test]
fn a_range_of_whole_numbers_and_single_values_of_other_types_are_right() {
    for (given, cell) in [
        ("enrollment_id", "{ from: 1, to: 5 }"),
        ("enrollment_id", "{ to: 5 }"),
        ("credits", "1.5"),
        ("start_date", "2025-07-01"),
        ("grade", "[a, ()]"),
    ] {
        assert_eq!(wrong(with_table(given, cell)), [""; 0], "{cell}");
    }
}

#[test]
fn an_object_with_such_a_table_is_not_left_out_in_silence() {
    let table = "  LocalId: { table: { given: to_decimal(student.person_id), rows: [[{ from: 1 }, x], [any, ()]] } }\n  Name/@Type: { const: \"04\" }\n  Name/LastName: { const: x }\n  Name/FirstName: { const: x }\n";
    let mut book = with_table("enrollment_id", "1");
    book.insert("objects/common/extension.yaml".to_owned(), EXTENSION.to_owned());
    book.insert("objects/StudentPersonal.yaml".to_owned(), object(table, "  Own: { const: x }\n"));
    let book = Rulebook::new(book);
    assert!(book.plan.is_none());
    assert_eq!(book.problems.len(), 1, "{:?}", book.problems);
}
