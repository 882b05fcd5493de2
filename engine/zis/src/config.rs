//! How a zone is set up: what its file and the server's configuration say.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sif::message::Version;

/// What an agent may do with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Be its provider.
    Provide,
    /// Get its events.
    Subscribe,
    /// Report that one was added.
    PublishAdd,
    /// Report that one was changed.
    PublishChange,
    /// Report that one was deleted.
    PublishDelete,
    /// Ask for it.
    Request,
    /// Answer requests for it.
    Respond,
}

impl Right {
    /// All of them, in the order of SIF_AgentACL.
    pub const ALL: [Self; 7] = [
        Self::Provide,
        Self::Subscribe,
        Self::PublishAdd,
        Self::PublishChange,
        Self::PublishDelete,
        Self::Request,
        Self::Respond,
    ];

    /// Its word in zone files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Provide => "provide",
            Self::Subscribe => "subscribe",
            Self::PublishAdd => "publish_add",
            Self::PublishChange => "publish_change",
            Self::PublishDelete => "publish_delete",
            Self::Request => "request",
            Self::Respond => "respond",
        }
    }
}

/// How a delivery reaches an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The zone calls the agent.
    Push,
    /// The agent asks the zone.
    Pull,
}

/// An agent as the zone's file has it, or an administrator has changed it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AgentConfig {
    /// SIF_SourceId.
    pub id: String,
    /// Whether it may register. An agent that is not approved is shown to administrators, and refused with 4/2.
    pub approved: bool,
    /// The only mode that it may register in; none: either.
    pub mode: Option<Mode>,
    /// The only address that it may be called at; none: what it registers, if the server's configuration allows that host.
    pub url: Option<String>,
    /// SHA-256 of the certificate that it must show, in lower-case hexadecimal digits; none: the server decides.
    pub certificate: Option<String>,
    /// What it may do, by object. `*` stands for every object.
    pub rights: BTreeMap<String, BTreeSet<Right>>,
    /// Services that it may provide, respond for, request and subscribe to, by name; `*` stands for every service.
    pub services: BTreeMap<String, BTreeSet<Right>>,
    /// The contexts that its rights hold in.
    pub contexts: Vec<String>,
    /// The element paths that it may see, by object; an object that is not named is seen whole.
    pub elements: BTreeMap<String, BTreeSet<String>>,
}

/// A zone.
#[derive(Clone, Debug)]
pub struct ZoneConfig {
    /// Its name: the SIF_SourceId of what it sends itself, and the last part of its address.
    pub name: String,
    /// Its contexts; SIF_Default is one.
    pub contexts: Vec<String>,
    /// The versions that it takes envelopes in.
    pub versions: Vec<Version>,
    /// Its agents, by id.
    pub agents: BTreeMap<String, AgentConfig>,
    /// The rest.
    pub options: ZoneOptions,
}

/// What the specification leaves to a zone. Times are in seconds, sizes in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneOptions {
    /// The smallest SIF_MaxBufferSize that an agent may register.
    pub min_buffer_size: u64,
    /// The largest message that is taken.
    pub max_message_size: u64,
    /// Whether only secure connections are taken.
    pub require_secure: bool,
    /// The least SIF_AuthenticationLevel of connections that are taken.
    pub min_authentication: u8,
    /// Whether events are only taken of objects that their sender announced in SIF_Provision. OpenADK announces none.
    pub events_must_be_announced: bool,
    /// Whether agents may register that no file and no administrator has named.
    pub accept_unknown_agents: bool,
    /// Whether SIF_DestinationId of an event is followed (SIF 2.5); 2.4 ignores it.
    pub directed_events: bool,
    /// Whether messages are checked against the shapes of SIF 2.4 before they are handled.
    pub validate: bool,
    /// Whether the responder is told of cancelled requests.
    pub forward_cancel: bool,
    /// How long a request stays open.
    pub request_seconds: u64,
    /// How long ids are remembered, to notice a message that comes twice.
    pub duplicate_seconds: u64,
    /// How long messages are kept after their last delivery, for administrators.
    pub keep_seconds: u64,
    /// The most SIF_LogEntry objects that are kept for who asks for them; of more, the oldest of who has posted the most goes. 0: none
    /// are kept, and the zone does not answer for them.
    pub log_entries: u64,
    /// How long SIF_LogEntry objects are kept.
    pub log_seconds: u64,
    /// Failed deliveries after which a message becomes a dead letter.
    pub max_attempts: u32,
    /// Whether deliveries count as failed where no connection could be made (10/4). If not, they are tried again for ever: an
    /// agent that is off for a week finds its queue whole and in order.
    pub bury_unreachable: bool,
    /// The first pause after a failed delivery; it doubles with each, up to the longest.
    pub retry_seconds: u64,
    /// The longest pause after a failed delivery.
    pub max_retry_seconds: u64,
    /// The most messages that may wait for one agent; a sender of more is told 11/1, and nothing is dropped.
    pub max_queue: u64,
    /// Hosts that agents may be called at, besides addresses in the zone's file; `*.example.org` takes all below it.
    pub push_hosts: Vec<String>,
    /// Where administrators find the zone.
    pub administration_url: Option<String>,
}

impl Default for ZoneOptions {
    fn default() -> Self {
        Self {
            min_buffer_size: 1024,
            max_message_size: 8 << 20,
            require_secure: false,
            min_authentication: 0,
            events_must_be_announced: false,
            accept_unknown_agents: false,
            directed_events: false,
            validate: true,
            forward_cancel: false,
            request_seconds: 24 * 3600,
            duplicate_seconds: 7 * 24 * 3600,
            keep_seconds: 7 * 24 * 3600,
            log_entries: 1000,
            log_seconds: 30 * 24 * 3600,
            max_attempts: 10,
            bury_unreachable: false,
            retry_seconds: 1,
            max_retry_seconds: 900,
            max_queue: 1_000_000,
            push_hosts: Vec::new(),
            administration_url: None,
        }
    }
}
