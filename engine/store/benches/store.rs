//! What a store takes in a second, beside what bare commits do in the same run: `cargo bench -p store`.
//!
//! Times depend on the machine and on what else it does; the ratios do so less.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark that cannot go on ends")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use sqlx::{Connection, Executor, PgConnection};
use store::{Change, NewMessage, Store};

const SERVER: &str = "postgres://root@127.0.0.1/test";
/// How long each measurement takes.
const LONG: Duration = Duration::from_secs(3);
/// Measurements of the same, one after the other: the median counts.
const ROUNDS: usize = 3;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::Builder::new().prefix("store").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        println!("SQLite");
        let url = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
        let bare = median(|| sqlite_commits(&folder.path().join("bare.db")));
        println!("  bare `INSERT; COMMIT`, one after the other: {bare:.0} a second");
        callers(&url("callers.db"), bare).await;
        claims(&url("shallow.db"), &url("deep.db")).await;

        let Ok(mut connection) = PgConnection::connect(SERVER).await else {
            println!("skipped: no PostgreSQL at 127.0.0.1 takes the user root");
            return;
        };
        println!("PostgreSQL");
        let schema = format!("store_bench_{}", std::process::id());
        connection.execute(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).await.unwrap();
        let url = format!("{SERVER}?options[search_path]={schema}");
        let bare = postgres_commits(&url).await;
        println!("  bare `INSERT; COMMIT`, one after the other: {bare:.0} a second");
        callers(&url, bare).await;
        claims(&url, &url).await;
        connection.execute("SET client_min_messages = warning").await.unwrap();
        connection.execute(sqlx::AssertSqlSafe(format!("DROP SCHEMA {schema} CASCADE"))).await.unwrap();
    });
}

fn median(mut measure: impl FnMut() -> f64) -> f64 {
    let mut found: Vec<f64> = (0..ROUNDS).map(|_| measure()).collect();
    found.sort_by(f64::total_cmp);
    found[ROUNDS / 2]
}

fn a_second(count: usize, begun: Instant) -> f64 {
    f64::from(u32::try_from(count).unwrap()) / begun.elapsed().as_secs_f64()
}

/// One thread that inserts 2 KB and commits, synced.
fn sqlite_commits(path: &std::path::Path) -> f64 {
    let _ = std::fs::remove_file(path);
    let connection = rusqlite::Connection::open(path).unwrap();
    connection
        .execute_batch("PRAGMA journal_mode = wal; PRAGMA synchronous = FULL; CREATE TABLE bare (document BLOB)")
        .unwrap();
    let mut insert = connection.prepare("INSERT INTO bare VALUES (?1)").unwrap();
    let (begun, text, mut count) = (Instant::now(), text(), 0);
    while begun.elapsed() < LONG {
        insert.execute([&text[..]]).unwrap();
        count += 1;
    }
    a_second(count, begun)
}

async fn postgres_commits(url: &str) -> f64 {
    let mut connection = PgConnection::connect(url).await.unwrap();
    connection.execute("CREATE TABLE bare (document bytea)").await.unwrap();
    let (begun, text, mut count) = (Instant::now(), text(), 0);
    while begun.elapsed() < LONG {
        sqlx::query("INSERT INTO bare VALUES ($1)").bind(&text[..]).execute(&mut connection).await.unwrap();
        count += 1;
    }
    a_second(count, begun)
}

fn text() -> Bytes {
    "<SIF_Message>0123456789</SIF_Message>".bytes().cycle().take(2048).collect()
}

/// What a sender's event does: it is kept, and put into a queue.
fn event(zone: &Arc<str>, number: i64, document: &Bytes) -> Vec<Change> {
    let message = NewMessage {
        number,
        message_id: format!("{:032X}", number.wrapping_mul(0x5851_F42D_4C95_7F2D)),
        source: "StudentInformationSystem".to_owned(),
        kind: "SIF_Event".to_owned(),
        object: Some("StudentPersonal".to_owned()),
        received: 1_700_000_000_000 + number,
        envelope: r#"{"kind":"SIF_Event","version":"2.4","size":2048,"security":[0,0]}"#.to_owned(),
        document: document.clone(),
    };
    vec![
        Change::AddMessage { zone: Arc::clone(zone), message },
        Change::Enqueue { zone: Arc::clone(zone), agent: "Library".to_owned(), message: number, document: None },
    ]
}

/// Events that are stored in a second, for callers that each wait for their answer.
async fn callers(url: &str, bare: f64) {
    let store = Store::open(url).await.unwrap();
    let (zone, document, next): (Arc<str>, _, _) = (Arc::from("West"), text(), Arc::new(AtomicI64::new(0)));
    for callers in [1, 16, 64] {
        let mut found = Vec::new();
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let tasks: Vec<_> = (0..callers)
                .map(|_| {
                    let (store, zone, document, next) =
                        (store.clone(), Arc::clone(&zone), document.clone(), Arc::clone(&next));
                    tokio::spawn(async move {
                        let mut count = 0;
                        while begun.elapsed() < LONG {
                            let number = next.fetch_add(1, Ordering::Relaxed) + 1;
                            store.apply(event(&zone, number, &document)).await.unwrap();
                            count += 1;
                        }
                        count
                    })
                })
                .collect();
            let mut count = 0;
            for task in tasks {
                count += task.await.unwrap();
            }
            found.push(a_second(count, begun));
        }
        found.sort_by(f64::total_cmp);
        let (least, middle, most) = (found[0], found[ROUNDS / 2], found[ROUNDS - 1]);
        println!(
            "  {callers:2} callers: {middle:.0} events a second ({least:.0} to {most:.0}), {:.2} of bare commits",
            middle / bare
        );
    }
    store.close().await;
}

/// How long it takes to read the text of the message that is next, in a queue of a thousand and one of a hundred thousand. They are
/// read by turns, so that whatever else the machine does slows both.
async fn claims(shallow: &str, deep: &str) {
    let mut sides = Vec::new();
    for (url, name, depth) in [(shallow, "Shallow", 1_000_i64), (deep, "Deep", 100_000)] {
        let (store, zone, document): (_, Arc<str>, _) = (Store::open(url).await.unwrap(), Arc::from(name), text());
        for from in (0..depth).step_by(500) {
            let changes = (from + 1..=from + 500).flat_map(|number| event(&zone, number, &document));
            store.apply(changes.collect()).await.unwrap();
        }
        sides.push((store, name, depth, Vec::new()));
    }
    for number in 1..=20_000_i64 {
        for (store, name, depth, times) in &mut sides {
            // As an agent takes them: from the head on.
            let number = (number - 1) % *depth + 1;
            let begun = Instant::now();
            assert!(store.document(name, "Library", number).await.unwrap().is_some());
            times.push(begun.elapsed());
        }
    }
    let mut found = Vec::new();
    for (store, _, depth, mut times) in sides {
        times.sort_unstable();
        let (middle, late) = (times[times.len() / 2], times[times.len() * 99 / 100]);
        println!("  a text out of a queue of {depth}: {middle:?}, one in a hundred takes {late:?} or more");
        found.push((middle.as_secs_f64(), late.as_secs_f64()));
        store.close().await;
    }
    let (middle, late) = (found[1].0 / found[0].0, found[1].1 / found[0].1);
    println!("  a hundred thousand against a thousand: {middle:.2} times, {late:.2} for one in a hundred");
}
