//! What the parts of a provider share: the requests that are open, and whose turn it is.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use agent::Agent;
use sif::prune::Visibility;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::{Presence, ProviderFault};
use crate::config::{ElementRights, ProviderConfig};
use crate::generation::Generations;
use crate::request::answer::{Ended, answer};
use crate::request::open::{Open, Progress};
use crate::request::turns::Turns;

/// What the parts of a provider share.
pub(crate) struct Shared {
    pub config: ProviderConfig,
    pub agent: Agent,
    pub generations: Generations,
    pub progress: Progress,
    pub visibility: RwLock<BTreeMap<String, Arc<Visibility>>>,
    pub state: Mutex<State>,
    pub stop: watch::Sender<bool>,
    /// Tells that an answer has ended.
    pub idle: Notify,
    /// How many messages the zone has delivered.
    pub delivered: AtomicU64,
    /// How the provider stands in the zone.
    pub presence: watch::Sender<Presence>,
}

/// The requests of a provider.
pub(crate) struct State {
    pub turns: Turns,
    pub open: HashMap<String, Open>,
    /// Requests that were answered lately, and may be delivered again if their acknowledgement was lost.
    pub answered: VecDeque<String>,
    pub taken: u64,
    pub answers: JoinSet<()>,
}

/// How long an answer waits for a store that failed.
const STORE_PAUSE: Duration = Duration::from_secs(2);
/// How many answered requests are remembered.
const REMEMBERED: usize = 4096;

impl Shared {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a requester may see.
    pub(crate) fn visibility(&self, requester: &str) -> Arc<Visibility> {
        let visibility = self.visibility.read().unwrap_or_else(PoisonError::into_inner);
        visibility.get(requester).cloned().unwrap_or_default()
    }

    /// Begins to answer as many requests as may be answered at the same time.
    pub(crate) fn begin(self: &Arc<Self>) {
        let mut state = self.state();
        while state.answers.try_join_next().is_some() {}
        while !*self.stop.borrow()
            && let Some(id) = state.turns.next()
        {
            let Some(open) = state.open.get(&id).cloned() else {
                state.turns.done();
                continue;
            };
            let shared = Arc::clone(self);
            state.answers.spawn(async move {
                let ended = shared.answer(&id, open).await;
                shared.ended(&id, ended);
            });
        }
    }

    /// Answers a request. Where it cannot be kept how far the answer is, it goes on once the store is well again.
    async fn answer(&self, id: &str, mut open: Open) -> Ended {
        let mut stop = self.stop.subscribe();
        loop {
            if answer(self, id, open.clone(), stop.clone()).await == Ended::Complete {
                return Ended::Complete;
            }
            tokio::select! {
                biased;
                _ = stop.wait_for(|stopped| *stopped) => return Ended::Stopped,
                () = tokio::time::sleep(STORE_PAUSE) => {}
            }
            match self.progress.one(id).await {
                Ok(Some(kept)) => open = kept,
                Ok(None) => return Ended::Complete,
                Err(fault) => tracing::error!(request = %id, %fault, "the store is still not well"),
            }
        }
    }

    fn ended(self: &Arc<Self>, id: &str, ended: Ended) {
        {
            let mut state = self.state();
            state.turns.done();
            state.open.remove(id);
            if ended == Ended::Complete {
                state.answered.push_back(id.to_owned());
                if state.answered.len() > REMEMBERED {
                    state.answered.pop_front();
                }
            }
        }
        self.idle.notify_waiters();
        self.begin();
    }
}

/// What each requester may see.
pub(super) fn visibility(rights: &ElementRights) -> Result<BTreeMap<String, Arc<Visibility>>, ProviderFault> {
    let mut all = BTreeMap::new();
    let mut wrong = Vec::new();
    for (requester, elements) in rights {
        match Visibility::new(elements) {
            Ok(visibility) => {
                all.insert(requester.clone(), Arc::new(visibility));
            }
            Err(faults) => wrong.extend(faults.iter().map(|fault| format!("{requester}: {fault}"))),
        }
    }
    if wrong.is_empty() { Ok(all) } else { Err(ProviderFault::Rights(wrong)) }
}
