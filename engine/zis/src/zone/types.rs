//! What goes into a zone and comes out of it.

use std::fmt;

use serde::Serialize;
use sif::message::{Ack, ErrorCode, MessageKind, Original, Outcome, Security, Version};
use store::{Change, Millis, Number};

/// A time that is handed in: a zone has no clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub Millis);

impl Moment {
    /// Some seconds later.
    pub(crate) fn after(self, seconds: u64) -> Self {
        let millis = Millis::try_from(seconds).unwrap_or(Millis::MAX).saturating_mul(1000);
        Self(self.0.saturating_add(millis))
    }

    /// Some seconds earlier.
    pub(crate) fn before(self, seconds: u64) -> Self {
        let millis = Millis::try_from(seconds).unwrap_or(Millis::MAX).saturating_mul(1000);
        Self(self.0.saturating_sub(millis))
    }
}

/// Where ids of messages come from: a zone has no randomness.
pub trait Ids: Send {
    /// A new GUID: 32 hexadecimal digits in upper case.
    fn guid(&mut self) -> String;
}

/// A message that is to be given to an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The agent.
    pub agent: String,
    /// The message; the store has its text for this agent.
    pub number: Number,
    /// SIF_MsgId.
    pub message_id: String,
    /// SIF_SourceId.
    pub source: String,
    /// What it is.
    pub kind: MessageKind,
    /// Bytes of the message as it was received; an agent that sees less of it gets less.
    pub size: u64,
    /// Failed deliveries so far.
    pub attempts: u32,
    /// What it asks of the channel.
    pub security: Security,
    /// Its version.
    pub version: Version,
}

/// What SIF_Data of an answer carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerData {
    /// The message with this number, as it is for the agent that asked.
    Deliver(Number),
    /// SIF_AgentACL as XML.
    AgentAcl(String),
    /// SIF_ZoneStatus as XML.
    ZoneStatus(String),
}

/// What is answered to a message: a SIF_Ack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The version of the SIF_Ack.
    pub version: Version,
    /// The message that is answered, as far as it could be read.
    pub original: Option<Original>,
    /// What is said.
    pub outcome: Outcome,
    /// What goes with it.
    pub data: Option<AnswerData>,
}

/// Something that is worth a line of a log: ids and codes only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogLine {
    /// What happened, in one or two words of ours.
    pub what: &'static str,
    /// The agent that it happened with; empty where there is none.
    pub agent: String,
    /// SIF_MsgId; empty where there is none.
    pub message_id: String,
    /// Category and code, such as `4/9`; empty where there is none.
    pub code: String,
}

/// What a zone wants to have done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// What to answer, once the changes are kept; none where nobody asked.
    pub answer: Option<Answer>,
    /// What is to be kept, in this order.
    pub changes: Vec<Change>,
    /// Agents whose queues may have something for them now. Those of messages that are not kept yet come from `Zone::durable`.
    pub wake: Vec<String>,
    /// What to log.
    pub log: Vec<LogLine>,
}

/// How an agent in push mode is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushTarget {
    /// Where: an address that the zone allows.
    pub url: String,
    /// Whether it takes gzip.
    pub accept_gzip: bool,
    /// The version of the envelope that it registered in.
    pub version: Version,
}

/// What came of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushResult {
    /// The agent answered with a SIF_Ack.
    Ack(Ack),
    /// It did not, or with something that is none.
    Failed {
        /// 10/4 where there was no connection, else 10/1.
        code: ErrorCode,
        /// Why, without values of the message or the answer.
        why: String,
    },
}

/// Why an administrator's wish is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdminFault {
    /// There is no such agent.
    UnknownAgent,
    /// There is no such request, or it is closed.
    UnknownRequest,
    /// The message does not wait in the agent's queue.
    NotQueued,
    /// The message is in the agent's queue already.
    AlreadyQueued,
    /// The agent cannot take the message: its version, its size, or what it asks of the channel.
    DoesNotFit(&'static str),
}

impl fmt::Display for AdminFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownAgent => formatter.write_str("there is no such agent, or it is not registered"),
            Self::UnknownRequest => formatter.write_str("there is no such request, or it is closed"),
            Self::NotQueued => formatter.write_str("the message does not wait in this agent's queue"),
            Self::AlreadyQueued => formatter.write_str("the message is in this agent's queue already"),
            Self::DoesNotFit(why) => write!(formatter, "the agent cannot take the message: {why}"),
        }
    }
}

impl std::error::Error for AdminFault {}

/// An agent, as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AgentView {
    /// SIF_SourceId.
    pub id: String,
    /// SIF_Name; none if it is not registered.
    pub name: Option<String>,
    /// Whether the zone's file or an administrator names it.
    pub known: bool,
    /// Whether it may register.
    pub approved: bool,
    /// Whether it is registered.
    pub registered: bool,
    /// When it registered.
    pub registered_at: Option<Millis>,
    /// When it last asked to register without being approved.
    pub asked_at: Option<Millis>,
    /// Its mode; none if it is not registered.
    pub mode: Option<crate::Mode>,
    /// Where it is called; none in pull mode.
    pub url: Option<String>,
    /// The versions that it takes.
    pub versions: Vec<String>,
    /// Its SIF_MaxBufferSize; 0 if it is not registered.
    pub buffer: u64,
    /// Whether it sleeps.
    pub sleeping: bool,
    /// Messages that wait for it.
    pub waiting: u64,
}

/// A queue, as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct QueueView {
    /// The agent.
    pub agent: String,
    /// Messages that wait.
    pub waiting: u64,
    /// Bytes of them, as they were received.
    pub bytes: u64,
    /// The event that holds back all others.
    pub blocked: Option<Number>,
    /// The message that is being delivered.
    pub in_flight: Option<Number>,
    /// Failed deliveries in a row.
    pub failures: u32,
    /// Before when nothing is tried again.
    pub retry_at: Option<Millis>,
    /// Whether the agent sleeps.
    pub sleeping: bool,
}

/// A message that waits, as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WaitingView {
    /// Its number.
    pub number: Number,
    /// SIF_MsgId.
    pub message_id: String,
    /// SIF_SourceId.
    pub source: String,
    /// Its kind, such as `SIF_Event`.
    pub kind: &'static str,
    /// Bytes, as it was received.
    pub size: u64,
    /// Failed deliveries so far.
    pub attempts: u32,
}

/// An open request, as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RequestView {
    /// Its SIF_MsgId.
    pub id: String,
    /// Who asks.
    pub requester: String,
    /// Who is asked.
    pub responder: String,
    /// The object.
    pub object: String,
    /// The context.
    pub context: String,
    /// When it was taken.
    pub opened: Millis,
    /// When it times out.
    pub deadline: Millis,
    /// The SIF_PacketNumber that is due.
    pub next_packet: u64,
}

/// An entry of the zone's log, as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LogEntryView {
    /// Its number: later entries have higher ones.
    pub number: i64,
    /// When it was posted.
    pub at: Millis,
    /// Who posted it: an agent, or the zone.
    pub sender: String,
    /// SIF_MsgId of the event that posted it.
    pub message_id: String,
    /// The contexts that it was posted in.
    pub contexts: Vec<String>,
    /// `Info`, `Warning` or `Error`.
    pub level: String,
    /// SIF_Category and SIF_Code, such as `4/2`.
    pub code: String,
    /// What the zone says; none of what an agent says, which may name a child: it stands in the agent's message.
    pub description: Option<String>,
    /// Who sent the message that it is about.
    pub about_source: Option<String>,
    /// SIF_MsgId of the message that it is about.
    pub about_message_id: Option<String>,
}

/// A zone, as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StatusView {
    /// Its name.
    pub name: String,
    /// Whether it sleeps.
    pub asleep: bool,
    /// Agents that it knows of.
    pub agents: u64,
    /// Agents that are registered.
    pub registered: u64,
    /// Agents that asked to register and are not approved.
    pub asking: u64,
    /// Messages that wait, in all queues.
    pub waiting: u64,
    /// Open requests.
    pub requests: u64,
    /// Ids that are remembered.
    pub remembered: u64,
    /// The number of the last message.
    pub last_number: Number,
}
