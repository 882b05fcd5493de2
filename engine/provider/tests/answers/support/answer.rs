//! Asks, and reads what comes.

use std::sync::Arc;

use agent::{Condition, Group, Query, Question, Request};
use bytes::Bytes;
use provider::ProviderConfig;
use sif::message::{Header, Version};

use super::life::Life;
use super::zone::{FakeZone, read};

/// A request of this requester, and its id.
pub fn request(requester: &str, request: &Request) -> (String, Bytes) {
    let id = agent::message_id();
    let header = Header {
        message_id: id.clone(),
        timestamp: "2026-02-02T08:00:00Z".to_owned(),
        source_id: requester.to_owned(),
        ..Header::default()
    };
    (id, request.write(Version::V2_4, &header))
}

/// An answer: its packets.
pub struct Answer {
    pub packets: Vec<String>,
    pub events: Vec<String>,
}

impl Answer {
    /// The objects or rows, each as it stands in its packet.
    pub fn items(&self) -> Vec<String> {
        self.packets.iter().flat_map(|packet| items(packet)).collect()
    }

    /// Category, code and description of the error that it ends with.
    pub fn error(&self) -> Option<(String, String)> {
        let message = read(&Bytes::from(self.packets.last()?.clone()));
        let code = format!("{}/{}", message.value("SIF_Error/SIF_Category")?, message.value("SIF_Error/SIF_Code")?);
        Some((code, message.value("SIF_Error/SIF_Desc")?))
    }
}

/// The objects or rows of a packet.
pub fn items(packet: &str) -> Vec<String> {
    let (open, close) = if packet.contains("<SIF_Rows>") {
        ("<SIF_Rows>", "</SIF_Rows>")
    } else {
        ("<SIF_ObjectData>", "</SIF_ObjectData>")
    };
    let Some((_, rest)) = packet.split_once(open) else { return Vec::new() };
    let (inside, _) = rest.rsplit_once(close).unwrap();
    split(inside)
}

/// The elements that stand one after the other.
fn split(xml: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = xml;
    while !rest.is_empty() {
        let name: String = rest[1..].chars().take_while(|letter| letter.is_ascii_alphanumeric()).collect();
        let close = format!("</{name}>");
        // An object does not stand in itself.
        let end = rest.find(&close).unwrap() + close.len();
        found.push(rest[..end].to_owned());
        rest = &rest[end..];
    }
    found
}

/// Asks a provider that is begun for it, and waits for the whole answer.
pub fn ask(config: ProviderConfig, requester: &str, asked: &Request) -> Answer {
    ask_all(config, &[(requester, asked.clone())]).pop().unwrap()
}

/// Asks several things at once.
pub fn ask_all(config: ProviderConfig, asked: &[(&str, Request)]) -> Vec<Answer> {
    let folder = tempfile::tempdir().unwrap();
    let zone = FakeZone::new();
    let ids: Vec<String> = asked
        .iter()
        .map(|(requester, asked)| {
            let (id, document) = request(requester, asked);
            zone.ask(document);
            id
        })
        .collect();
    let life = Life::begin(&zone, config, folder.path());
    life.settle();
    answers(&zone, &ids)
}

/// What the zone has of these requests.
pub fn answers(zone: &Arc<FakeZone>, ids: &[String]) -> Vec<Answer> {
    ids.iter()
        .map(|id| {
            assert!(zone.is_closed(id), "the answer is complete");
            Answer { packets: zone.packets(id), events: zone.events() }
        })
        .collect()
}

pub fn all_of(object: &str) -> Request {
    Request::of(Query::new(object))
}

pub fn such_that(object: &str, condition: &str) -> Request {
    Request::of(Query::new(object).such_that(Group::And, vec![Condition::parse(condition).unwrap()]))
}

pub fn extended(xml: &str) -> Request {
    Request::asking(Question::Extended(xml.to_owned()))
}
