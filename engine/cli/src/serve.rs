//! The server: its configuration, its zones with their providers, and what happens when a rulebook changes.

pub mod config;
mod values;
