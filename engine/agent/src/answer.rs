//! What a zone answers.

use std::fmt;

use bytes::Bytes;
use sif::message::{Ack, Message, MessageKind, Outcome, Refusal, Status};
use sif::xml::read::Limits;

use crate::fault::AgentFault;
use crate::inner;

/// The SIF_Ack that answers a message.
pub struct Answer {
    /// SIF_MsgId of the message that was sent; packets of responses name it as their SIF_RequestMsgId.
    pub message_id: String,
    /// What the acknowledgement says.
    pub ack: Ack,
    /// What it carries in SIF_Data.
    pub data: Option<Data>,
    /// The acknowledgement as it came.
    pub document: Bytes,
}

/// What SIF_Data of an answer carries.
pub enum Data {
    /// A message that is delivered (to SIF_GetMessage).
    Message(Box<Message>),
    /// A message that cannot be read, with its text. It still has to be acknowledged, with an error.
    Unreadable(Refusal, Bytes),
    /// SIF_AgentACL: the element's text, with its namespace.
    AgentAcl(String),
    /// SIF_ZoneStatus: the element's text, with its namespace.
    ZoneStatus(String),
}

impl Answer {
    /// Reads an answer to the message with an id.
    ///
    /// # Errors
    /// If it is no SIF_Ack, is about another message, or says nothing that is known.
    pub fn read(document: Bytes, message_id: &str) -> Result<Self, AgentFault> {
        let why = |why: &str| AgentFault::Answer { why: why.to_owned() };
        let message = Message::read(&document, &limits())
            .map_err(|refusal| AgentFault::Answer { why: format!("it is no message: {}", refusal.description) })?;
        if message.kind != MessageKind::Ack {
            return Err(why("it is not a SIF_Ack"));
        }
        let ack = Ack::read(&message);
        if ack.outcome.is_none() {
            return Err(why("it has neither a status nor an error that is known"));
        }
        if ack.original_message_id.as_deref().is_some_and(|id| id != message_id) {
            return Err(why("it is about another message"));
        }
        let data = data(&message)?;
        Ok(Self { message_id: message_id.to_owned(), ack, data, document })
    }

    /// Its status; none if it is an error.
    #[must_use]
    pub const fn status(&self) -> Option<Status> {
        match self.ack.outcome {
            Some(Outcome::Status(status)) => Some(status),
            _ => None,
        }
    }

    /// The answer, if the zone has taken the message, now or before (0, 7), or has nothing to deliver (9).
    ///
    /// # Errors
    /// What the zone says instead.
    pub fn accepted(self) -> Result<Self, AgentFault> {
        match &self.ack.outcome {
            Some(Outcome::Status(Status::Sleeping)) => Err(AgentFault::Asleep),
            Some(Outcome::Error { code, description, extended }) => {
                Err(AgentFault::Refused { code: *code, description: description.clone(), extended: extended.clone() })
            }
            _ => Ok(self),
        }
    }

    /// The message that it delivers.
    #[must_use]
    pub fn delivered(&self) -> Option<&Message> {
        match &self.data {
            Some(Data::Message(message)) => Some(message),
            _ => None,
        }
    }
}

// Ids and codes only: an answer may carry a person's data.
impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let carries = match &self.data {
            None => "nothing".to_owned(),
            Some(Data::Message(message)) => format!("{} {}", message.kind.name(), message.header.message_id),
            Some(Data::Unreadable(refusal, _)) => format!("a message that is refused with {}", refusal.error),
            Some(Data::AgentAcl(_)) => "SIF_AgentACL".to_owned(),
            Some(Data::ZoneStatus(_)) => "SIF_ZoneStatus".to_owned(),
        };
        formatter
            .debug_struct("Answer")
            .field("message_id", &self.message_id)
            .field("outcome", &self.ack.outcome)
            .field("data", &carries)
            .finish()
    }
}

/// An answer wraps a message, so it may be larger and deeper than one.
pub fn limits() -> Limits {
    let one = Limits::default();
    Limits { size: one.size * 4, depth: one.depth + 8, elements: one.elements * 4, text: one.text * 4, ..one }
}

fn data(message: &Message) -> Result<Option<Data>, AgentFault> {
    let holders = message.body().at("SIF_Status/SIF_Data");
    let Some(child) = holders.first().and_then(|holder| holder.children().next()) else { return Ok(None) };
    let text = inner::standing_alone(&message.document, &["SIF_Message", "SIF_Ack", "SIF_Status", "SIF_Data"])
        .ok_or_else(|| AgentFault::Answer { why: "what it carries is not found in it".to_owned() })?;
    let as_text = |text: &Bytes| String::from_utf8_lossy(text).into_owned();
    match child.name() {
        "SIF_Message" => match Message::read(&text, &limits()) {
            Ok(message) => Ok(Some(Data::Message(Box::new(message)))),
            Err(refusal) => Ok(Some(Data::Unreadable(refusal, text))),
        },
        "SIF_AgentACL" => Ok(Some(Data::AgentAcl(as_text(&text)))),
        "SIF_ZoneStatus" => Ok(Some(Data::ZoneStatus(as_text(&text)))),
        _ => Err(AgentFault::Answer { why: "it carries something that is not known".to_owned() }),
    }
}
