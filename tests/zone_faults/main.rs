//! A served zone whose program is killed, whose machine loses its power, whose agents misbehave, whose queues are long: real
//! processes, real sockets, both stores.
//!
//! `cargo xtask soak zone` runs the same for longer, and measures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../../engine/store/tests/crash/disk.rs"]
mod disk;
#[path = "../../engine/store/tests/crash/draw.rs"]
mod draw;
#[path = "../zis/stores.rs"]
mod stores;
#[path = "../support/mod.rs"]
mod support;

mod address;
mod bad_agents;
mod depth;
mod inbox;
mod kill;
mod load;
mod packets;
mod power;
mod reload;
mod server;

/// Whether this is a long run, which also measures; `cargo xtask soak zone` asks for it.
fn is_soak() -> bool {
    std::env::var_os("SIFTER_SOAK").is_some()
}
