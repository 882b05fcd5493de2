//! kill -9 while a district is answered in many packets: each comes once, in order, and together they are what `sifter map` writes.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use agent::{Handled, Handler, Offered, Provision, Pull, Pulled, Query, Registration, Reply, Request};
use sif::message::Message;

use crate::draw::{Draw, rounds};
use crate::load::join;
use crate::server::{EVERYTHING, Server};
use crate::stores::Stores;
use crate::support::{District, instances};

/// Bytes of a packet at most: small, so that there are many.
const BUFFER: u32 = 24 * 1024;

/// How long nothing may come before the answer counts as broken off.
const PATIENCE: Duration = Duration::from_secs(180);

/// The packets that came.
#[derive(Default)]
struct Packets(Mutex<Came>);

#[derive(Default)]
struct Came {
    /// SIF_MsgId and number, in order.
    packets: Vec<(String, usize)>,
    again: usize,
    objects: Vec<String>,
    is_whole: bool,
}

impl Handler for Packets {
    fn handle<'h>(&'h self, message: &'h Message) -> Handled<'h> {
        let mut came = self.0.lock().unwrap();
        let number: usize = message.value("SIF_PacketNumber").unwrap().parse().unwrap();
        assert!(message.value("SIF_Error/SIF_Category").is_none(), "the answer is an error");
        assert!(message.document.len() <= BUFFER as usize, "packet {number} is larger than was asked for");
        let packet = (message.header.message_id.clone(), number);
        let reply = if came.packets.last() == Some(&packet) {
            came.again += 1;
            Reply::Again
        } else {
            assert_eq!(number, came.packets.len() + 1, "packets come once, in order");
            assert!(!came.is_whole, "packet {number} comes behind the last");
            came.packets.push(packet);
            let objects = agent::objects(message);
            came.objects.extend(objects.iter().map(|object| String::from_utf8(object.to_vec()).unwrap()));
            came.is_whole = message.value("SIF_MorePackets").as_deref() == Some("No");
            Reply::Done
        };
        Box::pin(async move { reply })
    }
}

async fn packetise(stores: Stores, what: &str) {
    let students = u32::try_from(rounds("SIFTER_SOAK_STUDENTS", 1_000)).unwrap();
    let (mut draw, begun) = (Draw::new(what), Instant::now());
    let most = rounds("SIFTER_SOAK_KILLS", 6);
    let folder = tempfile::tempdir().unwrap();
    let district = District::generated(&folder.path().join("district"), students, 1);
    // It reports what is wrong with the district, on purpose.
    district.map(&folder.path().join("mapped"), &["--objects", "StudentPersonal"]).ends(1);
    let mut expected = instances(&folder.path().join("mapped"), "StudentPersonal");

    let zone = std::fs::read_to_string(&district.zone).unwrap();
    assert!(!zone.contains("agents:"), "the agent of this test is added to the file");
    let zone = format!("{zone}\nagents:\n  - {{ id: Requester, approved: true, rights: {{ \"*\": {EVERYTHING} }} }}\n");
    let provider = format!("provider: {{ id: sis, as_of: {}, events_every_seconds: 0, watch: false }}", district.as_of);
    let of_zone = format!("    source: \"{}\"\n    rulebook: .\n    {provider}\n", district.source);
    let mut server = Server::new(&stores.url("faults"), &zone, "", &of_zone);
    server.start();
    let requester = server.address.agent("Requester");
    let provision = Provision { request: vec![Offered::new("StudentPersonal")], ..Provision::default() };
    join(&requester, &Registration::pull("Requester"), &provision).await;
    let request = Request { max_buffer_size: BUFFER, ..Request::of(Query::new("StudentPersonal")) };
    loop {
        // Until the provider has joined, nobody provides students.
        let fresh = Request { message_id: Some(agent::message_id()), ..request.clone() };
        match requester.request(&fresh).await.unwrap().accepted() {
            Ok(_) => break,
            Err(_) if begun.elapsed() < PATIENCE => tokio::time::sleep(Duration::from_millis(50)).await,
            Err(fault) => panic!("{fault}"),
        }
    }
    let packets = Arc::new(Packets::default());
    let pulling = tokio::spawn(pull(Pull::new(requester, Arc::<Packets>::clone(&packets)), Arc::clone(&packets)));
    // Kills go over the whole of the answer.
    let mut kills = 0;
    let progress = || {
        let came = packets.0.lock().unwrap();
        (came.objects.len(), came.is_whole)
    };
    while kills < most {
        let (from, since) = (expected.len() * (kills + 1) / (most + 2), Instant::now());
        while progress() < (from, false) && !pulling.is_finished() {
            assert!(since.elapsed() < PATIENCE * 10, "only {} instances came", progress().0);
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        tokio::time::sleep(Duration::from_millis(draw.below(100))).await;
        if progress().1 || pulling.is_finished() {
            break;
        }
        server.kill();
        kills += 1;
        server.start();
    }
    pulling.await.unwrap();
    server.kill();
    let mut came = std::mem::take(&mut *packets.0.lock().unwrap());
    println!(
        "{what}: {students} students, {kills} kills, {} packets once each, in order, {} came again in flight ({} s)",
        came.packets.len(),
        came.again,
        begun.elapsed().as_secs()
    );
    assert!(kills > 0 && came.packets.len() > 20, "too little to show anything");
    assert!(came.again <= kills, "one packet is in flight at a time");
    assert_eq!(came.packets.iter().map(|(id, _)| id).collect::<HashSet<_>>().len(), came.packets.len());
    came.objects.sort();
    expected.sort();
    assert_eq!(came.objects.len(), expected.len());
    for (came, expected) in came.objects.iter().zip(&expected) {
        assert!(came == expected, "an instance differs:\n{came}\n{expected}");
    }
}

/// Asks until the last packet came.
async fn pull(pull: Pull, packets: Arc<Packets>) {
    let (mut before, mut since) = (0, Instant::now());
    loop {
        let asked = pull.once().await;
        let count = {
            let came = packets.0.lock().unwrap();
            if came.is_whole && asked == Ok(Pulled::Nothing) {
                return;
            }
            came.packets.len()
        };
        if count > before {
            (before, since) = (count, Instant::now());
        }
        assert!(since.elapsed() < PATIENCE, "no packet came behind the first {count}: {asked:?}");
        if !matches!(asked, Ok(Pulled::Handled(_))) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_packet_comes_once_when_the_server_is_killed_on_sqlite() {
    packetise(Stores::sqlite(), "packets, SQLite").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_packet_comes_once_when_the_server_is_killed_on_postgresql() {
    if let Some(stores) = Stores::postgres() {
        packetise(stores, "packets, PostgreSQL").await;
    }
}
