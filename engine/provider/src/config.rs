//! How a provider is set up.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use graph::Date;
use mapper::Zone;
use store::Millis;

/// The date that answers are true for, and the time that messages bear: asked for whenever one is needed, so that nothing here reads
/// a clock.
pub trait Clock: Send + Sync {
    /// The date.
    fn as_of(&self) -> Date;
    /// The time.
    fn now(&self) -> Millis;
}

/// The elements that requesters may see: by SIF_SourceId and object the paths. A requester or an object that is not named sees all.
pub type ElementRights = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// How a provider is set up.
#[derive(Clone)]
pub struct ProviderConfig {
    /// The zone that it answers in, and the options of its mapping.
    pub zone: Arc<Zone>,
    /// The source: `sqlite:PATH`, `postgres://…` or `csv:DIR`.
    pub source: Arc<str>,
    /// Its SIF_SourceId.
    pub agent_id: Arc<str>,
    /// The date and the time.
    pub clock: Arc<dyn Clock>,
    /// Threads that map for one request.
    pub jobs: usize,
    /// Requests that are answered at the same time; the others wait, and each requester has its turn.
    pub parallel: usize,
    /// The largest packet, in bytes, whatever a requester would take.
    pub max_buffer: u64,
    /// The smallest SIF_MaxBufferSize that is answered, in bytes; less is refused with 8/8.
    pub min_buffer: u64,
    /// The most rows that a SIF_ExtendedQuery may hold on the way; more is refused with 8/9.
    pub max_rows: usize,
    /// The most SIF_LogEntry events about the data behind one answer.
    pub max_log_entries: usize,
    /// The elements that requesters may see.
    pub elements: Arc<ElementRights>,
}

impl ProviderConfig {
    /// A provider with the usual bounds.
    #[must_use]
    pub fn new(zone: Arc<Zone>, source: &str, agent_id: &str, clock: Arc<dyn Clock>) -> Self {
        Self {
            zone,
            source: Arc::from(source),
            agent_id: Arc::from(agent_id),
            clock,
            jobs: 2,
            parallel: 2,
            max_buffer: 1 << 20,
            min_buffer: 4096,
            max_rows: 200_000,
            max_log_entries: 100,
            elements: Arc::default(),
        }
    }
}

impl fmt::Debug for ProviderConfig {
    /// A source's URL may hold a password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ProviderConfig")
            .field("zone", &self.zone.name)
            .field("agent_id", &self.agent_id)
            .finish_non_exhaustive()
    }
}
