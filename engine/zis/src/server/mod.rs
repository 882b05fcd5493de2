//! The server: listeners, zones and their lives together.

mod admin;
mod config;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use store::{Store, StoreFault};
use tracing::info;

pub use config::{AdminConfig, HttpLimits, PushConfig, ServerConfig, TlsConfig};

use crate::Broker;
use crate::broker::BrokerFault;
use crate::http::{Listener, Tls, TlsFault, ZoneEndpoint};
use crate::operation::{Health, Metrics};

/// A server that runs.
pub struct Server {
    agents: Listener,
    admin: Option<Listener>,
    brokers: Arc<BTreeMap<String, Broker>>,
    store: Store,
}

/// Why a server does not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartFault {
    /// The store cannot be used.
    Store(StoreFault),
    /// A zone cannot be started: its name, and why.
    Zone(String, BrokerFault),
    /// Two zones have the same name.
    SameName(String),
    /// HTTPS cannot be set up.
    Tls(TlsFault),
    /// An address cannot be listened at, and why.
    Listen(SocketAddr, String),
    /// The first administrator cannot be made, and why.
    Administrator(String),
}

impl fmt::Display for StartFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(fault) => fault.fmt(formatter),
            Self::Zone(zone, fault) => write!(formatter, "zone {zone} cannot be started: {fault}"),
            Self::SameName(zone) => write!(formatter, "two zones have the name {zone}"),
            Self::Tls(fault) => write!(formatter, "HTTPS cannot be set up: {fault}"),
            Self::Listen(address, why) => write!(formatter, "{address} cannot be listened at: {why}"),
            Self::Administrator(why) => write!(formatter, "the first administrator cannot be made: {why}"),
        }
    }
}

impl std::error::Error for StartFault {}

impl Server {
    /// Opens the store, loads the zones, and listens.
    ///
    /// # Errors
    /// Why it does not start; what was started is stopped again.
    pub async fn start(config: ServerConfig) -> Result<Self, StartFault> {
        let store = Store::open(&config.store).await.map_err(StartFault::Store)?;
        Self::start_with(store, config).await
    }

    /// As [`Server::start`], with a store that is open already.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub async fn start_with(store: Store, config: ServerConfig) -> Result<Self, StartFault> {
        let ServerConfig { listen, tls, store: _, zones, push, limits, admin } = config;
        let tls = tls.as_ref().map(Tls::new).transpose().map_err(StartFault::Tls)?.map(Arc::new);
        let metrics = Metrics::default();
        let mut brokers = BTreeMap::new();
        for zone in zones {
            let name = zone.name.clone();
            if brokers.contains_key(&name) {
                return Err(StartFault::SameName(name));
            }
            let broker = Broker::start_with(zone, store.clone(), &push, metrics.clone()).await;
            brokers.insert(name.clone(), broker.map_err(|fault| StartFault::Zone(name, fault))?);
        }
        let brokers = Arc::new(brokers);
        let endpoint = ZoneEndpoint::new(Arc::clone(&brokers), &limits);
        let agents = Listener::start(listen, tls, limits.clone(), endpoint)
            .await
            .map_err(|fault| StartFault::Listen(listen, fault.to_string()))?;
        let connections = Arc::new(agents.connections());
        let health = Health { brokers: Arc::clone(&brokers), metrics, connections, publishing: None, remote: None };
        let admin = match admin {
            Some(admin) => Some(admin::start(admin, limits, health, store.clone()).await?),
            None => None,
        };
        info!(address = %agents.address(), zones = brokers.len(), "agents are served");
        Ok(Self { agents, admin, brokers, store })
    }

    /// Where agents reach it.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.agents.address()
    }

    /// Where administrators and monitors reach it.
    #[must_use]
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin.as_ref().map(Listener::address)
    }

    /// A zone's broker.
    #[must_use]
    pub fn broker(&self, zone: &str) -> Option<Broker> {
        self.brokers.get(zone).cloned()
    }

    /// Its store.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Takes no more connections, lets requests and deliveries end that have begun, for `grace` at most, and closes the store.
    pub async fn stop(self, grace: Duration) {
        let Self { agents, admin, brokers, store } = self;
        // Administrators and monitors last: they may want to see how it stops.
        agents.stop(grace).await;
        let ends = brokers.values().map(|broker| broker.stop(grace));
        futures_util::future::join_all(ends).await;
        if let Some(admin) = admin {
            admin.stop(grace.min(Duration::from_secs(2))).await;
        }
        store.close().await;
        info!("the server has stopped");
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Server").field("address", &self.address()).finish_non_exhaustive()
    }
}
