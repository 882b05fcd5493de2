//! How far the store has come with what was handed to it.

use std::sync::MutexGuard;
use std::time::Duration;

use store::StoreFault;
use tracing::error;

use super::{Broker, State, Unavailable};

/// How long a message waits for a zone that is being loaded.
const PATIENCE: Duration = Duration::from_secs(2);

/// How far the store has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// Of which life of the zone this is.
    generation: u64,
    /// So many lists of changes are kept.
    settled: u64,
    /// Whether the zone is there.
    is_loaded: bool,
}

impl Progress {
    /// A life that has no zone (yet).
    pub(super) const fn ended(generation: u64, settled: u64) -> Self {
        Self { generation, settled, is_loaded: false }
    }
}

impl Broker {
    /// The state, with its zone, if need be after a while.
    pub(super) async fn enter(&self) -> Result<MutexGuard<'_, State>, Unavailable> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let mut progress = self.0.progress.subscribe();
            let loaded = progress.wait_for(|progress| progress.is_loaded);
            tokio::time::timeout_at(deadline, loaded).await.map_err(|_| Unavailable)?.map_err(|_| Unavailable)?;
            let mut state = self.lock();
            if !self.check_claim(&mut state) {
                continue;
            }
            // Somebody may have thrown it away in between.
            if state.zone.is_some() {
                return Ok(state);
            }
        }
    }

    /// The zone is there.
    pub(super) fn loaded(&self) {
        self.0.progress.send_modify(|progress| progress.is_loaded = true);
    }

    /// The list of changes with this place is kept, and with it all before it.
    pub(super) fn settled(&self, generation: u64, place: u64) {
        self.0.progress.send_if_modified(|progress| {
            let news = progress.generation == generation && progress.settled < place;
            if news {
                progress.settled = place;
            }
            news
        });
    }

    /// Waits until the list with this place is kept.
    pub(super) async fn until_settled(&self, generation: u64, place: u64) -> Result<(), Unavailable> {
        let is_over = |progress: &Progress| progress.generation != generation || progress.settled >= place;
        if !is_over(&self.0.progress.borrow()) {
            let mut progress = self.0.progress.subscribe();
            progress.wait_for(is_over).await.map_err(|_| Unavailable)?;
        }
        if self.0.progress.borrow().generation == generation { Ok(()) } else { Err(Unavailable) }
    }

    /// The store did not keep what the zone of this life decided.
    pub(super) fn failed(&self, generation: u64, fault: &StoreFault) {
        let mut state = self.lock();
        if state.generation == generation {
            error!(zone = self.name(), %fault, "what the zone decided is not kept; it is loaded anew");
            self.throw_away(&mut state);
        }
    }

    /// Forgets what the zone knows, and begins to load it anew.
    pub(super) fn throw_away(&self, state: &mut State) {
        state.zone = None;
        state.generation += 1;
        self.0.progress.send_replace(Progress::ended(state.generation, state.submitted));
        tokio::spawn(self.clone().reload());
    }
}
