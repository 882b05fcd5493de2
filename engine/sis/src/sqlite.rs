//! SQLite files.

use std::path::Path;
use std::time::Duration;

use problem::{Problem, code};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::database::{Cells, Database, Raw, Sink, lost};
use crate::names::quoted;

/// How long to wait for a writer of the file.
const PATIENCE: Duration = Duration::from_secs(10);

/// A SQLite file inside one read transaction.
pub(crate) struct Sqlite {
    connection: Connection,
}

impl Sqlite {
    pub(crate) fn open(path: &Path) -> Result<Self, Problem> {
        if !path.is_file() {
            let message = format!("there is no file `{}`", path.display());
            return Err(Problem::new(code::NO_SOURCE, message).help("give the path of a SQLite file after `sqlite:`"));
        }
        Self::connect(path).map(|connection| Self { connection }).map_err(|error| {
            let message = format!("`{}` cannot be opened: {}", path.display(), why(&error));
            Problem::new(code::NO_SOURCE, message).help(match error.sqlite_error_code() {
                Some(ErrorCode::NotADatabase) => "give the path of a SQLite file; a folder of CSV files is `csv:DIR`",
                Some(ErrorCode::DatabaseBusy) => "another program is writing to it; try again",
                _ => "check that the file can be read",
            })
        })
    }

    fn connect(path: &Path) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        connection.execute_batch("PRAGMA query_only = on; BEGIN")?;
        // The transaction sees the database as of its first read, and a file that is no database shows here.
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(connection)
    }
}

/// What failed, without any text of SQLite's that could quote a value.
fn why(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => failure.to_string(),
        _ => "SQLite gave no answer that could be used".to_owned(),
    }
}

impl Database for Sqlite {
    fn tables(&mut self) -> Result<Vec<String>, Problem> {
        let sql = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
        self.names(sql, "").map_err(|error| lost("sqlite_schema", why(&error)))
    }

    fn columns(&mut self, table: &str) -> Result<Vec<String>, Problem> {
        let sql = "SELECT name FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid";
        self.names(sql, table).map_err(|error| lost(table, why(&error)))
    }

    fn scan(&mut self, table: &str, columns: &[String], sink: &mut dyn Sink) -> Result<(), Problem> {
        self.select(table, columns, "", sink)
    }

    fn scan_above(
        &mut self,
        table: &str,
        columns: &[String],
        column: &str,
        above: i64,
        sink: &mut dyn Sink,
    ) -> Result<(), Problem> {
        self.select(table, columns, &format!(" WHERE {} > {above}", quoted(column)), sink)
    }
}

impl Sqlite {
    fn select(&self, table: &str, columns: &[String], only: &str, sink: &mut dyn Sink) -> Result<(), Problem> {
        let list: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
        // NOT INDEXED would be an error on a view; a full scan is what the planner chooses anyway, or a smaller covering index.
        let sql = format!("SELECT {} FROM {}{only}", list.join(", "), quoted(table));
        let failed = |error: rusqlite::Error| lost(table, why(&error));
        let mut statement = self.connection.prepare(&sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            sink.row(&SqliteRow(row))?;
        }
        Ok(())
    }

    fn names(&self, sql: &str, about: &str) -> rusqlite::Result<Vec<String>> {
        let mut statement = self.connection.prepare(sql)?;
        let read = |row: &rusqlite::Row<'_>| row.get(0);
        if about.is_empty() {
            statement.query_map([], read)?.collect()
        } else {
            statement.query_map([about], read)?.collect()
        }
    }
}

struct SqliteRow<'r>(&'r rusqlite::Row<'r>);

impl Cells for SqliteRow<'_> {
    fn cell(&self, at: usize) -> Raw<'_> {
        match self.0.get_ref(at) {
            Ok(ValueRef::Integer(number)) => Raw::Int(number),
            Ok(ValueRef::Real(number)) => Raw::Float(number),
            Ok(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => Raw::Text(bytes),
            // The only failure is a column that was not asked for, which cannot hold anything.
            Ok(ValueRef::Null) | Err(_) => Raw::Null,
        }
    }
}
