//! SIF_Ack: what the agent says of a message that was delivered to it.

use bytes::Bytes;
use sif::message::{Header, Message, Original, Outcome, Version, write_ack};

use crate::answer::Answer;
use crate::client::Agent;
use crate::fault::AgentFault;

/// A message that was delivered, as far as an acknowledgement names it. It is the inner message, not the SIF_Ack around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// Its SIF_SourceId; none where it could not be read.
    pub source_id: Option<String>,
    /// Its SIF_MsgId; none where it could not be read.
    pub message_id: Option<String>,
}

impl Delivered {
    /// A message by its sender and id.
    #[must_use]
    pub fn new(source_id: impl Into<String>, message_id: impl Into<String>) -> Self {
        Self { source_id: Some(source_id.into()), message_id: Some(message_id.into()) }
    }

    /// A message that was read.
    #[must_use]
    pub fn of(message: &Message) -> Self {
        Self::new(message.header.source_id.clone(), message.header.message_id.clone())
    }

    /// The acknowledgement of it.
    #[must_use]
    pub fn write_ack(&self, version: Version, header: &Header, outcome: &Outcome) -> Bytes {
        let original = Original { source_id: self.source_id.clone(), message_id: self.message_id.clone() };
        write_ack(version, header, Some(&original), outcome, None).into()
    }
}

impl Agent {
    /// Acknowledges a delivered message: a status of 1, 2, 3, 7 or 8, or an error.
    ///
    /// # Errors
    /// If no answer came that can be understood.
    pub async fn acknowledge(&self, delivered: &Delivered, outcome: &Outcome) -> Result<Answer, AgentFault> {
        let header = self.header(None);
        self.send(delivered.write_ack(self.version(), &header, outcome), &header.message_id).await
    }
}
