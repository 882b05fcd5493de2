//! Writes tables to each kind of source.

use std::fmt::Write as _;
use std::path::Path;

use super::district::{Rows, Tables};
use crate::names::quoted;

pub(super) fn csv(tables: &Tables, folder: &Path) -> String {
    for (name, table) in tables {
        let header: Vec<&str> = table.columns.iter().map(|(column, _)| column.as_str()).collect();
        let mut text = header.join(",") + "\r\n";
        for row in &table.rows {
            let cells: Vec<String> = row
                .iter()
                .map(|cell| match cell {
                    None => String::new(),
                    Some(cell) if cell.contains([',', '"', '\n']) => format!("\"{}\"", cell.replace('"', "\"\"")),
                    Some(cell) => cell.clone(),
                })
                .collect();
            text += &(cells.join(",") + "\r\n");
        }
        std::fs::write(folder.join(format!("{name}.csv")), text).unwrap();
    }
    format!("csv:{}", folder.display())
}

/// Statements that make the tables and fill them.
pub(super) fn sql(tables: &Tables) -> String {
    let mut sql = String::new();
    for (name, Rows { columns, rows }) in tables {
        // Folded by PostgreSQL, kept by SQLite: neither may matter.
        let list: Vec<String> = columns.iter().map(|(column, kind)| format!("{column} {kind}")).collect();
        writeln!(sql, "CREATE TABLE {name} ({});", list.join(", ")).unwrap();
        for row in rows {
            let cells: Vec<String> = row
                .iter()
                .zip(columns)
                .map(|(cell, (_, kind))| match cell {
                    None => "NULL".to_owned(),
                    Some(cell) if kind == "BOOLEAN" => (if cell == "1" { "TRUE" } else { "FALSE" }).to_owned(),
                    Some(cell) => format!("'{}'", cell.replace('\'', "''")),
                })
                .collect();
            writeln!(sql, "INSERT INTO {} VALUES ({});", quoted(name), cells.join(", ")).unwrap();
        }
    }
    sql
}

pub(super) fn sqlite(tables: &Tables, folder: &Path) -> String {
    let path = folder.join("district.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch(&format!("BEGIN; {} COMMIT;", sql(tables))).unwrap();
    format!("sqlite:{}", path.display())
}
