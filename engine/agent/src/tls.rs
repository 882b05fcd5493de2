//! TLS: which cryptography, and what a listener shows.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::server::WebPkiClientVerifier;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::fault::AgentFault;

/// Has this process use `ring`, unless something else was chosen before.
pub fn prepare() {
    // An error says that one is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Accepts connections with a certificate and its key; from those who show a certificate of the authorities, if any are given.
pub fn acceptor(certificates: &[u8], key: &[u8], authorities: Option<&[u8]>) -> Result<TlsAcceptor, AgentFault> {
    prepare();
    let setup = |what: &str, why: String| AgentFault::Setup { why: format!("{what}: {why}") };
    let read = |pem: &[u8]| CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let chain = read(certificates).map_err(|error| setup("the certificate cannot be read", error.to_string()))?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| setup("the key cannot be read", error.to_string()))?;
    let builder = match authorities {
        None => ServerConfig::builder().with_no_client_auth(),
        Some(pem) => {
            let what = "the trusted authorities cannot be used";
            let mut roots = rustls::RootCertStore::empty();
            for certificate in read(pem).map_err(|error| setup(what, error.to_string()))? {
                roots.add(certificate).map_err(|error| setup(what, error.to_string()))?;
            }
            let verifier = WebPkiClientVerifier::builder(Arc::new(roots))
                .build()
                .map_err(|error| setup(what, error.to_string()))?;
            ServerConfig::builder().with_client_cert_verifier(verifier)
        }
    };
    let config = builder
        .with_single_cert(chain, key)
        .map_err(|error| setup("the certificate and its key do not fit", error.to_string()))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
