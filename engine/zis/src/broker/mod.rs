//! A zone at work: what it decides is kept in the store before anybody is told.
//!
//! One lock guards the zone. A message is read before the lock is taken, handled under it, and what it changes is handed to the store
//! under it, so that the store writes in the order in which the zone decided. The answer is made when the store has it on the disk.
//! Should that fail, what the zone knows and what is kept may differ: it is thrown away and loaded anew, and until then everybody is
//! told 11/1.

mod administration;
mod claim;
mod deliver;
mod progress;
mod receive;
mod reload;
mod ticks;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sif::message::names;
use sif::tree::Names;
use store::{Change, Claim, Number, Store, StoreFault};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tracing::{error, info};

pub use administration::AdminRefusal;

use crate::ZoneConfig;
use crate::operation::Metrics;
use crate::push::{Fence, Hosts, PushClient, PushFault};
use crate::server::PushConfig;
use crate::zone::{Ids, LogLine, Moment, Step, Zone};
use progress::Progress;

/// A zone at work. Cheap to clone.
#[derive(Clone)]
pub struct Broker(Arc<Inner>);

struct Inner {
    name: String,
    config: Mutex<ZoneConfig>,
    store: Store,
    /// That no other process serves the zone.
    claim: Claim,
    /// Who waits for something that became deliverable to an agent in pull mode of this process.
    listening: Mutex<HashMap<String, Arc<Notify>>>,
    push: PushClient,
    fence: Fence,
    state: Mutex<State>,
    progress: watch::Sender<Progress>,
    /// Agents that somebody is delivering to now, and whether there may be more for them than was looked at.
    deliverers: Mutex<HashMap<String, bool>>,
    /// Names that messages of agents used, so that the next message of their kind makes none.
    names: Mutex<Arc<Names>>,
    /// Calls that are being worked on.
    working: watch::Sender<usize>,
    stopping: watch::Sender<bool>,
    metrics: Metrics,
}

struct State {
    /// None while it is being loaded.
    zone: Option<Zone>,
    /// Grows whenever the zone is thrown away.
    generation: u64,
    /// How many lists of changes were handed to the store.
    submitted: u64,
}

/// The zone cannot answer now: what it was to keep is not kept, or it is being loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unavailable;

impl fmt::Display for Unavailable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the zone cannot keep anything now; try again later")
    }
}

impl std::error::Error for Unavailable {}

/// Ids by chance.
struct RandomIds;

impl Ids for RandomIds {
    fn guid(&mut self) -> String {
        guid()
    }
}

fn guid() -> String {
    let mut id = uuid::Uuid::new_v4().simple().to_string();
    id.make_ascii_uppercase();
    id
}

/// Now.
pub(crate) fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Why a zone cannot be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrokerFault {
    /// It cannot be loaded.
    Store(StoreFault),
    /// Agents cannot be called.
    Push(PushFault),
}

impl fmt::Display for BrokerFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(fault) => fault.fmt(formatter),
            Self::Push(fault) => fault.fmt(formatter),
        }
    }
}

impl std::error::Error for BrokerFault {}

impl Broker {
    /// Claims a zone, loads it from the store and starts its work. The zone is given back by [`Broker::stop`], or when the last clone is
    /// dropped.
    ///
    /// # Errors
    /// Another process serves the zone, the store cannot be read, or agents cannot be called.
    pub async fn start(config: ZoneConfig, store: Store, push: &PushConfig) -> Result<Self, BrokerFault> {
        Self::start_with(config, store, push, Metrics::default()).await
    }

    pub(crate) async fn start_with(
        config: ZoneConfig,
        store: Store,
        push: &PushConfig,
        metrics: Metrics,
    ) -> Result<Self, BrokerFault> {
        let fence = Fence::new(hosts(&config));
        let push = PushClient::new(push, fence.clone()).map_err(BrokerFault::Push)?;
        // First: what another process is about to write would be missed.
        let claim = store.claim(&config.name).await.map_err(BrokerFault::Store)?;
        let zone = reload::load(&config, &store, now()).await.map_err(BrokerFault::Store)?;
        metrics.begin(&config.name);
        let broker = Self(Arc::new(Inner {
            name: config.name.clone(),
            config: Mutex::new(config),
            store,
            claim,
            listening: Mutex::default(),
            push,
            fence,
            state: Mutex::new(State { zone: None, generation: 0, submitted: 0 }),
            progress: watch::Sender::new(Progress::default()),
            deliverers: Mutex::default(),
            names: Mutex::new(Arc::clone(names())),
            working: watch::Sender::new(0),
            stopping: watch::Sender::new(false),
            metrics,
        }));
        broker.put_in(zone);
        tokio::spawn(ticks::run(Arc::downgrade(&broker.0), broker.0.stopping.subscribe()));
        tokio::spawn(claim::watch(Arc::downgrade(&broker.0), broker.0.claim.watch(), broker.0.stopping.subscribe()));
        Ok(broker)
    }

    /// Its zone's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Where its zone is kept.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Bytes of the largest message that it takes.
    #[must_use]
    pub fn max_message_size(&self) -> u64 {
        lock(&self.0.config).options.max_message_size
    }

    /// Whether its zone is loaded and the store takes what it decides.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.lock().zone.is_some() && !self.0.store.is_failing() && self.0.claim.is_held()
    }

    /// Takes nothing new, lets what has begun end, for `grace` at most, stops, and gives the zone back.
    pub async fn stop(&self, grace: Duration) {
        self.0.stopping.send_replace(true);
        let mut working = self.0.working.subscribe();
        if tokio::time::timeout(grace, working.wait_for(|working| *working == 0)).await.is_err() {
            // Deliveries whose agents do not answer; they are made again after the next start.
            info!(zone = self.name(), "work was still going on when the time to stop was over");
        }
        self.give_back().await;
    }

    /// The state. If somebody panicked while holding it, the zone is loaded anew: it may have been left half changed.
    fn lock(&self) -> MutexGuard<'_, State> {
        match self.0.state.lock() {
            Ok(state) => state,
            Err(poisoned) => {
                self.0.state.clear_poison();
                let mut state = poisoned.into_inner();
                error!(zone = self.name(), "a message could not be handled to its end; the zone is loaded anew");
                self.throw_away(&mut state);
                state
            }
        }
    }

    /// Does something with the zone, and waits until everything that it rests on is kept.
    async fn step<T>(&self, act: impl FnOnce(&mut Zone, Moment) -> (Step, T)) -> Result<(Step, T), Unavailable> {
        let working = self.work();
        let (generation, place, number, kept, step, given) = {
            let mut state = self.enter().await?;
            let zone = state.zone.as_mut().ok_or(Unavailable)?;
            let (mut step, given) = act(zone, now());
            let changes = std::mem::take(&mut step.changes);
            let number = greatest(&changes);
            self.count(&changes);
            let kept = (!changes.is_empty()).then(|| self.0.store.submit(changes));
            state.submitted += u64::from(kept.is_some());
            (state.generation, state.submitted, number, kept, step, given)
        };
        self.log(&step.log);
        match kept {
            Some(kept) => {
                let began = Instant::now();
                if let Err(fault) = kept.await {
                    self.failed(generation, &fault);
                    return Err(Unavailable);
                }
                self.0.metrics.commit(&self.0.name, began.elapsed());
                self.settled(generation, place);
            }
            // What was decided before may be what this answer says, such as "I have that message already".
            None => self.until_settled(generation, place).await?,
        }
        let mut wake = {
            let mut state = self.lock();
            if state.generation != generation {
                // What came before it is not kept. It may be itself, and is then known when it comes again.
                return Err(Unavailable);
            }
            state.zone.as_mut().zip(number).map_or_else(Vec::new, |(zone, number)| zone.durable(number))
        };
        wake.extend(step.wake.iter().cloned());
        self.wake(wake);
        drop(working);
        Ok((step, given))
    }

    fn log(&self, lines: &[LogLine]) {
        for LogLine { what, agent, message_id, code } in lines {
            info!(zone = self.name(), agent, message = message_id, code, "{what}");
        }
    }

    fn count(&self, changes: &[Change]) {
        let buried = changes.iter().filter(|change| matches!(change, Change::Bury { .. })).count();
        self.0.metrics.buried(&self.0.name, buried);
    }

    /// Counts as working until the guard is dropped.
    fn work(&self) -> Working {
        self.0.working.send_modify(|working| *working += 1);
        Working(Arc::clone(&self.0))
    }

    /// Tells the fence what the zone's configuration names now.
    fn set_fence(&self, zone: &Zone) {
        self.0.fence.set(hosts(zone.config()));
    }
}

impl fmt::Debug for Broker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Broker").field("name", &self.0.name).finish_non_exhaustive()
    }
}

/// Something that is being worked on.
struct Working(Arc<Inner>);

impl Drop for Working {
    fn drop(&mut self) {
        self.0.working.send_modify(|working| *working = working.saturating_sub(1));
    }
}

/// The greatest number among new messages.
fn greatest(changes: &[Change]) -> Option<Number> {
    let numbers = changes.iter().filter_map(|change| match change {
        Change::AddMessage { message, .. } => Some(message.number),
        _ => None,
    });
    numbers.max()
}

/// The hosts that a zone's configuration names.
fn hosts(config: &ZoneConfig) -> Hosts {
    Hosts::new(&config.options.push_hosts, config.agents.values().filter_map(|agent| agent.url.as_deref()))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
