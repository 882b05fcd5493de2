//! Brings a file up to date: each migration is one transaction, and the table `applied` says which were made.

use rusqlite::{Connection, TransactionBehavior};

use super::lost;
use crate::StoreFault;

const MIGRATIONS: &[&str] =
    &[include_str!("../../migrations/sqlite/0001.sql"), include_str!("../../migrations/sqlite/0002.sql")];

pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreFault> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    run(connection, known).map_err(|error| lost(&error))?.map_err(|found| crate::newer(found, known))
}

/// The version that was found, if it is newer than what is known.
fn run(connection: &mut Connection, known: i64) -> rusqlite::Result<Result<(), i64>> {
    // The lock is taken first: of two programs that open the file at once, the second finds it up to date.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS applied (version INTEGER PRIMARY KEY, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP) STRICT",
    )?;
    let found: i64 = transaction.query_row("SELECT coalesce(max(version), 0) FROM applied", [], |row| row.get(0))?;
    if found > known {
        return Ok(Err(found));
    }
    transaction.commit()?;
    for (version, script) in (1..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let is_applied: bool =
            transaction
                .query_row("SELECT EXISTS (SELECT 1 FROM applied WHERE version = ?1)", [version], |row| row.get(0))?;
        if is_applied {
            continue;
        }
        transaction.execute_batch(script)?;
        transaction.execute("INSERT INTO applied (version) VALUES (?1)", [version])?;
        transaction.commit()?;
        tracing::info!(version, "the store was brought up to date");
    }
    Ok(Ok(()))
}
