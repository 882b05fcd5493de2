//! What an administrator does by the JSON API.

use std::io::{Read, Write};

use serde_json::Value;

/// The password of every administrator here.
pub const PASSWORD: &str = "correct horse battery";

/// An administrator who has logged in.
pub struct Administrator {
    address: String,
    cookie: String,
}

impl Administrator {
    pub fn log_in(address: &str, name: &str) -> Self {
        let body = serde_json::json!({ "name": name, "password": PASSWORD }).to_string();
        let (status, head, _) = call(address, "POST /api/login HTTP/1.1", &body);
        assert_eq!(status, 200, "{head}");
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        Self { address: address.to_owned(), cookie: cookie.split(';').next().unwrap().to_owned() }
    }

    fn call(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let head = format!("{method} {path} HTTP/1.1\r\nCookie: {}", self.cookie);
        let (status, _, body) = call(&self.address, &head, body);
        (status, serde_json::from_str(&body).unwrap_or_default())
    }

    pub fn get(&self, path: &str) -> Value {
        let (status, value) = self.call("GET", path, "");
        assert_eq!(status, 200, "{path}: {value}");
        value
    }

    pub fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.call("POST", path, &body.to_string())
    }
}

/// Status, head and body of a reply.
pub fn call(address: &str, head: &str, body: &str) -> (u16, String, String) {
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
    (status, head.to_owned(), body.to_owned())
}
