//! The publisher over a real store, and through an agent to something that answers as a zone does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::sync::{Arc, Mutex};

use agent::{Agent, Answered, Transport};
use bytes::Bytes;
use provider::events::{AgentOutlet, EventFault, Guard, Publisher, Settings, StoreShelf};
use rulebook::script::Limits;
use sif::message::{Header, Message, MessageWriter, Version};
use sif::xml::read::Limits as ReadLimits;
use store::Store;
use support::{District, plan, today};

/// Answers each event; the errors come first.
struct Zone {
    errors: Mutex<Vec<(&'static str, &'static str)>>,
    taken: Mutex<Vec<String>>,
}

impl Transport for Zone {
    fn send(&self, document: Bytes) -> Answered<'_> {
        Box::pin(async move {
            let message = Message::read(&document, &ReadLimits::default()).unwrap();
            let header = Header {
                message_id: "F".repeat(32),
                timestamp: "2026-02-03T08:00:00Z".to_owned(),
                source_id: "zone".to_owned(),
                ..Header::default()
            };
            let mut ack = MessageWriter::new(Version::V2_4, "SIF_Ack", &header);
            ack.leaf("SIF_OriginalSourceId", &message.header.source_id);
            ack.leaf("SIF_OriginalMsgId", &message.header.message_id);
            match self.errors.lock().unwrap().pop() {
                Some((category, code)) => {
                    ack.open("SIF_Error").leaf("SIF_Category", category).leaf("SIF_Code", code).leaf("SIF_Desc", "no");
                }
                None => {
                    let mut taken = self.taken.lock().unwrap();
                    let again = taken.contains(&message.header.message_id);
                    ack.open("SIF_Status").leaf("SIF_Code", if again { "7" } else { "0" });
                    if !again {
                        taken.push(message.header.message_id.clone());
                    }
                }
            }
            Ok(ack.finish().into())
        })
    }
}

#[test]
fn events_go_from_the_source_to_the_zone() {
    let district = District::generate(10, 5);
    let folder = tempfile::TempDir::new().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let url = format!("sqlite:{}", folder.path().join("store.db").display());
    let open = || {
        let store = runtime.block_on(Store::open(&url)).unwrap();
        let settings = Settings {
            zone: Arc::new(district.zone.clone()),
            source: format!("sqlite:{}", district.path().display()),
            announce: false,
            limits: Limits::default(),
            guard: Guard::default(),
        };
        let shelf = StoreShelf::new(store, Arc::from("test"), runtime.handle().clone());
        Publisher::open(settings, plan(), Box::new(shelf)).unwrap()
    };
    let zone = Arc::new(Zone { errors: Mutex::default(), taken: Mutex::default() });
    let transport: Arc<dyn Transport> = Arc::<Zone>::clone(&zone);
    let mut outlet = AgentOutlet::new(Agent::new("Sifter", transport), Vec::new(), runtime.handle().clone());
    assert!(open().tick(today()).unwrap().whole);
    district.sql("UPDATE school SET name = 'Other'");
    let schools = usize::try_from(district.number("SELECT count(*) FROM school")).unwrap();
    assert!(schools > 2);
    // Without the right to publish all that is like it waits, and is tried again by one event.
    *zone.errors.lock().unwrap() = vec![("4", "11")];
    let mut publisher = open();
    let report = publisher.tick(today()).unwrap();
    assert_eq!((report.changed, report.events()), (schools as u64, schools as u64));
    let sent = publisher.publish(&mut outlet).unwrap();
    assert_eq!((sent.taken, sent.laid_aside, sent.refused.len()), (0, schools as u64, 0));
    assert!(zone.taken.lock().unwrap().is_empty(), "one is tried");
    let aside = publisher.refusals().unwrap();
    assert_eq!((aside[0].why.as_str(), aside[0].events, aside[0].waits), ("error 4/11", schools as u64, true));
    drop(publisher);
    // An event that the zone finds invalid goes, and the others are taken.
    let mut publisher = open();
    assert_eq!(publisher.waiting().unwrap(), schools);
    *zone.errors.lock().unwrap() = vec![("9", "3")];
    let sent = publisher.publish(&mut outlet).unwrap();
    assert_eq!((sent.taken, sent.refused.len(), sent.laid_aside), (schools - 1, 1, 0));
    assert_eq!(zone.taken.lock().unwrap().len(), schools - 1);
    drop(publisher);
    // Its instance was not told as it is: the next time that it is compared it is found so, and not by each look.
    let mut publisher = open();
    assert_eq!(publisher.waiting().unwrap(), 0);
    let refused = publisher.refusals().unwrap();
    assert_eq!((refused[0].why.as_str(), refused[0].events, refused[0].waits), ("error 9/3", 1, false));
    assert_eq!(publisher.tick(today()).unwrap().events(), 0);
    assert_eq!(publisher.full(today()).unwrap().changed, 1);
    assert_eq!(publisher.publish(&mut outlet).unwrap().taken, 1);
    assert_eq!(publisher.full(today()).unwrap().events(), 0);
    // What is held up is nothing but the events.
    *zone.errors.lock().unwrap() = vec![("11", "1")];
    district.sql("UPDATE school SET name = 'Third'");
    publisher.tick(today()).unwrap();
    assert!(matches!(publisher.publish(&mut outlet), Err(EventFault::Zone(why)) if why.contains("11/1")));
    assert_eq!(publisher.waiting().unwrap(), schools);
}
