//! What every message says of itself.

use crate::tree::Element;

/// The context that is meant where none is named.
pub const DEFAULT_CONTEXT: &str = "SIF_Default";

/// The least that a message asks of every channel that it goes through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Security {
    /// SIF_AuthenticationLevel, 0 to 3.
    pub authentication: u8,
    /// SIF_EncryptionLevel, 0 to 4.
    pub encryption: u8,
}

/// SIF_Header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// SIF_MsgId: 32 hexadecimal digits in upper case.
    pub message_id: String,
    /// SIF_Timestamp, as it was written.
    pub timestamp: String,
    /// SIF_SecureChannel; none asks for nothing.
    pub security: Option<Security>,
    /// SIF_SourceId: the sender. Its case matters.
    pub source_id: String,
    /// SIF_DestinationId.
    pub destination_id: Option<String>,
    /// The contexts that it names; none means [`DEFAULT_CONTEXT`].
    pub contexts: Vec<String>,
}

impl Header {
    /// Reads the header of a message as far as it can be read; what is missing is empty.
    pub(super) fn read(message: Element<'_>) -> Self {
        let one = |path: &str| message.find(path).next().map(|value| collapse(&value));
        let level = |name: &str| {
            let path = format!("SIF_Header/SIF_Security/SIF_SecureChannel/{name}");
            one(&path).and_then(|text| text.parse::<u8>().ok())
        };
        let authentication = level("SIF_AuthenticationLevel");
        let encryption = level("SIF_EncryptionLevel");
        let security = (authentication.is_some() || encryption.is_some())
            .then(|| Security { authentication: authentication.unwrap_or(0), encryption: encryption.unwrap_or(0) });
        Self {
            message_id: one("SIF_Header/SIF_MsgId").unwrap_or_default(),
            timestamp: one("SIF_Header/SIF_Timestamp").unwrap_or_default(),
            security,
            source_id: one("SIF_Header/SIF_SourceId").unwrap_or_default(),
            destination_id: one("SIF_Header/SIF_DestinationId"),
            contexts: message.find("SIF_Header/SIF_Contexts/SIF_Context").map(|value| collapse(&value)).collect(),
        }
    }

    /// The contexts that it is for: those that it names, or the default one.
    #[must_use]
    pub fn contexts_or_default(&self) -> Vec<&str> {
        if self.contexts.is_empty() {
            vec![DEFAULT_CONTEXT]
        } else {
            self.contexts.iter().map(String::as_str).collect()
        }
    }
}

/// White space as `xs:token` has it: none at the ends, single spaces within.
pub(super) fn collapse(text: &str) -> String {
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}
