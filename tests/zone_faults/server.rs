//! `sifter serve` as a process that is started, killed and started again.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::address::Address;
use crate::support::program;

/// How long the server may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// So many of the last lines are kept of what it says.
const LINES: usize = 2_000;

/// All that the agents of these tests may do.
pub const EVERYTHING: &str = "[request, subscribe, provide, respond, publish_add, publish_change, publish_delete]";

/// A server, which may be down.
pub struct Server {
    pub address: Address,
    config: PathBuf,
    child: Option<Child>,
    said: Arc<Mutex<VecDeque<String>>>,
    hearing: Option<JoinHandle<()>>,
    _folder: TempDir,
}

impl Server {
    /// A zone without a provider, for these agents, in this store.
    pub fn of_agents(store: &str, agents: &[String]) -> Self {
        let agents: String = agents
            .iter()
            .map(|id| format!("  - {{ id: {id}, approved: true, rights: {{ \"*\": {EVERYTHING} }} }}\n"))
            .collect();
        let zone = format!("name: faults\nschool_years: [2026]\nagents:\n{agents}");
        // An agent that is silent is given up soon, and called again soon, so that it does as much harm as it can.
        let push = "push: { timeout_seconds: 2 }\n";
        let more = "    options: { push_hosts: [127.0.0.1], retry_seconds: 1, max_retry_seconds: 1 }\n";
        Self::new(store, &zone, push, more)
    }

    /// A zone from the text of its file, with more lines for the configuration and for the zone in it.
    pub fn new(store: &str, zone: &str, lines: &str, of_zone: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("zone.yaml");
        std::fs::write(&file, zone).unwrap();
        let config = folder.path().join("serve.yaml");
        let text =
            format!("listen: 127.0.0.1:0\nstore: \"{store}\"\n{lines}zones:\n  - zone: {}\n{of_zone}", file.display());
        std::fs::write(&config, text).unwrap();
        Self { address: Address::default(), config, child: None, said: Arc::default(), hearing: None, _folder: folder }
    }

    /// Starts it, and waits until it serves.
    pub fn start(&mut self) {
        self.begin();
        let begun = Instant::now();
        while self.address.get().is_none() {
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none() && begun.elapsed() < PATIENCE, "the server did not start: {}", self.said());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Starts it, and does not wait.
    pub fn begin(&mut self) {
        let mut command = program();
        command.args(["serve", "--config"]).arg(&self.config).env("SIFTER_LOG", "warn,cli=info");
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (address, said) = (self.address.clone(), Arc::clone(&self.said));
        self.hearing = Some(std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some((_, url)) = line.strip_prefix("zone ").and_then(|rest| rest.split_once(": ")) {
                    address.set(Some(url.to_owned()));
                }
                let mut said = said.lock().unwrap();
                if said.len() == LINES {
                    said.pop_front();
                }
                said.push_back(line);
            }
        }));
        self.child = Some(child);
    }

    /// kill -9. It must not have ended by itself before, nor panicked.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        let ended = child.try_wait().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        self.hearing.take().unwrap().join().unwrap();
        self.address.set(None);
        assert!(ended.is_none() && !self.said().contains("panicked"), "the server ended by itself: {}", self.said());
    }

    /// The last of what it said.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().iter().fold(String::new(), |text, line| text + line + "\n")
    }

    /// How often a line of what it said has these words.
    pub fn says(&self, words: &str) -> usize {
        self.said.lock().unwrap().iter().filter(|line| line.contains(words)).count()
    }

    /// The most memory that it has held since it was started, in KiB.
    pub fn memory(&self) -> u64 {
        let id = self.child.as_ref().unwrap().id();
        let status = std::fs::read_to_string(Path::new("/proc").join(id.to_string()).join("status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

impl Drop for Server {
    /// A test that fails leaves nothing running.
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            eprintln!("the server said at last: {}", self.said());
        }
    }
}
