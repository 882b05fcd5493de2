//! kill -9 at any moment, over and over, on the same database.

use std::time::{Duration, Instant};

use store::Store;

use crate::draw::{Draw, rounds};
use crate::load::{Running, integrity, missing};
use crate::support::Database;

/// After so many kills a new database is begun, so that what is looked through stays small.
const KILLS_OF_A_DATABASE: usize = 20;

/// Kills a store's program so often: nothing acknowledged is lost, and what is there is whole and in order.
async fn kill(database: Database, kills: usize, draw: &mut Draw) -> usize {
    let mut acknowledged = 0;
    for round in 0..kills {
        let running = Running::start(&database.url());
        let mut running = running;
        // At times while it is being opened.
        if round % 4 != 0 {
            running.wait_until("open", |heard| heard.is_open);
        }
        std::thread::sleep(Duration::from_millis(draw.below(500)));
        let heard = running.kill();
        acknowledged += heard.acknowledged.len();
        let store = Store::open(&database.url()).await.unwrap();
        assert_eq!(
            missing(&store, &heard.acknowledged).await,
            0,
            "acknowledged messages are missing after kill {round}"
        );
        store.close().await;
        if let Database::Sqlite(_) = &database {
            assert_eq!(integrity(&database.file()), "ok");
        }
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_loses_nothing_when_its_program_is_killed() {
    let (kills, mut draw, begun) = (rounds("STORE_KILLS", 20), Draw::new("kill sqlite"), Instant::now());
    let (mut done, mut acknowledged) = (0, 0);
    while done < kills {
        let now = KILLS_OF_A_DATABASE.min(kills - done);
        acknowledged += kill(Database::sqlite(), now, &mut draw).await;
        done += now;
    }
    println!("SQLite: {done} kills, {acknowledged} acknowledged, 0 lost ({} s)", begun.elapsed().as_secs());
    assert!(acknowledged > done * 10, "too little was written to show anything: {acknowledged}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_loses_nothing_when_its_client_is_killed() {
    let (kills, mut draw, begun) = (rounds("STORE_KILLS", 20), Draw::new("kill postgres"), Instant::now());
    let (mut done, mut acknowledged) = (0, 0);
    while done < kills {
        let Some(database) = Database::postgres().await else { return };
        let now = KILLS_OF_A_DATABASE.min(kills - done);
        acknowledged += kill(database, now, &mut draw).await;
        done += now;
    }
    println!("PostgreSQL: {done} kills, {acknowledged} acknowledged, 0 lost ({} s)", begun.elapsed().as_secs());
    assert!(acknowledged > done * 10, "too little was written to show anything: {acknowledged}");
}
