//! `sifter map`, from the outside: files in, files out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../support/mod.rs"]
mod support;

mod acceptance;
mod bad_cells;
mod parts;
mod population;
mod sources;
mod usage;
mod zone;
