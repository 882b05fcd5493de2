//! The generated tables are those of the source's contract, and the rows of each fit together.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use common::{generate, graph_text, schema_of, shared};
use rusqlite::Connection;

fn columns(connection: &Connection, table: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("SELECT name FROM pragma_table_info('{table}')")).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn tables(connection: &Connection) -> Vec<String> {
    let mut statement =
        connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn tables_and_columns_are_those_of_the_contract_and_every_reference_leads_to_a_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("district.db");
    let summary = generate(2000, 7, &format!("sqlite:{}", path.display()));
    for table in &summary.tables {
        assert!(table.rows > 0, "no rows in {}", table.table);
    }
    let Some(shared) = shared() else { return };
    let contract = Connection::open_in_memory().unwrap();
    let statements = std::fs::read_to_string(shared.join("contract/source-schema.sql")).unwrap();
    contract.execute_batch(&statements).unwrap();
    // References are checked once, when every table is full.
    contract.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    let district = Connection::open(&path).unwrap();
    assert_eq!(tables(&contract), tables(&district));
    contract.execute("ATTACH ? AS district", [path.to_str().unwrap()]).unwrap();
    for table in tables(&district) {
        assert_eq!(columns(&contract, &table), columns(&district, &table), "{table}");
        // The contract's NOT NULL and unique keys are checked here, its references below.
        contract.execute(&format!("INSERT INTO main.\"{table}\" SELECT * FROM district.\"{table}\""), []).unwrap();
    }
    let mut statement =
        contract.prepare("SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2").unwrap();
    let dangling: Vec<(String, String, i64)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(dangling, []);
}

#[test]
fn a_new_column_of_the_graph_appears_and_stays_empty() {
    let text = graph_text().replacen(
        "      number: { type: text?, column: number }\n",
        "      number: { type: text?, column: number }\n      motto: { type: text, column: motto }\n",
        1,
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("district.db");
    let plan = sample::Plan { students: 3, ..sample::Plan::default() };
    sample::generate(&schema_of(&text), &plan, &format!("sqlite:{}", path.display()), &mut |_| {}).unwrap();
    let connection = Connection::open(&path).unwrap();
    assert_eq!(columns(&connection, "district")[3], "motto");
    let (name, motto): (String, Option<String>) =
        connection.query_row("SELECT name, motto FROM district", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert!(name.ends_with("School District"));
    assert_eq!(motto, None);
}
