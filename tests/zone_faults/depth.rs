//! An agent is away, and its queue grows long.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Instant;

use agent::{Action, Agent, Event, Pull, Pulled, Registration};

use crate::inbox::{Inbox, school};
use crate::is_soak;
use crate::load::{join, publishing, subscribing};
use crate::server::Server;
use crate::stores::Stores;

/// Connections that send.
const SENDERS: usize = 32;

/// Bytes of an event in a long run, about: as a student's.
const SIZE: usize = 1_700;

/// In a short run events are larger, so that it is seen all the same if they were held in memory.
const LARGE: usize = 4_000;

/// KiB that a server may need beyond what it needs when empty, in a short run: half of what its messages are together.
const SHARE: u64 = 12 * 1024;

/// The most memory that a server may hold, in KiB.
const MEMORY: u64 = 256 * 1024;

/// Messages that are taken to measure how long that takes.
const TAKEN: usize = 200;

/// Sends so many events over all connections.
async fn fill(senders: &[Agent], events: usize, size: usize) {
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = Vec::new();
    for (source, sender) in senders.iter().enumerate() {
        let (sender, next) = (sender.clone(), Arc::clone(&next));
        tasks.push(tokio::spawn(async move {
            let mut sequence = 0;
            while next.fetch_add(1, SeqCst) < events {
                sequence += 1;
                let school = school((source, sequence));
                let padding =
                    format!("<SchoolName>{}</SchoolName></SchoolInfo>", "x".repeat(size - school.len() - 420));
                let event = Event::new("SchoolInfo", Action::Add, school.replace("</SchoolInfo>", &padding));
                sender.publish(&event).await.unwrap().accepted().unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

/// Takes messages, and gives the median time of asking for one, in milliseconds.
async fn claim(away: &Agent) -> f64 {
    let pull = Pull::new(away.clone(), Arc::new(Inbox::default()));
    let mut times = Vec::new();
    for _ in 0..TAKEN {
        let begun = Instant::now();
        assert!(away.get_message().await.unwrap().delivered().is_some());
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
        assert!(matches!(pull.once().await.unwrap(), Pulled::Handled(_)));
    }
    median(times)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

async fn queue(stores: Stores, what: &str) {
    let (deep, size) = if is_soak() { (100_000, SIZE) } else { (6_000, LARGE) };
    let agents: Vec<String> = (0..SENDERS).map(|sender| format!("Sender{sender}")).chain(["Away".to_owned()]).collect();
    let mut server = Server::of_agents(&stores.url("faults"), &agents);
    server.start();
    let away = server.address.agent("Away");
    join(&away, &Registration::pull("Away"), &subscribing()).await;
    let mut senders = Vec::new();
    for id in agents.iter().take(SENDERS) {
        let sender = server.address.agent(id);
        join(&sender, &Registration::pull("Sender"), &publishing()).await;
        senders.push(sender);
    }
    let empty = server.memory();
    fill(&senders, 1_000, size).await;
    let shallow_claim = claim(&away).await;
    let begun = Instant::now();
    fill(&senders, deep + TAKEN - 1_000, size).await;
    let rate = (deep - 1_000) as f64 / begun.elapsed().as_secs_f64();
    let filled = server.memory();
    let deep_claim = claim(&away).await;
    server.kill();
    let begun = Instant::now();
    server.start();
    let started = begun.elapsed().as_secs_f64();
    assert!(away.get_message().await.unwrap().delivered().is_some(), "the queue is there after a restart");
    let loaded = server.memory();
    server.kill();
    println!(
        "{deep} messages wait, {what}: memory {} MiB ({} when empty, {} after a restart in {started:.1} s; at most {}), \
         GetMessage {deep_claim:.2} ms, {shallow_claim:.2} ms behind 1,000, ratio {:.2} (at most 2); filled at {rate:.0}/s",
        filled / 1024,
        empty / 1024,
        loaded / 1024,
        MEMORY / 1024,
        deep_claim / shallow_claim
    );
    assert!(filled <= MEMORY && loaded <= MEMORY, "{filled} and {loaded} KiB, and {MEMORY} are the most");
    if is_soak() {
        assert!(deep_claim <= shallow_claim * 2.0, "taking a message is slower from a long queue");
    } else {
        assert!(loaded <= empty + SHARE, "{loaded} KiB, {empty} when empty: the texts of messages are in memory");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_queue_costs_little_on_sqlite() {
    queue(Stores::sqlite(), "SQLite").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_queue_costs_little_on_postgresql() {
    if let Some(stores) = Stores::postgres() {
        queue(stores, "PostgreSQL").await;
    }
}
