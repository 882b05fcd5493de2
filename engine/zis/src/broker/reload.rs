//! Loads a zone from the store.

use std::collections::HashMap;
use std::time::Duration;

use store::{Record, Space, Store, StoreFault};
use tracing::{info, warn};

use super::{Broker, RandomIds, now};
use crate::ZoneConfig;
use crate::zone::{Moment, Zone, record};

/// What a zone keeps records of.
const SPACES: [Space; 6] =
    [record::ZONE, record::AGENT_CONFIG, record::AGENT, record::REQUEST, record::SERVICE, record::LOG];

/// The first pause after a failed attempt to load; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Loads a zone.
pub(super) async fn load(config: &ZoneConfig, store: &Store, now: Moment) -> Result<Zone, StoreFault> {
    let remembered = i64::try_from(config.options.duplicate_seconds).unwrap_or(i64::MAX).saturating_mul(1000);
    let state = store.load(&config.name, now.0.saturating_sub(remembered)).await?;
    let mut records: HashMap<&str, Vec<Record>> = HashMap::new();
    for space in SPACES {
        records.insert(space, store.records(&config.name, space).await?);
    }
    let of_space = |space: &str| records.get(space).cloned().unwrap_or_default();
    Zone::restore(config.clone(), Box::new(RandomIds), state, of_space)
}

impl Broker {
    /// Loads the zone, however often it takes.
    pub(super) async fn reload(self) {
        let mut pause = FIRST_PAUSE;
        let mut stopping = self.0.stopping.subscribe();
        loop {
            if *stopping.borrow() {
                return;
            }
            match self.load().await {
                Ok(_) if *stopping.borrow() => return self.0.claim.release().await,
                Ok(zone) => {
                    self.put_in(zone);
                    return info!(zone = self.name(), "the zone is loaded again");
                }
                Err(fault) => warn!(zone = self.name(), %fault, "the zone cannot be loaded yet"),
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
                _ = stopping.wait_for(|stopping| *stopping) => return,
            }
        }
    }

    async fn load(&self) -> Result<Zone, StoreFault> {
        self.0.store.recover().await?;
        self.0.claim.renew().await?;
        let config = super::lock(&self.0.config).clone();
        load(&config, &self.0.store, now()).await
    }

    /// Goes on with a zone that was loaded, and calls those agents that something waits for.
    pub(super) fn put_in(&self, zone: Zone) {
        self.set_fence(&zone);
        let waiting = zone.queues().into_iter().filter(|queue| queue.waiting > 0).map(|queue| queue.agent).collect();
        {
            let mut state = self.lock();
            state.zone = Some(zone);
            self.loaded();
        }
        self.wake(waiting);
    }
}
