//! What a client's certificate is worth.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rustls::server::danger::ClientCertVerifier;
use rustls_pki_types::{CertificateDer, UnixTime};
use sha2::{Digest, Sha256};
use sif::message::{ErrorCode, error};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;

/// What is known of the certificate that a client showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Judged {
    /// SIF_AuthenticationLevel.
    pub(super) authentication: u8,
    /// SHA-256 of the certificate in lower-case hexadecimal digits.
    pub(super) fingerprint: Option<String>,
    /// Why the level is not higher.
    pub(super) shortfall: Option<ErrorCode>,
    /// The first and the last second in which it is valid.
    valid: Option<(i64, i64)>,
}

impl Judged {
    /// Of a client that showed none.
    pub(super) const fn none() -> Self {
        Self::worthless(error::AUTHENTICATION_MISSING)
    }

    const fn worthless(why: ErrorCode) -> Self {
        Self { authentication: 0, fingerprint: None, shortfall: Some(why), valid: None }
    }

    /// What it is worth at a moment: nothing before and after the time that it is valid for.
    pub(super) fn at(&self, now: SystemTime) -> Self {
        let now = seconds(now);
        match self.valid {
            Some((first, last)) if now < first || now > last => Self::worthless(error::AUTHENTICATION_EXPIRED),
            _ => self.clone(),
        }
    }
}

fn seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Judges a certificate that its owner has proven, in the handshake, to have the key of.
pub(super) fn judge(
    chain: &[CertificateDer<'_>],
    authorities: Option<&Arc<dyn ClientCertVerifier>>,
    hosts: &BTreeMap<String, Vec<IpAddr>>,
    peer: IpAddr,
    now: SystemTime,
) -> Judged {
    let Some((leaf, rest)) = chain.split_first() else { return Judged::none() };
    let Ok((_, certificate)) = X509Certificate::from_der(leaf) else {
        return Judged::worthless(error::AUTHENTICATION_INVALID);
    };
    let validity = certificate.validity();
    let valid = (validity.not_before.timestamp(), validity.not_after.timestamp());
    let fingerprint = Sha256::digest(leaf).iter().map(|byte| format!("{byte:02x}")).collect();
    let shown = |authentication, shortfall| Judged {
        authentication,
        fingerprint: Some(fingerprint),
        shortfall,
        valid: Some(valid),
    };
    let moment = UnixTime::since_unix_epoch(now.duration_since(UNIX_EPOCH).unwrap_or_default());
    let trusted = authorities.is_some_and(|authorities| authorities.verify_client_cert(leaf, rest, moment).is_ok());
    let judged = if !trusted {
        shown(1, Some(error::AUTHENTICATION_UNTRUSTED))
    } else if names_host(&certificate, rest, hosts, peer) {
        shown(3, None)
    } else {
        shown(2, Some(error::AUTHENTICATION_INVALID))
    };
    judged.at(now)
}

/// Whether the certificate names the host that the connection comes from.
///
/// Names are those of the alternative names; the common name counts where there are none, and where no authority of the chain is
/// bound to certain names, because those bounds are not checked against common names. A name with a `*` names no host.
fn names_host(
    certificate: &X509Certificate<'_>,
    rest: &[CertificateDer<'_>],
    hosts: &BTreeMap<String, Vec<IpAddr>>,
    peer: IpAddr,
) -> bool {
    let peer = peer.to_canonical();
    let is_host = |name: &str| {
        hosts.iter().any(|(host, addresses)| {
            host.eq_ignore_ascii_case(name) && addresses.iter().any(|address| address.to_canonical() == peer)
        })
    };
    let alternatives = certificate.subject_alternative_name().ok().flatten();
    let mut names = alternatives.iter().flat_map(|names| &names.value.general_names).peekable();
    if names.peek().is_some() {
        return names.any(|name| match name {
            GeneralName::DNSName(name) => is_host(name),
            GeneralName::IPAddress(bytes) => address(bytes).is_some_and(|address| address.to_canonical() == peer),
            _ => false,
        });
    }
    let bound = rest.iter().any(|authority| match X509Certificate::from_der(authority) {
        Ok((_, authority)) => authority
            .extensions()
            .iter()
            .any(|extension| matches!(extension.parsed_extension(), ParsedExtension::NameConstraints(_))),
        Err(_) => true,
    });
    !bound && certificate.subject().iter_common_name().any(|name| name.as_str().is_ok_and(is_host))
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from).ok();
    four.or_else(|| <[u8; 16]>::try_from(bytes).map(IpAddr::from).ok())
}
