//! Certificates for two servers that trust one authority.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use sha2::{Digest, Sha256};

/// Names of files, each in PEM. Both servers are at 127.0.0.1 and show the same certificate, wherever they are asked for one.
pub struct Certificates {
    pub authority: String,
    pub certificate: String,
    pub key: String,
    /// The certificate and its key.
    pub identity: String,
    /// Of the certificate: SHA-256.
    pub fingerprint: String,
}

impl Certificates {
    pub fn in_folder(folder: &Path) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &authority).unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        Self {
            authority: write("authority.pem", &authority.pem()),
            certificate: write("certificate.pem", &certificate.pem()),
            key: write("key.pem", &key.serialize_pem()),
            identity: write("identity.pem", &(key.serialize_pem() + &certificate.pem())),
            fingerprint: Sha256::digest(certificate.der()).iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}
