//! A store in memory: what a list of changes leaves behind.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use store::{Change, Hop, Millis, NewMessage, Number, Queued, Record, SeenId, ZoneState};

#[derive(Clone, Debug, Default)]
pub struct Memory {
    pub records: BTreeMap<(&'static str, String), String>,
    pub messages: BTreeMap<Number, NewMessage>,
    /// By agent, in order: number, attempts, text of its own.
    pub queues: BTreeMap<String, Vec<(Number, u32, Option<Bytes>)>>,
    pub dead: BTreeMap<(String, Number), (String, Option<Bytes>)>,
    pub hops: Vec<Hop>,
    seen: Vec<SeenId>,
    last: Number,
}

impl Memory {
    pub fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            self.apply_one(change);
        }
    }

    fn queue(&mut self, agent: &str) -> &mut Vec<(Number, u32, Option<Bytes>)> {
        self.queues.entry(agent.to_owned()).or_default()
    }

    fn apply_one(&mut self, change: &Change) {
        match change {
            Change::PutRecord { space, key, value, .. } => {
                self.records.insert((space, key.clone()), value.clone());
            }
            Change::DeleteRecord { space, key, .. } => {
                self.records.remove(&(*space, key.clone()));
            }
            Change::AddMessage { message, .. } => {
                assert!(message.number > self.last, "numbers ascend");
                self.last = message.number;
                self.messages.insert(message.number, message.clone());
            }
            Change::Seen { source, message_id, at, .. } => {
                self.seen.push(SeenId { source: source.clone(), message_id: message_id.clone(), at: *at })
            }
            Change::Enqueue { agent, message, document, .. } => {
                assert!(self.messages.contains_key(message), "what is put into a queue is kept");
                let queue = self.queue(agent);
                assert!(!queue.iter().any(|(number, ..)| number == message), "nothing is in a queue twice");
                queue.push((*message, 0, document.clone()));
            }
            Change::Dequeue { agent, message, .. } => {
                let queue = self.queue(agent);
                let before = queue.len();
                queue.retain(|(number, ..)| number != message);
                assert_eq!(queue.len() + 1, before, "what is taken out was in");
            }
            Change::Attempts { agent, message, attempts, .. } => {
                let entry = self.queue(agent).iter_mut().find(|(number, ..)| number == message);
                entry.expect("attempts are of a message that waits").1 = *attempts;
            }
            Change::Bury { agent, message, reason, .. } => {
                let queue = self.queue(agent);
                let at =
                    queue.iter().position(|(number, ..)| number == message).expect("what is buried was in the queue");
                let (_, _, document) = queue.remove(at);
                self.dead.insert((agent.clone(), *message), (reason.clone(), document));
            }
            Change::Unbury { agent, message, requeue, .. } => {
                let (_, document) = self.dead.remove(&(agent.clone(), *message)).expect("a dead letter");
                if *requeue {
                    self.queue(agent).push((*message, 0, document));
                }
            }
            Change::Purge { agent, .. } => self.queue(agent).clear(),
            Change::AddHop { hop, .. } => {
                assert!(self.messages.contains_key(&hop.message), "what has a history is kept");
                self.hops.push(hop.clone());
            }
            Change::Forget { before, .. } => self.forget(*before),
        }
    }

    fn forget(&mut self, before: Millis) {
        let waiting: BTreeSet<Number> = self
            .queues
            .values()
            .flatten()
            .map(|(number, ..)| *number)
            .chain(self.dead.keys().map(|key| key.1))
            .collect();
        self.messages.retain(|number, message| message.received >= before || waiting.contains(number));
        let messages = &self.messages;
        self.hops.retain(|hop| messages.contains_key(&hop.message));
        self.seen.retain(|seen| seen.at >= before);
    }

    pub fn state(&self, since: Millis) -> ZoneState {
        let queued = self.queues.iter().flat_map(|(agent, queue)| {
            queue.iter().map(|(number, attempts, _)| Queued {
                agent: agent.clone(),
                message: *number,
                attempts: *attempts,
                envelope: self.messages[number].envelope.clone(),
            })
        });
        let kept = self.messages.values().map(|message| SeenId {
            source: message.source.clone(),
            message_id: message.message_id.clone(),
            at: message.received,
        });
        let seen = self.seen.iter().cloned().chain(kept).filter(|seen| seen.at >= since);
        ZoneState { last_number: self.last, queued: queued.collect(), seen: seen.collect() }
    }

    pub fn records(&self, space: &str) -> Vec<Record> {
        let wanted = self.records.iter().filter(|((own, _), _)| *own == space);
        wanted.map(|((_, key), value)| Record { key: key.clone(), value: value.clone() }).collect()
    }

    /// The text that an agent gets of a message.
    pub fn document(&self, agent: &str, number: Number) -> Option<Bytes> {
        let own = self.queues.get(agent)?.iter().find(|(own, ..)| *own == number)?;
        own.2.clone().or_else(|| self.messages.get(&number).map(|message| message.document.clone()))
    }
}
