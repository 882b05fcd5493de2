//! SIF_AgentACL: what an agent may do.

use std::collections::BTreeSet;

use sif::message::{DEFAULT_CONTEXT, MessageWriter, Version};

use super::Zone;
use super::objects;
use super::receive::SERVICES;
use super::rights::OF_THE_ZONE;
use crate::Right;

/// The lists of objects, in order.
const OBJECTS: [(Right, &str); 7] = [
    (Right::Provide, "SIF_ProvideAccess"),
    (Right::Subscribe, "SIF_SubscribeAccess"),
    (Right::PublishAdd, "SIF_PublishAddAccess"),
    (Right::PublishChange, "SIF_PublishChangeAccess"),
    (Right::PublishDelete, "SIF_PublishDeleteAccess"),
    (Right::Request, "SIF_RequestAccess"),
    (Right::Respond, "SIF_RespondAccess"),
];

/// The lists of services, in order.
pub(crate) const SERVICE_LISTS: [(Right, &str); 4] = [
    (Right::Provide, "SIF_ProvideService"),
    (Right::Respond, "SIF_RespondService"),
    (Right::Request, "SIF_RequestService"),
    (Right::Subscribe, "SIF_SubscribeService"),
];

impl Zone {
    /// What an agent may do, as messages of a version say it. `*` is written out, since SIF knows no such object.
    pub(crate) fn agent_acl(&self, agent: &str, version: Version) -> String {
        let config = self.config.agents.get(agent);
        let contexts: Vec<&str> = match config {
            Some(config) if !config.contexts.is_empty() => {
                config.contexts.iter().map(String::as_str).filter(|context| self.has_context(context)).collect()
            }
            _ => vec![DEFAULT_CONTEXT],
        };
        let named = config.into_iter().flat_map(|config| config.rights.keys()).map(String::as_str);
        let mut all: BTreeSet<&str> = named.filter(|name| *name != "*").chain(OF_THE_ZONE).collect();
        if config.is_some_and(|config| config.rights.contains_key("*")) {
            all.extend(objects::all());
        }
        let mut writer = MessageWriter::part();
        writer.open("SIF_AgentACL");
        for (right, list) in OBJECTS {
            writer.open(list);
            let events =
                matches!(right, Right::Subscribe | Right::PublishAdd | Right::PublishChange | Right::PublishDelete);
            for object in all.iter().filter(|object| self.may(agent, right, object)) {
                if !(events && objects::is_known(object) && !objects::has_events(object)) {
                    writer.open_with("SIF_Object", &[("ObjectName", object)]);
                    write_contexts(&mut writer, contexts.iter().copied());
                    writer.close();
                }
            }
            writer.close();
        }
        if version >= SERVICES {
            self.write_services_acl(&mut writer, agent, &contexts);
        }
        writer.finish_part()
    }

    fn write_services_acl(&self, writer: &mut MessageWriter, agent: &str, contexts: &[&str]) {
        let config = self.approved(agent);
        let named = config.into_iter().flat_map(|config| config.services.keys()).map(String::as_str);
        let mut all: BTreeSet<&str> = named.filter(|name| *name != "*").collect();
        if config.is_some_and(|config| config.services.contains_key("*")) {
            all.extend(objects::SERVICES);
        }
        for (right, list) in SERVICE_LISTS {
            writer.open(list);
            for service in all.iter().filter(|service| config.is_some_and(|config| config.may_service(right, service)))
            {
                writer.open_with("SIF_Service", &[("ServiceName", service)]);
                write_contexts(writer, contexts.iter().copied());
                writer.close();
            }
            writer.close();
        }
    }
}

/// SIF_Contexts.
pub(super) fn write_contexts<'c>(writer: &mut MessageWriter, contexts: impl Iterator<Item = &'c str>) {
    writer.open("SIF_Contexts");
    for context in contexts {
        writer.leaf("SIF_Context", context);
    }
    writer.close();
}
