//! The queue of one agent: what it needs to know of each message, in order.
//!
//! Messages stand in lanes: events and others apart, since a blocked agent gets no events, and each level of security apart, since a
//! connection may be too weak for some. So the next message is the first of a few lane heads, however many wait.

use std::collections::{BTreeMap, HashMap, VecDeque};

use sif::message::{MessageKind, Security, Version};
use store::{Millis, Number};

use super::seen::{Id, MessageKey};

/// A message in a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub key: MessageKey,
    pub kind: MessageKind,
    pub version: Version,
    pub security: Security,
    pub size: u64,
    pub attempts: u32,
    /// When it was last handed to the agent; 0 if it was not.
    pub delivered: Millis,
    /// The request or invocation that it belongs to.
    pub about: Option<Id>,
    position: u64,
}

impl Entry {
    pub const fn new(
        key: MessageKey,
        kind: MessageKind,
        version: Version,
        security: Security,
        size: u64,
        about: Option<Id>,
    ) -> Self {
        Self { key, kind, version, security, size, attempts: 0, delivered: 0, about, position: 0 }
    }

    /// Whether selective message blocking holds it back.
    pub const fn is_event(&self) -> bool {
        matches!(self.kind, MessageKind::Event)
    }
}

/// Whether a lane holds events, and what its messages ask of the channel.
type Lane = (bool, u8, u8);

/// Messages of one agent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    entries: HashMap<Number, Entry>,
    /// Positions and numbers; what is no longer in `entries` at that position is left out when it comes to the front.
    lanes: BTreeMap<Lane, VecDeque<(u64, Number)>>,
    by_key: HashMap<MessageKey, Number>,
    next: u64,
    bytes: u64,
}

impl Queue {
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    pub fn get(&self, number: Number) -> Option<&Entry> {
        self.entries.get(&number)
    }

    pub fn get_mut(&mut self, number: Number) -> Option<&mut Entry> {
        self.entries.get_mut(&number)
    }

    /// Puts a message at the end. One that is in the queue already stays where it is.
    pub fn push(&mut self, number: Number, mut entry: Entry) {
        if self.entries.contains_key(&number) {
            return;
        }
        entry.position = self.next;
        self.next += 1;
        let lane = (entry.is_event(), entry.security.authentication, entry.security.encryption);
        self.lanes.entry(lane).or_default().push_back((entry.position, number));
        // Two messages with one key only meet when the first was forgotten among the ids that were seen; the first keeps the place.
        self.by_key.entry(entry.key.clone()).or_insert(number);
        self.bytes += entry.size;
        self.entries.insert(number, entry);
    }

    /// The message with a key.
    pub fn find(&self, key: &MessageKey) -> Option<Number> {
        let number = *self.by_key.get(key)?;
        self.entries.contains_key(&number).then_some(number)
    }

    pub fn remove(&mut self, number: Number) -> Option<Entry> {
        let entry = self.entries.remove(&number)?;
        self.bytes -= entry.size;
        if self.by_key.get(&entry.key) == Some(&number) {
            self.by_key.remove(&entry.key);
        }
        let lane = (entry.is_event(), entry.security.authentication, entry.security.encryption);
        if let Some(lane) = self.lanes.get_mut(&lane) {
            Self::tidy(lane, &self.entries);
        }
        Some(entry)
    }

    pub fn clear(&mut self) {
        let next = self.next;
        *self = Self { next, ..Self::default() };
    }

    /// The first message that may go through a channel, and is known to be kept.
    pub fn head(&self, frozen: bool, channel: Security, durable: Number) -> Option<Number> {
        let open = self.lanes.iter().filter(|((event, authentication, encryption), _)| {
            !(*event && frozen) && *authentication <= channel.authentication && *encryption <= channel.encryption
        });
        let first = open.filter_map(|(_, lane)| lane.front()).min();
        // Messages are kept in order: if the first is not, none behind it is.
        first.map(|(_, number)| *number).filter(|number| *number <= durable)
    }

    /// All messages, in order. Sorts them, so it is for few occasions.
    pub fn in_order(&self) -> Vec<(Number, &Entry)> {
        let mut all: Vec<_> = self.entries.iter().map(|(number, entry)| (*number, entry)).collect();
        all.sort_unstable_by_key(|(_, entry)| entry.position);
        all
    }

    /// Numbers of the messages that a condition holds for, in order.
    pub fn numbers(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<Number> {
        let mut found: Vec<_> = self
            .entries
            .iter()
            .filter(|(_, entry)| wanted(entry))
            .map(|(number, entry)| (entry.position, *number))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, number)| number).collect()
    }

    /// Leaves out what is gone: at the front always, elsewhere when it is more than half.
    fn tidy(lane: &mut VecDeque<(u64, Number)>, entries: &HashMap<Number, Entry>) {
        let lives =
            |&(position, number): &(u64, Number)| entries.get(&number).is_some_and(|entry| entry.position == position);
        while lane.front().is_some_and(|first| !lives(first)) {
            lane.pop_front();
        }
        if lane.len() > 64 && lane.len() > 2 * entries.len() {
            lane.retain(lives);
        }
    }
}
