//! HTTPS: the server's certificate, and taking any certificate of a client so that it can be judged.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::SystemTime;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CipherSuite, DigitallySignedStruct, DistinguishedName, RootCertStore, SignatureScheme, SupportedCipherSuite,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use tokio_rustls::TlsAcceptor;

use super::certificate::{Judged, judge};
use crate::server::TlsConfig;

/// Why HTTPS cannot be set up. Never holds a part of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFault(String);

impl fmt::Display for TlsFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for TlsFault {}

/// HTTPS that is set up.
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    authorities: Option<Arc<dyn ClientCertVerifier>>,
    hosts: BTreeMap<String, Vec<IpAddr>>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tls").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

impl Tls {
    /// Sets HTTPS up.
    ///
    /// # Errors
    /// The certificate, the key or an authority cannot be read, or they do not belong together.
    pub(crate) fn new(config: &TlsConfig) -> Result<Self, TlsFault> {
        let provider = Arc::new(ring::default_provider());
        let chain = certificates(&config.certificates, "the server's certificate")?;
        let key = PrivateKeyDer::from_pem_slice(&config.key)
            .map_err(|_| TlsFault("the server's private key cannot be read as PEM".to_owned()))?;
        let authorities = config.client_authorities.as_deref().map(|pem| authorities(pem, &provider)).transpose()?;
        let any = AnyCertificate { provider: Arc::clone(&provider) };
        let mut server = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|fault| TlsFault(fault.to_string()))?
            .with_client_cert_verifier(Arc::new(any))
            .with_single_cert(chain, key)
            .map_err(|fault| TlsFault(format!("the server's certificate and key cannot be used: {fault}")))?;
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(server)), authorities, hosts: config.hosts.clone() })
    }

    /// Makes connections out of streams.
    pub(super) const fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }

    /// Judges what a client showed.
    pub(super) fn judge(&self, chain: &[CertificateDer<'_>], peer: IpAddr, now: SystemTime) -> Judged {
        judge(chain, self.authorities.as_ref(), &self.hosts, peer, now)
    }
}

fn certificates(pem: &[u8], what: &str) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match read {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        _ => Err(TlsFault(format!("{what} cannot be read as PEM"))),
    }
}

fn authorities(pem: &[u8], provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ClientCertVerifier>, TlsFault> {
    let mut roots = RootCertStore::empty();
    for authority in certificates(pem, "the authority of client certificates")? {
        roots.add(authority).map_err(|fault| TlsFault(format!("an authority cannot be used: {fault}")))?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|fault| TlsFault(format!("the authorities of client certificates cannot be used: {fault}")))
}

/// SIF_EncryptionLevel of a cipher suite, by the length of its key. All that rustls has reach 128 bits; one that is not known here
/// counts as none.
pub(crate) fn encryption_level(suite: SupportedCipherSuite) -> u8 {
    match suite.suite() {
        CipherSuite::TLS13_AES_128_GCM_SHA256
        | CipherSuite::TLS13_AES_256_GCM_SHA384
        | CipherSuite::TLS13_CHACHA20_POLY1305_SHA256
        | CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
        | CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
        | CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
        | CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
        | CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
        | CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 => 4,
        _ => 0,
    }
}

/// Takes any certificate whose owner has its key, and none. What it is worth is judged afterwards, because SIF answers a
/// certificate that is worth too little with an error in a message, and level 1 is a certificate that nobody vouches for.
#[derive(Debug)]
struct AnyCertificate {
    provider: Arc<CryptoProvider>,
}

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suite_that_can_be_agreed_on_is_known_and_strong() {
        let provider = ring::default_provider();
        assert!(!provider.cipher_suites.is_empty());
        for suite in &provider.cipher_suites {
            assert_eq!(encryption_level(*suite), 4, "{:?}", suite.suite());
        }
    }
}
