//! The provider of a zone's objects: an ordinary agent that takes requests and answers them.

mod membership;
mod offer;
mod presence;
mod rights;
mod shared;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use agent::{Agent, AgentFault, Answer, Handled, Handler, Offered, Provision, Pull, Pulled, Registration, Reply};
use sif::message::{Message, MessageKind, error};
use store::{Store, StoreFault};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use self::membership::{Membership, Standing};
pub use self::offer::Doing;
pub use self::presence::Presence;
pub(crate) use self::shared::Shared;
use self::shared::{State, visibility};
use crate::config::{ElementRights, ProviderConfig};
use crate::generation::{Generation, Generations};
use crate::log_entry::LOG_ENTRY;
use crate::request::open::{Mark, Open, Progress};
use crate::request::turns::Turns;

/// Why a provider cannot be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderFault {
    /// The store cannot be read, or what it holds makes no sense.
    Store(StoreFault),
    /// Rights to elements name paths that no object has, each with the requester that they are for.
    Rights(Vec<String>),
}

impl fmt::Display for ProviderFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(fault) => fault.fmt(formatter),
            Self::Rights(faults) => write!(formatter, "rights to elements: {}", faults.join("; ")),
        }
    }
}

impl std::error::Error for ProviderFault {}

/// The provider of a zone. Copies are the same one.
#[derive(Clone)]
pub struct Provider {
    shared: Arc<Shared>,
}

/// Whether there may be more to take at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    More,
    Nothing,
    /// The zone has to be joined.
    Out,
}

impl Provider {
    /// Starts a provider: answers that were cut go on at once.
    ///
    /// # Errors
    /// If the store cannot be read, or rights to elements are wrong.
    pub async fn start(
        config: ProviderConfig,
        generation: Generation,
        agent: Agent,
        store: Store,
    ) -> Result<Self, ProviderFault> {
        let visibility = visibility(&config.elements)?;
        let progress = Progress { store, zone: Arc::from(config.zone.name.as_str()) };
        let earlier = progress.all().await.map_err(ProviderFault::Store)?;
        let mut state = State {
            turns: Turns::new(config.parallel),
            open: HashMap::new(),
            answered: VecDeque::new(),
            taken: earlier.last().map_or(0, |(_, open)| open.taken),
            answers: JoinSet::new(),
        };
        for (id, open) in earlier {
            state.turns.add(&open.requester, id.clone());
            state.open.insert(id, open);
        }
        let shared = Arc::new(Shared {
            config,
            agent,
            generations: Generations::new(generation),
            progress,
            visibility: RwLock::new(visibility),
            state: Mutex::new(state),
            stop: watch::Sender::new(false),
            idle: Notify::new(),
            delivered: AtomicU64::new(0),
            presence: watch::Sender::default(),
        });
        Shared::begin(&shared);
        Ok(Self { shared })
    }

    /// Puts another generation in force, and gives the one that was. Requests in flight end with the one that they began with.
    pub fn swap(&self, next: Generation) -> Generation {
        self.shared.generations.swap(next)
    }

    /// Puts other rights to elements in force, for answers that begin from now on.
    ///
    /// # Errors
    /// If rights are wrong; those that were stay in force.
    pub fn set_elements(&self, rights: &ElementRights) -> Result<(), ProviderFault> {
        let visibility = visibility(rights)?;
        *self.shared.visibility.write().unwrap_or_else(PoisonError::into_inner) = visibility;
        Ok(())
    }

    /// The generations, for whoever raises events by them.
    #[must_use]
    pub fn generations(&self) -> Generations {
        self.shared.generations.clone()
    }

    /// The agent that the provider is in the zone.
    #[must_use]
    pub fn agent(&self) -> &Agent {
        &self.shared.agent
    }

    /// What takes delivered messages, for an agent in push mode.
    #[must_use]
    pub fn handler(&self) -> Arc<dyn Handler> {
        Arc::new(self.clone())
    }

    /// How many requests are answered or wait.
    #[must_use]
    pub fn open_requests(&self) -> usize {
        self.shared.state().open.len()
    }

    /// How the provider stands in the zone, while it is served by [`Provider::serve`] or [`Provider::serve_called`].
    #[must_use]
    pub fn presence(&self) -> Presence {
        self.shared.presence.borrow().clone()
    }

    /// Registers, and says what is provided, published and answered, as far as the zone lets it.
    ///
    /// # Errors
    /// If the zone does not answer, or refuses.
    pub async fn join(&self, registration: &Registration) -> Result<(), AgentFault> {
        Standing::begin(self, registration).await.map(drop)
    }

    /// What the provider does in the zone, if the zone lets it.
    #[must_use]
    pub fn provision(&self) -> Provision {
        let plan = &self.shared.generations.current().plan;
        let offered = |name: &str| Offered { extended_query: true, ..Offered::new(name) };
        let provide: Vec<Offered> = plan.object_names().iter().map(|name| offered(name)).collect();
        let raising = plan.objects.iter().filter(|object| object.raises_events).map(|object| &object.name);
        let mut publish: Vec<Offered> = raising.map(|name| Offered::new(&**name)).collect();
        publish.dedup();
        let mut publish_add = publish.clone();
        publish_add.push(Offered::new(LOG_ENTRY));
        Provision {
            respond: provide.clone(),
            provide,
            publish_add,
            publish_change: publish.clone(),
            publish_delete: publish,
            ..Provision::default()
        }
    }

    /// Joins the zone in pull mode, asks for messages and answers them until `stop` is ready; `wake` ends a pause where the zone is in
    /// this process. A zone that is away is tried again, one that has forgotten the provider is joined anew, and where a generation
    /// brings other objects the zone is told.
    pub async fn serve(&self, registration: &Registration, wake: Arc<Notify>, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        let pull = Pull::new(self.shared.agent.clone(), self.handler());
        let mut membership = Membership::new(self, registration);
        loop {
            let round = tokio::select! {
                biased;
                () = &mut stop => break,
                round = self.round(&mut membership, &pull) => round,
            };
            let pause = match round {
                Round::More => continue,
                Round::Nothing => self.shared.config.poll,
                Round::Out => membership.pause(),
            };
            tokio::select! {
                biased;
                () = &mut stop => break,
                () = wake.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        self.stop().await;
    }

    /// Joins the zone in push mode, and stays in it until `stop` is ready: what it delivers comes to [`Provider::handler`]. It is asked
    /// every so often whether it knows the provider, and at once when it has said otherwise; then, and where it was away, it is joined
    /// anew. Where a generation brings other objects the zone is told. At its end the zone is told that the provider sleeps; the listener
    /// may end after that.
    pub async fn serve_called(&self, registration: &Registration, every: Duration, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        let mut membership = Membership::new(self, registration);
        loop {
            let is_in = tokio::select! {
                biased;
                () = &mut stop => break,
                is_in = async { membership.join().await && membership.check().await } => is_in,
            };
            let pause = if is_in { every } else { membership.pause() };
            tokio::select! {
                biased;
                () = &mut stop => break,
                () = self.shared.agent.forgotten(), if is_in => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        membership.sleep().await;
        self.stop().await;
    }

    /// Joins the zone if that is needed, and takes the next message.
    async fn round(&self, membership: &mut Membership<'_>, pull: &Pull) -> Round {
        if !membership.join().await {
            return Round::Out;
        }
        match pull.once().await {
            Ok(pulled) => {
                membership.well();
                match pulled {
                    Pulled::Handled(Reply::Asleep) | Pulled::Nothing => Round::Nothing,
                    Pulled::Handled(Reply::Error { code, .. }) if code.category == error::TRANSPORT.category => {
                        Round::Nothing
                    }
                    Pulled::Handled(_) => Round::More,
                }
            }
            Err(fault) => {
                let zone = &self.shared.config.zone.name;
                tracing::warn!(agent = %self.shared.agent.id(), zone, %fault, "the zone gives no message");
                membership.heard(&fault);
                if membership.is_out() { Round::Out } else { Round::Nothing }
            }
        }
    }

    /// Ends every answer behind a whole packet; they go on after a start.
    pub async fn stop(&self) {
        self.shared.stop.send_replace(true);
        let mut answers = std::mem::take(&mut self.shared.state().answers);
        while answers.join_next().await.is_some() {}
    }

    /// Waits until every request that was taken is answered.
    pub async fn settled(&self) {
        loop {
            let idle = self.shared.idle.notified();
            if self.open_requests() == 0 {
                return;
            }
            idle.await;
        }
    }

    /// Takes a request: it is safe when this ends.
    async fn take(&self, message: &Message) -> Reply {
        let shared = &self.shared;
        let id = message.header.message_id.clone();
        let requester = message.header.source_id.clone();
        let Ok(document) = String::from_utf8(message.document.to_vec()) else {
            return Reply::Error { code: error::XML_NOT_WELL_FORMED, description: "the message is not UTF-8".into() };
        };
        let open = {
            let mut state = shared.state();
            if state.open.contains_key(&id) || state.answered.contains(&id) {
                return Reply::Again;
            }
            state.taken += 1;
            let open = Open {
                document,
                requester: requester.clone(),
                as_of: (shared.config.as_of)(),
                taken: state.taken,
                generation: shared.generations.current().hash.to_string(),
                sent: 0,
                reached: Mark::default(),
                next: None,
            };
            state.open.insert(id.clone(), open.clone());
            open
        };
        if let Err(fault) = shared.progress.keep(&id, &open).await {
            shared.state().open.remove(&id);
            tracing::error!(request = %id, %fault, "a request could not be kept");
            // It stays in the queue.
            return Reply::Error { code: error::TRANSPORT, description: "the request could not be kept".to_owned() };
        }
        shared.state().turns.add(&requester, id);
        Shared::begin(shared);
        Reply::Done
    }
}

impl Handler for Provider {
    fn handle<'h>(&'h self, message: &'h Message) -> Handled<'h> {
        self.shared.delivered.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            match message.kind {
                MessageKind::Request => self.take(message).await,
                // A zone that sends to agents in push mode may ask whether they are there.
                MessageKind::SystemControl if message.body().at("SIF_SystemControlData/SIF_Ping").len() == 1 => {
                    Reply::Done
                }
                // Nothing else was asked for; it is taken so that it does not come for ever.
                MessageKind::Event | MessageKind::Response => Reply::Done,
                _ => Reply::Error {
                    code: error::MESSAGE_UNSUPPORTED,
                    description: "a provider takes requests only".to_owned(),
                },
            }
        })
    }
}

fn accepted(answer: Answer) -> Result<(), AgentFault> {
    answer.accepted().map(|_| ())
}
