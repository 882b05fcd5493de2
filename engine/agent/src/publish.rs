//! SIF_Event: something was added, changed or deleted.

use std::fmt;

use bytes::Bytes;
use sif::message::{Header, MessageWriter, Version};

use crate::answer::Answer;
use crate::client::Agent;
use crate::fault::AgentFault;

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// It is new.
    Add,
    /// Some of it is different.
    Change,
    /// It is gone.
    Delete,
}

impl Action {
    /// The value of the attribute Action.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Add => "Add",
            Self::Change => "Change",
            Self::Delete => "Delete",
        }
    }

    /// The action with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Add, Self::Change, Self::Delete].into_iter().find(|action| action.name() == name)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// ObjectName.
    pub object: String,
    /// What happened.
    pub action: Action,
    /// The object's element: whole and well-formed, without a declaration.
    pub xml: String,
    /// The contexts that it happened in; none means SIF_Default.
    pub contexts: Vec<String>,
    /// SIF_DestinationId, for zones that direct events (SIF 2.5).
    pub destination: Option<String>,
    /// Its SIF_MsgId; none is a fresh one. An id that follows from what happened makes an event that is sent again, after a crash, one event.
    pub message_id: Option<String>,
}

impl Event {
    /// An event in the default context, with a fresh id.
    #[must_use]
    pub fn new(object: impl Into<String>, action: Action, xml: impl Into<String>) -> Self {
        Self {
            object: object.into(),
            action,
            xml: xml.into(),
            contexts: Vec::new(),
            destination: None,
            message_id: None,
        }
    }

    /// The message.
    #[must_use]
    pub fn write(&self, version: Version, header: &Header) -> Bytes {
        let header =
            Header { destination_id: self.destination.clone(), contexts: self.contexts.clone(), ..header.clone() };
        let mut writer = MessageWriter::new(version, "SIF_Event", &header);
        writer.open("SIF_ObjectData");
        writer.open_with("SIF_EventObject", &[("ObjectName", &self.object), ("Action", self.action.name())]);
        writer.raw(&self.xml);
        writer.finish().into()
    }
}

impl Agent {
    /// Reports an event.
    ///
    /// # Errors
    /// If no answer came that can be understood.
    pub async fn publish(&self, event: &Event) -> Result<Answer, AgentFault> {
        let header = self.header(event.message_id.as_deref());
        self.send(event.write(self.version(), &header), &header.message_id).await
    }
}
