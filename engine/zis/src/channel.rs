//! The connection that a message came through, as far as a zone asks about it.

use sif::message::ErrorCode;

/// How safe a connection is, and who is at its other end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Channel {
    /// Whether it is encrypted at all.
    pub secure: bool,
    /// SIF_AuthenticationLevel that it reaches: 0 to 3.
    pub authentication: u8,
    /// SIF_EncryptionLevel that it reaches: 0 to 4.
    pub encryption: u8,
    /// SHA-256 of the certificate that the other end showed, in lower-case hexadecimal digits.
    pub certificate: Option<String>,
    /// Why its authentication is not higher: no certificate (3/3), one that is not valid (3/4), not trusted (3/5) or not valid now
    /// (3/6). What a zone answers to a connection whose authentication is too low; none: 3/3.
    pub shortfall: Option<ErrorCode>,
    /// Whether the other end is a part of this server, such as its provider.
    pub internal: bool,
}
