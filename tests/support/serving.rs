//! A server that is heard while it runs, its JSON API, and agents of its zones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Run, program, sifter};

/// How long anything may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits for something that lasts once it is so.
#[track_caller]
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "it never came: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A server that ends with the test.
pub struct Server {
    child: Child,
    said: Arc<Mutex<String>>,
    hearing: Option<JoinHandle<()>>,
    /// Where agents reach its zone.
    pub url: String,
    /// Where administrators reach it.
    pub admin: String,
}

impl Server {
    /// Starts a server of one zone with administration, and waits until it serves.
    pub fn start(config: &Path) -> Self {
        let mut command = program();
        command.args(["serve", "--config"]).arg(config).env("SIFTER_LOG", "warn,cli=info");
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let heard = Arc::clone(&said);
        let hearing = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                *heard.lock().unwrap() += &(line + "\n");
            }
        });
        let mut server = Self { child, said, hearing: Some(hearing), url: String::new(), admin: String::new() };
        server.url = server.address("zone ");
        server.admin = server.address("administration");
        server
    }

    fn address(&mut self, start: &str) -> String {
        let child = &mut self.child;
        until(start, || {
            let said = self.said.lock().unwrap().clone();
            assert!(child.try_wait().unwrap().is_none(), "the server did not start: {said}");
            let line = said.lines().find(|line| line.starts_with(start))?;
            Some(line.split_once(": ").unwrap().1.to_owned())
        })
    }

    /// What it has said so far.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// As if its power had failed.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Tells it to end, and waits until it has.
    pub fn stop(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
        let ended = self.child.wait().unwrap();
        self.hearing.take().unwrap().join().unwrap();
        assert!(ended.success() && !self.said().contains("panicked"), "{ended}: {}", self.said());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
        if std::thread::panicking() {
            eprintln!("the server said: {}", self.said());
        }
    }
}

/// An administrator who has logged in.
pub struct Administrator {
    address: String,
    cookie: String,
}

impl Administrator {
    pub fn log_in(address: &str, name: &str, password: &str) -> Self {
        let body = serde_json::json!({ "name": name, "password": password }).to_string();
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

/// Runs a command of an agent.
pub fn agent(what: &[&str], url: &str, id: &str) -> Run {
    let (command, rest) = what.split_first().unwrap();
    let mut arguments = vec!["agent", command, "--url", url, "--id", id];
    arguments.extend(rest);
    sifter(&arguments)
}
