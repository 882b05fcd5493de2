//! Where the publisher keeps what it knows: records of the store, written in transactions.

use std::sync::Arc;

use store::{Change, Record, Space, Store, StoreFault};
use tokio::runtime::Handle;

/// What was published of each owner.
pub const PUBLISHED: Space = "published";
/// Which owners there are, in portions.
pub const OWNERS: Space = "published_owners";
/// Events that wait for the zone: what they are.
pub const OUTBOX: Space = "event_outbox";
/// Events that wait for the zone: their elements.
pub const OUTBOX_TEXT: Space = "event_text";
/// Events that the zone found wrong: how many, by object, action and reason.
pub const REFUSED: Space = "event_refused";
/// Sums over the rows of the source.
pub const SOURCE_ROWS: Space = "source_rows";
/// What an administrator has confirmed, by its token.
pub const CONFIRMED: Space = "event_confirmations";
/// How far the publisher is.
pub const PROGRESS: Space = "event_progress";

/// Something to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A record in the place of what had its key.
    Put(Space, String, String),
    /// A record goes; one that is not there is no fault.
    Delete(Space, String),
}

impl Entry {
    /// About how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Put(_, key, value) => key.len() + value.len(),
            Self::Delete(_, key) => key.len(),
        }
    }
}

/// Keeps records for the publisher. Its functions block.
pub trait Shelf: Send {
    /// What a record holds.
    ///
    /// # Errors
    /// If it cannot be read.
    fn get(&self, space: Space, key: &str) -> Result<Option<String>, StoreFault>;

    /// The records of a space, by key.
    ///
    /// # Errors
    /// If they cannot be read.
    fn list(&self, space: Space) -> Result<Vec<Record>, StoreFault>;

    /// Writes all of it, or nothing; it is on the disk when this returns.
    ///
    /// # Errors
    /// If it is not known whether it is written.
    fn write(&self, entries: Vec<Entry>) -> Result<(), StoreFault>;
}

/// The records of a zone in a store. Must not be used in a thread that drives the runtime.
pub struct StoreShelf {
    store: Store,
    zone: Arc<str>,
    runtime: Handle,
}

impl StoreShelf {
    /// The records of `zone`.
    #[must_use]
    pub const fn new(store: Store, zone: Arc<str>, runtime: Handle) -> Self {
        Self { store, zone, runtime }
    }
}

impl Shelf for StoreShelf {
    fn get(&self, space: Space, key: &str) -> Result<Option<String>, StoreFault> {
        self.runtime.block_on(self.store.record(&self.zone, space, key))
    }

    fn list(&self, space: Space) -> Result<Vec<Record>, StoreFault> {
        self.runtime.block_on(self.store.records(&self.zone, space))
    }

    fn write(&self, entries: Vec<Entry>) -> Result<(), StoreFault> {
        let zone = || Arc::clone(&self.zone);
        let change = |entry| match entry {
            Entry::Put(space, key, value) => Change::PutRecord { zone: zone(), space, key, value },
            Entry::Delete(space, key) => Change::DeleteRecord { zone: zone(), space, key },
        };
        self.runtime.block_on(self.store.apply(entries.into_iter().map(change).collect()))
    }
}
