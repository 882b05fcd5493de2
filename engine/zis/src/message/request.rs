//! SIF_Request.

use std::collections::BTreeSet;

use sif::message::{Message, VersionPattern, error};
use sif::query;
use sif::tree::Element;

use super::{number, one_context, short, versions};
use crate::Right;
use crate::zone::record::RequestRecord;
use crate::zone::{Content, Fault, LOG_ENTRY, Misfit, Moment, OF_THE_ZONE, Step, Zone};

/// What a request asks for.
struct Asked<'m> {
    /// The object that is asked for.
    object: &'m str,
    /// The object whose provider is asked, unless the request names an agent.
    provider_of: String,
    /// All objects that it names: a requester needs the right for each.
    objects: BTreeSet<&'m str>,
    /// Whether it is a SIF_ExtendedQuery.
    extended: bool,
    versions: Vec<VersionPattern>,
    buffer: u64,
}

/// The request goes to the agent that it names, or to the provider of its object in its context. What the zone itself provides it
/// answers at once.
pub(crate) fn receive(zone: &mut Zone, message: &Message, now: Moment, step: &mut Step) -> Result<(), Fault> {
    let sender = message.header.source_id.as_str();
    let id = message.header.message_id.as_str();
    let asked = read(message)?;
    for object in asked.objects.iter().copied().chain([asked.provider_of.as_str()]) {
        if !zone.knows(object, message.version) {
            let description = format!("{}: {}", error::meaning(error::REQUEST_INVALID_OBJECT), short(object));
            return Err(Fault::because(error::REQUEST_INVALID_OBJECT, description));
        }
    }
    for object in &asked.objects {
        if !zone.may(sender, Right::Request, object) {
            let description = format!("{}: {}", error::meaning(error::MAY_NOT_REQUEST), short(object));
            return Err(Fault::because(error::MAY_NOT_REQUEST, description));
        }
    }
    check_hidden(zone, message)?;
    let context = one_context(zone, &message.header)?.to_owned();
    if !zone.in_context(sender, &context) {
        return Err(Fault::because(error::MAY_NOT_REQUEST, format!("no permission in context {}", short(&context))));
    }
    if zone.agents.get(sender).and_then(|agent| agent.registration()).is_none_or(|own| asked.buffer > own.buffer) {
        let description = "the SIF_MaxBufferSize is larger than the one that the agent registered";
        return Err(Fault::because(error::REQUEST_GENERIC, description));
    }
    if zone.requests.contains_key(id) {
        return Err(Fault::because(error::REQUEST_GENERIC, "the SIF_MsgId is that of another request"));
    }
    let destination = message.header.destination_id.as_deref().filter(|id| !id.is_empty());
    let mut request = RequestRecord {
        requester: sender.to_owned(),
        responder: String::new(),
        object: asked.object.to_owned(),
        context,
        versions: asked.versions.clone(),
        envelope: message.version.to_string(),
        buffer: asked.buffer,
        next_packet: 1,
        number: 0,
        opened: now.0,
        deadline: now.after(zone.config().options.request_seconds).0,
        closed: None,
    };
    let is_own = OF_THE_ZONE.contains(&asked.object) && destination.is_none_or(|id| id == zone.name());
    // An agent that provides the log goes before the zone.
    let is_log = asked.object == LOG_ENTRY
        && match destination {
            Some(id) => id == zone.name() && zone.config().options.log_entries > 0,
            None => zone.answers_for_log(&request.context),
        };
    if asked.provider_of == asked.object && (is_own || is_log) {
        return answer(zone, message, &asked, request, now, step);
    }
    request.responder = responder(zone, &asked, &request.context, destination)?;
    route(zone, message, &asked, request, now, step)
}

/// Reads what is asked for: only as much as routing needs.
fn read(message: &Message) -> Result<Asked<'_>, Fault> {
    let missing = |what: &str| Fault::because(error::XML_MISSING, format!("{what} is missing"));
    let versions = versions(message)?;
    if versions.is_empty() {
        return Err(missing("SIF_Version"));
    }
    let buffer = number(message, "SIF_MaxBufferSize")?;
    let child = |element: Element<'_>, name: &str| element.children().any(|child| child.name() == name);
    let body = message.body();
    let extended = child(body, "SIF_ExtendedQuery");
    let (paths, object): (&[&str], _) = if extended {
        (
            &[
                "SIF_ExtendedQuery/SIF_Select/SIF_Element",
                "SIF_ExtendedQuery/SIF_From/SIF_Join/SIF_JoinOn/SIF_LeftElement",
                "SIF_ExtendedQuery/SIF_From/SIF_Join/SIF_JoinOn/SIF_RightElement",
                "SIF_ExtendedQuery/SIF_Where/SIF_ConditionGroup/SIF_Conditions/SIF_Condition/SIF_Element",
                "SIF_ExtendedQuery/SIF_OrderBy/SIF_Element",
            ],
            "SIF_ExtendedQuery/SIF_From",
        )
    } else {
        (&[], "SIF_Query/SIF_QueryObject")
    };
    // `at` gives elements of the message, so names live as long as it does.
    let object = body.at(object).first().and_then(|element| element.attribute("ObjectName")).map(str::trim);
    let object = object.filter(|name| !name.is_empty()).ok_or_else(|| missing("the ObjectName of the query"))?;
    let mut objects: BTreeSet<&str> = [object].into();
    for path in paths {
        for element in body.at(path) {
            objects.extend(element.attribute("ObjectName").map(str::trim).filter(|name| !name.is_empty()));
        }
    }
    // A SIF_ExtendedQuery may say that another provider knows more.
    let provider = extended.then(|| super::optional(message, "SIF_ExtendedQuery/SIF_DestinationProvider")).flatten();
    let provider_of = provider.unwrap_or_else(|| object.to_owned());
    Ok(Asked { object, provider_of, objects, extended, versions, buffer })
}

/// An agent that does not see everything may not test what it does not see, or it would learn it by asking often enough.
fn check_hidden(zone: &Zone, message: &Message) -> Result<(), Fault> {
    let Some(visibility) = zone.visibility(&message.header.source_id) else { return Ok(()) };
    let question = query::Request::read(message).map_err(|fault| Fault::because(fault.error, fault.description))?;
    match question.question.hidden_test(visibility) {
        None => Ok(()),
        Some((object, _)) => {
            let description = format!("the query tests an element of {} that the agent may not see", short(&object));
            Err(Fault::because(error::MAY_NOT_REQUEST, description))
        }
    }
}

/// Who is asked: no provider 8/4, one that may not respond 4/6, that takes no SIF_ExtendedQuery 8/15.
fn responder(zone: &Zone, asked: &Asked<'_>, context: &str, destination: Option<&str>) -> Result<String, Fault> {
    let none = || {
        Fault::because(
            error::NO_PROVIDER,
            format!("{}: {}", error::meaning(error::NO_PROVIDER), short(&asked.provider_of)),
        )
    };
    let responder = match destination {
        Some(agent) if zone.is_registered(agent) => agent,
        Some(_) => return Err(Fault::because(error::NO_PROVIDER, "the SIF_DestinationId is not registered")),
        None => zone.provider(&asked.provider_of, context).ok_or_else(none)?,
    };
    let may = |right| zone.may_in(responder, right, &asked.provider_of, context);
    // Who may be the provider may answer as it.
    if !may(Right::Respond) && !may(Right::Provide) {
        return Err(error::MAY_NOT_RESPOND.into());
    }
    let supports = |right| zone.supports_extended(responder, right, &asked.provider_of, context);
    if asked.extended && !supports(Right::Provide) && !supports(Right::Respond) {
        return Err(error::NO_EXTENDED_QUERY.into());
    }
    Ok(responder.to_owned())
}

/// Puts the request into the responder's queue. If it cannot be put there but for its version, the requester is told by a
/// SIF_Response, as it would be by the responder.
fn route(
    zone: &mut Zone,
    message: &Message,
    asked: &Asked<'_>,
    mut request: RequestRecord,
    now: Moment,
    step: &mut Step,
) -> Result<(), Fault> {
    let id = message.header.message_id.as_str();
    let responder = request.responder.clone();
    let misfit = zone.takes(&responder, message).err();
    if misfit == Some(Misfit::Version) {
        return Err(error::RESPONDER_VERSION.into());
    }
    if misfit.is_none() && zone.is_full(&responder) {
        return Err(Fault::because(error::SYSTEM, "the queue of the responder is full; send again later"));
    }
    let parcel = zone.keep(message, Some(asked.object), Some(id), now, step);
    request.number = parcel.number;
    let Some(misfit) = misfit else {
        zone.enqueue(&responder, &parcel, None, step);
        zone.put_request(id, request, step);
        return Ok(());
    };
    zone.skip(&responder, parcel.number, misfit, now, step);
    let description = format!("the request is not delivered to {responder}: {}", misfit.why());
    zone.log_entry(misfit.log_code(), &message.header, &description, now, step);
    let code = if misfit == Misfit::Security { error::NO_SECURE_CHANNEL } else { error::REQUEST_GENERIC };
    zone.respond(id, &request, &Content::Error(code, &description), now, step);
    Ok(())
}

/// Answers a request for what the zone itself provides.
fn answer(
    zone: &mut Zone,
    message: &Message,
    asked: &Asked<'_>,
    request: RequestRecord,
    now: Moment,
    step: &mut Step,
) -> Result<(), Fault> {
    if asked.extended {
        return Err(error::NO_EXTENDED_QUERY.into());
    }
    let id = message.header.message_id.as_str();
    zone.keep(message, Some(asked.object), Some(id), now, step);
    if asked.object == LOG_ENTRY {
        zone.answer_log(message, id, request, now, step);
        return Ok(());
    }
    let objects = if asked.object == "SIF_ZoneStatus" {
        zone.zone_status(message.version)
    } else {
        zone.agent_acl(&request.requester, message.version)
    };
    let content = match query::Request::read(message) {
        Err(fault) => Err((fault.error, fault.description)),
        Ok(read) => Ok(match &read.question {
            query::Question::Query(query) => zone.select(query, &objects),
            query::Question::Extended(_) => String::new(),
        }),
    };
    // Header and frame of a response take less than this.
    const FRAME: u64 = 1024;
    match content {
        Err((code, description)) => zone.respond(id, &request, &Content::Error(code, &description), now, step),
        Ok(objects) if objects.len() as u64 + FRAME > request.buffer => {
            let description = "the object is larger than the SIF_MaxBufferSize";
            zone.respond(id, &request, &Content::Error(error::RESPONDER_BUFFER, description), now, step);
        }
        Ok(objects) => zone.respond(id, &request, &Content::Objects(&objects), now, step),
    }
    Ok(())
}
