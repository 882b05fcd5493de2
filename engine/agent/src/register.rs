//! SIF_Register: the agent joins the zone, or says anew how it is reached.

use bytes::Bytes;
use sif::message::{Header, MessageWriter, Version, VersionPattern};

use crate::answer::Answer;
use crate::client::Agent;
use crate::fault::AgentFault;

/// What an agent says of itself when it registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// SIF_Name: what people call it.
    pub name: String,
    /// The versions that it takes.
    pub versions: Vec<VersionPattern>,
    /// SIF_MaxBufferSize: the largest message that it takes, in bytes.
    pub max_buffer_size: u32,
    /// How the zone calls it: push mode. None is pull mode, in which it asks for its messages.
    pub push: Option<Protocol>,
    /// SIF_NodeVendor.
    pub vendor: Option<String>,
    /// SIF_NodeVersion.
    pub node_version: Option<String>,
}

/// How a zone calls an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// SIF_URL, opaque to the zone. None is only good to see how a zone refuses it.
    pub url: Option<String>,
    /// Type: `HTTP` or `HTTPS`.
    pub kind: String,
    /// Whether it is secure.
    pub secure: bool,
    /// Properties such as `Accept-Encoding`.
    pub properties: Vec<(String, String)>,
}

impl Protocol {
    /// The protocol of an address, by its scheme; gzip is taken.
    #[must_use]
    pub fn of(url: &str) -> Self {
        let secure = url.starts_with("https:");
        Self {
            url: Some(url.to_owned()),
            kind: if secure { "HTTPS" } else { "HTTP" }.to_owned(),
            secure,
            properties: vec![("Accept-Encoding".to_owned(), "gzip;q=1.0, identity;q=0.5, *;q=0".to_owned())],
        }
    }
}

impl Registration {
    /// In pull mode, for every version 2, with a buffer of 1 MiB.
    #[must_use]
    pub fn pull(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            versions: vec![VersionPattern::Major(2)],
            max_buffer_size: 1 << 20,
            push: None,
            vendor: Some("Sifter".to_owned()),
            node_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }
    }

    /// In push mode, at an address.
    #[must_use]
    pub fn push(name: impl Into<String>, url: &str) -> Self {
        Self { push: Some(Protocol::of(url)), ..Self::pull(name) }
    }

    /// The message.
    #[must_use]
    pub fn write(&self, version: Version, header: &Header) -> Bytes {
        let mut writer = MessageWriter::new(version, "SIF_Register", header);
        writer.leaf("SIF_Name", &self.name);
        for pattern in &self.versions {
            writer.leaf("SIF_Version", &pattern.to_string());
        }
        writer.leaf("SIF_MaxBufferSize", &self.max_buffer_size.to_string());
        writer.leaf("SIF_Mode", if self.push.is_some() { "Push" } else { "Pull" });
        if let Some(protocol) = &self.push {
            let secure = if protocol.secure { "Yes" } else { "No" };
            writer.open_with("SIF_Protocol", &[("Type", &protocol.kind), ("Secure", secure)]);
            writer.optional("SIF_URL", protocol.url.as_deref());
            // Up to 2.0r1 there is either an address or properties.
            let properties = protocol
                .properties
                .iter()
                .filter(|_| protocol.url.is_none() || (version.major, version.minor) > (2, 0));
            for (name, value) in properties {
                writer.open("SIF_Property").leaf("SIF_Name", name).leaf("SIF_Value", value).close();
            }
            writer.close();
        }
        writer.optional("SIF_NodeVendor", self.vendor.as_deref());
        writer.optional("SIF_NodeVersion", self.node_version.as_deref());
        writer.finish().into()
    }
}

impl Agent {
    /// Registers. The answer carries the agent's rights. Registering again replaces the settings, wakes the agent, and keeps its queue.
    ///
    /// # Errors
    /// If no answer came that can be understood.
    pub async fn register(&self, registration: &Registration) -> Result<Answer, AgentFault> {
        let header = self.header(None);
        self.send(registration.write(self.version(), &header), &header.message_id).await
    }
}
