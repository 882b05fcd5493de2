//! What administrators of our server see and do of a zone that somebody else serves: the same as of one of ours, as far as our provider
//! is concerned.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::administrator::{Administrator, PASSWORD, call};
use crate::events::{EVENTS, SCHOOLS, confirm, deleted, look, outcome, schools, zone};
use crate::server::{Server, until};
use crate::{agent, support};

/// Starts a server of the zone in which our provider may do everything with schools, and nothing else.
fn start_theirs(folder: &Path) -> (Server, String) {
    let here = folder.display();
    let every = "[provide, respond, publish_add, publish_change, publish_delete]";
    let zone = format!(
        "name: small\nschool_years: [2026]\nschools: all\nagents:\n  \
         - {{ id: sifter, approved: true, rights: {{ SchoolInfo: {every} }} }}\n  \
         - {{ id: tester, approved: true, rights: {{ \"*\": [subscribe, request] }} }}\n"
    );
    std::fs::write(folder.join("their_zone.yaml"), zone).unwrap();
    let config = folder.join("theirs.yaml");
    let text =
        format!("listen: 127.0.0.1:0\nstore: sqlite:{here}/theirs.db\nzones:\n  - zone: {here}/their_zone.yaml\n");
    std::fs::write(&config, text).unwrap();
    let mut server = Server::start(&config);
    let url = server.address();
    (server, url)
}

/// Our server, whose provider is an agent of their zone.
struct Ours {
    folder: TempDir,
    server: Server,
    admin: String,
    root: Administrator,
    theirs: Server,
    url: String,
}

impl Ours {
    fn start() -> Self {
        let (folder, config) = zone("events: on_demand");
        let (theirs, url) = start_theirs(folder.path());
        let text = std::fs::read_to_string(&config).unwrap().replace("watch: false", "watch: true");
        let remote = format!("    remote: {{ url: \"{url}\", mode: pull, pull_every_seconds: 1 }}\n");
        std::fs::write(&config, text + &remote).unwrap();
        let mut server = Server::start_telling(&config, "warn,cli=info");
        assert!(server.address().starts_with("asking for messages"));
        let admin = server.address();
        let root = Administrator::log_in(&admin, "root");
        Self { folder, server, admin, root, theirs, url }
    }

    /// Waits until the zone has let the provider in, or not.
    fn stands(&self, joined: bool) -> Value {
        until("the provider stands so in the zone", || {
            let all = self.root.get("/api/remote-zones");
            let stands = all[0]["joined"] == joined && all[0]["fault"].is_null() == joined;
            stands.then(|| all[0].clone())
        })
    }

    fn metrics(&self) -> String {
        call(&self.admin, "GET /metrics HTTP/1.1", "").2
    }
}

#[test]
fn it_is_seen_how_our_provider_stands_in_their_zone() {
    let ours = Ours::start();
    let view = ours.stands(true);
    assert_eq!((&view["zone"], &view["agent"], &view["mode"]), (&json!("small"), &json!("sifter"), &json!("pull")));
    assert_eq!((&view["keeps"], &view["open_requests"]), (&json!(true), &json!(0)));
    assert_eq!(view["takes"][0], json!({ "what": "provide", "objects": ["SchoolInfo"] }), "{view}");
    assert_eq!(view["takes"].as_array().unwrap().len(), 5, "{view}");
    let missing = view["missing"].as_array().unwrap();
    let provide = missing.iter().find(|missing| missing["what"] == "provide").unwrap();
    assert_eq!(provide["objects"], json!(["StudentAttendanceSummary", "StudentParticipation"]), "{view}");
    assert!(provide["reason"].as_str().unwrap().contains("SIF_AgentACL gives no right"), "{view}");
    assert!(ours.metrics().contains("sifter_zis_remote_zone_joined{zone=\"small\"} 1"), "{}", ours.metrics());

    // What only the other server knows is not there.
    assert_eq!(ours.root.get("/api/zones"), json!([]));
    assert_eq!(ours.root.post("/api/zones/small/sleep", &json!({})).0, 404);
    assert_eq!(ours.root.post("/api/zones/other/events/look", &json!({})).0, 404);

    // Their server goes: our provider is out, and our server is well.
    ours.theirs.stop();
    let root = &ours.root;
    let view = until("it is noticed", || {
        let all = root.get("/api/remote-zones");
        (all[0]["joined"] == false && !all[0]["fault"].is_null()).then(|| all[0].clone())
    });
    assert_eq!((&view["takes"], &view["keeps"]), (&json!([]), &json!(true)), "{view}");
    let numbers = call(&ours.admin, "GET /metrics HTTP/1.1", "").2;
    assert!(numbers.contains("sifter_zis_remote_zone_joined{zone=\"small\"} 0"), "{numbers}");
    assert!(numbers.contains("sifter_zis_ready{zone=\"small\"} 1"), "{numbers}");
    assert_eq!(call(&ours.admin, "GET /readyz HTTP/1.1", "").0, 200);
    ours.server.stop();
}

#[test]
fn its_events_are_asked_for_and_its_deletions_confirmed() {
    let ours = Ours::start();
    ours.stands(true);
    let first = look(&ours.root);
    assert_eq!((&first["last"]["found"], &first["last"]["fault"]), (&json!([]), &Value::Null), "{first}");
    agent(&["register"], &ours.url, "tester").ends(0);
    agent(&["subscribe", "SchoolInfo"], &ours.url, "tester").ends(0);
    schools(ours.folder.path(), 1..=20);
    let held = look(&ours.root)["held_back"].clone();
    assert_eq!(held["objects"], json!([{ "object": "SchoolInfo", "deleted": 140, "published": SCHOOLS }]));
    let said = ours.server.said();
    assert!(said.contains("confirm with POST /api/zones/small/events/confirm-deletions"), "{said}");
    assert_eq!(deleted(&ours.url), [""; 0]);

    // Whoever may only look at it cannot confirm, and to others it is not there.
    for (name, zone, seen, refused) in [("viewer", "small", 1, 403), ("stranger", "elsewhere", 0, 404)] {
        let user = json!({ "name": name, "password": PASSWORD, "role": { "role": "viewer", "zones": [zone] } });
        assert_eq!(ours.root.post("/api/users", &user).0, 201);
        let user = Administrator::log_in(&ours.admin, name);
        assert_eq!(user.get("/api/remote-zones").as_array().unwrap().len(), seen);
        assert_eq!(confirm(&user, &held["token"]).0, refused, "{name}");
        assert_eq!(user.post(&format!("{EVENTS}/look"), &json!({})).0, refused, "{name}");
    }

    let view = outcome(&ours.root, confirm(&ours.root, &held["token"]));
    assert_eq!((&view["held_back"], &view["last"]["sent"]), (&Value::Null, &json!(140)), "{view}");
    assert_eq!(deleted(&ours.url).len(), 140);
    assert_eq!(confirm(&ours.root, &held["token"]).0, 409, "once");
    let audit = ours.root.get("/api/zones/small/audit");
    let deeds: Vec<(&str, &str)> = audit.as_array().unwrap().iter().map(deed).collect();
    let wanted = [("confirm deletions", "SchoolInfo: 140 of 160"), ("look for events", ""), ("look for events", "")];
    assert_eq!(deeds, wanted, "{audit}");
    assert!(ours.metrics().contains("sifter_zis_events_found_total{zone=\"small\",action=\"Delete\"} 140"));
    ours.server.stop();
    ours.theirs.stop();
}

/// What was done, and to what.
fn deed(deed: &Value) -> (&str, &str) {
    assert_eq!(deed["user"], "root");
    (deed["what"].as_str().unwrap(), deed["subject"].as_str().unwrap())
}

#[test]
fn its_rulebook_is_seen_and_gone_back_with() {
    const RULEBOOK: &str = "/api/zones/small/rulebook";
    let ours = Ours::start();
    let generation = || ours.root.get(RULEBOOK)["generation"].as_str().unwrap().to_owned();
    let first = generation();
    support::edit(&ours.folder.path().join("rules/shared/attendance.rhai"), "least(", "least (");
    let second = until("the edit is in force", || Some(generation()).filter(|generation| *generation != first));
    let (status, rolled) = ours.root.post(&format!("{RULEBOOK}/roll-back"), &json!({ "generation": first }));
    assert_eq!((status, &rolled["generation"], &rolled["earlier"][0]), (200, &json!(first), &json!(second)));
    let audit = ours.root.get("/api/zones/small/audit");
    assert_eq!(deed(&audit[0]), ("roll back rulebook", first.as_str()), "{audit}");
    ours.server.stop();
    ours.theirs.stop();
}
