//! SIF_Register.

use sif::message::{ErrorCode, Message, VersionPattern, error};

use super::{number, optional, required, versions};
use crate::zone::record::{Protocol, Registration};
use crate::zone::{AnswerData, Fault, LogLine, Moment, Reply, Step, Zone, takes_gzip};
use crate::{Channel, Mode};

/// The sender joins the zone, or changes its settings. It wakes, and nothing holds back its events any more; its queue, provisions and
/// subscriptions stay. It is told its rights.
pub(crate) fn receive(
    zone: &mut Zone,
    message: &Message,
    channel: &Channel,
    now: Moment,
    step: &mut Step,
) -> Result<Reply, Fault> {
    let agent = message.header.source_id.as_str();
    if !zone.may_register(agent) {
        zone.asked(agent, now, step);
        let description = "the agent is not approved; an administrator of the zone can approve it";
        return Err(Fault::because(error::MAY_NOT_REGISTER, description));
    }
    let registration = read(zone, message, channel, now)?;
    step.log.push(LogLine {
        what: "registered",
        agent: agent.to_owned(),
        message_id: message.header.message_id.clone(),
        code: String::new(),
    });
    zone.register(agent, registration, now, step);
    Ok(Reply::Data(AnswerData::AgentAcl(zone.agent_acl(agent, message.version))))
}

/// What the message says, if the zone takes it.
fn read(zone: &Zone, message: &Message, channel: &Channel, now: Moment) -> Result<Registration, Fault> {
    let agent = message.header.source_id.as_str();
    let config = zone.config().agents.get(agent);
    let options = &zone.config().options;
    if agent.chars().count() > 64 || agent == zone.name() {
        return Err(error::SOURCE_ID_INVALID.into());
    }
    let versions = versions(message)?;
    if versions.is_empty() {
        return Err(Fault::because(error::XML_MISSING, "SIF_Version is missing"));
    }
    let common = |pattern: &VersionPattern| zone.config().versions.iter().any(|version| pattern.matches(*version));
    if !versions.iter().any(common) {
        return Err(error::VERSIONS_UNSUPPORTED.into());
    }
    let buffer = number(message, "SIF_MaxBufferSize")?;
    if buffer < options.min_buffer_size {
        let description = format!("the SIF_MaxBufferSize is too small: the zone asks for {}", options.min_buffer_size);
        return Err(Fault::because(error::BUFFER_TOO_SMALL, description));
    }
    let mode = match required(message, "SIF_Mode")?.as_str() {
        "Push" => Mode::Push,
        "Pull" => Mode::Pull,
        _ => return Err(Fault::because(error::XML_VALUE, "SIF_Mode is neither Push nor Pull")),
    };
    if config.and_then(|config| config.mode).is_some_and(|only| only != mode) {
        return Err(Fault::because(error::REGISTRATION, "the zone does not allow this agent this SIF_Mode"));
    }
    // The SIF_Protocol of an agent in pull mode means nothing.
    let protocol = if mode == Mode::Push { Some(protocol(zone, message)?) } else { None };
    if options.require_secure && !(channel.secure || channel.internal) {
        return Err(error::SECURE_TRANSPORT_REQUIRED.into());
    }
    if let Some(protocol) = &protocol {
        let encodings = protocol.properties.iter().find(|(name, _)| name == "Accept-Encoding");
        if encodings.is_some_and(|(_, value)| takes_gzip(value).is_none()) {
            return Err(error::ENCODING_UNSUPPORTED.into());
        }
    }
    let application = optional(message, "SIF_Application/SIF_Vendor").map(|vendor| {
        let part = |name: &str| optional(message, &format!("SIF_Application/{name}")).unwrap_or_default();
        [vendor, part("SIF_Product"), part("SIF_Version")]
    });
    let (authentication, encryption) =
        if channel.internal { (u8::MAX, u8::MAX) } else { (channel.authentication, channel.encryption) };
    Ok(Registration {
        name: required(message, "SIF_Name")?,
        versions,
        buffer,
        mode,
        protocol,
        vendor: optional(message, "SIF_NodeVendor"),
        node_version: optional(message, "SIF_NodeVersion"),
        application,
        icon: optional(message, "SIF_Icon"),
        at: now.0,
        authentication,
        encryption,
        envelope: message.version.to_string(),
    })
}

/// How the zone is to call the agent.
fn protocol(zone: &Zone, message: &Message) -> Result<Protocol, Fault> {
    let missing = |what: &str| Fault::because(error::XML_MISSING, format!("{what} is missing, which push mode needs"));
    let kind = optional(message, "SIF_Protocol/@Type").ok_or_else(|| missing("SIF_Protocol/@Type"))?;
    let url = optional(message, "SIF_Protocol/SIF_URL").ok_or_else(|| missing("SIF_URL"))?;
    let scheme = match kind.as_str() {
        "HTTP" => "http://",
        "HTTPS" => "https://",
        _ => return Err(error::PROTOCOL_UNSUPPORTED.into()),
    };
    if !url.starts_with(scheme) {
        return Err(Fault::because(error::PROTOCOL_UNSUPPORTED, "the SIF_URL is not one of the SIF_Protocol's type"));
    }
    let secure = optional(message, "SIF_Protocol/@Secure").is_some_and(|secure| secure == "Yes");
    if zone.config().options.require_secure && kind != "HTTPS" {
        return Err(error::SECURE_TRANSPORT_REQUIRED.into());
    }
    if !zone.may_call(&message.header.source_id, &url) {
        const NOT_ALLOWED: ErrorCode = error::REGISTRATION;
        return Err(Fault::because(NOT_ALLOWED, "the zone does not allow calls to the host of the SIF_URL"));
    }
    let properties = message.body().at("SIF_Protocol/SIF_Property");
    let one = |property: sif::tree::Element<'_>, name: &str| {
        property.find(name).next().map(|value| value.trim().to_owned()).unwrap_or_default()
    };
    let properties =
        properties.into_iter().map(|property| (one(property, "SIF_Name"), one(property, "SIF_Value"))).collect();
    Ok(Protocol { kind, secure, url: Some(url), properties })
}
