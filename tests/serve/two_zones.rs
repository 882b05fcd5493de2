//! Two servers: one has a zone, and ours has a provider that is an agent of it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::certificates::Certificates;
use crate::relay::Relay;
use crate::server::{PATIENCE, Server};
use crate::support::{Run, copy_folder, sifter, workspace};

/// How our provider gets its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Pull,
    Push,
}

/// Both servers, either of which may be down. Each reaches the other at an address that stays.
pub struct TwoZones {
    folder: TempDir,
    mode: Mode,
    certificates: Option<Certificates>,
    /// More options of their zone, and of our provider.
    pub options: &'static str,
    pub provider: &'static str,
    /// Where our server keeps what it knows; none: in a file of its own.
    pub our_store: Option<String>,
    pub zone: Relay,
    pub push: Relay,
    theirs: Option<Server>,
    ours: Option<Server>,
}

impl TwoZones {
    pub fn new(mode: Mode) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(&workspace().join("examples/cedar-ridge"), &folder.path().join("district"));
        Self {
            folder,
            mode,
            certificates: None,
            options: "push_hosts: [127.0.0.1], retry_seconds: 1, max_retry_seconds: 1, max_attempts: 1000",
            provider: "events_every_seconds: 0",
            our_store: None,
            zone: Relay::start(),
            push: Relay::start(),
            theirs: None,
            ours: None,
        }
    }

    /// The same, encrypted, and each asks the other for a certificate.
    pub fn encrypted() -> Self {
        let zones = Self::new(Mode::Push);
        Self { certificates: Some(Certificates::in_folder(zones.folder.path())), ..zones }
    }

    pub fn certificates(&self) -> &Certificates {
        self.certificates.as_ref().unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn scheme(&self) -> &'static str {
        if self.certificates.is_some() { "https" } else { "http" }
    }

    /// The zone's address.
    pub fn url(&self) -> String {
        format!("{}://{}/zones/cedar-ridge", self.scheme(), self.zone.address())
    }

    /// The file of the zone, which both servers read.
    fn zone_file(&self) -> PathBuf {
        let every = "[provide, respond, publish_add, publish_change, publish_delete]";
        let shows = self.certificates.as_ref().map(|known| format!(", certificate: \"{}\"", known.fingerprint));
        self.write(
            "zone.yaml",
            &format!(
                "name: cedar-ridge\nschool_years: [2026]\nagents:\n  - {{ id: sis, approved: true, rights: {{ \"*\": {every} }}{} }}\n  \
                 - {{ id: tester, approved: true, rights: {{ \"*\": [request, subscribe] }} }}\n",
                shows.unwrap_or_default()
            ),
        )
    }

    /// Starts their server.
    pub fn start_theirs(&mut self) {
        let tls = self.certificates.as_ref().map(|known| {
            let Certificates { authority, certificate, key, identity, .. } = known;
            format!(
                "tls: {{ certificate: {certificate}, key: {key}, client_ca: {authority} }}\n\
                 push: {{ authorities: {authority}, identity: {identity} }}\n"
            )
        });
        let config = self.write(
            "theirs.yaml",
            &format!(
                "listen: 127.0.0.1:0\nstore: sqlite:{}\n{}zones:\n  - zone: {}\n    options: {{ {} }}\n",
                self.path("theirs.db").display(),
                tls.unwrap_or_default(),
                self.zone_file().display(),
                self.options
            ),
        );
        let mut server = Server::start(&config);
        self.zone.leads_to(&server.address());
        self.theirs = Some(server);
    }

    /// Ends their server.
    pub fn stop_theirs(&mut self) {
        self.zone.leads_nowhere();
        self.theirs.take().unwrap().stop();
    }

    /// What they knew is lost.
    pub fn forget_theirs(&self) {
        assert!(self.theirs.is_none());
        for end in ["", "-wal", "-shm"] {
            // The last two may be gone.
            let _gone = std::fs::remove_file(self.path(&format!("theirs.db{end}")));
        }
        assert!(!self.path("theirs.db").exists());
    }

    /// Starts our server.
    pub fn start_ours(&mut self) {
        let tls = self.certificates.as_ref().map(|known| {
            let Certificates { authority, certificate, key, identity, .. } = known;
            format!(
                ", authorities: {authority}, identity: {identity}, tls: {{ certificate: {certificate}, key: {key}, client_ca: {authority} }}"
            )
        });
        let mode = match self.mode {
            Mode::Pull => "mode: pull, pull_every_seconds: 1".to_owned(),
            Mode::Push => format!(
                "mode: push, listen: 127.0.0.1:0, own_url: \"{}://{}/\", check_every_seconds: 1{}",
                self.scheme(),
                self.push.address(),
                tls.unwrap_or_default()
            ),
        };
        let store = self.our_store.clone();
        let store = store.unwrap_or_else(|| format!("sqlite:{}", self.path("ours.db").display()));
        let config = self.write(
            "ours.yaml",
            &format!(
                "listen: 127.0.0.1:0\nstore: {}\nzones:\n  - zone: {}\n    source: csv:{}\n    \
                 provider: {{ id: sis, as_of: 2026-02-02, watch: false, {} }}\n    remote: {{ url: \"{}\", {mode} }}\n",
                store,
                self.zone_file().display(),
                self.path("district").display(),
                self.provider,
                self.url()
            ),
        );
        let mut server = Server::start(&config);
        let told = server.address();
        if let Some(url) = told.strip_prefix("listening at ") {
            self.push.leads_to(url);
        }
        self.ours = Some(server);
    }

    /// The configuration of our server, which was started before.
    pub fn our_config(&self) -> PathBuf {
        self.path("ours.yaml")
    }

    pub fn ours(&self) -> &Server {
        self.ours.as_ref().unwrap()
    }

    /// Ends our server.
    pub fn stop_ours(&mut self) {
        self.push.leads_nowhere();
        self.ours.take().unwrap().stop();
    }

    /// Ends our server as if its power had failed.
    pub fn kill_ours(&mut self) {
        self.push.leads_nowhere();
        self.ours.take().unwrap().kill();
    }

    /// Runs `sifter agent` as an agent of their zone.
    pub fn agent(&self, id: &str, what: &[&str]) -> Run {
        let (command, rest) = what.split_first().unwrap();
        let url = self.url();
        let mut arguments = vec!["agent", command, "--url", &url, "--id", id];
        if let Some(known) = &self.certificates {
            arguments.extend(["--authorities", &known.authority]);
        }
        arguments.extend(rest);
        sifter(&arguments)
    }

    /// The tester asks for the schools until it gets them: as long as our provider is not in the zone, nobody provides them.
    #[track_caller]
    pub fn schools_come(&self) {
        let begun = Instant::now();
        loop {
            let run = self.agent("tester", &["request", "SchoolInfo", "--wait", "120"]);
            if run.code == 0 {
                assert!(run.stdout.contains("Pinyon Middle"), "{}", run.stdout);
                return;
            }
            let is_early = run.stderr.contains("8/4");
            assert!(is_early && begun.elapsed() < PATIENCE, "{}\nours: {}", run.stderr, self.ours().said());
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}
