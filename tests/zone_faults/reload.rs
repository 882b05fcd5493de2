//! The rulebook changes while requests are answered: none of them fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use agent::{Agent, Data, Delivered, Offered, Provision, Query, Registration, Request};
use sif::message::{Message, MessageKind, Outcome, Status};

use crate::is_soak;
use crate::load::join;
use crate::server::{EVERYTHING, Server};
use crate::stores::Stores;
use crate::support::{copy_folder, workspace};

const REQUESTERS: usize = 3;

/// How long an answer, or a rulebook that was edited, may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks, waits for the whole answer, and says what is in it.
async fn ask(agent: &Agent, object: &str) -> Result<String, String> {
    let asked = agent.request(&Request::of(Query::new(object))).await.and_then(agent::Answer::accepted);
    let request = asked.map_err(|fault| fault.to_string())?.message_id;
    let begun = Instant::now();
    let mut objects = String::new();
    while begun.elapsed() < PATIENCE {
        let answer = agent.get_message().await.and_then(agent::Answer::accepted).map_err(|fault| fault.to_string())?;
        let Some(Data::Message(packet)) = &answer.data else {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        };
        let done = Outcome::Status(Status::Immediate);
        let acked = agent.acknowledge(&Delivered::of(packet), &done).await.and_then(agent::Answer::accepted);
        acked.map_err(|fault| fault.to_string())?;
        let is_last = answers(packet, &request)?;
        for object in agent::objects(packet) {
            objects.push_str(&String::from_utf8_lossy(&object));
        }
        if is_last {
            return Ok(objects);
        }
    }
    Err("no answer".to_owned())
}

/// Whether a packet is the last; an error is none.
fn answers(packet: &Message, request: &str) -> Result<bool, String> {
    let is_ours = packet.value("SIF_RequestMsgId").as_deref() == Some(request);
    if packet.kind != MessageKind::Response || !is_ours || packet.value("SIF_Error/SIF_Category").is_some() {
        return Err(String::from_utf8_lossy(&packet.document).into_owned());
    }
    Ok(packet.value("SIF_MorePackets").as_deref() == Some("No"))
}

/// Asks over and over, and counts.
async fn ask_on(agent: Agent, is_over: Arc<AtomicBool>, asked: Arc<AtomicUsize>, first: String) {
    while !is_over.load(SeqCst) {
        let objects = ask(&agent, "StudentAttendanceSummary").await.unwrap();
        assert_eq!(objects, first, "a request is answered otherwise");
        asked.fetch_add(1, SeqCst);
    }
}

async fn reload(stores: Stores, what: &str) {
    let reloads = if is_soak() { 30 } else { 4 };
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&workspace().join("tests/mistakes/rulebook"), folder.path());
    let here = folder.path().display();
    let agents: String = (0..REQUESTERS)
        .map(|agent| format!("  - {{ id: Requester{agent}, approved: true, rights: {{ \"*\": {EVERYTHING} }} }}\n"))
        .collect();
    let zone = std::fs::read_to_string(folder.path().join("zone.yaml")).unwrap();
    let zone = format!("{zone}\nagents:\n{agents}");
    let of_zone = format!(
        "    source: csv:{here}/source\n    rulebook: {here}\n    provider: {{ id: sis, events_every_seconds: 0 }}\n"
    );
    let mut server = Server::new(&stores.url("faults"), &zone, "", &of_zone);
    server.start();
    let provision = Provision { request: vec![Offered::new("StudentAttendanceSummary")], ..Provision::default() };
    let mut requesters = Vec::new();
    for agent in 0..REQUESTERS {
        let agent = server.address.agent(&format!("Requester{agent}"));
        join(&agent, &Registration::pull("Requester"), &provision).await;
        requesters.push(agent);
    }
    let begun = Instant::now();
    let first = loop {
        // Until the provider has joined, nobody provides anything.
        match ask(&requesters[0], "StudentAttendanceSummary").await {
            Ok(objects) => break objects,
            Err(why) => assert!(begun.elapsed() < PATIENCE, "{why}"),
        }
    };
    assert!(first.contains("<StudentAttendanceSummary"), "{first}");
    let (is_over, asked) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
    let asking: Vec<_> = requesters
        .into_iter()
        .map(|agent| tokio::spawn(ask_on(agent, Arc::clone(&is_over), Arc::clone(&asked), first.clone())))
        .collect();
    let rule = folder.path().join("rules/shared/attendance.rhai");
    let text = std::fs::read_to_string(&rule).unwrap();
    for edit in 1..=reloads {
        std::fs::write(&rule, format!("{text}// Edit {edit}.\n")).unwrap();
        let (begun, before) = (Instant::now(), asked.load(SeqCst));
        let is_in_force = || server.says("a generation of the rulebook is in force") >= edit;
        // Each of them is in force for a while, and asked.
        while !is_in_force() || asked.load(SeqCst) < before + 2 {
            assert!(
                begun.elapsed() < PATIENCE && !asking.iter().any(|task| task.is_finished()),
                "edit {edit} is not in force: {}",
                server.said()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    is_over.store(true, SeqCst);
    for task in asking {
        task.await.unwrap();
    }
    server.kill();
    let asked = asked.load(SeqCst);
    println!("reload, {what}: {reloads} generations while {asked} requests were answered, none failed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_the_rulebook_is_reloaded_on_sqlite() {
    reload(Stores::sqlite(), "SQLite").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_the_rulebook_is_reloaded_on_postgresql() {
    if let Some(stores) = Stores::postgres() {
        reload(stores, "PostgreSQL").await;
    }
}
