//! When the way to a server is encrypted, and whom it must prove to be.

use std::net::IpAddr;

use sqlx::postgres::PgSslMode;

use crate::Fault;

/// Where a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Behind a socket of the file system.
    Socket,
    /// On this machine: what is sent leaves it by no wire.
    Here,
    /// Anywhere else, as far as its name tells.
    Elsewhere,
}

impl Place {
    /// Where a host is that is reached by TCP. Names are not looked up: who answers to one may change.
    pub(crate) fn of(host: &str) -> Self {
        let is_here =
            host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        if is_here { Self::Here } else { Self::Elsewhere }
    }
}

/// Whose certificates are believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Authority {
    /// None is named.
    Unnamed,
    /// Those that this machine trusts (`sslrootcert=system`).
    System,
    /// Those of a file.
    File,
}

/// What is done, given where the server is and what was stated.
pub(crate) fn mode(place: Place, stated: Option<PgSslMode>, authority: Authority) -> Result<PgSslMode, Fault> {
    use PgSslMode::{Allow, Disable, Prefer, Require, VerifyCa, VerifyFull};
    let is_named = authority != Authority::Unnamed;
    let mode = match (place, stated) {
        // A server does not offer TLS on a socket.
        (Place::Socket, _) => return Ok(Disable),
        (_, None) if is_named => VerifyFull,
        (Place::Here, None) => Disable,
        (Place::Elsewhere, None) => Require,
        (Place::Elsewhere, Some(Allow | Prefer)) => {
            return Err(Fault::new(
                "`sslmode=allow` and `sslmode=prefer` go on in plain text if anybody on the way says that there is no TLS",
                "write `sslmode=verify-full` or `sslmode=require`; or `sslmode=disable` if the network itself is protected",
            ));
        }
        // As libpq does it: who names an authority wants it asked.
        (_, Some(Require)) if is_named => VerifyCa,
        (_, Some(mode)) => mode,
    };
    if matches!(mode, VerifyCa) && authority != Authority::File {
        return Err(Fault::new(
            "without the name, a certificate of an authority that everybody may ask proves nothing",
            "write `sslmode=verify-full`; or name the authority of this server alone with `sslrootcert=FILE`",
        ));
    }
    Ok(mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is done, as a word.
    fn done(place: Place, stated: Option<&str>, authority: Authority) -> String {
        let stated = stated.map(|word| word.parse().unwrap());
        mode(place, stated, authority).map_or_else(|_| "refused".to_owned(), |mode| format!("{mode:?}"))
    }

    #[test]
    fn nothing_goes_to_another_machine_in_plain_text_unless_it_is_said() {
        use Authority::{File, System, Unnamed};
        let none = None;
        for (stated, authority, here, elsewhere) in [
            (none, Unnamed, "Disable", "Require"),
            (none, File, "VerifyFull", "VerifyFull"),
            (none, System, "VerifyFull", "VerifyFull"),
            (Some("disable"), Unnamed, "Disable", "Disable"),
            (Some("allow"), Unnamed, "Allow", "refused"),
            (Some("prefer"), File, "Prefer", "refused"),
            (Some("require"), Unnamed, "Require", "Require"),
            (Some("require"), File, "VerifyCa", "VerifyCa"),
            (Some("require"), System, "refused", "refused"),
            (Some("verify-ca"), Unnamed, "refused", "refused"),
            (Some("verify-ca"), System, "refused", "refused"),
            (Some("verify-ca"), File, "VerifyCa", "VerifyCa"),
            (Some("verify-full"), Unnamed, "VerifyFull", "VerifyFull"),
            (Some("verify-full"), File, "VerifyFull", "VerifyFull"),
        ] {
            let what = format!("{stated:?} {authority:?}");
            assert_eq!(done(Place::Here, stated, authority), here, "{what} on this machine");
            assert_eq!(done(Place::Elsewhere, stated, authority), elsewhere, "{what} on another machine");
            assert_eq!(done(Place::Socket, stated, authority), "Disable", "{what} behind a socket");
        }
    }

    #[test]
    fn only_what_is_surely_this_machine_is() {
        for host in ["localhost", "LocalHost", "127.0.0.1", "127.8.9.10", "::1"] {
            assert_eq!(Place::of(host), Place::Here, "{host}");
        }
        for host in [
            "localhost.example.org",
            "127.0.0.1.example.org",
            "10.0.0.1",
            "0.0.0.0",
            "::",
            "fe80::1",
            "db",
            "",
            "128.0.0.1",
        ] {
            assert_eq!(Place::of(host), Place::Elsewhere, "{host}");
        }
    }
}
