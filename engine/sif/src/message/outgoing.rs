//! Writes messages.

use super::header::Header;
use super::version::Version;
use crate::xml::write::{escape_attribute, escape_text};
use crate::{INSTANCE_NAMESPACE, NAMESPACE};

/// A message in the making: elements are opened, given text, and closed in order; all that is written is escaped.
///
/// ```
/// use sif::message::{Header, MessageWriter, Version};
/// let header = Header { message_id: "A".repeat(32), timestamp: "2026-02-02T08:00:00Z".into(), source_id: "Agent".into(), ..Header::default() };
/// let mut message = MessageWriter::new(Version::V2_4, "SIF_Unregister", &header);
/// let text = String::from_utf8(message.finish()).unwrap();
/// assert!(text.ends_with("</SIF_Header></SIF_Unregister></SIF_Message>"));
/// ```
#[derive(Clone, Debug)]
pub struct MessageWriter {
    out: String,
    open: Vec<&'static str>,
}

impl MessageWriter {
    /// Begins a message of a kind, with its header.
    #[must_use]
    pub fn new(version: Version, kind: &'static str, header: &Header) -> Self {
        let mut writer = Self { out: String::with_capacity(1024), open: Vec::new() };
        let root =
            format!("<SIF_Message xmlns=\"{NAMESPACE}\" xmlns:xsi=\"{INSTANCE_NAMESPACE}\" Version=\"{version}\">");
        writer.out.push_str(&root);
        writer.open(kind);
        writer.header("SIF_Header", header);
        writer
    }

    /// Begins a part of a message, such as SIF_AgentACL, that [`MessageWriter::finish_part`] gives.
    #[must_use]
    pub const fn part() -> Self {
        Self { out: String::new(), open: Vec::new() }
    }

    /// Closes all that is open of a part, and gives it.
    #[must_use]
    pub fn finish_part(&mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        std::mem::take(&mut self.out)
    }

    /// Writes a header as an element of its own, such as SIF_OriginalHeader.
    pub fn header(&mut self, name: &'static str, header: &Header) -> &mut Self {
        self.open(name);
        self.leaf("SIF_MsgId", &header.message_id);
        self.leaf("SIF_Timestamp", &header.timestamp);
        if let Some(security) = header.security {
            self.open("SIF_Security").open("SIF_SecureChannel");
            self.leaf("SIF_AuthenticationLevel", &security.authentication.to_string());
            self.leaf("SIF_EncryptionLevel", &security.encryption.to_string());
            self.close().close();
        }
        self.leaf("SIF_SourceId", &header.source_id);
        if let Some(destination) = &header.destination_id {
            self.leaf("SIF_DestinationId", destination);
        }
        if !header.contexts.is_empty() {
            self.open("SIF_Contexts");
            header.contexts.iter().for_each(|context| {
                self.leaf("SIF_Context", context);
            });
            self.close();
        }
        self.close()
    }

    /// Opens an element.
    pub fn open(&mut self, name: &'static str) -> &mut Self {
        self.open_with(name, &[])
    }

    /// Opens an element with attributes.
    pub fn open_with(&mut self, name: &'static str, attributes: &[(&str, &str)]) -> &mut Self {
        self.start(name, attributes);
        self.open.push(name);
        self
    }

    /// An element with text.
    pub fn leaf(&mut self, name: &'static str, text: &str) -> &mut Self {
        self.leaf_with(name, &[], text)
    }

    /// An element with text where there is some to write.
    pub fn optional(&mut self, name: &'static str, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.leaf(name, text),
            None => self,
        }
    }

    /// An element with attributes and text.
    pub fn leaf_with(&mut self, name: &'static str, attributes: &[(&str, &str)], text: &str) -> &mut Self {
        self.start(name, attributes);
        self.out.push_str(&escape_text(text));
        self.end(name);
        self
    }

    /// An element that is nil.
    pub fn nil(&mut self, name: &'static str) -> &mut Self {
        self.start(name, &[("xsi:nil", "true")]);
        self.end(name);
        self
    }

    /// XML that is whole and right already, such as a data object or a message.
    pub fn raw(&mut self, xml: &str) -> &mut Self {
        self.out.push_str(xml);
        self
    }

    /// Closes the element that was opened last.
    pub fn close(&mut self) -> &mut Self {
        if let Some(name) = self.open.pop() {
            self.end(name);
        }
        self
    }

    /// Closes all that is open; the message is whole.
    #[must_use]
    pub fn finish(&mut self) -> Vec<u8> {
        while !self.open.is_empty() {
            self.close();
        }
        self.out.push_str("</SIF_Message>");
        std::mem::take(&mut self.out).into_bytes()
    }

    fn start(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.out.push('<');
        self.out.push_str(name);
        for (attribute, value) in attributes {
            self.out.push(' ');
            self.out.push_str(attribute);
            self.out.push_str("=\"");
            self.out.push_str(&escape_attribute(value));
            self.out.push('"');
        }
        self.out.push('>');
    }

    fn end(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }
}
