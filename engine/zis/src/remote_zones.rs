//! What administrators see of zones that somebody else serves, in which a provider of this server is an agent. The program that starts
//! the server knows them.

use serde::Serialize;
use store::Millis;
use utoipa::ToSchema;

use crate::Mode;

/// A zone of somebody else, and how the provider stands in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RemoteZoneView {
    /// The zone.
    pub zone: String,
    /// The provider's id in it.
    pub agent: String,
    /// How the provider gets its messages.
    pub mode: Mode,
    /// Whether the zone has let the provider in, as far as is known.
    pub joined: bool,
    /// Since when that is so.
    pub since: Millis,
    /// What went wrong last, while it has not gone well since.
    pub fault: Option<String>,
    /// What the provider may do there.
    pub takes: Vec<RemoteRight>,
    /// What the rulebook offers and the zone does not take.
    pub missing: Vec<RemoteMissing>,
    /// How many requests are answered or wait.
    pub open_requests: u64,
    /// Whether this server can keep what the zone sends; if not, it takes no request and raises no event.
    pub keeps: bool,
}

/// Something that a provider does with objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RemoteRight {
    /// What: `provide`, `respond`, `publish Add`, `publish Change` or `publish Delete`.
    pub what: String,
    /// The objects.
    pub objects: Vec<String>,
}

/// Something that a zone does not take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RemoteMissing {
    /// Why.
    pub reason: String,
    /// What it is, as [`RemoteRight::what`].
    pub what: String,
    /// The objects.
    pub objects: Vec<String>,
}

/// The zones of others in which providers of a server are agents.
pub trait RemoteZones: Send + Sync {
    /// Whether this is one of them.
    fn is_one(&self, zone: &str) -> bool;

    /// All of them, by name.
    fn list(&self) -> Vec<RemoteZoneView>;
}
