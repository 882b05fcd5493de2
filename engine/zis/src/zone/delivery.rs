//! Puts messages into queues, if the agents can take them.

use std::sync::Arc;

use bytes::Bytes;
use sif::message::{Message, MessageKind, Security, Version};
use store::{Change, Hop, NewMessage, Number};

use super::Zone;
use super::queue::Entry;
use super::record::Envelope;
use super::seen::{Id, MessageKey};
use super::types::{Delivery, Moment, Step};

/// A message that is kept, and may be put into queues.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    pub number: Number,
    pub key: MessageKey,
    pub kind: MessageKind,
    pub version: Version,
    pub security: Security,
    pub size: u64,
    pub about: Option<Id>,
}

/// Why an agent cannot take a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    Buffer,
    Security,
    Version,
}

impl Misfit {
    /// The code of category 4 of SIF_LogEntry.
    pub const fn log_code(self) -> u8 {
        match self {
            Self::Buffer => 2,
            Self::Security => 3,
            Self::Version => 4,
        }
    }

    pub const fn why(self) -> &'static str {
        match self {
            Self::Buffer => "it is larger than the agent's SIF_MaxBufferSize",
            Self::Security => "the agent's connection is weaker than its SIF_Security asks for",
            Self::Version => "the agent does not support its version",
        }
    }
}

impl Zone {
    /// Whether an agent can take a message. Not registered: it cannot.
    pub(crate) fn fits(&self, agent: &str, version: Version, security: Security, size: u64) -> Result<(), Misfit> {
        let Some((agent, registration)) = self.agents.get(agent).and_then(|agent| Some((agent, agent.registration()?)))
        else {
            return Err(Misfit::Version);
        };
        let channel = agent.expected_channel();
        if size > registration.buffer {
            Err(Misfit::Buffer)
        } else if security.authentication > channel.authentication || security.encryption > channel.encryption {
            Err(Misfit::Security)
        } else if !agent.takes(version) {
            Err(Misfit::Version)
        } else {
            Ok(())
        }
    }

    /// The same for a message as it was received.
    pub(crate) fn takes(&self, agent: &str, message: &Message) -> Result<(), Misfit> {
        self.fits(agent, message.version, security(message), message.document.len() as u64)
    }

    pub(crate) fn is_registered(&self, agent: &str) -> bool {
        self.agents.get(agent).is_some_and(|agent| agent.registration().is_some())
    }

    /// Whether a message waits for an agent, and is not being given to it now.
    pub(crate) fn waits(&self, agent: &str, number: Number) -> bool {
        let state = self.agents.get(agent);
        state.is_some_and(|state| state.queue.get(number).is_some() && state.flight != Some(number))
    }

    /// Whether no more may be put into an agent's queue.
    pub(crate) fn is_full(&self, agent: &str) -> bool {
        let most = self.config.options.max_queue;
        self.agents.get(agent).is_some_and(|agent| agent.queue.len() as u64 >= most)
    }

    /// Keeps a message that was received, and remembers its id.
    pub(crate) fn keep(
        &mut self,
        message: &Message,
        object: Option<&str>,
        about: Option<&str>,
        now: Moment,
        step: &mut Step,
    ) -> Parcel {
        let header = &message.header;
        let key = self.key(&header.source_id, &header.message_id);
        self.seen.add(key.clone(), now.0);
        self.last_number += 1;
        let parcel = parcel(message, self.last_number, key, about);
        self.add_message(&parcel, object, message.document.clone(), now, step);
        parcel
    }

    /// Keeps a message of the zone's own.
    pub(crate) fn keep_own(&mut self, own: &super::own::Own, now: Moment, step: &mut Step) -> Parcel {
        let name = Arc::clone(&self.name);
        let key = self.key(&name, &own.message_id);
        self.last_number += 1;
        let parcel = Parcel {
            number: self.last_number,
            key,
            kind: own.kind,
            version: own.version,
            security: Security::default(),
            size: own.document.len() as u64,
            about: own.about.as_deref().map(Id::new),
        };
        self.add_message(&parcel, own.object.as_deref(), own.document.clone(), now, step);
        parcel
    }

    fn add_message(&mut self, parcel: &Parcel, object: Option<&str>, document: Bytes, now: Moment, step: &mut Step) {
        let source = self.sources.name(parcel.key.source).to_owned();
        let message_id = parcel.key.id.text();
        let envelope = Envelope {
            message_id: message_id.clone(),
            source: source.clone(),
            kind: parcel.kind.name().to_owned(),
            version: parcel.version.to_string(),
            size: parcel.size,
            authentication: parcel.security.authentication,
            encryption: parcel.security.encryption,
            about: parcel.about.as_ref().map(Id::text),
        };
        let message = NewMessage {
            number: parcel.number,
            message_id,
            source,
            kind: parcel.kind.name().to_owned(),
            object: object.map(str::to_owned),
            received: now.0,
            envelope: serde_json::to_string(&envelope).unwrap_or_default(),
            document,
        };
        step.changes.push(Change::AddMessage { zone: self.zone_key(), message });
    }

    /// Puts a message at the end of an agent's queue.
    pub(crate) fn enqueue(&mut self, agent: &str, parcel: &Parcel, document: Option<Bytes>, step: &mut Step) {
        let Some(state) = self.agents.get_mut(agent) else { return };
        let entry = Entry::new(
            parcel.key.clone(),
            parcel.kind,
            parcel.version,
            parcel.security,
            parcel.size,
            parcel.about.clone(),
        );
        state.queue.push(parcel.number, entry);
        self.pending.push_back((parcel.number, agent.to_owned()));
        step.changes.push(Change::Enqueue {
            zone: self.zone_key(),
            agent: agent.to_owned(),
            message: parcel.number,
            document,
        });
    }

    /// Takes a message out of an agent's queue, because it was delivered or is not wanted any more.
    pub(crate) fn dequeue(
        &mut self,
        agent: &str,
        number: Number,
        hop: (&str, &str, &str),
        now: Moment,
        step: &mut Step,
    ) {
        let Some(state) = self.agents.get_mut(agent) else { return };
        let Some(delivered) = state.queue.get(number).map(|entry| entry.delivered) else { return };
        let changed = state.settle(number);
        if delivered != 0 {
            self.hop(number, agent, ("delivered", "", ""), Moment(delivered), step);
        }
        self.hop(number, agent, hop, now, step);
        step.changes.push(Change::Dequeue { zone: self.zone_key(), agent: agent.to_owned(), message: number });
        if changed {
            self.put_agent(agent, step);
        }
    }

    /// Adds a line to a message's history: what happened, its code, and why.
    pub(crate) fn hop(
        &self,
        message: Number,
        agent: &str,
        (what, code, detail): (&str, &str, &str),
        at: Moment,
        step: &mut Step,
    ) {
        let hop = Hop {
            message,
            at: at.0,
            agent: agent.to_owned(),
            what: what.to_owned(),
            code: code.to_owned(),
            detail: detail.to_owned(),
        };
        step.changes.push(Change::AddHop { zone: self.zone_key(), hop });
    }

    /// What is known of a message in a queue.
    pub(crate) fn delivery(&self, agent: &str, number: Number) -> Option<Delivery> {
        let entry = self.agents.get(agent)?.queue.get(number)?;
        Some(Delivery {
            agent: agent.to_owned(),
            number,
            message_id: entry.key.id.text(),
            source: self.sources.name(entry.key.source).to_owned(),
            kind: entry.kind,
            size: entry.size,
            attempts: entry.attempts,
            security: entry.security,
            version: entry.version,
        })
    }
}

/// What a message asks of channels: nothing, unless it says so.
pub(crate) fn security(message: &Message) -> Security {
    message.header.security.unwrap_or_default()
}

/// What a queue needs to know of a message.
pub(super) fn parcel(message: &Message, number: Number, key: MessageKey, about: Option<&str>) -> Parcel {
    Parcel {
        number,
        key,
        kind: message.kind,
        version: message.version,
        security: security(message),
        size: message.document.len() as u64,
        about: about.map(Id::new),
    }
}
