//! Certificates for conversations over HTTPS.

use std::sync::OnceLock;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use sha2::{Digest, Sha256};

/// A certificate and its key.
#[derive(Clone, Debug)]
pub struct Pair {
    pub certificate: String,
    pub key: String,
    /// SHA-256 in lower-case hexadecimal digits.
    pub fingerprint: String,
}

/// What servers and agents show.
#[derive(Clone, Debug)]
pub struct Certificates {
    /// The authority that both sides trust.
    pub authority: String,
    pub server: Pair,
    pub trusted: Pair,
    /// Of an authority that nobody trusts.
    pub stranger: Pair,
    pub expired: Pair,
}

/// They are made once for all conversations.
pub fn certificates() -> &'static Certificates {
    static CERTIFICATES: OnceLock<Certificates> = OnceLock::new();
    CERTIFICATES.get_or_init(|| {
        let (ours, other) = (authority(), authority());
        Certificates {
            authority: ours.pem(),
            server: pair(&ours, "127.0.0.1", |_| {}),
            trusted: pair(&ours, "library.example.org", |_| {}),
            stranger: pair(&other, "library.example.org", |_| {}),
            expired: pair(&ours, "library.example.org", |params| {
                params.not_before = rcgen::date_time_ymd(2020, 1, 1);
                params.not_after = rcgen::date_time_ymd(2021, 1, 1);
            }),
        }
    })
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn pair(issuer: &CertifiedIssuer<'_, KeyPair>, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Pair {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    change(&mut params);
    let certificate = params.signed_by(&key, issuer).unwrap();
    let digest = Sha256::digest(certificate.der());
    let fingerprint = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Pair { certificate: certificate.pem(), key: key.serialize_pem(), fingerprint }
}
