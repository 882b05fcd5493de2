//! Events on demand, and deletions that are held back until somebody confirms them: the program over real sockets.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::administrator::{Administrator, PASSWORD, call};
use crate::agent;
use crate::server::{Server, until};
use crate::support::{copy_folder, workspace};

/// How many schools there are at first; each raises events.
pub const SCHOOLS: u32 = 160;

fn refid(school: u32) -> String {
    format!("{}{school:012}", "11111111222253338444")
}

/// Writes the source with these schools.
pub fn schools(folder: &Path, schools: impl Iterator<Item = u32>) {
    let mut school = "schoolID,schoolGUID,name,url,opened,principalName,kind,seats\n".to_owned();
    let mut grade = "gradeID,schoolID,code\n".to_owned();
    for id in schools {
        school += &format!("{id},11111111-2222-5333-8444-{id:012},School {id},,1998-08-20,P. One,E,90\n");
        grade += &format!("{id},{id},KG\n");
    }
    for (name, text) in [("grade.csv", grade), ("school.csv", school)] {
        // Whoever looks meanwhile sees one or the other.
        let aside = folder.join("aside");
        std::fs::write(&aside, text).unwrap();
        std::fs::rename(aside, folder.join("source").join(name)).unwrap();
    }
}

/// A small zone with many schools, and a provider of these settings, in a folder that goes.
pub fn zone(provider: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&workspace().join("tests/mistakes/rulebook"), folder.path());
    schools(folder.path(), 1..=SCHOOLS);
    let here = folder.path().display();
    let agents = "agents:\n  - { id: tester, approved: true, rights: { \"*\": [subscribe] } }\n";
    let text = std::fs::read_to_string(folder.path().join("zone.yaml")).unwrap();
    std::fs::write(folder.path().join("zone.yaml"), text + agents).unwrap();
    let text = format!(
        "listen: 127.0.0.1:0\nstore: sqlite:{here}/store.db\n\
         admin: {{ listen: 127.0.0.1:0, first_administrator: {{ name: root, password: {PASSWORD} }} }}\n\
         zones:\n  - zone: {here}/zone.yaml\n    source: csv:{here}/source\n    rulebook: {here}\n    \
         provider: {{ as_of: 2026-02-02, watch: false, {provider} }}\n"
    );
    let path = folder.path().join("serve.yaml");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

pub const EVENTS: &str = "/api/zones/small/events";

/// A server of the zone, heard in full.
struct Served {
    server: Server,
    /// Where agents reach the zone.
    url: String,
    /// Where administrators reach it.
    admin: String,
}

impl Served {
    fn start(config: &Path) -> Self {
        let mut server = Server::start_telling(config, "warn,cli=info");
        let (url, admin) = (server.address(), server.address());
        Self { server, url, admin }
    }
}

fn enter(served: &Served) -> Administrator {
    Administrator::log_in(&served.admin, "root")
}

/// The view after the look that a reply has promised.
pub fn outcome(root: &Administrator, (status, promised): (u16, Value)) -> Value {
    assert_eq!(status, 202, "{promised}");
    let number = promised["asked"].as_u64().unwrap();
    until("the look has ended", || {
        let view = root.get(EVENTS);
        (view["last"]["number"].as_u64() >= Some(number)).then_some(view)
    })
}

pub fn look(root: &Administrator) -> Value {
    outcome(root, root.post(&format!("{EVENTS}/look"), &json!({})))
}

pub fn confirm(root: &Administrator, token: &Value) -> (u16, Value) {
    root.post(&format!("{EVENTS}/confirm-deletions"), &json!({ "token": token }))
}

/// The RefIds of the Deletes of schools among what waits for the subscriber.
pub fn deleted(url: &str) -> Vec<String> {
    let out = tempfile::tempdir().unwrap();
    agent(&["pull", "--out", out.path().to_str().unwrap()], url, "tester").ends(0);
    let mut all = Vec::new();
    for file in std::fs::read_dir(out.path()).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(text.contains("ObjectName=\"SchoolInfo\"") && text.contains("Action=\"Delete\""), "{text}");
        let (_, rest) = text.split_once("RefId=\"").unwrap();
        all.push(rest.split_once('"').unwrap().0.to_owned());
    }
    all
}

#[test]
fn deletions_wait_until_exactly_they_are_confirmed_and_arrive_once() {
    let (folder, config) = zone("events: on_demand");
    let served = Served::start(&config);
    let root = enter(&served);
    let view = root.get(EVENTS);
    assert_eq!((&view["every_seconds"], &view["last"]), (&Value::Null, &Value::Null), "nobody has asked");
    let first = look(&root);
    assert_eq!((&first["last"]["found"], &first["last"]["fault"]), (&json!([]), &Value::Null), "{first}");
    assert_eq!(first["last"]["as_of"], "2026-02-02");
    assert_eq!(first["last"]["generation"], root.get("/api/zones/small/rulebook")["generation"]);
    agent(&["register"], &served.url, "tester").ends(0);
    agent(&["subscribe", "SchoolInfo"], &served.url, "tester").ends(0);

    schools(folder.path(), 1..=20);
    let held = look(&root)["held_back"].clone();
    assert_eq!(held["objects"], json!([{ "object": "SchoolInfo", "deleted": 140, "published": 160 }]));
    let said = served.server.said();
    assert!(said.contains("confirm with POST /api/zones/small/events/confirm-deletions"), "{said}");
    assert!(said.contains(held["token"].as_str().unwrap()), "{said}");
    assert_eq!(confirm(&root, &json!("0".repeat(64))).0, 409);

    // One comes back before the confirmation: something else would be deleted.
    schools(folder.path(), 1..=21);
    let view = outcome(&root, confirm(&root, &held["token"]));
    let again = view["held_back"].clone();
    assert_eq!(again["objects"], json!([{ "object": "SchoolInfo", "deleted": 139, "published": 160 }]));
    assert_ne!(again["token"], held["token"]);
    assert_eq!(confirm(&root, &held["token"]).0, 409);
    assert_eq!(deleted(&served.url), [""; 0]);
    assert_eq!((&view["waiting"], &view["last"]["found"]), (&json!(0), &json!([])), "{view}");

    // What was acknowledged happens, though the source fails and the server is killed in between, and nobody asks again.
    let (source, aside) = (folder.path().join("source"), folder.path().join("source_aside"));
    std::fs::rename(&source, &aside).unwrap();
    let failed = outcome(&root, confirm(&root, &again["token"]));
    assert!(failed["last"]["fault"].as_str().unwrap().contains("the source cannot be read"), "{failed}");
    assert_eq!(failed["held_back"], again);
    drop(served);
    std::fs::rename(&aside, &source).unwrap();
    let served = Served::start(&config);
    let root = enter(&served);
    let mut arrived = Vec::new();
    until("the deletes have arrived", || {
        arrived.extend(deleted(&served.url));
        (arrived.len() >= 139).then_some(())
    });
    let view = until("nothing is held back or waits", || {
        let view = root.get(EVENTS);
        (view["held_back"].is_null() && view["waiting"] == 0 && view["looking_since"].is_null()).then_some(view)
    });
    let wanted: BTreeSet<String> = (22..=SCHOOLS).map(refid).collect();
    assert_eq!((arrived.len(), arrived.into_iter().collect()), (139, wanted), "{view}");
    assert_eq!(view["last"]["found"], json!([{ "object": "SchoolInfo", "added": 0, "changed": 0, "deleted": 139 }]));

    let all = outcome(&root, root.post(&format!("{EVENTS}/look"), &json!({ "everything": true })));
    assert_eq!((&all["last"]["everything"], &all["last"]["found"]), (&json!(true), &json!([])));
    assert_eq!(deleted(&served.url), [""; 0], "once");

    // It was allowed once: what comes back and goes again waits again.
    schools(folder.path(), 1..=SCHOOLS);
    let added = look(&root);
    assert_eq!((&added["last"]["found"][0]["added"], &added["last"]["sent"]), (&json!(139), &json!(139)), "{added}");
    schools(folder.path(), 1..=21);
    let third = look(&root);
    assert_eq!(third["held_back"], again);

    let audit = root.get("/api/zones/small/audit");
    let deeds: Vec<(&Value, &Value, &Value)> = audit
        .as_array()
        .unwrap()
        .iter()
        .filter(|deed| deed["what"] == "confirm deletions")
        .map(|deed| (&deed["user"], &deed["subject"], &deed["token"]))
        .collect();
    let deed = |subject: &str| (json!("root"), json!(subject));
    let wanted = [deed("SchoolInfo: 139 of 160"), deed("SchoolInfo: 140 of 160")];
    assert_eq!(deeds.iter().map(|deed| (deed.0.clone(), deed.1.clone())).collect::<Vec<_>>(), wanted, "{audit}");

    let (_, _, numbers) = call(&served.admin, "GET /metrics HTTP/1.1", "");
    for line in [
        "sifter_zis_events_found_total{zone=\"small\",action=\"Add\"} 139",
        "sifter_zis_event_looks_total{zone=\"small\",outcome=\"held_back\"} 1",
        "sifter_zis_held_deletions{zone=\"small\"} 139",
        "sifter_zis_events_waiting{zone=\"small\"} 0",
        "sifter_zis_last_event_look_seconds{zone=\"small\"}",
    ] {
        assert!(numbers.contains(line), "{line} is not in {numbers}");
    }
    served.server.stop();
}

#[test]
fn a_zone_that_is_looked_at_by_the_clock_is_looked_at_when_asked_too() {
    let (folder, config) = zone("events_every_seconds: 86400");
    let served = Served::start(&config);
    let root = enter(&served);
    let first = until("the first look has ended", || Some(root.get(EVENTS)).filter(|view| !view["last"].is_null()));
    assert_eq!((&first["every_seconds"], &first["last"]["number"]), (&json!(86400), &json!(1)));
    schools(folder.path(), 1..=SCHOOLS + 1);
    let view = look(&root);
    assert_eq!(view["last"]["found"], json!([{ "object": "SchoolInfo", "added": 1, "changed": 0, "deleted": 0 }]));
    served.server.stop();
}

#[test]
fn a_zone_without_events_is_not_looked_at() {
    let (_folder, config) = zone("events: never");
    let served = Served::start(&config);
    let root = enter(&served);
    assert_eq!(root.post(&format!("{EVENTS}/look"), &json!({})).0, 404);
    assert_eq!(confirm(&root, &json!("x")).0, 404);
    served.server.stop();
}
