//! How a provider stands in its zone, for whoever asks.

use std::time::SystemTime;

use tokio::sync::watch;

use super::offer::{Doing, Offer};

/// How a provider stands in its zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// Whether the zone has let the provider in, as far as is known.
    pub is_joined: bool,
    /// Since when that is so.
    pub since: SystemTime,
    /// What went wrong last; none where it has gone well since.
    pub fault: Option<String>,
    /// What the zone lets it do.
    pub takes: Vec<Doing>,
    /// What the rulebook offers and the zone does not take, each with the reason.
    pub missing: Vec<(String, Doing)>,
}

impl Default for Presence {
    /// Not in the zone yet.
    fn default() -> Self {
        Self { is_joined: false, since: SystemTime::now(), fault: None, takes: Vec::new(), missing: Vec::new() }
    }
}

/// Shows that the zone has taken an offer, or that the provider is not in it; and what went wrong, if anything did.
pub(super) fn show(presence: &watch::Sender<Presence>, offer: Option<&Offer>, fault: Option<String>) {
    presence.send_modify(|presence| {
        if presence.is_joined != offer.is_some() {
            presence.since = SystemTime::now();
        }
        presence.is_joined = offer.is_some();
        presence.takes = offer.map(Offer::doings).unwrap_or_default();
        presence.missing = offer.map(Offer::missing_doings).unwrap_or_default();
        presence.fault = fault;
    });
}
