//! The server: its configuration, its zones with their providers, and what happens when a rulebook changes.

mod archive;
mod begin;
pub mod config;
mod desk;
mod events;
pub mod generations;
mod history;
mod joined;
mod reload;
mod remote_desk;
pub mod run;
mod values;

use std::sync::Arc;

use problem::Problem;
use rulebook::plan::Plan;

/// A rulebook as it stands on the disk, checked.
#[derive(Clone)]
pub struct RulebookOnDisk {
    /// The files.
    pub on_disk: generations::OnDisk,
    /// The plan that was made of them, or what is wrong with them.
    pub checked: Result<Arc<Plan>, Vec<Problem>>,
}
