//! Which addresses may be called. An agent registers its own address, so without a fence anybody who may register could make the
//! server call whatever it reaches and others do not.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Why an address is not called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It cannot be read as an address.
    NoAddress,
    /// It is neither `http` nor `https`.
    Scheme,
    /// It holds a user name or a password.
    Credentials,
    /// The zone's configuration does not name the host.
    Host,
    /// It is an address of this machine or of a private network, and the configuration does not name it.
    Private,
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoAddress => "the agent's address cannot be read",
            Self::Scheme => "the agent's address is neither http nor https",
            Self::Credentials => "the agent's address holds credentials",
            Self::Host => "the configuration does not allow calling this host",
            Self::Private => {
                "the host is within this machine or a private network, and the configuration does not name it"
            }
        })
    }
}

impl std::error::Error for Refused {}

/// The hosts that the configuration names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts {
    /// Named in full: may be called wherever they are.
    named: BTreeSet<String>,
    /// What the names of others must end with, point included.
    suffixes: BTreeSet<String>,
}

impl Hosts {
    /// Of `push_hosts` and of the addresses that the configuration gives agents.
    pub(crate) fn new<'a>(push_hosts: &[String], urls: impl Iterator<Item = &'a str>) -> Self {
        let mut hosts = Self::default();
        for host in push_hosts {
            match host.strip_prefix("*.") {
                Some(suffix) => hosts.suffixes.insert(format!(".{}", plain(suffix))),
                None => hosts.named.insert(plain(host)),
            };
        }
        let named = urls.filter_map(|url| Url::parse(url).ok()?.host_str().map(plain));
        hosts.named.extend(named);
        hosts
    }

    fn allow(&self, host: &str) -> bool {
        let host = plain(host);
        self.named.contains(&host)
            // A name below a domain, never an address that happens to end the same.
            || (host.parse::<IpAddr>().is_err() && self.suffixes.iter().any(|suffix| host.ends_with(suffix.as_str()) && host.len() > suffix.len()))
    }

    fn names(&self, host: &str) -> bool {
        self.named.contains(&plain(host))
    }
}

/// A host as it is compared: lower case, no brackets around IPv6, no point at the end.
fn plain(host: &str) -> String {
    let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase();
    host.parse::<IpAddr>().map_or(host, |address| address.to_canonical().to_string())
}

/// The fence around a zone's calls; its hosts can be changed while calls are made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fence(Arc<RwLock<Hosts>>);

impl Fence {
    /// With these hosts.
    pub(crate) fn new(hosts: Hosts) -> Self {
        Self(Arc::new(RwLock::new(hosts)))
    }

    /// With other hosts from now on.
    pub(crate) fn set(&self, hosts: Hosts) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = hosts;
    }

    fn hosts(&self) -> std::sync::RwLockReadGuard<'_, Hosts> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads an address that may be called, as far as its text tells; the addresses behind a name are looked at when it is resolved.
    ///
    /// # Errors
    /// Why it is not called.
    pub(crate) fn check(&self, url: &str) -> Result<Url, Refused> {
        // What the standard lets stand in an address and silently drops is how one reader is made to see another host.
        if url.len() > 2048
            || url.chars().any(|character| character.is_control() || character.is_whitespace() || character == '\\')
        {
            return Err(Refused::NoAddress);
        }
        let url = Url::parse(url).map_err(|_| Refused::NoAddress)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refused::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::Credentials);
        }
        let host = url.host_str().ok_or(Refused::NoAddress)?;
        let hosts = self.hosts();
        if !hosts.allow(host) {
            return Err(Refused::Host);
        }
        // A number in the place of a name is not resolved, so it is looked at here.
        match plain(host).parse::<IpAddr>() {
            Ok(address) if is_private(address) && !hosts.names(host) => Err(Refused::Private),
            _ => {
                drop(hosts);
                Ok(url)
            }
        }
    }

    /// Of the addresses that a name stands for, those that may be called.
    fn permit(&self, host: &str, addresses: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, Refused> {
        let hosts = self.hosts();
        if !hosts.allow(host) {
            return Err(Refused::Host);
        }
        let named = hosts.names(host);
        let permitted: Vec<_> = addresses.filter(|address| named || !is_private(address.ip())).collect();
        if permitted.is_empty() { Err(Refused::Private) } else { Ok(permitted) }
    }
}

/// Resolves names, and gives only addresses that the fence lets through: they are those that are connected to.
impl Resolve for Fence {
    fn resolve(&self, name: Name) -> Resolving {
        let fence = self.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let permitted = fence.permit(&host, found)?;
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is this machine's, a private network's, or none that a server on the internet can have.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b)) // shared by carriers
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99) // relays of 6to4
        || (a == 198 && (b == 18 || b == 19)) // benchmarks
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    let [first, second, ..] = parts;
    // Addresses that hold one of IPv4 go where that one goes.
    let [.., high, low] = parts;
    let embedded = Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    let translated = parts.starts_with(&[0x64, 0xff9b]) || parts.starts_with(&[0, 0, 0, 0, 0, 0]);
    let six_to_four = first == 0x2002 && is_private_v4(Ipv4Addr::from((u32::from(second) << 16) | u32::from(parts[2])));
    address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || (first & 0xfe00) == 0xfc00 // unique local
        || (first & 0xffc0) == 0xfe80 // link local
        || (first & 0xffc0) == 0xfec0 // site local, as it once was
        || (first == 0x2001 && second == 0x0db8) // documentation
        || (first == 0x2001 && second == 0) // Teredo
        || (first == 0x64 && second == 0xff9b && parts[2] == 1) // translation within a network
        || (translated && is_private_v4(embedded))
        || six_to_four
}

#[cfg(test)]
mod tests;
