//! Holds what came against what a file expects. An error says both.

use bytes::Bytes;
use sif::message::{Ack, Message, MessageKind, Outcome};
use sif::xml::read::Limits;

use super::labels::Labels;
use super::lines::{code, number};
use super::script::{Answered, Receives};

/// Reads a message of the server, with the wider limits that an answer needs.
pub fn read(document: &Bytes) -> Result<Message, String> {
    let one = Limits::default();
    let limits = Limits { size: one.size * 2, depth: one.depth + 8, ..one };
    Message::read(document, &limits).map_err(|refusal| {
        format!("what came is no message: {}: {}", refusal.description, String::from_utf8_lossy(document))
    })
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, came: &T, expected: &T) -> Result<(), String> {
    if came == expected { Ok(()) } else { Err(format!("{what}: expected {expected:?}, got {came:?}")) }
}

/// `status 0` or `error 4/9: why`.
fn said(ack: &Ack) -> String {
    match &ack.outcome {
        None => "nothing".to_owned(),
        Some(Outcome::Status(status)) => format!("status {}", status.code()),
        Some(Outcome::Error { code, description, .. }) => format!("error {code} ({description})"),
    }
}

/// Who sent what, of which the answer must speak.
pub struct Asked<'a> {
    pub source: &'a str,
    pub message_id: &'a str,
    pub version: String,
}

/// Holds an answer against what is expected of it.
pub fn answer(document: &Bytes, asked: &Asked<'_>, expected: &Answered, labels: &Labels) -> Result<(), String> {
    let message = read(document)?;
    same("the answer's kind", &message.kind, &MessageKind::Ack)?;
    same("the answer's sender", &message.header.source_id, &labels.name("zone"))?;
    let ack = Ack::read(&message);
    let wanted = match (expected.status, &expected.error) {
        (_, Some(error)) => format!("error {}", code(error)?),
        (status, None) => format!("status {}", status.unwrap_or(0)),
    };
    let came = said(&ack);
    if came.split(" (").next() != Some(&wanted) {
        return Err(format!("the answer: expected {wanted}, got {came}"));
    }
    let (source, id) = match expected.original.as_deref() {
        None | Some("both") => (Some(asked.source), Some(asked.message_id)),
        Some("none") => (None, None),
        Some("id") => (None, Some(asked.message_id)),
        Some("source") => (Some(asked.source), None),
        Some(other) => return Err(format!("original: {other} is none of both, none, id and source")),
    };
    same("SIF_OriginalSourceId", &ack.original_source_id.as_deref(), &source)?;
    same("SIF_OriginalMsgId", &ack.original_message_id.as_deref(), &id)?;
    let version = expected.version.clone().unwrap_or_else(|| asked.version.clone());
    same("the answer's version", &message.version.to_string(), &version)?;
    texts(document, &expected.has, &expected.lacks, labels)?;
    if let Some(delivers) = &expected.delivers {
        received(&delivered(document)?.ok_or("the answer delivers nothing")?, delivers, labels)?;
    }
    Ok(())
}

/// The message that an answer to SIF_GetMessage delivers, byte by byte.
pub fn delivered(document: &Bytes) -> Result<Option<Message>, String> {
    let ack = read(document)?;
    let id = Ack::read(&ack).original_message_id.unwrap_or_default();
    let answer = agent::Answer::read(document.clone(), &id).map_err(|fault| fault.to_string())?;
    match answer.data {
        Some(agent::Data::Message(message)) => Ok(Some(*message)),
        Some(agent::Data::Unreadable(refusal, _)) => {
            Err(format!("a message that cannot be read: {}", refusal.description))
        }
        _ => Ok(None),
    }
}

fn texts(document: &Bytes, has: &[String], lacks: &[String], labels: &Labels) -> Result<(), String> {
    let text = String::from_utf8_lossy(document);
    let fill = |wanted: &String| labels.fill(wanted).replace("{zone}", &labels.name("zone"));
    for wanted in has.iter().map(fill) {
        if !text.contains(&wanted) {
            return Err(format!("nothing has {wanted:?} in: {text}"));
        }
    }
    for unwanted in lacks.iter().map(fill) {
        if text.contains(&unwanted) {
            return Err(format!("there is {unwanted:?} in: {text}"));
        }
    }
    Ok(())
}

/// Holds a message that an agent got against what is expected of it.
pub fn received(message: &Message, expected: &Receives, labels: &Labels) -> Result<(), String> {
    let kinds = [
        (&expected.event, MessageKind::Event),
        (&expected.request, MessageKind::Request),
        (&expected.response, MessageKind::Response),
        (&expected.log, MessageKind::Event),
        (&expected.input, MessageKind::ServiceInput),
        (&expected.output, MessageKind::ServiceOutput),
        (&expected.notice, MessageKind::ServiceNotify),
    ];
    let mut kinds = kinds.into_iter().filter_map(|(named, kind)| named.as_ref().map(|label| (label, kind)));
    let (Some((label, kind)), None) = (kinds.next(), kinds.next()) else {
        return Err(
            "a message that is received is an event, request, response, log, input, output or notice".to_owned()
        );
    };
    let shown = || String::from_utf8_lossy(&message.document).into_owned();
    same("the message's kind", &message.kind, &kind).map_err(|why| format!("{why}: {}", shown()))?;
    let called = |path: &str| message.value(path).map(|id| labels.label_of(&id)).unwrap_or_default();
    match kind {
        MessageKind::Response => same("SIF_RequestMsgId", &called("SIF_RequestMsgId"), label)?,
        MessageKind::ServiceInput | MessageKind::ServiceOutput | MessageKind::ServiceNotify => {
            same("SIF_ServiceMsgId", &called("SIF_ServiceMsgId"), label)?;
        }
        _ if expected.log.is_some() => {
            let value = |name: &str| {
                number::<u8>(message.value(&format!("SIF_ObjectData/SIF_EventObject/SIF_LogEntry/{name}")))
            };
            let came =
                value("SIF_Category").zip(value("SIF_Code")).map(|(category, code)| format!("{category}/{code}"));
            same("the log entry's code", &came.as_deref(), &Some(label.as_str()))
                .map_err(|why| format!("{why}: {}", shown()))?;
            same("the log entry's sender", &message.header.source_id, &labels.name("zone"))?;
        }
        _ => same("SIF_MsgId", &labels.label_of(&message.header.message_id), label)?,
    }
    if let Some(from) = &expected.from {
        same("SIF_SourceId", &message.header.source_id, &labels.name(from))?;
    }
    if let Some(packet) = expected.packet {
        same("SIF_PacketNumber", &number(message.value("SIF_PacketNumber")), &Some(packet))?;
    }
    if let Some(more) = expected.more {
        let word = if more { "Yes" } else { "No" };
        same("SIF_MorePackets", &message.value("SIF_MorePackets").as_deref(), &Some(word))?;
    }
    let error = message.value("SIF_Error/SIF_Category");
    let error = error.map(|category| format!("{category}/{}", message.value("SIF_Error/SIF_Code").unwrap_or_default()));
    same("the error", &error, &expected.error).map_err(|why| format!("{why}: {}", shown()))?;
    if let Some(version) = &expected.version {
        same("the version", &message.version.to_string(), version)?;
    }
    if expected.unchanged == Some(true) {
        let sent = labels.sent(label).ok_or("nothing was sent under this label")?.document;
        same("the document", &shown(), &String::from_utf8_lossy(&sent).into_owned())?;
    }
    texts(&message.document, &expected.has, &expected.lacks, labels)
}
