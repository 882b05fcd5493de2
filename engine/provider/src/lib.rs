//! Answers requests and raises events for a zone, from the mapper over a source.
//!
//! A [`Provider`] is an ordinary agent: it speaks to its zone through an [`agent::Agent`], within one process or over HTTP. Requests are
//! kept in the store before they are acknowledged, answered some at a time, and go on where they were cut.
#![forbid(unsafe_code)]
// A problem is large, and made at most once where a result is returned; boxing it would burden every caller.
#![allow(clippy::result_large_err)]

mod config;
pub mod events;
mod extended;
mod generation;
mod in_process;
mod log_entry;
pub mod mapping;
mod provider;
mod request;

pub use config::{AsOf, ElementRights, ProviderConfig};
pub use generation::{Generation, Generations};
pub use in_process::InProcess;
pub use provider::{Doing, Presence, Provider, ProviderFault};
