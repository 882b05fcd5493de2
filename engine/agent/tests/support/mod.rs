//! What the tests share: a zone that plays a script, and a server of raw HTTP.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use agent::{Answered, Delivered, Transport, TransportFault};
use bytes::Bytes;
use sif::message::{Header, Message, Outcome, Payload, Status, Version, write_ack};
use sif::xml::read::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub const NAMESPACE: &str = "http://www.sifinfo.org/infrastructure/2.x";

/// What the zone does with the next message.
pub enum Play {
    Status(Status),
    Error(Outcome),
    Deliver(String),
    Fail,
    Raw(String),
}

/// A zone that plays a script, and remembers what it was sent. Without anything left to play it has no message (9).
#[derive(Default)]
pub struct Script {
    pub plays: Mutex<VecDeque<Play>>,
    pub sent: Mutex<Vec<Bytes>>,
}

impl Script {
    pub fn of(plays: impl IntoIterator<Item = Play>) -> Arc<Self> {
        Arc::new(Self { plays: Mutex::new(plays.into_iter().collect()), sent: Mutex::default() })
    }

    pub fn messages(&self) -> Vec<Message> {
        self.sent.lock().unwrap().iter().map(read).collect()
    }
}

impl Transport for Script {
    fn send(&self, document: Bytes) -> Answered<'_> {
        self.sent.lock().unwrap().push(document.clone());
        let play = self.plays.lock().unwrap().pop_front().unwrap_or(Play::Status(Status::NoMessage));
        Box::pin(async move {
            match play {
                Play::Fail => Err(TransportFault { why: "the line is dead".to_owned() }),
                Play::Raw(text) => Ok(text.into()),
                Play::Status(status) => Ok(ack(&document, &Outcome::Status(status), None)),
                Play::Error(outcome) => Ok(ack(&document, &outcome, None)),
                Play::Deliver(text) => {
                    Ok(ack(&document, &Outcome::Status(Status::Success), Some(Payload::Message(text.as_bytes()))))
                }
            }
        })
    }
}

pub fn read(document: &Bytes) -> Message {
    Message::read(document, &Limits::default()).map_err(|refusal| refusal.description).unwrap()
}

pub fn header(id: &str) -> Header {
    Header {
        message_id: id.repeat(32),
        timestamp: "2026-02-02T08:00:00Z".to_owned(),
        source_id: "Zone".to_owned(),
        ..Header::default()
    }
}

pub fn ack(document: &Bytes, outcome: &Outcome, payload: Option<Payload<'_>>) -> Bytes {
    let delivered = Delivered::of(&read(document));
    let original = sif::message::Original { source_id: delivered.source_id, message_id: delivered.message_id };
    write_ack(Version::V2_4, &header("F"), Some(&original), outcome, payload).into()
}

pub fn event(id: &str) -> String {
    format!(
        "<SIF_Message xmlns=\"{NAMESPACE}\" Version=\"2.4\"><SIF_Event><SIF_Header><SIF_MsgId>{}</SIF_MsgId>\
         <SIF_Timestamp>2026-02-02T08:00:00Z</SIF_Timestamp><SIF_SourceId>Other</SIF_SourceId></SIF_Header><SIF_ObjectData>\
         <SIF_EventObject ObjectName=\"SchoolInfo\" Action=\"Delete\"><SchoolInfo RefId=\"{}\"/></SIF_EventObject>\
         </SIF_ObjectData></SIF_Event></SIF_Message>",
        id.repeat(32),
        "A".repeat(32)
    )
}

/// A request as it came over the wire: its head, in lower case, and its body.
#[derive(Clone, Debug)]
pub struct Raw {
    pub head: String,
    pub body: Vec<u8>,
    pub connection: usize,
}

/// A server that reads requests byte by byte and answers as it is told; without anything left to say it closes.
pub struct RawServer {
    pub address: SocketAddr,
    pub requests: Arc<Mutex<Vec<Raw>>>,
}

pub type Say = Box<dyn Fn(&Raw) -> Vec<u8> + Send + Sync>;

impl RawServer {
    pub async fn start(says: Vec<Say>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (kept, says) = (Arc::clone(&requests), Arc::new(Mutex::new(VecDeque::from(says))));
        tokio::spawn(async move {
            let mut connection = 0;
            while let Ok((mut stream, _)) = listener.accept().await {
                connection += 1;
                let (kept, says) = (Arc::clone(&kept), Arc::clone(&says));
                tokio::spawn(async move {
                    while let Some(raw) = request(&mut stream, connection).await {
                        kept.lock().unwrap().push(raw.clone());
                        let Some(say) = says.lock().unwrap().pop_front() else { return };
                        let answer = say(&raw);
                        if answer.is_empty() {
                            return;
                        }
                        if stream.write_all(&answer).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { address, requests }
    }
}

async fn request(stream: &mut TcpStream, connection: usize) -> Option<Raw> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.trim().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Raw { head, body, connection })
}

/// An HTTP answer.
pub fn http(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for header in headers {
        answer.push_str(header);
        answer.push_str("\r\n");
    }
    answer.push_str("\r\n");
    [answer.as_bytes(), body].concat()
}
