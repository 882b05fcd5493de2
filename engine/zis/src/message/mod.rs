//! What a zone does with each kind of message: reads it, checks it whole, and only then changes the zone.

pub(crate) mod ack;
pub(crate) mod event;
mod items;
pub(crate) mod provide;
pub(crate) mod provision;
pub(crate) mod register;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod service_input;
pub(crate) mod service_notify;
pub(crate) mod service_output;
mod service_packet;
pub(crate) mod subscribe;
pub(crate) mod system_control;
pub(crate) mod unprovide;
pub(crate) mod unregister;
pub(crate) mod unsubscribe;

use sif::message::{Header, Message, MessageKind, VersionPattern, error};

use crate::zone::{Fault, Zone};

/// A value that must be there.
fn required(message: &Message, path: &str) -> Result<String, Fault> {
    message
        .value(path)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| Fault::because(error::XML_MISSING, format!("{path} is missing")))
}

/// A value that may be there; an empty one is not.
fn optional(message: &Message, path: &str) -> Option<String> {
    message.value(path).filter(|value| !value.is_empty())
}

/// A whole number that must be there.
fn number(message: &Message, path: &str) -> Result<u64, Fault> {
    required(message, path)?.parse().map_err(|_| Fault::because(error::XML_VALUE, format!("{path} is no whole number")))
}

/// `Yes` or `No`.
fn yes_or_no(message: &Message, path: &str) -> Result<bool, Fault> {
    match required(message, path)?.as_str() {
        "Yes" => Ok(true),
        "No" => Ok(false),
        _ => Err(Fault::because(error::XML_VALUE, format!("{path} is neither Yes nor No"))),
    }
}

/// SIF_Version elements.
fn versions(message: &Message) -> Result<Vec<VersionPattern>, Fault> {
    let bad = || Fault::because(error::XML_VALUE, "a SIF_Version is no version and no pattern of versions");
    message.body().find("SIF_Version").map(|text| VersionPattern::parse(text.trim()).ok_or_else(bad)).collect()
}

/// The one context of a message that may have only one; the zone has it.
fn one_context<'h>(zone: &Zone, header: &'h Header) -> Result<&'h str, Fault> {
    if header.contexts.len() > 1 {
        return Err(error::SEVERAL_CONTEXTS.into());
    }
    let context = header.contexts.first().map_or(sif::message::DEFAULT_CONTEXT, String::as_str);
    if zone.has_context(context) { Ok(context) } else { Err(unknown_context(context)) }
}

fn unknown_context(context: &str) -> Fault {
    Fault::because(error::CONTEXT_UNSUPPORTED, format!("the zone has no context {}", short(context)))
}

/// A name of a message as it may stand in a description.
fn short(name: &str) -> String {
    name.chars().take(64).collect()
}

/// The request or invocation that a message belongs to.
pub(crate) fn about(message: &Message) -> Option<String> {
    match message.kind {
        MessageKind::Request => Some(message.header.message_id.clone()),
        MessageKind::Response => optional(message, "SIF_RequestMsgId"),
        MessageKind::ServiceInput | MessageKind::ServiceOutput | MessageKind::ServiceNotify => {
            optional(message, "SIF_ServiceMsgId")
        }
        _ => None,
    }
}
