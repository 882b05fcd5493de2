//! Deliveries: which message is next for an agent, and what came of it.

use sif::message::{Ack, ErrorCode, MessageKind, Outcome, Security, Status, Version, error};
use store::{Change, Number};

use super::receive::levels;
use super::requests::Ending;
use super::types::{Delivery, LogLine, Moment, PushResult, PushTarget, Step};
use super::url;
use super::{Misfit, Zone};
use crate::Channel;

impl Zone {
    /// How an agent in push mode is reached; none if it is not called now: pull mode, not registered or not approved, asleep, or at an
    /// address that the zone does not allow.
    #[must_use]
    pub fn push_target(&self, agent: &str) -> Option<PushTarget> {
        let state = self.agents.get(agent).filter(|state| state.is_push() && !state.record.sleeping)?;
        if self.state.asleep || !self.may_register(agent) {
            return None;
        }
        let registration = state.registration()?;
        let protocol = registration.protocol.as_ref()?;
        let url = protocol.url.clone().filter(|url| self.may_call(agent, url))?;
        let encodings = protocol.properties.iter().find(|(name, _)| name == "Accept-Encoding");
        let accept_gzip = encodings.is_some_and(|(_, value)| url::takes_gzip(value) == Some(true));
        Some(PushTarget { url, accept_gzip, version: Version::parse(&registration.envelope).unwrap_or(Version::V2_4) })
    }

    /// Whether an agent may be called at an address: the one that its configuration names, or one of a host that the zone allows.
    pub(crate) fn may_call(&self, agent: &str, url: &str) -> bool {
        match self.config.agents.get(agent).and_then(|config| config.url.as_ref()) {
            Some(only) => only == url,
            None => url::allowed(url, &self.config.options.push_hosts),
        }
    }

    /// The next message for an agent in push mode over a connection, and marks it as in flight: there is no other until
    /// [`Zone::pushed`] says what came of it. Messages that ask for more than the connection reaches wait.
    pub fn next_push(&mut self, agent: &str, channel: &Channel, now: Moment) -> Option<Delivery> {
        self.push_target(agent)?;
        let state = self.agents.get(agent)?;
        if state.flight.is_some() || state.retry_at.is_some_and(|at| at > now) {
            return None;
        }
        let number = self.next_for(agent, levels(channel))?;
        let state = self.agents.get_mut(agent)?;
        state.flight = Some(number);
        state.retry_at = None;
        if let Some(entry) = state.queue.get_mut(number) {
            entry.delivered = now.0.max(1);
        }
        self.delivery(agent, number)
    }

    /// The first message that may be given to an agent through a channel.
    pub(crate) fn next_for(&self, agent: &str, channel: Security) -> Option<Number> {
        let state = self.agents.get(agent)?;
        state.queue.head(state.record.blocked.is_some(), channel, self.durable)
    }

    /// What came of a push.
    pub fn pushed(&mut self, agent: &str, number: Number, result: PushResult, now: Moment) -> Step {
        let mut step = Step::default();
        let Some(state) = self.agents.get_mut(agent).filter(|state| state.flight == Some(number)) else {
            // It was purged, cancelled or resent in the meantime: whatever came of it, nothing is left to do.
            return step;
        };
        state.flight = None;
        let Some(entry) = state.queue.get(number) else {
            // One that has left the zone was only kept for this.
            if state.record == super::record::AgentRecord::default() {
                self.agents.remove(agent);
            } else {
                step.wake.push(agent.to_owned());
            }
            return step;
        };
        let (message_id, is_event) = (entry.key.id.text(), entry.is_event());
        match result {
            PushResult::Failed { code, why } => self.push_failed(agent, number, (code, &why), now, &mut step),
            PushResult::Ack(ack) => {
                if ack.original_message_id.as_ref().is_some_and(|original| *original != message_id) {
                    let why = "the acknowledgement names another message";
                    self.push_failed(agent, number, (error::TRANSPORT, why), now, &mut step);
                } else {
                    self.push_acknowledged(agent, number, (&ack, is_event), now, &mut step);
                }
            }
        }
        step
    }

    /// The table of behaviour.md 4.11, for an answer to a push.
    fn push_acknowledged(
        &mut self,
        agent: &str,
        number: Number,
        (ack, is_event): (&Ack, bool),
        now: Moment,
        step: &mut Step,
    ) {
        match &ack.outcome {
            Some(Outcome::Error { code, .. }) if code.category == error::TRANSPORT.category => {
                self.push_failed(agent, number, (*code, "the agent reports a transport error"), now, step);
                return;
            }
            Some(Outcome::Error { code, .. }) => self.refused(agent, number, *code, now, step),
            Some(Outcome::Status(Status::Immediate)) => {
                self.dequeue(agent, number, ("acknowledged", "1", ""), now, step);
            }
            Some(Outcome::Status(Status::AlreadyReceived)) => {
                self.dequeue(agent, number, ("acknowledged", "7", ""), now, step);
            }
            Some(Outcome::Status(Status::Intermediate)) if is_event => self.block(agent, number, now, step),
            Some(Outcome::Status(Status::Sleeping)) => {
                if let Some(state) = self.agents.get_mut(agent) {
                    state.record.sleeping = true;
                }
                self.put_agent(agent, step);
            }
            _ => {
                let why = "the acknowledgement is not one for this message";
                self.push_failed(agent, number, (error::PROTOCOL, why), now, step);
                return;
            }
        }
        if let Some(state) = self.agents.get_mut(agent) {
            state.failures = 0;
        }
        step.wake.push(agent.to_owned());
    }

    /// A delivery failed: the message stays, and is tried again after a pause that doubles, until it has failed too often.
    pub(crate) fn push_failed(
        &mut self,
        agent: &str,
        number: Number,
        (code, why): (ErrorCode, &str),
        now: Moment,
        step: &mut Step,
    ) {
        let options = &self.config.options;
        let (most, first, longest) = (options.max_attempts, options.retry_seconds, options.max_retry_seconds);
        let counts = code != error::CANNOT_CONNECT || options.bury_unreachable;
        let Some(state) = self.agents.get_mut(agent) else { return };
        let pause = first.saturating_mul(1_u64.checked_shl(state.failures).unwrap_or(u64::MAX)).min(longest);
        let pushes = state.is_push();
        let Some(entry) = state.queue.get_mut(number) else { return };
        if counts {
            entry.attempts = entry.attempts.saturating_add(1);
        }
        let attempts = entry.attempts;
        if pushes {
            state.failures = state.failures.saturating_add(1);
            state.retry_at = Some(now.after(pause));
        }
        step.log.push(LogLine {
            what: "delivery failed",
            agent: agent.to_owned(),
            message_id: entry_id(self, agent, number),
            code: code.to_string(),
        });
        if counts && attempts >= most {
            let reason = format!("{attempts} deliveries failed; the last: {code} {why}");
            self.bury(agent, number, &reason, now, step);
            // What was wrong may be wrong with that message only; an agent that is gone is not called the more often.
            if code != error::CANNOT_CONNECT
                && let Some(state) = self.agents.get_mut(agent)
            {
                state.failures = 0;
                state.retry_at = None;
                step.wake.push(agent.to_owned());
            }
            return;
        }
        self.hop(number, agent, ("failed", &code.to_string(), why), now, step);
        if counts {
            let change = Change::Attempts { zone: self.zone_key(), agent: agent.to_owned(), message: number, attempts };
            step.changes.push(change);
        }
    }

    /// Takes a message out of an agent's queue and keeps it among its dead letters.
    pub(crate) fn bury(&mut self, agent: &str, number: Number, reason: &str, now: Moment, step: &mut Step) {
        let Some(state) = self.agents.get_mut(agent) else { return };
        if state.queue.get(number).is_none() {
            return;
        }
        let changed = state.settle(number);
        self.hop(number, agent, ("buried", "", reason), now, step);
        step.changes.push(Change::Bury {
            zone: self.zone_key(),
            agent: agent.to_owned(),
            message: number,
            at: now.0,
            reason: reason.to_owned(),
        });
        if changed {
            self.put_agent(agent, step);
        }
    }

    /// An agent acknowledged a message with an error: it leaves the queue. Who asked for it is told.
    pub(crate) fn refused(&mut self, agent: &str, number: Number, code: ErrorCode, now: Moment, step: &mut Step) {
        let Some(entry) = self.agents.get(agent).and_then(|state| state.queue.get(number)) else { return };
        let (kind, about) = (entry.kind, entry.about.as_ref().map(super::Id::text));
        self.dequeue(agent, number, ("acknowledged", &code.to_string(), ""), now, step);
        let Some(about) = about else { return };
        let description = "the responder refused the request";
        match kind {
            MessageKind::Request => {
                let ending = Ending { code, description, closed: None, tell: true, drop_packets: false };
                self.end_request(&about, ending, now, step);
            }
            MessageKind::ServiceInput => self.end_service(&about, (code, description), (None, true), now, step),
            _ => {}
        }
    }

    /// Selective message blocking: an agent works on an event, and gets no others meanwhile.
    pub(crate) fn block(&mut self, agent: &str, number: Number, now: Moment, step: &mut Step) {
        if let Some(state) = self.agents.get_mut(agent) {
            state.record.blocked = Some(number);
        }
        self.hop(number, agent, ("acknowledged", "2", ""), now, step);
        self.put_agent(agent, step);
    }

    /// A message does not fit an agent any more, or its connection.
    pub(crate) fn skip(&mut self, agent: &str, number: Number, misfit: Misfit, now: Moment, step: &mut Step) {
        self.hop(number, agent, ("skipped", &format!("4/{}", misfit.log_code()), misfit.why()), now, step);
    }
}

fn entry_id(zone: &Zone, agent: &str, number: Number) -> String {
    let entry = zone.agents.get(agent).and_then(|state| state.queue.get(number));
    entry.map(|entry| entry.key.id.text()).unwrap_or_default()
}
