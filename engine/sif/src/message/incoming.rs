//! Reads a message that came from outside.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::code::{ErrorCode, error};
use super::header::Header;
use super::kind::MessageKind;
use super::version::Version;
use crate::NAMESPACE;
use crate::tree::{Element, Names, Tree};
use crate::xml::read::{Limits, ReadFault, read_within};

/// A message that was read: well-formed, a SIF_Message of the SIF 2.x namespace, and of a kind that is known.
pub struct Message {
    /// Its text from the start tag of SIF_Message on: what is passed on to others.
    pub document: Bytes,
    /// The Version of SIF_Message.
    pub version: Version,
    /// What it is.
    pub kind: MessageKind,
    /// What it says of itself.
    pub header: Header,
    tree: Tree,
}

impl Message {
    /// Reads a message. The header is read as far as it goes; whether it is complete is for [`Message::check`] to say.
    ///
    /// # Errors
    /// Why it is no message: not well-formed (1/2), another root (1/3), another namespace or version (12/3), an unknown kind (12/2).
    pub fn read(document: &Bytes, limits: &Limits) -> Result<Self, Refusal> {
        Self::read_with(document, limits, names())
    }

    /// The same with names that earlier messages have brought ([`Tree::names`] of theirs): a name that is new costs a copy of them all,
    /// so who reads many messages keeps the names of those that were taken.
    ///
    /// # Errors
    /// The same.
    pub fn read_with(document: &Bytes, limits: &Limits, names: &Arc<Names>) -> Result<Self, Refusal> {
        let tree = read_within(document, names, limits).map_err(|fault| Refusal {
            error: match fault.fault {
                ReadFault::TooLarge(_) => error::XML_GENERIC,
                _ => error::XML_NOT_WELL_FORMED,
            },
            description: format!("the message is not taken: {fault}"),
            original: None,
            version: None,
        })?;
        let Some(root) = tree.root() else {
            return Err(Refusal::of(error::XML_NOT_WELL_FORMED, "the message is empty".to_owned()));
        };
        let local = root.name().rsplit(':').next().unwrap_or_default();
        if local != "SIF_Message" {
            return Err(Refusal::of(error::XML_VALIDATION, "the outermost element is not SIF_Message".to_owned()));
        }
        let body = root.children().next();
        let header = body.map(Header::read).unwrap_or_default();
        let version = root.attribute("Version").map(str::trim).and_then(Version::parse);
        let original = Original::of(&header);
        let refuse = |error, description: String| Refusal { error, description, original: original.clone(), version };
        if root.is_foreign() {
            return Err(refuse(error::VERSION_UNSUPPORTED, format!("SIF_Message is not in the namespace {NAMESPACE}")));
        }
        let Some(version) = version else {
            return Err(refuse(error::VERSION_UNSUPPORTED, "SIF_Message has no Version that can be read".to_owned()));
        };
        let Some(body) = body else {
            return Err(refuse(error::XML_MISSING, "SIF_Message holds no message".to_owned()));
        };
        let Some(kind) = MessageKind::from_name(body.name()).filter(|_| !body.is_foreign()) else {
            return Err(refuse(error::MESSAGE_UNSUPPORTED, "SIF_Message holds a message that is not known".to_owned()));
        };
        if root.children().nth(1).is_some() {
            return Err(refuse(error::XML_VALIDATION, "SIF_Message holds more than one message".to_owned()));
        }
        let document = document.slice(root_start(document)..);
        Ok(Self { document, version, kind, header, tree })
    }

    /// Whether it has the shape that the standard gives a message of its kind. The data objects in it are not looked at: all of
    /// what they hold is optional there. Objects, services and operations may have any name, and a status any number, since the zone has
    /// codes of its own for those that it does not know; a timestamp may lack its offset, and booleans may be 1 and 0, as old agents write
    /// them. Of versions other than 2.4 only what is common to all is asked.
    ///
    /// # Errors
    /// The first thing that is wrong: something missing (1/6), a wrong value (1/4), or something unknown or out of order (1/3).
    pub fn check(&self) -> Result<(), Refusal> {
        super::shape::check(self.kind, self.version, self.body()).map_err(|wrong| Refusal {
            error: wrong.code,
            description: wrong.description,
            original: Original::of(&self.header),
            version: Some(self.version),
        })
    }

    /// The element of its kind, such as SIF_Event.
    #[must_use]
    pub fn body(&self) -> Element<'_> {
        // It was there when the message was read.
        let root = self.tree.root();
        root.and_then(|root| root.children().next()).unwrap_or_else(|| self.tree.nothing())
    }

    /// The whole message.
    #[must_use]
    pub const fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The first value at a path below [`Message::body`], white space collapsed: `SIF_Mode`, `SIF_Protocol/@Type`.
    #[must_use]
    pub fn value(&self, path: &str) -> Option<String> {
        self.body().find(path).next().map(|value| super::header::collapse(&value))
    }
}

/// Which message an answer is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// Its SIF_SourceId; none where it could not be read.
    pub source_id: Option<String>,
    /// Its SIF_MsgId; none where it could not be read.
    pub message_id: Option<String>,
}

impl Original {
    /// Of a header that may be incomplete; none where neither could be read.
    #[must_use]
    pub fn of(header: &Header) -> Option<Self> {
        let full = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let original = Self { source_id: full(&header.source_id), message_id: full(&header.message_id) };
        (original.source_id.is_some() || original.message_id.is_some()).then_some(original)
    }
}

/// Why a document is refused, with what the answer to it must name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The category and code of the SIF_Error.
    pub error: ErrorCode,
    /// What is wrong, without values of the document.
    pub description: String,
    /// Which message it is, as far as it could be read.
    pub original: Option<Original>,
    /// Its version, as far as it could be read.
    pub version: Option<Version>,
}

impl Refusal {
    fn of(error: ErrorCode, description: String) -> Self {
        Self { error, description, original: None, version: None }
    }
}

/// The names that messages use, so that reading one makes no new ones.
pub fn names() -> &'static Arc<Names> {
    static NAMES: OnceLock<Arc<Names>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut names = Names::new();
        for name in INFRASTRUCTURE {
            names.intern(name);
        }
        Arc::new(names)
    })
}

/// Where the start tag of the outermost element stands in a document that was read: behind comments, instructions and space.
fn root_start(document: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = document.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'<')) {
        let start = at + found;
        let rest = document.get(start..).unwrap_or_default();
        let end: &[u8] = if rest.starts_with(b"<!--") {
            b"-->"
        } else if rest.starts_with(b"<?") {
            b"?>"
        } else {
            return start;
        };
        at = match rest.windows(end.len()).position(|window| window == end) {
            Some(length) => start + length + end.len(),
            None => return start,
        };
    }
    at
}

/// Elements and attributes of the infrastructure that are not in the object schema.
const INFRASTRUCTURE: &[&str] = &[
    "SIF_Message",
    "Version",
    "xmlns",
    "SIF_Header",
    "SIF_MsgId",
    "SIF_Timestamp",
    "SIF_Security",
    "SIF_SecureChannel",
    "SIF_AuthenticationLevel",
    "SIF_EncryptionLevel",
    "SIF_SourceId",
    "SIF_DestinationId",
    "SIF_Contexts",
    "SIF_Context",
    "SIF_Ack",
    "SIF_OriginalSourceId",
    "SIF_OriginalMsgId",
    "SIF_Status",
    "SIF_Code",
    "SIF_Desc",
    "SIF_Data",
    "SIF_Error",
    "SIF_Category",
    "SIF_ExtendedDesc",
    "SIF_Register",
    "SIF_Name",
    "SIF_Version",
    "SIF_MaxBufferSize",
    "SIF_Mode",
    "SIF_Protocol",
    "Type",
    "Secure",
    "SIF_URL",
    "SIF_Property",
    "SIF_Value",
    "SIF_NodeVendor",
    "SIF_NodeVersion",
    "SIF_Application",
    "SIF_Vendor",
    "SIF_Product",
    "SIF_Icon",
    "SIF_Unregister",
    "SIF_Provision",
    "SIF_ProvideObjects",
    "SIF_SubscribeObjects",
    "SIF_PublishAddObjects",
    "SIF_PublishChangeObjects",
    "SIF_PublishDeleteObjects",
    "SIF_RequestObjects",
    "SIF_RespondObjects",
    "SIF_ProvideService",
    "SIF_RespondService",
    "SIF_RequestService",
    "SIF_SubscribeService",
    "SIF_Object",
    "ObjectName",
    "SIF_ExtendedQuerySupport",
    "SIF_Service",
    "ServiceName",
    "SIF_Operations",
    "SIF_Operation",
    "SIF_Provide",
    "SIF_Unprovide",
    "SIF_Subscribe",
    "SIF_Unsubscribe",
    "SIF_Event",
    "SIF_ObjectData",
    "SIF_EventObject",
    "Action",
    "SIF_Request",
    "SIF_Query",
    "SIF_QueryObject",
    "SIF_Element",
    "SIF_ConditionGroup",
    "SIF_Conditions",
    "SIF_Condition",
    "SIF_Operator",
    "SIF_Example",
    "SIF_ExtendedQuery",
    "SIF_DestinationProvider",
    "SIF_Select",
    "Distinct",
    "RowCount",
    "Alias",
    "SIF_From",
    "SIF_Join",
    "SIF_JoinOn",
    "SIF_LeftElement",
    "SIF_RightElement",
    "SIF_Where",
    "SIF_OrderBy",
    "Ordering",
    "SIF_Response",
    "SIF_RequestMsgId",
    "SIF_PacketNumber",
    "SIF_MorePackets",
    "SIF_ExtendedQueryResults",
    "SIF_ColumnHeaders",
    "SIF_Rows",
    "R",
    "C",
    "SIF_SystemControl",
    "SIF_SystemControlData",
    "SIF_Ping",
    "SIF_Sleep",
    "SIF_Wakeup",
    "SIF_GetMessage",
    "SIF_GetZoneStatus",
    "SIF_GetAgentACL",
    "SIF_CancelRequests",
    "SIF_NotificationType",
    "SIF_RequestMsgIds",
    "SIF_CancelServiceInputs",
    "SIF_ServiceMsgIds",
    "SIF_ServiceMsgId",
    "SIF_ServiceInput",
    "SIF_ServiceOutput",
    "SIF_ServiceNotify",
    "SIF_Body",
    "SIF_ZoneStatus",
    "ZoneId",
    "SIF_AgentACL",
    "SIF_LogEntry",
    "Source",
    "LogLevel",
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
    use super::*;

    const HEADER: &str = "<SIF_Header><SIF_MsgId>0123456789ABCDEF0123456789ABCDEF</SIF_MsgId><SIF_Timestamp>2026-02-02T08:00:00Z\
        </SIF_Timestamp><SIF_SourceId>Agent 1</SIF_SourceId></SIF_Header>";

    fn read(text: &str) -> Result<Message, Refusal> {
        Message::read(&Bytes::copy_from_slice(text.as_bytes()), &Limits::default())
    }

    fn message(inside: &str) -> String {
        format!("<SIF_Message xmlns=\"{NAMESPACE}\" Version=\"2.0r1\">{inside}</SIF_Message>")
    }

    #[test]
    fn what_is_passed_on_starts_at_the_message() {
        let whole = message(&format!("<SIF_Unregister>{HEADER}</SIF_Unregister>"));
        for before in ["", "\u{feff}", "<?xml version='1.0' encoding='utf-8'?>\n", "<!-- <a> --> <?x <b> ?>\n"] {
            let read = read(&format!("{before}{whole}")).unwrap();
            assert_eq!(read.document, whole.as_bytes(), "{before}");
            assert_eq!(read.kind, MessageKind::Unregister);
            assert_eq!(read.version.to_string(), "2.0r1");
            assert_eq!(read.header.source_id, "Agent 1");
        }
    }

    #[test]
    fn each_refusal_has_its_code_and_says_whose_message_it_was() {
        let known = Some("0123456789ABCDEF0123456789ABCDEF".to_owned());
        let ping = format!("<SIF_Unregister>{HEADER}</SIF_Unregister>");
        let cases = [
            ("<a>".to_owned(), error::XML_NOT_WELL_FORMED, None),
            ("<a/>".to_owned(), error::XML_VALIDATION, None),
            (message(""), error::XML_MISSING, None),
            (message(&format!("<SIF_Unknown>{HEADER}</SIF_Unknown>")), error::MESSAGE_UNSUPPORTED, known.clone()),
            (message(&format!("{ping}{ping}")), error::XML_VALIDATION, known.clone()),
            (message(&ping).replace("2.0r1", "two"), error::VERSION_UNSUPPORTED, known.clone()),
            (message(&ping).replace("2.x", "1.x"), error::VERSION_UNSUPPORTED, known),
        ];
        for (document, code, id) in cases {
            let refusal = read(&document).err().unwrap();
            assert_eq!(refusal.error, code, "{document}");
            assert_eq!(refusal.original.and_then(|original| original.message_id), id, "{document}");
        }
    }

    #[test]
    fn names_that_a_message_brought_are_taken_along() {
        let text = message(&format!("<SIF_Event>{HEADER}<OneOfOurOwn/></SIF_Event>"));
        let first = read(&text).unwrap();
        let document = Bytes::copy_from_slice(text.as_bytes());
        let second = Message::read_with(&document, &Limits::default(), first.tree().names()).unwrap();
        assert!(Arc::ptr_eq(first.tree().names(), second.tree().names()));
        assert!(!Arc::ptr_eq(first.tree().names(), names()));
    }
}
