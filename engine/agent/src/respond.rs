//! SIF_Response: a packet of the answer to a request.

use bytes::Bytes;
use sif::message::{ErrorCode, Header, MessageWriter, Version, write_error};

use crate::answer::Answer;
use crate::client::Agent;
use crate::fault::AgentFault;

/// A packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// SIF_MsgId of the request.
    pub request_id: String,
    /// SIF_SourceId of the requester.
    pub destination: String,
    /// SIF_PacketNumber, from 1.
    pub number: u32,
    /// Whether more packets follow.
    pub more: bool,
    /// What it holds.
    pub body: Body,
    /// The context of the request; none leaves it out, as most agents do.
    pub contexts: Vec<String>,
    /// Its version: one that the request names. None is the agent's.
    pub version: Option<Version>,
    /// Its SIF_MsgId; none is a fresh one. An id that follows from request and number makes a packet that is sent again, after a crash, one packet.
    pub message_id: Option<String>,
}

/// What a packet holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Objects of one kind, one after the other: well-formed, without a declaration. No match is the empty text.
    Objects(String),
    /// SIF_ExtendedQueryResults: the element.
    Results(String),
    /// Why there is no answer. It ends the response.
    Error {
        /// Category and code.
        code: ErrorCode,
        /// SIF_Desc.
        description: String,
        /// SIF_ExtendedDesc.
        extended: Option<String>,
    },
}

impl Packet {
    /// The only packet of a response.
    #[must_use]
    pub fn only(request_id: impl Into<String>, destination: impl Into<String>, body: Body) -> Self {
        Self {
            request_id: request_id.into(),
            destination: destination.into(),
            number: 1,
            more: false,
            body,
            contexts: Vec::new(),
            version: None,
            message_id: None,
        }
    }

    /// The message. Its length is what is held against the request's SIF_MaxBufferSize.
    #[must_use]
    pub fn write(&self, version: Version, header: &Header) -> Bytes {
        let header = Header {
            destination_id: Some(self.destination.clone()),
            contexts: self.contexts.clone(),
            ..header.clone()
        };
        let mut writer = MessageWriter::new(self.version.unwrap_or(version), "SIF_Response", &header);
        writer.leaf("SIF_RequestMsgId", &self.request_id);
        writer.leaf("SIF_PacketNumber", &self.number.to_string());
        writer.leaf("SIF_MorePackets", if self.more { "Yes" } else { "No" });
        match &self.body {
            Body::Objects(xml) => {
                writer.open("SIF_ObjectData").raw(xml);
            }
            Body::Results(xml) => {
                writer.raw(xml);
            }
            Body::Error { code, description, extended } => {
                write_error(&mut writer, *code, description, extended.as_deref());
            }
        }
        writer.finish().into()
    }
}

impl Agent {
    /// Sends a packet.
    ///
    /// # Errors
    /// If no answer came that can be understood.
    pub async fn respond(&self, packet: &Packet) -> Result<Answer, AgentFault> {
        let header = self.header(packet.message_id.as_deref());
        self.send(packet.write(self.version(), &header), &header.message_id).await
    }
}
