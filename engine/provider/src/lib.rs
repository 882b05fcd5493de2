//! Answers requests and raises events for a zone, from the mapper over a source.
#![forbid(unsafe_code)]
// A problem is large, and made at most once where a result is returned; boxing it would burden every caller.
#![allow(clippy::result_large_err)]

pub mod mapping;
