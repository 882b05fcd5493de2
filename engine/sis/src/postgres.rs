//! PostgreSQL databases.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use problem::{Problem, code};
use sqlx::{ConnectOptions, PgConnection};
use tokio::runtime::Runtime;

use crate::copy_text::CopyLines;
use crate::database::{Database, Sink, lost};
use crate::names::quoted;

/// A connection inside one read-only transaction. The runtime is its own, so that callers need none.
pub(crate) struct Postgres {
    runtime: Runtime,
    connection: PgConnection,
    tables: BTreeMap<String, Vec<Column>>,
}

struct Column {
    name: String,
    /// `char(n)` columns are padded with blanks, which a cast to text takes off.
    padded: bool,
}

/// What the transaction sees is what the database held at its first statement. Text forms are fixed, whatever the server's settings.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
    SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL client_encoding = 'UTF8'; SET LOCAL extra_float_digits = 1; \
    SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";

const COLUMNS: &str = "SELECT c.relname::text, a.attname::text, a.atttypid = 'pg_catalog.bpchar'::regtype \
    FROM pg_catalog.pg_class c \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
    WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND pg_catalog.pg_table_is_visible(c.oid) \
      AND n.nspname NOT IN ('pg_catalog', 'information_schema') \
    ORDER BY c.relname, a.attnum";

impl Postgres {
    pub(crate) fn open(url: &str) -> Result<Self, Problem> {
        let failed = |why: String| {
            not_opened(
                &why,
                "check host, port, user, password and database name in postgres://USER:PASSWORD@HOST:PORT/DATABASE",
            )
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| failed(error.kind().to_string()))?;
        let options = postgresql::connection(url)
            .map_err(|fault| not_opened(&fault.message, &fault.help))?
            .application_name("sifter")
            .disable_statement_logging();
        let opened = runtime.block_on(async {
            let mut connection = options.connect().await?;
            sqlx::raw_sql(BEGIN).execute(&mut connection).await?;
            let columns: Vec<(String, String, bool)> = sqlx::query_as(COLUMNS).fetch_all(&mut connection).await?;
            Ok::<_, sqlx::Error>((connection, columns))
        });
        let (connection, columns) = opened.map_err(|error| match postgresql::explain(&error, Some(&options)) {
            Some(fault) => not_opened(&fault.message, &fault.help),
            None => failed(why_not_opened(&error)),
        })?;
        let mut tables: BTreeMap<String, Vec<Column>> = BTreeMap::new();
        for (table, name, padded) in columns {
            tables.entry(table).or_default().push(Column { name, padded });
        }
        Ok(Self { runtime, connection, tables })
    }
}

fn not_opened(why: &str, help: &str) -> Problem {
    Problem::new(code::NO_SOURCE, format!("the PostgreSQL database cannot be opened: {why}")).help(help)
}

fn why_not_opened(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Io(error) => error.kind().to_string(),
        // Before a table was read the server's messages name users and databases only.
        sqlx::Error::Database(error) => error.message().to_owned(),
        other => why(other),
    }
}

/// What failed, without the server's message, which may quote a value.
fn why(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Io(error) => error.kind().to_string(),
        sqlx::Error::Database(error) => match error.code().as_deref() {
            Some("42501") => "the user may not read it (SQLSTATE 42501)".to_owned(),
            Some(state) => format!("the server stopped (SQLSTATE {state})"),
            None => "the server stopped".to_owned(),
        },
        _ => "the server's answer could not be used".to_owned(),
    }
}

impl Database for Postgres {
    fn tables(&mut self) -> Result<Vec<String>, Problem> {
        Ok(self.tables.keys().cloned().collect())
    }

    fn columns(&mut self, table: &str) -> Result<Vec<String>, Problem> {
        let columns = self.tables.get(table).into_iter().flatten();
        Ok(columns.map(|column| column.name.clone()).collect())
    }

    fn scan(&mut self, table: &str, columns: &[String], sink: &mut dyn Sink) -> Result<(), Problem> {
        self.copy(table, columns, "", sink)
    }

    fn scan_above(
        &mut self,
        table: &str,
        columns: &[String],
        column: &str,
        above: i64,
        sink: &mut dyn Sink,
    ) -> Result<(), Problem> {
        self.copy(table, columns, &format!(" WHERE {} > {above}", quoted(column)), sink)
    }
}

impl Postgres {
    fn copy(&mut self, table: &str, columns: &[String], only: &str, sink: &mut dyn Sink) -> Result<(), Problem> {
        let declared = self.tables.get(table).map_or(&[][..], Vec::as_slice);
        let list: Vec<String> = columns
            .iter()
            .map(|name| {
                let padded = declared.iter().any(|column| column.padded && column.name == *name);
                format!("{}{}", quoted(name), if padded { "::text" } else { "" })
            })
            .collect();
        let sql = format!("COPY (SELECT {} FROM {}{only}) TO STDOUT", list.join(", "), quoted(table));
        let Self { runtime, connection, .. } = self;
        runtime.block_on(async {
            let mut lines = CopyLines::default();
            let mut chunks = connection.copy_out_raw(&sql).await.map_err(|error| lost(table, why(&error)))?;
            while let Some(chunk) = chunks.next().await {
                let chunk = chunk.map_err(|error| lost(table, why(&error)))?;
                lines.feed(&chunk, |cells| sink.row(cells))?;
            }
            Ok(())
        })
    }
}
