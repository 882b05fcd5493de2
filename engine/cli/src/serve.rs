//! The server: its configuration, its zones with their providers, and what happens when a rulebook changes.

pub mod config;
mod desk;
mod events;
pub mod generations;
mod joined;
mod reload;
pub mod run;
mod values;

use std::sync::Arc;

use rulebook::plan::Plan;

/// A rulebook that checks, with its files as they stood on the disk.
#[derive(Clone)]
pub struct RulebookOnDisk {
    /// The files.
    pub on_disk: generations::OnDisk,
    /// The plan that was made of them.
    pub plan: Arc<Plan>,
}
