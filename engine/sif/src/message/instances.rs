//! Finds the data objects of a message that was read.

use crate::schema::{ObjectSchema, schema};
use crate::tree::{Element, Tree};

use super::VERSION;

/// A data object in a message.
#[derive(Clone, Copy)]
pub struct Instance<'t> {
    /// Its schema.
    pub object: &'static ObjectSchema,
    /// Its element.
    pub element: Element<'t>,
    /// In an event: `Add`, `Change` or `Delete`.
    pub action: Option<&'t str>,
}

/// Why a message's objects cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageFault {
    /// The outermost element is no SIF_Message of the SIF namespace.
    NoMessage,
    /// Not marked as version 2.4.
    Version,
    /// Holds neither an event nor a response.
    NoData,
    /// An object that we do not know.
    UnknownObject,
    /// Objects of different names in one message.
    MixedObjects,
    /// An event about an object that raises none.
    NoEvents,
    /// An event whose action is none of the three, or that does not hold the object that it names.
    Event,
}

impl MessageFault {
    /// What is wrong, in the reader's words.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::NoMessage => "the outermost element is not SIF_Message in the SIF namespace",
            Self::Version => "the message is not marked with version 2.4",
            Self::NoData => "the message is neither an event nor a response",
            Self::UnknownObject => "the message holds an object that is not known",
            Self::MixedObjects => "the message holds objects of different names",
            Self::NoEvents => "the message is an event about an object that raises no events",
            Self::Event => "the event does not name its action and its object as it must",
        }
    }
}

/// The data objects of an event or response, in document order.
///
/// # Errors
/// What keeps them from being taken.
pub fn instances(tree: &Tree) -> Result<Vec<Instance<'_>>, MessageFault> {
    let root =
        tree.root().filter(|root| root.name() == "SIF_Message" && !root.is_foreign()).ok_or(MessageFault::NoMessage)?;
    if root.attribute("Version") != Some(VERSION) {
        return Err(MessageFault::Version);
    }
    if let Some(event) = root.at("SIF_Event/SIF_ObjectData/SIF_EventObject").first() {
        return event_instance(*event).map(|instance| vec![instance]);
    }
    let data = root.at("SIF_Response/SIF_ObjectData");
    let data = data.first().ok_or(MessageFault::NoData)?;
    let mut instances: Vec<Instance<'_>> = Vec::new();
    for element in data.children() {
        let object = known(element)?;
        if instances.first().is_some_and(|first| first.object.name != object.name) {
            return Err(MessageFault::MixedObjects);
        }
        instances.push(Instance { object, element, action: None });
    }
    Ok(instances)
}

fn event_instance(event: Element<'_>) -> Result<Instance<'_>, MessageFault> {
    let action = event.attribute("Action").filter(|action| matches!(*action, "Add" | "Change" | "Delete"));
    let mut children = event.children();
    let (Some(element), None, Some(action)) = (children.next(), children.next(), action) else {
        return Err(MessageFault::Event);
    };
    let object = known(element)?;
    if event.attribute("ObjectName") != Some(object.name) {
        return Err(MessageFault::Event);
    }
    if !object.raises_events {
        return Err(MessageFault::NoEvents);
    }
    Ok(Instance { object, element, action: Some(action) })
}

fn known(element: Element<'_>) -> Result<&'static ObjectSchema, MessageFault> {
    if element.is_foreign() {
        return Err(MessageFault::UnknownObject);
    }
    schema().object(element.name()).ok_or(MessageFault::UnknownObject)
}
