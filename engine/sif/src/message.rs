//! SIF_Message: its kinds, versions, header, codes; reading what comes in and writing what goes out; and the message of a file,
//! a SIF_Response with all instances of an object.

mod ack;
mod code;
mod header;
mod incoming;
mod instances;
mod kind;
mod outgoing;
mod shape;
mod version;

pub use ack::{Ack, Outcome, Payload, write_ack, write_error};
pub use code::{ErrorCode, Status, error};
pub use header::{DEFAULT_CONTEXT, Header, Security};
pub use incoming::{Message, Original, Refusal, names};
pub use instances::{Instance, MessageFault, instances};
pub use kind::MessageKind;
pub use outgoing::MessageWriter;
pub use version::{Version, VersionPattern};

use chrono::NaiveDate;

use crate::{INSTANCE_NAMESPACE, NAMESPACE, RefId};

/// The version of SIF that we write.
pub const VERSION: &str = "2.4";

/// The message around the instances of one object in a file.
///
/// Write [`Response::prefix`], then each instance on a line of its own, then [`Response::suffix`].
#[derive(Clone, Copy, Debug)]
pub struct Response<'m> {
    /// Name of the zone: the sender.
    pub zone: &'m str,
    /// Name of the object whose instances it holds.
    pub object: &'m str,
    /// The date that the instances are true for.
    pub as_of: NaiveDate,
}

impl Response<'_> {
    /// Everything before the first instance, with a line end.
    #[must_use]
    pub fn prefix(&self) -> Vec<u8> {
        let Self { zone, object, as_of } = self;
        let id = |purpose| RefId::message(zone, object, *as_of, purpose);
        let (message, request) = (id("SIF_MsgId"), id("SIF_RequestMsgId"));
        let zone = crate::xml::write::escape_text(zone);
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <SIF_Message xmlns=\"{NAMESPACE}\" xmlns:xsi=\"{INSTANCE_NAMESPACE}\" Version=\"{VERSION}\"><SIF_Response>\
             <SIF_Header><SIF_MsgId>{message}</SIF_MsgId><SIF_Timestamp>{as_of}T00:00:00Z</SIF_Timestamp>\
             <SIF_SourceId>{zone}</SIF_SourceId><SIF_DestinationId>file</SIF_DestinationId></SIF_Header>\
             <SIF_RequestMsgId>{request}</SIF_RequestMsgId><SIF_PacketNumber>1</SIF_PacketNumber>\
             <SIF_MorePackets>No</SIF_MorePackets><SIF_ObjectData>\n"
        )
        .into_bytes()
    }

    /// Everything after the last instance's line end.
    #[must_use]
    pub const fn suffix(&self) -> &'static [u8] {
        b"</SIF_ObjectData></SIF_Response></SIF_Message>\n"
    }
}
