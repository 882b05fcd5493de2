//! What goes over the wire, and what comes back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use agent::{Agent, AgentFault, HttpTransport, Listener, Resend};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use sif::message::{Outcome, Status};
use support::{Raw, RawServer, Say, ack, http};

fn once() -> Resend {
    Resend { attempts: 1, pause: Duration::ZERO }
}

fn agent(server: &RawServer) -> Agent {
    agent_with_patience(server, Duration::from_secs(60))
}

fn agent_with_patience(server: &RawServer, patience: Duration) -> Agent {
    let url = format!("http://{}/zones/Cedar", server.address);
    let transport = HttpTransport::builder(url).timeout(patience).build().unwrap();
    Agent::new("Library", Arc::new(transport)).with_resend(once())
}

fn success(raw: &Raw) -> Vec<u8> {
    status(raw, Status::Success)
}

fn status(raw: &Raw, status: Status) -> Vec<u8> {
    let ack = ack(&raw.body.clone().into(), &Outcome::Status(status), None);
    http("200 OK", &["Content-Type: application/xml;charset=\"utf-8\""], &ack)
}

fn say(answer: impl Fn(&Raw) -> Vec<u8> + Send + Sync + 'static) -> Say {
    Box::new(answer)
}

fn why(fault: AgentFault) -> String {
    match fault {
        AgentFault::Transport(fault) => fault.why,
        other => panic!("another fault: {other}"),
    }
}

#[tokio::test]
async fn a_message_is_posted_with_its_type_and_length_and_connections_are_kept() {
    let server = RawServer::start(vec![say(success), say(success)]).await;
    let agent = agent(&server);
    agent.ping().await.unwrap().accepted().unwrap();
    agent.ping().await.unwrap().accepted().unwrap();
    let requests = server.requests.lock().unwrap().clone();
    for request in &requests {
        assert!(request.head.starts_with("post /zones/cedar http/1.1\r\n"), "{}", request.head);
        assert!(request.head.contains("\r\ncontent-type: application/xml;charset=\"utf-8\"\r\n"), "{}", request.head);
        assert!(request.head.contains(&format!("\r\ncontent-length: {}\r\n", request.body.len())), "{}", request.head);
        assert!(
            request.head.contains("\r\naccept-encoding: gzip;q=1.0, identity;q=0.5, *;q=0\r\n"),
            "{}",
            request.head
        );
        assert!(!request.head.contains("transfer-encoding"), "{}", request.head);
        assert_eq!(request.connection, 1);
    }
    assert_eq!(requests.len(), 2);
}

#[tokio::test]
async fn any_other_status_is_a_fault_and_no_redirection_is_followed() {
    let elsewhere = RawServer::start(vec![say(success)]).await;
    let location = format!("Location: http://{}/", elsewhere.address);
    let moved = move |_: &Raw| http("307 Temporary Redirect", &[&location], b"");
    let server = RawServer::start(vec![say(|_| http("404 Not Found", &[], b"")), say(moved), say(success)]).await;
    let agent = agent(&server);
    assert_eq!(why(agent.ping().await.unwrap_err()), "the answer has HTTP status 404");
    assert_eq!(why(agent.ping().await.unwrap_err()), "the answer has HTTP status 307");
    assert!(elsewhere.requests.lock().unwrap().is_empty());
    agent.ping().await.unwrap().accepted().unwrap();
}

#[tokio::test]
async fn a_message_without_an_answer_is_sent_again_with_the_same_id() {
    let server = RawServer::start(vec![
        say(|_| Vec::new()),
        say(|_| http("503 Service Unavailable", &[], b"")),
        say(|raw| status(raw, Status::AlreadyReceived)),
    ])
    .await;
    let agent = agent(&server).with_resend(Resend { attempts: 3, pause: Duration::from_millis(1) });
    let answer = agent.unregister().await.unwrap().accepted().unwrap();
    assert_eq!(answer.status(), Some(Status::AlreadyReceived));
    let requests = server.requests.lock().unwrap();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| request.body == requests[0].body));
}

#[tokio::test]
async fn a_fault_says_why_and_how_often_and_not_where() {
    let closed = {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        socket.local_addr().unwrap()
    };
    let transport =
        HttpTransport::builder(format!("http://name:secret@{closed}/zones/Cedar?token=secret")).build().unwrap();
    let agent = Agent::new("Library", Arc::new(transport)).with_resend(Resend { attempts: 2, pause: Duration::ZERO });
    let why = why(agent.ping().await.unwrap_err());
    assert!(why.to_lowercase().contains("connect") && why.ends_with("(sent 2 times)"), "{why}");
    assert!(!why.contains("secret"), "{why}");
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_a_fault_in_time() {
    let server = RawServer::start(vec![say(|_| {
        std::thread::sleep(Duration::from_millis(10));
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc".to_vec()
    })])
    .await;
    let agent = agent_with_patience(&server, Duration::from_millis(1500));
    let why = why(agent.ping().await.unwrap_err());
    assert!(why.starts_with("no answer in time"), "{why}");
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn compression_goes_both_ways_and_is_bounded() {
    let compressed = |raw: &Raw| {
        let mut body = Vec::new();
        flate2::read::GzDecoder::new(&raw.body[..]).read_to_end(&mut body).unwrap();
        let ack = ack(&body.into(), &Outcome::Status(Status::Success), None);
        http("200 OK", &["Content-Encoding: gzip"], &gzip(&ack))
    };
    let bomb = |_: &Raw| http("200 OK", &["Content-Encoding: gzip"], &gzip(&vec![b' '; 1 << 20]));
    let server = RawServer::start(vec![
        say(compressed),
        say(bomb),
        say(|_| http("200 OK", &["Content-Encoding: br"], b"x")),
        say(|_| http("200 OK", &[], &vec![b' '; 65_537])),
    ])
    .await;
    let url = format!("http://{}/", server.address);
    let transport = HttpTransport::builder(url).compress(true).max_answer(64 << 10).build().unwrap();
    let agent = Agent::new("Library", Arc::new(transport)).with_resend(once());
    agent.ping().await.unwrap().accepted().unwrap();
    assert!(server.requests.lock().unwrap()[0].head.contains("content-encoding: gzip"));
    assert_eq!(why(agent.ping().await.unwrap_err()), "the body holds more than 65536 bytes");
    assert_eq!(why(agent.ping().await.unwrap_err()), "the answer has a Content-Encoding that was not asked for");
    assert_eq!(why(agent.ping().await.unwrap_err()), "the answer is larger than 65536 bytes");
}

#[tokio::test]
async fn an_answer_about_another_message_is_not_taken() {
    let wrong = |raw: &Raw| {
        let text = String::from_utf8(success(raw)).unwrap();
        let id = text.split("<SIF_OriginalMsgId>").nth(1).unwrap()[..32].to_owned();
        text.replace(&id, &"0".repeat(32)).into_bytes()
    };
    let server = RawServer::start(vec![say(wrong), say(|_| http("200 OK", &[], b"<html/>"))]).await;
    let agent = agent(&server);
    assert_eq!(agent.ping().await.unwrap_err(), AgentFault::Answer { why: "it is about another message".to_owned() });
    assert!(matches!(agent.ping().await.unwrap_err(), AgentFault::Answer { .. }));
}

#[test]
fn an_address_that_is_no_http_is_refused() {
    let refused = |url: &str| HttpTransport::builder(url).build().err().unwrap().to_string();
    assert_eq!(refused("ftp://zone"), "the address must begin with https:// or http://");
    assert!(refused("zone").starts_with("the address cannot be used"));
}

/// A certificate that an authority signed, and its key, in PEM.
fn certificate(issuer: &CertifiedIssuer<'_, KeyPair>, name: &str) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, issuer).unwrap();
    (certificate.pem(), key.serialize_pem())
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

#[tokio::test]
async fn https_needs_a_trusted_server_and_shows_the_agents_certificate() {
    struct Nobody;
    impl agent::Handler for Nobody {
        fn handle<'h>(&'h self, _: &'h sif::message::Message) -> agent::Handled<'h> {
            Box::pin(async { agent::Reply::Done })
        }
    }
    let (ours, other) = (authority(), authority());
    let (server, key) = certificate(&ours, "127.0.0.1");
    let (client, client_key) = certificate(&ours, "library.example.org");
    let zone = Agent::new("Zone", support::Script::of([]));
    let listener = Listener::builder(zone, Arc::new(Nobody))
        .tls(server.as_bytes(), key.as_bytes(), Some(ours.pem().as_bytes()))
        .unwrap()
        .listen("127.0.0.1:0".parse().unwrap())
        .await
        .unwrap();
    assert!(listener.url().starts_with("https://127.0.0.1:"));
    let builder = HttpTransport::builder(listener.url());
    let with =
        |builder: agent::HttpBuilder| Agent::new("Library", Arc::new(builder.build().unwrap())).with_resend(once());
    let known = builder.clone().trust(ours.pem().as_bytes());
    let shown = known.clone().client_certificate(client.as_bytes(), client_key.as_bytes());
    let answer = with(shown).ping().await.unwrap();
    assert_eq!(answer.status(), Some(Status::Immediate));
    // Without the certificate, and to a server that nobody vouches for, nothing is said.
    assert!(matches!(with(known).ping().await.unwrap_err(), AgentFault::Transport(_)));
    let stranger = builder.trust(other.pem().as_bytes()).client_certificate(client.as_bytes(), client_key.as_bytes());
    let why = why(with(stranger).ping().await.unwrap_err());
    assert!(why.to_lowercase().contains("certificate"), "{why}");
}

#[test]
fn certificates_that_cannot_be_read_are_told_of() {
    let builder = HttpTransport::builder("https://localhost/");
    let said = |builder: agent::HttpBuilder| builder.build().err().unwrap().to_string();
    assert!(
        said(builder.clone().trust(b"nothing")).starts_with("the file of trusted authorities holds no certificate")
    );
    assert!(said(builder.client_certificate(b"no", b"no")).starts_with("the certificate and its key cannot be used"));
}
