//! The machine of a server loses its power under load: its store is on a file system that is shut down, and mounted again.

use std::time::{Duration, Instant};

use crate::disk::Disk;
use crate::draw::{Draw, rounds};
use crate::load::{Load, Seen, agents};
use crate::server::Server;

/// After so many power losses a new disk is begun, so that it does not fill up.
const LOSSES_OF_A_DISK: usize = 5;

/// A loss shows something only if so much was acknowledged before it.
const LEAST: usize = 50;

/// Loses power so often on one disk, and gives how many events were acknowledged and how many came again. None where it cannot.
async fn lose_power(losses: usize, draw: &mut Draw) -> Option<(usize, usize)> {
    let disk = Disk::new()?;
    let mut server = Server::of_agents(&format!("sqlite:{}", disk.at().join("store.db").display()), &agents());
    server.start();
    let load = Load::start(&server.address).await;
    for _ in 0..losses {
        load.until_more(LEAST).await;
        tokio::time::sleep(Duration::from_millis(draw.below(500))).await;
        // What counts is what was heard before the power went: nobody hears a machine without power. (This one lives on, and its
        // system answers a sync that was under way at that moment as if it had been done.)
        load.power_goes();
        assert!(disk.lose_power());
        server.kill();
        disk.unmount();
        assert!(disk.mount());
        server.start();
        load.power_is_back();
    }
    let Seen { acknowledged, pulled, pushed } = load.end().await;
    server.kill();
    disk.unmount();
    Some((acknowledged, pulled.again + pushed.again))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_power_goes() {
    let (losses, mut draw, begun) = (rounds("SIFTER_SOAK_POWER_LOSSES", 3), Draw::new("power"), Instant::now());
    let (mut done, mut acknowledged, mut again) = (0, 0, 0);
    while done < losses {
        let now = LOSSES_OF_A_DISK.min(losses - done);
        let Some((heard, repeated)) = lose_power(now, &mut draw).await else { return };
        done += now;
        acknowledged += heard;
        again += repeated;
    }
    let seconds = begun.elapsed().as_secs();
    println!("{done} power losses, {acknowledged} events acknowledged, 0 lost; {again} came again ({seconds} s)");
}
