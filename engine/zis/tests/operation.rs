//! What monitors see.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::time::Duration;

use rusqlite::Connection;
use support::{Running, client, event, zone};
use zis::server::AdminConfig;

async fn start() -> Running {
    Running::start(|config| config.zone(zone(&["A", "B"])).admin(AdminConfig::new("127.0.0.1:0".parse().unwrap())))
        .await
}

async fn get(running: &Running, path: &str) -> (u16, String) {
    let reply = client().get(format!("http://{}{path}", running.server.admin_address().unwrap())).send().await.unwrap();
    assert_eq!(reply.headers()["cache-control"], "no-store");
    (reply.status().as_u16(), reply.text().await.unwrap())
}

#[tokio::test]
async fn a_server_is_alive_and_ready_until_its_store_fails() {
    let running = start().await;
    running.register("A").await;
    assert_eq!(get(&running, "/livez").await.0, 200);
    assert_eq!(get(&running, "/readyz").await, (200, "ready\n".to_owned()));
    let other = Connection::open(running.folder.path().join("zone.db")).unwrap();
    other.execute_batch("ALTER TABLE message RENAME TO elsewhere").unwrap();
    running.send(&event("A")).await;
    let (status, words) = get(&running, "/readyz").await;
    assert_eq!(status, 503);
    assert!(words.contains(support::ZONE), "{words}");
    assert_eq!(get(&running, "/livez").await.0, 200, "it can still recover by itself");
    other.execute_batch("ALTER TABLE elsewhere RENAME TO message").unwrap();
    support::eventually("it is ready again", async || get(&running, "/readyz").await.0 == 200).await;
}

#[tokio::test]
async fn numbers_have_conventional_names_and_hold_no_value_of_a_message() {
    let running = start().await;
    running.register("A").await;
    running.register("B").await;
    running.send(&support::subscribe("B", "StudentPersonal")).await;
    running.send(&event("A")).await;
    running.send(&event("Stranger")).await;
    running.send("<a/>").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let (status, text) = get(&running, "/metrics").await;
    assert_eq!(status, 200);
    for line in [
        "# TYPE sifter_zis_messages_received counter",
        "sifter_zis_messages_received_total{zone=\"Test Zone\",kind=\"SIF_Event\",outcome=\"0\"} 1",
        "sifter_zis_messages_received_total{zone=\"Test Zone\",kind=\"SIF_Event\",outcome=\"4/9\"} 1",
        "sifter_zis_messages_received_total{zone=\"Test Zone\",kind=\"unreadable\",outcome=\"1/3\"} 1",
        "sifter_zis_queue_depth{zone=\"Test Zone\",agent=\"B\"} 1",
        "sifter_zis_ready{zone=\"Test Zone\"} 1",
        "sifter_zis_commit_seconds_count{zone=\"Test Zone\"}",
        "sifter_zis_connections{listener=\"agents\"}",
        "# TYPE sifter_zis_delivery_seconds histogram",
        "# TYPE sifter_zis_dead_letters counter",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
    assert!(!text.contains("Quill"), "no name of a person");
    assert!(!text.contains("Stranger"), "and none of whoever calls");
}
