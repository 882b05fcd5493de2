//! A zone on a bench: agents talk to it, its changes go to a store in memory, and all that it says is checked against the schema.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod acknowledging;
mod administration;
mod announcing;
mod codes;
mod control;
mod depth;
mod events;
mod expiry;
mod log;
mod memory;
mod own_events;
mod push;
mod receiving;
mod registration;
mod requests;
mod responses;
mod restoring;
mod samples;
mod security;
mod services;
mod status;
mod valid;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use memory::Memory;
use sif::message::{Message, Outcome, Version, VersionPattern};
use sif::xml::read::Limits;
use store::Number;

use super::{AnswerData, Delivery, Ids, Moment, PushResult, Step, Zone};
use crate::{AgentConfig, Channel, Right, ZoneConfig, ZoneOptions};

/// Ids that count.
pub struct Counting(pub u64);

impl Ids for Counting {
    fn guid(&mut self) -> String {
        self.0 += 1;
        format!("F{:031X}", self.0)
    }
}

/// A zone, its store and its clock.
pub struct Bench {
    pub zone: Zone,
    pub memory: Memory,
    pub now: Moment,
    pub channel: Channel,
    /// The version of envelopes that are sent.
    pub version: &'static str,
    next: u64,
    said: Vec<Vec<u8>>,
}

/// What was answered.
pub struct Said {
    /// `0`, `7`, `4/9`.
    pub code: String,
    pub description: String,
    pub extended: String,
    pub data: Option<AnswerData>,
    pub step: Step,
}

impl PartialEq<&str> for Said {
    fn eq(&self, other: &&str) -> bool {
        self.code == *other
    }
}

impl std::fmt::Debug for Said {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} ({})", self.code, self.description)
    }
}

/// Every right.
pub fn every() -> BTreeSet<Right> {
    Right::ALL.into()
}

/// An agent with all rights in both contexts.
pub fn agent(id: &str) -> AgentConfig {
    AgentConfig {
        id: id.to_owned(),
        approved: true,
        rights: [("*".to_owned(), every())].into(),
        services: [("*".to_owned(), every())].into(),
        contexts: vec!["SIF_Default".to_owned(), "Other".to_owned()],
        ..AgentConfig::default()
    }
}

/// An agent with some rights for one object.
pub fn poor(id: &str, object: &str, rights: &[Right]) -> AgentConfig {
    AgentConfig {
        rights: [(object.to_owned(), rights.iter().copied().collect())].into(),
        services: BTreeMap::new(),
        ..agent(id)
    }
}

pub fn config(options: ZoneOptions) -> ZoneConfig {
    let versions = ["2.0", "2.0r1", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7"];
    let agents = ["Sis", "Library", "Food", "Clerk"].map(|id| (id.to_owned(), agent(id)));
    ZoneConfig {
        name: "Zone".to_owned(),
        contexts: vec!["SIF_Default".to_owned(), "Other".to_owned()],
        versions: versions.iter().map(|version| Version::parse(version).unwrap()).collect(),
        agents: agents.into(),
        options: ZoneOptions { push_hosts: vec!["agents.test".to_owned()], ..options },
    }
}

pub const STUDENT: &str = "<StudentPersonal RefId=\"D3E34B359D75101A8C3D00AA001A1652\"></StudentPersonal>";

impl Bench {
    pub fn new() -> Self {
        Self::with(|_| ())
    }

    /// With a zone that is set up differently.
    pub fn with(change: impl FnOnce(&mut ZoneConfig)) -> Self {
        let mut config = config(ZoneOptions::default());
        change(&mut config);
        Self {
            zone: Zone::new(config, Box::new(Counting(0))),
            memory: Memory::default(),
            now: Moment(1_700_000_000_000),
            channel: Channel::default(),
            version: "2.4",
            next: 0,
            said: Vec::new(),
        }
    }

    /// With agents that are registered in pull mode.
    pub fn of(agents: &[&str]) -> Self {
        let mut bench = Self::new();
        agents.iter().for_each(|agent| bench.register(agent));
        bench
    }

    /// A new GUID.
    pub fn guid(&mut self) -> String {
        self.next += 1;
        format!("A{:031X}", self.next)
    }

    pub fn wait(&mut self, seconds: u64) -> Step {
        self.now = self.now.after(seconds);
        let step = self.zone.tick(self.now);
        self.keep(&step);
        step
    }

    /// Keeps what a step changed, and notes what it said.
    pub fn keep(&mut self, step: &Step) {
        self.memory.apply(&step.changes);
        for change in &step.changes {
            if let store::Change::AddMessage { message, .. } = change
                && message.source == self.zone.name()
            {
                self.said.push(message.document.to_vec());
            }
        }
        self.zone.durable(Number::MAX);
        if let Some(answer) = &step.answer {
            let payload = match &answer.data {
                Some(AnswerData::AgentAcl(xml) | AnswerData::ZoneStatus(xml)) => {
                    Some(sif::message::Payload::Object(xml))
                }
                Some(AnswerData::Deliver(_)) | None => None,
            };
            let header = self.zone.header(self.now);
            let original = answer.original.as_ref();
            self.said.push(sif::message::write_ack(answer.version, &header, original, &answer.outcome, payload));
        }
    }

    /// The text of a message.
    pub fn text(&self, id: &str, kind: &str, source: &str, header: &str, body: &str) -> String {
        format!(
            "<SIF_Message xmlns=\"http://www.sifinfo.org/infrastructure/2.x\" Version=\"{}\"><{kind}><SIF_Header>\
             <SIF_MsgId>{id}</SIF_MsgId><SIF_Timestamp>2026-02-02T08:00:00Z</SIF_Timestamp>{}<SIF_SourceId>{source}</SIF_SourceId>\
             {}</SIF_Header>{body}</{kind}></SIF_Message>",
            self.version,
            if header.starts_with("<SIF_Security>") { header } else { "" },
            if header.starts_with("<SIF_Security>") { "" } else { header },
        )
    }

    /// Gives a document to the zone.
    pub fn post(&mut self, document: &str) -> Said {
        let step = match Message::read(&Bytes::copy_from_slice(document.as_bytes()), &Limits::default()) {
            Ok(message) => self.zone.receive(&message, &self.channel.clone(), self.now),
            Err(refusal) => self.zone.refuse(&refusal, self.now),
        };
        self.keep(&step);
        said(step)
    }

    /// Sends a message with an id of its own.
    pub fn send_as(&mut self, id: &str, kind: &str, source: &str, header: &str, body: &str) -> Said {
        let text = self.text(id, kind, source, header, body);
        self.post(&text)
    }

    pub fn send(&mut self, kind: &str, source: &str, body: &str) -> Said {
        let id = self.guid();
        self.send_as(&id, kind, source, "", body)
    }

    pub fn control(&mut self, source: &str, body: &str) -> Said {
        self.send("SIF_SystemControl", source, &format!("<SIF_SystemControlData>{body}</SIF_SystemControlData>"))
    }

    /// Registers in pull mode.
    pub fn register(&mut self, agent: &str) {
        assert_eq!(self.send("SIF_Register", agent, &registration(agent, "1000000", "2.*")), "0", "{agent} registers");
    }

    /// Registers in push mode.
    pub fn register_push(&mut self, agent: &str) {
        let body = push_registration(agent, "http://agents.test/sif");
        assert_eq!(self.send("SIF_Register", agent, &body), "0", "{agent} registers");
    }

    pub fn subscribe(&mut self, agent: &str, object: &str) {
        let body = format!("<SIF_Object ObjectName=\"{object}\"></SIF_Object>");
        assert_eq!(self.send("SIF_Subscribe", agent, &body), "0", "{agent} subscribes");
    }

    pub fn provide(&mut self, agent: &str, object: &str) {
        let body = format!("<SIF_Object ObjectName=\"{object}\"></SIF_Object>");
        assert_eq!(self.send("SIF_Provide", agent, &body), "0", "{agent} provides");
    }

    pub fn event(&mut self, source: &str) -> Said {
        self.send("SIF_Event", source, &event("StudentPersonal", "Add", STUDENT))
    }

    /// Asks for StudentPersonal; gives the id of the request.
    pub fn request(&mut self, source: &str) -> String {
        let id = self.guid();
        assert_eq!(self.send_as(&id, "SIF_Request", source, "", &request("StudentPersonal")), "0", "{source} asks");
        id
    }

    /// Answers a request with a packet.
    pub fn respond(&mut self, source: &str, to: &str, request: &str, packet: u64, more: &str) -> Said {
        let id = self.guid();
        let header = format!("<SIF_DestinationId>{to}</SIF_DestinationId>");
        self.send_as(&id, "SIF_Response", source, &header, &response(request, packet, more, STUDENT))
    }

    /// What SIF_GetMessage gives: the message's number and text.
    pub fn get(&mut self, agent: &str) -> Option<(Number, Message)> {
        let said = self.control(agent, "<SIF_GetMessage></SIF_GetMessage>");
        match said.data {
            Some(AnswerData::Deliver(number)) => {
                assert_eq!(said.code, "0");
                let document = self.memory.document(agent, number).expect("what is delivered is kept");
                Some((number, Message::read(&document, &Limits::default()).unwrap()))
            }
            _ => {
                assert_eq!(said.code, "9");
                None
            }
        }
    }

    /// Acknowledges a message.
    pub fn ack(&mut self, agent: &str, message: &Message, says: &str) -> Said {
        let (source, id) = (message.header.source_id.clone(), message.header.message_id.clone());
        self.ack_of(agent, &source, &id, says)
    }

    pub fn ack_of(&mut self, agent: &str, source: &str, id: &str, says: &str) -> Said {
        self.send("SIF_Ack", agent, &ack(source, id, says))
    }

    /// Takes and acknowledges all that waits for an agent.
    pub fn drain(&mut self, agent: &str) -> Vec<Message> {
        let mut all = Vec::new();
        while let Some((_, message)) = self.get(agent) {
            assert_eq!(self.ack(agent, &message, "1"), "0");
            all.push(message);
        }
        all
    }

    pub fn next_push(&mut self, agent: &str) -> Option<Delivery> {
        self.zone.next_push(agent, &Channel::default(), self.now)
    }

    /// What came of a push: a status, or a category and code.
    pub fn pushed(&mut self, agent: &str, delivery: &Delivery, says: &str) -> Step {
        let document =
            self.text(&"B".repeat(32), "SIF_Ack", agent, "", &ack(&delivery.source, &delivery.message_id, says));
        let message = Message::read(&Bytes::from(document), &Limits::default()).unwrap();
        self.push_result(agent, delivery.number, PushResult::Ack(sif::message::Ack::read(&message)))
    }

    pub fn push_result(&mut self, agent: &str, number: Number, result: PushResult) -> Step {
        let step = self.zone.pushed(agent, number, result, self.now);
        self.keep(&step);
        step
    }

    pub fn waiting(&self, agent: &str) -> usize {
        self.zone.queue(agent, usize::MAX).len()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            valid::check(&self.said);
        }
    }
}

pub fn said(step: Step) -> Said {
    let answer = step.answer.clone().expect("every message is answered");
    let (code, description, extended) = match answer.outcome {
        Outcome::Status(status) => (status.code().to_string(), String::new(), String::new()),
        Outcome::Error { code, description, extended } => (code.to_string(), description, extended.unwrap_or_default()),
    };
    Said { code, description, extended, data: answer.data, step }
}

pub fn registration(name: &str, buffer: &str, version: &str) -> String {
    assert!(VersionPattern::parse(version).is_some());
    format!(
        "<SIF_Name>{name}</SIF_Name><SIF_Version>{version}</SIF_Version><SIF_MaxBufferSize>{buffer}</SIF_MaxBufferSize>\
         <SIF_Mode>Pull</SIF_Mode>"
    )
}

pub fn push_registration(name: &str, url: &str) -> String {
    let (kind, secure) = if url.starts_with("https") { ("HTTPS", "Yes") } else { ("HTTP", "No") };
    format!(
        "<SIF_Name>{name}</SIF_Name><SIF_Version>2.*</SIF_Version><SIF_MaxBufferSize>1000000</SIF_MaxBufferSize>\
         <SIF_Mode>Push</SIF_Mode><SIF_Protocol Type=\"{kind}\" Secure=\"{secure}\"><SIF_URL>{url}</SIF_URL></SIF_Protocol>"
    )
}

pub fn event(object: &str, action: &str, instance: &str) -> String {
    format!(
        "<SIF_ObjectData><SIF_EventObject ObjectName=\"{object}\" Action=\"{action}\">{instance}</SIF_EventObject></SIF_ObjectData>"
    )
}

pub fn request(object: &str) -> String {
    format!(
        "<SIF_Version>2.*</SIF_Version><SIF_MaxBufferSize>100000</SIF_MaxBufferSize>\
         <SIF_Query><SIF_QueryObject ObjectName=\"{object}\"></SIF_QueryObject></SIF_Query>"
    )
}

pub fn response(request: &str, packet: u64, more: &str, objects: &str) -> String {
    format!(
        "<SIF_RequestMsgId>{request}</SIF_RequestMsgId><SIF_PacketNumber>{packet}</SIF_PacketNumber>\
         <SIF_MorePackets>{more}</SIF_MorePackets><SIF_ObjectData>{objects}</SIF_ObjectData>"
    )
}

/// SIF_Ack's content: a status such as `1`, or an error such as `8/9`.
pub fn ack(source: &str, id: &str, says: &str) -> String {
    let outcome = match says.split_once('/') {
        Some((category, code)) => format!(
            "<SIF_Error><SIF_Category>{category}</SIF_Category><SIF_Code>{code}</SIF_Code><SIF_Desc>no</SIF_Desc></SIF_Error>"
        ),
        None => format!("<SIF_Status><SIF_Code>{says}</SIF_Code></SIF_Status>"),
    };
    format!("<SIF_OriginalSourceId>{source}</SIF_OriginalSourceId><SIF_OriginalMsgId>{id}</SIF_OriginalMsgId>{outcome}")
}

/// SIF_Contexts.
pub fn contexts(names: &[&str]) -> String {
    let names: String = names.iter().map(|name| format!("<SIF_Context>{name}</SIF_Context>")).collect();
    format!("<SIF_Contexts>{names}</SIF_Contexts>")
}
