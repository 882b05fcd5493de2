//! How a server is set up. Files and the environment are read by the program that starts it: keys and certificates come as text.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::ZoneConfig;
use crate::publishing::Publishing;
use crate::remote_zones::RemoteZones;
use crate::rulebooks::Rulebooks;

/// A server: where it listens, what it keeps its messages in, and its zones.
///
/// ```
/// use zis::server::ServerConfig;
/// let config = ServerConfig::new("127.0.0.1:0".parse().unwrap(), "sqlite:zone.db");
/// assert!(config.tls.is_none());
/// ```
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Where agents reach it; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// Certificates; none: it speaks HTTP without encryption.
    pub tls: Option<TlsConfig>,
    /// The store's address: `sqlite:PATH` or `postgres://…`.
    pub store: String,
    /// Its zones, which answer at `/zones/<name>`.
    pub zones: Vec<ZoneConfig>,
    /// How agents in push mode are called.
    pub push: PushConfig,
    /// Limits of connections and requests.
    pub limits: HttpLimits,
    /// Where administrators and monitors reach it; none: nowhere.
    pub admin: Option<AdminConfig>,
}

impl ServerConfig {
    /// A server without zones, encryption and administration.
    pub fn new(listen: SocketAddr, store: impl Into<String>) -> Self {
        Self {
            listen,
            tls: None,
            store: store.into(),
            zones: Vec::new(),
            push: PushConfig::default(),
            limits: HttpLimits::default(),
            admin: None,
        }
    }

    /// With one more zone.
    #[must_use]
    pub fn zone(mut self, zone: ZoneConfig) -> Self {
        self.zones.push(zone);
        self
    }

    /// With HTTPS in the place of HTTP.
    #[must_use]
    pub fn tls(mut self, tls: TlsConfig) -> Self {
        self.tls = Some(tls);
        self
    }

    /// With other rules for calling agents.
    #[must_use]
    pub fn push(mut self, push: PushConfig) -> Self {
        self.push = push;
        self
    }

    /// With other limits.
    #[must_use]
    pub const fn limits(mut self, limits: HttpLimits) -> Self {
        self.limits = limits;
        self
    }

    /// With an address for administrators and monitors.
    #[must_use]
    pub fn admin(mut self, admin: AdminConfig) -> Self {
        self.admin = Some(admin);
        self
    }
}

/// What a server shows and asks for in HTTPS.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TlsConfig {
    /// Its certificate and those between it and its authority, as PEM.
    pub certificates: Vec<u8>,
    /// The certificate's private key, as PEM.
    pub key: Vec<u8>,
    /// The authorities whose client certificates reach SIF_AuthenticationLevel 2, as PEM; none: no certificate does.
    pub client_authorities: Option<Vec<u8>>,
    /// The addresses of hosts, by name. A certificate for a name reaches SIF_AuthenticationLevel 3 on connections from its addresses.
    pub hosts: BTreeMap<String, Vec<IpAddr>>,
}

impl TlsConfig {
    /// HTTPS with a certificate chain and its key, both as PEM.
    pub fn new(certificates: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>) -> Self {
        Self { certificates: certificates.into(), key: key.into(), ..Self::default() }
    }

    /// With authorities of client certificates, as PEM.
    #[must_use]
    pub fn client_authorities(mut self, authorities: impl Into<Vec<u8>>) -> Self {
        self.client_authorities = Some(authorities.into());
        self
    }

    /// With the address of a host.
    #[must_use]
    pub fn host(mut self, name: impl Into<String>, address: IpAddr) -> Self {
        self.hosts.entry(name.into()).or_default().push(address);
        self
    }
}

impl fmt::Debug for TlsConfig {
    /// Without the key.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TlsConfig").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

/// How agents in push mode are called. Which hosts may be called at all, the zones say.
#[derive(Clone, PartialEq, Eq)]
pub struct PushConfig {
    /// Authorities of agents' certificates, besides those of the system, as PEM.
    pub authorities: Option<Vec<u8>>,
    /// The certificate and the private key that are shown to agents, as PEM.
    pub identity: Option<Vec<u8>>,
    /// How long making a connection may take.
    pub connect_timeout: Duration,
    /// How long a delivery may take in all.
    pub timeout: Duration,
}

impl Default for PushConfig {
    fn default() -> Self {
        Self {
            authorities: None,
            identity: None,
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(60),
        }
    }
}

impl fmt::Debug for PushConfig {
    /// Without the key.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PushConfig")
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// Limits of connections and requests. The largest message of a zone is an option of the zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpLimits {
    /// Connections in all.
    pub connections: usize,
    /// Connections from one address.
    pub connections_per_peer: usize,
    /// How long a TLS handshake may take.
    pub handshake_timeout: Duration,
    /// How long the head of a request may take.
    pub header_timeout: Duration,
    /// How long the body of a request may take in all.
    pub body_timeout: Duration,
    /// How long a connection may be kept without a request, and a reply without progress.
    pub idle_timeout: Duration,
    /// How many times its compressed size a body may have; below a mebibyte it may have more.
    pub gzip_ratio: u64,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            connections: 4096,
            connections_per_peer: 1024,
            handshake_timeout: Duration::from_secs(10),
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(60),
            gzip_ratio: 10,
        }
    }
}

/// The address of administrators and monitors: the JSON API under `/api/`, `/livez`, `/readyz`, `/metrics`.
#[derive(Clone)]
pub struct AdminConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Certificates; none: HTTP without encryption, which is for the loopback address or behind a proxy.
    pub tls: Option<TlsConfig>,
    /// An administrator of everything who is made when there is no user yet: name and password.
    pub first_administrator: Option<(String, String)>,
    /// The rulebooks of the zones' providers, to be shown and gone back with.
    pub rulebooks: Option<Arc<dyn Rulebooks>>,
    /// The events of the zones' providers, to be shown, asked for and confirmed.
    pub publishing: Option<Arc<dyn Publishing>>,
    /// The zones of others in which providers are agents, to be shown; none: there are none.
    pub remote: Option<Arc<dyn RemoteZones>>,
}

impl AdminConfig {
    /// Administration without encryption at an address.
    #[must_use]
    pub const fn new(listen: SocketAddr) -> Self {
        Self { listen, tls: None, first_administrator: None, rulebooks: None, publishing: None, remote: None }
    }

    /// With HTTPS in the place of HTTP.
    #[must_use]
    pub fn tls(mut self, tls: TlsConfig) -> Self {
        self.tls = Some(tls);
        self
    }

    /// With an administrator of everything who is made when there is no user yet.
    #[must_use]
    pub fn first_administrator(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.first_administrator = Some((name.into(), password.into()));
        self
    }
}

impl fmt::Debug for AdminConfig {
    /// Without the password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AdminConfig")
            .field("listen", &self.listen)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}
