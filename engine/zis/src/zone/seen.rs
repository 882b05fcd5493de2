//! Ids of messages: small keys, and which of them were seen.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use store::Millis;
use uuid::Uuid;

/// The most ids that are remembered, however short the time: about 150 MB.
const MOST: usize = 2_000_000;

/// An id. Most are GUIDs, which take 16 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Id {
    Guid([u8; 16]),
    Text(Box<str>),
}

impl Id {
    pub fn new(text: &str) -> Self {
        // Only what is written back as it was may be kept as a number.
        let guid = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte));
        match Uuid::try_parse(text).ok().filter(|_| guid) {
            Some(uuid) => Self::Guid(*uuid.as_bytes()),
            None => Self::Text(text.into()),
        }
    }

    pub fn text(&self) -> String {
        match self {
            Self::Guid(bytes) => Uuid::from_bytes(*bytes).simple().encode_upper(&mut Uuid::encode_buffer()).to_owned(),
            Self::Text(text) => text.to_string(),
        }
    }
}

/// A message: the place of its source among [`Sources`], and its id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MessageKey {
    pub source: u32,
    pub id: Id,
}

/// Names of senders, each kept once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    names: Vec<Arc<str>>,
    places: HashMap<Arc<str>, u32>,
}

impl Sources {
    pub fn place(&mut self, name: &str) -> u32 {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let name: Arc<str> = name.into();
        let place = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(Arc::clone(&name));
        self.places.insert(name, place);
        place
    }

    pub fn find(&self, name: &str) -> Option<u32> {
        self.places.get(name).copied()
    }

    pub fn name(&self, place: u32) -> &str {
        self.names.get(place as usize).map_or("", |name| name)
    }
}

/// Ids that were seen, for a time.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    keys: HashSet<MessageKey>,
    order: VecDeque<(Millis, MessageKey)>,
    most: usize,
}

impl Default for Seen {
    fn default() -> Self {
        Self::bounded(MOST)
    }
}

impl Seen {
    /// Remembers so many ids at most.
    pub fn bounded(most: usize) -> Self {
        Self { keys: HashSet::new(), order: VecDeque::new(), most }
    }

    pub fn has(&self, key: &MessageKey) -> bool {
        self.keys.contains(key)
    }

    pub fn add(&mut self, key: MessageKey, at: Millis) {
        if self.keys.insert(key.clone()) {
            self.order.push_back((at, key));
        }
        while self.order.len() > self.most {
            self.drop_first();
        }
    }

    /// Forgets what was seen before a time.
    pub fn forget(&mut self, before: Millis) {
        while self.order.front().is_some_and(|(at, _)| *at < before) {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some((_, key)) = self.order.pop_front() {
            self.keys.remove(&key);
        }
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// All of them.
    #[cfg(test)]
    pub fn keys(&self) -> &HashSet<MessageKey> {
        &self.keys
    }
}
