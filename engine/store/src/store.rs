//! A store that is open: what can be asked of it, whichever database is behind it.

use std::fmt;
use std::sync::Arc;

use crate::address::Address;
use crate::change::{Change, Millis, Number};
use crate::claim::{self, Claim, Claims, Hold, Standing};
use crate::postgres;
use crate::rows::{DeadLetter, MessageFilter, MessageHistory, MessageSummary, Record, ZoneState};
use crate::sqlite;
use crate::writer::{Pending, Writer};
use crate::{Document, StoreFault};

/// Connections that read at a time, where nothing else is asked.
const READERS: u32 = 8;

/// A store. Cheap to clone; the last clone that is dropped waits for what was submitted.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    // First: what was submitted is written before the readers go.
    writer: Writer,
    reader: Reader,
    claims: Arc<Claims>,
}

enum Reader {
    Sqlite(sqlite::Reader),
    Postgres(Box<postgres::Reader>),
}

/// Calls the same function of whichever reader there is.
macro_rules! read {
    ($store:expr, $name:ident($($argument:expr),*)) => {
        match &$store.inner.reader {
            Reader::Sqlite(reader) => reader.$name($($argument),*).await,
            Reader::Postgres(reader) => reader.$name($($argument),*).await,
        }
    };
}

impl Store {
    /// Opens a store, makes it if there is none, and brings it up to date.
    ///
    /// `url` is `sqlite:PATH` or `postgres://…`. Call it within a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`StoreFault::Lost`] if the database cannot be reached, or was written by a newer version of this program.
    pub async fn open(url: &str) -> Result<Self, StoreFault> {
        Self::open_with_readers(url, READERS).await
    }

    /// As [`Store::open`], with at most so many connections that read (at least one).
    ///
    /// # Errors
    ///
    /// As [`Store::open`].
    pub async fn open_with_readers(url: &str, readers: u32) -> Result<Self, StoreFault> {
        let readers = readers.max(1);
        let claims = Arc::<Claims>::default();
        let (writer, reader) = match Address::read(url)? {
            Address::Sqlite { path, is_synced } => {
                let (writer, reader) = sqlite::open(path, is_synced, readers).await?;
                (writer, Reader::Sqlite(reader))
            }
            Address::Postgres(url) => {
                let (writer, reader) = postgres::open(&url, readers, Arc::clone(&claims)).await?;
                (writer, Reader::Postgres(Box::new(reader)))
            }
        };
        Ok(Self { inner: Arc::new(Inner { writer, reader, claims }) })
    }

    /// Claims a zone, so that no other process serves it. One that has just ended, or is about to, is waited for (two seconds).
    ///
    /// # Errors
    ///
    /// [`StoreFault::Taken`] if another process, or another claim of this one, has it; [`StoreFault::Lost`] if it cannot be known.
    pub async fn claim(&self, zone: &str) -> Result<Claim, StoreFault> {
        Claim::take(self.clone(), zone).await
    }

    pub(crate) fn claims(&self) -> &Claims {
        &self.inner.claims
    }

    /// Takes the lock of a zone.
    pub(crate) async fn hold(
        &self,
        zone: &str,
        standing: &Arc<Standing>,
        before: Option<&postgres::Ended>,
    ) -> Result<Hold, StoreFault> {
        match &self.inner.reader {
            Reader::Sqlite(reader) => claim::hold_file(reader.path(), zone, standing),
            Reader::Postgres(reader) => reader.claim(zone, standing, before).await.map(Hold::Session),
        }
    }

    /// Waits until all is answered that was submitted before.
    pub(crate) async fn settle(&self) -> Result<(), StoreFault> {
        self.inner.writer.settle().await
    }

    /// Writes a list of changes as one transaction. When this gives `Ok`, they are on the disk.
    ///
    /// Lists are written in the order of the calls (of the first poll; where that is not enough, see [`Store::submit`]). Dropping
    /// the future takes nothing back.
    ///
    /// # Errors
    ///
    /// [`StoreFault::Refused`] if a change contradicts what is there: nothing of this list was written. [`StoreFault::Lost`] if the
    /// database failed: from then on everything is lost until [`Store::recover`] succeeds.
    pub async fn apply(&self, changes: Vec<Change>) -> Result<(), StoreFault> {
        self.submit(changes).await
    }

    /// As [`Store::apply`], but the list has its place in the order when this returns, and is written even if the answer is dropped.
    pub fn submit(&self, changes: Vec<Change>) -> Pending {
        self.inner.writer.submit(changes)
    }

    /// Whether a commit failed, and nothing is taken until [`Store::recover`] succeeds.
    pub fn is_failing(&self) -> bool {
        self.inner.writer.is_failing()
    }

    /// Connects anew after a failure. Does nothing while the store is well.
    ///
    /// What was submitted before is answered before. What failed stays failed: a zone must be loaded anew, since it is not known
    /// what of it was written.
    ///
    /// # Errors
    ///
    /// [`StoreFault::Lost`] while the cause is still there.
    pub async fn recover(&self) -> Result<(), StoreFault> {
        self.inner.writer.recover().await
    }

    /// Waits until all that was submitted is written, and ends the writer and all connections. Later changes are lost.
    pub async fn close(&self) {
        self.inner.writer.close().await;
        match &self.inner.reader {
            Reader::Sqlite(reader) => reader.close().await,
            Reader::Postgres(reader) => reader.close().await,
        }
    }

    /// What a zone needs to start: its last number, its queues, and the ids seen since a time.
    ///
    /// # Errors
    ///
    /// [`StoreFault::Lost`] if the database cannot be read; [`StoreFault::Damaged`] if a message of a queue makes no sense.
    pub async fn load(&self, zone: &str, seen_since: Millis) -> Result<ZoneState, StoreFault> {
        read!(self, load(zone, seen_since))
    }

    /// The records of a space, by key.
    ///
    /// # Errors
    ///
    /// [`StoreFault::Lost`] if the database cannot be read; [`StoreFault::Damaged`] if a record is not what was written.
    pub async fn records(&self, zone: &str, space: &str) -> Result<Vec<Record>, StoreFault> {
        read!(self, records(zone, space))
    }

    /// What a record holds.
    ///
    /// # Errors
    ///
    /// As [`Store::records`].
    pub async fn record(&self, zone: &str, space: &str, key: &str) -> Result<Option<String>, StoreFault> {
        read!(self, record(zone, space, key))
    }

    /// The text of a message that waits in an agent's queue or lies among its dead letters: the agent's own, if it has one, else
    /// what was received. None where neither is so, so that nobody is given what it may not see.
    ///
    /// # Errors
    ///
    /// [`StoreFault::Lost`] if the database cannot be read; [`StoreFault::Damaged`] if the text is not what was written.
    pub async fn document(&self, zone: &str, agent: &str, number: Number) -> Result<Option<Document>, StoreFault> {
        read!(self, document(zone, agent, number))
    }

    /// The text of a message as it was received.
    ///
    /// # Errors
    ///
    /// As [`Store::document`].
    pub async fn original(&self, zone: &str, number: Number) -> Result<Option<Document>, StoreFault> {
        read!(self, original(zone, number))
    }

    /// Messages, the newest first.
    ///
    /// # Errors
    ///
    /// [`StoreFault::Lost`] if the database cannot be read; [`StoreFault::Damaged`] if a message is not what was written.
    pub async fn messages(&self, zone: &str, filter: &MessageFilter) -> Result<Vec<MessageSummary>, StoreFault> {
        read!(self, messages(zone, filter))
    }

    /// A message and what happened to it.
    ///
    /// # Errors
    ///
    /// As [`Store::messages`].
    pub async fn history(&self, zone: &str, number: Number) -> Result<Option<MessageHistory>, StoreFault> {
        read!(self, history(zone, number))
    }

    /// At most `limit` dead letters of one agent or all, the newest message first; of one message, by agent. `before` is the
    /// message and agent of the last letter of the page before.
    ///
    /// # Errors
    ///
    /// As [`Store::messages`].
    pub async fn dead_letters(
        &self,
        zone: &str,
        agent: Option<&str>,
        limit: u32,
        before: Option<(Number, &str)>,
    ) -> Result<Vec<DeadLetter>, StoreFault> {
        read!(self, dead_letters(zone, agent, limit, before))
    }
}

impl fmt::Debug for Store {
    /// Without the URL, which may hold a password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Store").field("is_failing", &self.is_failing()).finish_non_exhaustive()
    }
}
