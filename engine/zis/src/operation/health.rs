//! `/livez`, `/readyz`, `/metrics`: for monitors, which do not log in. They tell names and numbers.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::Metrics;
use crate::Broker;
use crate::publishing::Publishing;
use crate::remote_zones::{RemoteZoneView, RemoteZones};

/// What monitors are told about.
#[derive(Clone)]
pub(crate) struct Health {
    /// All zones.
    pub(crate) brokers: Arc<BTreeMap<String, Broker>>,
    /// All numbers.
    pub(crate) metrics: Metrics,
    /// How many connections agents have now.
    pub(crate) connections: Arc<dyn Fn() -> usize + Send + Sync>,
    /// The events of the zones' providers.
    pub(crate) publishing: Option<Arc<dyn Publishing>>,
    /// The zones of others in which providers are agents.
    pub(crate) remote: Option<Arc<dyn RemoteZones>>,
}

impl Health {
    fn remote(&self) -> Vec<RemoteZoneView> {
        self.remote.as_ref().map(|remote| remote.list()).unwrap_or_default()
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Health").field("zones", &self.brokers.keys()).finish_non_exhaustive()
    }
}

/// The routes of monitors.
pub(crate) fn routes(health: Health) -> Router {
    Router::new()
        .route("/livez", get(|| async { fresh("text/plain", StatusCode::OK, "alive\n".to_owned()) }))
        .route("/readyz", get(ready))
        .route("/metrics", get(numbers))
        .with_state(health)
}

fn fresh(content_type: &'static str, status: StatusCode, text: String) -> Response {
    (status, [(CONTENT_TYPE, content_type), (CACHE_CONTROL, "no-store")], text).into_response()
}

async fn ready(State(health): State<Health>) -> Response {
    let served = health.brokers.values().filter(|broker| !broker.is_ready()).map(|broker| broker.name().to_owned());
    // Whether somebody else's zone has let the provider in says nothing of this server.
    let remote = health.remote().into_iter().filter(|zone| !zone.keeps).map(|zone| zone.zone);
    let unready: Vec<String> = served.chain(remote).collect();
    if unready.is_empty() {
        return fresh("text/plain", StatusCode::OK, "ready\n".to_owned());
    }
    let zones: String = unready.iter().map(|zone| format!("zone {zone} cannot keep messages now\n")).collect();
    fresh("text/plain", StatusCode::SERVICE_UNAVAILABLE, zones)
}

async fn numbers(State(health): State<Health>) -> Response {
    let connections = [("agents", (health.connections)())];
    health.metrics.events(health.publishing.as_ref().map(|publishing| publishing.numbers()).unwrap_or_default());
    health.metrics.remote(health.remote());
    match health.metrics.text(health.brokers.values(), &connections) {
        Ok(text) => fresh("application/openmetrics-text; version=1.0.0; charset=utf-8", StatusCode::OK, text),
        Err(_) => fresh("text/plain", StatusCode::INTERNAL_SERVER_ERROR, "the numbers cannot be written\n".to_owned()),
    }
}
