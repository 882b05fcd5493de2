//! An agent of a conversation: its connection, and what it was pushed.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use agent::{Agent, Handled, Handler, HttpTransport, Listener, Reply, Transport};
use bytes::Bytes;
use sif::message::{Message, Outcome, Status};

use super::certificates::{Certificates, Pair};
use super::script::AgentSetup;

/// An agent.
pub struct Actor {
    pub setup: AgentSetup,
    pub inbox: Arc<Inbox>,
    listener: Option<Listener>,
    transport: Option<HttpTransport>,
}

/// What was pushed, and how it is acknowledged.
#[derive(Default)]
pub struct Inbox {
    pub messages: Mutex<VecDeque<Bytes>>,
    pub replies: Mutex<VecDeque<Reply>>,
}

impl Handler for Inbox {
    fn handle<'h>(&'h self, message: &'h Message) -> Handled<'h> {
        self.messages.lock().unwrap().push_back(message.document.clone());
        let reply = self.replies.lock().unwrap().pop_front().unwrap_or(Reply::Done);
        Box::pin(async move { reply })
    }
}

/// Nobody.
struct Nowhere;

impl Transport for Nowhere {
    fn send(&self, _: Bytes) -> agent::Answered<'_> {
        Box::pin(async { Err(agent::TransportFault { why: "nowhere".to_owned() }) })
    }
}

impl Actor {
    /// An agent; in push mode it listens.
    pub async fn start(id: &str, setup: &AgentSetup, tls: Option<&Certificates>) -> Result<Self, String> {
        let inbox = Arc::new(Inbox::default());
        let mut listener = None;
        if setup.push {
            let agent = Agent::new(id, Arc::new(Nowhere));
            let mut builder = Listener::builder(agent, Arc::<Inbox>::clone(&inbox));
            if let Some(certificates) = tls {
                let Pair { certificate, key, .. } = &certificates.server;
                builder =
                    builder.tls(certificate.as_bytes(), key.as_bytes(), None).map_err(|fault| fault.to_string())?;
            }
            let address = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
            listener = Some(builder.listen(address).await.map_err(|fault| fault.to_string())?);
        }
        Ok(Self { setup: setup.clone(), inbox, listener, transport: None })
    }

    /// Its address in push mode.
    pub fn url(&self) -> Option<String> {
        self.listener.as_ref().map(Listener::url)
    }

    /// Connects to the zone anew.
    pub fn connect(&mut self, url: &str, certificates: &Certificates) -> Result<(), String> {
        let mut builder = HttpTransport::builder(url).timeout(Duration::from_secs(20));
        if url.starts_with("https:") {
            builder = builder.trust(certificates.authority.as_bytes());
        }
        let shown = match self.setup.certificate.as_deref() {
            None => None,
            Some("trusted") => Some(&certificates.trusted),
            Some("stranger") => Some(&certificates.stranger),
            Some("expired") => Some(&certificates.expired),
            Some(other) => return Err(format!("{other} is no certificate")),
        };
        if let Some(Pair { certificate, key, .. }) = shown {
            builder = builder.client_certificate(certificate.as_bytes(), key.as_bytes());
        }
        self.transport = Some(builder.build().map_err(|fault| fault.to_string())?);
        Ok(())
    }

    /// Sends a document and gives the answer.
    pub async fn send(&self, document: Bytes) -> Result<Bytes, String> {
        let transport = self.transport.as_ref().ok_or("the agent is not connected")?;
        transport.send(document).await.map_err(|fault| format!("no answer: {fault}"))
    }
}

/// The reply that an outcome stands for.
pub fn reply(outcome: Outcome) -> Result<Reply, String> {
    match outcome {
        Outcome::Status(Status::Immediate) => Ok(Reply::Done),
        Outcome::Status(Status::Intermediate) => Ok(Reply::Working),
        Outcome::Status(Status::AlreadyReceived) => Ok(Reply::Again),
        Outcome::Status(Status::Sleeping) => Ok(Reply::Asleep),
        Outcome::Error { code, description, .. } => Ok(Reply::Error { code, description }),
        Outcome::Status(other) => Err(format!("{} is no acknowledgement", other.code())),
    }
}
