//! The store in a file of SQLite: one connection writes, in the writer's thread, and a few read.

mod claim;
mod migrate;
mod read;
mod write;

pub(crate) use claim::claim;
pub(crate) use read::Reader;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::StoreFault;
use crate::writer::{Failure, Writer};
use write::SqliteEngine;

/// How long a connection waits for another's lock before it gives up.
const BUSY: Duration = Duration::from_secs(10);
/// Bytes of a page. A message of 2 KB wastes half a page of 4 KiB; three fit into this one.
const PAGE_SIZE: u32 = 8192;
/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 64;

/// Opens the file, makes it if it is not there, and brings it up to date.
pub(crate) async fn open(path: PathBuf, is_synced: bool, readers: u32) -> Result<(Writer, Reader), StoreFault> {
    let file = path.clone();
    let writer = Writer::start(move || {
        create(&file)?;
        let mut engine = SqliteEngine::open(&file, is_synced)?;
        engine.migrate()?;
        Ok(engine)
    })
    .await?;
    Ok((writer, Reader::new(path, readers)))
}

/// Makes an empty file that only its owner can read, since it will hold children's records. SQLite gives its log the same rights.
fn create(path: &Path) -> Result<(), StoreFault> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|error| StoreFault::Lost(format!("{}: {error}", path.display())))
}

/// A connection that writes.
fn connect(path: &Path, is_synced: bool) -> rusqlite::Result<Connection> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Only a new file takes the page size, and only before it has a log.
    connection.pragma_update(None, "page_size", PAGE_SIZE)?;
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        return Err(rusqlite::Error::InvalidParameterName(format!("its journal is `{mode}`, not a log")));
    }
    connection.pragma_update(None, "synchronous", if is_synced { "FULL" } else { "OFF" })?;
    // Kibibytes of pages that stay in memory.
    connection.pragma_update(None, "cache_size", -65_536)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

/// What became of a write, and whether the database can be trusted after it.
fn failure(error: &rusqlite::Error) -> Failure {
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => Failure::Refused("what it names is there already".to_owned()),
        Some(ErrorCode::TooBig) => Failure::Refused("a text is too long".to_owned()),
        _ => Failure::Lost(error.to_string()),
    }
}

fn lost(error: &rusqlite::Error) -> StoreFault {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreFault::Damaged(error.to_string()),
        _ => StoreFault::Lost(error.to_string()),
    }
}
