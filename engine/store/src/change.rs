//! What can be written: each change is small, and a list of them is one transaction.

use std::sync::Arc;

use bytes::Bytes;

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = i64;

/// The number of a message in its zone: from 1, ascending in the order in which messages were taken.
pub type Number = i64;

/// A kind of record, such as `agent`, `request` or `user`: the first part of its key within the zone.
pub type Space = &'static str;

/// A message that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// Its number.
    pub number: Number,
    /// Its SIF_MsgId.
    pub message_id: String,
    /// Its SIF_SourceId.
    pub source: String,
    /// Its kind, such as `SIF_Event`.
    pub kind: String,
    /// The object that it is about; none for messages that are about none.
    pub object: Option<String>,
    /// When it was taken.
    pub received: Millis,
    /// What the queue needs to know of it without reading it; only its writer understands it.
    pub envelope: String,
    /// Its text.
    pub document: Bytes,
}

/// Something that happened to a message: a line of its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The message.
    pub message: Number,
    /// When.
    pub at: Millis,
    /// The agent that it happened with.
    pub agent: String,
    /// What happened, in one word: `delivered`, `acknowledged`, `failed`, `buried`, `skipped`, `resent`, `purged`.
    pub what: String,
    /// Status or error, such as `1` or `10/4`; empty where there is none.
    pub code: String,
    /// Why, without values of the message.
    pub detail: String,
}

/// One change. All keys start with the zone; text that is no name of ours is opaque.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Writes a record, in the place of what had its key.
    PutRecord {
        /// The zone; empty for what belongs to the whole server.
        zone: Arc<str>,
        /// The kind of record.
        space: Space,
        /// Its key within the space.
        key: String,
        /// What it holds.
        value: String,
    },
    /// Removes a record; one that is not there is no fault.
    DeleteRecord {
        /// The zone.
        zone: Arc<str>,
        /// The kind of record.
        space: Space,
        /// Its key.
        key: String,
    },
    /// Keeps a message. Its number is new.
    AddMessage {
        /// The zone.
        zone: Arc<str>,
        /// The message.
        message: NewMessage,
    },
    /// Remembers that a sender used a SIF_MsgId in a message that is not kept.
    Seen {
        /// The zone.
        zone: Arc<str>,
        /// SIF_SourceId.
        source: String,
        /// SIF_MsgId.
        message_id: String,
        /// When.
        at: Millis,
    },
    /// Puts a message at the end of an agent's queue.
    Enqueue {
        /// The zone.
        zone: Arc<str>,
        /// The agent.
        agent: String,
        /// The message.
        message: Number,
        /// Its text for this agent, where it differs from what was received.
        document: Option<Bytes>,
    },
    /// Takes a message out of an agent's queue: it was delivered, or is not wanted any more.
    Dequeue {
        /// The zone.
        zone: Arc<str>,
        /// The agent.
        agent: String,
        /// The message.
        message: Number,
    },
    /// Counts failed deliveries of a message in a queue.
    Attempts {
        /// The zone.
        zone: Arc<str>,
        /// The agent.
        agent: String,
        /// The message.
        message: Number,
        /// How many there were.
        attempts: u32,
    },
    /// Takes a message out of an agent's queue and keeps it among its dead letters.
    Bury {
        /// The zone.
        zone: Arc<str>,
        /// The agent.
        agent: String,
        /// The message.
        message: Number,
        /// When.
        at: Millis,
        /// Why.
        reason: String,
    },
    /// Puts a dead letter back at the end of its agent's queue, or drops it.
    Unbury {
        /// The zone.
        zone: Arc<str>,
        /// The agent.
        agent: String,
        /// The message.
        message: Number,
        /// Whether it goes back into the queue.
        requeue: bool,
    },
    /// Empties an agent's queue.
    Purge {
        /// The zone.
        zone: Arc<str>,
        /// The agent.
        agent: String,
    },
    /// Adds a line to a message's history.
    AddHop {
        /// The zone.
        zone: Arc<str>,
        /// What happened.
        hop: Hop,
    },
    /// Forgets messages and their history that were received before a time and wait in no queue and among no dead letters,
    /// and ids that were seen before it.
    Forget {
        /// The zone.
        zone: Arc<str>,
        /// The time.
        before: Millis,
    },
}

impl Change {
    /// The zone that it changes.
    pub(crate) fn zone(&self) -> &str {
        match self {
            Self::PutRecord { zone, .. }
            | Self::DeleteRecord { zone, .. }
            | Self::AddMessage { zone, .. }
            | Self::Seen { zone, .. }
            | Self::Enqueue { zone, .. }
            | Self::Dequeue { zone, .. }
            | Self::Attempts { zone, .. }
            | Self::Bury { zone, .. }
            | Self::Unbury { zone, .. }
            | Self::Purge { zone, .. }
            | Self::AddHop { zone, .. }
            | Self::Forget { zone, .. } => zone,
        }
    }
}
