//! The publisher's records: which owners there are, what was published of each, what waits for the zone, and how far it is.

use std::collections::{BTreeMap, BTreeSet};

use agent::Action;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use graph::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::StoreFault;
use uuid::Uuid;

use super::compact::{Packer, Unpacker};
use super::outbox::Waiting;
use super::shelf::{Entry, OUTBOX, OUTBOX_TEXT, OWNERS, PROGRESS, PUBLISHED, Shelf};
use super::state::{Owner, OwnerState};
use super::tally::Tally;
use super::work::Found;

/// How many keys share a record of the list of owners.
const KEYS_PER_RECORD: i64 = 1024;
/// So much is written at once, where so much may be kept in memory.
const BYTES_AT_ONCE: usize = 1 << 20;

/// How far the publisher is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// Whether it is known of every instance whether it was published.
    pub baseline: bool,
    /// The day of the last comparison.
    pub as_of: Date,
    /// The rulebook that it was made by.
    pub generation: String,
    /// A sum over the zone's options.
    pub zone: u64,
    /// Numbers the events.
    pub sequence: u64,
    /// Numbers the comparisons.
    pub comparison: u64,
    /// Whether a comparison was begun and not finished.
    pub running: bool,
    /// How many instances of each object are published.
    #[serde(default)]
    pub published: BTreeMap<String, u64>,
    /// The Deletes that the comparison has found which was begun and not finished, by object.
    #[serde(default)]
    pub deletes: BTreeMap<String, Tally>,
}

/// Whether what is noted may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hold {
    /// It is written when it is much.
    No,
    /// It is kept up to so many bytes.
    UpTo(usize),
    /// It was more, and is thrown away.
    Lost,
}

/// The records.
pub(super) struct Book {
    pub shelf: Box<dyn Shelf>,
    pub secret: Vec<u8>,
    pub progress: Progress,
    owners: BTreeMap<String, BTreeSet<i64>>,
    /// The records of the list of owners that are to be written.
    stale: BTreeSet<(String, i64)>,
    pending: Vec<Entry>,
    bytes: usize,
    /// How many bytes are noted before they are written.
    at_once: usize,
    hold: Hold,
    /// Makes the ids of events.
    namespace: Uuid,
}

impl Book {
    /// Opens the records of a zone. What is noted is written in portions of so many bytes at most, or of one owner.
    pub(super) fn open(shelf: Box<dyn Shelf>, zone: &str, most: usize) -> Result<Self, StoreFault> {
        let secret = match shelf.get(PROGRESS, "secret")? {
            Some(text) => {
                STANDARD_NO_PAD.decode(text).map_err(|_| StoreFault::Damaged("the secret of the sums".to_owned()))?
            }
            None => {
                let secret: Vec<u8> = [Uuid::new_v4(), Uuid::new_v4()].iter().flat_map(|id| *id.as_bytes()).collect();
                shelf.write(vec![Entry::Put(PROGRESS, "secret".to_owned(), STANDARD_NO_PAD.encode(&secret))])?;
                secret
            }
        };
        let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("sifter:event:{zone}").as_bytes());
        let progress = Progress::default();
        let (owners, stale, pending) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
        let (bytes, at_once, hold) = (0, BYTES_AT_ONCE.min(most).max(1), Hold::No);
        let mut book = Self { shelf, secret, progress, owners, stale, pending, bytes, at_once, hold, namespace };
        book.take_back()?;
        Ok(book)
    }

    /// Forgets what was noted and not written.
    pub(super) fn take_back(&mut self) -> Result<(), StoreFault> {
        let mut owners: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
        for record in self.shelf.list(OWNERS)? {
            let damaged = || StoreFault::Damaged("the list of what was published".to_owned());
            let (kind, _) = record.key.rsplit_once('/').ok_or_else(damaged)?;
            let mut keys = Unpacker::new(&record.value).ok_or_else(damaged)?;
            let all = owners.entry(kind.to_owned()).or_default();
            while !keys.is_done() {
                all.insert(keys.signed().ok_or_else(damaged)?);
            }
        }
        self.owners = owners;
        self.stale.clear();
        self.pending.clear();
        self.bytes = 0;
        self.progress = self.read("progress")?.unwrap_or_default();
        Ok(())
    }

    /// Writes nothing until [`Book::release`]; what is noted beyond so many bytes is lost.
    pub(super) fn hold(&mut self, most: usize) {
        self.hold = Hold::UpTo(most);
    }

    /// Lets it be written again; false if something was lost.
    pub(super) fn release(&mut self) -> bool {
        std::mem::replace(&mut self.hold, Hold::No) != Hold::Lost
    }

    /// Reads a record of the progress.
    pub(super) fn read<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreFault> {
        let damaged = |_| StoreFault::Damaged(format!("the progress of events: {key}"));
        self.shelf.get(PROGRESS, key)?.map(|text| serde_json::from_str(&text).map_err(damaged)).transpose()
    }

    /// A record of the progress, to be written.
    pub(super) fn entry<T: Serialize>(key: &str, value: &T) -> Result<Entry, StoreFault> {
        let text =
            serde_json::to_string(value).map_err(|_| StoreFault::Damaged(format!("the progress of events: {key}")))?;
        Ok(Entry::Put(PROGRESS, key.to_owned(), text))
    }

    /// The keys of the owners of a kind of which something was published.
    pub(super) fn owners(&self, kind: &str) -> impl Iterator<Item = i64> + '_ {
        self.owners.get(kind).into_iter().flatten().copied()
    }

    /// The kinds of owners.
    pub(super) fn kinds(&self) -> Vec<String> {
        self.owners.keys().cloned().collect()
    }

    /// What was published of an owner.
    pub(super) fn state(&self, owner: &Owner) -> Result<OwnerState, StoreFault> {
        if !self.owners.get(&owner.kind).is_some_and(|keys| keys.contains(&owner.key)) {
            return Ok(OwnerState::default());
        }
        let damaged = || StoreFault::Damaged(format!("what was published of {owner}"));
        let text = self.shelf.get(PUBLISHED, &owner.to_string())?.ok_or_else(damaged)?;
        OwnerState::decode(&text).ok_or_else(damaged)
    }

    /// Notes what is published of an owner from now on.
    pub(super) fn publish(&mut self, owner: &Owner, before: &OwnerState, state: &OwnerState) {
        for instance in &before.instances {
            if let Some(count) = self.progress.published.get_mut(&instance.object) {
                *count = count.saturating_sub(1);
            }
        }
        for instance in &state.instances {
            *self.progress.published.entry(instance.object.clone()).or_default() += 1;
        }
        let keys = self.owners.entry(owner.kind.clone()).or_default();
        let is_new = match state.instances.is_empty() {
            true => {
                self.pending.push(Entry::Delete(PUBLISHED, owner.to_string()));
                keys.remove(&owner.key)
            }
            false => {
                self.note(Entry::Put(PUBLISHED, owner.to_string(), state.encode()));
                self.owners.entry(owner.kind.clone()).or_default().insert(owner.key)
            }
        };
        if is_new {
            self.stale.insert((owner.kind.clone(), owner.key.div_euclid(KEYS_PER_RECORD)));
        }
    }

    /// Puts an event into the outbox. Deletes go before all others, each kind of object in its place: `place` for what comes and
    /// changes, the other way round for what goes.
    pub(super) fn send(&mut self, owner: &Owner, found: Found, place: usize, name: &str) -> Result<(), StoreFault> {
        self.progress.sequence += 1;
        let sequence = self.progress.sequence;
        let Found { label, action, key, xml, sum } = found;
        let text = format!("{label}|{key}|{action}|{sum:016x}|{sequence}");
        let id = Uuid::new_v5(&self.namespace, text.as_bytes()).simple().to_string().to_uppercase();
        let (phase, place) = if action == Action::Delete { (0, 999_usize.saturating_sub(place)) } else { (1, place) };
        let at = format!("{phase}{place:03}{sequence:016}");
        let waiting = Waiting {
            object: name.to_owned(),
            action: action.name().to_owned(),
            owner: owner.to_string(),
            key,
            message_id: id,
            comparison: self.progress.comparison,
        };
        let text = serde_json::to_string(&waiting).map_err(|_| StoreFault::Damaged("an event".to_owned()))?;
        self.note(Entry::Put(OUTBOX, at.clone(), text));
        self.note(Entry::Put(OUTBOX_TEXT, at, xml));
        Ok(())
    }

    fn note(&mut self, entry: Entry) {
        self.bytes += entry.size();
        self.pending.push(entry);
    }

    /// Writes what was noted, if it is much. To be called between owners.
    pub(super) fn breathe(&mut self) -> Result<(), StoreFault> {
        match self.hold {
            Hold::No if self.bytes >= self.at_once => self.write(Vec::new()),
            Hold::UpTo(most) if self.bytes > most => {
                self.hold = Hold::Lost;
                self.breathe()
            }
            Hold::Lost => {
                self.pending.clear();
                self.bytes = 0;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Writes what was noted, and `more`, as one transaction.
    pub(super) fn write(&mut self, more: Vec<Entry>) -> Result<(), StoreFault> {
        let mut entries = std::mem::take(&mut self.pending);
        self.bytes = 0;
        for (kind, number) in std::mem::take(&mut self.stale) {
            let first = number.saturating_mul(KEYS_PER_RECORD);
            let keys = self.owners.get(&kind).into_iter();
            let keys: Vec<i64> =
                keys.flat_map(|keys| keys.range(first..=first.saturating_add(KEYS_PER_RECORD - 1))).copied().collect();
            let key = format!("{kind}/{number}");
            entries.push(if keys.is_empty() {
                Entry::Delete(OWNERS, key)
            } else {
                let mut packer = Packer::default();
                keys.iter().for_each(|key| packer.signed(*key));
                Entry::Put(OWNERS, key, packer.finish())
            });
        }
        entries.push(Self::entry("progress", &self.progress)?);
        entries.extend(more);
        self.shelf.write(entries)
    }

    /// How many events wait.
    pub(super) fn waiting(&self) -> Result<usize, StoreFault> {
        Ok(self.shelf.list(OUTBOX)?.len())
    }
}
