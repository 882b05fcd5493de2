//! How a provider is set up.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use graph::Date;
use mapper::Zone;

/// The date that answers are true for: asked for when a request is taken, so that nothing here reads a clock.
pub type AsOf = Arc<dyn Fn() -> Date + Send + Sync>;

/// The elements that requesters may see: by SIF_SourceId and object the paths. A requester or an object that is not named sees all.
pub type ElementRights = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// How a provider is set up.
#[derive(Clone)]
pub struct ProviderConfig {
    /// The zone that it answers in, and the options of its mapping.
    pub zone: Arc<Zone>,
    /// The source: `sqlite:PATH`, `postgres://…` or `csv:DIR`.
    pub source: Arc<str>,
    /// The date of what is asked for now.
    pub as_of: AsOf,
    /// Threads that map for one request.
    pub jobs: usize,
    /// How long the provider waits before it asks again where no message waits for it.
    pub poll: Duration,
    /// How long until what the zone did not let the provider do is offered to it again.
    pub offer_again: Duration,
    /// Requests that are answered at the same time; the others wait, and each requester has its turn.
    pub parallel: usize,
    /// The largest packet, in bytes, whatever a requester would take.
    pub max_buffer: u64,
    /// The smallest SIF_MaxBufferSize that is answered, in bytes; less is refused with 8/8.
    pub min_buffer: u64,
    /// The most rows that a SIF_ExtendedQuery may hold on the way; more is refused with 8/9.
    pub max_rows: usize,
    /// The most bytes that they may take.
    pub max_row_bytes: usize,
    /// The most SIF_LogEntry events about the data behind one answer.
    pub max_log_entries: usize,
    /// The elements that requesters may see at first ([`crate::Provider::set_elements`]).
    pub elements: Arc<ElementRights>,
}

impl ProviderConfig {
    /// A provider with the usual bounds.
    #[must_use]
    pub fn new(zone: Arc<Zone>, source: &str, as_of: AsOf) -> Self {
        Self {
            zone,
            source: Arc::from(source),
            as_of,
            jobs: 2,
            poll: Duration::from_secs(1),
            offer_again: Duration::from_secs(600),
            parallel: 2,
            max_buffer: 1 << 20,
            min_buffer: 4096,
            max_rows: 200_000,
            max_row_bytes: 128 << 20,
            max_log_entries: 100,
            elements: Arc::default(),
        }
    }
}

impl fmt::Debug for ProviderConfig {
    /// A source's URL may hold a password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ProviderConfig").field("zone", &self.zone.name).finish_non_exhaustive()
    }
}
