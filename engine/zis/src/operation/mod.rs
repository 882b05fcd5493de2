//! What operators ask a server: is it alive, is it ready, how much does it do.

mod events;
mod health;
mod metrics;

pub(crate) use health::{Health, routes};
pub(crate) use metrics::Metrics;
