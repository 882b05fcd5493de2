//! What a zone takes and hands on in a second, over real sockets on this machine, with every message on the disk before it is
//! acknowledged. A plain program: `cargo bench -p zis`. Settings: `SIFTER_BENCH_SECONDS` (of each measurement, 3),
//! `SIFTER_BENCH_STORE` (a store's URL; a new SQLite file in the current folder's `target/` by default).
//!
//! Three yardsticks stand beside each other in one run: the same server when it only parses and answers (the same event again, which
//! it has seen: status 7), bare commits of the same store, and events that are stored, synced and acknowledged for one subscriber.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark that cannot go on stops")]

mod load;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use store::{Change, Store};
use zis::server::{Server, ServerConfig};
use zis::{AgentConfig, Right, ZoneConfig};

use load::{Load, Sent, post};

fn main() {
    // cargo passes `--bench`; `cargo test --benches` would not want a benchmark.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(bench());
}

async fn bench() {
    let seconds = std::env::var("SIFTER_BENCH_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let length = Duration::from_secs(seconds);
    println!(
        "events of {} bytes, {seconds} s each, one subscriber that asks for nothing",
        load::event("publisher", 1).len()
    );
    println!("{:>11} | {:>14} | {:>14} | {:>5}", "connections", "parse, answer", "stored, synced", "ratio");
    for connections in [1, 16, 64] {
        let zone = Zone::start(1).await;
        // Interleaved, the better half of each: the machine is shared.
        let (mut answered, mut stored) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            answered.push(zone.events(connections, length, Sent::Again).await);
            stored.push(zone.events(connections, length, Sent::Anew).await);
        }
        let (answered, stored) = (median(answered), median(stored));
        println!("{connections:>11} | {answered:>12.0}/s | {stored:>12.0}/s | {:>5.2}", stored / answered);
        zone.stop().await;
    }
    println!("bare commits of the store, one after another: {:.0}/s", bare_commits(length).await);
    for agents in [1, 10, 100] {
        let rate = deliveries(agents).await;
        println!("delivery to {agents} agents that pull: {rate:.0} messages a second");
    }
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// A server of one zone, with a publisher and subscribers.
struct Zone {
    server: Server,
    url: std::net::SocketAddr,
    _folder: tempfile::TempDir,
    load: Arc<Load>,
}

impl Zone {
    async fn start(subscribers: usize) -> Self {
        let folder = folder();
        let store =
            std::env::var("SIFTER_BENCH_STORE").unwrap_or(format!("sqlite:{}/zone.db", folder.path().display()));
        let mut config = ZoneConfig {
            name: "bench".to_owned(),
            contexts: vec!["SIF_Default".to_owned()],
            versions: vec![sif::message::Version::V2_4],
            agents: BTreeMap::new(),
            options: zis::ZoneOptions::default(),
        };
        for name in
            std::iter::once("publisher".to_owned()).chain((0..subscribers).map(|number| format!("agent-{number}")))
        {
            let all: BTreeSet<Right> = Right::ALL.into_iter().collect();
            let agent = AgentConfig {
                id: name.clone(),
                approved: true,
                rights: BTreeMap::from([("*".to_owned(), all)]),
                contexts: vec!["SIF_Default".to_owned()],
                ..AgentConfig::default()
            };
            config.agents.insert(name, agent);
        }
        let server =
            Server::start(ServerConfig::new("127.0.0.1:0".parse().unwrap(), store).zone(config)).await.unwrap();
        let url = server.address();
        assert!(post(url, &load::register("publisher")).await.contains("<SIF_Code>0<"), "the publisher registers");
        for number in 0..subscribers {
            let agent = format!("agent-{number}");
            assert!(post(url, &load::register(&agent)).await.contains("<SIF_Code>0<"), "a subscriber registers");
            assert!(post(url, &load::subscribe(&agent)).await.contains("<SIF_Code>0<"), "a subscriber subscribes");
        }
        Self { server, url, _folder: folder, load: Arc::new(Load::default()) }
    }

    /// Events acknowledged in a second.
    async fn events(&self, connections: usize, length: Duration, sent: Sent) -> f64 {
        let (url, load) = (self.url, Arc::clone(&self.load));
        // The load has one thread of its own, as another machine would.
        let done = tokio::task::spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(load.run(url, connections, length, sent))
        });
        done.await.unwrap()
    }

    async fn stop(self) {
        self.server.stop(Duration::from_secs(5)).await;
    }
}

/// A folder on the disk where the program was built, since a temporary folder may be in memory.
fn folder() -> tempfile::TempDir {
    let program = std::env::current_exe().unwrap();
    tempfile::tempdir_in(program.parent().unwrap()).unwrap()
}

async fn bare_commits(length: Duration) -> f64 {
    let folder = folder();
    let store = Store::open(&format!("sqlite:{}/bare.db", folder.path().display())).await.unwrap();
    let begun = Instant::now();
    let mut commits = 0_u32;
    while begun.elapsed() < length {
        let change = Change::PutRecord {
            zone: Arc::from("bench"),
            space: "bench",
            key: commits.to_string(),
            value: load::event("publisher", 1),
        };
        store.apply(vec![change]).await.unwrap();
        commits += 1;
    }
    let rate = f64::from(commits) / begun.elapsed().as_secs_f64();
    store.close().await;
    rate
}

/// Messages handed to agents in a second, each asked for and acknowledged: 20,000 copies in all.
async fn deliveries(agents: usize) -> f64 {
    const COPIES: usize = 20_000;
    let zone = Zone::start(agents).await;
    let events = COPIES / agents;
    zone.load.publish(zone.url, events).await;
    let begun = Instant::now();
    let pulls: Vec<_> =
        (0..agents).map(|number| tokio::spawn(load::pull(zone.url, format!("agent-{number}"), events))).collect();
    for pull in pulls {
        pull.await.unwrap();
    }
    let rate = (events * agents) as f64 / begun.elapsed().as_secs_f64();
    zone.stop().await;
    rate
}
