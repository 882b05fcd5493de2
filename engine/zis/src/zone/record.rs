//! What of a zone's state is kept in records, as JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sif::message::VersionPattern;
use store::{Millis, Number};

use crate::{Mode, Right};

/// Kinds of record.
pub(crate) const AGENT: &str = "agent";
pub(crate) const AGENT_CONFIG: &str = "agent_config";
pub(crate) const LOG: &str = "log_entry";
pub(crate) const REQUEST: &str = "request";
pub(crate) const SERVICE: &str = "service";
pub(crate) const ZONE: &str = "zone";

/// Key of the one record of [`ZONE`].
pub(crate) const STATE: &str = "state";

/// The zone itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ZoneRecord {
    /// Whether an administrator has put it to sleep.
    pub asleep: bool,
}

/// An agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AgentRecord {
    /// What it registered; none if it is not registered.
    pub registration: Option<Registration>,
    /// When it asked to register without being approved.
    pub asked: Option<Millis>,
    /// What it provides, subscribes to, publishes, requests and responds for.
    pub provision: Provision,
    /// Whether it sleeps.
    pub sleeping: bool,
    /// The event that it works on, which holds back all other events (selective message blocking).
    pub blocked: Option<Number>,
}

/// What SIF_Register said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Registration {
    pub name: String,
    #[serde(with = "patterns")]
    pub versions: Vec<VersionPattern>,
    pub buffer: u64,
    pub mode: Mode,
    pub protocol: Option<Protocol>,
    pub vendor: Option<String>,
    pub node_version: Option<String>,
    /// Vendor, product and version of the application.
    pub application: Option<[String; 3]>,
    pub icon: Option<String>,
    pub at: Millis,
    /// SIF_AuthenticationLevel and SIF_EncryptionLevel of the connection that it registered through, which deliveries in pull mode
    /// are expected to have.
    pub authentication: u8,
    pub encryption: u8,
    /// Version of the envelope.
    pub envelope: String,
}

/// SIF_Protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Protocol {
    pub kind: String,
    pub secure: bool,
    pub url: Option<String>,
    /// Names and values of SIF_Property.
    pub properties: Vec<(String, String)>,
}

/// What SIF_Provision, SIF_Provide and SIF_Subscribe said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Provision {
    /// By right, object and context: whether SIF_ExtendedQuery is supported.
    pub objects: BTreeMap<Right, BTreeMap<String, BTreeMap<String, bool>>>,
    /// By right and service.
    pub services: BTreeMap<Right, BTreeMap<String, Service>>,
}

/// A service of a provision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Service {
    pub contexts: BTreeSet<String>,
    /// None: all.
    pub operations: BTreeSet<String>,
}

impl Provision {
    /// The contexts in which an object was announced under a right.
    pub fn contexts(&self, right: Right, object: &str) -> Option<&BTreeMap<String, bool>> {
        self.objects.get(&right)?.get(object)
    }

    /// Whether an object was announced under a right in a context.
    pub fn has(&self, right: Right, object: &str, context: &str) -> bool {
        self.contexts(right, object).is_some_and(|contexts| contexts.contains_key(context))
    }

    /// A service that was announced under a right in a context.
    pub fn service(&self, right: Right, service: &str, context: &str) -> Option<&Service> {
        self.services.get(&right)?.get(service).filter(|service| service.contexts.contains(context))
    }
}

/// Versions as text.
mod patterns {
    use serde::{Deserialize, Deserializer, Serializer};
    use sif::message::VersionPattern;

    pub fn serialize<S: Serializer>(patterns: &[VersionPattern], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(patterns.iter().map(ToString::to_string))
    }

    pub fn deserialize<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Vec<VersionPattern>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let parse = |text: &String| {
            VersionPattern::parse(text).ok_or_else(|| serde::de::Error::custom("a version that cannot be read"))
        };
        texts.iter().map(parse).collect()
    }
}

/// A request that was routed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RequestRecord {
    pub requester: String,
    pub responder: String,
    pub object: String,
    pub context: String,
    #[serde(with = "patterns")]
    pub versions: Vec<VersionPattern>,
    /// Version of the request's envelope.
    pub envelope: String,
    pub buffer: u64,
    pub next_packet: u64,
    /// The request itself.
    pub number: Number,
    pub opened: Millis,
    /// When it times out, or, if it is closed, is forgotten.
    pub deadline: Millis,
    /// Why later packets are refused; none while it is open.
    pub closed: Option<Closed>,
}

/// How a request or an invocation ended before its last packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Closed {
    TimedOut,
    Removed,
    Cancelled,
}

/// A service that was invoked, or a stream of notices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServiceRecord {
    /// The invoker; of notices, the provider.
    pub invoker: String,
    /// The provider that was chosen; empty for notices.
    pub provider: String,
    pub service: String,
    pub operation: String,
    pub context: String,
    #[serde(with = "patterns")]
    pub versions: Vec<VersionPattern>,
    /// Version of the envelopes.
    pub envelope: String,
    pub buffer: u64,
    /// The packet of the input, or of the notice, that is due; none after the last one.
    pub next_input: Option<u64>,
    pub next_output: u64,
    pub opened: Millis,
    /// When it times out, or, if it is closed, is forgotten.
    pub deadline: Millis,
    pub closed: Option<Closed>,
}

/// What a queue needs to know of a message: [`store::NewMessage::envelope`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Envelope {
    #[serde(rename = "m")]
    pub message_id: String,
    #[serde(rename = "s")]
    pub source: String,
    #[serde(rename = "k")]
    pub kind: String,
    #[serde(rename = "v")]
    pub version: String,
    #[serde(rename = "z")]
    pub size: u64,
    #[serde(rename = "a", default)]
    pub authentication: u8,
    #[serde(rename = "e", default)]
    pub encryption: u8,
    /// The request or invocation that it belongs to.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
}
