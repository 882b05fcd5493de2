//! The provider, asked by a zone that is made for tests, or by the real one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod conditions;
mod extended;
mod mapping;
mod membership;
mod objects;
mod offers;
mod real_zone;
mod refusals;
mod resume;
mod rights;
mod support;
