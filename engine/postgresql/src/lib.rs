//! How Sifter reaches a PostgreSQL server: what a URL says of it, and when the way to it must be encrypted.
//!
//! Records of children travel over these connections, so nothing goes to another machine in plain text unless the URL says
//! `sslmode=disable`. [`connection`] reads a URL by this rule, [`explain`] says why a connection could not be encrypted:
//!
//! | `sslmode` | a socket | this machine | another machine |
//! |---|---|---|---|
//! | not stated | plain | plain | `require` |
//! | not stated, with `sslrootcert` | plain | `verify-full` | `verify-full` |
//! | `disable` | plain | plain | plain, with a warning in the log |
//! | `allow`, `prefer` | plain | as it says | refused |
//! | `require` | plain | encrypted | encrypted |
//! | `require` with `sslrootcert`, `verify-ca` | plain | by that authority | by that authority |
//! | `verify-full` | plain | authority and name | authority and name |
//!
//! This machine is `localhost`, 127.0.0.0/8 and ::1. `verify-full` without `sslrootcert`, or with `sslrootcert=system`, asks the
//! authorities that this machine trusts. As with libpq, what a URL does not say the environment may (`PGSSLMODE`, `PGHOST`, …).
#![forbid(unsafe_code)]

mod certificates;
mod explain;
mod rule;
mod url;

pub use explain::explain;
pub use url::connection;

use std::fmt;

/// Why a server cannot be reached as it should be. Holds no password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong, and where.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Fault {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.message, self.help)
    }
}

impl std::error::Error for Fault {}

// Were the crate of this name the real one, `verify-ca` would believe everybody with a public certificate.
const _: () = assert!(webpki_roots::TLS_SERVER_ROOTS.is_empty());
