//! The server of an agent in push mode.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::sync::{Arc, Mutex};

use agent::{Agent, Handled, Handler, Listener, Reply};
use bytes::Bytes;
use sif::message::{Ack, ErrorCode, Message, MessageKind, Outcome, Status, error};
use support::{Script, event, read};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Replies as it is told, and remembers ids.
#[derive(Default)]
struct Remember {
    replies: Mutex<Vec<Reply>>,
    ids: Mutex<Vec<String>>,
}

impl Handler for Remember {
    fn handle<'h>(&'h self, message: &'h Message) -> Handled<'h> {
        self.ids.lock().unwrap().push(message.header.message_id.clone());
        let reply = self.replies.lock().unwrap().pop().unwrap_or(Reply::Done);
        Box::pin(async move { reply })
    }
}

async fn listener(handler: Arc<Remember>) -> Listener {
    let agent = Agent::new("Library", Script::of([]));
    Listener::builder(agent, handler).max_size(10_000).listen("127.0.0.1:0".parse().unwrap()).await.unwrap()
}

/// Sends raw bytes and gives the status line and the body.
async fn raw(listener: &Listener, head: &str, body: &[u8]) -> (String, Bytes) {
    let mut stream = TcpStream::connect(listener.address()).await.unwrap();
    let head = format!("{head}\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    let _ = stream.write_all(body).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    (head.lines().next().unwrap().to_owned(), Bytes::copy_from_slice(&answer[end + 4..]))
}

const POST: &str = "POST / HTTP/1.1\r\nContent-Type: application/xml;charset=\"utf-8\"";

async fn push(listener: &Listener, body: &str) -> Ack {
    let (status, answer) = raw(listener, POST, body.as_bytes()).await;
    assert_eq!(status, "HTTP/1.1 200 OK");
    let message = read(&answer);
    assert_eq!(message.kind, MessageKind::Ack);
    assert_eq!(message.header.source_id, "Library");
    Ack::read(&message)
}

#[tokio::test]
async fn each_reply_is_its_acknowledgement() {
    let handler = Arc::new(Remember::default());
    let listener = listener(Arc::clone(&handler)).await;
    let busy = Reply::Error { code: ErrorCode::new(10, 1), description: "busy".to_owned() };
    handler.replies.lock().unwrap().extend([busy, Reply::Asleep, Reply::Again, Reply::Working, Reply::Done]);
    let mut said = Vec::new();
    for id in ["1", "2", "3", "4", "5"] {
        let ack = push(&listener, &event(id)).await;
        assert_eq!(ack.original_message_id, Some(id.repeat(32)));
        assert_eq!(ack.original_source_id.as_deref(), Some("Other"));
        said.push(ack.outcome.unwrap());
    }
    let statuses = [Status::Immediate, Status::Intermediate, Status::AlreadyReceived, Status::Sleeping];
    let mut expected: Vec<Outcome> = statuses.into_iter().map(Outcome::Status).collect();
    expected.push(Outcome::error_because(ErrorCode::new(10, 1), "busy"));
    assert_eq!(said, expected);
    assert_eq!(handler.ids.lock().unwrap().len(), 5);
}

#[tokio::test]
async fn what_is_no_delivery_does_not_reach_the_handler() {
    let handler = Arc::new(Remember::default());
    let listener = listener(Arc::clone(&handler)).await;
    let refused = |ack: Ack| match ack.outcome.unwrap() {
        Outcome::Error { code, .. } => code,
        Outcome::Status(status) => panic!("{status:?}"),
    };
    assert_eq!(refused(push(&listener, "<SIF_Message").await), error::XML_NOT_WELL_FORMED);
    assert_eq!(refused(push(&listener, "<SIF_Msg/>").await), error::XML_VALIDATION);
    let control = |what: &str| {
        event("6")
            .replace("SIF_Event>", "SIF_SystemControl>")
            .replace("SIF_ObjectData>", "SIF_SystemControlData>")
            .split("<SIF_EventObject")
            .next()
            .unwrap()
            .to_owned()
            + &format!("<{what}/></SIF_SystemControlData></SIF_SystemControl></SIF_Message>")
    };
    assert_eq!(push(&listener, &control("SIF_Ping")).await.outcome, Some(Outcome::Status(Status::Immediate)));
    assert_eq!(refused(push(&listener, &control("SIF_GetMessage")).await), error::MESSAGE_UNSUPPORTED);
    assert!(handler.ids.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_not_the_protocol_is_answered_by_http() {
    let listener = listener(Arc::default()).await;
    let status = async |head: &str, body: &[u8]| raw(&listener, head, body).await.0;
    assert_eq!(status("GET / HTTP/1.1", b"").await, "HTTP/1.1 405 Method Not Allowed");
    assert_eq!(
        status("POST / HTTP/1.1\r\nContent-Type: text/plain", b"x").await,
        "HTTP/1.1 415 Unsupported Media Type"
    );
    assert_eq!(status(POST, &[b' '; 10_001]).await, "HTTP/1.1 413 Payload Too Large");
    let encoded = format!("{POST}\r\nContent-Encoding: br");
    assert_eq!(status(&encoded, b"x").await, "HTTP/1.1 415 Unsupported Media Type");
    let broken = format!("{POST}\r\nContent-Encoding: gzip");
    assert_eq!(status(&broken, b"x").await, "HTTP/1.1 400 Bad Request");
}

#[tokio::test]
async fn a_listener_that_is_dropped_no_longer_answers() {
    let listener = listener(Arc::default()).await;
    let address = listener.address();
    drop(listener);
    for _ in 0..100 {
        if TcpStream::connect(address).await.is_err() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("it still listens");
}

/// Replies when it is let.
#[derive(Default)]
struct Slow {
    began: tokio::sync::Notify,
    go: tokio::sync::Notify,
}

impl Handler for Slow {
    fn handle<'h>(&'h self, _: &'h Message) -> Handled<'h> {
        Box::pin(async move {
            self.began.notify_one();
            self.go.notified().await;
            Reply::Done
        })
    }
}

#[tokio::test]
async fn a_listener_that_is_stopped_acknowledges_what_has_come_and_takes_no_more() {
    let handler = Arc::new(Slow::default());
    let agent = Agent::new("Library", Script::of([]));
    let builder = Listener::builder(agent, Arc::<Slow>::clone(&handler));
    let listener = builder.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.address();
    // Somebody who has nothing to say does not hold it up.
    let idle = TcpStream::connect(address).await.unwrap();
    let mut calling = TcpStream::connect(address).await.unwrap();
    let body = event("1");
    // The connection is to stay, so it ends by the listener's will only.
    let head = format!("{POST}\r\nHost: x\r\nContent-Length: {}\r\n\r\n", body.len());
    calling.write_all((head + &body).as_bytes()).await.unwrap();
    handler.began.notified().await;

    let stopping = tokio::spawn(listener.stop(std::time::Duration::from_secs(60)));
    let refused = async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), refused).await.expect("it takes no more");
    assert!(!stopping.is_finished(), "it waits for what has come");
    handler.go.notify_one();
    let mut answer = String::new();
    calling.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("<SIF_Code>1</SIF_Code>"), "{answer}");
    tokio::time::timeout(std::time::Duration::from_secs(20), stopping).await.expect("it has ended").unwrap();
    drop(idle);
}

#[tokio::test]
async fn a_listener_that_is_stopped_breaks_off_what_takes_too_long() {
    let handler = Arc::new(Slow::default());
    let builder = Listener::builder(Agent::new("Library", Script::of([])), Arc::<Slow>::clone(&handler));
    let listener = builder.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let mut calling = TcpStream::connect(listener.address()).await.unwrap();
    let body = event("1");
    let head = format!("{POST}\r\nHost: x\r\nContent-Length: {}\r\n\r\n", body.len());
    calling.write_all((head + &body).as_bytes()).await.unwrap();
    handler.began.notified().await;
    let stopped = listener.stop(std::time::Duration::from_millis(50));
    tokio::time::timeout(std::time::Duration::from_secs(20), stopped).await.expect("it does not wait for ever");
    let mut answer = Vec::new();
    // Broken off in whatever way.
    let _ended =
        tokio::time::timeout(std::time::Duration::from_secs(20), calling.read_to_end(&mut answer)).await.unwrap();
    assert!(answer.is_empty(), "the zone hears nothing, and delivers it again");
}
