//! A SQLite file, written in one transaction.

use std::fs;
use std::path::{Path, PathBuf};

use problem::Problem;
use rusqlite::{Connection, Statement};

use super::{Output, aside, exists, not_written};
use crate::layout::{Layout, Table};
use crate::value::Value;

/// Writes beside the file, which takes its name when everything is written. Until then a crash may lose the file, so
/// nothing is synced or journalled.
pub(crate) struct SqliteOutput {
    path: PathBuf,
    part: PathBuf,
    connection: Connection,
    inserts: Vec<String>,
    text: Vec<u8>,
}

impl SqliteOutput {
    pub(crate) fn create(path: &Path, layout: &Layout) -> Result<Self, Problem> {
        if fs::metadata(path).is_ok_and(|file| file.len() > 0) {
            return Err(exists("the file"));
        }
        let part = aside(path);
        // Left from a run that was stopped.
        let _ = fs::remove_file(&part);
        let connection = Connection::open(&part).map_err(wrong)?;
        connection.set_prepared_statement_cache_capacity(layout.tables.len() + 8);
        connection
            .execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; BEGIN")
            .map_err(wrong)?;
        let mut inserts = Vec::with_capacity(layout.tables.len());
        for table in &layout.tables {
            connection.execute_batch(&table.create(quote)).map_err(wrong)?;
            inserts.push(insert(table));
        }
        Ok(Self { path: path.to_owned(), part, connection, inserts, text: Vec::new() })
    }
}

impl Output for SqliteOutput {
    fn row(&mut self, table: usize, values: &mut dyn Iterator<Item = Value<'_>>) -> Result<(), Problem> {
        let mut statement = self.connection.prepare_cached(&self.inserts[table]).map_err(wrong)?;
        for (at, value) in values.enumerate() {
            bind(&mut statement, at + 1, value, &mut self.text).map_err(wrong)?;
        }
        statement.raw_execute().map_err(wrong)?;
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Problem> {
        self.connection.flush_prepared_statement_cache();
        self.connection.execute_batch("COMMIT").map_err(wrong)?;
        let memory = Connection::open_in_memory().map_err(wrong)?;
        std::mem::replace(&mut self.connection, memory).close().map_err(|(_, error)| wrong(error))?;
        fs::rename(&self.part, &self.path).map_err(|error| not_written("the file", error))
    }
}

fn bind(statement: &mut Statement<'_>, at: usize, value: Value<'_>, text: &mut Vec<u8>) -> rusqlite::Result<()> {
    match value {
        Value::Null => statement.raw_bind_parameter(at, rusqlite::types::Null),
        Value::Int(number) => statement.raw_bind_parameter(at, number),
        Value::Bool(flag) => statement.raw_bind_parameter(at, flag),
        Value::Text(own) => statement.raw_bind_parameter(at, own),
        // The nearest double, of which the shortest decimal text is the number again. SQLite keeps a whole one as an integer.
        Value::Decimal(number) => {
            let places = i32::try_from(number.places).unwrap_or(0);
            statement.raw_bind_parameter(at, number.units as f64 / 10_f64.powi(places))
        }
        Value::Date(_) | Value::DateTime(_) | Value::Guid(_) => {
            text.clear();
            value.append_to(text);
            statement.raw_bind_parameter(at, std::str::from_utf8(text).unwrap_or_default())
        }
    }
}

fn insert(table: &Table) -> String {
    let marks = vec!["?"; table.columns.len()].join(",");
    format!("INSERT INTO {} VALUES ({marks})", quote(&table.name))
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn wrong(error: rusqlite::Error) -> Problem {
    not_written("the SQLite file", error)
}
