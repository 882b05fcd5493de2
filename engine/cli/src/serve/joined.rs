//! A provider at work in a zone: its agent, its answers, its events.

use std::sync::{Arc, Weak};
use std::time::Duration;

use agent::{Agent, HttpTransport, Listener, Registration, Transport};
use provider::{AsOf, Generation, InProcess, Provider, ProviderConfig};
use store::{Claim, Store};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::{error, info, warn};
use zis::{Broker, Mode};

use super::config::{ProviderSettings, RemoteSettings, ServedZone};
use super::events::{Events, Means};
use super::remote_desk::RemoteZone;
use crate::prepared::today;

/// How long a zone's answer to what is under way is waited for when the server ends.
const GRACE: Duration = Duration::from_secs(5);

/// How often it is looked at whether what is kept of a zone of somebody else can be used.
const KEPT_EVERY: Duration = Duration::from_secs(1);

/// A provider that has joined its zone, or tries to until it has.
pub struct Joined {
    /// The provider.
    pub provider: Provider,
    /// How it gets its messages, where the zone is somebody else's.
    pub remote: Option<String>,
    stop: watch::Sender<bool>,
    deadline: watch::Sender<Option<Instant>>,
    task: JoinHandle<()>,
    /// What looks for its events, if anything does.
    pub events: Option<Events>,
    /// The claim on what is kept of a zone of somebody else: a zone that is served here is claimed by its broker.
    claim: Option<(Arc<Claim>, JoinHandle<()>)>,
}

/// Starts the provider of a zone: over HTTP where somebody else serves it, else in this process. `is_administered`: the server has an
/// API for administrators.
///
/// # Errors
/// Why it cannot be started.
pub async fn join(
    served: &ServedZone,
    settings: &ProviderSettings,
    generation: Generation,
    broker: Option<Broker>,
    store: Store,
    is_administered: bool,
) -> Result<Joined, String> {
    let zone = &served.zone.name;
    // In this process the zone says when there is something to ask for.
    let wake = broker.as_ref().filter(|_| served.remote.is_none()).map(|broker| broker.subscribe_wakes(&settings.id));
    let transport: Arc<dyn Transport> = match (&served.remote, broker) {
        (Some(remote), _) => Arc::new(over_http(remote).map_err(|fault| format!("zone {zone}: {fault}"))?),
        (None, Some(broker)) => Arc::new(InProcess::new(broker)),
        (None, None) => return Err(format!("zone {zone} is not served")),
    };
    let fixed = settings.as_of;
    let as_of: AsOf = Arc::new(move || fixed.unwrap_or_else(today));
    let mut config = ProviderConfig::new(Arc::clone(&served.zone), &settings.source, Arc::clone(&as_of));
    config.jobs = settings.jobs;
    config.parallel = settings.parallel;
    config.max_buffer = settings.max_buffer;
    config.max_rows = settings.max_rows;
    config.offer_again = settings.offer_again;
    config.elements = Arc::clone(&served.elements);
    if let Some(remote) = &served.remote {
        config.poll = remote.pull_every;
    }
    let kept = store.clone();
    let claim = match &served.remote {
        Some(_) => Some(Arc::new(store.claim(zone).await.map_err(|fault| format!("zone {zone}: {fault}"))?)),
        None => None,
    };
    let (deadline, until) = watch::channel(None);
    let agent = Agent::new(settings.id.as_str(), transport).with_deadline(until);
    let provider = Provider::start(config, generation, agent, store.clone()).await;
    let provider = provider.map_err(|fault| format!("the provider of zone {zone}: {fault}"))?;
    let (stop, stopped) = watch::channel(false);
    let push = served.remote.as_ref().filter(|remote| remote.mode == Mode::Push);
    let called = push.and_then(|remote| remote.push.as_ref().map(|(address, own_url)| (remote, *address, own_url)));
    let (task, how) = match called {
        Some((remote, address, own_url)) => {
            let listener = listen(&provider, remote, address).await.map_err(|fault| format!("zone {zone}: {fault}"))?;
            let how = format!("listening at {}", listener.url());
            let registration = Registration::push("Sifter", own_url);
            let (provider, every) = (provider.clone(), remote.check_every);
            let task = tokio::spawn(async move {
                provider.serve_called(&registration, every, stopping(stopped)).await;
                listener.stop(GRACE).await;
            });
            (task, Some(how))
        }
        None => {
            let how = served.remote.as_ref();
            let how = how.map(|remote| format!("asking for messages every {} s", remote.pull_every.as_secs()));
            let (provider, registration) = (provider.clone(), Registration::pull("Sifter"));
            let wake = wake.unwrap_or_default();
            (tokio::spawn(async move { provider.serve(&registration, wake, stopping(stopped)).await }), how)
        }
    };
    let means = Means { as_of, provider: &provider, store, runtime: Handle::current(), is_administered };
    let events = Events::start(served, settings, means).await.map_err(|why| format!("zone {zone}: {why}"))?;
    let claim = claim.map(|claim| {
        let keeping = tokio::spawn(keep(zone.clone(), kept, Arc::downgrade(&claim)));
        (claim, keeping)
    });
    info!(zone, agent = settings.id, "a provider is at work");
    Ok(Joined { provider, remote: how, stop, deadline, task, events, claim })
}

/// Has what is kept of a zone of somebody else usable again after a failure of the store, or when the claim on it was lost. Until then
/// nothing can be kept, so the provider takes no request and raises no event. Of a zone that is served here its broker does the same.
async fn keep(zone: String, store: Store, claim: Weak<Claim>) {
    let mut is_well = true;
    loop {
        tokio::time::sleep(KEPT_EVERY).await;
        let Some(claim) = claim.upgrade() else { return };
        if !store.is_failing() && claim.is_held() {
            continue;
        }
        if std::mem::take(&mut is_well) {
            error!(zone, "the store has failed, or the zone is claimed by another; the provider goes on after that");
        }
        let again = match store.recover().await {
            Ok(()) => claim.renew().await,
            lost => lost,
        };
        match again {
            Ok(()) => {
                is_well = true;
                info!(zone, "the zone is claimed again, and its store is well");
            }
            Err(fault) => warn!(zone, %fault, "the zone cannot be claimed yet"),
        }
    }
}

async fn stopping(mut stopped: watch::Receiver<bool>) {
    // A sender that is gone has stopped too.
    let _stopped = stopped.wait_for(|stopped| *stopped).await;
}

fn over_http(remote: &RemoteSettings) -> Result<HttpTransport, agent::AgentFault> {
    let mut builder = HttpTransport::builder(remote.url.as_str());
    if let Some(authorities) = &remote.authorities {
        builder = builder.trust(authorities);
    }
    if let Some(identity) = &remote.identity {
        builder = builder.client_certificate(identity, b"");
    }
    builder.build()
}

/// Listens for what a zone of somebody else delivers.
async fn listen(
    provider: &Provider,
    remote: &RemoteSettings,
    address: std::net::SocketAddr,
) -> Result<Listener, agent::AgentFault> {
    let mut builder = Listener::builder(provider.agent().clone(), provider.handler());
    if let Some(tls) = &remote.tls {
        builder = builder.tls(&tls.certificates, &tls.key, tls.client_authorities.as_deref())?;
    }
    builder.listen(address).await
}

impl Joined {
    /// What administrators see of it, where the zone is somebody else's.
    pub fn remote_zone(&self, served: &ServedZone, store: &Store) -> Option<RemoteZone> {
        let (remote, (claim, _)) = (served.remote.as_ref()?, self.claim.as_ref()?);
        let provider = self.provider.clone();
        Some(RemoteZone { provider, mode: remote.mode, claim: Arc::downgrade(claim), store: store.clone() })
    }

    /// Ends its work behind what is whole; it goes on after the next start.
    pub async fn stop(self) {
        let Self { provider: _, remote: _, stop, deadline, task, events, claim } = self;
        deadline.send_replace(Some(Instant::now() + GRACE));
        stop.send_replace(true);
        let _ended = task.await;
        if let Some(events) = events {
            // Its thread asks the runtime, which must not wait for it meanwhile.
            let _ended = tokio::task::spawn_blocking(move || events.stop()).await;
        }
        if let Some((claim, keeping)) = claim {
            keeping.abort();
            let _ended = keeping.await;
            claim.release().await;
        }
    }
}
