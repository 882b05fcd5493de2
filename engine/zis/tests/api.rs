//! The JSON API of administrators.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};
use support::agents::{Manner, PushAgent};
use support::{
    Running, ZONE, code, control, event_with_id, eventually, guid, message, register, register_push, subscribe, zone,
};
use zis::server::AdminConfig;

const PASSWORD: &str = "correct horse battery";

struct World {
    running: Running,
    client: reqwest::Client,
    /// A token of an administrator of everything.
    token: String,
}

impl World {
    async fn new() -> Self {
        Self::with(|zone| zone).await
    }

    async fn with(change: impl FnOnce(zis::ZoneConfig) -> zis::ZoneConfig) -> Self {
        let admin = AdminConfig::new("127.0.0.1:0".parse().unwrap()).first_administrator("root", PASSWORD);
        let mut other = zone(&[]);
        other.name = "Other".to_owned();
        let own = change(zone(&["A", "B", "P"]));
        let running = Running::start(|config| config.zone(own).zone(other).admin(admin)).await;
        let mut world = Self { running, client: support::client(), token: String::new() };
        world.token = world.token_of("root", PASSWORD).await;
        world
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.server.admin_address().unwrap())
    }

    async fn login(&self, name: &str, password: &str) -> Response {
        with_json(self.client.post(self.url("/api/login")), &json!({"name": name, "password": password}))
            .send()
            .await
            .unwrap()
    }

    /// A cookie of a new session.
    async fn session(&self, name: &str, password: &str) -> String {
        let reply = self.login(name, password).await;
        assert_eq!(reply.status(), 200);
        let cookie = reply.headers()["set-cookie"].to_str().unwrap().to_owned();
        cookie.split(';').next().unwrap().to_owned()
    }

    async fn token_of(&self, name: &str, password: &str) -> String {
        let cookie = self.session(name, password).await;
        let request =
            with_json(self.client.post(self.url("/api/tokens")).header("Cookie", cookie), &json!({"label": "test"}));
        let made: Value = serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap();
        made["secret"].as_str().unwrap().to_owned()
    }

    /// A user with a role, and a token of theirs.
    async fn user(&self, name: &str, role: Value) -> String {
        let body = json!({"name": name, "password": PASSWORD, "role": role});
        assert_eq!(self.call(Method::POST, "/api/users", body).await.0, 201);
        self.token_of(name, PASSWORD).await
    }

    async fn call_as(&self, token: &str, method: Method, path: &str, body: Value) -> (u16, Value) {
        let request = self.client.request(method, self.url(path)).bearer_auth(token);
        let request = if body.is_null() { request } else { with_json(request, &body) };
        let reply = request.send().await.unwrap();
        let status = reply.status().as_u16();
        let text = reply.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        self.call_as(&self.token, method, path, body).await
    }

    async fn get(&self, path: &str) -> Value {
        let (status, value) = self.call(Method::GET, path, Value::Null).await;
        assert_eq!(status, 200, "{path}: {value}");
        value
    }

    async fn post(&self, path: &str, body: Value) {
        let (status, value) = self.call(Method::POST, path, body).await;
        assert_eq!(status, 204, "{path}: {value}");
    }

    /// Every method and path that the description lists, with something in the place of each parameter.
    async fn routes(&self) -> Vec<(Method, String)> {
        let description = self.get("/api/openapi.json").await;
        let mut routes = Vec::new();
        for (path, methods) in description["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys() {
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                let path = path.replace("{zone}", "Test%20Zone").replace("{agent}", "A").replace("{number}", "1");
                routes.push((method, path.replace("{user}", "root").replace("{id}", &guid())));
            }
        }
        routes
    }
}

/// A request with a body of JSON.
fn with_json(request: reqwest::RequestBuilder, body: &Value) -> reqwest::RequestBuilder {
    request.header("Content-Type", "application/json").body(body.to_string())
}

const BASE: &str = "/api/zones/Test%20Zone";

#[tokio::test]
async fn no_route_answers_who_has_not_proven_who_they_are() {
    let world = World::new().await;
    let mut routes = world.routes().await;
    assert!(routes.len() >= 35, "{} routes", routes.len());
    let login = routes.iter().position(|(_, path)| path == "/api/login").expect("the login is described");
    routes.remove(login);
    for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        routes.push((method.clone(), "/api/openapi.json".to_owned()));
        routes.push((method.clone(), "/api/nothing".to_owned()));
        routes.push((method, "/api/zones/Test%20Zone/nothing/at/all".to_owned()));
    }
    let old = world.session("root", PASSWORD).await;
    let logout = world.client.post(world.url("/api/logout")).header("Cookie", &old).send().await.unwrap();
    assert_eq!(logout.status(), 204);
    let credentials = [
        None,
        Some(("Cookie", old)),
        Some(("Cookie", "sifter_session=".to_owned())),
        Some(("Cookie", format!("sifter_session={}", world.token))),
        Some(("Authorization", format!("Bearer {}x", world.token))),
        Some(("Authorization", "Bearer ".to_owned())),
        Some(("Authorization", format!("Basic {}", world.token))),
        Some(("Authorization", world.token.clone())),
    ];
    for (method, path) in routes {
        for credential in &credentials {
            let mut request = world.client.request(method.clone(), world.url(&path));
            if let Some((name, value)) = credential {
                request = request.header(*name, value);
            }
            let reply = with_json(request, &json!({})).send().await.unwrap();
            assert_eq!(reply.status(), 401, "{method} {path} with {credential:?}");
            let headers = reply.headers();
            assert_eq!(headers["cache-control"], "no-store", "{path}");
            assert_eq!(headers["x-content-type-options"], "nosniff");
            assert!(headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
        }
    }
}

#[tokio::test]
async fn a_viewer_changes_nothing_and_sees_no_content_on_any_route() {
    let world = World::new().await;
    world.running.register("A").await;
    let viewer = world.user("vera", json!({"role": "viewer", "zones": [ZONE]})).await;
    let mut refused = 0;
    for (method, path) in world.routes().await {
        if ["/api/logout", "/api/login", "/api/me", "/api/tokens"].contains(&path.as_str())
            || path.starts_with("/api/tokens/")
        {
            continue;
        }
        let body = match path.as_str() {
            path if path.ends_with("/view") => json!({"reason": "only curious"}),
            path if path.ends_with("/approve") => json!({"approved": false}),
            path if path.ends_with("/rights") => json!({"rights": {}}),
            path if path.ends_with("/elements") => json!({"elements": {}}),
            path if path.ends_with("/roll-back") => json!({"generation": "0123456789abcdef"}),
            path if path.ends_with("/confirm-deletions") => json!({"token": "0123456789abcdef"}),
            path if path.ends_with("/password") => json!({"password": PASSWORD}),
            path if path.ends_with("/role") => json!({"role": {"role": "administrator"}}),
            path if path.ends_with("/disabled") => json!({"disabled": true}),
            "/api/users" => json!({"name": "x", "password": PASSWORD, "role": {"role": "administrator"}}),
            path if path.ends_with("/agents/A") => serde_json::to_value(support::agent("A")).unwrap(),
            _ => Value::Null,
        };
        let (status, value) = world.call_as(&viewer, method.clone(), &path, body).await;
        if method == Method::GET && !path.ends_with("/audit") && path != "/api/users" {
            assert!([200, 404].contains(&status), "{method} {path}: {status} {value}");
        } else {
            assert_eq!(status, 403, "{method} {path}: {value}");
            refused += 1;
        }
        let elsewhere = path.replace("Test%20Zone", "Other");
        if elsewhere != path {
            let (status, _) = world.call_as(&viewer, method.clone(), &elsewhere, Value::Null).await;
            // What cannot be read is refused before it is looked who asks.
            assert!([404, 400].contains(&status), "{method} {elsewhere}: {status}");
        }
    }
    assert!(refused > 15, "{refused}");
    let zones = world.call_as(&viewer, Method::GET, "/api/zones", Value::Null).await.1;
    assert_eq!(zones.as_array().unwrap().len(), 1, "{zones}");
}

#[tokio::test]
async fn an_administrator_of_a_zone_has_that_zone_and_no_users() {
    let world = World::new().await;
    let zoe = world.user("zoe", json!({"role": "zone_administrator", "zones": ["Other"]})).await;
    assert_eq!(world.call_as(&zoe, Method::POST, "/api/zones/Other/sleep", Value::Null).await.0, 204);
    assert_eq!(world.call_as(&zoe, Method::POST, &format!("{BASE}/sleep"), Value::Null).await.0, 404);
    assert_eq!(world.call_as(&zoe, Method::GET, "/api/users", Value::Null).await.0, 403);
    assert_eq!(
        world.call_as(&zoe, Method::PUT, "/api/users/zoe/role", json!({"role": {"role": "administrator"}})).await.0,
        403
    );
    assert_eq!(
        world.call_as(&zoe, Method::POST, "/api/tokens", json!({"label": "more"})).await.0,
        403,
        "a token makes no token"
    );
    assert_eq!(
        world.call_as(&zoe, Method::PUT, "/api/users/zoe/password", json!({"password": PASSWORD})).await.0,
        403,
        "nor a password"
    );
}

#[tokio::test]
async fn a_login_gives_a_cookie_that_scripts_and_other_sites_cannot_use() {
    let world = World::new().await;
    let reply = world.login("root", PASSWORD).await;
    let cookie = reply.headers()["set-cookie"].to_str().unwrap().to_owned();
    for part in ["; Path=/", "; HttpOnly", "; SameSite=Strict"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "this listener has no encryption");
    let session = cookie.split(';').next().unwrap();
    let sleep = |headers: &[(&str, &str)]| {
        let mut request = world.client.post(world.url(&format!("{BASE}/sleep"))).header("Cookie", session);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        async { request.send().await.unwrap().status().as_u16() }
    };
    let own = world.url("");
    assert_eq!(sleep(&[]).await, 204);
    assert_eq!(sleep(&[("Sec-Fetch-Site", "same-origin")]).await, 204);
    assert_eq!(sleep(&[("Origin", &own)]).await, 204);
    for evil in ["cross-site", "same-site", ""] {
        assert_eq!(sleep(&[("Sec-Fetch-Site", evil)]).await, 403, "{evil}");
    }
    for evil in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        assert_eq!(sleep(&[("Origin", evil)]).await, 403, "{evil}");
    }
    let wrong = world.login("root", "wrong horse battery").await;
    let unknown = world.login("nobody", "wrong horse battery").await;
    assert_eq!((wrong.status().as_u16(), unknown.status().as_u16()), (401, 401));
    assert_eq!(wrong.text().await.unwrap(), unknown.text().await.unwrap(), "they cannot be told apart");
    for _ in 0..10 {
        world.login("root", "wrong horse battery").await;
    }
    let limited = world.login("root", PASSWORD).await;
    assert_eq!(limited.status().as_u16(), 429);
    assert!(limited.headers()["retry-after"].to_str().unwrap().parse::<u32>().unwrap() > 0);
}

#[tokio::test]
async fn an_agent_asks_is_approved_gets_rights_and_loses_them() {
    let world = World::new().await;
    let new = register("New", "Pull", "");
    assert_eq!(code(&world.running.send(&new).await), "4/2");
    let agents = world.get(&format!("{BASE}/agents")).await;
    let asking = agents.as_array().unwrap().iter().find(|agent| agent["id"] == "New").expect("it is shown");
    assert_eq!((asking["approved"].as_bool(), asking["registered"].as_bool()), (Some(false), Some(false)));
    world.post(&format!("{BASE}/agents/New/approve"), json!({"approved": true})).await;
    assert_eq!(code(&world.running.send(&register("New", "Pull", "")).await), "0");
    assert_eq!(code(&world.running.send(&subscribe("New", "StudentPersonal")).await), "4/4");
    let rights = json!({"rights": {"StudentPersonal": ["subscribe"]}, "contexts": ["SIF_Default"]});
    assert_eq!(world.call(Method::PUT, &format!("{BASE}/agents/New/rights"), rights).await.0, 204);
    assert_eq!(code(&world.running.send(&subscribe("New", "StudentPersonal")).await), "0");
    let agent = world.get(&format!("{BASE}/agents/New")).await;
    assert_eq!(agent["config"]["rights"]["StudentPersonal"], json!(["subscribe"]));
    let bad = json!({"rights": {"StudentPersonal": ["everything"]}});
    assert_eq!(world.call(Method::PUT, &format!("{BASE}/agents/New/rights"), bad).await.0, 400);
    let nobody = json!({"rights": {}});
    assert_eq!(world.call(Method::PUT, &format!("{BASE}/agents/Nobody/rights"), nobody).await.0, 404);
    assert_eq!(world.call(Method::DELETE, &format!("{BASE}/agents/New"), Value::Null).await.0, 204);
    assert_eq!(code(&world.running.send(&control("New", "SIF_Ping")).await), "4/9");
    let deeds = world.get(&format!("{BASE}/audit")).await;
    let deeds: Vec<_> = deeds
        .as_array()
        .unwrap()
        .iter()
        .map(|deed| (deed["what"].as_str().unwrap(), deed["user"].as_str().unwrap()))
        .collect();
    assert_eq!(deeds, [("remove", "root"), ("set rights", "root"), ("approve", "root")]);
}

#[tokio::test]
async fn a_message_is_followed_and_its_content_shown_only_for_a_reason_that_is_kept() {
    let world = World::new().await;
    world.running.register("A").await;
    world.running.register("B").await;
    world.running.send(&subscribe("B", "StudentPersonal")).await;
    let id = guid();
    world.running.send(&event_with_id("A", &id)).await;
    let queue = world.get(&format!("{BASE}/queues/B")).await;
    assert_eq!((queue["waiting"].as_u64(), &queue["messages"][0]["message_id"]), (Some(1), &json!(id)));
    let listed = world.get(&format!("{BASE}/messages?kind=SIF_Event&source=A&message_id={id}")).await;
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed[0]["object"], "StudentPersonal");
    let number = listed[0]["number"].as_i64().unwrap();
    assert_eq!(world.get(&format!("{BASE}/messages?source=B&kind=SIF_Event")).await, json!([]));
    let path = format!("{BASE}/messages/{number}");
    assert_eq!(world.get(&path).await["waiting"], json!(["B"]));
    for bad in
        [json!({}), json!({"reason": ""}), json!({"reason": "  x  "}), json!({"reason": "long enough", "more": 1})]
    {
        assert_eq!(world.call(Method::POST, &format!("{path}/view"), bad.clone()).await.0, 400, "{bad}");
    }
    assert_eq!(world.get(&format!("{BASE}/audit")).await, json!([]), "what showed nothing");
    let (status, text) = world.call(Method::POST, &format!("{path}/view"), json!({"reason": "a parent asked"})).await;
    assert_eq!(status, 200);
    assert!(text.as_str().unwrap().contains("Quill"), "{text}");
    let deed = &world.get(&format!("{BASE}/audit")).await[0];
    assert_eq!(
        (&deed["what"], &deed["reason"], &deed["user"]),
        (&json!("view"), &json!("a parent asked"), &json!("root"))
    );
    assert_eq!(deed["subject"], json!(number.to_string()));
    // It is taken and acknowledged, and that is in its history.
    let got = world.running.send(&control("B", "SIF_GetMessage")).await;
    assert!(got.contains(&id));
    world.running.send(&support::agents::ack("A", &id, 1).replace("Pushed", "B")).await;
    let history = world.get(&path).await;
    assert_eq!((&history["waiting"], history["message"]["message_id"].as_str()), (&json!([]), Some(id.as_str())));
    let hop = history["hops"].as_array().unwrap().iter().find(|hop| hop["what"] == "acknowledged").expect("a hop");
    assert_eq!((&hop["agent"], &hop["code"]), (&json!("B"), &json!("1")));
    // No list and no history holds a word of it.
    for (method, path) in world.routes().await {
        if method == Method::GET {
            let shown = world.call(method, &path, Value::Null).await.1.to_string();
            assert!(!shown.contains("Quill"), "{path}: {shown}");
        }
    }
}

#[tokio::test]
async fn dead_letters_are_listed_sent_again_and_dropped() {
    let world = World::with(|mut zone| {
        zone.options.max_attempts = 1;
        zone
    })
    .await;
    let agent = PushAgent::start(Manner::Says(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n".to_vec())).await;
    world.running.register("A").await;
    assert_eq!(code(&world.running.send(&register_push("P", &agent.url())).await), "0");
    world.running.send(&subscribe("P", "StudentPersonal")).await;
    let id = guid();
    world.running.send(&event_with_id("A", &id)).await;
    let path = format!("{BASE}/dead_letters");
    eventually("it is dead", async || world.get(&path).await != json!([])).await;
    let letter = world.get(&path).await[0].clone();
    assert_eq!((&letter["agent"], &letter["message"]["message_id"]), (&json!("P"), &json!(id)));
    assert!(letter["reason"].as_str().unwrap().contains("500"), "{letter}");
    let number = letter["message"]["number"].as_i64().unwrap();
    agent.behave(Manner::Good);
    world.post(&format!("{path}/P/{number}/resend"), Value::Null).await;
    eventually("it is delivered", async || agent.got().iter().filter(|got| got.message_id() == id).count() == 2).await;
    assert_eq!(world.get(&path).await, json!([]));
    assert_eq!(world.call(Method::POST, &format!("{path}/P/{number}/resend"), Value::Null).await.0, 404);
    agent.behave(Manner::Says(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n".to_vec()));
    world.running.send(&event_with_id("A", &guid())).await;
    eventually("another is dead", async || world.get(&path).await != json!([])).await;
    let number = world.get(&path).await[0]["message"]["number"].as_i64().unwrap();
    assert_eq!(world.call(Method::DELETE, &format!("{path}/P/{number}"), Value::Null).await.0, 204);
    assert_eq!(world.get(&path).await, json!([]));
}

#[tokio::test]
async fn the_log_is_listed_page_by_page_without_what_agents_say() {
    let world = World::new().await;
    world.running.register("A").await;
    let mut ids = Vec::new();
    for number in 1..=3 {
        let id = guid();
        let header = format!(
            "<SIF_Header><SIF_MsgId>{id}</SIF_MsgId><SIF_Timestamp>2026-02-02T08:00:00Z</SIF_Timestamp>\
             <SIF_SourceId>A</SIF_SourceId></SIF_Header>"
        );
        let body = format!(
            "<SIF_ObjectData><SIF_EventObject ObjectName=\"SIF_LogEntry\" Action=\"Add\">\
             <SIF_LogEntry Source=\"Agent\" LogLevel=\"Error\"><SIF_LogEntryHeader>{header}</SIF_LogEntryHeader>\
             <SIF_Category>4</SIF_Category><SIF_Code>1</SIF_Code><SIF_Desc>Peregrine {number}</SIF_Desc></SIF_LogEntry>\
             </SIF_EventObject></SIF_ObjectData>"
        );
        let answer = world.running.send(&support::message_with_id("A", "SIF_Event", &body, &id)).await;
        assert_eq!(code(&answer), "0", "{answer}");
        ids.insert(0, id);
    }
    let path = format!("{BASE}/log-entries");
    let first = world.get(&format!("{path}?limit=2")).await;
    let (one, two) = (first[0].clone(), first[1].clone());
    assert_eq!(first.as_array().unwrap().len(), 2, "{first}");
    assert_eq!((&one["message_id"], &two["message_id"]), (&json!(ids[0]), &json!(ids[1])), "the newest first");
    assert_eq!((&one["sender"], &one["code"], &one["level"]), (&json!("A"), &json!("4/1"), &json!("Error")));
    assert_eq!(one["description"], Value::Null);
    let rest = world.get(&format!("{path}?before={}", two["number"])).await;
    assert_eq!(rest.as_array().unwrap().len(), 1, "{rest}");
    assert_eq!(rest[0]["message_id"], json!(ids[2]));
    assert!(!format!("{first}{rest}").contains("Peregrine"));
    assert_eq!(world.call(Method::GET, &format!("{path}?page=2"), Value::Null).await.0, 400);
    assert_eq!(world.get("/api/zones/Other/log-entries").await, json!([]));
}

#[tokio::test]
async fn requests_are_cancelled_queues_emptied_and_zones_put_to_sleep() {
    let world = World::new().await;
    world.running.register("A").await;
    world.running.register("B").await;
    let provide = message("B", "SIF_Provide", "<SIF_Object ObjectName=\"StudentPersonal\"/>");
    assert_eq!(code(&world.running.send(&provide).await), "0");
    let id = guid();
    let body = "<SIF_Version>2.*</SIF_Version><SIF_MaxBufferSize>65536</SIF_MaxBufferSize><SIF_Query>\
                <SIF_QueryObject ObjectName=\"StudentPersonal\"/></SIF_Query>";
    let answer = world.running.send(&support::message_with_id("A", "SIF_Request", body, &id)).await;
    assert_eq!(code(&answer), "0", "{answer}");
    let requests = world.get(&format!("{BASE}/requests")).await;
    assert_eq!((&requests[0]["id"], &requests[0]["responder"]), (&json!(id), &json!("B")));
    assert_eq!(world.call(Method::DELETE, &format!("{BASE}/requests/{id}"), Value::Null).await.0, 204);
    assert_eq!(world.call(Method::DELETE, &format!("{BASE}/requests/{id}"), Value::Null).await.0, 404);
    let told = world.running.send(&control("A", "SIF_GetMessage")).await;
    assert!(told.contains("<SIF_Category>8</SIF_Category><SIF_Code>17</SIF_Code>"), "{told}");
    world.post(&format!("{BASE}/agents/A/purge"), Value::Null).await;
    assert_eq!(code(&world.running.send(&control("A", "SIF_GetMessage")).await), "9");
    world.post(&format!("{BASE}/sleep"), Value::Null).await;
    assert_eq!(code(&world.running.send(&control("A", "SIF_Ping")).await), "8");
    assert_eq!(world.get(BASE).await["asleep"], json!(true));
    world.post(&format!("{BASE}/wake"), Value::Null).await;
    assert_eq!(code(&world.running.send(&control("A", "SIF_Ping")).await), "0");
    world.post(&format!("{BASE}/agents/A/sleep"), Value::Null).await;
    let agent = world.get(&format!("{BASE}/agents/A")).await;
    assert_eq!(agent["sleeping"], json!(true));
    world.post(&format!("{BASE}/agents/A/wake"), Value::Null).await;
}

#[tokio::test]
async fn the_description_fits_the_answers_and_bad_requests_are_told_without_their_values() {
    let world = World::new().await;
    let description = world.get("/api/openapi.json").await;
    assert!(description["openapi"].as_str().unwrap().starts_with("3."));
    let schemes: Vec<_> = description["components"]["securitySchemes"].as_object().unwrap().keys().collect();
    assert_eq!(schemes, ["session", "token"]);
    let schemas = description["components"]["schemas"].as_object().unwrap();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(
                operation["summary"].as_str().or(operation["description"].as_str()).is_some(),
                "{method} {path} is explained"
            );
            assert!(
                operation["responses"].as_object().is_some_and(|responses| !responses.is_empty()),
                "{method} {path}"
            );
        }
    }
    // Every member of an answer is described.
    for (path, schema) in [
        (format!("{BASE}/agents"), "AgentView"),
        ("/api/zones".to_owned(), "StatusView"),
        ("/api/users".to_owned(), "User"),
    ] {
        let answer = world.get(&path).await;
        let described = schemas[schema]["properties"].as_object().unwrap();
        for member in answer[0].as_object().unwrap().keys() {
            assert!(described.contains_key(member), "{schema} describes {member}");
        }
    }
    for (path, body) in [
        ("/api/users", json!({"name": "x", "password": "canary-value", "role": "canary-value"})),
        ("/api/users", json!({"name": "x y", "password": "canary-value canary", "role": {"role": "administrator"}})),
        ("/api/users", json!({"name": "x", "password": "canary-value", "role": {"role": "administrator"}})),
        ("/api/users", json!("canary-value")),
    ] {
        let (status, answer) = world.call(Method::POST, path, body).await;
        assert_eq!(status, 400, "{answer}");
        assert!(!answer.to_string().contains("canary"), "{answer}");
    }
    let large = "x".repeat(8 << 20);
    let reply = world
        .client
        .post(world.url("/api/users"))
        .bearer_auth(&world.token)
        .header("Content-Type", "application/json")
        .body(large);
    let status = tokio::time::timeout(Duration::from_secs(10), reply.send()).await.unwrap();
    assert!(status.map_or(true, |reply| [400, 413].contains(&reply.status().as_u16())), "it is not read whole");
}
