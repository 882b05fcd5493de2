//! `sifter serve` as a process: the example district, a rulebook that changes, events on demand, and zones of somebody else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../support/mod.rs"]
mod support;

mod administrator;
mod certificates;
mod events;
mod example;
mod looking;
mod relay;
mod remote;
mod remote_administration;
mod remote_faults;
mod rulebook;
mod server;
mod small;
#[allow(dead_code, reason = "a store in a file is a matter of each test here")]
#[path = "../zis/stores.rs"]
mod stores;
mod two_zones;

use support::{Run, sifter};

/// Runs `sifter agent` as an agent of a zone.
fn agent(what: &[&str], url: &str, id: &str) -> Run {
    let (command, rest) = what.split_first().unwrap();
    let mut arguments = vec!["agent", command, "--url", url, "--id", id];
    arguments.extend(rest);
    sifter(&arguments)
}
