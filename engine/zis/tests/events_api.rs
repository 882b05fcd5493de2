//! The part of the JSON API that shows and asks for a provider's events.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use reqwest::Method;
use serde_json::{Value, json};
use store::Change;
use support::{Running, ZONE, client, zone};
use zis::server::AdminConfig;
use zis::{
    Confirmed, EventsFound, EventsLook, EventsNumbers, EventsRefused, EventsView, HeldDeletions, HeldObject, Publishing,
};

const PASSWORD: &str = "correct horse battery";
const EVENTS: &str = "/api/zones/Test%20Zone/events";

/// A provider's events of the test zone, with what was asked of them.
#[derive(Default)]
struct Asked(Mutex<Vec<String>>);

fn objects() -> Vec<HeldObject> {
    vec![
        HeldObject { object: "SchoolInfo".to_owned(), deleted: 140, published: 160 },
        HeldObject { object: "StudentPersonal".to_owned(), deleted: 900, published: 1000 },
    ]
}

impl Asked {
    fn note(&self, what: impl Into<String>) -> Option<u64> {
        let mut asked = self.0.lock().unwrap();
        asked.push(what.into());
        Some(asked.len() as u64)
    }

    fn noted(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Publishing for Asked {
    fn view(&self, zone: &str) -> Option<EventsView> {
        let found = EventsFound { object: "SchoolInfo".to_owned(), added: 1, changed: 2, deleted: 3 };
        let look = EventsLook {
            number: 4,
            began: 1,
            ended: 2,
            everything: true,
            generation: "g".to_owned(),
            as_of: "2026-02-02".to_owned(),
            found: vec![found],
            sent: 6,
            fault: Some("why".to_owned()),
        };
        (zone == ZONE).then(|| EventsView {
            every_seconds: Some(60),
            asked: None,
            looking_since: Some(3),
            last: Some(look),
            waiting: Some(5),
            held_back: Some(HeldDeletions { token: "t".to_owned(), objects: objects() }),
            refused: vec![EventsRefused {
                object: "SchoolInfo".to_owned(),
                action: "Change".to_owned(),
                reason: "error 4/11".to_owned(),
                events: 5,
                waits: true,
            }],
        })
    }

    fn look(&self, zone: &str, everything: bool) -> Option<u64> {
        self.note(format!("{zone} {everything}"))
    }

    fn confirm(&self, zone: &str, token: &str) -> Option<Confirmed> {
        let keep = Change::PutRecord {
            zone: zone.into(),
            space: "test_confirmation",
            key: token.to_owned(),
            value: "kept".to_owned(),
        };
        (token == "t").then(|| Confirmed { keep, objects: objects() })
    }

    fn confirmed(&self, _: &str) -> Option<u64> {
        self.note("confirmed")
    }

    fn numbers(&self) -> Vec<EventsNumbers> {
        vec![EventsNumbers {
            zone: ZONE.to_owned(),
            looks: 1,
            failed: 2,
            held_back: 3,
            last_seconds: Some(0.5),
            added: 4,
            changed: 5,
            deleted: 6,
            held_deletions: 1040,
            waiting: 7,
            laid_aside: 8,
            found_wrong: 9,
        }]
    }
}

struct World {
    running: Running,
    asked: Arc<Asked>,
    root: String,
}

impl World {
    async fn new() -> Self {
        let asked = Arc::<Asked>::default();
        let mut admin = AdminConfig::new("127.0.0.1:0".parse().unwrap()).first_administrator("root", PASSWORD);
        admin.publishing = Some(Arc::<Asked>::clone(&asked));
        let mut other = zone(&[]);
        other.name = "Other".to_owned();
        let running = Running::start(|config| config.zone(zone(&["A"])).zone(other).admin(admin)).await;
        let mut world = Self { running, asked, root: String::new() };
        world.root = world.log_in("root").await;
        world
    }

    /// A cookie of a user.
    async fn log_in(&self, name: &str) -> String {
        let body = json!({ "name": name, "password": PASSWORD });
        let reply = self.request(Method::POST, "/api/login", Some(body)).send().await.unwrap();
        assert_eq!(reply.status(), 200);
        reply.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
    }

    fn request(&self, method: Method, path: &str, body: Option<Value>) -> reqwest::RequestBuilder {
        let url = format!("http://{}{path}", self.running.server.admin_address().unwrap());
        let request = client().request(method, url);
        match body {
            Some(body) => request.header("Content-Type", "application/json").body(body.to_string()),
            None => request,
        }
    }

    async fn call_as(&self, cookie: &str, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let reply = self.request(method, path, body).header("Cookie", cookie).send().await.unwrap();
        let status = reply.status().as_u16();
        (status, serde_json::from_str(&reply.text().await.unwrap()).unwrap_or_default())
    }

    async fn get(&self, path: &str) -> Value {
        let (status, value) = self.call_as(&self.root, Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {value}");
        value
    }

    async fn post(&self, what: &str, body: Option<Value>) -> (u16, Value) {
        self.call_as(&self.root, Method::POST, &format!("{EVENTS}/{what}"), body).await
    }
}

#[tokio::test]
async fn a_look_is_asked_for_with_and_without_a_body_and_answered_at_once() {
    let world = World::new().await;
    assert_eq!(world.get(EVENTS).await["last"]["found"][0]["changed"], 2);
    assert_eq!(world.get(EVENTS).await["refused"][0]["reason"], "error 4/11");
    let answers = [
        (None, "Test Zone false"),
        (Some(json!({})), "Test Zone false"),
        (Some(json!({ "everything": true })), "Test Zone true"),
    ];
    for (number, (body, asked)) in (1..).zip(answers) {
        let (status, view) = world.post("look", body).await;
        assert_eq!((status, view["asked"].as_u64()), (202, Some(number)));
        assert_eq!(world.asked.noted().last().unwrap(), asked);
    }
    for bad in [json!({ "everything": "canary" }), json!({ "everyting": true }), json!("canary")] {
        let (status, told) = world.post("look", Some(bad)).await;
        assert_eq!(status, 400);
        assert!(!told.to_string().contains("canary"), "{told}");
    }
    assert_eq!(world.asked.noted().len(), 3);
}

#[tokio::test]
async fn a_confirmation_is_kept_with_its_audit_before_anything_is_done() {
    let world = World::new().await;
    let (status, told) = world.post("confirm-deletions", Some(json!({ "token": "another" }))).await;
    assert_eq!((status, &told["error"]), (409, &json!("conflict")));
    for bad in [json!({}), json!({ "token": "t", "more": 1 })] {
        assert_eq!(world.post("confirm-deletions", Some(bad)).await.0, 400);
    }
    assert_eq!(world.post("confirm-deletions", None).await.0, 400);
    assert_eq!(world.get("/api/zones/Test%20Zone/audit").await, json!([]));
    assert!(world.asked.noted().is_empty());
    let (status, view) = world.post("confirm-deletions", Some(json!({ "token": "t" }))).await;
    assert_eq!((status, view["asked"].as_u64()), (202, Some(1)), "{view}");
    assert_eq!(world.asked.noted(), ["confirmed"]);
    let kept = world.running.server.store().record(ZONE, "test_confirmation", "t").await.unwrap();
    assert_eq!(kept.as_deref(), Some("kept"));
    let deed = world.get("/api/zones/Test%20Zone/audit").await[0].clone();
    assert_eq!((&deed["what"], &deed["user"]), (&json!("confirm deletions"), &json!("root")));
    assert_eq!(deed["subject"], "SchoolInfo: 140 of 160, StudentPersonal: 900 of 1000");
    assert!(deed["at"].as_i64().unwrap() > 0);
}

#[tokio::test]
async fn a_confirmation_that_cannot_be_kept_is_not_acknowledged() {
    let world = World::new().await;
    let other = rusqlite::Connection::open(world.running.folder.path().join("zone.db")).unwrap();
    other
        .execute_batch(
            "CREATE TRIGGER broken BEFORE INSERT ON record WHEN NEW.space = 'audit' BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
        .unwrap();
    assert_eq!(world.post("confirm-deletions", Some(json!({ "token": "t" }))).await.0, 503);
    let kept = world.running.server.store().record(ZONE, "test_confirmation", "t").await.unwrap();
    assert_eq!((kept, world.asked.noted().len()), (None, 0), "both or neither");
}

#[tokio::test]
async fn who_may_only_look_asks_for_nothing_and_other_zones_have_no_events() {
    let world = World::new().await;
    let body = json!({ "name": "vera", "password": PASSWORD, "role": { "role": "viewer", "zones": [ZONE] } });
    assert_eq!(world.call_as(&world.root, Method::POST, "/api/users", Some(body)).await.0, 201);
    let vera = world.log_in("vera").await;
    assert_eq!(world.call_as(&vera, Method::GET, EVENTS, None).await.0, 200);
    let requests = [("look", json!({})), ("confirm-deletions", json!({ "token": "t" }))];
    for (what, body) in requests {
        let path = format!("{EVENTS}/{what}");
        assert_eq!(world.call_as(&vera, Method::POST, &path, Some(body.clone())).await.0, 403);
        for (elsewhere, cookie) in [("Other", &world.root), ("Other", &vera), ("Nowhere", &world.root)] {
            let path = path.replace("Test%20Zone", elsewhere);
            assert_eq!(world.call_as(cookie, Method::POST, &path, Some(body.clone())).await.0, 404, "{path}");
        }
    }
    assert_eq!(world.call_as(&vera, Method::GET, "/api/zones/Other/events", None).await.0, 404);
    assert!(world.asked.noted().is_empty());
}

/// The schema that a part of the description names, or lies under `oneOf`.
fn schema<'d>(description: &'d Value, part: &'d Value) -> &'d Value {
    let named = part["oneOf"].as_array().and_then(|all| all.iter().find(|one| one["$ref"].is_string()));
    let part = named.unwrap_or(part);
    match part["$ref"].as_str() {
        Some(name) => &description["components"]["schemas"][name.rsplit('/').next().unwrap()],
        None => part,
    }
}

/// Every member of an answer is described with its type, and nothing else is.
fn fits(description: &Value, part: &Value, answer: &Value, at: &str) {
    let schema = schema(description, part);
    match answer {
        Value::Object(members) => {
            let described = schema["properties"].as_object().unwrap_or_else(|| panic!("{at} is described: {schema}"));
            let names = |object: &serde_json::Map<String, Value>| object.keys().cloned().collect::<BTreeSet<_>>();
            assert_eq!(names(described), names(members), "{at}");
            members
                .iter()
                .for_each(|(name, value)| fits(description, &described[name], value, &format!("{at}/{name}")));
        }
        Value::Array(items) => {
            assert_eq!(schema["type"], "array", "{at}");
            items.iter().for_each(|item| fits(description, &schema["items"], item, &format!("{at}/*")));
        }
        simple => {
            let kind = match simple {
                Value::String(_) => "string",
                Value::Bool(_) => "boolean",
                Value::Number(_) => "integer",
                _ => "null",
            };
            assert!(schema["type"].to_string().contains(&format!("\"{kind}\"")), "{at} is a {kind}: {schema}");
        }
    }
}

#[tokio::test]
async fn the_description_fits_what_is_answered_and_asked() {
    let world = World::new().await;
    let description = world.get("/api/openapi.json").await;
    let operation = |path: &str, method: &str| &description["paths"][format!("/api/zones/{{zone}}{path}")][method];
    let body = |answer: &Value| answer["content"]["application/json"]["schema"].clone();
    let view = body(&operation("/events", "get")["responses"]["200"]);
    fits(&description, &view, &world.get(EVENTS).await, "view");
    for (what, asked) in [("look", json!({ "everything": true })), ("confirm-deletions", json!({ "token": "t" }))] {
        let operation = operation(&format!("/events/{what}"), "post");
        let (status, answer) = world.post(what, Some(asked.clone())).await;
        fits(&description, &body(&operation["responses"][status.to_string()]), &answer, what);
        fits(&description, &body(&operation["requestBody"]), &asked, what);
    }
    let (status, told) = world.post("confirm-deletions", Some(json!({ "token": "other" }))).await;
    let answers = &operation("/events/confirm-deletions", "post")["responses"];
    fits(&description, &body(&answers[status.to_string()]), &told, "refusal");
    assert_ne!(operation("/events/look", "post")["requestBody"]["required"], json!(true), "it may be left out");
}

#[tokio::test]
async fn monitors_see_how_the_looks_go() {
    let world = World::new().await;
    let reply = world.request(Method::GET, "/metrics", None).send().await.unwrap();
    let text = reply.text().await.unwrap();
    for line in [
        "sifter_zis_event_looks_total{zone=\"Test Zone\",outcome=\"found\"} 1\n",
        "sifter_zis_event_looks_total{zone=\"Test Zone\",outcome=\"failed\"} 2\n",
        "sifter_zis_event_looks_total{zone=\"Test Zone\",outcome=\"held_back\"} 3\n",
        "sifter_zis_events_found_total{zone=\"Test Zone\",action=\"Add\"} 4\n",
        "sifter_zis_events_found_total{zone=\"Test Zone\",action=\"Change\"} 5\n",
        "sifter_zis_events_found_total{zone=\"Test Zone\",action=\"Delete\"} 6\n",
        "sifter_zis_held_deletions{zone=\"Test Zone\"} 1040\n",
        "sifter_zis_events_waiting{zone=\"Test Zone\"} 7\n",
        "sifter_zis_events_laid_aside{zone=\"Test Zone\"} 8\n",
        "sifter_zis_events_found_wrong{zone=\"Test Zone\"} 9\n",
        "sifter_zis_last_event_look_seconds{zone=\"Test Zone\"} 0.5\n",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}
