//! A zone as it was, from what is kept.

use serde::de::DeserializeOwned;
use sif::message::{MessageKind, Security, Version};
use store::{Record, StoreFault, ZoneState};

use super::queue::Entry;
use super::record::{self, AgentRecord, Envelope};
use super::seen::{Id, MessageKey};
use super::{Topic, Zone};
use crate::ZoneConfig;
use crate::config::AgentConfig;
use crate::zone::types::Ids;

impl Zone {
    /// The zone as it was when it last changed: `state` and `records` as the store has them.
    ///
    /// # Errors
    /// What is kept makes no sense.
    pub fn restore(
        config: ZoneConfig,
        ids: Box<dyn Ids>,
        state: ZoneState,
        records: impl Fn(store::Space) -> Vec<Record>,
    ) -> Result<Self, StoreFault> {
        let mut zone = Self::new(config, ids);
        for Record { key, value } in records(record::ZONE) {
            zone.state = parse(record::ZONE, &key, &value)?;
        }
        for Record { key, value } in records(record::AGENT_CONFIG) {
            let agent: AgentConfig = parse(record::AGENT_CONFIG, &key, &value)?;
            zone.config.agents.insert(key, agent);
        }
        zone.visibilities = super::view::of_zone(&zone.config);
        for Record { key, value } in records(record::AGENT) {
            let agent: AgentRecord = parse(record::AGENT, &key, &value)?;
            zone.agents.entry(key.clone()).or_default().record = agent;
            zone.index(&key);
        }
        for Record { key, value } in records(record::REQUEST) {
            let request: record::RequestRecord = parse(record::REQUEST, &key, &value)?;
            zone.deadlines.insert((request.deadline, Topic::Request, key.clone()));
            zone.requests.insert(key, request);
        }
        for Record { key, value } in records(record::SERVICE) {
            let service: record::ServiceRecord = parse(record::SERVICE, &key, &value)?;
            zone.deadlines.insert((service.deadline, Topic::Service, key.clone()));
            zone.services.insert(key, service);
        }
        for Record { key, value } in records(record::LOG) {
            let damaged = |_| StoreFault::Damaged(format!("record {key} of {}: its key is no number", record::LOG));
            let number = key.parse().map_err(damaged)?;
            zone.log.insert(number, parse(record::LOG, &key, &value)?);
        }
        zone.last_number = state.last_number;
        zone.durable = state.last_number;
        let mut seen = state.seen;
        seen.sort_by_key(|seen| seen.at);
        for seen in seen {
            let key = zone.key(&seen.source, &seen.message_id);
            zone.seen.add(key, seen.at);
        }
        for queued in state.queued {
            let envelope: Envelope = parse("queue", &queued.message.to_string(), &queued.envelope)?;
            let mut entry = zone.entry(&envelope)?;
            entry.attempts = queued.attempts;
            zone.agents.entry(queued.agent).or_default().queue.push(queued.message, entry);
        }
        // An event that is not in the queue any more holds nothing back.
        for agent in zone.agents.values_mut() {
            let blocked = agent.record.blocked;
            agent.record.blocked = blocked.filter(|number| agent.queue.get(*number).is_some());
        }
        Ok(zone)
    }

    fn entry(&mut self, envelope: &Envelope) -> Result<Entry, StoreFault> {
        let damaged = || StoreFault::Damaged("an envelope names a kind or version that does not exist".to_owned());
        let key = MessageKey { source: self.sources.place(&envelope.source), id: Id::new(&envelope.message_id) };
        let kind = MessageKind::from_name(&envelope.kind).ok_or_else(damaged)?;
        let version = Version::parse(&envelope.version).ok_or_else(damaged)?;
        let security = Security { authentication: envelope.authentication, encryption: envelope.encryption };
        Ok(Entry::new(key, kind, version, security, envelope.size, envelope.about.as_deref().map(Id::new)))
    }

    /// Enters what an agent provides and subscribes to where messages look for it.
    pub(crate) fn index(&mut self, id: &str) {
        for contexts in self.providers.values_mut() {
            contexts.retain(|_, provider| provider != id);
        }
        self.providers.retain(|_, contexts| !contexts.is_empty());
        for agents in self.subscribers.values_mut() {
            agents.remove(id);
        }
        self.subscribers.retain(|_, agents| !agents.is_empty());
        let Some(agent) = self.agents.get(id) else { return };
        let provision = &agent.record.provision;
        for (object, contexts) in provision.objects.get(&crate::Right::Provide).into_iter().flatten() {
            for context in contexts.keys() {
                self.providers.entry(object.clone()).or_default().insert(context.clone(), id.to_owned());
            }
        }
        for object in provision.objects.get(&crate::Right::Subscribe).into_iter().flat_map(|objects| objects.keys()) {
            self.subscribers.entry(object.clone()).or_default().insert(id.to_owned());
        }
    }

    /// Who provides an object in a context. It is registered, and may.
    pub(crate) fn provider(&self, object: &str, context: &str) -> Option<&str> {
        let provider = self.providers.get(object)?.get(context)?;
        let is_one = self.is_registered(provider) && self.may_in(provider, crate::Right::Provide, object, context);
        is_one.then_some(provider)
    }
}

fn parse<R: DeserializeOwned>(space: &str, key: &str, value: &str) -> Result<R, StoreFault> {
    // The error of serde_json says where, and nothing of what stands there.
    let why = |error: serde_json::Error| {
        StoreFault::Damaged(format!("record {key} of {space}: line {}, column {}", error.line(), error.column()))
    };
    serde_json::from_str(value).map_err(why)
}
