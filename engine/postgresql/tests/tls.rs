//! Encrypted connections against real servers, which the tests start themselves with certificates of their own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use sis::Source;
use sqlx::{ConnectOptions, Connection};
use store::{Store, StoreFault};
use support::cluster::{Cluster, Tls};

/// An address that is not of this machine by its name; Linux connects to this machine all the same.
const ELSEWHERE: &str = "0.0.0.0";

/// Whether the server says that a connection by this URL is encrypted; what is told if there is none.
async fn is_encrypted(url: &str) -> Result<bool, String> {
    let options = postgresql::connection(url).map_err(|fault| fault.to_string())?;
    let mut connection =
        options.connect().await.map_err(|error| match postgresql::explain(&error, Some(&options)) {
            Some(fault) => fault.to_string(),
            None => format!("nothing to do with TLS: {error}"),
        })?;
    let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let is_encrypted = sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    Ok(is_encrypted)
}

/// What is told of a URL that must not work.
async fn told(url: &str) -> String {
    let told = is_encrypted(url).await.unwrap_err();
    assert!(!told.contains("secret"), "{told}");
    told
}

#[track_caller]
fn has(told: &str, words: &[&str]) {
    for word in words {
        assert!(told.contains(word), "`{word}` is not in: {told}");
    }
}

#[tokio::test]
async fn what_leaves_this_machine_is_encrypted_without_being_asked_for() {
    let Some(server) = Cluster::start(Tls::On) else { return };
    assert_eq!(is_encrypted(&server.url(ELSEWHERE, "")).await, Ok(true));
    assert_eq!(is_encrypted(&server.url(ELSEWHERE, "?sslmode=require")).await, Ok(true));
    assert_eq!(is_encrypted(&server.url(ELSEWHERE, "?sslmode=disable")).await, Ok(false), "who says so gets it");
    assert_eq!(is_encrypted(&server.url("127.0.0.1", "")).await, Ok(false), "nothing leaves this machine");
    assert_eq!(is_encrypted(&server.url("localhost", "?sslmode=require")).await, Ok(true));
    assert_eq!(is_encrypted(&server.url("127.0.0.1", "?sslmode=prefer")).await, Ok(true));
    let told = told(&server.url(ELSEWHERE, "?sslmode=prefer")).await;
    has(&told, &["PostgreSQL at 0.0.0.0", "plain text", "sslmode=verify-full"]);
}

#[tokio::test]
async fn a_server_without_tls_is_sent_nothing_unless_it_is_of_this_machine() {
    let Some(server) = Cluster::start(Tls::Off) else { return };
    let port = server.port();
    for parameters in ["", "?sslmode=require"] {
        let told = told(&server.url(ELSEWHERE, parameters)).await;
        has(&told, &[&format!("PostgreSQL at 0.0.0.0:{port}: it offers no TLS"), "postgresql.conf", "sslmode=disable"]);
    }
    assert_eq!(is_encrypted(&server.url(ELSEWHERE, "?sslmode=disable")).await, Ok(false));
    assert_eq!(is_encrypted(&server.url("127.0.0.1", "")).await, Ok(false));
    assert_eq!(is_encrypted(&server.url("127.0.0.1", "?sslmode=prefer")).await, Ok(false));
    let socket =
        format!("postgres:///postgres?user=tester&host={}&port={port}&sslmode=require", server.folder().display());
    assert_eq!(is_encrypted(&socket).await, Ok(false), "a socket has no TLS, and needs none");
}

#[tokio::test]
async fn a_server_proves_who_it_is() {
    let Some(server) = Cluster::start(Tls::On) else { return };
    let own = server.authority();
    let other = server.other_authority();
    for (host, mode) in [
        ("localhost", "&sslmode=verify-full"),
        ("localhost", "&sslmode=verify-ca"),
        ("localhost", ""),
        // The certificate does not name it.
        ("127.0.0.1", "&sslmode=verify-ca"),
        ("127.0.0.1", "&sslmode=require"),
    ] {
        let url = server.url(host, &format!("?sslrootcert={own}{mode}"));
        assert_eq!(is_encrypted(&url).await, Ok(true), "{host} {mode}");
    }
    for mode in ["&sslmode=verify-full", "&sslmode=verify-ca", "&sslmode=require", ""] {
        let told = told(&server.url("localhost", &format!("?sslrootcert={other}{mode}"))).await;
        has(&told, &["PostgreSQL at localhost:", "its certificate is of another authority", "sslrootcert=FILE"]);
    }
    for mode in ["&sslmode=verify-full", ""] {
        let told = told(&server.url("127.0.0.1", &format!("?sslrootcert={own}{mode}"))).await;
        has(&told, &["PostgreSQL at 127.0.0.1:", "for other names than this host", "alternative names"]);
    }
    // The authorities that this machine trusts (or that there are none) know nothing of this server.
    let told = told(&server.url("localhost", "?sslmode=verify-full")).await;
    has(&told, &["PostgreSQL at localhost", "sslrootcert=FILE"]);
}

#[tokio::test]
async fn a_certificate_that_has_expired_or_is_an_authoritys_own_is_told() {
    for (tls, words) in [(Tls::Expired, "has expired"), (Tls::Authority, "that of an authority itself")] {
        let Some(server) = Cluster::start(tls) else { return };
        let told =
            told(&server.url("localhost", &format!("?sslmode=verify-full&sslrootcert={}", server.authority()))).await;
        has(&told, &["PostgreSQL at localhost:", words, "nothing was sent"]);
    }
}

#[tokio::test]
async fn sifter_shows_its_own_certificate_where_a_server_wants_one() {
    let Some(server) = Cluster::start(Tls::OfClients) else { return };
    let own = server.authority();
    let (certificate, key) = server.identity();
    let url =
        server.url("localhost", &format!("?sslmode=verify-full&sslrootcert={own}&sslcert={certificate}&sslkey={key}"));
    assert_eq!(is_encrypted(&url).await, Ok(true));
    let without = told(&server.url("localhost", &format!("?sslmode=verify-full&sslrootcert={own}"))).await;
    has(&without, &["it wants a certificate of Sifter", "sslcert=FILE"]);
    let plain = told(&server.url("127.0.0.1", "")).await;
    has(&plain, &["it takes no connection in plain text", "sslmode=verify-full"]);
    let half =
        told(&server.url("localhost", &format!("?sslmode=verify-full&sslrootcert={own}&sslcert={certificate}"))).await;
    has(&half, &["`sslcert` and `sslkey` belong together"]);
    let of_other = server.url("localhost", &format!("?sslmode=require&sslcert={own}&sslkey={key}"));
    has(&told(&of_other).await, &["`sslkey` is not the key of `sslcert`"]);
}

#[tokio::test]
async fn store_and_source_are_reached_by_the_rule() {
    let Some(server) = Cluster::start(Tls::On) else { return };
    let own = server.authority();
    let good = server.url("localhost", &format!("?sslmode=verify-full&sslrootcert={own}&application_name=kept"));
    let store = Store::open(&good).await.unwrap();
    // A connection of each kind: the writer's, a reader's, a claim's.
    let claim = store.claim("z").await.unwrap();
    store.records("z", "none").await.unwrap();
    let sql = "SELECT count(*), count(*) FILTER (WHERE ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
               WHERE application_name = 'kept'";
    let mut asking = postgresql::connection(&good).unwrap().application_name("asking").connect().await.unwrap();
    let (all, encrypted): (i64, i64) = sqlx::query_as(sql).fetch_one(&mut asking).await.unwrap();
    assert!(all >= 3 && all == encrypted, "{encrypted} of {all} connections are encrypted");
    claim.release().await;
    store.close().await;

    let bad = server.url("localhost", &format!("?sslmode=verify-full&sslrootcert={}", server.other_authority()));
    let Err(StoreFault::Lost(told)) = Store::open(&bad).await else { panic!("a store of somebody else") };
    has(&told, &["PostgreSQL at localhost:", "of another authority", "sslrootcert=FILE"]);
    assert!(!told.contains("secret"), "{told}");

    // The loader has a runtime of its own.
    let sources = tokio::task::spawn_blocking(move || (Source::open(&good).err(), Source::open(&bad).err()));
    let (none, told) = sources.await.unwrap();
    assert_eq!(none, None);
    let told = told.unwrap();
    has(
        &told.message,
        &["the PostgreSQL database cannot be opened", "PostgreSQL at localhost:", "of another authority"],
    );
    has(told.help.as_deref().unwrap(), &["sslrootcert=FILE"]);
    assert!(!format!("{told:?}").contains("secret"));
}
