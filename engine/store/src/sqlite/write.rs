//! Writing to SQLite: every change is one or two prepared statements.

use std::cell::Cell;
use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use super::{connect, failure, lost};
use crate::change::{Change, Hop, NewMessage};
use crate::writer::{Engine, Failure};
use crate::{StoreFault, sum};

/// Pages of the log from which on it is moved into the database: 32 MiB.
const LONG_LOG: i32 = 4096;

thread_local! {
    /// Pages of the log after the last commit of this thread. SQLite tells them to a function without a place to keep them.
    static LOG: Cell<i32> = const { Cell::new(0) };
}

/// The connection that writes.
pub(super) struct SqliteEngine {
    path: PathBuf,
    is_synced: bool,
    /// None after a failure, until it is opened anew.
    connection: Option<Connection>,
}

impl SqliteEngine {
    pub(super) fn open(path: &Path, is_synced: bool) -> Result<Self, StoreFault> {
        let connection = Self::connection(path, is_synced).map_err(|error| lost(&error))?;
        Ok(Self { path: path.to_owned(), is_synced, connection: Some(connection) })
    }

    pub(super) fn migrate(&mut self) -> Result<(), StoreFault> {
        self.connection.as_mut().map_or(Ok(()), super::migrate::migrate)
    }

    fn connection(path: &Path, is_synced: bool) -> rusqlite::Result<Connection> {
        let connection = connect(path, is_synced)?;
        // In the place of SQLite's own hook, which would move the log while callers wait for their answers.
        connection.wal_hook(Some(|_, pages| {
            LOG.set(pages);
            Ok(())
        }));
        Ok(connection)
    }

    /// Makes sure that the log's end, whose sync may have failed, is on the disk.
    ///
    /// After a failed sync Linux believes that the pages are clean, and a second sync would do nothing: what is appended later could
    /// lie on the disk behind a hole, and be lost with it. So the log is written once more, under the lock that every writer needs,
    /// and moved into the database.
    fn settle(connection: &Connection, path: &Path) -> rusqlite::Result<()> {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let written = rewrite(path);
        connection.execute_batch("ROLLBACK")?;
        written.map_err(|error| {
            let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR);
            rusqlite::Error::SqliteFailure(code, Some(format!("the log cannot be written: {error}")))
        })?;
        checkpoint(connection, "TRUNCATE")
    }
}

/// Writes the log's bytes over themselves, and syncs them.
fn rewrite(path: &Path) -> std::io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    let mut log = match OpenOptions::new().read(true).write(true).open(name) {
        Ok(log) => log,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut part = vec![0; 1 << 20];
    let mut at = 0;
    loop {
        log.seek(SeekFrom::Start(at))?;
        let read = log.read(&mut part)?;
        if read == 0 {
            return log.sync_data();
        }
        log.seek(SeekFrom::Start(at))?;
        log.write_all(part.get(..read).unwrap_or_default())?;
        at += u64::try_from(read).unwrap_or(u64::MAX);
    }
}

/// Moves the log into the database. Readers may keep a part of it from being moved, which is no fault.
fn checkpoint(connection: &Connection, mode: &str) -> rusqlite::Result<()> {
    connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()))
}

impl Engine for SqliteEngine {
    fn write(&mut self, lists: &[&[Change]]) -> Result<(), Failure> {
        let Some(connection) = &self.connection else {
            return Err(Failure::Lost("there is no connection".to_owned()));
        };
        let outcome = transaction(connection, lists).map_err(|error| failure(&error));
        if outcome.is_err() && !connection.is_autocommit() && connection.execute_batch("ROLLBACK").is_err() {
            self.connection = None;
            return Err(Failure::Lost("a transaction could not be taken back".to_owned()));
        }
        if matches!(outcome, Err(Failure::Lost(_))) {
            self.connection = None;
        }
        outcome
    }

    fn rest(&mut self) {
        if let Some(connection) = &self.connection
            && LOG.get() >= LONG_LOG
        {
            // Whatever is moved is synced in the log already, so a failure here loses nothing; the next commit will tell.
            match checkpoint(connection, "PASSIVE") {
                Ok(()) => LOG.set(0),
                Err(error) => tracing::warn!(%error, "the log could not be moved into the database"),
            }
        }
    }

    fn reopen(&mut self) -> Result<(), StoreFault> {
        self.connection = None;
        let connection = Self::connection(&self.path, self.is_synced).map_err(|error| lost(&error))?;
        Self::settle(&connection, &self.path).map_err(|error| lost(&error))?;
        self.connection = Some(connection);
        Ok(())
    }
}

fn transaction(connection: &Connection, lists: &[&[Change]]) -> rusqlite::Result<()> {
    run(connection, "BEGIN IMMEDIATE", [])?;
    for change in lists.iter().flat_map(|list| list.iter()) {
        write(connection, change)?;
    }
    run(connection, "COMMIT", [])
}

fn run(connection: &Connection, sql: &str, parameters: impl rusqlite::Params) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute(parameters).map(drop)
}

fn write(on: &Connection, change: &Change) -> rusqlite::Result<()> {
    match change {
        Change::PutRecord { zone, space, key, value } => run(
            on,
            "INSERT INTO record (zone, space, key, value, sum) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET value = excluded.value, sum = excluded.sum",
            params![zone, space, key, value, sum::of_record(space, key, value)],
        ),
        Change::DeleteRecord { zone, space, key } => {
            run(on, "DELETE FROM record WHERE zone = ?1 AND space = ?2 AND key = ?3", params![zone, space, key])
        }
        Change::AddMessage { zone, message } => add_message(on, zone, message),
        Change::Seen { zone, source, message_id, at } => run(
            on,
            "INSERT OR IGNORE INTO seen (zone, at, source, message_id) VALUES (?1, ?2, ?3, ?4)",
            params![zone, at, source, message_id],
        ),
        Change::Enqueue { zone, agent, message, document } => {
            let document = document.as_deref();
            run(
                on,
                "INSERT INTO queue (zone, agent, message, attempts, sum, document) VALUES (?1, ?2, ?3, 0, ?4, ?5)",
                params![zone, agent, message, document.map(sum::of), document],
            )
        }
        Change::Dequeue { zone, agent, message } => dequeue(on, zone, agent, *message),
        Change::Attempts { zone, agent, message, attempts } => run(
            on,
            "UPDATE queue SET attempts = ?4 WHERE zone = ?1 AND agent = ?2 AND message = ?3",
            params![zone, agent, message, attempts],
        ),
        Change::Bury { zone, agent, message, at, reason } => {
            run(
                on,
                "INSERT INTO dead (zone, message, agent, at, reason, sum, document)
                 SELECT zone, message, agent, ?4, ?5, sum, document FROM queue
                 WHERE zone = ?1 AND agent = ?2 AND message = ?3",
                params![zone, agent, message, at, reason],
            )?;
            dequeue(on, zone, agent, *message)
        }
        Change::Unbury { zone, agent, message, requeue } => {
            if *requeue {
                run(
                    on,
                    "INSERT INTO queue (zone, agent, message, attempts, sum, document)
                     SELECT zone, agent, message, 0, sum, document FROM dead
                     WHERE zone = ?1 AND agent = ?2 AND message = ?3",
                    params![zone, agent, message],
                )?;
            }
            run(on, "DELETE FROM dead WHERE zone = ?1 AND agent = ?2 AND message = ?3", params![zone, agent, message])
        }
        Change::Purge { zone, agent } => {
            run(on, "DELETE FROM queue WHERE zone = ?1 AND agent = ?2", params![zone, agent])
        }
        Change::AddHop { zone, hop: Hop { message, at, agent, what, code, detail } } => run(
            on,
            "INSERT INTO hop (zone, message, at, agent, what, code, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![zone, message, at, agent, what, code, detail],
        ),
        Change::Forget { zone, before } => forget(on, zone, *before),
    }
}

fn add_message(on: &Connection, zone: &str, message: &NewMessage) -> rusqlite::Result<()> {
    run(
        on,
        "INSERT INTO message
         (zone, number, message_id, source, kind, object, received, envelope, head_sum, size, sum, document)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        params![
            zone,
            message.number,
            message.message_id,
            message.source,
            message.kind,
            message.object,
            message.received,
            message.envelope,
            sum::of_head(message),
            i64::try_from(message.document.len()).unwrap_or(i64::MAX),
            sum::of(&message.document),
            &message.document[..],
        ],
    )
}

fn dequeue(on: &Connection, zone: &str, agent: &str, message: i64) -> rusqlite::Result<()> {
    run(on, "DELETE FROM queue WHERE zone = ?1 AND agent = ?2 AND message = ?3", params![zone, agent, message])
}

fn forget(on: &Connection, zone: &str, before: i64) -> rusqlite::Result<()> {
    run(
        on,
        "INSERT INTO zone (name, last_number) SELECT ?1, coalesce(max(number), 0) FROM message WHERE zone = ?1
         ON CONFLICT DO UPDATE SET last_number = max(last_number, excluded.last_number)",
        params![zone],
    )?;
    on.execute_batch("CREATE TEMPORARY TABLE IF NOT EXISTS forgotten (number INTEGER PRIMARY KEY)")?;
    run(
        on,
        "INSERT INTO temp.forgotten SELECT number FROM message INDEXED BY message_received
         WHERE zone = ?1 AND received < ?2
         AND NOT EXISTS (SELECT 1 FROM queue WHERE queue.zone = ?1 AND queue.message = message.number)
         AND NOT EXISTS (SELECT 1 FROM dead WHERE dead.zone = ?1 AND dead.message = message.number)",
        params![zone, before],
    )?;
    run(on, "DELETE FROM hop WHERE zone = ?1 AND message IN (SELECT number FROM temp.forgotten)", params![zone])?;
    run(on, "DELETE FROM message WHERE zone = ?1 AND number IN (SELECT number FROM temp.forgotten)", params![zone])?;
    run(on, "DELETE FROM temp.forgotten", [])?;
    run(on, "DELETE FROM seen WHERE zone = ?1 AND at < ?2", params![zone, before])
}
