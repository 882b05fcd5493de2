//! Power loss: a file system on a loop device is shut down under load, and mounted again. What was not synced is gone.

use std::path::Path;
use std::time::{Duration, Instant};

use store::Store;

use crate::disk::Disk;
use crate::draw::{Draw, rounds};
use crate::load::{Acknowledged, Running, integrity, missing};

/// After so many power losses a new disk is begun, so that it does not fill up.
const LOSSES_OF_A_DISK: usize = 5;
/// A loss shows something only if so much was acknowledged before it.
const LEAST: usize = 500;

/// What power losses did.
struct Losses {
    cycles: usize,
    acknowledged: usize,
    missing: usize,
    /// Heard while the power went, and how many of these are missing.
    later: usize,
    later_missing: usize,
}

/// Loses power so often, under load. None where it cannot.
async fn lose_power(cycles: usize, parameters: &str) -> Option<Losses> {
    let mut draw = Draw::new("power");
    let mut losses = Losses { cycles: 0, acknowledged: 0, missing: 0, later: 0, later_missing: 0 };
    while losses.cycles < cycles {
        let disk = Disk::new()?;
        let file = disk.at().join("store.db");
        for _ in 0..LOSSES_OF_A_DISK.min(cycles - losses.cycles) {
            let mut running = Running::start(&format!("sqlite:{}{parameters}", file.display()));
            running.wait_until("writing", |heard| heard.acknowledged.len() >= LEAST);
            std::thread::sleep(Duration::from_millis(draw.below(500)));
            // What counts is what was heard before the power went: nobody hears a machine without power. (This one lives on, and its
            // system answers a sync that was under way at that moment as if it had been done.)
            let acknowledged = running.heard.lock().unwrap().acknowledged.clone();
            assert!(disk.lose_power());
            let later = running.kill().acknowledged.split_off(acknowledged.len());
            disk.unmount();
            assert!(disk.mount());
            losses.cycles += 1;
            losses.acknowledged += acknowledged.len();
            losses.missing += found(&file, &acknowledged).await;
            losses.later += later.len();
            losses.later_missing += found(&file, &later).await;
        }
        disk.unmount();
    }
    Some(losses)
}

/// How many acknowledged messages are missing. A store that was never synced may not even be one.
async fn found(file: &Path, acknowledged: &[Acknowledged]) -> usize {
    let store = Store::open(&format!("sqlite:{}", file.display())).await.unwrap();
    let missing = missing(&store, acknowledged).await;
    store.close().await;
    assert_eq!(integrity(file), "ok");
    missing
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn power_loss_takes_nothing_that_was_acknowledged() {
    let begun = Instant::now();
    let Some(losses) = lose_power(rounds("STORE_POWER_LOSSES", 10), "").await else { return };
    let Losses { cycles, acknowledged, missing, later, later_missing } = losses;
    println!("{cycles} power losses, {acknowledged} acknowledged, {missing} lost ({} s)", begun.elapsed().as_secs());
    println!("({later} more were heard while the power went, and {later_missing} of these are missing)");
    assert_eq!(missing, 0);
}

/// The test above can fail: the same store, when it does not wait for the disk, loses what it acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn power_loss_is_noticed_where_nothing_is_synced() {
    let Some(losses) = lose_power(1, "?synchronous=off").await else { return };
    let Losses { acknowledged, missing, .. } = losses;
    println!("without syncing: {acknowledged} acknowledged, {missing} lost");
    assert!(missing > 0, "a store that syncs nothing lost nothing: this test shows nothing");
}
