//! What can be read back.

use crate::change::{Hop, Millis, Number};

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its key within its space.
    pub key: String,
    /// What it holds.
    pub value: String,
}

/// A message in a queue, without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// The agent whose queue it is.
    pub agent: String,
    /// The message.
    pub message: Number,
    /// Failed deliveries so far.
    pub attempts: u32,
    /// What the queue needs to know of it, as it was given.
    pub envelope: String,
}

/// A sender and an id that it used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenId {
    /// SIF_SourceId.
    pub source: String,
    /// SIF_MsgId.
    pub message_id: String,
    /// When.
    pub at: Millis,
}

/// What a zone needs to start again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ZoneState {
    /// The greatest number of a message so far; 0 if there was none.
    pub last_number: Number,
    /// All queues, each in its order: that in which messages were put into it.
    pub queued: Vec<Queued>,
    /// Ids seen since the time that was asked for, those of kept messages among them.
    pub seen: Vec<SeenId>,
}

/// A message in a list, without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageSummary {
    /// Its number.
    pub number: Number,
    /// SIF_MsgId.
    pub message_id: String,
    /// SIF_SourceId.
    pub source: String,
    /// Its kind.
    pub kind: String,
    /// Its object.
    pub object: Option<String>,
    /// When it was taken.
    pub received: Millis,
    /// Bytes of its text.
    pub size: i64,
}

/// A message with everything that happened to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageHistory {
    /// The message.
    pub message: MessageSummary,
    /// What happened, in order.
    pub hops: Vec<Hop>,
    /// Agents in whose queues it waits.
    pub waiting: Vec<String>,
    /// Agents among whose dead letters it is.
    pub dead: Vec<String>,
}

/// A dead letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The agent.
    pub agent: String,
    /// The message.
    pub message: MessageSummary,
    /// When it was given up.
    pub at: Millis,
    /// Why.
    pub reason: String,
}

/// Which messages a list is to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// Only with a number below this one: where the page before ended.
    pub before: Option<Number>,
    /// Only with this SIF_SourceId.
    pub source: Option<String>,
    /// Only that waited, wait or died in this agent's queue.
    pub agent: Option<String>,
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only about this object.
    pub object: Option<String>,
    /// Only with this SIF_MsgId.
    pub message_id: Option<String>,
    /// At most this many.
    pub limit: u32,
}
