//! HTTPS, and what clients' certificates are worth.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use support::certificates::{Authority, Pair, client, connect, early, expired, self_signed};
use support::raw::{post, read, until_closed};
use support::{Running, code, register, zone};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use zis::server::TlsConfig;

/// A server for `localhost` that trusts an authority for clients, and knows `agent.example.org` to be this machine and
/// `other.example.org` another. The zone asks for a level.
async fn start(server_authority: &Authority, clients: &Authority, level: u8) -> Running {
    let own = server_authority.issue("localhost", &["localhost"]);
    let tls = TlsConfig::new(own.certificate, own.key)
        .client_authorities(clients.pem())
        .host("agent.example.org", "127.0.0.1".parse().unwrap())
        .host("other.example.org", "192.0.2.1".parse().unwrap());
    Running::start(|config| {
        let mut zone = zone(&["A"]);
        zone.options.require_secure = true;
        zone.options.min_authentication = level;
        config.zone(zone).tls(tls)
    })
    .await
}

async fn register_with(running: &Running, authority: &Authority, shown: Option<&Pair>) -> String {
    let mut stream = connect(running.server.address(), &client(authority, shown)).await;
    stream.write_all(&post("", register("A", "Pull", "").as_bytes())).await.unwrap();
    let reply = read(&mut stream).await.unwrap();
    assert_eq!(reply.status, 200);
    code(&reply.text())
}

#[tokio::test]
async fn each_certificate_reaches_its_level_and_no_higher() {
    let server = Authority::new("Server Authority");
    let clients = Authority::new("Client Authority");
    let strangers = Authority::new("Client Authority");
    let bound = |params: &mut rcgen::CertificateParams| {
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    };
    // What is shown, the level that it reaches, and what is answered where one more is asked for.
    let cases: Vec<(&str, Option<Pair>, u8, &str)> = vec![
        ("none", None, 0, "3/3"),
        ("vouches for itself", Some(self_signed("agent.example.org")), 1, "3/5"),
        ("of a stranger with the same name", Some(strangers.issue("agent.example.org", &[])), 1, "3/5"),
        ("for servers only", Some(clients.issue_with("agent.example.org", &[], bound)), 1, "3/5"),
        ("trusted, of another host", Some(clients.issue("other.example.org", &[])), 2, "3/4"),
        ("trusted, of an unknown host", Some(clients.issue("nobody.example.org", &["nobody.example.org"])), 2, "3/4"),
        (
            "trusted, right only in the common name",
            Some(clients.issue("agent.example.org", &["other.example.org"])),
            2,
            "3/4",
        ),
        ("trusted, a pattern", Some(clients.issue("*.example.org", &["*.example.org"])), 2, "3/4"),
        ("trusted, another address", Some(clients.issue("x", &["192.0.2.1"])), 2, "3/4"),
        ("trusted, common name", Some(clients.issue("Agent.Example.Org", &[])), 3, ""),
        ("trusted, alternative name", Some(clients.issue("x", &["other.example.org", "agent.example.org"])), 3, ""),
        ("trusted, its address", Some(clients.issue("x", &["127.0.0.1"])), 3, ""),
        ("expired", Some(clients.issue_with("agent.example.org", &[], expired)), 0, "3/6"),
        ("not yet valid", Some(clients.issue_with("agent.example.org", &[], early)), 0, "3/6"),
    ];
    for level in 0..=3 {
        let running = start(&server, &clients, level).await;
        for (name, shown, reaches, otherwise) in &cases {
            let answer = register_with(&running, &server, shown.as_ref()).await;
            if *reaches >= level {
                assert_eq!(answer, "0", "{name} where {level} is asked for");
            } else {
                assert_eq!(&answer, otherwise, "{name} where {level} is asked for");
            }
        }
    }
}

#[tokio::test]
async fn an_agent_is_held_to_its_certificate() {
    let (server, clients) = (Authority::new("Server Authority"), Authority::new("Client Authority"));
    let (right, wrong) = (clients.issue("agent.example.org", &[]), clients.issue("agent.example.org", &[]));
    let own = server.issue("localhost", &["localhost"]);
    let tls = TlsConfig::new(own.certificate, own.key).client_authorities(clients.pem());
    let running = Running::start(|config| {
        let mut zone = zone(&["A"]);
        zone.agents.get_mut("A").unwrap().certificate = Some(right.fingerprint());
        config.zone(zone).tls(tls)
    })
    .await;
    assert_eq!(register_with(&running, &server, Some(&right)).await, "0");
    assert!(register_with(&running, &server, Some(&wrong)).await.starts_with("3/"));
    assert_eq!(register_with(&running, &server, None).await, "3/3");
}

#[tokio::test]
async fn half_a_handshake_and_plain_http_are_cut_off_and_others_are_served() {
    let (server, clients) = (Authority::new("Server Authority"), Authority::new("Client Authority"));
    let running = start(&server, &clients, 0).await;
    let address = running.server.address();
    let mut silent = TcpStream::connect(address).await.unwrap();
    let mut half = TcpStream::connect(address).await.unwrap();
    // The beginning of a ClientHello.
    half.write_all(&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]).await.unwrap();
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(&post("", b"<a/>")).await.unwrap();
    assert_eq!(register_with(&running, &server, None).await, "0");
    until_closed(&mut silent).await;
    until_closed(&mut half).await;
    until_closed(&mut plain).await;
}

#[tokio::test]
async fn a_key_that_is_not_the_certificates_is_no_proof() {
    let (server, clients) = (Authority::new("Server Authority"), Authority::new("Client Authority"));
    let running = start(&server, &clients, 0).await;
    let real = clients.issue("agent.example.org", &[]);
    let forged = Pair { certificate: real.certificate, key: self_signed("x").key };
    let connector = support::certificates::client_unchecked(&server, &forged);
    let stream = TcpStream::connect(running.server.address()).await.unwrap();
    let name = rustls_pki_types::ServerName::try_from("localhost").unwrap();
    let answered = match connector.connect(name, stream).await {
        Ok(mut stream) => {
            let _ = stream.write_all(&post("", register("A", "Pull", "").as_bytes())).await;
            read(&mut stream).await
        }
        Err(_) => None,
    };
    assert!(answered.is_none(), "who has a certificate but not its key is not listened to");
}

#[tokio::test]
async fn keys_that_do_not_fit_are_told_at_the_start() {
    let authority = Authority::new("Server Authority");
    let (one, two) = (authority.issue("localhost", &["localhost"]), authority.issue("localhost", &["localhost"]));
    for (certificates, key) in [
        (one.certificate.as_str(), two.key.as_str()),
        ("no PEM", one.key.as_str()),
        (one.certificate.as_str(), "no PEM"),
    ] {
        let folder = tempfile::TempDir::new().unwrap();
        let store = format!("sqlite:{}", folder.path().join("zone.db").display());
        let config = zis::server::ServerConfig::new("127.0.0.1:0".parse().unwrap(), store);
        let fault = zis::server::Server::start(config.tls(TlsConfig::new(certificates, key))).await.unwrap_err();
        let words = fault.to_string();
        assert!(words.starts_with("HTTPS cannot be set up"), "{words}");
        assert!(!words.contains("PRIVATE"), "{words}");
    }
}
