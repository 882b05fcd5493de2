//! The files of a URL: looked at before anything is sent, so that a wrong one is told by its name.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::Fault;

/// Looks at the file of `sslrootcert`.
pub(crate) fn check_authorities(file: &Path) -> Result<(), Fault> {
    let mut store = RootCertStore::empty();
    for certificate in certificates("sslrootcert", file)? {
        store.add(certificate).map_err(|_| {
            Fault::new(
                format!("`sslrootcert`: a certificate in `{}` cannot be used as an authority", file.display()),
                "take it out of the file, or have it issued anew (X.509 version 3)",
            )
        })?;
    }
    Ok(())
}

/// Looks at the files of `sslcert` and `sslkey`.
pub(crate) fn check_identity(certificate: &Path, key: &Path) -> Result<(), Fault> {
    certificates("sslcert", certificate)?;
    PrivateKeyDer::from_pem_slice(&read("sslkey", key)?).map(drop).map_err(|_| {
        Fault::new(
            format!("`sslkey`: no private key can be read from `{}`", key.display()),
            "it must hold a key in PEM that no password protects (`-----BEGIN PRIVATE KEY-----`)",
        )
    })
}

/// The authorities that this machine trusts, as PEM: those that can be used as such.
pub(crate) fn of_this_machine() -> Result<Vec<u8>, Fault> {
    let mut store = RootCertStore::empty();
    let mut text = String::new();
    for certificate in rustls_native_certs::load_native_certs().certs {
        if store.add(certificate.clone()).is_ok() {
            text +=
                &format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(&certificate));
        }
    }
    if store.is_empty() {
        return Err(Fault::new(
            "this machine trusts no authority, so no certificate of a server can be believed",
            "name the server's authority with `sslrootcert=FILE`, or install the package ca-certificates",
        ));
    }
    Ok(text.into_bytes())
}

fn certificates(what: &str, file: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let none = |_| {
        Fault::new(
            format!("`{what}`: no certificate can be read from `{}`", file.display()),
            "it must hold certificates in PEM (`-----BEGIN CERTIFICATE-----`)",
        )
    };
    let text = read(what, file)?;
    let found = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>().map_err(|_| none(()))?;
    if found.is_empty() { Err(none(())) } else { Ok(found) }
}

fn read(what: &str, file: &Path) -> Result<Vec<u8>, Fault> {
    std::fs::read(file).map_err(|error| {
        Fault::new(
            format!("`{what}`: the file `{}` cannot be read: {}", file.display(), error.kind()),
            "name a file that this user may read; a path is as seen from the working folder",
        )
    })
}
