//! A sync that fails: the system is made to refuse them, by a tracer.

use std::process::Command;

use store::Store;

use crate::load::{Running, integrity, missing};
use crate::support::{Database, skip};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_acknowledged_whose_sync_failed() {
    let is_traceable = Command::new("strace").args(["-o", "/dev/null", "true"]).status();
    if !is_traceable.is_ok_and(|status| status.success()) {
        return skip("strace is not here, or may not trace");
    }
    let database = Database::sqlite();
    let trace = database.file().with_extension("trace");
    let mut command = Command::new("strace");
    // The 40th to 45th syncs fail: one of a commit, and those of the first recoveries.
    command
        // `-D`: the program itself is our child, and its tracer is not, so that it can be killed.
        .args([
            "-D",
            "-f",
            "-qq",
            "-e",
            "trace=fdatasync,fsync",
            "-e",
            "inject=fdatasync,fsync:error=EIO:when=40..45",
            "-o",
        ])
        .arg(&trace)
        .arg(std::env::current_exe().unwrap());
    let mut running = Running::start_by(command, &database.url());
    running.wait_until("well again", |heard| heard.recovered >= 1 && heard.acknowledged.len() > 500);
    let heard = running.kill();
    assert!(heard.lost >= 1, "a sync that failed was not noticed");
    let store = Store::open(&database.url()).await.unwrap();
    assert_eq!(missing(&store, &heard.acknowledged).await, 0);
    store.close().await;
    assert_eq!(integrity(&database.file()), "ok");
}
