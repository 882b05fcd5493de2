//! A rulebook that changes while the zone is served.

use std::io::{Read, Write};

use crate::server::Server;
use crate::small::small;
use crate::support;

/// Status, head and body of a reply of the JSON API.
fn call(address: &str, head: &str, body: &str) -> (u16, String, serde_json::Value) {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let length = body.len();
    let request = format!(
        "{head}\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_owned(), serde_json::from_str(body).unwrap_or_default())
}

#[test]
fn a_changed_rulebook_is_put_in_force_shown_and_taken_back_while_the_zone_is_served() {
    let (folder, config) = small();
    let admin =
        "admin: { listen: 127.0.0.1:0, first_administrator: { name: root, password: correct horse battery } }\nzones:";
    support::edit(&config, "zones:", admin);
    let mut server = Server::start(&config);
    let zone = server.address().rsplit('/').next().unwrap().to_owned();
    let address = server.address();
    let (status, head, _) =
        call(&address, "POST /api/login HTTP/1.1", r#"{"name": "root", "password": "correct horse battery"}"#);
    assert_eq!(status, 200, "{head}");
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap().split(';').next().unwrap();
    let path = format!("/api/zones/{zone}/rulebook");
    let view = || {
        let (status, head, view) = call(&address, &format!("GET {path} HTTP/1.1\r\nCookie: {cookie}"), "");
        assert_eq!(status, 200, "{head}");
        view
    };
    let until = |wanted: &dyn Fn(&serde_json::Value) -> bool| {
        for _ in 0..600 {
            let view = view();
            if wanted(&view) {
                return view;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("it never came: {}", view());
    };
    let first = view()["generation"].as_str().unwrap().to_owned();
    let rule = folder.path().join("rules/shared/attendance.rhai");

    support::edit(&rule, "least(", "leest(");
    let refused = until(&|view| !view["problems"].as_array().unwrap().is_empty());
    assert_eq!(refused["generation"], *first, "the last good one goes on");
    assert_eq!(refused["problems"][0]["file"], "rules/shared/attendance.rhai");

    std::fs::write(&rule, std::fs::read_to_string(&rule).unwrap().replace("leest(", "least(") + "// More.\n").unwrap();
    let second = until(&|view| view["generation"] != *first);
    assert_eq!(second["earlier"], serde_json::json!([first]));
    assert!(second["problems"].as_array().unwrap().is_empty());

    let back = |generation: &str| {
        let head = format!("POST {path}/roll-back HTTP/1.1\r\nCookie: {cookie}");
        call(&address, &head, &serde_json::json!({ "generation": generation }).to_string())
    };
    assert_eq!(back("00000000").0, 404);
    let (status, head, rolled) = back(&first);
    assert_eq!(status, 200, "{head}");
    assert_eq!((&rolled["generation"], &rolled["earlier"][0]), (&serde_json::json!(first), &second["generation"]));
    let (_, _, audit) = call(&address, &format!("GET /api/zones/{zone}/audit HTTP/1.1\r\nCookie: {cookie}"), "");
    assert!(audit.to_string().contains("roll back rulebook"), "{audit}");
    server.stop();
}
