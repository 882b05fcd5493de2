//! What one of the two stores must bear alone: a server that goes away in the middle of a commit, a file that others could read.
//! (For a disk that is full see `crash`.)

use std::time::Duration;

use sqlx::{Connection, Executor};
use store::StoreFault;

use crate::support::{Database, add, enqueue, put, queue, zone};

/// Ends the store's sessions that wait for a lock, as a server does that is stopped at once.
async fn end_waiting(database: &Database) {
    let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'";
    let mut connection = database.connect().await;
    for _ in 0..200 {
        let ended: i64 = sqlx::query_scalar(sql).bind(database.schema()).fetch_one(&mut connection).await.unwrap();
        if ended > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no session waits for a lock");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_fails_is_lost_for_all_and_the_store_waits_for_its_recovery() {
    let Some(database) = Database::postgres().await else { return };
    let (store, west) = (database.open().await, zone("West"));
    store.apply(vec![add(&west, 1), enqueue(&west, "Library", 1)]).await.unwrap();

    let mut other = database.connect().await;
    other.execute("BEGIN").await.unwrap();
    other.execute("LOCK TABLE queue").await.unwrap();
    let pending: Vec<_> =
        (2..=9).map(|number| store.submit(vec![add(&west, number), enqueue(&west, "Library", number)])).collect();
    end_waiting(&database).await;
    for answer in pending {
        assert!(matches!(answer.await, Err(StoreFault::Lost(_))));
    }
    assert!(store.is_failing());
    // The server is there, but nothing is taken before whoever uses the store has said that it starts anew.
    other.execute("ROLLBACK").await.unwrap();
    assert!(matches!(store.apply(vec![put(&west, "agent", "a", "1")]).await, Err(StoreFault::Lost(_))));

    store.recover().await.unwrap();
    assert!(!store.is_failing());
    assert_eq!(queue(&store, "West", "Library").await, [1]);
    assert_eq!(store.record("West", "agent", "a").await.unwrap(), None);
    store.apply(vec![add(&west, 2), enqueue(&west, "Library", 2)]).await.unwrap();
    assert_eq!(queue(&store, "West", "Library").await, [1, 2]);
    other.close().await.unwrap();
}

/// A program that is killed may have a commit in the server's hands. Whoever takes its zone over loads what that commit wrote, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_zone_is_loaded_when_what_was_under_way_is_done() {
    let Some(database) = Database::postgres().await else { return };
    let (first, second, west) = (database.open().await, database.open().await, zone("West"));
    let mut other = database.connect().await;
    other.execute("BEGIN").await.unwrap();
    // Nobody can write, everybody can read.
    other.execute("LOCK TABLE queue IN SHARE MODE").await.unwrap();
    let pending = first.submit(vec![add(&west, 1), enqueue(&west, "Library", 1)]);
    let waiting =
        "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE application_name = $1 AND NOT granted";
    let mut watching = database.connect().await;
    while sqlx::query_scalar::<_, i64>(waiting).bind(database.schema()).fetch_one(&mut watching).await.unwrap() == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let loading = tokio::spawn(async move { second.load("West", 0).await.unwrap() });
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!loading.is_finished(), "it was loaded while a commit was under way");
    other.execute("ROLLBACK").await.unwrap();
    assert_eq!(pending.await, Ok(()));
    assert_eq!(loading.await.unwrap().queued.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ended_while_nothing_was_to_be_done_is_replaced() {
    let Some(database) = Database::postgres().await else { return };
    let (store, west) = (database.open().await, zone("West"));
    for number in 1..=3 {
        store.apply(vec![add(&west, number), enqueue(&west, "Library", number)]).await.unwrap();
        assert_eq!(store.original("West", number).await.unwrap(), Some(crate::support::text(number)));
        let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1";
        let ended: i64 =
            sqlx::query_scalar(sql).bind(database.schema()).fetch_one(&mut database.connect().await).await.unwrap();
        assert!(ended >= 2, "the writer's and a reader's: {ended}");
    }
    assert_eq!(queue(&store, "West", "Library").await, [1, 2, 3]);
    assert!(!store.is_failing());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_does_not_wait_for_the_disk_is_made_to() {
    let Some(database) = Database::postgres().await else { return };
    let url = format!("{}&options[synchronous_commit]=off", database.url());
    let store = store::Store::open(&url).await.unwrap();
    store.apply(vec![add(&zone("West"), 1)]).await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_without_its_password() {
    let fault = store::Store::open("postgres://root:secret@127.0.0.1:9/test").await.unwrap_err();
    assert!(matches!(&fault, StoreFault::Lost(why) if !why.contains("secret")), "{fault}");
    let fault = store::Store::open("postgres://root:secret@[nonsense/test").await.unwrap_err();
    assert!(!fault.to_string().contains("secret"), "{fault}");
}

/// The file holds children's records, and so does its log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_its_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let database = Database::sqlite();
    let store = database.open().await;
    store.apply(vec![add(&zone("West"), 1)]).await.unwrap();
    for end in ["", "-wal", "-shm"] {
        let mut name = database.file().into_os_string();
        name.push(end);
        let mode = std::fs::metadata(name).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "store.db{end}");
    }
}
