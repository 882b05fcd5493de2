//! SIF_Provision: all that the agent provides, subscribes to, publishes, requests and responds to, at once.

use bytes::Bytes;
use sif::message::{Header, MessageWriter, Version};

use crate::answer::Answer;
use crate::client::Agent;
use crate::fault::AgentFault;

/// An object, with the contexts that it is meant in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offered {
    /// ObjectName.
    pub object: String,
    /// Whether SIF_ExtendedQuery is supported; only said of what is provided, requested and responded to.
    pub extended_query: bool,
    /// Its contexts; none means SIF_Default.
    pub contexts: Vec<String>,
}

impl Offered {
    /// An object in the default context, without SIF_ExtendedQuery.
    #[must_use]
    pub fn new(object: impl Into<String>) -> Self {
        Self { object: object.into(), ..Self::default() }
    }

    pub(crate) fn write(&self, writer: &mut MessageWriter, says_extended: bool) {
        writer.open_with("SIF_Object", &[("ObjectName", &self.object)]);
        if says_extended && self.extended_query {
            writer.leaf("SIF_ExtendedQuerySupport", "true");
        }
        contexts(writer, &self.contexts);
        writer.close();
    }
}

/// A service, with its contexts and, where it is requested or subscribed to, its operations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfferedService {
    /// ServiceName.
    pub service: String,
    /// Its contexts; none means SIF_Default.
    pub contexts: Vec<String>,
    /// Its operations; none means all.
    pub operations: Vec<String>,
}

/// Everything that an agent does in a zone. It replaces what the agent said before, all or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provision {
    /// Objects that it is the provider of.
    pub provide: Vec<Offered>,
    /// Objects whose events it wants.
    pub subscribe: Vec<Offered>,
    /// Objects that it reports additions of.
    pub publish_add: Vec<Offered>,
    /// Objects that it reports changes of.
    pub publish_change: Vec<Offered>,
    /// Objects that it reports deletions of.
    pub publish_delete: Vec<Offered>,
    /// Objects that it asks for.
    pub request: Vec<Offered>,
    /// Objects that it answers requests for that are directed to it.
    pub respond: Vec<Offered>,
    /// Services that it is the provider of; written from version 2.4 on, as the following three.
    pub provide_services: Vec<OfferedService>,
    /// Services that it answers for.
    pub respond_services: Vec<OfferedService>,
    /// Services that it invokes.
    pub request_services: Vec<OfferedService>,
    /// Services whose notices it wants.
    pub subscribe_services: Vec<OfferedService>,
}

impl Provision {
    /// The message.
    #[must_use]
    pub fn write(&self, version: Version, header: &Header) -> Bytes {
        let mut writer = MessageWriter::new(version, "SIF_Provision", header);
        let objects: [(&'static str, &[Offered], bool); 7] = [
            ("SIF_ProvideObjects", &self.provide, true),
            ("SIF_SubscribeObjects", &self.subscribe, false),
            ("SIF_PublishAddObjects", &self.publish_add, false),
            ("SIF_PublishChangeObjects", &self.publish_change, false),
            ("SIF_PublishDeleteObjects", &self.publish_delete, false),
            ("SIF_RequestObjects", &self.request, true),
            ("SIF_RespondObjects", &self.respond, true),
        ];
        for (name, offered, says_extended) in objects {
            writer.open(name);
            offered.iter().for_each(|offered| offered.write(&mut writer, says_extended));
            writer.close();
        }
        let services: [(&'static str, &[OfferedService], bool); 4] = [
            ("SIF_ProvideService", &self.provide_services, false),
            ("SIF_RespondService", &self.respond_services, false),
            ("SIF_RequestService", &self.request_services, true),
            ("SIF_SubscribeService", &self.subscribe_services, true),
        ];
        for (name, offered, says_operations) in services {
            if version < Version::V2_4 || offered.is_empty() {
                continue;
            }
            writer.open(name);
            for service in offered {
                writer.open_with("SIF_Service", &[("ServiceName", &service.service)]);
                contexts(&mut writer, &service.contexts);
                if says_operations && !service.operations.is_empty() {
                    writer.open("SIF_Operations");
                    for operation in &service.operations {
                        writer.leaf("SIF_Operation", operation);
                    }
                    writer.close();
                }
                writer.close();
            }
            writer.close();
        }
        writer.finish().into()
    }
}

fn contexts(writer: &mut MessageWriter, contexts: &[String]) {
    if contexts.is_empty() {
        return;
    }
    writer.open("SIF_Contexts");
    for context in contexts {
        writer.leaf("SIF_Context", context);
    }
    writer.close();
}

impl Agent {
    /// Says all that the agent does.
    ///
    /// # Errors
    /// If no answer came that can be understood.
    pub async fn provision(&self, provision: &Provision) -> Result<Answer, AgentFault> {
        let header = self.header(None);
        self.send(provision.write(self.version(), &header), &header.message_id).await
    }
}
