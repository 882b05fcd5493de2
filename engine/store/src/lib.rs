//! Our own database: SQLite in a file, or PostgreSQL.
//!
//! [`Store::apply`] writes a list of changes as one transaction and answers when it is on the disk: many callers share one commit.
//! Changes of one zone are written in the order in which `apply` was called. Nobody's disconnect undoes half of it: the
//! transaction runs in a thread (SQLite) or task (PostgreSQL) of its own.
#![forbid(unsafe_code)]

mod address;
mod change;
mod claim;
mod postgres;
mod rows;
mod sqlite;
mod store;
mod sum;
mod writer;

pub use change::{Change, Hop, Millis, NewMessage, Number, Space};
pub use claim::Claim;
pub use rows::{DeadLetter, MessageFilter, MessageHistory, MessageSummary, Queued, Record, SeenId, ZoneState};
pub use store::Store;
pub use writer::Pending;

use std::fmt;

use bytes::Bytes;

/// Why something could not be written or read. Never holds a value that was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreFault {
    /// The database refused, is full, or is gone: what was to be written is not written, or it is not known whether it is.
    Lost(String),
    /// What was to be written contradicts what is there, such as a number that is taken: nothing of the list was written, and the
    /// store is well.
    Refused(String),
    /// What is stored is not what was written: a payload's sum differs, or a row makes no sense.
    Damaged(String),
    /// Another process serves the zone: which, as far as it is known.
    Taken(String),
}

impl fmt::Display for StoreFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(why) => write!(formatter, "the store cannot be used: {why}"),
            Self::Refused(why) => write!(formatter, "the store refused what was to be written: {why}"),
            Self::Damaged(what) => write!(formatter, "what is stored is damaged: {what}"),
            Self::Taken(by) => write!(
                formatter,
                "{by}; a zone is served by one process at a time, so stop that one first, or give this one a store of its own"
            ),
        }
    }
}

impl std::error::Error for StoreFault {}

/// A message's text, as it is for one agent.
pub type Document = Bytes;

/// The fault of a database that a newer program wrote.
fn newer(found: i64, known: i64) -> StoreFault {
    StoreFault::Lost(format!(
        "a newer version of this program wrote it (its version is {found}, this program knows {known}): install the newer one"
    ))
}

/// What tells an operator which process this is.
fn this_process() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match host.trim() {
        "" => format!("process {}", std::process::id()),
        host => format!("process {} of {host}", std::process::id()),
    }
}
