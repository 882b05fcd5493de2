//! A server's URL.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::rule::{Authority, Place, mode};
use crate::{Fault, certificates};

/// The parameters that sqlx knows. It passes over others, so a misspelt `sslmode` would be none.
const KNOWN: [&str; 19] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
    "options[…]",
];

const FORM: &str = "write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with %40 for an @ of the password and so on, and what \
                    follows as ?sslmode=verify-full&sslrootcert=FILE";

/// How to connect to the server of a URL. Looks at the files that the URL names; connects to nothing.
///
/// # Errors
/// What is wrong with the URL or one of its files, or that the way to the server would not be protected. A part of the URL is told only
/// if it can be no password.
pub fn connection(url: &str) -> Result<PgConnectOptions, Fault> {
    let (said, options) = read(url)?;
    // sqlx connects to an IPv6 address and asks for its certificate without brackets only.
    let host = options.get_host().trim_start_matches('[').trim_end_matches(']').to_owned();
    let options = options.host(&host);
    let place = if options.get_socket().is_some() || host.starts_with('/') { Place::Socket } else { Place::of(&host) };
    let authority = match said.authority.as_deref() {
        None => Authority::Unnamed,
        Some("system") => Authority::System,
        Some(_) => Authority::File,
    };
    let at = |fault: Fault| Fault { message: format!("PostgreSQL at {host}: {}", fault.message), ..fault };
    let mode = mode(place, said.mode, authority).map_err(at)?;
    if matches!(mode, PgSslMode::Disable) && place == Place::Elsewhere {
        warn_once(&host);
    }
    with_certificates(options.ssl_mode(mode), mode, &said).map_err(at)
}

/// What a URL and the environment say of TLS.
#[derive(Default)]
struct Said {
    mode: Option<PgSslMode>,
    authority: Option<String>,
    certificate: Option<String>,
    key: Option<String>,
}

fn read(url: &str) -> Result<(Said, PgConnectOptions), Fault> {
    let unreadable = || Fault::new("its URL is not one of PostgreSQL", FORM);
    let parsed = url::Url::parse(url).map_err(|_| unreadable())?;
    let variable = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
    let mut said = Said {
        mode: None,
        authority: variable("PGSSLROOTCERT"),
        certificate: variable("PGSSLCERT"),
        key: variable("PGSSLKEY"),
    };
    let mut stated = variable("PGSSLMODE").map(|value| ("the environment's PGSSLMODE", value));
    for (key, value) in parsed.query_pairs() {
        match &*key {
            "sslmode" | "ssl-mode" => stated = Some(("`sslmode`", value.into_owned())),
            "sslrootcert" | "ssl-root-cert" | "ssl-ca" => said.authority = Some(value.into_owned()),
            "sslcert" | "ssl-cert" => said.certificate = Some(value.into_owned()),
            "sslkey" | "ssl-key" => said.key = Some(value.into_owned()),
            other if KNOWN.contains(&other) || (other.starts_with("options[") && other.ends_with(']')) => {}
            other => return Err(unknown(other)),
        }
    }
    if let Some((whose, value)) = stated {
        said.mode = Some(value.parse().map_err(|_| {
            Fault::new(
                format!("{whose} has a value that there is not"),
                "it is disable, require, verify-ca or verify-full; on this machine also allow or prefer",
            )
        })?);
    }
    // The parser's own message may quote the URL with its password.
    let options = url.parse::<PgConnectOptions>().map_err(|_| unreadable())?;
    Ok((said, options))
}

/// A parameter that sqlx would pass over. It is named if it is nearly one that there is: then it is no part of a password.
fn unknown(parameter: &str) -> Fault {
    let distance = |known: &&&str| strsim::damerau_levenshtein(known, parameter);
    let near = KNOWN.iter().min_by_key(distance).filter(|known| distance(known) <= 2);
    let message = match near {
        Some(near) => format!("its URL has the parameter `{parameter}`, which there is not: did you mean `{near}`?"),
        None => "its URL has a parameter that there is not".to_owned(),
    };
    Fault::new(message, format!("take it away; those that there are: {}", KNOWN.join(", ")))
}

/// The options with the certificates that they need. sqlx has the names of files already, and reads them with each connection, so
/// renewed ones too; here they are only looked at.
fn with_certificates(options: PgConnectOptions, mode: PgSslMode, said: &Said) -> Result<PgConnectOptions, Fault> {
    if matches!(mode, PgSslMode::Disable | PgSslMode::Allow) {
        return Ok(options);
    }
    match (&said.certificate, &said.key) {
        (Some(certificate), Some(key)) => certificates::check_identity(Path::new(certificate), Path::new(key))?,
        (None, None) => {}
        _ => return Err(Fault::new("`sslcert` and `sslkey` belong together", "name both files, or neither")),
    }
    if !matches!(mode, PgSslMode::VerifyCa | PgSslMode::VerifyFull) {
        return Ok(options);
    }
    match said.authority.as_deref() {
        None | Some("system") => Ok(options.ssl_root_cert_from_pem(certificates::of_this_machine()?)),
        Some(file) => {
            certificates::check_authorities(Path::new(file))?;
            Ok(options)
        }
    }
}

/// Says once for each host that what is sent to it can be read on the way: sources are opened every few seconds.
fn warn_once(host: &str) {
    static TOLD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if TOLD.lock().unwrap_or_else(PoisonError::into_inner).insert(host.to_owned()) {
        tracing::warn!(%host, "PostgreSQL is reached without TLS (sslmode=disable): whoever is on the way can read the records");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(parameters: &str) -> String {
        let fault = connection(&format!("postgres://u:secret@db.example.org/d?{parameters}")).unwrap_err();
        let told = fault.to_string();
        assert!(!told.contains("secret"), "{told}");
        told
    }

    #[test]
    fn a_misspelt_parameter_is_not_passed_over_and_its_value_is_not_told() {
        let told_of = told("sslmod=verify-full");
        assert!(told_of.contains("`sslmod`") && told_of.contains("did you mean `sslmode`?"), "{told_of}");
        let told_of = told("what_may_be_a_part_of_a=secret");
        assert!(!told_of.contains("what_may") && told_of.contains("sslrootcert"), "{told_of}");
        assert!(told("sslmode=verify_full").contains("`sslmode` has a value that there is not"));
    }

    #[test]
    fn an_address_of_ipv6_stands_without_its_brackets() {
        for (url, host, mode) in [
            ("postgres://u@[::1]:1/d", "::1", "Disable"),
            ("postgres://u@[2001:db8::1]/d", "2001:db8::1", "Require"),
            ("postgresql://u@db.example.org/d?options[search_path]=a&application_name=b", "db.example.org", "Require"),
            ("postgres://u@127.0.0.1/d?host=db.example.org", "db.example.org", "Require"),
            ("postgres://u@db.example.org/d?host=/run/postgresql", "db.example.org", "Disable"),
        ] {
            let options = connection(url).unwrap();
            assert_eq!((options.get_host(), format!("{:?}", options.get_ssl_mode()).as_str()), (host, mode), "{url}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("text.pem");
        std::fs::write(&text, "no certificate").unwrap();
        let text = text.display();
        for (parameters, words) in [
            ("sslrootcert=none.pem".to_owned(), "`sslrootcert`: the file `none.pem` cannot be read: entity not found"),
            (format!("sslrootcert={text}"), "`sslrootcert`: no certificate can be read from `"),
            ("sslcert=none.pem&sslkey=none.key".to_owned(), "`sslcert`: the file `none.pem` cannot be read"),
            ("sslkey=none.key".to_owned(), "`sslcert` and `sslkey` belong together"),
        ] {
            let told = told(&parameters);
            assert!(told.contains(words) && told.contains("PostgreSQL at db.example.org"), "{told}");
        }
        let fault = connection("postgres://u:sec ret@h:port/d").unwrap_err().to_string();
        assert!(fault.contains("its URL is not one of PostgreSQL") && !fault.contains("ret"), "{fault}");
    }
}
