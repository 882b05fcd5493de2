//! A load: connections that are kept open, each with one message under way.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sif::message::{Header, MessageWriter, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Which event is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// A new one each time.
    Anew,
    /// One that was taken before: it is read and answered with status 7.
    Again,
}

/// Gives every message an id of its own.
#[derive(Default)]
pub struct Load {
    next: AtomicU64,
}

impl Load {
    /// Sends events for a time; answers how many were acknowledged a second.
    pub async fn run(&self, url: SocketAddr, connections: usize, length: Duration, sent: Sent) -> f64 {
        let end = Instant::now() + length;
        let begun = Instant::now();
        let sending = (0..connections).map(|_| self.connection(url, end, sent));
        let counts = futures_util::future::join_all(sending).await;
        counts.into_iter().sum::<u64>() as f64 / begun.elapsed().as_secs_f64()
    }

    /// Sends as many new events as are asked for.
    pub async fn publish(&self, url: SocketAddr, events: usize) {
        let each = events.div_ceil(64);
        let sending = (0..64).map(|part: usize| async move {
            let mut connection = Connection::open(url).await;
            for _ in (part * each).min(events)..((part + 1) * each).min(events) {
                let number = self.next.fetch_add(1, Ordering::Relaxed) + 2;
                let answer = connection.post(&event("publisher", number)).await;
                assert!(answer.contains("<SIF_Code>0<"), "{answer}");
            }
        });
        futures_util::future::join_all(sending).await;
    }

    async fn connection(&self, url: SocketAddr, end: Instant, sent: Sent) -> u64 {
        let mut connection = Connection::open(url).await;
        let wanted = if sent == Sent::Anew { "<SIF_Code>0<" } else { "<SIF_Code>7<" };
        if sent == Sent::Again {
            connection.post(&event("publisher", 1)).await;
        }
        let mut acknowledged = 0;
        while Instant::now() < end {
            let number = if sent == Sent::Anew { self.next.fetch_add(1, Ordering::Relaxed) + 2 } else { 1 };
            let answer = connection.post(&event("publisher", number)).await;
            assert!(answer.contains(wanted), "{answer}");
            acknowledged += 1;
        }
        acknowledged
    }
}

/// A connection that is kept open.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(url: SocketAddr) -> Self {
        let stream = TcpStream::connect(url).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: Vec::with_capacity(16 << 10) }
    }

    async fn post(&mut self, message: &str) -> String {
        let request = format!(
            "POST /zones/bench HTTP/1.1\r\nHost: bench\r\nContent-Type: application/xml;charset=\"utf-8\"\r\nContent-Length: {}\r\n\r\n{message}",
            message.len()
        );
        self.stream.write_all(request.as_bytes()).await.unwrap();
        self.buffer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await.unwrap();
            assert!(read > 0, "the server closed the connection");
            let Some(head) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
            let text = String::from_utf8_lossy(&self.buffer[..head]).to_ascii_lowercase();
            let length = text.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
            let length: usize = length.unwrap().parse().unwrap();
            if self.buffer.len() >= head + 4 + length {
                return String::from_utf8_lossy(&self.buffer[head + 4..]).into_owned();
            }
        }
    }
}

/// Sends one message on a connection of its own.
pub async fn post(url: SocketAddr, message: &str) -> String {
    Connection::open(url).await.post(message).await
}

/// Asks for messages and acknowledges them until so many came.
pub async fn pull(url: SocketAddr, agent: String, messages: usize) {
    let mut connection = Connection::open(url).await;
    for number in 0..messages {
        let mut ask = MessageWriter::new(
            Version::V2_4,
            "SIF_SystemControl",
            &header(&agent, &format!("{:032X}", (1_u128 << 100) + number as u128)),
        );
        ask.open("SIF_SystemControlData").open("SIF_GetMessage");
        let answer = connection.post(&text(&mut ask)).await;
        let inner = answer.split("<SIF_Data>").nth(1).expect("a message");
        let id = inner.split("<SIF_MsgId>").nth(1).and_then(|rest| rest.get(..32)).unwrap();
        let mut ack = MessageWriter::new(
            Version::V2_4,
            "SIF_Ack",
            &header(&agent, &format!("{:032X}", (1_u128 << 101) + number as u128)),
        );
        ack.leaf("SIF_OriginalSourceId", "publisher").leaf("SIF_OriginalMsgId", id);
        ack.open("SIF_Status").leaf("SIF_Code", "1");
        let answer = connection.post(&text(&mut ack)).await;
        assert!(answer.contains("<SIF_Code>0<"), "{answer}");
    }
}

fn header(agent: &str, id: &str) -> Header {
    Header {
        message_id: id.to_owned(),
        timestamp: "2026-02-02T08:00:00Z".to_owned(),
        source_id: agent.to_owned(),
        ..Header::default()
    }
}

fn text(writer: &mut MessageWriter) -> String {
    String::from_utf8(writer.finish()).unwrap()
}

/// SIF_Register of an agent that pulls.
pub fn register(agent: &str) -> String {
    let mut writer = MessageWriter::new(Version::V2_4, "SIF_Register", &header(agent, &sif_id(agent, 'A')));
    writer
        .leaf("SIF_Name", agent)
        .leaf("SIF_Version", "2.*")
        .leaf("SIF_MaxBufferSize", "1048576")
        .leaf("SIF_Mode", "Pull");
    text(&mut writer)
}

/// SIF_Subscribe to StudentPersonal.
pub fn subscribe(agent: &str) -> String {
    let mut writer = MessageWriter::new(Version::V2_4, "SIF_Subscribe", &header(agent, &sif_id(agent, 'B')));
    writer.open_with("SIF_Object", &[("ObjectName", "StudentPersonal")]);
    text(&mut writer)
}

/// Any agent's name as an id of its own.
fn sif_id(agent: &str, first: char) -> String {
    let sum: u64 = agent.bytes().fold(7, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    format!("{first}{sum:031X}")
}

/// A SIF_Event of about two kilobytes.
pub fn event(agent: &str, number: u64) -> String {
    let mut writer = MessageWriter::new(Version::V2_4, "SIF_Event", &header(agent, &format!("E{number:031X}")));
    writer
        .open("SIF_ObjectData")
        .open_with("SIF_EventObject", &[("ObjectName", "StudentPersonal"), ("Action", "Change")]);
    writer.open_with("StudentPersonal", &[("RefId", &format!("{number:032X}"))]);
    writer.leaf("LocalId", "P00001");
    writer.open_with("Name", &[("Type", "04")]);
    writer.leaf("LastName", "Smith").leaf("FirstName", "Johanna").leaf("MiddleName", "Leah").close();
    writer.open("Demographics").open("RaceList");
    for (code, share) in [("0998", "50"), ("1000", "25"), ("1002", "25")] {
        writer.open("Race").leaf("Code", code).leaf("Proportion", share).close();
    }
    writer.close().leaf("Gender", "F").leaf("BirthDate", "2012-12-26").close();
    writer.open("AddressList").open_with("Address", &[("Type", "0765")]);
    writer.open("Street").leaf("Line1", "1 IBM Way").leaf("StreetName", "Elm").close();
    writer
        .leaf("City", "Salt Lake City")
        .leaf("StateProvince", "UT")
        .leaf("Country", "US")
        .leaf("PostalCode", "84102")
        .close()
        .close();
    writer.open("SIF_ExtendedElements");
    for name in [
        "ResidentStatus",
        "KindergartenProgram",
        "LimitedEnglish",
        "Homeless",
        "Migrant",
        "Section504",
        "GiftedTalented",
        "Immigrant",
        "MilitaryChild",
        "Tribe",
    ] {
        writer.leaf_with("SIF_ExtendedElement", &[("Name", name)], "reported by the district");
    }
    text(&mut writer)
}
