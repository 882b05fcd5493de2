//! Secrets by chance, and the sums under which they are kept.

use std::fmt;

use argon2::password_hash::try_generate_salt;
use sha2::{Digest, Sha256};

/// A secret that proves who somebody is: shown once, and never kept or printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// One of 256 random bits, behind a prefix that tells people and scanners what it is.
    pub(crate) fn random(prefix: &str) -> Option<Self> {
        // Salts are what the hash's crate gives of the system's randomness: 128 bits each.
        let (first, second) = (try_generate_salt().ok()?, try_generate_salt().ok()?);
        let digits: String = first.iter().chain(&second).map(|byte| format!("{byte:02x}")).collect();
        Some(Self(format!("{prefix}{digits}")))
    }

    /// Its text, for whom it is meant.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// The key that a secret is kept under. It has 256 bits by chance, so a plain sum cannot be turned back, and looking one up tells
/// by its time nothing about another.
pub(crate) fn sum(secret: &str) -> String {
    Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

    use super::*;

    #[test]
    fn a_secret_has_256_bits_and_is_not_printed() {
        let (one, two) = (Secret::random("sifter_").unwrap(), Secret::random("sifter_").unwrap());
        assert_ne!(one, two);
        assert_eq!(one.reveal().len(), "sifter_".len() + 64);
        assert!(!format!("{one:?}").contains(&one.reveal()[7..]));
        assert_ne!(sum(one.reveal()), sum(two.reveal()));
        assert!(!sum(one.reveal()).contains(&one.reveal()[7..20]));
    }
}
