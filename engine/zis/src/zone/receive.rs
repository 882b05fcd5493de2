//! Receives messages: the checks that are the same for all kinds, in the order of SIF_Message's flow chart, and the answer.

use sif::message::{ErrorCode, Message, MessageKind, Original, Outcome, Refusal, Security, Status, Version, error};
use store::Change;

use super::Zone;
use super::seen::{Id, MessageKey};
use super::types::{Answer, AnswerData, LogLine, Moment, Step};
use crate::Channel;
use crate::message;

/// The first version with services.
pub(crate) const SERVICES: Version = Version { major: 2, minor: 4, revision: 0 };

/// The first version in which requests are cancelled and compression is negotiated.
pub(crate) const CANCEL: Version = Version { major: 2, minor: 1, revision: 0 };

/// What a message is answered with when it is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Status(Status),
    Data(AnswerData),
}

/// Why a message is not taken. Holds no value of the message but names of objects, services and contexts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub code: ErrorCode,
    pub description: Option<String>,
    pub extended: Option<String>,
}

impl From<ErrorCode> for Fault {
    fn from(code: ErrorCode) -> Self {
        Self { code, description: None, extended: None }
    }
}

impl Fault {
    pub fn because(code: ErrorCode, description: impl Into<String>) -> Self {
        Self { code, description: Some(description.into()), extended: None }
    }

    pub fn outcome(self, version: Version) -> Outcome {
        let code = known(self.code, version);
        let description = self.description.unwrap_or_else(|| error::meaning(self.code).to_owned());
        Outcome::Error { code, description, extended: self.extended }
    }
}

/// A code as a version of SIF knows it: codes that came later are told by the generic code of their category.
pub(crate) fn known(code: ErrorCode, version: Version) -> ErrorCode {
    let since = match (code.category, code.code) {
        (5, 10) | (8, 18) => CANCEL,
        (4, 13..=15) | (8, 19) => SERVICES,
        _ => return code,
    };
    if version < since { ErrorCode::new(code.category, 1) } else { code }
}

/// What a channel reaches. Parts of this server need none.
pub(crate) const fn levels(channel: &Channel) -> Security {
    if channel.internal {
        Security { authentication: u8::MAX, encryption: u8::MAX }
    } else {
        Security { authentication: channel.authentication, encryption: channel.encryption }
    }
}

impl Zone {
    /// Takes a message: checks it, changes the state, and says what to answer and to keep.
    pub fn receive(&mut self, message: &Message, channel: &Channel, now: Moment) -> Step {
        let mut step = Step::default();
        let reply = match self.check(message, channel) {
            Ok(None) => self.handle(message, channel, now, &mut step),
            Ok(Some(status)) => Ok(Reply::Status(status)),
            Err(fault) => Err(fault),
        };
        self.announce_status(now, &mut step);
        let taken = self.config.versions.contains(&message.version);
        let version = if taken { message.version } else { self.highest_version() };
        let (outcome, data) = match reply {
            Ok(Reply::Status(status)) => (Outcome::Status(status), None),
            Ok(Reply::Data(data)) => (Outcome::Status(Status::Success), Some(data)),
            Err(fault) => {
                step.log.push(LogLine {
                    what: "refused",
                    agent: message.header.source_id.clone(),
                    message_id: message.header.message_id.clone(),
                    code: fault.code.to_string(),
                });
                (fault.outcome(version), None)
            }
        };
        let original = self.named(Original::of(&message.header));
        step.answer = Some(Answer { version, original, outcome, data });
        step
    }

    /// Answers what could not be read. Nothing changes.
    pub fn refuse(&mut self, refusal: &Refusal, _now: Moment) -> Step {
        let taken = refusal.version.filter(|version| self.config.versions.contains(version));
        let original = refusal.original.clone();
        let id = |id: fn(&Original) -> Option<&String>| original.as_ref().and_then(id).cloned().unwrap_or_default();
        let log = LogLine {
            what: "refused",
            agent: id(|original| original.source_id.as_ref()),
            message_id: id(|original| original.message_id.as_ref()),
            code: refusal.error.to_string(),
        };
        let answer = Answer {
            version: taken.unwrap_or_else(|| self.highest_version()),
            original: self.named(original.clone()),
            outcome: Outcome::error_because(refusal.error, refusal.description.clone()),
            data: None,
        };
        Step { answer: Some(answer), log: vec![log], ..Step::default() }
    }

    /// Ids as an answer may name them. Where messages are checked against the schema, so are answers: an id that is none is left out.
    fn named(&self, original: Option<Original>) -> Option<Original> {
        let mut original = original?;
        if self.config.options.validate {
            original.message_id = original.message_id.filter(|id| matches!(Id::new(id), Id::Guid(_)));
            original.source_id = original.source_id.filter(|id| id.chars().count() <= 64);
        }
        Some(original)
    }

    /// What is asked of every message, in order. A status ends it without a fault.
    fn check(&self, message: &Message, channel: &Channel) -> Result<Option<Status>, Fault> {
        if !self.config.versions.contains(&message.version) {
            let description = format!("version {} is not one of this zone", message.version);
            return Err(Fault::because(error::VERSION_UNSUPPORTED, description));
        }
        let service =
            matches!(message.kind, MessageKind::ServiceInput | MessageKind::ServiceOutput | MessageKind::ServiceNotify);
        if service && message.version < SERVICES {
            return Err(error::MESSAGE_UNSUPPORTED.into());
        }
        self.validate(message)?;
        let sender = message.header.source_id.as_str();
        self.authenticate(sender, message.kind, channel)?;
        if message.kind != MessageKind::Register {
            if self.agents.get(sender).is_none_or(|agent| agent.registration().is_none()) {
                return Err(error::NOT_REGISTERED.into());
            }
            if !self.may_register(sender) {
                return Err(Fault::because(error::ACCESS, "an administrator has withdrawn the agent's approval"));
            }
        }
        if self.state.asleep {
            return Ok(Some(Status::Sleeping));
        }
        // An acknowledgement or a system control that comes twice does nothing the second time, and its answer may have been lost.
        let repeats = matches!(message.kind, MessageKind::Ack | MessageKind::SystemControl);
        if !repeats && self.has_seen(sender, &message.header.message_id) {
            return Ok(Some(Status::AlreadyReceived));
        }
        Ok(None)
    }

    /// The shape that the standard gives a message, if the zone checks that; and what no message can be handled without.
    fn validate(&self, message: &Message) -> Result<(), Fault> {
        if self.config.options.validate {
            message.check().map_err(|refusal| Fault::because(refusal.error, refusal.description))?;
        }
        let header = &message.header;
        if header.message_id.is_empty() {
            return Err(Fault::because(error::XML_MISSING, "SIF_Header/SIF_MsgId is missing"));
        }
        if header.source_id.is_empty() {
            return Err(Fault::because(error::XML_MISSING, "SIF_Header/SIF_SourceId is missing"));
        }
        if header.message_id.len() > 64 {
            return Err(Fault::because(error::XML_VALUE, "SIF_Header/SIF_MsgId is too long"));
        }
        Ok(())
    }

    /// Whether the connection is good enough, and of this agent.
    fn authenticate(&self, sender: &str, kind: MessageKind, channel: &Channel) -> Result<(), Fault> {
        if channel.internal {
            return Ok(());
        }
        let options = &self.config.options;
        // SIF_Register has a code of its own for this.
        if options.require_secure && !channel.secure && kind != MessageKind::Register {
            return Err(error::NO_SECURE_CHANNEL.into());
        }
        if channel.authentication < options.min_authentication {
            return Err(channel.shortfall.unwrap_or(error::AUTHENTICATION_MISSING).into());
        }
        let pinned = self.config.agents.get(sender).and_then(|agent| agent.certificate.as_ref());
        match (pinned, &channel.certificate) {
            (None, _) => Ok(()),
            (Some(pinned), Some(shown)) if pinned.eq_ignore_ascii_case(shown) => Ok(()),
            (Some(_), Some(_)) => {
                Err(Fault::because(error::AUTHENTICATION_UNTRUSTED, "the certificate is not that of this agent"))
            }
            (Some(_), None) => Err(channel.shortfall.unwrap_or(error::AUTHENTICATION_MISSING).into()),
        }
    }

    fn handle(&mut self, message: &Message, channel: &Channel, now: Moment, step: &mut Step) -> Result<Reply, Fault> {
        let done = Reply::Status(Status::Success);
        match message.kind {
            MessageKind::Ack => return message::ack::receive(self, message, now, step).map(|()| done),
            MessageKind::SystemControl => return message::system_control::receive(self, message, channel, now, step),
            MessageKind::Event => return message::event::receive(self, message, now, step).map(|()| done),
            MessageKind::Request => return message::request::receive(self, message, now, step).map(|()| done),
            MessageKind::Response => return message::response::receive(self, message, now, step).map(|()| done),
            MessageKind::ServiceInput => {
                return message::service_input::receive(self, message, now, step).map(|()| done);
            }
            MessageKind::ServiceOutput => {
                return message::service_output::receive(self, message, now, step).map(|()| done);
            }
            MessageKind::ServiceNotify => {
                return message::service_notify::receive(self, message, now, step).map(|()| done);
            }
            MessageKind::Register => {
                let reply = message::register::receive(self, message, channel, now, step)?;
                self.remember(message, now, step);
                return Ok(reply);
            }
            MessageKind::Unregister => message::unregister::receive(self, message, now, step),
            MessageKind::Provision => message::provision::receive(self, message, step)?,
            MessageKind::Provide => message::provide::receive(self, message, step)?,
            MessageKind::Unprovide => message::unprovide::receive(self, message, step)?,
            MessageKind::Subscribe => message::subscribe::receive(self, message, step)?,
            MessageKind::Unsubscribe => message::unsubscribe::receive(self, message, step)?,
        }
        self.remember(message, now, step);
        Ok(done)
    }

    pub(crate) fn has_seen(&self, source: &str, message_id: &str) -> bool {
        let place = self.sources.find(source);
        place.is_some_and(|source| self.seen.has(&MessageKey { source, id: Id::new(message_id) }))
    }

    /// Remembers the id of a message that is not kept itself.
    fn remember(&mut self, message: &Message, now: Moment, step: &mut Step) {
        let header = &message.header;
        let key = self.key(&header.source_id, &header.message_id);
        self.seen.add(key, now.0);
        step.changes.push(Change::Seen {
            zone: self.zone_key(),
            source: header.source_id.clone(),
            message_id: header.message_id.clone(),
            at: now.0,
        });
    }

    pub(crate) fn key(&mut self, source: &str, message_id: &str) -> MessageKey {
        MessageKey { source: self.sources.place(source), id: Id::new(message_id) }
    }

    /// The same for what was received before: none if its sender was never heard of.
    pub(crate) fn find_key(&self, source: &str, message_id: &str) -> Option<MessageKey> {
        Some(MessageKey { source: self.sources.find(source)?, id: Id::new(message_id) })
    }
}
