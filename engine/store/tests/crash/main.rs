//! What is left of a store whose program is killed, whose disk is full, or whose machine loses its power.
//!
//! `cargo xtask soak kill` and `cargo xtask soak power` run the same with far more rounds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../support/mod.rs"]
mod support;

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

/// How many rounds to run: as many as an environment variable asks for, else a few.
fn rounds(variable: &str, few: usize) -> usize {
    std::env::var(variable).map_or(few, |text| text.parse().expect("a number of rounds"))
}

/// A draw that differs from one run to the next; the seed is printed, so that a failure can be run again.
struct Draw(u64);

impl Draw {
    fn new(what: &str) -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let seed = std::env::var("SEED").map_or(u64::from(now.subsec_nanos()), |text| text.parse().unwrap());
        println!("{what}: SEED={seed}");
        Self(seed)
    }

    /// A number below a bound.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}
