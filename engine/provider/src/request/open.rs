//! A request that is being answered, as the store keeps it.

use std::sync::Arc;

use graph::Date;
use serde::{Deserialize, Serialize};
use store::{Change, Space, Store, StoreFault};

use crate::mapping::Position;

/// The records of open requests, by SIF_MsgId.
pub(crate) const PROGRESS: Space = "progress";

/// A request that was taken, and how far its answer is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Open {
    /// The SIF_Request, as it came.
    pub document: String,
    /// The requester.
    pub requester: String,
    /// The date that the answer is true for.
    #[serde(with = "date")]
    pub as_of: Date,
    /// When it was taken, among others: they are answered in this order after a restart.
    pub taken: u64,
    /// The generation that the last packet was made by, for whoever looks.
    pub generation: String,
    /// Packets that the zone has.
    pub sent: u32,
    /// What they reach to.
    pub reached: Mark,
    /// The packet that comes next, once it may have been sent: whether the zone has it is not known.
    pub next: Option<Next>,
}

/// How far an answer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// The last instance; none where there was none, and for rows that are joined or sorted.
    pub position: Option<Position>,
    /// How many instances or rows.
    pub count: u64,
}

/// A packet that may have been sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Next {
    /// What it reaches to.
    pub until: Mark,
    /// Whether it said that more packets follow.
    pub more: bool,
}

/// The records of one zone's open requests.
#[derive(Clone)]
pub(crate) struct Progress {
    pub store: Store,
    pub zone: Arc<str>,
}

impl Progress {
    /// Keeps how far a request is; it is on the disk when this ends.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub(crate) async fn keep(&self, id: &str, open: &Open) -> Result<(), StoreFault> {
        let value = serde_json::to_string(open).map_err(|error| StoreFault::Damaged(error.to_string()))?;
        let key = id.to_owned();
        self.store.apply(vec![Change::PutRecord { zone: Arc::clone(&self.zone), space: PROGRESS, key, value }]).await
    }

    /// Forgets a request whose answer is complete.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub(crate) async fn forget(&self, id: &str) -> Result<(), StoreFault> {
        let key = id.to_owned();
        self.store.apply(vec![Change::DeleteRecord { zone: Arc::clone(&self.zone), space: PROGRESS, key }]).await
    }

    /// All open requests, in the order in which they were taken.
    ///
    /// # Errors
    /// If the store cannot be read, or a record makes no sense.
    pub(crate) async fn all(&self) -> Result<Vec<(String, Open)>, StoreFault> {
        let mut all = Vec::new();
        for record in self.store.records(&self.zone, PROGRESS).await? {
            let open = parsed(&record.key, &record.value)?;
            all.push((record.key, open));
        }
        all.sort_by_key(|(_, open)| open.taken);
        Ok(all)
    }

    /// One open request.
    ///
    /// # Errors
    /// If the store cannot be read, or the record makes no sense.
    pub(crate) async fn one(&self, id: &str) -> Result<Option<Open>, StoreFault> {
        let Some(value) = self.store.record(&self.zone, PROGRESS, id).await? else { return Ok(None) };
        parsed(id, &value).map(Some)
    }
}

fn parsed(id: &str, value: &str) -> Result<Open, StoreFault> {
    serde_json::from_str(value).map_err(|_| StoreFault::Damaged(format!("the progress of request {id}")))
}

/// A date as a text.
mod date {
    use graph::Date;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(date)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}
