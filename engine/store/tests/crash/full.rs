//! A disk that is full: nothing is acknowledged that is not written, and when there is room again the store goes on.

use std::process::Command;
use std::time::Duration;

use store::Store;

use crate::load::{Running, integrity, missing};
use crate::support::{Database, skip};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_stops_the_store_until_there_is_room() {
    let database = Database::sqlite();
    // No file of the child may grow beyond so many KiB; the signal that would end it is not taken, so writing fails.
    let mut command = Command::new("bash");
    command.args(["-c", "trap '' XFSZ; ulimit -S -f 4096; exec \"$0\" \"$@\""]).arg(std::env::current_exe().unwrap());
    let mut running = Running::start_by(command, &database.url());
    running.wait_until("lost", |heard| heard.lost >= 1);
    // At first it recovers by moving its log into the database, until that is full as well.
    let mut before = 0;
    while running.heard.lock().unwrap().acknowledged.len() > before {
        before = running.heard.lock().unwrap().acknowledged.len();
        std::thread::sleep(Duration::from_secs(1));
    }
    let recovered = running.heard.lock().unwrap().recovered;
    assert!(before > 100 && running.heard.lock().unwrap().lost > recovered, "{before}");

    let process = running.child.id().to_string();
    let status = Command::new("prlimit").args(["--pid", &process, "--fsize=unlimited:"]).status();
    if !status.is_ok_and(|status| status.success()) {
        running.kill();
        return skip("prlimit (package util-linux) is not here");
    }
    running.wait_until("well again", |heard| heard.recovered > recovered && heard.acknowledged.len() > before + 500);
    let heard = running.kill();
    let store = Store::open(&database.url()).await.unwrap();
    assert_eq!(missing(&store, &heard.acknowledged).await, 0);
    store.close().await;
    assert_eq!(integrity(&database.file()), "ok");
}
