//! A SIF 2.x zone integration server.
//!
//! From the inside out: `zone` is what a zone knows and decides, a pure state that takes messages and gives answers and changes;
//! the broker keeps the changes in the store before the answer leaves; the server speaks HTTP.
#![forbid(unsafe_code)]

mod api;
mod broker;
mod channel;
mod config;
mod http;
mod message;
mod operation;
mod publishing;
mod push;
mod remote_zones;
mod rulebooks;
pub mod server;
pub mod zone;

pub use broker::{AdminRefusal, Broker, BrokerFault, Unavailable};
pub use channel::Channel;
pub use config::{AgentConfig, Mode, Right, ZoneConfig, ZoneOptions};
pub use publishing::{
    Confirmed, EventsFound, EventsLook, EventsNumbers, EventsRefused, EventsView, HeldDeletions, HeldObject, Publishing,
};
pub use remote_zones::{RemoteMissing, RemoteRight, RemoteZoneView, RemoteZones};
pub use rulebooks::{RollBackRefusal, RulebookProblem, RulebookView, Rulebooks};
