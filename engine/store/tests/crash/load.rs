//! A program that writes numbered changes from many tasks and says which are acknowledged, and what must be found after it ended.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use store::{Change, MessageFilter, NewMessage, Number, Store};

use crate::support::{dequeue, enqueue, hop, message, put, text, zone};

/// The variable that tells the child where its store is.
pub const URL: &str = "STORE_CHILD_URL";
/// Callers at a time.
const TASKS: usize = 16;
/// Messages that wait at a time: the one before is taken out when a new one comes.
const WAITING: Number = 200;

const AGENTS: [&str; 4] = ["Library", "Food", "Transport", "Testing"];

fn agent(number: Number) -> &'static str {
    AGENTS[usize::try_from(number % 4).unwrap()]
}

/// An acknowledged message: its number, and how often its program had recovered when it was written. After a recovery numbers are
/// used again that were lost, which must not hide that one of them had been acknowledged.
pub type Acknowledged = (Number, usize);

fn source(recovered: usize) -> String {
    format!("Recovered{recovered}")
}

/// What is written under one number, whole or not at all.
fn changes(number: Number, recovered: usize) -> Vec<Change> {
    let west = zone("West");
    let message = NewMessage { source: source(recovered), ..message(number) };
    let mut changes = vec![
        Change::AddMessage { zone: Arc::clone(&west), message },
        enqueue(&west, agent(number), number),
        hop(&west, agent(number), number, "queued"),
        put(&west, "progress", "last", &number.to_string()),
    ];
    if number > WAITING {
        changes.push(dequeue(&west, agent(number - WAITING), number - WAITING));
    }
    changes
}

/// The child: writes until it is killed. When the store is lost it says so, and recovers as soon as it can.
pub fn write_until_stopped(url: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(url).await.unwrap();
        say("open");
        for recovered in 0.. {
            let last = store.load("West", i64::MAX).await.unwrap().last_number;
            let next = Arc::new(Mutex::new(last + 1));
            let tasks: Vec<_> =
                (0..TASKS).map(|_| tokio::spawn(write(store.clone(), Arc::clone(&next), recovered))).collect();
            for task in tasks {
                task.await.unwrap();
            }
            say("lost");
            assert!(store.is_failing());
            while store.recover().await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            say("recovered");
        }
    });
}

/// One of many callers: until the store is lost.
async fn write(store: Store, next: Arc<Mutex<Number>>, recovered: usize) {
    loop {
        let (number, pending) = {
            // Under one lock, as a zone does: the order of the numbers is the order of writing.
            let mut next = next.lock().unwrap();
            let number = *next;
            *next += 1;
            (number, store.submit(changes(number, recovered)))
        };
        match pending.await {
            Ok(()) => say(&format!("acknowledged {number} {recovered}")),
            Err(_) => return,
        }
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Whoever listened may be gone.
    let _ = writeln!(out, "\n{line}");
    let _ = out.flush();
}

/// A child that runs.
pub struct Running {
    pub child: Child,
    pub heard: Arc<Mutex<Heard>>,
    listening: Option<JoinHandle<()>>,
}

/// What a child said so far.
#[derive(Default, Clone)]
pub struct Heard {
    pub is_open: bool,
    pub lost: usize,
    pub recovered: usize,
    pub acknowledged: Vec<Acknowledged>,
}

impl Running {
    pub fn start(url: &str) -> Self {
        Self::start_by(Command::new(std::env::current_exe().unwrap()), url)
    }

    /// Starts the child by a command that takes the program's arguments.
    pub fn start_by(mut command: Command, url: &str) -> Self {
        command.args(["child", "--exact", "--nocapture", "--test-threads=1"]).env(URL, url).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let heard: Arc<Mutex<Heard>> = Arc::default();
        let hearing = Arc::clone(&heard);
        let listening = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut heard = hearing.lock().unwrap();
                match line.split_once(' ') {
                    // A line that a kill cut off has no third word.
                    Some(("acknowledged", rest)) => {
                        let (number, recovered) = rest.split_once(' ').unwrap_or_default();
                        if let (Ok(number), Ok(recovered)) = (number.parse(), recovered.parse()) {
                            heard.acknowledged.push((number, recovered));
                        }
                    }
                    _ if line == "open" => heard.is_open = true,
                    _ if line == "lost" => heard.lost += 1,
                    _ if line == "recovered" => heard.recovered += 1,
                    _ => {}
                }
            }
        });
        Self { child, heard, listening: Some(listening) }
    }

    /// Waits until what was heard is enough.
    pub fn wait_until(&mut self, what: &str, is_enough: impl Fn(&Heard) -> bool) {
        for _ in 0..24_000 {
            if is_enough(&self.heard.lock().unwrap()) {
                return;
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the child ended ({status}) before it was {what}");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the child was not {what} within 2 minutes");
    }

    /// Kills it with signal 9, and gives all that it said.
    pub fn kill(mut self) -> Heard {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.listening.take().unwrap().join().unwrap();
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Running {
    /// A test that fails leaves nothing running.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Holds a store against what was acknowledged, and gives how many acknowledged messages are missing. Whatever else is wrong fails.
pub async fn missing(store: &Store, acknowledged: &[Acknowledged]) -> usize {
    let state = store.load("West", i64::MAX).await.unwrap();
    let last = state.last_number;
    // Lists are whole: everything agrees on which the last one is.
    let progress = store.record("West", "progress", "last").await.unwrap();
    assert_eq!(progress.map_or(0, |text| text.parse().unwrap()), last, "the record and the last message");
    let mut expected: BTreeMap<&str, Vec<Number>> = BTreeMap::new();
    for number in (1.max(last - WAITING + 1))..=last {
        expected.entry(agent(number)).or_default().push(number);
    }
    let mut queues: BTreeMap<&str, Vec<Number>> = BTreeMap::new();
    for queued in &state.queued {
        queues.entry(&queued.agent).or_default().push(queued.message);
    }
    assert_eq!(queues, expected, "each queue, in order");
    // What is written is what came first: nothing is missing below the last.
    let all = MessageFilter { limit: u32::MAX, ..MessageFilter::default() };
    let there = store.messages("West", &all).await.unwrap();
    assert!(there.iter().map(|message| message.number).eq((1..=last).rev()), "all numbers up to the last");
    let sources: HashMap<Number, &str> =
        there.iter().map(|message| (message.number, message.source.as_str())).collect();
    let mut missing = 0;
    for (number, recovered) in acknowledged {
        if sources.get(number) == Some(&source(*recovered).as_str()) {
            assert_eq!(store.original("West", *number).await.unwrap(), Some(text(*number)));
        } else {
            missing += 1;
        }
    }
    missing
}

/// What SQLite itself says of its file.
pub fn integrity(path: &std::path::Path) -> String {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap()
}
