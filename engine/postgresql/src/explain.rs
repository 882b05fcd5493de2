//! Why a server could not be reached by an encrypted connection, in the words of who runs it.

use rustls::{AlertDescription, CertificateError, Error as TlsError};
use sqlx::postgres::PgConnectOptions;

use crate::Fault;

/// What TLS has to do with a failure to connect, or to be let in; none if nothing. `options` tell where the server is, if they are known.
#[must_use]
pub fn explain(error: &sqlx::Error, options: Option<&PgConnectOptions>) -> Option<Fault> {
    let (what, help) = match error {
        sqlx::Error::Tls(cause) => match cause.downcast_ref::<TlsError>() {
            Some(cause) => of_tls(cause),
            None if cause.to_string().contains("does not support TLS") => (
                "it offers no TLS, so nothing was sent".to_owned(),
                "turn on `ssl` in its postgresql.conf; or write `sslmode=disable` if the network itself is protected",
            ),
            None => (
                "no encrypted connection could be made".to_owned(),
                "check the host of the URL, and the files of `sslrootcert`, `sslcert` and `sslkey`",
            ),
        },
        sqlx::Error::Io(cause) => of_tls(cause.get_ref()?.downcast_ref::<TlsError>()?),
        sqlx::Error::Configuration(_) => (
            "the certificate or key by which it should know Sifter cannot be used".to_owned(),
            "check the files of `sslcert` and `sslkey`",
        ),
        sqlx::Error::Database(told) => of_server(told.code().as_deref()?, told.message())?,
        _ => return None,
    };
    let place =
        options.map_or_else(String::new, |options| format!(" at {}:{}", options.get_host(), options.get_port()));
    Some(Fault::new(format!("PostgreSQL{place}: {what}"), help))
}

fn of_tls(error: &TlsError) -> (String, &'static str) {
    let (what, help) = match error {
        TlsError::InvalidCertificate(wrong) => of_certificate(wrong),
        TlsError::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateRevoked,
        ) => (
            "it does not accept the certificate by which it should know Sifter",
            "name one with `sslcert` and `sslkey` that is of an authority of its `ssl_ca_file` and in its time",
        ),
        TlsError::InconsistentKeys(_) => {
            ("`sslkey` is not the key of `sslcert`", "name the key that belongs to the certificate")
        }
        _ => {
            // rustls names what is wrong with the connection, and nothing that was sent over it.
            return (
                format!("no encrypted connection could be made ({error})"),
                "the server must speak TLS 1.2 or 1.3; check that the port is PostgreSQL's own",
            );
        }
    };
    (what.to_owned(), help)
}

fn of_certificate(wrong: &CertificateError) -> (&'static str, &'static str) {
    match wrong {
        CertificateError::UnknownIssuer => (
            "its certificate is of another authority than those that are trusted, so nothing was sent",
            "name the file of its authority with `sslrootcert=FILE`; if it was the right one, somebody else answers there",
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            "its certificate is for other names than this host, so nothing was sent",
            "write the host as the certificate names it (among its alternative names), or have it issued for this name; \
             `sslmode=verify-ca` with its own authority asks for no name",
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => (
            "its certificate has expired, so nothing was sent",
            "renew it on the server, and check this machine's clock",
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            ("its certificate is not valid yet, so nothing was sent", "check the clocks of both machines")
        }
        CertificateError::Other(cause) if cause.to_string().contains("CaUsedAsEndEntity") => (
            "its certificate is that of an authority itself, so nothing was sent",
            "give the server a certificate that the authority signed (`basicConstraints=CA:FALSE`), and name the authority's \
             with `sslrootcert=FILE`",
        ),
        _ => (
            "its certificate cannot be believed, so nothing was sent",
            "check it with `openssl s_client -starttls postgres -connect HOST:PORT`",
        ),
    }
}

/// What a server says of encryption: by code, and then by its words, which may be in its own language.
fn of_server(code: &str, message: &str) -> Option<(String, &'static str)> {
    if code != "28000" {
        return None;
    }
    if message.contains("no encryption") || message.contains("SSL off") {
        return Some((
            "it takes no connection in plain text, or none of this user".to_owned(),
            "write `sslmode=verify-full&sslrootcert=FILE` or `sslmode=require`, or let its pg_hba.conf take this user",
        ));
    }
    message.contains("client certificate").then(|| {
        (
            "it wants a certificate of Sifter".to_owned(),
            "name one with `sslcert=FILE&sslkey=FILE`, of an authority of its `ssl_ca_file`",
        )
    })
}
