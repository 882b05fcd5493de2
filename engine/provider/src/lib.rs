//! Answers requests and raises events for a zone, from the mapper over a source.
#![forbid(unsafe_code)]

pub mod events;
