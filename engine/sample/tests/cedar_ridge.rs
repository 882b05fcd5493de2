//! The hand-kept example district fits the schema: its files, its columns, its values, and every reference.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use std::path::Path;

use common::{schema, shared};
use graph::{Cell, Source};
use rusqlite::Connection;

#[test]
fn cedar_ridge_fits_the_schema_and_every_reference_leads_to_a_row() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/cedar-ridge");
    let contract = shared().map(|shared| {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(&std::fs::read_to_string(shared.join("contract/source-schema.sql")).unwrap()).unwrap();
        // References are checked once, when every table is full.
        connection.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        connection
    });
    let mut seen = Vec::new();
    for (_, entity) in schema().entities() {
        let Source::Table(table) = &entity.source else { continue };
        if seen.contains(table) {
            continue;
        }
        seen.push(table.clone());
        let mut reader = csv::Reader::from_path(folder.join(format!("{table}.csv"))).unwrap();
        let columns: Vec<String> = entity.fields.iter().map(|field| field.column.clone()).collect();
        assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), columns, "{table}");
        for row in reader.records() {
            let row = row.unwrap();
            for (value, field) in row.iter().zip(&entity.fields) {
                let cell = Cell::parse(&field.field_type, value);
                assert!(
                    cell.is_ok_and(|cell| field.nullable || !cell.is_absent()),
                    "{table}.{} {}",
                    field.column,
                    &row[0]
                );
            }
            if let Some(contract) = &contract {
                let marks = vec!["?"; row.len()].join(",");
                let values = row.iter().map(|value| (!value.is_empty()).then_some(value));
                contract
                    .execute(&format!("INSERT INTO \"{table}\" VALUES ({marks})"), rusqlite::params_from_iter(values))
                    .unwrap_or_else(|error| panic!("{table} {}: {error}", &row[0]));
            }
        }
    }
    if let Some(contract) = contract {
        assert!(!contract.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap());
    }
}

#[test]
fn the_readme_tells_why_each_student_is_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/cedar-ridge");
    let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let mut reader = csv::Reader::from_path(folder.join("enrollment.csv")).unwrap();
    for row in reader.records() {
        let person = row.unwrap()[2].to_owned();
        assert!(readme.contains(&format!("\n| {person} | `")), "{person}");
    }
}
