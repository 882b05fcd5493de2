//! Lists of objects and services, as SIF_Provision and its small relatives have them.

use std::collections::BTreeSet;

use sif::message::{DEFAULT_CONTEXT, ErrorCode, Message, Version, error};
use sif::tree::Element;

use super::{short, unknown_context};
use crate::Right;
use crate::zone::record::{Provision, Service};
use crate::zone::{Fault, Zone, objects};

/// A SIF_Object or SIF_Service.
pub(super) struct Item {
    pub name: String,
    pub contexts: Vec<String>,
    /// SIF_ExtendedQuerySupport.
    pub extended: bool,
    pub operations: BTreeSet<String>,
}

/// The items of a list, such as `SIF_Object` elements with their `ObjectName`.
pub(super) fn read(elements: Vec<Element<'_>>, attribute: &str) -> Result<Vec<Item>, Fault> {
    let item = |element: Element<'_>| {
        let name = element.attribute(attribute).map(str::trim).filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| Fault::because(error::XML_MISSING, format!("{attribute} is missing")))?;
        let mut contexts: Vec<String> =
            element.find("SIF_Contexts/SIF_Context").map(|context| context.trim().to_owned()).collect();
        if contexts.is_empty() {
            contexts.push(DEFAULT_CONTEXT.to_owned());
        }
        let support = element.find("SIF_ExtendedQuerySupport").next();
        Ok(Item {
            name: name.to_owned(),
            contexts,
            extended: support.is_some_and(|value| matches!(value.trim(), "true" | "1")),
            operations: element.find("SIF_Operations/SIF_Operation").map(|name| name.trim().to_owned()).collect(),
        })
    };
    elements.into_iter().map(item).collect()
}

/// The objects of a message that has one list of them.
pub(super) fn of_message(message: &Message) -> Result<Vec<Item>, Fault> {
    let items = read(message.body().at("SIF_Object"), "ObjectName")?;
    if items.is_empty() {
        return Err(Fault::because(error::XML_MISSING, "SIF_Object is missing"));
    }
    Ok(items)
}

/// What an agent without a right is told.
pub(super) const fn denied(right: Right) -> ErrorCode {
    match right {
        Right::Provide => error::MAY_NOT_PROVIDE,
        Right::Subscribe => error::MAY_NOT_SUBSCRIBE,
        Right::PublishAdd => error::MAY_NOT_PUBLISH_ADD,
        Right::PublishChange => error::MAY_NOT_PUBLISH_CHANGE,
        Right::PublishDelete => error::MAY_NOT_PUBLISH_DELETE,
        Right::Request => error::MAY_NOT_REQUEST,
        Right::Respond => error::MAY_NOT_RESPOND,
    }
}

/// The same for a service.
const fn service_denied(right: Right) -> ErrorCode {
    match right {
        Right::Request => error::MAY_NOT_INVOKE,
        Right::Subscribe => error::MAY_NOT_NOTIFY,
        _ => error::MAY_NOT_PROVIDE_SERVICE,
    }
}

/// Whether an agent may announce an object under a right: the right itself (4/x), the object (6/3, 7/3), the contexts (12/4), and
/// no other provider (6/4).
pub(super) fn check(zone: &Zone, agent: &str, right: Right, item: &Item, version: Version) -> Result<(), Fault> {
    let refuse = |code: ErrorCode| Fault::because(code, format!("{}: {}", error::meaning(code), short(&item.name)));
    if !zone.may(agent, right, &item.name) {
        return Err(refuse(denied(right)));
    }
    let events = matches!(right, Right::Subscribe | Right::PublishAdd | Right::PublishChange | Right::PublishDelete);
    let known = if events {
        objects::has_events(&item.name) || (version >= objects::OPEN_NAMES && !objects::is_known(&item.name))
    } else {
        zone.knows(&item.name, version)
    };
    if !known {
        let code = if right == Right::Subscribe {
            error::SUBSCRIPTION_INVALID_OBJECT
        } else {
            error::PROVISION_INVALID_OBJECT
        };
        return Err(refuse(code));
    }
    for context in &item.contexts {
        if !zone.has_context(context) {
            return Err(unknown_context(context));
        }
        if !zone.in_context(agent, context) {
            return Err(refuse(denied(right)));
        }
        if right == Right::Provide && zone.provider(&item.name, context).is_some_and(|provider| provider != agent) {
            return Err(refuse(error::ALREADY_PROVIDED));
        }
    }
    Ok(())
}

/// The same for a service: 4/13 to 4/15, 14/2, 12/4, and 6/4 where another agent provides it.
pub(super) fn check_service(
    zone: &Zone,
    agent: &str,
    right: Right,
    item: &Item,
    version: Version,
) -> Result<(), Fault> {
    let refuse = |code: ErrorCode| Fault::because(code, format!("{}: {}", error::meaning(code), short(&item.name)));
    let may = zone.approved(agent).is_some_and(|config| config.may_service(right, &item.name));
    if !may {
        return Err(refuse(service_denied(right)));
    }
    if !objects::is_service(&item.name, version) {
        return Err(refuse(error::SERVICE_INVALID));
    }
    for context in &item.contexts {
        if !zone.has_context(context) {
            return Err(unknown_context(context));
        }
        if !zone.in_context(agent, context) {
            return Err(refuse(service_denied(right)));
        }
        let other = zone.service_provider(&item.name, context).is_some_and(|provider| provider != agent);
        if right == Right::Provide && other {
            return Err(refuse(error::ALREADY_PROVIDED));
        }
    }
    Ok(())
}

/// Adds an object to what an agent has announced under a right.
pub(super) fn announce(provision: &mut Provision, right: Right, item: Item) {
    let contexts = provision.objects.entry(right).or_default().entry(item.name).or_default();
    contexts.extend(item.contexts.into_iter().map(|context| (context, item.extended)));
}

/// Adds a service to what an agent has announced under a right.
pub(super) fn announce_service(provision: &mut Provision, right: Right, item: Item) {
    let service: &mut Service = provision.services.entry(right).or_default().entry(item.name).or_default();
    service.contexts.extend(item.contexts);
    service.operations.extend(item.operations);
}

/// Takes an object out of what an agent has announced under a right; one that is not there is no fault.
pub(super) fn withdraw(provision: &mut Provision, right: Right, item: &Item) {
    let Some(objects) = provision.objects.get_mut(&right) else { return };
    if let Some(contexts) = objects.get_mut(&item.name) {
        contexts.retain(|context, _| !item.contexts.contains(context));
        if contexts.is_empty() {
            objects.remove(&item.name);
        }
    }
    if objects.is_empty() {
        provision.objects.remove(&right);
    }
}
