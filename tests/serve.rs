//! `sifter serve`: the example district is served at once, to each agent what it may see; and by somebody else's zone too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use support::{Run, copy_folder, program, sifter, workspace};
use tempfile::TempDir;

/// A server that ends with the test.
struct Server {
    child: Child,
    said: BufReader<std::process::ChildStderr>,
}

impl Server {
    fn start(config: &Path) -> Self {
        let mut child = program()
            .args(["serve", "--config"])
            .arg(config)
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        Self { child, said }
    }

    /// The next address that it says: of a zone or of the administration.
    fn address(&mut self) -> String {
        let mut line = String::new();
        while self.said.read_line(&mut line).unwrap() > 0 {
            if line.starts_with("zone ") || line.starts_with("administration") {
                return line.trim().split_once(": ").unwrap().1.to_owned();
            }
            eprint!("{line}");
            line.clear();
        }
        panic!("the server did not start");
    }

    /// Tells it to end, and waits until it has.
    fn stop(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
        let ended = self.child.wait().unwrap();
        let mut rest = String::new();
        self.said.read_to_string(&mut rest).unwrap();
        assert!(ended.success() && !rest.contains("panicked"), "{ended}: {rest}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// The example's configuration, with free ports and a store in a folder that goes.
fn example(folder: &TempDir) -> PathBuf {
    let text = std::fs::read_to_string(workspace().join("examples/cedar-ridge/serve.yaml")).unwrap();
    let store = format!("sqlite:{}", folder.path().join("store.db").display());
    let text = text.replace("7080", "0").replace("7081", "0").replace("sqlite:cedar-ridge.db", &store);
    let path = folder.path().join("serve.yaml");
    std::fs::write(&path, text).unwrap();
    path
}

fn agent(what: &[&str], url: &str, id: &str) -> Run {
    let (command, rest) = what.split_first().unwrap();
    let mut arguments = vec!["agent", command, "--url", url, "--id", id];
    arguments.extend(rest);
    sifter(&arguments)
}

#[test]
fn the_example_is_served_at_once_to_each_agent_what_it_may_see() {
    let folder = tempfile::tempdir().unwrap();
    let config = example(&folder);
    let mut server = Server::start(&config);
    let url = server.address();
    assert!(url.ends_with("/zones/cedar-ridge"), "{url}");

    for id in ["tester", "library"] {
        agent(&["register"], &url, id).ends(0);
    }
    assert_ne!(agent(&["register"], &url, "lunch").code, 0, "it is not approved");
    assert_ne!(agent(&["register"], &url, "stranger").code, 0, "nobody knows it");

    let schools = agent(&["request", "SchoolInfo", "--wait", "120"], &url, "tester").ends(0).stdout;
    assert!(schools.contains("Pinyon Middle") && schools.contains("Cedar Ridge High"), "{schools}");
    let whole = agent(&["request", "StudentPersonal", "--wait", "120"], &url, "tester").ends(0).stdout;
    assert!(whole.contains("Oldfield") && whole.contains("<BirthDate>"));
    let seen = agent(&["request", "StudentPersonal", "--wait", "120"], &url, "library").ends(0).stdout;
    assert!(seen.contains("Oldfield") && seen.contains("<LocalId>"));
    for hidden in ["BirthDate", "Gender", "AddressList", "UTExtensions"] {
        assert!(whole.contains(hidden) && !seen.contains(hidden), "{hidden}");
    }
    let asks = ["request", "StudentPersonal", "--where", "Demographics/BirthDate LT 2010-01-01", "--wait", "120"];
    assert_ne!(agent(&asks, &url, "library").code, 0, "it would learn what is hidden from it");
    assert_ne!(agent(&["request", "TermInfo", "--wait", "120"], &url, "library").code, 0, "it has no right to it");
    server.stop();

    // What was registered is still known.
    let mut server = Server::start(&config);
    let url = server.address();
    let one =
        ["request", "StudentPersonal", "--where", "LocalId EQ 1001", "--elements", "Name/LastName", "--wait", "120"];
    let one = agent(&one, &url, "tester").ends(0).stdout;
    assert!(!one.contains("BirthDate"), "{one}");
    server.stop();
}

#[test]
fn a_second_server_of_the_same_zone_is_refused_until_the_first_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let config = example(&folder);
    let mut first = Server::start(&config);
    let url = first.address();
    let second = sifter(&["serve", "--config", config.to_str().unwrap()]);
    assert_ne!(second.code, 0, "{}", second.stderr);
    let told = format!("zone cedar-ridge is served by process {}", first.child.id());
    assert!(second.stderr.contains(&told) && second.stderr.contains("stop that one first"), "{}", second.stderr);
    agent(&["register"], &url, "tester").ends(0);
    // As if its power had failed.
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    let mut second = Server::start(&config);
    let url = second.address();
    agent(&["ping"], &url, "tester").ends(0);
    second.stop();
}

#[test]
fn a_provider_joins_the_zone_of_somebody_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    let every = "[provide, respond, publish_add, publish_change, publish_delete]";
    write(
        "zone.yaml",
        format!(
            "name: cedar-ridge\nschool_years: [2026]\nagents:\n  - {{ id: sis, approved: true, rights: {{ \"*\": {every} }} }}\n  \
             - {{ id: tester, approved: true, rights: {{ \"*\": [request] }} }}\n"
        ),
    );
    write(
        "theirs.yaml",
        format!("listen: 127.0.0.1:0\nstore: sqlite:{}\nzones:\n  - zone: {}\n", path("theirs.db"), path("zone.yaml")),
    );
    let mut theirs = Server::start(&folder.path().join("theirs.yaml"));
    let url = theirs.address();
    write(
        "ours.yaml",
        format!(
            "listen: 127.0.0.1:0\nstore: sqlite:{}\nzones:\n  - zone: {}\n    source: csv:examples/cedar-ridge\n    \
             provider: {{ id: sis, as_of: 2026-02-02, events_every_seconds: 0, watch: false }}\n    \
             remote: {{ url: \"{url}\", pull_every_seconds: 1 }}\n",
            path("ours.db"),
            path("zone.yaml")
        ),
    );
    let ours = Server::start(&folder.path().join("ours.yaml"));
    agent(&["register"], &url, "tester").ends(0);
    let mut tries = 0;
    let schools = loop {
        let run = agent(&["request", "SchoolInfo", "--wait", "120"], &url, "tester");
        // Until our provider has joined, nobody provides schools.
        if run.code == 0 || tries == 60 {
            break run.ends(0).stdout;
        }
        tries += 1;
        std::thread::sleep(std::time::Duration::from_millis(500));
    };
    assert!(schools.contains("Pinyon Middle"), "{schools}");
    ours.stop();
    theirs.stop();
}

/// A configuration over the small rulebook of planted mistakes, in a folder that goes.
fn small() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&workspace().join("tests/mistakes/rulebook"), folder.path());
    let here = folder.path().display();
    let text = format!(
        "listen: 127.0.0.1:0\nstore: sqlite:{here}/store.db\nzones:\n  - zone: {here}/zone.yaml\n    source: csv:{here}/source\n    rulebook: {here}\n"
    );
    let path = folder.path().join("serve.yaml");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

#[test]
fn check_says_what_would_run_and_what_is_wrong() {
    let (folder, config) = small();
    let check = || sifter(&["serve", "--config", config.to_str().unwrap(), "--check"]);
    let said = check().ends(0).stdout;
    for words in
        ["cases pass", "served at http://127.0.0.1:0/zones/", "1 agents, 1 of them approved", "provider sifter over"]
    {
        assert!(said.contains(words), "{words} is not in {said}");
    }
    assert!(!folder.path().join("store.db").exists(), "nothing is started");
    let object = folder.path().join("objects/StudentAttendanceSummary.yaml");
    support::edit(&object, "limits.cap)", "limits.cap + 1)");
    check().ends(1).says(&["error[Z104]", "the case `more days than the cap`"]);
    support::edit(&object, "limits.cap + 1)", "limits.capp)");
    check().ends(2).says(&["does not check"]);
    support::edit(&config, "source:", "sorce:");
    check().ends(3).says(&["unknown key `sorce`", "did you mean `source`?"]);
}

#[test]
fn triggers_are_printed_for_databases_only() {
    let (folder, config) = small();
    let print = || sifter(&["serve", "--config", config.to_str().unwrap(), "--print-triggers"]);
    print().ends(3).says(&["no source of these zones can have a change feed"]);
    support::edit(&config, &format!("csv:{}/source", folder.path().display()), "sqlite:sis.db");
    let script = print().ends(0).stdout;
    assert!(script.contains("CREATE TRIGGER"), "{script}");
}

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
