//! SIF_Event.

use bytes::Bytes;
use sif::message::{Message, error};
use sif::tree::Element;

use super::{short, unknown_context};
use crate::Right;
use crate::zone::{Fault, LOG_ENTRY, Moment, Step, View, Zone, objects};

/// An event that is taken.
struct Event<'m> {
    object: &'m str,
    /// The object that it adds; none if it changes or deletes one.
    added: Option<Element<'m>>,
    contexts: Vec<&'m str>,
}

/// One copy goes to each agent that subscribes to the object in any of the contexts. Who cannot take it is left out, and a log entry
/// tells of it; the sender is not.
pub(crate) fn receive(zone: &mut Zone, message: &Message, now: Moment, step: &mut Step) -> Result<(), Fault> {
    let sender = message.header.source_id.as_str();
    let event = read(zone, message)?;
    let recipients = match directed(zone, message, &event)? {
        Some(agent) => vec![agent],
        None => zone.subscribers_of(event.object, &event.contexts),
    };
    let mut deliveries: Vec<(String, Option<Bytes>)> = Vec::with_capacity(recipients.len());
    let mut misfits = Vec::new();
    for agent in recipients {
        match zone.takes(&agent, message) {
            Ok(()) if zone.is_full(&agent) => {
                return Err(Fault::because(error::SYSTEM, "the queue of a subscriber is full; send again later"));
            }
            Ok(()) => match zone.view(&agent, message) {
                View::Whole => deliveries.push((agent, None)),
                View::Part(document) => deliveries.push((agent, Some(document))),
                View::Nothing => {}
            },
            Err(misfit) => misfits.push((agent, misfit)),
        }
    }
    let object = event.object.to_owned();
    let parcel = zone.keep(message, Some(&object), None, now, step);
    if let Some(entry) = event.added.filter(|_| object == LOG_ENTRY) {
        zone.keep_posted_entry(message, entry, now, step);
    }
    for (agent, document) in deliveries {
        zone.enqueue(&agent, &parcel, document, step);
    }
    for (agent, misfit) in misfits {
        zone.skip(&agent, parcel.number, misfit, now, step);
        let description = format!("an event of {object} by {sender} is not delivered to {agent}: {}", misfit.why());
        zone.log_entry(misfit.log_code(), &message.header, &description, now, step);
    }
    Ok(())
}

/// Reads the event and checks it: rights by action (4/10 to 4/12), the object (9/3), the contexts (12/4).
fn read<'m>(zone: &Zone, message: &'m Message) -> Result<Event<'m>, Fault> {
    let sender = message.header.source_id.as_str();
    let invalid = |why: &str| Fault::because(error::EVENT_INVALID, format!("the event is not valid: {why}"));
    let data = message.body().children().find(|child| child.name() == "SIF_ObjectData");
    let mut events = data.into_iter().flat_map(Element::children).filter(|child| child.name() == "SIF_EventObject");
    let event = events.next().ok_or_else(|| invalid("there is no SIF_EventObject"))?;
    if events.next().is_some() {
        return Err(invalid("there is more than one SIF_EventObject"));
    }
    let object = event.attribute("ObjectName").map(str::trim).filter(|name| !name.is_empty());
    let object = object.ok_or_else(|| invalid("ObjectName is missing"))?;
    let right = match event.attribute("Action").map(str::trim) {
        Some("Add") => Right::PublishAdd,
        Some("Change") => Right::PublishChange,
        Some("Delete") => Right::PublishDelete,
        _ => return Err(invalid("Action is none of Add, Change and Delete")),
    };
    if !zone.may(sender, right, object) {
        let code = super::items::denied(right);
        return Err(Fault::because(code, format!("{}: {}", error::meaning(code), short(object))));
    }
    let contexts = message.header.contexts_or_default();
    let announced = |context: &&&str| zone.announced(sender, right, object, context);
    if zone.config().options.events_must_be_announced && contexts.iter().find(announced).is_none() {
        let description = "the agent has not announced in SIF_Provision that it publishes such events";
        return Err(Fault::because(error::MAY_NOT_PUBLISH, description));
    }
    if objects::is_known(object) && !objects::has_events(object) {
        return Err(invalid("the object has no events"));
    }
    if !zone.knows(object, message.version) {
        return Err(invalid("the object is not known"));
    }
    let mut instances = event.children();
    let instance = instances.next().ok_or_else(|| invalid("there is no object"))?;
    if instance.name() != object {
        return Err(invalid("the object is not the one that ObjectName names"));
    }
    if instances.next().is_some() {
        return Err(invalid("there is more than one object"));
    }
    for context in &contexts {
        if !zone.has_context(context) {
            return Err(unknown_context(context));
        }
        if !zone.in_context(sender, context) {
            let code = super::items::denied(right);
            return Err(Fault::because(code, format!("{}: not in context {}", error::meaning(code), short(context))));
        }
    }
    let added = (right == Right::PublishAdd).then_some(instance);
    Ok(Event { object, added, contexts })
}

/// The one agent that an event is for, from SIF 2.5 on and if the zone follows that.
fn directed(zone: &Zone, message: &Message, event: &Event<'_>) -> Result<Option<String>, Fault> {
    let follows = zone.config().options.directed_events && message.version >= objects::OPEN_NAMES;
    let Some(agent) = message.header.destination_id.as_ref().filter(|_| follows) else { return Ok(None) };
    if !zone.is_registered(agent) {
        return Err(Fault::because(error::EVENT, "the SIF_DestinationId is not registered"));
    }
    let may = event.contexts.iter().any(|context| zone.may_in(agent, Right::Subscribe, event.object, context));
    if !may {
        return Err(Fault::because(error::EVENT, "the SIF_DestinationId may not get events of this object"));
    }
    Ok(Some(agent.clone()))
}
