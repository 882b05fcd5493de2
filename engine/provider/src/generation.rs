//! The rulebook that is in force, which can be swapped while requests are answered.

use std::fmt;
use std::sync::Arc;

use rulebook::plan::Plan;
use tokio::sync::watch;

/// A rulebook as one whole: its plan, and the hash of its files.
#[derive(Clone)]
pub struct Generation {
    /// The plan.
    pub plan: Arc<Plan>,
    /// The hash of every file's path and text.
    pub hash: Arc<str>,
}

impl Generation {
    /// The generation of a plan.
    #[must_use]
    pub fn of(plan: Arc<Plan>) -> Self {
        let hash = Arc::from(plan.generation.as_str());
        Self { plan, hash }
    }
}

impl fmt::Debug for Generation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Generation").field(&self.hash).finish()
    }
}

/// The generation in force. Copies share it: what has taken one goes on with it, whatever is put in its place.
#[derive(Clone, Debug)]
pub struct Generations {
    current: Arc<watch::Sender<Generation>>,
}

impl Generations {
    /// Begins with a generation.
    #[must_use]
    pub fn new(first: Generation) -> Self {
        Self { current: Arc::new(watch::Sender::new(first)) }
    }

    /// The one that is in force.
    #[must_use]
    pub fn current(&self) -> Generation {
        self.current.borrow().clone()
    }

    /// Puts another one in its place, and gives the one that was there.
    pub fn swap(&self, next: Generation) -> Generation {
        self.current.send_replace(next)
    }

    /// Tells of every swap.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<Generation> {
        self.current.subscribe()
    }
}
