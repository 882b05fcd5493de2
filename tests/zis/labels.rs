//! The labels of a conversation: which ids they stand for, and what was sent under them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use bytes::Bytes;

/// What was sent under a label.
#[derive(Clone, Debug)]
pub struct Sent {
    pub source: String,
    pub document: Bytes,
}

/// Labels and ids.
#[derive(Debug)]
pub struct Labels {
    zone: String,
    ids: Mutex<BTreeMap<String, String>>,
    sent: Mutex<BTreeMap<String, Sent>>,
    invokers: Mutex<BTreeMap<String, String>>,
}

impl Labels {
    /// Of a conversation in a zone.
    pub fn new(zone: &str) -> Self {
        Self { zone: zone.to_owned(), ids: Mutex::default(), sent: Mutex::default(), invokers: Mutex::default() }
    }

    /// The id that a label stands for; the same whenever it is asked for.
    pub fn id(&self, label: &str) -> String {
        self.ids.lock().unwrap().entry(label.to_owned()).or_insert_with(agent::message_id).clone()
    }

    /// The label of an id, for who reads what went wrong; the id itself where it has none.
    pub fn label_of(&self, id: &str) -> String {
        let ids = self.ids.lock().unwrap();
        ids.iter().find(|(_, known)| *known == id).map_or_else(|| id.to_owned(), |(label, _)| label.clone())
    }

    /// An agent's name; `zone` is the zone's.
    pub fn name(&self, agent: &str) -> String {
        if agent == "zone" { self.zone.clone() } else { agent.to_owned() }
    }

    /// Remembers what was sent. Who first sent something of a service's invocation is its invoker.
    pub fn keep(&self, label: Option<&str>, invocation: Option<&str>, sent: Sent) {
        if let Some(invocation) = invocation {
            self.invokers.lock().unwrap().entry(invocation.to_owned()).or_insert_with(|| sent.source.clone());
        }
        if let Some(label) = label {
            self.sent.lock().unwrap().insert(label.to_owned(), sent);
        }
    }

    /// What was sent under a label.
    pub fn sent(&self, label: &str) -> Option<Sent> {
        self.sent.lock().unwrap().get(label).cloned()
    }

    /// Who invoked a service.
    pub fn invoker(&self, invocation: &str) -> Option<String> {
        self.invokers.lock().unwrap().get(invocation).cloned()
    }

    /// Puts ids in the place of `{id:LABEL}`.
    pub fn fill(&self, text: &str) -> String {
        let mut parts = text.split("{id:");
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (label, rest) = part.split_once('}').unwrap_or((part, ""));
            filled.push_str(&self.id(label));
            filled.push_str(rest);
        }
        filled
    }
}
