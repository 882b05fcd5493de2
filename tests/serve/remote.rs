//! Our provider as an agent of a zone of somebody else: it asks for its messages, or is called.

use std::sync::Arc;

use agent::{Agent, HttpTransport, Resend};
use tokio::runtime::Runtime;

use crate::two_zones::{Mode, TwoZones};

/// The tester hears of the schools of a provider that announces all that it has, and gets them when it asks.
fn hears_and_gets(zones: &mut TwoZones) {
    zones.provider = "events_every_seconds: 1, announce: true";
    zones.start_theirs();
    zones.agent("tester", &["register"]).ends(0);
    zones.agent("tester", &["subscribe", "SchoolInfo"]).ends(0);
    zones.start_ours();
    let heard = zones.agent("tester", &["pull", "--max", "1", "--wait", "120"]).ends(0).stdout;
    assert!(heard.contains("SIF_Event") && heard.contains("SchoolInfo Add"), "{heard}");
    zones.agent("tester", &["unsubscribe", "SchoolInfo"]).ends(0);
    let asked = zones.agent("tester", &["request", "SchoolInfo", "--drop-others", "--wait", "120"]).ends(0).stdout;
    assert!(asked.contains("Pinyon Middle"), "{asked}");
}

#[test]
fn a_provider_asks_for_its_messages() {
    let mut zones = TwoZones::new(Mode::Pull);
    hears_and_gets(&mut zones);
    zones.stop_ours();
    zones.stop_theirs();
}

#[test]
fn a_provider_is_called() {
    let mut zones = TwoZones::new(Mode::Push);
    hears_and_gets(&mut zones);
    // One that ends says so, so that the zone does not call for nothing.
    zones.stop_ours();
    let status = zones.agent("tester", &["status", "--format", "json"]).ends(0).stdout;
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    let ours = status["agents"].as_array().unwrap().iter().find(|agent| agent["id"] == "sis").unwrap();
    assert_eq!((&ours["mode"], &ours["sleeping"]), (&"Push".into(), &"Yes".into()), "{status}");
    zones.stop_theirs();
}

#[test]
fn a_provider_is_called_over_https_by_whoever_shows_the_right_certificate() {
    let mut zones = TwoZones::encrypted();
    hears_and_gets(&mut zones);
    let known = zones.certificates();
    let read = |path: &String| std::fs::read(path).unwrap();
    let runtime = Runtime::new().unwrap();
    let call = |identity: Option<Vec<u8>>| {
        let mut builder =
            HttpTransport::builder(format!("https://{}/", zones.push.address())).trust(&read(&known.authority));
        if let Some(identity) = identity {
            builder = builder.client_certificate(&identity, b"");
        }
        let once = Resend { attempts: 1, pause: std::time::Duration::ZERO };
        let caller = Agent::new("cedar-ridge", Arc::new(builder.build().unwrap())).with_resend(once);
        runtime.block_on(caller.ping()).map(|answer| answer.status())
    };
    assert!(call(None).is_err(), "whoever shows none is not heard");
    assert_eq!(call(Some(read(&known.identity))), Ok(Some(sif::message::Status::Immediate)));
    zones.stop_ours();
    zones.stop_theirs();
}
