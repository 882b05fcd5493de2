//! Runs the server until it is told to end.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use provider::{Generation, Generations};
use store::{Store, StoreFault};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;
use zis::server::Server;

use super::RulebookOnDisk;
use super::archive::Archive;
use super::begin::{Begun, begin};
use super::config::{ProviderSettings, ServeConfig};
use super::desk::{Desk, note_down};
use super::events::EventsDesk;
use super::history::History;
use super::joined::{self, Joined};
use super::reload::{ReloadSettings, Reloader, Watching};
use super::remote_desk::RemoteDesk;

/// How long what is in flight may take when the server ends.
const GRACE: Duration = Duration::from_secs(8);

/// Why a server cannot be started.
pub enum ServeFault {
    /// The rulebook of this folder does not check, and no earlier generation of it is kept.
    Rulebook(PathBuf),
    /// Something else.
    Other(String),
}

impl From<String> for ServeFault {
    fn from(why: String) -> Self {
        Self::Other(why)
    }
}

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// Why the server cannot be started.
pub fn serve(config: ServeConfig, rulebooks: BTreeMap<PathBuf, RulebookOnDisk>) -> Result<(), ServeFault> {
    let runtime = Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("no threads can be started: {error}"))?;
    runtime.block_on(async {
        let running = Running::start(config, rulebooks).await?;
        for line in running.addresses() {
            anstream::eprintln!("{line}");
        }
        running.until_told().await?;
        running.stop().await;
        Ok(())
    })
}

/// A server with its providers.
pub struct Running {
    server: Server,
    names: Vec<String>,
    secure: bool,
    joined: Vec<Joined>,
    remote: Vec<String>,
    desk: Desk,
    watching: Vec<Watching>,
}

impl Running {
    /// Starts everything.
    ///
    /// # Errors
    /// Why something cannot be started.
    pub async fn start(config: ServeConfig, rulebooks: BTreeMap<PathBuf, RulebookOnDisk>) -> Result<Self, ServeFault> {
        let sharing = sharing(&config);
        // Before anything is served: with what to begin stands in the store.
        let mut begun = begin_all(&config.server.store, &sharing, &rulebooks).await?;
        let ServeConfig { mut server, zones } = config;
        let desk = Desk::default();
        let events = EventsDesk::default();
        let remote = RemoteDesk::default();
        let is_administered = server.admin.is_some();
        if let Some(admin) = &mut server.admin {
            admin.rulebooks = Some(Arc::new(desk.clone()));
            admin.publishing = Some(Arc::new(events.clone()));
            admin.remote = Some(Arc::new(remote.clone()));
        }
        let names = server.zones.iter().map(|zone| zone.name.clone()).collect();
        let secure = server.tls.is_some();
        let server = Server::start(server).await.map_err(|fault| fault.to_string())?;
        let mut running =
            Self { server, names, secure, joined: Vec::new(), remote: Vec::new(), desk, watching: Vec::new() };
        let mut in_use: BTreeMap<PathBuf, (ProviderSettings, Vec<Generations>)> = BTreeMap::new();
        for zone in &zones {
            let Some(settings) = &zone.provider else { continue };
            let Some(begun) = begun.get(&settings.rulebook) else { continue };
            let generation = Generation::of(Arc::clone(&begun.plan));
            let broker = running.server.broker(&zone.zone.name);
            let store = running.server.store().clone();
            let joined = joined::join(zone, settings, generation, broker, store, is_administered).await?;
            if let Some(own) = &joined.events {
                events.add(zone.zone.name.clone(), own.board());
            }
            if let Some(zone_of_others) = joined.remote_zone(zone, running.server.store()) {
                remote.add(zone.zone.name.clone(), zone_of_others);
            }
            let generations = joined.provider.generations();
            in_use
                .entry(settings.rulebook.clone())
                .or_insert_with(|| (settings.clone(), Vec::new()))
                .1
                .push(generations);
            running.remote.extend(joined.remote.as_ref().map(|how| format!("zone {} (remote): {how}", zone.zone.name)));
            running.joined.push(joined);
        }
        for (folder, (settings, generations)) in in_use {
            let (Some(rulebook), Some(begun), Some(zones)) =
                (rulebooks.get(&folder), begun.remove(&folder), sharing.get(&folder))
            else {
                continue;
            };
            running.watch(folder, &settings, rulebook, begun, generations, zones).await?;
        }
        Ok(running)
    }

    /// Keeps what the server begins with, and watches the rulebook's folder.
    async fn watch(
        &mut self,
        folder: PathBuf,
        settings: &ProviderSettings,
        rulebook: &RulebookOnDisk,
        begun: Begun,
        generations: Vec<Generations>,
        zones: &[String],
    ) -> Result<(), String> {
        let archive = Archive::new(self.server.store().clone(), zones);
        let history = History::new(begun.standing.clone(), begun.earlier.clone(), settings.keep_generations);
        archive.keep(&history).await.map_err(|fault| fault.to_string())?;
        let witness = note_down(archive);
        let settings =
            ReloadSettings { folder, watch: settings.watch, keep: settings.keep_generations, jobs: settings.jobs };
        let about = settings.folder.display().to_string();
        let reloading = Reloader::start(settings, rulebook.on_disk.clone(), begun, generations, witness);
        let (reloader, watching) = reloading.map_err(|error| format!("{about} cannot be watched: {error}"))?;
        zones.iter().for_each(|zone| self.desk.add(zone.clone(), reloader.clone()));
        self.watching.push(watching);
        Ok(())
    }

    /// Where it is reached.
    pub fn addresses(&self) -> Vec<String> {
        let scheme = if self.secure { "https" } else { "http" };
        let address = self.server.address();
        let zones = self.names.iter().map(|name| format!("zone {name}: {scheme}://{address}/zones/{name}"));
        let admin = self.server.admin_address().map(|address| format!("administration: {address}"));
        zones.chain(self.remote.iter().cloned()).chain(admin).collect()
    }

    /// Waits until the server is to end; looks at the rulebooks on SIGHUP.
    async fn until_told(&self) -> Result<(), String> {
        let on = |kind| signal(kind).map_err(|error| format!("signals cannot be heard: {error}"));
        let mut terminate = on(SignalKind::terminate())?;
        let mut interrupt = on(SignalKind::interrupt())?;
        let mut hang_up = on(SignalKind::hangup())?;
        loop {
            tokio::select! {
                _ = terminate.recv() => return Ok(()),
                _ = interrupt.recv() => return Ok(()),
                _ = hang_up.recv() => self.desk.look(),
            }
        }
    }

    /// Ends behind what is in flight.
    pub async fn stop(self) {
        info!("the server ends");
        for watching in self.watching {
            let _ended = tokio::task::spawn_blocking(move || watching.stop()).await;
        }
        for joined in self.joined {
            joined.stop().await;
        }
        self.server.stop(GRACE).await;
    }
}

/// The zones whose providers use a rulebook, by its folder.
fn sharing(config: &ServeConfig) -> BTreeMap<PathBuf, Vec<String>> {
    let mut sharing: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
    for zone in &config.zones {
        if let Some(provider) = &zone.provider {
            sharing.entry(provider.rulebook.clone()).or_default().push(zone.zone.name.clone());
        }
    }
    sharing
}

/// With which generation of each rulebook the server begins.
async fn begin_all(
    store: &str,
    sharing: &BTreeMap<PathBuf, Vec<String>>,
    rulebooks: &BTreeMap<PathBuf, RulebookOnDisk>,
) -> Result<BTreeMap<PathBuf, Begun>, ServeFault> {
    let mut all = BTreeMap::new();
    if sharing.is_empty() {
        return Ok(all);
    }
    let told = |fault: StoreFault| fault.to_string();
    let store = Store::open_with_readers(store, 1).await.map_err(told)?;
    for (folder, zones) in sharing {
        let Some(rulebook) = rulebooks.get(folder) else { continue };
        let kept = Archive::new(store.clone(), zones).kept().await.map_err(told)?;
        let begun = begin(rulebook, kept).ok_or_else(|| ServeFault::Rulebook(folder.clone()))?;
        all.insert(folder.clone(), begun);
    }
    store.close().await;
    Ok(all)
}
