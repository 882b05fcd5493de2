//! SIF_Request: a question to the provider of an object, or to a named agent.

use bytes::Bytes;
use sif::message::{Header, MessageWriter, Version, VersionPattern};

use crate::answer::Answer;
use crate::client::Agent;
use crate::fault::AgentFault;
use crate::query::Query;

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The versions in which the response may be.
    pub versions: Vec<VersionPattern>,
    /// The largest packet that is taken, in bytes; not more than the agent registered.
    pub max_buffer_size: u32,
    /// Who shall answer; none is the provider of the object.
    pub destination: Option<String>,
    /// The context; none means SIF_Default. Several are only good to see how a zone refuses them.
    pub contexts: Vec<String>,
    /// What is asked.
    pub question: Question,
    /// Its SIF_MsgId; none is a fresh one.
    pub message_id: Option<String>,
}

/// What a request asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Objects of one kind.
    Query(Query),
    /// SIF_ExtendedQuery: the element, whole and well-formed, without a declaration.
    Extended(String),
}

impl Request {
    /// A request to the provider, for responses of any version 2 in packets of at most 1 MiB.
    #[must_use]
    pub fn of(query: Query) -> Self {
        Self::asking(Question::Query(query))
    }

    /// The same for any question.
    #[must_use]
    pub fn asking(question: Question) -> Self {
        Self {
            versions: vec![VersionPattern::Major(2)],
            max_buffer_size: 1 << 20,
            destination: None,
            contexts: Vec::new(),
            question,
            message_id: None,
        }
    }

    /// The message.
    #[must_use]
    pub fn write(&self, version: Version, header: &Header) -> Bytes {
        let header =
            Header { destination_id: self.destination.clone(), contexts: self.contexts.clone(), ..header.clone() };
        let mut writer = MessageWriter::new(version, "SIF_Request", &header);
        for pattern in &self.versions {
            writer.leaf("SIF_Version", &pattern.to_string());
        }
        writer.leaf("SIF_MaxBufferSize", &self.max_buffer_size.to_string());
        match &self.question {
            Question::Query(query) => query.write(&mut writer),
            Question::Extended(xml) => {
                writer.raw(xml);
            }
        }
        writer.finish().into()
    }
}

impl Agent {
    /// Asks. The answer says whether the zone took the request; its `message_id` is what the packets of the response name.
    ///
    /// # Errors
    /// If no answer came that can be understood.
    pub async fn request(&self, request: &Request) -> Result<Answer, AgentFault> {
        let header = self.header(request.message_id.as_deref());
        self.send(request.write(self.version(), &header), &header.message_id).await
    }
}
