//! What must hold of every district, not only of those that somebody thought of.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../support/mod.rs"]
mod support;

mod anything;
mod days;
mod grades;
mod lists;
mod order;
mod parts;

use proptest::prelude::*;

/// Each case runs the program, so there are few.
fn few(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, max_shrink_iters: 8, failure_persistence: None, ..ProptestConfig::default() }
}

/// A date of the generated school year.
fn as_of() -> impl Strategy<Value = String> {
    (0_u32..9, 1_u32..29).prop_map(|(month, day)| match month {
        0..4 => format!("2025-{:02}-{day:02}", 9 + month),
        _ => format!("2026-{:02}-{day:02}", month - 3),
    })
}
