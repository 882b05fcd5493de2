//! Who is in the zone, and what they announced.

use store::Number;

use super::record::{Provision, Registration};
use super::types::{LogLine, Moment, Step};
use super::{Misfit, Zone};
use sif::message::{Header, Security, Version};

use crate::zone::objects;

/// The most agents that are remembered for having asked without being known: anybody can ask.
const MOST_ASKING: usize = 1000;

impl Zone {
    /// An agent asked to register, and is not approved: administrators see it.
    pub(crate) fn asked(&mut self, agent: &str, now: Moment, step: &mut Step) {
        let asking = self.agents.values().filter(|state| state.registration().is_none()).count();
        let known = self.agents.contains_key(agent) || self.config.agents.contains_key(agent);
        if agent.chars().count() > 64 || (!known && asking >= MOST_ASKING) {
            return;
        }
        let state = self.agents.entry(agent.to_owned()).or_default();
        // Once is enough to be seen: who asks every second makes no work.
        if state.record.asked.is_none() {
            state.record.asked = Some(now.0);
            self.put_agent(agent, step);
            step.log.push(LogLine { what: "asks to register", agent: agent.to_owned(), ..LogLine::default() });
        }
    }

    /// An agent joins, or changes its settings. What waits for it and does not fit any more becomes a dead letter.
    pub(crate) fn register(&mut self, agent: &str, registration: Registration, now: Moment, step: &mut Step) {
        let state = self.agents.entry(agent.to_owned()).or_default();
        let reached = state.expected_channel();
        let old = state.record.registration.replace(registration);
        state.record.asked = None;
        state.wake();
        let tighter = old.as_ref().is_some_and(|old| {
            state.registration().is_some_and(|new| new.buffer < old.buffer || new.versions != old.versions)
        });
        // Agents register whenever they start, mostly as they did before.
        self.status_changed |= old.map(|old| Registration { at: now.0, ..old }) != state.record.registration;
        self.put_agent(agent, step);
        if tighter {
            for (number, misfit) in self.misfits(agent) {
                self.skip(agent, number, misfit, now, step);
                self.bury(agent, number, misfit.why(), now, step);
            }
        }
        self.held_back(agent, reached, now, step);
        step.wake.push(agent.to_owned());
    }

    /// An agent that registers over a weaker connection, or with an address of one, does not get what asks for more: it waits until
    /// the agent registers over a better one. Of each message that could be delivered until now, a log entry says so.
    fn held_back(&mut self, agent: &str, reached: Security, now: Moment, step: &mut Step) {
        let Some(state) = self.agents.get(agent) else { return };
        let reaches = state.expected_channel();
        let passes = |asks: Security, channel: Security| {
            asks.authentication <= channel.authentication && asks.encryption <= channel.encryption
        };
        let waiting = state.queue.numbers(|entry| passes(entry.security, reached) && !passes(entry.security, reaches));
        let misfit = Misfit::Security;
        for number in waiting {
            let Some(delivery) = self.delivery(agent, number) else { continue };
            self.hop(number, agent, ("held", &format!("4/{}", misfit.log_code()), misfit.why()), now, step);
            let about = Header { message_id: delivery.message_id, source_id: delivery.source, ..Header::default() };
            let kind = delivery.kind.name();
            let description =
                format!("{kind} {} of {} waits for {agent}: {}", about.message_id, about.source_id, misfit.why());
            self.log_entry(misfit.log_code(), &about, &description, now, step);
        }
    }

    fn misfits(&self, agent: &str) -> Vec<(Number, Misfit)> {
        let Some(state) = self.agents.get(agent) else { return Vec::new() };
        let Some(registration) = state.registration() else { return Vec::new() };
        let waiting = state.queue.in_order().into_iter().filter(|(number, _)| state.flight != Some(*number));
        waiting
            .filter_map(|(number, entry)| {
                if entry.size > registration.buffer {
                    Some((number, Misfit::Buffer))
                } else {
                    (!state.takes(entry.version)).then_some((number, Misfit::Version))
                }
            })
            .collect()
    }

    /// What an agent has announced.
    pub(crate) fn provision(&self, agent: &str) -> Provision {
        self.agents.get(agent).map(|state| state.record.provision.clone()).unwrap_or_default()
    }

    pub(crate) fn set_provision(&mut self, agent: &str, provision: Provision, step: &mut Step) {
        let Some(state) = self.agents.get_mut(agent) else { return };
        if state.record.provision != provision {
            state.record.provision = provision;
            self.status_changed = true;
            self.put_agent(agent, step);
            self.index(agent);
        }
    }

    /// Whether an agent has announced an object under a right in a context.
    pub(crate) fn announced(&self, agent: &str, right: crate::Right, object: &str, context: &str) -> bool {
        self.agents.get(agent).is_some_and(|state| state.record.provision.has(right, object, context))
    }

    /// Whether an object may be named in messages of a version: SIF 2.4 knows it, rights name it, or any name is allowed.
    pub(crate) fn knows(&self, object: &str, version: Version) -> bool {
        version >= objects::OPEN_NAMES
            || objects::is_known(object)
            || self.config.agents.values().any(|agent| agent.rights.contains_key(object))
    }
}
