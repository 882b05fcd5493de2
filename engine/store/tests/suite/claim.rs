//! One zone is one process's, also when that is killed, stopped for a while, or cut off from the database.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use store::{Store, StoreFault};

use crate::support::{Database, put, zone};

/// The variable that tells the child where its store is.
const URL: &str = "STORE_CLAIM_URL";

/// What the tests start as a process of its own: it claims a zone and writes until it may not. By itself it does nothing.
#[test]
fn child() {
    let Ok(url) = std::env::var(URL) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(&url).await.unwrap();
        let claim = store.claim("West").await.unwrap();
        say("claimed");
        for number in 1.. {
            if let Err(fault) = store.apply(vec![put(&zone("West"), "agent", "first", &number.to_string())]).await {
                say(&format!("stopped {fault}"));
                assert!(!claim.is_held());
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "\n{line}");
    let _ = out.flush();
}

/// Another process that serves the zone.
struct Other {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Other {
    fn start(database: &Database) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "claim::child", "--nocapture", "--test-threads=1"]).env(URL, database.url());
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut other = Self { child, out };
        other.hear("claimed");
        other
    }

    /// Waits for a line.
    fn hear(&mut self, beginning: &str) -> String {
        let mut line = String::new();
        while self.out.read_line(&mut line).unwrap() > 0 {
            if line.starts_with(beginning) {
                return line;
            }
            line.clear();
        }
        panic!("the other process ended and did not say {beginning}");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub async fn a_zone_is_claimed_by_one_and_others_are_free(database: Database) {
    let (first, second) = (database.open().await, database.open().await);
    let claim = first.claim("West").await.unwrap();
    assert!(claim.is_held());
    let Err(StoreFault::Taken(by)) = second.claim("West").await else { panic!("it was claimed twice") };
    assert!(by.contains(&format!("zone West is served by process {}", std::process::id())), "{by}");
    assert!(matches!(first.claim("West").await, Err(StoreFault::Taken(_))), "twice by one store");
    let _east = second.claim("East").await.unwrap();
    first.apply(vec![put(&zone("West"), "agent", "a", "1")]).await.unwrap();
    claim.release().await;
    assert!(!claim.is_held());
    let again = second.claim("West").await.unwrap();
    second.apply(vec![put(&zone("West"), "agent", "a", "2")]).await.unwrap();
    drop(again);
    first.claim("West").await.unwrap();
}

pub async fn a_zone_whose_process_is_killed_is_free(database: Database) {
    let store = database.open().await;
    let mut other = Other::start(&database);
    let Err(StoreFault::Taken(by)) = store.claim("West").await else { panic!("it was claimed twice") };
    assert!(by.contains(&format!("process {}", other.child.id())), "{by}");
    other.child.kill().unwrap();
    let claim = store.claim("West").await.unwrap();
    assert!(claim.is_held());
}

/// Ends the sessions that hold a zone.
async fn cut_off(database: &Database) {
    let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_locks JOIN pg_stat_activity USING (pid)
               WHERE application_name = $1 AND locktype = 'advisory' AND objsubid = 1";
    let ended: i64 =
        sqlx::query_scalar(sql).bind(database.schema()).fetch_one(&mut database.connect().await).await.unwrap();
    assert_eq!(ended, 1, "one session holds the zone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_was_stopped_writes_nothing_after_another_took_over() {
    let Some(database) = Database::postgres().await else { return };
    let store = database.open().await;
    let mut other = Other::start(&database);
    other.signal("-STOP");
    cut_off(&database).await;
    let claim = store.claim("West").await.unwrap();
    let written = store.record("West", "agent", "first").await.unwrap();
    store.apply(vec![put(&zone("West"), "agent", "second", "1")]).await.unwrap();
    other.signal("-CONT");
    let told = other.hear("stopped");
    // Refused by its token; or, where it was stopped within a transaction, ended by the server (idle in transaction, 25P03).
    assert!(told.contains("refused") || told.contains("25P03"), "{told}");
    assert_eq!(store.record("West", "agent", "first").await.unwrap(), written, "it wrote nothing any more");
    assert!(claim.is_held());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_checks_the_claim_even_if_nobody_has_noticed_yet() {
    let Some(database) = Database::postgres().await else { return };
    let store = database.open().await;
    let (west, east) = (store.claim("West").await.unwrap(), store.claim("East").await.unwrap());
    // As another process does that takes the zone over, in this moment.
    database.run("UPDATE claim SET token = nextval('claim_token') WHERE zone = 'West'").await;
    let west_and_east = [
        store.submit(vec![put(&zone("West"), "agent", "a", "1")]),
        store.submit(vec![put(&zone("East"), "agent", "a", "1")]),
    ];
    let [in_west, in_east] = west_and_east;
    assert!(matches!(in_west.await, Err(StoreFault::Refused(_))));
    assert_eq!(in_east.await, Ok(()), "another zone's list in the same commit is written");
    assert!(!west.is_held() && east.is_held());
    assert_eq!(store.record("West", "agent", "a").await.unwrap(), None);
    assert!(!store.is_failing(), "the store itself is well");
    west.renew().await.unwrap();
    store.apply(vec![put(&zone("West"), "agent", "a", "2")]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_is_lost_is_noticed_and_taken_again() {
    let Some(database) = Database::postgres().await else { return };
    let (store, second) = (database.open().await, database.open().await);
    let claim = store.claim("West").await.unwrap();
    let mut news = claim.watch();
    cut_off(&database).await;
    tokio::time::timeout(Duration::from_secs(10), news.wait_for(|is_held| !is_held)).await.unwrap().unwrap();
    assert!(!claim.is_held());
    let refused = store.apply(vec![put(&zone("West"), "agent", "a", "1")]).await;
    assert!(matches!(refused, Err(StoreFault::Refused(_))), "{refused:?}");
    let taken = second.claim("West").await.unwrap();
    assert!(matches!(claim.renew().await, Err(StoreFault::Taken(_))));
    taken.release().await;
    claim.renew().await.unwrap();
    assert!(claim.is_held());
    store.apply(vec![put(&zone("West"), "agent", "a", "2")]).await.unwrap();
}
