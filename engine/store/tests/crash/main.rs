//! What is left of a store whose program is killed, whose disk is full, or whose machine loses its power.
//!
//! `cargo xtask soak kill` and `cargo xtask soak power` run the same with far more rounds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../support/mod.rs"]
mod support;

mod disk;
mod draw;
mod full;
mod kill;
mod load;
mod power;
mod unsynced;

/// What the tests start as a program of its own: it writes until it is stopped. By itself it does nothing.
#[test]
fn child() {
    if let Ok(url) = std::env::var(load::URL) {
        load::write_until_stopped(&url);
    }
}
