//! A message comes in, an answer goes out.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{SecondsFormat, Utc};
use sif::message::{Header, Message, Original, Outcome, Payload, Refusal, Status, Version, error, write_ack};
use sif::tree::Names;
use sif::xml::read::Limits;
use store::{Number, StoreFault};
use tracing::error;

use super::{Broker, Unavailable, guid, lock};
use crate::Channel;
use crate::zone::{Answer, AnswerData, PushResult, Step};

/// So many names beyond those of the standard are remembered.
const MOST_NEW_NAMES: usize = 4096;

/// Messages from this size on are read where they keep nobody waiting.
const LARGE: usize = 128 << 10;

impl Broker {
    /// Takes a message and gives the SIF_Ack to it, once everything that it says is kept.
    ///
    /// The work is done to its end even if the future is dropped: a client that hangs up leaves nothing half done.
    pub async fn receive(&self, document: Bytes, channel: Channel) -> Bytes {
        let broker = self.clone();
        let task = tokio::spawn(async move { broker.handle(document, channel).await });
        match task.await {
            Ok(answer) => answer,
            Err(_) => self.sorry(None, None),
        }
    }

    /// Gives the SIF_Ack to what is no message.
    pub async fn refuse(&self, refusal: Refusal) -> Bytes {
        let broker = self.clone();
        let task = tokio::spawn(async move { broker.answer_refusal(&refusal).await });
        match task.await {
            Ok(answer) => answer,
            Err(_) => self.sorry(None, None),
        }
    }

    async fn handle(&self, document: Bytes, channel: Channel) -> Bytes {
        let working = self.work();
        let answer = match self.read(document).await {
            Ok(message) => self.answer_message(&message, &channel).await,
            Err(refusal) => self.answer_refusal(&refusal).await,
        };
        drop(working);
        answer
    }

    async fn read(&self, document: Bytes) -> Result<Message, Refusal> {
        let limits =
            Limits { size: usize::try_from(self.max_message_size()).unwrap_or(usize::MAX), ..Limits::default() };
        let names = Arc::clone(&lock(&self.0.names));
        if document.len() < LARGE {
            return Message::read_with(&document, &limits, &names);
        }
        let read = move || Message::read_with(&document, &limits, &names);
        tokio::task::spawn_blocking(read).await.unwrap_or_else(|_| {
            let description = "the message could not be read".to_owned();
            Err(Refusal { error: error::SYSTEM, description, original: None, version: None })
        })
    }

    async fn answer_message(&self, message: &Message, channel: &Channel) -> Bytes {
        let stepped = self.step(|zone, now| {
            let step = zone.receive(message, channel, now);
            (step, zone.header(now))
        });
        let (original, version) = (Original::of(&message.header), Some(message.version));
        let kind = message.kind.name();
        let (answer, header) = match stepped.await {
            Ok((step, header)) => match step.answer {
                Some(answer) => (answer, header),
                None => return self.sorry(original.as_ref(), version),
            },
            Err(Unavailable) => {
                self.0.metrics.received(&self.0.name, kind, &Outcome::error(error::SYSTEM));
                return self.sorry(original.as_ref(), version);
            }
        };
        self.0.metrics.received(&self.0.name, kind, &answer.outcome);
        if !matches!(&answer.outcome, Outcome::Error { code, .. } if code.category < 5) {
            self.remember(message.tree().names());
        }
        self.write(&message.header.source_id, answer, &header).await
    }

    async fn answer_refusal(&self, refusal: &Refusal) -> Bytes {
        let stepped = self.step(|zone, now| {
            let step = zone.refuse(refusal, now);
            (step, zone.header(now))
        });
        match stepped.await {
            Ok((step, header)) => match step.answer {
                Some(answer) => {
                    self.0.metrics.received(&self.0.name, "unreadable", &answer.outcome);
                    self.write("", answer, &header).await
                }
                None => self.sorry(refusal.original.as_ref(), refusal.version),
            },
            Err(Unavailable) => self.sorry(refusal.original.as_ref(), refusal.version),
        }
    }

    /// Writes an answer, with the message that it hands over.
    async fn write(&self, agent: &str, answer: Answer, header: &Header) -> Bytes {
        let Answer { version, original, mut outcome, data } = answer;
        let (document, object) = match data {
            Some(AnswerData::Deliver(number)) => match self.0.store.document(&self.0.name, agent, number).await {
                Ok(Some(document)) => (Some(document), None),
                // It was taken out of the queue in this moment, or is damaged and taken out now: the agent asks again.
                Ok(None) => {
                    outcome = Outcome::Status(Status::NoMessage);
                    (None, None)
                }
                Err(fault) => match self.unreadable(agent, number, &fault).await {
                    true => {
                        outcome = Outcome::Status(Status::NoMessage);
                        (None, None)
                    }
                    false => return self.sorry(original.as_ref(), Some(version)),
                },
            },
            Some(AnswerData::AgentAcl(xml) | AnswerData::ZoneStatus(xml)) => (None, Some(xml)),
            None => (None, None),
        };
        let payload = match (&document, &object) {
            (Some(document), _) => Some(Payload::Message(document)),
            (None, Some(xml)) => Some(Payload::Object(xml)),
            (None, None) => None,
        };
        Bytes::from(write_ack(version, header, original.as_ref(), &outcome, payload))
    }

    /// A message of an agent's queue cannot be read. One that is damaged is laid aside, so that the rest of the queue flows; gives
    /// whether it was.
    pub(super) async fn unreadable(&self, agent: &str, number: Number, fault: &StoreFault) -> bool {
        error!(zone = self.name(), agent, number, %fault, "a message that waits cannot be read");
        if !matches!(fault, StoreFault::Damaged(_)) {
            return false;
        }
        let laid_aside = self.step(|zone, now| {
            let mut step = Step::default();
            zone.bury(agent, number, "what is stored of it is damaged", now, &mut step);
            // Were it being delivered, the next would wait for it for ever.
            let why = "what is stored of it is damaged".to_owned();
            let after = zone.pushed(agent, number, PushResult::Failed { code: error::SYSTEM, why }, now);
            step.changes.extend(after.changes);
            step.wake.push(agent.to_owned());
            (step, ())
        });
        laid_aside.await.is_ok()
    }

    /// The answer where nothing can be kept: 11/1, written without the zone.
    fn sorry(&self, original: Option<&Original>, version: Option<Version>) -> Bytes {
        let header = Header {
            message_id: guid(),
            timestamp: Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true),
            source_id: self.0.name.clone(),
            ..Header::default()
        };
        let outcome =
            Outcome::error_because(error::SYSTEM, "the zone cannot keep the message now; send it again later");
        Bytes::from(write_ack(version.unwrap_or(Version::V2_4), &header, original, &outcome, None))
    }

    /// Keeps the names that an agent's message used.
    fn remember(&self, used: &Arc<Names>) {
        let mut known = lock(&self.0.names);
        if used.len() > known.len() && used.len() <= sif::message::names().len() + MOST_NEW_NAMES {
            *known = Arc::clone(used);
        }
    }
}
