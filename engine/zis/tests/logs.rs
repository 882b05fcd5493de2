//! Nothing of a message's content is logged, whatever becomes of it: everything that the server says, down to the finest level, is heard
//! while messages with a mark in every value are taken, refused, delivered, given up and looked at.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::io::Write;
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use support::agents::{Manner, PushAgent};
use support::{Running, ZONE, control, eventually, guid, message, register_push, subscribe, zone};
use tracing_subscriber::fmt::MakeWriter;

/// The mark of values that are somebody's own.
const MARK: &str = "Zyzzyva";

#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

impl Heard {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Heard {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

fn student(id: &str) -> String {
    let body = format!(
        "<SIF_ObjectData><SIF_EventObject ObjectName=\"StudentPersonal\" Action=\"Add\"><StudentPersonal RefId=\"{id}\">\
         <LocalId>{MARK}</LocalId><Name Type=\"04\"><LastName>{MARK}</LastName><FirstName>{MARK}</FirstName></Name>\
         </StudentPersonal></SIF_EventObject></SIF_ObjectData>"
    );
    support::message_with_id("A", "SIF_Event", &body, id)
}

#[tokio::test]
async fn no_value_of_a_message_is_logged_whatever_becomes_of_it() {
    let heard = Heard::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(heard.clone()).with_ansi(false);
    // Of ours everything; of the libraries below what an operator could switch on by mistake.
    let filter = tracing_subscriber::EnvFilter::new("debug,zis=trace,store=trace,access=trace,sif=trace,hyper=debug");
    subscriber.with_env_filter(filter).init();
    let running = Running::start(|config| {
        let mut zone = zone(&["A", "B", "P"]);
        zone.options.retry_seconds = 0;
        zone.options.max_retry_seconds = 0;
        zone.options.max_attempts = 2;
        config.zone(zone)
    })
    .await;
    let says = format!("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n<{MARK}/>!");
    let agent = PushAgent::start(Manner::Says(says.into_bytes())).await;
    running.register("A").await;
    running.register("B").await;
    running.send(&register_push("P", &agent.url())).await;
    for id in ["B", "P"] {
        running.send(&subscribe(id, "StudentPersonal")).await;
    }
    // Taken, delivered in vain, given up, fetched, acknowledged with an error.
    let id = guid();
    running.send(&student(&id)).await;
    let store = running.server.store().clone();
    eventually("it is given up", async || !store.dead_letters(ZONE, None, 9, None).await.unwrap().is_empty()).await;
    assert!(running.send(&control("B", "SIF_GetMessage")).await.contains(MARK));
    let ack = support::agents::ack("A", &id, 1).replace("Pushed", "B");
    let error = "<SIF_Error><SIF_Category>1</SIF_Category><SIF_Code>2</SIF_Code><SIF_Desc>Zyzzyva is wrong</SIF_Desc></SIF_Error>";
    running.send(&ack.replace("<SIF_Status><SIF_Code>1</SIF_Code></SIF_Status>", error)).await;
    // Refused in all ways.
    let whole = student(&guid());
    for bad in [
        whole.replace("</LocalId>", "</Wrong>"),
        whole.replace("<LocalId>", &format!("<LocalId {MARK}=\"1\" {MARK}=\"2\">")),
        whole.replace("<LocalId>", &format!("<LocalId>&{MARK};")),
        whole.replace("Version=\"2.4\"", &format!("Version=\"{MARK}\"")),
        whole.replace("Action=\"Add\"", &format!("Action=\"{MARK}\"")),
        whole.replace("StudentPersonal", MARK),
        whole.replace("SIF_ObjectData", MARK),
        whole.replace("<Name Type=\"04\">", &format!("<{MARK}>{MARK}</{MARK}><Name Type=\"04\">")),
        format!("<!DOCTYPE {MARK}>{whole}"),
        message("A", "SIF_Request", &format!("<SIF_Query><SIF_Condition>{MARK}</SIF_Condition></SIF_Query>")),
        message(
            "A",
            "SIF_Response",
            &format!("<SIF_RequestMsgId>{MARK}</SIF_RequestMsgId><SIF_ObjectData>{MARK}</SIF_ObjectData>"),
        ),
        message("A", "SIF_Provide", &format!("<SIF_Object ObjectName=\"{MARK}\"/>")),
        MARK.to_owned(),
    ] {
        running.send(&bad).await;
    }
    // Lost and damaged.
    let file = Connection::open(running.folder.path().join("zone.db")).unwrap();
    file.execute_batch("ALTER TABLE message RENAME TO elsewhere").unwrap();
    running.send(&student(&guid())).await;
    file.execute_batch("ALTER TABLE elsewhere RENAME TO message").unwrap();
    let broker = running.server.broker(ZONE).unwrap();
    eventually("the zone is back", async || broker.is_ready()).await;
    running.send(&student(&guid())).await;
    file.execute_batch("UPDATE message SET document = CAST(CAST(document AS TEXT) || ' ' AS BLOB)").unwrap();
    running.send(&control("B", "SIF_GetMessage")).await;
    let text = heard.text();
    for said in ["agents are served", "a delivery failed", "refused", "the zone is loaded again", "cannot be read", &id]
    {
        assert!(text.contains(said), "it is heard: {said}\n{}", &text[..text.len().min(4000)]);
    }
    let line = text.lines().find(|line| line.contains(MARK));
    assert_eq!(line, None);
}
