//! SIF_Ack: what it says, and how it is written.

use super::code::{ErrorCode, Status, error};
use super::header::Header;
use super::incoming::{Message, Original};
use super::outgoing::MessageWriter;
use super::version::Version;

/// What an acknowledgement says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// SIF_Status.
    Status(Status),
    /// SIF_Error, with SIF_Desc and SIF_ExtendedDesc.
    Error {
        /// SIF_Category and SIF_Code.
        code: ErrorCode,
        /// SIF_Desc.
        description: String,
        /// SIF_ExtendedDesc.
        extended: Option<String>,
    },
}

impl Outcome {
    /// An error, with what its code means as its description.
    #[must_use]
    pub fn error(code: ErrorCode) -> Self {
        Self::Error { code, description: error::meaning(code).to_owned(), extended: None }
    }

    /// An error with a description.
    #[must_use]
    pub fn error_because(code: ErrorCode, description: impl Into<String>) -> Self {
        Self::Error { code, description: description.into(), extended: None }
    }
}

/// What SIF_Data of a status carries: XML without a declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload<'p> {
    /// A message, from the start tag of SIF_Message on.
    Message(&'p [u8]),
    /// SIF_AgentACL or SIF_ZoneStatus.
    Object(&'p str),
}

/// Writes an acknowledgement.
#[must_use]
pub fn write_ack(
    version: Version,
    header: &Header,
    original: Option<&Original>,
    outcome: &Outcome,
    payload: Option<Payload<'_>>,
) -> Vec<u8> {
    let mut writer = MessageWriter::new(version, "SIF_Ack", header);
    let source = original.and_then(|original| original.source_id.as_deref());
    let message = original.and_then(|original| original.message_id.as_deref());
    match source {
        Some(source) => writer.leaf("SIF_OriginalSourceId", source),
        None => writer.nil("SIF_OriginalSourceId"),
    };
    match message {
        Some(message) => writer.leaf("SIF_OriginalMsgId", message),
        None => writer.nil("SIF_OriginalMsgId"),
    };
    match outcome {
        Outcome::Status(status) => {
            writer.open("SIF_Status").leaf("SIF_Code", &status.code().to_string());
            match payload {
                Some(Payload::Message(document)) => {
                    writer.open("SIF_Data").raw(&String::from_utf8_lossy(document)).close();
                }
                Some(Payload::Object(xml)) => {
                    writer.open("SIF_Data").raw(xml).close();
                }
                None => {}
            }
            writer.close();
        }
        Outcome::Error { code, description, extended } => {
            write_error(&mut writer, *code, description, extended.as_deref())
        }
    }
    writer.finish()
}

/// Writes SIF_Error.
pub fn write_error(writer: &mut MessageWriter, code: ErrorCode, description: &str, extended: Option<&str>) {
    writer.open("SIF_Error");
    writer.leaf("SIF_Category", &code.category.to_string());
    writer.leaf("SIF_Code", &code.code.to_string());
    // SIF_Desc takes 1024 characters at most.
    writer.leaf("SIF_Desc", &description.chars().take(1024).collect::<String>());
    writer.optional("SIF_ExtendedDesc", extended);
    writer.close();
}

/// An acknowledgement that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ack {
    /// SIF_OriginalSourceId; none where it is nil or empty.
    pub original_source_id: Option<String>,
    /// SIF_OriginalMsgId; none where it is nil or empty.
    pub original_message_id: Option<String>,
    /// What it says; none where it says nothing that is known.
    pub outcome: Option<Outcome>,
}

impl Ack {
    /// Reads what a SIF_Ack says.
    #[must_use]
    pub fn read(message: &Message) -> Self {
        let full = |path: &str| message.value(path).filter(|value| !value.is_empty());
        let number = |path: &str| message.value(path).and_then(|text| text.parse::<u8>().ok());
        let status = number("SIF_Status/SIF_Code").and_then(Status::from_code).map(Outcome::Status);
        let error = number("SIF_Error/SIF_Category").map(|category| Outcome::Error {
            code: ErrorCode::new(category, number("SIF_Error/SIF_Code").unwrap_or(0)),
            description: message.value("SIF_Error/SIF_Desc").unwrap_or_default(),
            extended: message.value("SIF_Error/SIF_ExtendedDesc"),
        });
        Self {
            original_source_id: full("SIF_OriginalSourceId"),
            original_message_id: full("SIF_OriginalMsgId"),
            outcome: status.or(error),
        }
    }
}
