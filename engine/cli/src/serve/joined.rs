//! A provider at work in a zone: its agent, its answers, its events.

use std::sync::Arc;

use agent::{Agent, HttpTransport, Listener, Pull, Registration, Transport};
use provider::{AsOf, Generation, InProcess, Provider, ProviderConfig};
use store::Store;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{info, warn};
use zis::{Broker, Mode};

use super::config::{ProviderSettings, RemoteSettings, ServedZone};
use super::events::{Events, Means};
use crate::prepared::today;

/// A provider that has joined its zone, or tries to until it has.
pub struct Joined {
    /// The provider.
    pub provider: Provider,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    /// What looks for its events, if anything does.
    pub events: Option<Events>,
}

/// Starts the provider of a zone: over HTTP where somebody else serves it, else in this process. `is_administered`: the server has an
/// API for the zones that it serves.
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
    config.elements = Arc::clone(&served.elements);
    let agent = Agent::new(settings.id.as_str(), transport);
    let provider = Provider::start(config, generation, agent, store.clone()).await;
    let provider = provider.map_err(|fault| format!("the provider of zone {zone}: {fault}"))?;
    let (stop, stopped) = watch::channel(false);
    let task = match &served.remote {
        Some(remote) => serve_remote(&provider, remote, stopped).await.map_err(|why| format!("zone {zone}: {why}"))?,
        None => {
            let provider = provider.clone();
            let registration = Registration::pull("Sifter");
            let wake = wake.unwrap_or_default();
            tokio::spawn(async move { provider.serve(&registration, wake, stopping(stopped)).await })
        }
    };
    let is_administered = is_administered && served.remote.is_none();
    let means = Means { as_of, provider: &provider, store, runtime: Handle::current(), is_administered };
    let events = Events::start(served, settings, means).await.map_err(|why| format!("zone {zone}: {why}"))?;
    info!(zone, agent = settings.id, "a provider is at work");
    Ok(Joined { provider, stop, task, events })
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

/// Joins a zone of somebody else and answers there: asked by us, or calling us.
async fn serve_remote(
    provider: &Provider,
    remote: &RemoteSettings,
    stopped: watch::Receiver<bool>,
) -> Result<JoinHandle<()>, String> {
    let Some((address, own_url)) = remote.push.as_ref().filter(|_| remote.mode == Mode::Push) else {
        let registration = Registration::pull("Sifter");
        let pull = Pull::new(provider.agent().clone(), provider.handler()).every(remote.pull_every);
        let provider = provider.clone();
        return Ok(tokio::spawn(async move {
            if joined(&provider, &registration, stopped.clone()).await {
                pull.run(stopping(stopped)).await;
            }
            provider.stop().await;
        }));
    };
    let mut builder = Listener::builder(provider.agent().clone(), provider.handler());
    if let Some(tls) = &remote.tls {
        let authorities = tls.client_authorities.as_deref();
        builder = builder.tls(&tls.certificates, &tls.key, authorities).map_err(|fault| fault.to_string())?;
    }
    let listener = builder.listen(*address).await.map_err(|fault| fault.to_string())?;
    let registration = Registration::push("Sifter", own_url);
    let provider = provider.clone();
    Ok(tokio::spawn(async move {
        if joined(&provider, &registration, stopped.clone()).await {
            stopping(stopped).await;
        }
        drop(listener);
        provider.stop().await;
    }))
}

/// Joins the zone as soon as it lets us; false when we are to stop before.
async fn joined(provider: &Provider, registration: &Registration, mut stopped: watch::Receiver<bool>) -> bool {
    let mut pause = std::time::Duration::from_secs(1);
    loop {
        match provider.join(registration).await {
            Ok(()) => return true,
            Err(fault) => warn!(agent = provider.agent().id(), %fault, "the provider could not join the zone"),
        }
        tokio::select! {
            biased;
            _ = stopped.wait_for(|stopped| *stopped) => return false,
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(std::time::Duration::from_secs(60)),
        }
    }
}

impl Joined {
    /// Ends its work behind what is whole; it goes on after the next start.
    pub async fn stop(self) {
        let Self { provider: _, stop, task, events } = self;
        stop.send_replace(true);
        let _ended = task.await;
        if let Some(events) = events {
            // Its thread asks the runtime, which must not wait for it meanwhile.
            let _ended = tokio::task::spawn_blocking(move || events.stop()).await;
        }
    }
}
