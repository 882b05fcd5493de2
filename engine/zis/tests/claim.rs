//! One zone is one server's: another is refused, and a server that has lost its zone says so to everybody.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use support::{Running, ZONE, code, control, event, eventually, guid, subscribe, zone};
use tempfile::TempDir;
use zis::server::{Server, ServerConfig};

/// The server that the tests of PostgreSQL use.
const POSTGRES: &str = "postgres://root@127.0.0.1/test";

/// A schema of a test's own.
struct Schema {
    name: String,
    connection: PgConnection,
}

impl Schema {
    /// None, with a remark, where there is no server.
    async fn new() -> Option<Self> {
        let Ok(mut connection) = PgConnection::connect(POSTGRES).await else {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "on CI nothing may be skipped");
            println!("skipped: no PostgreSQL at 127.0.0.1 takes the user root");
            return None;
        };
        let name = format!("claim_{}", guid().to_lowercase());
        connection.execute(AssertSqlSafe(format!("CREATE SCHEMA {name}"))).await.unwrap();
        Some(Self { name, connection })
    }

    fn url(&self) -> String {
        format!("{POSTGRES}?options[search_path]={0}&application_name={0}", self.name)
    }

    /// Ends the session that holds the zone.
    async fn cut_off(&mut self) {
        let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_locks JOIN pg_stat_activity USING (pid)
                   WHERE application_name = $1 AND locktype = 'advisory' AND objsubid = 1";
        let ended: i64 = sqlx::query_scalar(sql).bind(&self.name).fetch_one(&mut self.connection).await.unwrap();
        assert_eq!(ended, 1, "one session holds the zone");
    }

    /// The session that holds the zone, if one does.
    async fn holder(&mut self) -> Option<i32> {
        let sql = "SELECT pid FROM pg_locks JOIN pg_stat_activity USING (pid)
                   WHERE application_name = $1 AND locktype = 'advisory' AND objsubid = 1 AND granted";
        sqlx::query_scalar(sql).bind(&self.name).fetch_optional(&mut self.connection).await.unwrap()
    }

    async fn drop(mut self) {
        self.connection.execute("SET client_min_messages = warning").await.unwrap();
        self.connection.execute(AssertSqlSafe(format!("DROP SCHEMA {} CASCADE", self.name))).await.unwrap();
    }
}

fn config(store: &str) -> ServerConfig {
    ServerConfig::new("127.0.0.1:0".parse().unwrap(), store).limits(support::short_limits()).zone(zone(&["A", "B"]))
}

/// Of two servers of one store the second is told who has the zone; it starts once the first has stopped.
async fn refused_while_another_serves(store: &str) {
    let first = Server::start(config(store)).await.unwrap();
    let fault = Server::start(config(store)).await.unwrap_err().to_string();
    let told = format!("zone {ZONE} is served by process {}", std::process::id());
    assert!(fault.contains(&told) && fault.contains("stop that one first"), "{fault}");
    let broker = first.broker(ZONE).unwrap();
    assert!(broker.is_ready(), "the first goes on");
    first.stop(Duration::from_secs(2)).await;
    assert!(!broker.is_ready(), "what has stopped serves nothing, whoever still has it in hand");
    let second = Server::start(config(store)).await.unwrap();
    assert!(second.broker(ZONE).unwrap().is_ready());
    second.stop(Duration::from_secs(2)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_server_is_refused_on_sqlite() {
    let folder = TempDir::new().unwrap();
    refused_while_another_serves(&format!("sqlite:{}", folder.path().join("zone.db").display())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_server_is_refused_on_postgres() {
    let Some(schema) = Schema::new().await else { return };
    refused_while_another_serves(&schema.url()).await;
    schema.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_lost_its_zone_answers_nothing_until_it_has_it_back() {
    let Some(mut schema) = Schema::new().await else { return };
    let server = Server::start(config(&schema.url())).await.unwrap();
    let running = Running { server, folder: TempDir::new().unwrap() };
    running.register("A").await;
    running.register("B").await;
    assert_eq!(code(&running.send(&subscribe("B", "StudentPersonal")).await), "0");
    schema.cut_off().await;
    let other = store::Store::open(&schema.url()).await.unwrap();
    let taken = other.claim(ZONE).await.unwrap();
    // Before it has noticed anything: what would have to be kept is not.
    assert_eq!(code(&running.send(&event("A")).await), "11/1");
    let broker = running.server.broker(ZONE).unwrap();
    assert!(!broker.is_ready());
    assert_eq!(code(&running.send(&control("B", "SIF_GetMessage")).await), "11/1", "nor is anything handed out");
    let waits = other.load(ZONE, 0).await.unwrap().queued.len();
    assert_eq!(waits, 0, "the event was not kept");
    taken.release().await;
    eventually("the zone is back", async || broker.is_ready()).await;
    assert_eq!(code(&running.send(&event("A")).await), "0");
    // Nobody else takes it, and nothing is to be kept: the loss is noticed all the same, and mended within milliseconds.
    let before = schema.holder().await.expect("the zone is held");
    schema.cut_off().await;
    eventually("another session holds the zone", async || schema.holder().await.is_some_and(|holder| holder != before))
        .await;
    eventually("the zone is back", async || broker.is_ready()).await;
    let answer = running.send(&control("B", "SIF_GetMessage")).await;
    assert!(answer.contains("<SIF_Event>"), "{answer}");
    running.server.stop(Duration::from_secs(2)).await;
    other.close().await;
    schema.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_of_this_process_is_told_that_something_waits() {
    let running = Running::with_agents(&["A", "B"]).await;
    running.register("A").await;
    running.register("B").await;
    assert_eq!(code(&running.send(&subscribe("B", "StudentPersonal")).await), "0");
    let broker = running.server.broker(ZONE).unwrap();
    let wake = broker.subscribe_wakes("B");
    let none = tokio::time::timeout(Duration::from_millis(100), wake.notified()).await;
    assert!(none.is_err(), "nothing came");
    assert_eq!(code(&running.send(&event("A")).await), "0");
    tokio::time::timeout(Duration::from_secs(20), wake.notified()).await.expect("it was not told");
    let answer = running.send(&control("B", "SIF_GetMessage")).await;
    assert!(answer.contains("<SIF_Event>"), "{answer}");
}
