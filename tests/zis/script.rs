//! A conversation as its file has it. An unknown key is an error with its line.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// A conversation between agents and a zone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conversation {
    /// What it shows, in a sentence.
    pub about: String,
    /// The zone.
    #[serde(default)]
    pub zone: ZoneSetup,
    /// The agents, by id.
    #[serde(default)]
    pub agents: BTreeMap<String, AgentSetup>,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// How the zone is set up.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneSetup {
    /// Contexts besides SIF_Default.
    #[serde(default)]
    pub contexts: Vec<String>,
    /// The versions of envelopes; by itself 2.0 to 2.4.
    #[serde(default)]
    pub versions: Option<Vec<String>>,
    /// Whether agents come over HTTPS.
    #[serde(default)]
    pub https: bool,
    /// Options of the zone that differ from what a zone has by itself.
    #[serde(default)]
    pub options: Options,
}

/// Options of the zone.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    pub min_buffer_size: Option<u64>,
    pub max_message_size: Option<u64>,
    pub require_secure: Option<bool>,
    pub min_authentication: Option<u8>,
    pub events_must_be_announced: Option<bool>,
    pub accept_unknown_agents: Option<bool>,
    pub directed_events: Option<bool>,
    pub validate: Option<bool>,
    pub request_seconds: Option<u64>,
    pub duplicate_seconds: Option<u64>,
    pub max_attempts: Option<u32>,
    pub retry_seconds: Option<u64>,
    pub max_queue: Option<u64>,
    pub push_hosts: Option<Vec<String>>,
}

/// An agent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentSetup {
    /// Whether the zone knows it; by itself it does.
    pub known: Option<bool>,
    /// Whether the zone has approved it; by itself it has.
    pub approved: Option<bool>,
    /// Its rights, by object; by itself all for all.
    pub rights: Option<BTreeMap<String, Vec<String>>>,
    /// Its rights for services, by name; by itself all for all.
    pub services: Option<BTreeMap<String, Vec<String>>>,
    /// The contexts that its rights hold in; by itself all of the zone.
    pub contexts: Option<Vec<String>>,
    /// The only mode that it may register in.
    pub mode: Option<String>,
    /// The certificate that it shows: none, `trusted`, `stranger` or `expired`.
    pub certificate: Option<String>,
    /// Whether only that certificate is taken.
    pub pinned: Option<bool>,
    /// Paths that it may see, by object.
    pub elements: Option<BTreeMap<String, Vec<String>>>,
    /// Whether it has registered, and said what it does, before the first step; by itself it has.
    pub registered: Option<bool>,
    /// Whether it is called by the zone; by itself it asks.
    #[serde(default)]
    pub push: bool,
    /// SIF_MaxBufferSize.
    pub buffer: Option<u32>,
    /// The versions that it takes; by itself 2.*.
    pub takes: Option<Vec<String>>,
    /// The version that it writes; by itself 2.4.
    pub version: Option<String>,
    /// What it says in SIF_Provision before the first step.
    pub does: Option<Does>,
}

/// Objects are written `Name`, `Name@Context` or `Name+extended`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Does {
    pub provide: Vec<String>,
    pub subscribe: Vec<String>,
    pub publish_add: Vec<String>,
    pub publish_change: Vec<String>,
    pub publish_delete: Vec<String>,
    pub request: Vec<String>,
    pub respond: Vec<String>,
    pub provide_services: Vec<String>,
    pub respond_services: Vec<String>,
    pub request_services: Vec<String>,
    pub subscribe_services: Vec<String>,
}

/// One thing that happens: an agent sends something (with the answer that is expected; by itself status 0), or receives something, or
/// something happens to the server.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// Why, for who reads it.
    pub note: Option<String>,
    /// Who sends or receives.
    pub agent: Option<String>,
    /// The label of the message's id; elsewhere it is called by it.
    pub id: Option<String>,
    /// The version of the message.
    pub version: Option<String>,
    /// SIF_Security: authentication and encryption, such as `1/2`.
    pub security: Option<String>,
    /// SIF_Contexts.
    pub contexts: Vec<String>,
    /// SIF_DestinationId; `zone` is the zone.
    pub to: Option<String>,

    pub register: Option<Registers>,
    pub unregister: bool,
    pub provision: Option<Does>,
    pub provide: Vec<String>,
    pub unprovide: Vec<String>,
    pub subscribe: Vec<String>,
    pub unsubscribe: Vec<String>,
    pub event: Option<Events>,
    pub request: Option<Requests>,
    pub response: Option<Responds>,
    pub service_input: Option<Serves>,
    pub service_output: Option<Serves>,
    pub service_notify: Option<Serves>,
    pub ack: Option<Acks>,
    /// ping, sleep, wakeup, get, status or acl.
    pub control: Option<String>,
    pub cancel: Option<Cancels>,
    /// The label of a message that is sent again, byte by byte.
    pub again: Option<String>,
    /// A whole document. `{header}` is a header with a fresh id, `{ns}` the namespace, `{id:LABEL}` an id, `{zone}` the zone's name.
    pub raw: Option<String>,
    /// Something that is less than a message.
    pub http: Option<Http>,

    /// What is answered; by itself status 0.
    pub answer: Option<Answered>,

    /// What the agent receives, in order; nothing more comes, unless `more` is set. An agent in pull mode asks and acknowledges.
    pub receives: Option<Vec<Receives>>,
    /// Whether more may wait.
    pub more: bool,
    /// How an agent in push mode acknowledges what comes from now on, in order: 1, 2, 7, 8 or a code such as 10/1; then 1.
    pub replies: Vec<String>,

    /// The server stops and starts again.
    pub restart: bool,
    /// Seconds that pass.
    pub wait: Option<f64>,
    /// An administrator does something.
    pub administrator: Option<Administrator>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Registers {
    pub push: bool,
    /// The address instead of the agent's own; the empty one leaves SIF_URL out.
    pub url: Option<String>,
    /// SIF_Protocol/@Type instead of that of the address.
    pub protocol: Option<String>,
    pub buffer: Option<u32>,
    pub takes: Option<Vec<String>>,
    /// The property Accept-Encoding.
    pub encoding: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Events {
    pub add: Option<String>,
    pub change: Option<String>,
    pub delete: Option<String>,
    /// The object's element; by itself one with a RefId only.
    pub xml: Option<String>,
    /// Bytes that a comment adds.
    pub padding: usize,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Requests {
    pub object: Option<String>,
    /// Conditions such as `@RefId EQ A`.
    pub conditions: Vec<String>,
    /// Objects of a SIF_ExtendedQuery: the first is that of SIF_From.
    pub extended: Option<String>,
    /// SIF_DestinationProvider of the SIF_ExtendedQuery.
    pub provider: Option<String>,
    pub takes: Option<Vec<String>>,
    pub buffer: Option<u32>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Responds {
    /// The label of the request.
    pub request: String,
    /// SIF_PacketNumber; by itself 1.
    pub packet: Option<u32>,
    pub more: bool,
    /// Objects with a RefId only, by name; none is no match.
    pub objects: Vec<String>,
    /// An error instead.
    pub error: Option<String>,
    /// SIF_ExtendedQueryResults instead.
    pub rows: bool,
    pub padding: usize,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Serves {
    pub service: Option<String>,
    pub operation: Option<String>,
    /// The label of the SIF_ServiceMsgId.
    pub invocation: String,
    pub packet: Option<u32>,
    pub more: bool,
    pub error: Option<String>,
    pub takes: Option<Vec<String>>,
    pub buffer: Option<u32>,
    pub padding: usize,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Acks {
    /// The label of the message.
    pub of: Option<String>,
    /// Its sender; by itself the one that sent it.
    pub from: Option<String>,
    pub status: Option<u8>,
    pub error: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cancels {
    pub requests: Vec<String>,
    pub services: Vec<String>,
    pub quietly: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    pub method: Option<String>,
    pub content_type: Option<String>,
    pub encoding: Option<String>,
    /// Another zone's name in the address.
    pub zone: Option<String>,
    pub body: Option<String>,
    /// Bytes of space as the body.
    pub size: Option<usize>,
    /// The status that is expected.
    pub status: u16,
}

/// What an answer must be.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Answered {
    pub status: Option<u8>,
    pub error: Option<String>,
    /// `none` where the original cannot be named (nil), `id` where only its id can, `source` where only its sender can.
    pub original: Option<String>,
    /// The version of the answer; by itself that of the message.
    pub version: Option<String>,
    /// Texts that the answer has.
    pub has: Vec<String>,
    /// Texts that it does not have.
    pub lacks: Vec<String>,
    /// The message that it delivers.
    pub delivers: Option<Receives>,
}

/// A message that is received.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Receives {
    /// The label of an event's id.
    pub event: Option<String>,
    /// The label of a request's id.
    pub request: Option<String>,
    /// The label of the request that a response answers.
    pub response: Option<String>,
    /// A log entry of the zone: its category and code.
    pub log: Option<String>,
    /// The label of the invocation that an input, output or notice of a service is of.
    pub input: Option<String>,
    pub output: Option<String>,
    pub notice: Option<String>,
    /// Who sent it; `zone` is the zone.
    pub from: Option<String>,
    pub packet: Option<u32>,
    pub more: Option<bool>,
    pub error: Option<String>,
    pub version: Option<String>,
    pub has: Vec<String>,
    pub lacks: Vec<String>,
    /// Whether it is byte by byte what was sent under this label.
    pub unchanged: Option<bool>,
    /// How it is acknowledged in pull mode: 1 by itself; `leave` does not.
    pub ack: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Administrator {
    pub zone_sleeps: Option<bool>,
    pub removes_request: Option<String>,
    pub approves: Option<String>,
    pub withdraws: Option<String>,
    pub removes_agent: Option<String>,
}

impl Conversation {
    /// The codes that it shows: `status 7`, `error 4/9`, `log 4/2`.
    pub fn codes(&self) -> BTreeSet<String> {
        let mut codes = BTreeSet::new();
        let mut add = |kind: &str, code: Option<String>| {
            codes.extend(code.map(|code| format!("{kind} {code}")));
        };
        for step in &self.steps {
            if let Some(answer) = &step.answer {
                add("status", answer.status.map(|status| status.to_string()));
                add("error", answer.error.clone());
            }
            if let Some(ack) = &step.ack {
                add("status", ack.status.map(|status| status.to_string()));
                add("error", ack.error.clone());
            }
            for reply in &step.replies {
                add(if reply.contains('/') { "error" } else { "status" }, Some(reply.clone()));
            }
            let delivered = step.answer.iter().filter_map(|answer| answer.delivers.as_ref());
            for received in step.receives.iter().flatten().chain(delivered) {
                add("error", received.error.clone());
                add("log", received.log.clone());
                if let Some(ack) = received.ack.as_ref().filter(|ack| *ack != "leave") {
                    add(if ack.contains('/') { "error" } else { "status" }, Some(ack.clone()));
                }
            }
        }
        codes
    }
}

/// Reads a conversation.
pub fn read(text: &str) -> Result<Conversation, String> {
    serde_yaml::from_str(text).map_err(|error| error.to_string())
}
