//! How a message gets to a zone.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

/// What a transport gives: the document that the zone answered with.
pub type Answered<'t> = Pin<Box<dyn Future<Output = Result<Bytes, TransportFault>> + Send + 't>>;

/// Carries a message to a zone and brings back its answer: over HTTP, or within one process.
pub trait Transport: Send + Sync + 'static {
    /// Sends a whole SIF_Message.
    fn send(&self, document: Bytes) -> Answered<'_>;
}

/// Why there is no answer. It is not known whether the zone has the message: send it again with the same SIF_MsgId.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportFault {
    /// What went wrong, without values of the message.
    pub why: String,
}

impl fmt::Display for TransportFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.why)
    }
}

impl std::error::Error for TransportFault {}
