//! From the short forms of a file to messages.

use std::str::FromStr;

use agent::{
    Action, Body, Condition, Control, Delivered, Event, Group, Notify, Offered, OfferedService, Packet, Protocol,
    Provision, Query, Question, Registration, Request,
};
use bytes::Bytes;
use sif::message::{
    ErrorCode, Header, MessageWriter, Outcome, Security, Status, Version, VersionPattern, error, write_error,
};

use super::labels::Labels;
use super::script::{AgentSetup, Does, Registers, Requests, Responds, Serves, Step};

/// What an agent sends in a step.
pub struct Line {
    pub document: Bytes,
    pub version: Version,
    /// SIF_MsgId of its header.
    pub message_id: String,
}

/// Who sends it, and what is known of it.
pub struct Sender<'s> {
    pub id: &'s str,
    pub setup: &'s AgentSetup,
    /// Where the zone calls it.
    pub url: Option<&'s str>,
}

/// An error code such as `4/9`.
pub fn code(text: &str) -> Result<ErrorCode, String> {
    let parts = text.split_once('/').and_then(|(category, code)| Some((category.parse().ok()?, code.parse().ok()?)));
    parts.map(|(category, code)| ErrorCode::new(category, code)).ok_or_else(|| format!("{text} is no error code"))
}

/// A status such as `1`, or an error such as `10/1`.
pub fn outcome(text: &str) -> Result<Outcome, String> {
    if text.contains('/') {
        return code(text).map(Outcome::error);
    }
    let status = text.parse().ok().and_then(Status::from_code);
    status.map(Outcome::Status).ok_or_else(|| format!("{text} is no status"))
}

/// Patterns of versions.
pub fn patterns(texts: &[String]) -> Result<Vec<VersionPattern>, String> {
    texts.iter().map(|text| VersionPattern::parse(text).ok_or(format!("{text} is no pattern of versions"))).collect()
}

fn offered(texts: &[String]) -> Vec<Offered> {
    texts.iter().map(|text| one_offered(text)).collect()
}

fn one_offered(text: &str) -> Offered {
    let (text, extended_query) = match text.strip_suffix("+extended") {
        Some(text) => (text, true),
        None => (text, false),
    };
    let mut parts = text.split('@');
    let object = parts.next().unwrap_or_default().to_owned();
    Offered { object, extended_query, contexts: parts.map(str::to_owned).collect() }
}

fn services(texts: &[String]) -> Vec<OfferedService> {
    let service = |text: &String| {
        let offered = one_offered(text);
        OfferedService { service: offered.object, contexts: offered.contexts, operations: Vec::new() }
    };
    texts.iter().map(service).collect()
}

/// A SIF_Provision.
pub fn provision(does: &Does) -> Provision {
    Provision {
        provide: offered(&does.provide),
        subscribe: offered(&does.subscribe),
        publish_add: offered(&does.publish_add),
        publish_change: offered(&does.publish_change),
        publish_delete: offered(&does.publish_delete),
        request: offered(&does.request),
        respond: offered(&does.respond),
        provide_services: services(&does.provide_services),
        respond_services: services(&does.respond_services),
        request_services: services(&does.request_services),
        subscribe_services: services(&does.subscribe_services),
    }
}

/// A SIF_Register.
pub fn registration(sender: &Sender<'_>, registers: &Registers) -> Result<Registration, String> {
    let mut registration = Registration::pull(sender.id);
    let takes = registers.takes.as_ref().or(sender.setup.takes.as_ref());
    if let Some(takes) = takes {
        registration.versions = patterns(takes)?;
    }
    if let Some(buffer) = registers.buffer.or(sender.setup.buffer) {
        registration.max_buffer_size = buffer;
    }
    if registers.push || sender.setup.push {
        let url = registers.url.as_deref().or(sender.url).unwrap_or_default();
        let mut protocol = Protocol::of(url);
        if url.is_empty() {
            protocol.url = None;
        }
        if let Some(kind) = &registers.protocol {
            protocol.kind.clone_from(kind);
        }
        if let Some(encoding) = &registers.encoding {
            protocol.properties = vec![("Accept-Encoding".to_owned(), encoding.clone())];
        }
        registration.push = Some(protocol);
    }
    Ok(registration)
}

/// The header of a step's message.
pub fn header(step: &Step, sender: &Sender<'_>, labels: &Labels) -> Result<Header, String> {
    let levels = step.security.as_deref().map(code).transpose()?;
    let security = levels.map(|levels| Security { authentication: levels.category, encryption: levels.code });
    let id = step.id.as_deref().map_or_else(agent::message_id, |label| labels.id(label));
    Ok(Header {
        message_id: id,
        timestamp: agent::timestamp(chrono::Utc::now()),
        security,
        source_id: sender.id.to_owned(),
        destination_id: step.to.as_deref().map(|to| labels.name(to)),
        contexts: step.contexts.clone(),
    })
}

/// Writes a document.
type Write<'w> = &'w dyn Fn() -> Result<Bytes, String>;

/// The message of a step; none if it sends none.
pub fn line(step: &Step, sender: &Sender<'_>, labels: &Labels) -> Result<Option<Line>, String> {
    let text = step.version.as_ref().or(sender.setup.version.as_ref());
    let version = match text {
        Some(text) => Version::parse(text).ok_or(format!("{text} is no version"))?,
        None => Version::V2_4,
    };
    let header = header(step, sender, labels)?;
    let offer = |kind: &'static str, texts: &[String]| -> Bytes {
        let mut writer = MessageWriter::new(version, kind, &header);
        for object in offered(texts) {
            writer.open_with("SIF_Object", &[("ObjectName", &object.object)]);
            if object.extended_query && kind == "SIF_Provide" {
                writer.leaf("SIF_ExtendedQuerySupport", "true");
            }
            if !object.contexts.is_empty() {
                writer.open("SIF_Contexts");
                for context in &object.contexts {
                    writer.leaf("SIF_Context", context);
                }
                writer.close();
            }
            writer.close();
        }
        writer.finish().into()
    };
    let documents: [(bool, Write<'_>); 17] = [
        (step.register.is_some(), &|| {
            let registers = step.register.clone().unwrap_or_default();
            Ok(registration(sender, &registers)?.write(version, &header))
        }),
        (step.unregister, &|| Ok(MessageWriter::new(version, "SIF_Unregister", &header).finish().into())),
        (step.provision.is_some(), &|| {
            Ok(provision(&step.provision.clone().unwrap_or_default()).write(version, &header))
        }),
        (!step.provide.is_empty(), &|| Ok(offer("SIF_Provide", &step.provide))),
        (!step.unprovide.is_empty(), &|| Ok(offer("SIF_Unprovide", &step.unprovide))),
        (!step.subscribe.is_empty(), &|| Ok(offer("SIF_Subscribe", &step.subscribe))),
        (!step.unsubscribe.is_empty(), &|| Ok(offer("SIF_Unsubscribe", &step.unsubscribe))),
        (step.event.is_some(), &|| event(step, version, &header, labels)),
        (step.request.is_some(), &|| request(step.request.as_ref().unwrap(), sender, step, version, &header)),
        (step.response.is_some(), &|| response(step.response.as_ref().unwrap(), step, version, &header, labels)),
        (step.service_input.is_some(), &|| {
            service("SIF_ServiceInput", step.service_input.as_ref().unwrap(), version, &header, labels)
        }),
        (step.service_output.is_some(), &|| {
            service("SIF_ServiceOutput", step.service_output.as_ref().unwrap(), version, &header, labels)
        }),
        (step.service_notify.is_some(), &|| {
            service("SIF_ServiceNotify", step.service_notify.as_ref().unwrap(), version, &header, labels)
        }),
        (step.ack.is_some(), &|| ack(step, version, &header, labels)),
        (step.control.is_some() || step.cancel.is_some(), &|| Ok(control(step, labels)?.write(version, &header))),
        (step.raw.is_some(), &|| raw(step.raw.as_deref().unwrap_or_default(), &header, labels)),
        (step.again.is_some(), &|| {
            let label = step.again.as_deref().unwrap_or_default();
            labels.sent(label).map(|sent| sent.document).ok_or_else(|| format!("nothing was sent as {label}"))
        }),
    ];
    let mut chosen = documents.iter().filter(|(is_it, _)| *is_it);
    match (chosen.next(), chosen.next()) {
        (None, _) => Ok(None),
        (Some((_, write)), None) => {
            let message_id = match step.again.as_deref() {
                Some(label) => labels.id(label),
                None => header.message_id.clone(),
            };
            Ok(Some(Line { document: write()?, version, message_id }))
        }
        _ => Err("a step sends one message".to_owned()),
    }
}

fn event(step: &Step, version: Version, header: &Header, labels: &Labels) -> Result<Bytes, String> {
    let said = step.event.clone().unwrap_or_default();
    let (action, object) = match (said.add, said.change, said.delete) {
        (Some(object), None, None) => (Action::Add, object),
        (None, Some(object), None) => (Action::Change, object),
        (None, None, Some(object)) => (Action::Delete, object),
        _ => return Err("an event is add, change or delete".to_owned()),
    };
    let xml = said.xml.map_or_else(|| element(&object), |xml| labels.fill(&xml));
    let event = Event {
        contexts: step.contexts.clone(),
        destination: step.to.clone(),
        ..Event::new(object, action, xml + &padding(said.padding))
    };
    Ok(event.write(version, header))
}

/// An object with nothing but its key. Logs and statuses have none.
pub fn element(object: &str) -> String {
    format!("<{object} RefId=\"{}\"/>", "A".repeat(32))
}

fn padding(bytes: usize) -> String {
    if bytes == 0 { String::new() } else { format!("<!--{}-->", "x".repeat(bytes)) }
}

fn request(
    said: &Requests,
    sender: &Sender<'_>,
    step: &Step,
    version: Version,
    header: &Header,
) -> Result<Bytes, String> {
    let question = match (&said.object, &said.extended) {
        (Some(object), None) => {
            let conditions: Result<Vec<Condition>, String> =
                said.conditions.iter().map(|text| Condition::parse(text)).collect();
            Question::Query(Query::new(object).such_that(Group::And, conditions?))
        }
        (None, Some(object)) => {
            let provider = said
                .provider
                .iter()
                .map(|object| format!("<SIF_DestinationProvider>{object}</SIF_DestinationProvider>"));
            Question::Extended(format!(
                "<SIF_ExtendedQuery>{}<SIF_Select Distinct=\"false\" RowCount=\"All\"><SIF_Element ObjectName=\"{object}\">\
                 @RefId</SIF_Element></SIF_Select><SIF_From ObjectName=\"{object}\"/></SIF_ExtendedQuery>",
                provider.collect::<String>()
            ))
        }
        _ => return Err("a request is for an object or has an extended query".to_owned()),
    };
    let mut request = Request::asking(question);
    request.destination.clone_from(&header.destination_id);
    request.contexts.clone_from(&step.contexts);
    if let Some(takes) = &said.takes {
        request.versions = patterns(takes)?;
    }
    if let Some(buffer) = said.buffer.or(sender.setup.buffer) {
        request.max_buffer_size = buffer;
    }
    Ok(request.write(version, header))
}

fn response(said: &Responds, step: &Step, version: Version, header: &Header, labels: &Labels) -> Result<Bytes, String> {
    let body = if let Some(text) = &said.error {
        let code = code(text)?;
        Body::Error { code, description: error::meaning(code).to_owned(), extended: None }
    } else if said.rows {
        let header =
            "<SIF_ColumnHeaders><SIF_Element ObjectName=\"SchoolInfo\">@RefId</SIF_Element></SIF_ColumnHeaders>";
        let rows = format!("<SIF_Rows><R><C>{}</C></R></SIF_Rows>", "A".repeat(32));
        Body::Results(format!("<SIF_ExtendedQueryResults>{header}{rows}</SIF_ExtendedQueryResults>"))
    } else {
        let objects: String = said.objects.iter().map(|object| element(object)).collect();
        Body::Objects(objects + &padding(said.padding))
    };
    let requester = labels.sent(&said.request).map(|sent| sent.source);
    let destination = step.to.clone().or(requester).unwrap_or_else(|| "Nobody".to_owned());
    let packet = Packet {
        number: said.packet.unwrap_or(1),
        more: said.more,
        contexts: step.contexts.clone(),
        ..Packet::only(labels.id(&said.request), destination, body)
    };
    Ok(packet.write(version, header))
}

fn service(
    kind: &'static str,
    said: &Serves,
    version: Version,
    header: &Header,
    labels: &Labels,
) -> Result<Bytes, String> {
    let mut header = header.clone();
    if kind == "SIF_ServiceOutput" && header.destination_id.is_none() {
        header.destination_id = labels.invoker(&said.invocation);
    }
    let mut writer = MessageWriter::new(version, kind, &header);
    let operation = said.operation.as_deref().unwrap_or("RequestIdentifier");
    if kind != "SIF_ServiceOutput" {
        writer.leaf("SIF_Service", said.service.as_deref().unwrap_or("serviceAgencyStudentIdRequest"));
        writer.leaf("SIF_Operation", operation);
    }
    writer.leaf("SIF_ServiceMsgId", &labels.id(&said.invocation));
    let packet = said.packet.unwrap_or(1);
    if kind == "SIF_ServiceInput" && packet == 1 {
        for pattern in patterns(said.takes.as_deref().unwrap_or(&["2.*".to_owned()]))? {
            writer.leaf("SIF_Version", &pattern.to_string());
        }
        writer.leaf("SIF_MaxBufferSize", &said.buffer.unwrap_or(65536).to_string());
    }
    writer.leaf("SIF_PacketNumber", &packet.to_string());
    writer.leaf("SIF_MorePackets", if said.more { "Yes" } else { "No" });
    match &said.error {
        Some(text) => {
            let code = code(text)?;
            write_error(&mut writer, code, error::meaning(code), None);
        }
        None => {
            let suffix = if kind == "SIF_ServiceOutput" { "Response" } else { "" };
            let xml = format!("<{operation}{suffix}/>");
            writer.open("SIF_Body").raw(&(xml + &padding(said.padding)));
        }
    }
    Ok(writer.finish().into())
}

fn ack(step: &Step, version: Version, header: &Header, labels: &Labels) -> Result<Bytes, String> {
    let said = step.ack.clone().unwrap_or_default();
    let outcome = match (said.status, &said.error) {
        (Some(status), None) => Outcome::Status(Status::from_code(status).ok_or(format!("{status} is no status"))?),
        (None, Some(text)) => Outcome::error(code(text)?),
        _ => return Err("an ack has a status or an error".to_owned()),
    };
    let source = said.from.or_else(|| labels.sent(said.of.as_deref()?).map(|sent| sent.source));
    let source = source.map(|source| labels.name(&source));
    let delivered = Delivered { source_id: source, message_id: said.of.as_deref().map(|label| labels.id(label)) };
    Ok(delivered.write_ack(version, header, &outcome))
}

fn control(step: &Step, labels: &Labels) -> Result<Control, String> {
    if let Some(cancel) = &step.cancel {
        let notify = if cancel.quietly { Notify::None } else { Notify::Standard };
        let ids = |labelled: &[String]| labelled.iter().map(|label| labels.id(label)).collect();
        return Ok(if cancel.services.is_empty() {
            Control::CancelRequests(notify, ids(&cancel.requests))
        } else {
            Control::CancelServiceInputs(notify, ids(&cancel.services))
        });
    }
    Ok(match step.control.as_deref() {
        Some("ping") => Control::Ping,
        Some("sleep") => Control::Sleep,
        Some("wakeup") => Control::Wakeup,
        Some("get") => Control::GetMessage,
        Some("status") => Control::GetZoneStatus,
        Some("acl") => Control::GetAgentAcl,
        other => return Err(format!("{other:?} is no system control")),
    })
}

fn raw(text: &str, header: &Header, labels: &Labels) -> Result<Bytes, String> {
    let mut writer = MessageWriter::new(Version::V2_4, "SIF_Ping", header);
    let whole = String::from_utf8(writer.finish()).map_err(|error| error.to_string())?;
    let from = whole.find("<SIF_Header>").ok_or("no header")?;
    let to = whole.find("</SIF_Ping>").ok_or("no header")?;
    let text = text.replace("{header}", &whole[from..to]).replace("{ns}", sif::NAMESPACE);
    Ok(labels.fill(&text.replace("{zone}", &labels.name("zone"))).into())
}

/// A number of a message.
pub fn number<N: FromStr>(text: Option<String>) -> Option<N> {
    text.and_then(|text| text.parse().ok())
}
