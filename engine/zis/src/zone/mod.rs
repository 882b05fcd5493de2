//! What a zone knows and decides: a state that takes messages and gives answers and changes.
//!
//! Pure: times and ids are handed in, and what is to be kept, sent or woken is handed out in a [`Step`]. A message is checked whole
//! before anything changes (`message/<kind>.rs`), so one that is refused leaves no trace. Nothing is delivered before
//! [`Zone::durable`] said that it is kept.

mod acl;
mod administration;
mod agent;
mod delivery;
mod expiry;
mod log;
mod log_entry;
pub(crate) mod objects;
mod own;
mod own_events;
mod own_objects;
mod push;
mod queue;
mod receive;
pub(crate) mod record;
mod registration;
mod requests;
mod restore;
mod rights;
mod seen;
mod services;
mod status;
#[cfg(test)]
mod tests;
mod types;
mod url;
mod view;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use sif::message::{Header, Version};
use store::{Change, Millis, Number};

pub use objects::object_names;
pub use types::{
    AdminFault, AgentView, Answer, AnswerData, Delivery, Ids, LogEntryView, LogLine, Moment, PushResult, PushTarget,
    QueueView, RequestView, StatusView, Step, WaitingView,
};

pub(crate) use agent::matches;
pub(crate) use delivery::Misfit;
pub(crate) use log_entry::{LOG_ENTRY, RESPONSE};
pub(crate) use own::{Content, Failure, ServiceKind};
pub(crate) use receive::{CANCEL, Fault, Reply, SERVICES, levels};
pub(crate) use requests::Ending;
pub(crate) use rights::OF_THE_ZONE;
pub(crate) use seen::Id;
pub(crate) use url::takes_gzip;
pub(crate) use view::View;

use agent::Agent;
use record::{RequestRecord, ServiceRecord, ZoneRecord};
use seen::{Seen, Sources};

use crate::ZoneConfig;

/// How often what is too old is forgotten, in seconds.
const FORGET_EVERY: u64 = 600;

/// A zone.
pub struct Zone {
    pub(crate) config: ZoneConfig,
    name: Arc<str>,
    ids: Box<dyn Ids>,
    pub(crate) state: ZoneRecord,
    /// All that are registered, or have asked to be.
    pub(crate) agents: BTreeMap<String, Agent>,
    /// Who provides an object in a context.
    providers: BTreeMap<String, BTreeMap<String, String>>,
    /// Who subscribes to an object, in any context.
    subscribers: HashMap<String, BTreeSet<String>>,
    pub(crate) requests: BTreeMap<String, RequestRecord>,
    pub(crate) services: BTreeMap<String, ServiceRecord>,
    /// What was posted as SIF_LogEntry.
    log: log::Log,
    /// When requests and invocations time out, or are forgotten if they are closed.
    deadlines: BTreeSet<(Millis, Topic, String)>,
    /// What agents may see, for those that do not see everything.
    visibilities: BTreeMap<String, sif::prune::Visibility>,
    sources: Sources,
    seen: Seen,
    last_number: Number,
    durable: Number,
    /// Who waits for a message to be kept.
    pending: VecDeque<(Number, String)>,
    forget_at: Moment,
    /// Whether SIF_ZoneStatus has changed since its subscribers were told.
    status_changed: bool,
}

/// What a deadline is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Topic {
    Request,
    Service,
}

impl Zone {
    /// A zone that has never had an agent.
    #[must_use]
    pub fn new(config: ZoneConfig, ids: Box<dyn Ids>) -> Self {
        let name = config.name.as_str().into();
        let visibilities = view::of_zone(&config);
        Self {
            config,
            visibilities,
            name,
            ids,
            state: ZoneRecord::default(),
            agents: BTreeMap::new(),
            providers: BTreeMap::new(),
            subscribers: HashMap::new(),
            requests: BTreeMap::new(),
            services: BTreeMap::new(),
            log: log::Log::default(),
            deadlines: BTreeSet::new(),
            sources: Sources::default(),
            seen: Seen::default(),
            last_number: 0,
            durable: 0,
            pending: VecDeque::new(),
            forget_at: Moment::default(),
            status_changed: false,
        }
    }

    /// Its name: the SIF_SourceId of what it sends itself.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it is set up, with what administrators have changed.
    #[must_use]
    pub const fn config(&self) -> &ZoneConfig {
        &self.config
    }

    /// The header of a message of its own.
    pub fn header(&mut self, now: Moment) -> Header {
        let timestamp = chrono::DateTime::from_timestamp_millis(now.0).unwrap_or_default();
        Header {
            message_id: self.ids.guid(),
            timestamp: timestamp.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            source_id: self.name.to_string(),
            ..Header::default()
        }
    }

    /// All messages up to this number are kept; gives the agents that messages wait for.
    pub fn durable(&mut self, number: Number) -> Vec<String> {
        self.durable = self.durable.max(number);
        let mut wake = BTreeSet::new();
        while self.pending.front().is_some_and(|(waiting, _)| *waiting <= self.durable) {
            if let Some((_, agent)) = self.pending.pop_front() {
                wake.insert(agent);
            }
        }
        wake.into_iter().collect()
    }

    /// The version of what it sends of its own accord: 2.4, or the highest below that it takes.
    pub(crate) fn own_version(&self) -> Version {
        let versions = || self.config.versions.iter().copied();
        versions()
            .filter(|version| *version <= Version::V2_4)
            .max()
            .or_else(|| versions().min())
            .unwrap_or(Version::V2_4)
    }

    /// The highest version that it takes.
    pub(crate) fn highest_version(&self) -> Version {
        self.config.versions.iter().copied().max().unwrap_or(Version::V2_4)
    }

    fn zone_key(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    /// Keeps a record.
    pub(crate) fn put(&self, space: store::Space, key: &str, value: &impl serde::Serialize, step: &mut Step) {
        // Records hold texts, numbers and lists; none of them can fail to become JSON.
        if let Ok(value) = serde_json::to_string(value) {
            step.changes.push(Change::PutRecord { zone: self.zone_key(), space, key: key.to_owned(), value });
        }
    }

    pub(crate) fn delete(&self, space: store::Space, key: &str, step: &mut Step) {
        step.changes.push(Change::DeleteRecord { zone: self.zone_key(), space, key: key.to_owned() });
    }

    pub(crate) fn put_agent(&self, id: &str, step: &mut Step) {
        if let Some(agent) = self.agents.get(id) {
            self.put(record::AGENT, id, &agent.record, step);
        }
    }
}

impl std::fmt::Debug for Zone {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Zone")
            .field("name", &self.name)
            .field("last_number", &self.last_number)
            .finish_non_exhaustive()
    }
}
