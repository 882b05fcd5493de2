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
    // Without the right to publish everything waits; an event that the zone finds invalid goes, and the others are taken.
    *zone.errors.lock().unwrap() = vec![("4", "11")];
    let mut publisher = open();
    let report = publisher.tick(today()).unwrap();
    assert_eq!((report.changed, report.events()), (schools as u64, schools as u64));
    assert!(matches!(publisher.publish(&mut outlet), Err(EventFault::Zone(why)) if why.contains("4/11")));
    drop(publisher);
    let mut publisher = open();
    assert_eq!(publisher.waiting().unwrap(), schools);
    *zone.errors.lock().unwrap() = vec![("9", "3")];
    let sent = publisher.publish(&mut outlet).unwrap();
    assert_eq!((sent.taken, sent.refused.len()), (schools - 1, 1));
    assert_eq!(zone.taken.lock().unwrap().len(), schools - 1);
    drop(publisher);
    let mut publisher = open();
    assert_eq!(publisher.waiting().unwrap(), 0);
    assert_eq!(publisher.full(today()).unwrap().events(), 0);
}
