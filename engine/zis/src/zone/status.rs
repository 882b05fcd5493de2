//! SIF_ZoneStatus: who is in the zone and does what.

use std::collections::{BTreeMap, BTreeSet};

use sif::message::{MessageWriter, Version};

use super::Zone;
use super::acl::write_contexts;
use super::agent::Agent;
use super::receive::SERVICES;
use super::record::{Protocol, Registration};
use super::rights::OF_THE_ZONE;
use crate::{Mode, Right};

/// The lists of objects: right, name of the list and of its items, and whether they say if SIF_ExtendedQuery is supported.
const LISTS: [(Right, &str, &str, bool); 7] = [
    (Right::Provide, "SIF_Providers", "SIF_Provider", true),
    (Right::Subscribe, "SIF_Subscribers", "SIF_Subscriber", false),
    (Right::PublishAdd, "SIF_AddPublishers", "SIF_Publisher", false),
    (Right::PublishChange, "SIF_ChangePublishers", "SIF_Publisher", false),
    (Right::PublishDelete, "SIF_DeletePublishers", "SIF_Publisher", false),
    (Right::Respond, "SIF_Responders", "SIF_Responder", true),
    (Right::Request, "SIF_Requesters", "SIF_Requester", true),
];

/// The lists of services.
const SERVICE_LISTS: [(Right, &str, &str); 4] = [
    (Right::Provide, "SIF_ServiceProviders", "SIF_ServiceProvider"),
    (Right::Respond, "SIF_ServiceResponders", "SIF_ServiceResponder"),
    (Right::Request, "SIF_ServiceRequesters", "SIF_ServiceRequester"),
    (Right::Subscribe, "SIF_ServiceSubscribers", "SIF_ServiceSubscriber"),
];

/// Objects, and by context whether SIF_ExtendedQuery is supported.
type Objects<'z> = BTreeMap<&'z str, BTreeMap<&'z str, bool>>;

impl Zone {
    /// The zone's status, as messages of a version say it. Empty lists are left out.
    pub(crate) fn zone_status(&self, version: Version) -> String {
        let mut writer = MessageWriter::part();
        writer.open_with("SIF_ZoneStatus", &[("ZoneId", &self.name)]);
        writer.leaf("SIF_Name", &self.name);
        writer.open("SIF_Vendor").leaf("SIF_Name", "Sifter").leaf("SIF_Product", "Sifter");
        writer.leaf("SIF_Version", env!("CARGO_PKG_VERSION")).close();
        for (right, list, item, extended) in LISTS {
            self.write_objects(&mut writer, (right, list, item, extended));
        }
        self.write_nodes(&mut writer);
        writer.open("SIF_SupportedAuthentication").leaf("SIF_ProtocolName", "X.509").close();
        writer.open("SIF_SupportedProtocols");
        let protocols: &[(&str, &str)] =
            if self.config.options.require_secure { &[("HTTPS", "Yes")] } else { &[("HTTPS", "Yes"), ("HTTP", "No")] };
        for (kind, secure) in protocols {
            writer.open_with("SIF_Protocol", &[("Type", kind), ("Secure", secure)]);
            // It is what OpenADK asks for before it compresses its own messages; properties came with 2.1.
            writer.open("SIF_Property").leaf("SIF_Name", "Accept-Encoding");
            writer.leaf("SIF_Value", "gzip, identity").close().close();
        }
        writer.close();
        writer.open("SIF_SupportedVersions");
        let versions: BTreeSet<Version> = self.config.versions.iter().copied().collect();
        for version in versions {
            writer.leaf("SIF_Version", &version.to_string());
        }
        writer.close();
        writer.optional("SIF_AdministrationURL", self.config.options.administration_url.as_deref());
        let mut contexts: Vec<&str> = self.config.contexts.iter().map(String::as_str).collect();
        if !contexts.contains(&sif::message::DEFAULT_CONTEXT) {
            contexts.insert(0, sif::message::DEFAULT_CONTEXT);
        }
        write_contexts(&mut writer, contexts.into_iter());
        if version >= SERVICES {
            for (right, list, item) in SERVICE_LISTS {
                self.write_services(&mut writer, right, list, item);
            }
        }
        writer.finish_part()
    }

    fn registered(&self) -> impl Iterator<Item = (&String, &Agent, &Registration)> {
        self.agents.iter().filter_map(|(id, agent)| Some((id, agent, agent.registration()?)))
    }

    fn write_objects(
        &self,
        writer: &mut MessageWriter,
        (right, list, item, extended): (Right, &'static str, &'static str, bool),
    ) {
        let mut items: BTreeMap<&str, Objects<'_>> = BTreeMap::new();
        for (id, agent, _) in self.registered() {
            let objects = agent.record.provision.objects.get(&right).into_iter().flatten();
            let objects: Objects<'_> = objects
                .map(|(object, contexts)| {
                    let contexts = contexts.iter().map(|(context, extended)| (context.as_str(), *extended));
                    (object.as_str(), contexts.collect())
                })
                .collect();
            items.insert(id, objects);
        }
        if right == Right::Provide {
            // The zone answers for these itself.
            let contexts: BTreeMap<&str, bool> = [(sif::message::DEFAULT_CONTEXT, false)].into();
            items.insert(&self.name, OF_THE_ZONE.into_iter().map(|object| (object, contexts.clone())).collect());
        }
        items.retain(|_, objects| !objects.is_empty());
        if items.is_empty() {
            return;
        }
        writer.open(list);
        for (id, objects) in items {
            writer.open_with(item, &[("SourceId", id)]).open("SIF_ObjectList");
            for (object, contexts) in objects {
                // Contexts with and without support stand apart, since an item says it once for all of its contexts.
                for support in if extended { &[true, false][..] } else { &[true][..] } {
                    let here: Vec<&str> = contexts
                        .iter()
                        .filter(|(_, own)| !extended || *own == support)
                        .map(|(name, _)| *name)
                        .collect();
                    if here.is_empty() {
                        continue;
                    }
                    writer.open_with("SIF_Object", &[("ObjectName", object)]);
                    if extended {
                        writer.leaf("SIF_ExtendedQuerySupport", if *support { "true" } else { "false" });
                    }
                    write_contexts(writer, here.into_iter());
                    writer.close();
                }
            }
            writer.close().close();
        }
        writer.close();
    }

    fn write_services(&self, writer: &mut MessageWriter, right: Right, list: &'static str, item: &'static str) {
        let found: Vec<_> = self
            .registered()
            .filter_map(|(id, agent, _)| Some((id, agent.record.provision.services.get(&right)?)))
            .filter(|(_, services)| !services.is_empty())
            .collect();
        if found.is_empty() {
            return;
        }
        writer.open(list);
        for (id, services) in found {
            writer.open_with(item, &[("SourceId", id)]).open("SIF_ServiceList");
            for (name, service) in services {
                writer.open_with("SIF_Service", &[("ServiceName", name)]);
                let says_operations = matches!(right, Right::Request | Right::Subscribe);
                if says_operations && !service.operations.is_empty() {
                    writer.open("SIF_Operations");
                    for operation in &service.operations {
                        writer.leaf("SIF_Operation", operation);
                    }
                    writer.close();
                }
                write_contexts(writer, service.contexts.iter().map(String::as_str));
                writer.close();
            }
            writer.close().close();
        }
        writer.close();
    }

    fn write_nodes(&self, writer: &mut MessageWriter) {
        if self.registered().next().is_none() {
            return;
        }
        writer.open("SIF_SIFNodes");
        for (id, agent, registration) in self.registered() {
            writer.open_with("SIF_SIFNode", &[("Type", "Agent")]).leaf("SIF_Name", &registration.name);
            writer.optional("SIF_Icon", registration.icon.as_deref());
            writer.optional("SIF_NodeVendor", registration.vendor.as_deref());
            writer.optional("SIF_NodeVersion", registration.node_version.as_deref());
            if let Some([vendor, product, version]) = &registration.application {
                writer.open("SIF_Application").leaf("SIF_Vendor", vendor).leaf("SIF_Product", product);
                writer.leaf("SIF_Version", version).close();
            }
            writer.leaf("SIF_SourceId", id);
            writer.leaf("SIF_Mode", if registration.mode == Mode::Push { "Push" } else { "Pull" });
            if let Some(protocol) = &registration.protocol {
                write_protocol(writer, protocol);
            }
            writer.open("SIF_VersionList");
            for version in &registration.versions {
                writer.leaf("SIF_Version", &version.to_string());
            }
            writer.close();
            let channel = agent.expected_channel();
            writer.leaf("SIF_AuthenticationLevel", &channel.authentication.min(3).to_string());
            writer.leaf("SIF_EncryptionLevel", &channel.encryption.min(4).to_string());
            writer.leaf("SIF_MaxBufferSize", &registration.buffer.to_string());
            writer.leaf("SIF_Sleeping", if agent.record.sleeping { "Yes" } else { "No" }).close();
        }
        writer.close();
    }
}

fn write_protocol(writer: &mut MessageWriter, protocol: &Protocol) {
    let secure = if protocol.secure { "Yes" } else { "No" };
    writer.open_with("SIF_Protocol", &[("Type", &protocol.kind), ("Secure", secure)]);
    writer.optional("SIF_URL", protocol.url.as_deref());
    for (name, value) in &protocol.properties {
        writer.open("SIF_Property").leaf("SIF_Name", name).leaf("SIF_Value", value).close();
    }
    writer.close();
}
