//! Runs the server until it is told to end.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use provider::{Generation, Generations};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;
use zis::server::Server;

use super::RulebookOnDisk;
use super::config::ServeConfig;
use super::desk::{Desk, note_down};
use super::joined::{self, Joined};
use super::reload::{ReloadSettings, Reloader, Watching};

/// How long what is in flight may take when the server ends.
const GRACE: Duration = Duration::from_secs(8);

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// Why the server cannot be started.
pub fn serve(config: ServeConfig, rulebooks: BTreeMap<PathBuf, RulebookOnDisk>) -> Result<(), String> {
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
    pub async fn start(config: ServeConfig, rulebooks: BTreeMap<PathBuf, RulebookOnDisk>) -> Result<Self, String> {
        let ServeConfig { mut server, zones } = config;
        let desk = Desk::default();
        if let Some(admin) = &mut server.admin {
            admin.rulebooks = Some(Arc::new(desk.clone()));
        }
        let names = server.zones.iter().map(|zone| zone.name.clone()).collect();
        let secure = server.tls.is_some();
        let server = Server::start(server).await.map_err(|fault| fault.to_string())?;
        let mut running =
            Self { server, names, secure, joined: Vec::new(), remote: Vec::new(), desk, watching: Vec::new() };
        let mut by_rulebook: BTreeMap<PathBuf, Vec<(String, Generations)>> = BTreeMap::new();
        let mut settings_of = BTreeMap::new();
        for zone in &zones {
            let Some(settings) = &zone.provider else { continue };
            let Some(rulebook) = rulebooks.get(&settings.rulebook) else { continue };
            let generation = Generation::of(Arc::clone(&rulebook.plan));
            let broker = running.server.broker(&zone.zone.name);
            let store = running.server.store().clone();
            let joined = joined::join(zone, settings, generation, broker, store).await?;
            let generations = joined.provider.generations();
            by_rulebook.entry(settings.rulebook.clone()).or_default().push((zone.zone.name.clone(), generations));
            settings_of.entry(settings.rulebook.clone()).or_insert_with(|| settings.clone());
            running.remote.extend(joined.remote.as_ref().map(|how| format!("zone {} (remote): {how}", zone.zone.name)));
            running.joined.push(joined);
        }
        for (folder, generations) in by_rulebook {
            let (Some(rulebook), Some(settings)) = (rulebooks.get(&folder), settings_of.get(&folder)) else { continue };
            let (zones, generations): (Vec<_>, Vec<_>) = generations.into_iter().unzip();
            let first = Generation::of(Arc::clone(&rulebook.plan));
            let witness = note_down(running.server.store().clone(), zones.clone(), &first);
            let settings = ReloadSettings {
                folder: folder.clone(),
                watch: settings.watch,
                keep: settings.keep_generations,
                jobs: settings.jobs,
            };
            let reloading = Reloader::start(settings, rulebook.on_disk.clone(), first, generations, witness);
            let (reloader, watching) =
                reloading.map_err(|error| format!("{} cannot be watched: {error}", folder.display()))?;
            zones.into_iter().for_each(|zone| running.desk.add(zone, reloader.clone()));
            running.watching.push(watching);
        }
        Ok(running)
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
