//! No authorities, in the place of the list of public ones that sqlx always adds to the authority that a URL names.
//!
//! With that list `sslmode=verify-ca`, which does not look at the name of a server, would believe anybody who has a certificate of any
//! public authority. `postgresql` gives sqlx the authorities instead: those of `sslrootcert` and no others.
#![forbid(unsafe_code)]

use rustls_pki_types::TrustAnchor;

/// The authorities that are trusted without being named: none.
pub const TLS_SERVER_ROOTS: &[TrustAnchor<'static>] = &[];
