//! The server: listeners, zones and their lives together.

mod config;

pub use config::{AdminConfig, HttpLimits, PushConfig, ServerConfig, TlsConfig};
