//! Deliveries to agents in push mode, good and bad ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use support::agents::{Manner, PushAgent};
use support::certificates::{Authority, Pair};
use support::{Running, code, event_with_id, eventually, guid, register, register_push, subscribe, zone};
use tokio::time::sleep;
use zis::server::PushConfig;
use zis::{ZoneConfig, ZoneOptions};

/// A zone in which what fails is tried again at once.
fn hasty(agents: &[&str]) -> ZoneConfig {
    let mut zone = zone(agents);
    zone.options = ZoneOptions { retry_seconds: 0, max_retry_seconds: 0, ..zone.options };
    zone
}

async fn join(running: &Running, id: &str, url: &str) {
    let answer = running.send(&register_push(id, url)).await;
    assert_eq!(code(&answer), "0", "{answer}");
    assert_eq!(code(&running.send(&subscribe(id, "StudentPersonal")).await), "0");
}

async fn publish(running: &Running, source: &str) -> String {
    let id = guid();
    let answer = running.send(&event_with_id(source, &id)).await;
    assert_eq!(code(&answer), "0", "{answer}");
    id
}

fn waiting(running: &Running, agent: &str) -> u64 {
    let queues = running.server.broker(support::ZONE).unwrap().look(|zone| zone.queues()).unwrap();
    queues.iter().find(|queue| queue.agent == agent).map_or(0, |queue| queue.waiting)
}

#[tokio::test]
async fn events_are_pushed_in_their_order_with_their_length_and_type() {
    let running = Running::with_agents(&["A", "P"]).await;
    let agent = PushAgent::start(Manner::Good).await;
    running.register("A").await;
    join(&running, "P", &agent.url()).await;
    let mut ids = Vec::new();
    for _ in 0..20 {
        ids.push(publish(&running, "A").await);
    }
    eventually("all are delivered", async || waiting(&running, "P") == 0).await;
    let got = agent.got();
    assert_eq!(got.iter().map(support::agents::Got::message_id).collect::<Vec<_>>(), ids);
    let first = &got[0];
    assert!(first.head.starts_with("POST /agent HTTP/1.1\r\n"), "{}", first.head);
    assert_eq!(first.header("content-type"), Some("application/xml;charset=\"utf-8\""));
    assert_eq!(first.header("transfer-encoding"), None);
    assert_eq!(first.text(), event_with_id("A", &ids[0]), "it is what was sent");
}

#[tokio::test]
async fn a_push_is_packed_where_the_agent_registered_that_it_likes_it() {
    let running = Running::with_agents(&["A", "P"]).await;
    let agent = PushAgent::start(Manner::Good).await;
    running.register("A").await;
    let likes = "<SIF_Property><SIF_Name>Accept-Encoding</SIF_Name><SIF_Value>gzip;q=1.0, identity;q=0.5, *;q=0</SIF_Value></SIF_Property>";
    let protocol =
        format!("<SIF_Protocol Type=\"HTTP\" Secure=\"No\"><SIF_URL>{}</SIF_URL>{likes}</SIF_Protocol>", agent.url());
    assert_eq!(code(&running.send(&register("P", "Push", &protocol)).await), "0");
    assert_eq!(code(&running.send(&subscribe("P", "StudentPersonal")).await), "0");
    let id = publish(&running, "A").await;
    eventually("it is delivered", async || waiting(&running, "P") == 0).await;
    let got = agent.got().remove(0);
    assert_eq!(got.header("content-encoding"), Some("gzip"));
    let mut text = String::new();
    flate2::read::GzDecoder::new(&got.body[..]).read_to_string(&mut text).unwrap();
    assert!(text.contains(&id));
}

#[tokio::test]
async fn whatever_an_agent_answers_that_is_no_ack_the_message_stays_and_comes_again() {
    let other = PushAgent::start(Manner::Good).await;
    let moved = format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", other.url());
    let says = |text: &str| {
        Manner::Says(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len()).into_bytes())
    };
    for manner in [
        says("not XML"),
        says("<html/>"),
        says(""),
        says(&support::event("A")),
        says(
            "<SIF_Message xmlns=\"http://www.sifinfo.org/infrastructure/2.x\" Version=\"2.4\"><SIF_Ack/></SIF_Message>",
        ),
        says(&support::agents::ack("A", &guid(), 1)),
        Manner::Says(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n".to_vec()),
        Manner::Says(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<SIF_Mess".to_vec()),
        Manner::Says(b"\x16\x03\x01 what is this".to_vec()),
        Manner::Says(moved.into_bytes()),
        Manner::Says(Vec::new()),
        Manner::Endless,
        Manner::Silent,
    ] {
        let running = Running::start(|config| {
            let push = PushConfig { timeout: Duration::from_millis(400), ..config.push.clone() };
            let mut zone = hasty(&["A", "P"]);
            zone.options.max_attempts = 1000;
            config.zone(zone).push(push)
        })
        .await;
        let agent = PushAgent::start(manner.clone()).await;
        running.register("A").await;
        join(&running, "P", &agent.url()).await;
        let id = publish(&running, "A").await;
        eventually("it is tried twice", async || agent.count() >= 2).await;
        assert_eq!(waiting(&running, "P"), 1, "{manner:?}");
        agent.behave(Manner::Good);
        eventually("it is delivered", async || waiting(&running, "P") == 0).await;
        assert!(agent.got().iter().all(|got| got.message_id() == id), "it keeps its id");
    }
    assert_eq!(other.count(), 0, "a redirection is not followed");
}

#[tokio::test]
async fn bad_agents_do_not_keep_a_good_one_waiting() {
    let (silent, garbage, good) = (
        PushAgent::start(Manner::Silent).await,
        PushAgent::start(Manner::Says(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<a/>".to_vec())).await,
        PushAgent::start(Manner::Good).await,
    );
    let gone = {
        // A port where nobody listens.
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    };
    // Whoever waited for the silent one would wait for longer than this test does.
    let running = Running::start(|config| {
        let push = PushConfig { timeout: Duration::from_secs(600), ..config.push.clone() };
        config.zone(zone(&["A", "Silent", "Garbage", "Gone", "Good"])).push(push)
    })
    .await;
    running.register("A").await;
    join(&running, "Good", &good.url()).await;
    join(&running, "Silent", &silent.url()).await;
    join(&running, "Garbage", &garbage.url()).await;
    join(&running, "Gone", &gone).await;
    for _ in 0..100 {
        publish(&running, "A").await;
    }
    eventually("the good one has all", async || good.count() == 100).await;
    assert_eq!(waiting(&running, "Gone"), 100, "nothing of the others is lost");
    assert_eq!(waiting(&running, "Silent"), 100);
    assert_eq!(silent.count(), 1, "one delivery at a time");
}

#[tokio::test]
async fn a_message_that_always_fails_becomes_a_dead_letter_and_the_next_one_comes() {
    let running = Running::start(|config| {
        let mut zone = hasty(&["A", "P"]);
        zone.options.max_attempts = 3;
        config.zone(zone)
    })
    .await;
    let agent = PushAgent::start(Manner::Says(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n".to_vec())).await;
    running.register("A").await;
    join(&running, "P", &agent.url()).await;
    let poison = publish(&running, "A").await;
    let store = running.server.store().clone();
    eventually("it is given up", async || !store.dead_letters(support::ZONE, None, 10, None).await.unwrap().is_empty())
        .await;
    let dead = store.dead_letters(support::ZONE, None, 10, None).await.unwrap();
    assert_eq!((dead[0].agent.as_str(), dead[0].message.message_id.as_str()), ("P", poison.as_str()));
    assert!(dead[0].reason.contains("HTTP status 500"), "{}", dead[0].reason);
    assert_eq!(agent.count(), 3);
    agent.behave(Manner::Good);
    publish(&running, "A").await;
    eventually("the next one is delivered", async || waiting(&running, "P") == 0 && agent.count() == 4).await;
}

#[tokio::test]
async fn an_agent_that_sleeps_is_left_alone_until_it_wakes() {
    let running = Running::with_agents(&["A", "P"]).await;
    let agent = PushAgent::start(Manner::Status(8)).await;
    running.register("A").await;
    join(&running, "P", &agent.url()).await;
    publish(&running, "A").await;
    eventually("it says that it sleeps", async || agent.count() == 1).await;
    publish(&running, "A").await;
    sleep(Duration::from_millis(600)).await;
    assert_eq!((agent.count(), waiting(&running, "P")), (1, 2));
    agent.behave(Manner::Good);
    assert_eq!(code(&running.send(&support::control("P", "SIF_Wakeup")).await), "0");
    eventually("both are delivered", async || waiting(&running, "P") == 0).await;
}

#[tokio::test]
async fn an_address_that_the_zone_does_not_allow_is_never_called() {
    let hidden = PushAgent::start(Manner::Good).await;
    let running = Running::start(|config| {
        let mut zone = zone(&["A", "P"]);
        zone.options.push_hosts = vec!["agents.example.org".to_owned(), "*.localhost".to_owned()];
        config.zone(zone)
    })
    .await;
    running.register("A").await;
    // Refused at once, where its text tells, and whatever the zone believes, the fence does not let it out.
    let plain = register_push("P", &hidden.url());
    let below = register_push("P", &format!("http://agent.localhost:{}/", hidden.address.port()));
    for registration in [plain, below] {
        let answer = running.send(&registration).await;
        if code(&answer) == "0" {
            running.send(&subscribe("P", "StudentPersonal")).await;
            publish(&running, "A").await;
            sleep(Duration::from_millis(700)).await;
        }
        assert_eq!(hidden.count(), 0, "{registration}");
    }
}

fn acceptor(own: &Pair, clients: &Authority) -> tokio_rustls::TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(clients.pem().as_bytes()).unwrap()).unwrap();
    let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(own.certificate.as_bytes()).unwrap()],
            PrivateKeyDer::from_pem_slice(own.key.as_bytes()).unwrap(),
        )
        .unwrap();
    tokio_rustls::TlsAcceptor::from(Arc::new(config))
}

#[tokio::test]
async fn https_is_used_with_our_certificate_and_only_with_hosts_that_an_authority_vouches_for() {
    let (agents, ours, strangers) = (Authority::new("Agents"), Authority::new("Ours"), Authority::new("Agents"));
    let identity = ours.issue("zone.example.org", &["zone.example.org"]);
    let identity = format!("{}{}", identity.certificate, identity.key);
    for (case, own, reached) in [
        ("right", agents.issue("x", &["127.0.0.1"]), true),
        ("another host's", agents.issue("127.0.0.1", &["192.0.2.1"]), false),
        ("a stranger's", strangers.issue("x", &["127.0.0.1"]), false),
        ("its own", support::certificates::self_signed("127.0.0.1"), false),
        ("expired", agents.issue_with("x", &["127.0.0.1"], support::certificates::expired), false),
    ] {
        let running = Running::start(|config| {
            let push = PushConfig {
                authorities: Some(agents.pem().into_bytes()),
                identity: Some(identity.clone().into_bytes()),
                ..config.push.clone()
            };
            config.zone(hasty(&["A", "P"])).push(push)
        })
        .await;
        let agent = PushAgent::start_with(Manner::Good, Some(acceptor(&own, &ours))).await;
        running.register("A").await;
        join(&running, "P", &format!("https://{}/agent", agent.address)).await;
        // It asks for a channel that only HTTPS reaches.
        let id = guid();
        let event = event_with_id("A", &id).replace(
            "<SIF_SourceId>",
            "<SIF_Security><SIF_SecureChannel><SIF_AuthenticationLevel>3</SIF_AuthenticationLevel>\
             <SIF_EncryptionLevel>4</SIF_EncryptionLevel></SIF_SecureChannel></SIF_Security><SIF_SourceId>",
        );
        assert_eq!(code(&running.send(&event).await), "0");
        if reached {
            eventually("it is delivered", async || waiting(&running, "P") == 0).await;
            assert_eq!(agent.got()[0].message_id(), id, "{case}");
        } else {
            sleep(Duration::from_millis(500)).await;
            assert_eq!((agent.count(), waiting(&running, "P")), (0, 1), "{case}");
        }
    }
}

#[tokio::test]
async fn a_message_that_asks_for_a_safe_channel_does_not_leave_on_an_open_one() {
    let running = Running::with_agents(&["A", "P"]).await;
    let agent = PushAgent::start(Manner::Good).await;
    running.register("A").await;
    join(&running, "P", &agent.url()).await;
    for (authentication, encryption) in [(1, 0), (0, 1), (3, 4)] {
        let security = format!(
            "<SIF_Security><SIF_SecureChannel><SIF_AuthenticationLevel>{authentication}</SIF_AuthenticationLevel>\
             <SIF_EncryptionLevel>{encryption}</SIF_EncryptionLevel></SIF_SecureChannel></SIF_Security><SIF_SourceId>"
        );
        running.send(&event_with_id("A", &guid()).replace("<SIF_SourceId>", &security)).await;
    }
    let open = publish(&running, "A").await;
    eventually("what asks for nothing is delivered", async || agent.got().iter().any(|got| got.message_id() == open))
        .await;
    assert_eq!(agent.count(), 1);
}

#[tokio::test]
async fn stopping_lets_a_delivery_end_and_leaves_the_rest_for_the_next_start() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = format!("sqlite:{}", folder.path().join("zone.db").display());
    let config =
        || zis::server::ServerConfig::new("127.0.0.1:0".parse().unwrap(), store.clone()).zone(hasty(&["A", "P"]));
    let agent = PushAgent::start(Manner::Good).await;
    let first = Running { server: zis::server::Server::start(config()).await.unwrap(), folder };
    first.register("A").await;
    join(&first, "P", &agent.url()).await;
    for _ in 0..50 {
        publish(&first, "A").await;
    }
    let Running { server, folder } = first;
    server.stop(Duration::from_secs(5)).await;
    let before = agent.count();
    sleep(Duration::from_millis(200)).await;
    assert_eq!(agent.count(), before, "nothing is delivered after the end");
    let second = Running { server: zis::server::Server::start(config()).await.unwrap(), folder };
    eventually("the rest is delivered", async || waiting(&second, "P") == 0).await;
    let mut ids: Vec<String> = agent.got().iter().map(support::agents::Got::message_id).collect();
    assert_eq!(ids.len(), 50, "each once, as nothing was cut off");
    ids.dedup();
    assert_eq!(ids.len(), 50);
    let duplicate = event_with_id("A", &ids[0]);
    assert_eq!(code(&second.send(&duplicate).await), "7", "and ids are remembered");
}
