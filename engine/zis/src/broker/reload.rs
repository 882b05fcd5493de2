//! Loads a zone from the store.

use std::collections::HashMap;
use std::time::Duration;

use store::{Record, Store, StoreFault};
use tracing::{info, warn};

use super::{Broker, RandomIds, now};
use crate::ZoneConfig;
use crate::zone::{Moment, Zone};

/// The first pause after a failed attempt to load; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Loads a zone.
pub(super) async fn load(config: &ZoneConfig, store: &Store, now: Moment) -> Result<Zone, StoreFault> {
    let remembered = i64::try_from(config.options.duplicate_seconds).unwrap_or(i64::MAX).saturating_mul(1000);
    let state = store.load(&config.name, now.0.saturating_sub(remembered)).await?;
    let mut records: HashMap<&str, Vec<Record>> = HashMap::new();
    for space in Zone::SPACES {
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
            match self.load().await {
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

    /// Loads the zone with a changed configuration, while messages wait.
    pub(super) async fn exchange(&self, config: ZoneConfig) {
        *super::lock(&self.0.config) = config;
        let (generation, place) = {
            let mut state = self.lock();
            if state.zone.take().is_none() {
                // It is being loaded, with whatever configuration is there at the end.
                return;
            }
            self.set_loaded(false);
            (state.generation, state.submitted)
        };
        let loaded = match self.until_settled(generation, place).await {
            Ok(()) => self.load().await,
            // Somebody else loads it.
            Err(_) => return,
        };
        match loaded {
            Ok(zone) => self.put_in(zone),
            Err(fault) => {
                warn!(zone = self.name(), %fault, "the zone cannot be loaded with its new configuration yet");
                self.clone().reload().await;
            }
        }
    }

    async fn load(&self) -> Result<Zone, StoreFault> {
        self.0.store.recover().await?;
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
            self.set_loaded(true);
        }
        self.wake(waiting);
    }
}
