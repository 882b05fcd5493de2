//! kill -9 at random moments while events are sent, stored and delivered.

use std::time::{Duration, Instant};

use crate::draw::{Draw, rounds};
use crate::load::{Load, Seen, agents};
use crate::server::Server;
use crate::stores::Stores;

/// A kill shows something only if so much was acknowledged before it.
const LEAST: usize = 10;

async fn kill(stores: Stores, what: &str) {
    let (kills, mut draw, begun) = (rounds("SIFTER_SOAK_KILLS", 10), Draw::new(what), Instant::now());
    let mut server = Server::of_agents(&stores.url("faults"), &agents());
    server.start();
    let load = Load::start(&server.address).await;
    for kill in 0..kills {
        load.until_more(LEAST).await;
        tokio::time::sleep(Duration::from_millis(draw.below(500))).await;
        server.kill();
        if kill % 4 == 3 {
            // At times while it starts, and does what it finds to be done.
            server.begin();
            tokio::time::sleep(Duration::from_millis(draw.below(200))).await;
            server.kill();
        }
        server.start();
    }
    let Seen { acknowledged, pulled, pushed } = load.end().await;
    server.kill();
    println!(
        "{what}: {kills} kills, {acknowledged} events acknowledged, 0 lost; came again: {} pulled, {} pushed ({} s)",
        pulled.again,
        pushed.again,
        begun.elapsed().as_secs()
    );
    let kills = kills + kills / 4;
    for (name, judged) in [("Puller", pulled), ("Pushed", pushed)] {
        assert_eq!(judged.first, acknowledged);
        assert_eq!(judged.late, 0, "{name}: what was not in flight came again");
        assert!(judged.again <= kills, "{name}: {} came again after {kills} kills", judged.again);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_server_is_killed_on_sqlite() {
    kill(Stores::sqlite(), "kill -9, SQLite").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_server_is_killed_on_postgresql() {
    if let Some(stores) = Stores::postgres() {
        kill(stores, "kill -9, PostgreSQL").await;
    }
}
