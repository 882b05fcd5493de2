//! A PostgreSQL database, written by COPY in one transaction.

use problem::Problem;
use sqlx::postgres::PgConnection;
use sqlx::{ConnectOptions, Connection, Executor};
use tokio::runtime::{Builder, Runtime};

use super::{Output, not_written};
use crate::layout::Layout;
use crate::value::Value;

/// Rows of one table are sent when they reach this size, so that memory stays small whatever the district's size.
const SEND_AT: usize = 1 << 19;

/// Keeps rows as COPY text, a buffer for each table, because a connection can copy into one table at a time.
pub(crate) struct PostgresOutput {
    runtime: Runtime,
    connection: Option<PgConnection>,
    copies: Vec<String>,
    buffers: Vec<Vec<u8>>,
}

impl PostgresOutput {
    pub(crate) fn create(url: &str, layout: &Layout) -> Result<Self, Problem> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(wrong)?;
        let options = postgresql::connection(url).map_err(unreachable)?;
        let mut connection = runtime
            .block_on(options.connect())
            .map_err(|error| postgresql::explain(&error, Some(&options)).map_or_else(|| wrong(error), unreachable))?;
        runtime
            .block_on(async {
                connection.execute("BEGIN").await?;
                for table in &layout.tables {
                    connection.execute(sqlx::AssertSqlSafe(table.create(quote))).await?;
                }
                Ok::<_, sqlx::Error>(())
            })
            .map_err(wrong)?;
        let copies = layout.tables.iter().map(|table| format!("COPY {} FROM STDIN", quote(&table.name))).collect();
        let buffers = layout.tables.iter().map(|_| Vec::new()).collect();
        Ok(Self { runtime, connection: Some(connection), copies, buffers })
    }

    fn send(&mut self, table: usize) -> Result<(), Problem> {
        let Some(connection) = &mut self.connection else { return Ok(()) };
        let (copy, buffer) = (&self.copies[table], &mut self.buffers[table]);
        if buffer.is_empty() {
            return Ok(());
        }
        self.runtime
            .block_on(async {
                let mut stream = connection.copy_in_raw(copy).await?;
                stream.send(buffer.as_slice()).await?;
                stream.finish().await
            })
            .map_err(wrong)?;
        buffer.clear();
        Ok(())
    }
}

impl Output for PostgresOutput {
    fn row(&mut self, table: usize, values: &mut dyn Iterator<Item = Value<'_>>) -> Result<(), Problem> {
        let buffer = &mut self.buffers[table];
        for (at, value) in values.enumerate() {
            if at > 0 {
                buffer.push(b'\t');
            }
            match value {
                Value::Null => buffer.extend_from_slice(b"\\N"),
                Value::Text(text) => append_text(buffer, text),
                other => other.append_to(buffer),
            }
        }
        buffer.push(b'\n');
        if buffer.len() >= SEND_AT { self.send(table) } else { Ok(()) }
    }

    fn finish(&mut self) -> Result<(), Problem> {
        for table in 0..self.buffers.len() {
            self.send(table)?;
        }
        let Some(mut connection) = self.connection.take() else { return Ok(()) };
        self.runtime
            .block_on(async {
                connection.execute("COMMIT").await?;
                connection.close().await
            })
            .map_err(wrong)
    }
}

fn append_text(buffer: &mut Vec<u8>, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'\\' => buffer.extend_from_slice(b"\\\\"),
            b'\t' => buffer.extend_from_slice(b"\\t"),
            b'\n' => buffer.extend_from_slice(b"\\n"),
            b'\r' => buffer.extend_from_slice(b"\\r"),
            other => buffer.push(other),
        }
    }
}

/// In small letters, as PostgreSQL reads a name without quotes.
fn quote(name: &str) -> String {
    format!("\"{}\"", name.to_ascii_lowercase().replace('"', "\"\""))
}

fn unreachable(fault: postgresql::Fault) -> Problem {
    not_written("the PostgreSQL database", fault.message).help(fault.help)
}

fn wrong(error: impl std::fmt::Display) -> Problem {
    not_written("the PostgreSQL database", error)
}
