//! The example district is served at once, to each agent what it may see, by one server at a time.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::agent;
use crate::server::Server;
use crate::support::{sifter, workspace};

/// The example's configuration, with free ports and a store in a folder that goes.
fn example(folder: &TempDir) -> PathBuf {
    let text = std::fs::read_to_string(workspace().join("examples/cedar-ridge/serve.yaml")).unwrap();
    let store = format!("sqlite:{}", folder.path().join("store.db").display());
    let text = text.replace("7080", "0").replace("7081", "0").replace("sqlite:cedar-ridge.db", &store);
    let path = folder.path().join("serve.yaml");
    std::fs::write(&path, text).unwrap();
    path
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
    first.kill();
    let mut second = Server::start(&config);
    let url = second.address();
    agent(&["ping"], &url, "tester").ends(0);
    second.stop();
}
