//! A zone in memory that keeps to what behaviour.md says of requests and responses, and that can be cut off in the middle.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex};

use agent::{Answered, Transport, TransportFault};
use bytes::Bytes;
use sif::message::{
    Header, Message, MessageKind, Original, Outcome, Payload, Status, Version, VersionPattern, error, write_ack,
};
use sif::xml::read::Limits;
use tokio::sync::Notify;

/// When the zone is cut off: the provider never hears of the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Before it takes its packet number so much.
    Before(u32),
    /// After it has taken it.
    After(u32),
}

#[derive(Default)]
struct State {
    queue: VecDeque<Bytes>,
    seen: HashSet<String>,
    requests: HashMap<String, Asked>,
    /// Packets by request, as they were taken.
    packets: HashMap<String, Vec<String>>,
    events: Vec<String>,
    cut: Option<Cut>,
    refuse_system: u32,
}

struct Asked {
    next: u32,
    closed: bool,
    buffer: usize,
    versions: Vec<VersionPattern>,
    requester: String,
}

/// A zone in memory.
#[derive(Default)]
pub struct FakeZone {
    state: Mutex<State>,
    /// Tells that the zone was cut off.
    pub was_cut: Notify,
}

impl FakeZone {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Puts a request into the provider's queue.
    pub fn ask(&self, document: Bytes) {
        let message = read(&document);
        let request = Asked {
            next: 1,
            closed: false,
            buffer: message.value("SIF_MaxBufferSize").unwrap().parse().unwrap(),
            versions: message.body().find("SIF_Version").filter_map(|text| VersionPattern::parse(&text)).collect(),
            requester: message.header.source_id.clone(),
        };
        let mut state = self.state.lock().unwrap();
        state.requests.insert(message.header.message_id.clone(), request);
        state.queue.push_back(document);
    }

    pub fn cut(&self, cut: Option<Cut>) {
        self.state.lock().unwrap().cut = cut;
    }

    /// Answers so many packets with 11/1 before it takes one.
    pub fn refuse(&self, times: u32) {
        self.state.lock().unwrap().refuse_system = times;
    }

    pub fn is_closed(&self, request: &str) -> bool {
        self.state.lock().unwrap().requests[request].closed
    }

    pub fn packets(&self, request: &str) -> Vec<String> {
        self.state.lock().unwrap().packets.get(request).cloned().unwrap_or_default()
    }

    pub fn events(&self) -> Vec<String> {
        self.state.lock().unwrap().events.clone()
    }

    pub fn is_queue_empty(&self) -> bool {
        self.state.lock().unwrap().queue.is_empty()
    }

    fn receive(&self, document: &Bytes) -> Option<Bytes> {
        let message = read(document);
        let mut state = self.state.lock().unwrap();
        let text = String::from_utf8(document.to_vec()).unwrap();
        let header = &message.header;
        if message.kind == MessageKind::SystemControl {
            if message.body().at("SIF_SystemControlData/SIF_GetMessage").is_empty() {
                return Some(ack(&message, &Outcome::Status(Status::Success), None));
            }
            let outcome = if state.queue.is_empty() { Status::NoMessage } else { Status::Success };
            let next = state.queue.front().cloned();
            return Some(ack(&message, &Outcome::Status(outcome), next.as_deref()));
        }
        if message.kind == MessageKind::Ack {
            state.queue.pop_front();
            return Some(ack(&message, &Outcome::Status(Status::Success), None));
        }
        if state.refuse_system > 0 && message.kind == MessageKind::Response {
            state.refuse_system -= 1;
            return Some(ack(&message, &Outcome::error(error::SYSTEM), None));
        }
        if state.seen.contains(&header.message_id) {
            return Some(ack(&message, &Outcome::Status(Status::AlreadyReceived), None));
        }
        let outcome = match message.kind {
            MessageKind::Response => match state.cut {
                Some(Cut::Before(number)) if number == packet_number(&message) => return None,
                cut => {
                    let outcome = state.take(&message, &text);
                    if cut == Some(Cut::After(packet_number(&message))) {
                        return None;
                    }
                    outcome
                }
            },
            MessageKind::Event => {
                state.events.push(text.clone());
                Outcome::Status(Status::Success)
            }
            _ => Outcome::Status(Status::Success),
        };
        if matches!(outcome, Outcome::Status(_)) {
            state.seen.insert(header.message_id.clone());
        }
        Some(ack(&message, &outcome, None))
    }
}

impl State {
    /// Takes a packet as behaviour.md 4.8 has it.
    fn take(&mut self, message: &Message, text: &str) -> Outcome {
        let id = message.value("SIF_RequestMsgId").unwrap();
        let Some(request) = self.requests.get_mut(&id).filter(|request| !request.closed) else {
            return Outcome::error(error::INVALID_REQUEST_ID);
        };
        if text.len() > request.buffer {
            request.closed = true;
            return Outcome::error(error::RESPONSE_TOO_LARGE);
        }
        if message.header.destination_id.as_deref() != Some(&*request.requester) {
            return Outcome::error(error::RESPONSE_DESTINATION);
        }
        if !request.versions.iter().any(|pattern| pattern.matches(message.version)) {
            return Outcome::error(error::RESPONSE_VERSION);
        }
        if packet_number(message) != request.next {
            return Outcome::error(error::PACKET_NUMBER);
        }
        request.next += 1;
        request.closed = message.value("SIF_MorePackets").unwrap() == "No";
        self.packets.entry(id).or_default().push(text.to_owned());
        self.seen.insert(message.header.message_id.clone());
        Outcome::Status(Status::Success)
    }
}

impl Transport for FakeZone {
    fn send(&self, document: Bytes) -> Answered<'_> {
        Box::pin(async move {
            match self.receive(&document) {
                Some(answer) => Ok::<Bytes, TransportFault>(answer),
                None => {
                    self.was_cut.notify_one();
                    std::future::pending().await
                }
            }
        })
    }
}

pub fn read(document: &Bytes) -> Message {
    Message::read(document, &Limits::default()).map_err(|refusal| refusal.description).unwrap()
}

fn packet_number(message: &Message) -> u32 {
    message.value("SIF_PacketNumber").unwrap().parse().unwrap()
}

fn ack(message: &Message, outcome: &Outcome, delivered: Option<&[u8]>) -> Bytes {
    let header = Header {
        message_id: agent::message_id(),
        timestamp: "2026-02-02T08:00:00Z".to_owned(),
        source_id: "zone".to_owned(),
        ..Header::default()
    };
    let original = Original::of(&message.header);
    write_ack(Version::V2_4, &header, original.as_ref(), outcome, delivered.map(Payload::Message)).into()
}
