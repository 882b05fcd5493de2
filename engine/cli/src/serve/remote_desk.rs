//! The zones of others in which this server's providers are agents, as administrators see them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{SystemTime, UNIX_EPOCH};

use provider::{Doing, Presence, Provider};
use store::{Claim, Millis, Store};
use zis::{Mode, RemoteMissing, RemoteRight, RemoteZoneView, RemoteZones};

/// A provider in a zone of somebody else.
pub struct RemoteZone {
    /// The provider.
    pub provider: Provider,
    /// How it gets its messages.
    pub mode: Mode,
    /// The claim on what is kept of the zone. Its provider holds it.
    pub claim: Weak<Claim>,
    /// Where that is kept.
    pub store: Store,
}

impl RemoteZone {
    fn view(&self, zone: &str) -> RemoteZoneView {
        let Presence { is_joined, since, fault, takes, missing } = self.provider.presence();
        let takes = takes.into_iter().map(|Doing { what, objects }| RemoteRight { what: what.to_owned(), objects });
        let missing = missing.into_iter().map(|(reason, Doing { what, objects })| RemoteMissing {
            reason,
            what: what.to_owned(),
            objects,
        });
        let is_held = self.claim.upgrade().is_some_and(|claim| claim.is_held());
        RemoteZoneView {
            zone: zone.to_owned(),
            agent: self.provider.agent().id().to_owned(),
            mode: self.mode,
            joined: is_joined,
            since: millis(since),
            fault,
            takes: takes.collect(),
            missing: missing.collect(),
            open_requests: self.provider.open_requests() as u64,
            keeps: is_held && !self.store.is_failing(),
        }
    }
}

fn millis(at: SystemTime) -> Millis {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}

/// All of them, by name. Copies are the same.
#[derive(Clone, Default)]
pub struct RemoteDesk {
    zones: Arc<Mutex<BTreeMap<String, RemoteZone>>>,
}

impl RemoteDesk {
    /// Puts a zone on it.
    pub fn add(&self, zone: String, remote: RemoteZone) {
        self.lock().insert(zone, remote);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, RemoteZone>> {
        self.zones.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RemoteZones for RemoteDesk {
    fn is_one(&self, zone: &str) -> bool {
        self.lock().contains_key(zone)
    }

    fn list(&self) -> Vec<RemoteZoneView> {
        self.lock().iter().map(|(zone, remote)| remote.view(zone)).collect()
    }
}
