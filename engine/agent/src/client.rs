//! An agent: who it is, how it sends, how often it tries.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::Utc;
use sif::message::{Header, Outcome, Security, Version, error};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::answer::Answer;
use crate::fault::AgentFault;
use crate::sources::{Clock, MessageIds, message_id, timestamp};
use crate::transport::{Transport, TransportFault};

/// How often a message is sent when no answer comes. It keeps its SIF_MsgId, so a zone that has it already says so (7) and does nothing twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resend {
    /// How often it is sent at most; at least once.
    pub attempts: u32,
    /// The pause before the second time; it doubles with each further one.
    pub pause: Duration,
}

impl Default for Resend {
    fn default() -> Self {
        Self { attempts: 4, pause: Duration::from_millis(250) }
    }
}

/// The moment from which an agent waits for no answer any more; none while it is not to end.
pub type Deadline = watch::Receiver<Option<Instant>>;

/// An agent of one zone. Cloning it is cheap; clones are the same agent.
#[derive(Clone)]
pub struct Agent {
    id: String,
    version: Version,
    security: Option<Security>,
    transport: Arc<dyn Transport>,
    ids: MessageIds,
    clock: Clock,
    resend: Resend,
    deadline: Option<Deadline>,
    forgotten: Arc<Notify>,
}

impl Agent {
    /// An agent with this SIF_SourceId: it writes SIF 2.4, random ids and the time of this machine.
    #[must_use]
    pub fn new(id: impl Into<String>, transport: Arc<dyn Transport>) -> Self {
        Self {
            id: id.into(),
            version: Version::V2_4,
            security: None,
            transport,
            ids: Arc::new(message_id),
            clock: Arc::new(Utc::now),
            resend: Resend::default(),
            deadline: None,
            forgotten: Arc::default(),
        }
    }

    /// The same agent, writing another version of SIF.
    #[must_use]
    pub const fn with_version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// The same agent, asking this of every channel that its events, requests and responses go through.
    #[must_use]
    pub const fn with_security(mut self, security: Security) -> Self {
        self.security = Some(security);
        self
    }

    /// The same agent with ids from elsewhere.
    #[must_use]
    pub fn with_ids(mut self, ids: MessageIds) -> Self {
        self.ids = ids;
        self
    }

    /// The same agent with another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The same agent, sending more or less often when no answer comes.
    #[must_use]
    pub const fn with_resend(mut self, resend: Resend) -> Self {
        self.resend = resend;
        self
    }

    /// The same agent, which gives up what it waits for when the deadline has come: a zone that takes messages and does not answer must not
    /// keep a program from its end.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Deadline) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Ends when the zone has answered some message of the agent, since this was awaited last, that it is not registered (4/9). Only one
    /// can wait for it.
    pub async fn forgotten(&self) {
        self.forgotten.notified().await;
    }

    /// Its SIF_SourceId.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The version that it writes.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The header of its next message: a fresh id, unless one is given, and the time.
    #[must_use]
    pub fn header(&self, message_id: Option<&str>) -> Header {
        Header {
            message_id: message_id.map_or_else(|| (self.ids)(), str::to_owned),
            timestamp: timestamp((self.clock)()),
            security: self.security,
            source_id: self.id.clone(),
            destination_id: None,
            contexts: Vec::new(),
        }
    }

    /// Sends a message that is written already, and again if no answer comes.
    ///
    /// # Errors
    /// If no answer came, or none that can be understood.
    pub async fn send(&self, document: Bytes, message_id: &str) -> Result<Answer, AgentFault> {
        let mut pause = self.resend.pause;
        let mut sent = 0;
        loop {
            sent += 1;
            let answered = tokio::select! {
                biased;
                answered = self.transport.send(document.clone()) => answered,
                () = self.over() => return Err(ending()),
            };
            match answered {
                Ok(answer) => return Answer::read(answer, message_id).inspect(|answer| self.hear(answer)),
                Err(fault) if sent >= self.resend.attempts => return Err(tried(fault, sent)),
                Err(fault) => {
                    tracing::warn!(agent = %self.id, message = %message_id, attempt = sent, why = %fault, "no answer");
                    tokio::select! {
                        biased;
                        () = self.over() => return Err(ending()),
                        () = tokio::time::sleep(pause) => pause = pause.saturating_mul(2),
                    }
                }
            }
        }
    }

    /// Ends at the deadline, if ever.
    async fn over(&self) {
        let Some(mut deadline) = self.deadline.clone() else { return std::future::pending().await };
        // The moment is copied, so that nobody who sets it waits for this.
        let at = deadline.wait_for(Option::is_some).await.ok().and_then(|at| *at);
        match at {
            Some(at) => tokio::time::sleep_until(at).await,
            // Nobody is left to set it.
            None => std::future::pending().await,
        }
    }

    fn hear(&self, answer: &Answer) {
        if matches!(answer.ack.outcome, Some(Outcome::Error { code, .. }) if code == error::NOT_REGISTERED) {
            self.forgotten.notify_one();
        }
    }
}

fn ending() -> AgentFault {
    AgentFault::Transport(TransportFault { why: "the agent ends".to_owned() })
}

fn tried(fault: TransportFault, times: u32) -> AgentFault {
    let why = if times > 1 { format!("{} (sent {times} times)", fault.why) } else { fault.why };
    AgentFault::Transport(TransportFault { why })
}
