//! Callers that go away at any moment: what they submitted is written whole, and no connection stays in a transaction.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use sqlx::{Executor, Row};
use store::{MessageFilter, Store};
use tokio::time::timeout;

use crate::support::{Database, add, enqueue, put, queue, text, zone};

/// Futures that are dropped.
const CANCELLED: i64 = 10_000;
/// Callers at a time.
const CALLERS: i64 = 32;

pub async fn callers_that_go_away_leave_nothing_half_done(database: Database) {
    let store = Store::open_with_readers(&database.url(), 2).await.unwrap();
    let is_done = Arc::new(AtomicBool::new(false));
    let watching = watch(&database, Arc::clone(&is_done));
    let (finished, west) = (Arc::new(AtomicI64::new(0)), zone("West"));
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let (store, west, finished) = (store.clone(), Arc::clone(&west), Arc::clone(&finished));
            tokio::spawn(async move {
                for number in (1..=CANCELLED).filter(|number| number % CALLERS == caller) {
                    let changes = vec![
                        add(&west, number),
                        enqueue(&west, "Library", number),
                        put(&west, "agent", &number.to_string(), "x"),
                    ];
                    // The future is polled at least once, so the list is submitted.
                    let is_finished = match number % 4 {
                        0 | 1 => ends(number, store.apply(changes)).await,
                        kind => {
                            drop(store.submit(changes));
                            if kind == 2 {
                                ends(number, store.document("West", "Library", number / 2)).await
                            } else {
                                let filter = MessageFilter { limit: 20, ..MessageFilter::default() };
                                ends(number, store.messages("West", &filter)).await
                            }
                        }
                    };
                    finished.fetch_add(i64::from(is_finished), Ordering::Relaxed);
                    if number % 500 == 0 {
                        ends(number, store.load("West", i64::MAX)).await;
                    }
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    let finished = finished.load(Ordering::Relaxed);
    assert!(finished > 0 && finished < CANCELLED * 9 / 10, "{finished} of {CANCELLED} were not cancelled");

    gusts(&database, &store).await;

    // The pool of two still gives everybody a connection, and nobody sees half of a list.
    for number in 1..=1_000 {
        let patience = Duration::from_secs(60);
        let found = timeout(patience, store.document("West", "Library", number)).await.expect("no connection is left");
        assert_eq!(found.unwrap(), Some(text(number)));
    }
    let mut waiting = queue(&store, "West", "Library").await;
    waiting.sort_unstable();
    assert_eq!(waiting, (1..=CANCELLED).collect::<Vec<i64>>());
    assert_eq!(store.records("West", "agent").await.unwrap().len(), usize::try_from(CANCELLED).unwrap());
    assert!(!store.is_failing());
    is_done.store(true, Ordering::Relaxed);
    watching.await.unwrap();
}

/// Two callers that go away after a while, each time a little later, and then nobody: at rest no session of PostgreSQL stands in a transaction. (Under
/// load one may be helped out of it by whoever uses it next.)
async fn gusts(database: &Database, store: &Store) {
    let Database::Postgres(name) = database else { return };
    let mut connection = database.connect().await;
    // What was submitted before is written after this.
    store.apply(vec![put(&zone("West"), "agent", "1", "x")]).await.unwrap();
    store.load("West", i64::MAX).await.unwrap();
    for turn in 0..150 {
        let read = async |number: i64| {
            let going = async {
                let (begun, patience) = (Instant::now(), Duration::from_micros(20 * turn));
                while begun.elapsed() < patience {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! {
                biased;
                _ = store.document("West", "Library", number) => {}
                () = going => {}
            }
        };
        tokio::join!(read(1), read(2));
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND state LIKE 'idle in%'";
        // One that stands there stays until the server ends it, after ten seconds.
        let mut standing: i64 = 1;
        for _ in 0..100 {
            tokio::time::sleep(Duration::from_millis(30)).await;
            standing = sqlx::query_scalar(sql).bind(name).fetch_one(&mut connection).await.unwrap();
            if standing == 0 {
                break;
            }
        }
        assert_eq!(standing, 0, "after {turn} times 20 µs a session stands in a transaction");
    }
}

/// Whether a future ends before its caller goes away: after a few turns of the other tasks, after at most 3 ms, or, seldom, so late
/// that it is answered.
async fn ends(number: i64, future: impl Future) -> bool {
    let draw = u64::try_from(number * 7919 % 3_001).unwrap();
    let going = async {
        match number % 16 {
            0 => tokio::time::sleep(Duration::from_millis(100)).await,
            1..10 => {
                for _ in 0..draw % 40 {
                    tokio::task::yield_now().await;
                }
            }
            _ => tokio::time::sleep(Duration::from_micros(draw)).await,
        }
    };
    tokio::select! {
        biased;
        _ = future => true,
        () = going => false,
    }
}

/// Fails when a session of the store stands in a transaction and does nothing for a second.
fn watch(database: &Database, is_done: Arc<AtomicBool>) -> tokio::task::JoinHandle<()> {
    let url = match database {
        Database::Sqlite(_) => None,
        Database::Postgres(schema) => Some((database.url(), schema.clone())),
    };
    tokio::spawn(async move {
        let Some((url, name)) = url else { return };
        let url = url.replace("application_name", "options[application_name]");
        let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(&url).await.unwrap();
        connection.execute("SET application_name = 'watch'").await.unwrap();
        let sql = "SELECT count(*) FILTER (WHERE state LIKE 'idle in%' AND clock_timestamp() - state_change > interval '1 s'), count(*)
                   FROM pg_stat_activity WHERE application_name = $1";
        let mut sessions = 0;
        while !is_done.load(Ordering::Relaxed) {
            let row = sqlx::query(sql).bind(&name).fetch_one(&mut connection).await.unwrap();
            assert_eq!(row.get::<i64, _>(0), 0, "a session stands in a transaction");
            sessions = sessions.max(row.get::<i64, _>(1));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!((1..=8).contains(&sessions), "the sessions were watched: {sessions}");
    })
}
