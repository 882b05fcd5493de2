//! What administrators do, and see.

use sif::message::{Message, MessageKind, error};
use store::{Change, Number};

use super::Zone;
use super::delivery::parcel;
use super::record::{AGENT, AGENT_CONFIG, Closed, STATE, ZONE};
use super::requests::Ending;
use super::types::{AdminFault, AgentView, LogLine, Moment, QueueView, RequestView, StatusView, Step, WaitingView};
use crate::config::AgentConfig;
use crate::{Right, ZoneConfig};

impl Zone {
    /// Approves an agent, or withdraws the approval. An agent that is in no file gets no rights by it.
    pub fn approve(&mut self, agent: &str, approved: bool, now: Moment) -> Result<Step, AdminFault> {
        let known = self.config.agents.get(agent).cloned();
        if known.is_none() && !self.agents.contains_key(agent) {
            return Err(AdminFault::UnknownAgent);
        }
        let config = known.unwrap_or_else(|| AgentConfig { id: agent.to_owned(), ..AgentConfig::default() });
        Ok(self.set_agent(AgentConfig { approved, ..config }, now))
    }

    /// Puts an agent's configuration in the place of what its file says. It holds from the next message on; what the agent
    /// has announced and may no longer do is taken back.
    pub fn set_agent(&mut self, config: AgentConfig, now: Moment) -> Step {
        let mut step = Step::default();
        let known = self.known_rights();
        let id = config.id.clone();
        self.put(AGENT_CONFIG, &id, &config, &mut step);
        self.insert_config(config);
        self.apply_rights(&id, &mut step);
        self.announce_rights(&known, now, &mut step);
        step.wake.push(id);
        step
    }

    /// Takes a new configuration, such as after a zone's file was changed. Agents that administrators have changed keep that:
    /// `changed` has their configurations, from the records of `agent_config`.
    pub fn configure(&mut self, mut config: ZoneConfig, changed: Vec<AgentConfig>, now: Moment) -> Step {
        let mut step = Step::default();
        let known = self.known_rights();
        config.agents.extend(changed.into_iter().map(|agent| (agent.id.clone(), agent)));
        config.name = self.name.to_string();
        self.visibilities = super::view::of_zone(&config);
        self.config = config;
        let ids: Vec<String> = self.agents.keys().cloned().collect();
        for id in ids {
            self.apply_rights(&id, &mut step);
            step.wake.push(id);
        }
        self.announce_rights(&known, now, &mut step);
        step
    }

    fn insert_config(&mut self, config: AgentConfig) {
        match super::view::of_agent(&config) {
            Some(visibility) => self.visibilities.insert(config.id.clone(), visibility),
            None => self.visibilities.remove(&config.id),
        };
        self.config.agents.insert(config.id.clone(), config);
    }

    /// Takes back what an agent has announced and may not do any more.
    fn apply_rights(&mut self, id: &str, step: &mut Step) {
        let Some(mut provision) = self.agents.get(id).map(|agent| agent.record.provision.clone()) else { return };
        for (right, objects) in &mut provision.objects {
            for (object, contexts) in objects.iter_mut() {
                contexts.retain(|context, _| self.may_in(id, *right, object, context));
            }
            objects.retain(|_, contexts| !contexts.is_empty());
        }
        for (right, services) in &mut provision.services {
            for (name, service) in services.iter_mut() {
                service.contexts.retain(|context| self.may_service_in(id, *right, name, context));
            }
            services.retain(|_, service| !service.contexts.is_empty());
        }
        if let Some(agent) = self.agents.get_mut(id).filter(|agent| agent.record.provision != provision) {
            agent.record.provision = provision;
            self.status_changed = true;
            self.put_agent(id, step);
            self.index(id);
        }
    }

    /// Unregisters an agent as if it had done so itself, and takes back what administrators changed of its configuration: the zone's
    /// file counts again, which is `in_file`.
    pub fn remove_agent(&mut self, agent: &str, in_file: Option<AgentConfig>, now: Moment) -> Result<Step, AdminFault> {
        if !self.agents.contains_key(agent) && !self.config.agents.contains_key(agent) {
            return Err(AdminFault::UnknownAgent);
        }
        let mut step = Step::default();
        self.leave(agent, now, &mut step);
        self.delete(AGENT_CONFIG, agent, &mut step);
        match in_file {
            Some(config) => self.insert_config(config),
            None => {
                self.config.agents.remove(agent);
                self.visibilities.remove(agent);
            }
        }
        Ok(step)
    }

    /// An agent is not registered any more: its queue is emptied, and what it asked and was asked ends.
    pub(crate) fn leave(&mut self, agent: &str, now: Moment, step: &mut Step) {
        let open = |zone: &Self, responder: bool| -> Vec<String> {
            let concerns = |request: &super::RequestRecord| {
                if responder { request.responder == agent } else { request.requester == agent }
            };
            zone.requests.iter().filter(|(_, request)| concerns(request)).map(|(id, _)| id.clone()).collect()
        };
        for id in open(self, false) {
            let ending = Ending {
                code: error::INVALID_REQUEST_ID,
                description: "",
                closed: None,
                tell: false,
                drop_packets: false,
            };
            self.end_request(&id, ending, now, step);
            self.drop_request(&id, step);
        }
        for id in open(self, true) {
            let ending = Ending {
                code: error::NO_PROVIDER,
                description: "the responder has left the zone",
                closed: None,
                tell: true,
                drop_packets: false,
            };
            self.end_request(&id, ending, now, step);
        }
        let services: Vec<(String, bool)> = self
            .services
            .iter()
            .filter(|(_, service)| service.invoker == agent || service.provider == agent)
            .map(|(id, service)| (id.clone(), service.provider == agent))
            .collect();
        for (id, provider) in services {
            let failure = (error::SERVICE_NO_PROVIDER, "the service's provider has left the zone");
            self.end_service(&id, failure, (None, provider), now, step);
            self.drop_service(&id, step);
        }
        let Some(state) = self.agents.get_mut(agent) else { return };
        self.status_changed |= state.registration().is_some();
        state.queue.clear();
        state.record = super::record::AgentRecord::default();
        state.retry_at = None;
        state.failures = 0;
        if state.flight.is_none() {
            self.agents.remove(agent);
        }
        self.index(agent);
        self.delete(AGENT, agent, step);
        step.changes.push(Change::Purge { zone: self.zone_key(), agent: agent.to_owned() });
        step.log.push(LogLine { what: "left", agent: agent.to_owned(), ..LogLine::default() });
    }

    /// Puts the zone to sleep: it answers status 8, and delivers nothing.
    pub fn sleep_zone(&mut self, asleep: bool) -> Step {
        let mut step = Step::default();
        if self.state.asleep != asleep {
            self.state.asleep = asleep;
            self.put(ZONE, STATE, &self.state, &mut step);
        }
        if !asleep {
            step.wake = self.agents.keys().cloned().collect();
        }
        step
    }

    /// Puts an agent to sleep, or wakes it, as if it had asked for it.
    pub fn sleep_agent(&mut self, agent: &str, asleep: bool) -> Result<Step, AdminFault> {
        let mut step = Step::default();
        let state = self.agents.get_mut(agent).filter(|state| state.registration().is_some());
        let state = state.ok_or(AdminFault::UnknownAgent)?;
        if asleep {
            state.record.sleeping = true;
        } else {
            state.wake();
            step.wake.push(agent.to_owned());
        }
        self.put_agent(agent, &mut step);
        Ok(step)
    }

    /// Empties an agent's queue. Requests in it are answered with 8/17, inputs of services with 14/14.
    pub fn purge_queue(&mut self, agent: &str, now: Moment) -> Result<Step, AdminFault> {
        let state = self.agents.get(agent).ok_or(AdminFault::UnknownAgent)?;
        let numbers: Vec<Number> = state.queue.in_order().into_iter().map(|(number, _)| number).collect();
        let mut step = Step::default();
        for number in numbers {
            self.take_out(agent, number, now, &mut step);
        }
        step.wake.push(agent.to_owned());
        Ok(step)
    }

    /// Takes one message out of an agent's queue. A request is answered with 8/17, a service's input with 14/14.
    pub fn remove_message(&mut self, agent: &str, number: Number, now: Moment) -> Result<Step, AdminFault> {
        let state = self.agents.get(agent).ok_or(AdminFault::UnknownAgent)?;
        state.queue.get(number).ok_or(AdminFault::NotQueued)?;
        let mut step = Step::default();
        self.take_out(agent, number, now, &mut step);
        step.wake.push(agent.to_owned());
        Ok(step)
    }

    fn take_out(&mut self, agent: &str, number: Number, now: Moment, step: &mut Step) {
        let entry = self.agents.get(agent).and_then(|state| state.queue.get(number));
        let about = entry.and_then(|entry| Some((entry.kind, entry.about.as_ref()?.text())));
        self.dequeue(agent, number, ("purged", "", ""), now, step);
        match about {
            Some((MessageKind::Request, id)) => self.end_request(&id, removed(), now, step),
            Some((MessageKind::ServiceInput, id)) => {
                let code = error::SERVICE_REMOVED;
                self.end_service(&id, (code, error::meaning(code)), (Some(Closed::Removed), true), now, step);
            }
            _ => {}
        }
    }

    /// Puts a dead letter back into its agent's queue. `message` is its text, as the agent would get it.
    pub fn resend(&mut self, agent: &str, number: Number, message: &Message, now: Moment) -> Result<Step, AdminFault> {
        if !self.is_registered(agent) {
            return Err(AdminFault::UnknownAgent);
        }
        if self.agents.get(agent).is_some_and(|state| state.queue.get(number).is_some()) {
            return Err(AdminFault::AlreadyQueued);
        }
        self.takes(agent, message).map_err(|misfit| AdminFault::DoesNotFit(misfit.why()))?;
        let key = self.key(&message.header.source_id, &message.header.message_id);
        let about = crate::message::about(message);
        let parcel = parcel(message, number, key, about.as_deref());
        let mut step = Step::default();
        self.enqueue(agent, &parcel, None, &mut step);
        // The store has its text already: it only goes back into the queue.
        step.changes =
            vec![Change::Unbury { zone: self.zone_key(), agent: agent.to_owned(), message: number, requeue: true }];
        self.hop(number, agent, ("resent", "", ""), now, &mut step);
        step.wake.push(agent.to_owned());
        Ok(step)
    }

    /// Drops a dead letter.
    pub fn drop_dead(&mut self, agent: &str, number: Number, now: Moment) -> Step {
        let mut step = Step::default();
        step.changes.push(Change::Unbury {
            zone: self.zone_key(),
            agent: agent.to_owned(),
            message: number,
            requeue: false,
        });
        self.hop(number, agent, ("purged", "", "a dead letter"), now, &mut step);
        step
    }

    /// Removes an open request: the requester is told 8/17, and so is who answers later.
    pub fn cancel_request(&mut self, id: &str, now: Moment) -> Result<Step, AdminFault> {
        let mut step = Step::default();
        if self.open_request(id).is_some() {
            self.end_request(id, removed(), now, &mut step);
        } else if self.services.get(id).is_some_and(|service| service.closed.is_none()) {
            let code = error::SERVICE_REMOVED;
            self.end_service(id, (code, error::meaning(code)), (Some(Closed::Removed), true), now, &mut step);
        } else {
            return Err(AdminFault::UnknownRequest);
        }
        Ok(step)
    }

    /// All agents: those that are configured, and those that have asked to register.
    #[must_use]
    pub fn agents(&self) -> Vec<AgentView> {
        let ids: std::collections::BTreeSet<&String> = self.config.agents.keys().chain(self.agents.keys()).collect();
        ids.into_iter().map(|id| self.agent_view(id)).collect()
    }

    fn agent_view(&self, id: &str) -> AgentView {
        let state = self.agents.get(id);
        let registration = state.and_then(super::agent::Agent::registration);
        let url = registration.and_then(|registration| registration.protocol.as_ref()?.url.clone());
        AgentView {
            id: id.to_owned(),
            name: registration.map(|registration| registration.name.clone()),
            known: self.config.agents.contains_key(id),
            approved: self.may_register(id),
            registered: registration.is_some(),
            registered_at: registration.map(|registration| registration.at),
            asked_at: state.and_then(|state| state.record.asked),
            mode: registration.map(|registration| registration.mode),
            url,
            versions: registration
                .map(|registration| registration.versions.iter().map(ToString::to_string).collect())
                .unwrap_or_default(),
            buffer: registration.map_or(0, |registration| registration.buffer),
            sleeping: state.is_some_and(|state| state.record.sleeping),
            waiting: state.map_or(0, |state| state.queue.len() as u64),
        }
    }

    /// The queues of all agents that are registered.
    #[must_use]
    pub fn queues(&self) -> Vec<QueueView> {
        let registered = self.agents.iter().filter(|(_, state)| state.registration().is_some());
        registered
            .map(|(id, state)| QueueView {
                agent: id.clone(),
                waiting: state.queue.len() as u64,
                bytes: state.queue.bytes(),
                blocked: state.record.blocked,
                in_flight: state.flight,
                failures: state.failures,
                retry_at: state.retry_at.map(|at| at.0),
                sleeping: state.record.sleeping,
            })
            .collect()
    }

    /// The first messages of an agent's queue, in order.
    #[must_use]
    pub fn queue(&self, agent: &str, limit: usize) -> Vec<WaitingView> {
        let entries = self.agents.get(agent).map(|state| state.queue.in_order()).unwrap_or_default();
        entries
            .into_iter()
            .take(limit)
            .map(|(number, entry)| WaitingView {
                number,
                message_id: entry.key.id.text(),
                source: self.sources.name(entry.key.source).to_owned(),
                kind: entry.kind.name(),
                size: entry.size,
                attempts: entry.attempts,
            })
            .collect()
    }

    /// Open requests.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestView> {
        let open = self.requests.iter().filter(|(_, request)| request.closed.is_none());
        open.map(|(id, request)| RequestView {
            id: id.clone(),
            requester: request.requester.clone(),
            responder: request.responder.clone(),
            object: request.object.clone(),
            context: request.context.clone(),
            opened: request.opened,
            deadline: request.deadline,
            next_packet: request.next_packet,
        })
        .collect()
    }

    /// Figures of the zone.
    #[must_use]
    pub fn status(&self) -> StatusView {
        let count = |wanted: fn(&super::agent::Agent) -> bool| {
            self.agents.values().filter(|agent| wanted(agent)).count() as u64
        };
        StatusView {
            name: self.name.to_string(),
            asleep: self.state.asleep,
            agents: self.agents().len() as u64,
            registered: count(|agent| agent.registration().is_some()),
            asking: count(|agent| agent.registration().is_none() && agent.record.asked.is_some()),
            waiting: self.agents.values().map(|agent| agent.queue.len() as u64).sum(),
            requests: self.requests.values().filter(|request| request.closed.is_none()).count() as u64,
            remembered: self.seen.len() as u64,
            last_number: self.last_number,
        }
    }

    /// What the zone tells an agent that it may do: SIF_AgentACL as XML.
    #[must_use]
    pub fn rights_of(&self, agent: &str) -> String {
        self.agent_acl(agent, self.highest_version())
    }

    /// Whether an agent has a right for an object, in whatever context.
    #[must_use]
    pub fn has_right(&self, agent: &str, right: Right, object: &str) -> bool {
        self.may(agent, right, object)
    }
}

fn removed() -> Ending<'static> {
    Ending {
        code: error::REQUEST_REMOVED,
        description: error::meaning(error::REQUEST_REMOVED),
        closed: Some(Closed::Removed),
        tell: true,
        drop_packets: false,
    }
}
