//! Conversations between agents and a zone: one a file, over real sockets, against a real server, on both stores.
//!
//! A file says what the zone and its agents are, then what is sent, answered and received, in order (`script.rs` has all that it
//! may say). Every agent has a connection of its own. Whatever the server says is held against the standard's schema.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../support/mod.rs"]
mod support;

mod actor;
mod certificates;
mod codes;
mod command_line;
mod expect;
mod labels;
mod lines;
mod play;
mod raw_http;
mod script;
mod setup;
mod shapes;
mod stage;
mod stores;
mod valid;

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use script::Conversation;
use stores::Stores;
use support::workspace;
use tokio::sync::Semaphore;

/// How many are played at a time.
const AT_A_TIME: usize = 8;

/// A file and its name without the end.
struct File {
    name: String,
    conversation: Conversation,
}

/// The files of the conversations.
fn paths() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut folders = vec![workspace().join("tests/zis")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "yaml") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths
}

fn files() -> Vec<File> {
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let conversation = script::read(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = path.strip_prefix(workspace().join("tests/zis")).unwrap().with_extension("");
        File { name: name.to_str().unwrap().replace('\\', "/"), conversation }
    };
    paths().into_iter().map(read).collect()
}

/// Plays them all; panics with all that went wrong.
fn play_all(stores: Stores) {
    // One conversation at most can be asked for by its name.
    let only = std::env::var("CONVERSATION").ok();
    let files: Vec<File> =
        files().into_iter().filter(|file| only.as_ref().is_none_or(|only| file.name.contains(only.as_str()))).collect();
    assert!(!files.is_empty(), "there is no conversation");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let places = Arc::new(Semaphore::new(AT_A_TIME));
    let stores = Arc::new(stores);
    let count = files.len();
    let mut played = Vec::new();
    for (number, file) in files.into_iter().enumerate() {
        let (places, stores) = (Arc::clone(&places), Arc::clone(&stores));
        played.push(runtime.spawn(async move {
            let _place = places.acquire_owned().await.unwrap();
            let zone = format!("Zone{number}");
            let said = play::play(&zone, &stores.url(&zone), &file.conversation).await;
            (file.name, said)
        }));
    }
    let mut said: Vec<(String, Bytes)> = Vec::new();
    let mut wrong = Vec::new();
    for task in played {
        match runtime.block_on(task) {
            Ok((name, Ok(messages))) => {
                let name = name.replace('/', "-");
                said.extend(messages.into_iter().map(|message| (name.clone(), message)));
            }
            Ok((name, Err(why))) => wrong.push(format!("{name}.yaml, {why}")),
            Err(error) => wrong.push(format!("a conversation broke off: {error}")),
        }
    }
    match valid::validate(&said) {
        Ok(checked) => println!(
            "{count} conversations, {} messages of the server valid, {} of the shape of their version; {} of versions that have neither \
             schema nor shape here",
            checked.valid, checked.of_shape, checked.other_versions
        ),
        Err(errors) => wrong.push(format!("the server says what is not valid:\n{errors}")),
    }
    assert!(wrong.is_empty(), "{} of {count} conversations went wrong:\n\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn every_conversation_goes_as_its_file_says_on_sqlite() {
    play_all(Stores::sqlite());
}

#[test]
fn every_conversation_goes_as_its_file_says_on_postgresql() {
    if let Some(stores) = Stores::postgres() {
        play_all(stores);
    }
}

/// Plays a text.
fn play_text(text: &str) -> Result<Vec<Bytes>, String> {
    let conversation = script::read(text).unwrap();
    let stores = Stores::sqlite();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(play::play("Zone", &stores.url("Zone"), &conversation))
}

#[test]
fn what_does_not_go_as_the_file_says_is_told_with_its_step() {
    let wrong = |steps: &str| {
        let text =
            format!("about: x\nagents:\n  A: {{ does: {{ subscribe: [SchoolInfo] }} }}\n  B: {{}}\nsteps:\n{steps}");
        play_text(&text).unwrap_err()
    };
    let why =
        wrong("  - { agent: A, control: ping }\n  - { agent: A, control: ping, answer: { error: 4/9 }, note: no }\n");
    assert_eq!(why, "step 2 (no): the answer: expected error 4/9, got status 0");
    let event = "  - { agent: B, id: E, event: { add: SchoolInfo } }\n";
    let why = wrong(&format!("{event}  - {{ agent: A, receives: [] }}\n"));
    assert!(why.starts_with("step 2: one more message waits"), "{why}");
    let why = wrong(&format!("{event}  - {{ agent: A, receives: [{{ event: F }}] }}\n"));
    assert!(why.starts_with("step 2: message 1: SIF_MsgId: expected"), "{why}");
    let why = wrong("  - { agent: A, receives: [{ event: F }] }\n");
    assert_eq!(why, "step 1: message 1: nothing waits");
    let why = wrong("  - { agent: A, control: ping, answer: { has: [xyz] } }\n");
    assert!(why.starts_with("step 1: nothing has \"xyz\" in"), "{why}");
    let why = wrong("  - { agent: C, control: ping }\n");
    assert_eq!(why, "step 1: there is no agent C");
    let why = wrong("  - { agent: A }\n");
    assert_eq!(why, "step 1: the agent neither sends nor receives");
}

#[test]
fn an_unknown_key_is_an_error_with_its_line() {
    let error = script::read("about: x\nsteps:\n  - agent: A\n    evnt: { add: SchoolInfo }\n").unwrap_err();
    assert!(error.contains("evnt") && error.contains('4'), "{error}");
    let error = script::read("about: x\nzone: { options: { min_bufer_size: 1 } }\nsteps: []\n").unwrap_err();
    assert!(error.contains("min_bufer_size"), "{error}");
}

#[test]
fn a_message_that_is_not_valid_is_noticed() {
    let Some(_) = support::shared() else { return };
    let bad = format!("<SIF_Message xmlns=\"{}\" Version=\"2.4\"><SIF_Ack/></SIF_Message>", sif::NAMESPACE);
    let errors = valid::validate(&[("bad".to_owned(), bad.into())]).unwrap_err();
    assert!(errors.contains("SIF_Ack") && errors.contains("bad"), "{errors}");
}
