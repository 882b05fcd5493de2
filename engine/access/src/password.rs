//! Passwords: what they must be like, and how they are kept.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, try_generate_salt};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

/// The fewest characters of a password.
pub const LEAST_CHARACTERS: usize = 15;

/// The most characters of a password.
pub const MOST_CHARACTERS: usize = 256;

/// Kibibytes of memory, passes and lanes of a hash, as OWASP recommends for Argon2id.
const COST: (u32, u32, u32) = (19_456, 2, 1);

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordFault {
    /// It is too short.
    Short,
    /// It is too long.
    Long,
    /// It is the user's name, or repeats a few characters: the first that is tried.
    Obvious,
}

impl fmt::Display for PasswordFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short => write!(formatter, "a password has at least {LEAST_CHARACTERS} characters"),
            Self::Long => write!(formatter, "a password has at most {MOST_CHARACTERS} characters"),
            Self::Obvious => formatter
                .write_str("a password does not hold the user's name, and is not a few characters again and again"),
        }
    }
}

impl std::error::Error for PasswordFault {}

/// Whether a password is good enough for a user.
pub(crate) fn check(password: &str, user: &str) -> Result<(), PasswordFault> {
    let length = password.chars().count();
    let folded = password.to_lowercase();
    if length < LEAST_CHARACTERS {
        Err(PasswordFault::Short)
    } else if length > MOST_CHARACTERS {
        Err(PasswordFault::Long)
    } else if folded.chars().collect::<BTreeSet<_>>().len() < 6
        || (user.chars().count() > 2 && folded.contains(&user.to_lowercase()))
        || is_run(&folded)
    {
        Err(PasswordFault::Obvious)
    } else {
        Ok(())
    }
}

/// Whether most characters follow the one before them, as in `abcdefgh` and `12345678`.
fn is_run(password: &str) -> bool {
    let codes: Vec<u32> = password.chars().map(u32::from).collect();
    let steps = codes.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) <= 1).count();
    steps * 4 > codes.len() * 3
}

/// Makes and checks hashes, a few at a time.
pub(crate) struct Hasher {
    places: Arc<Semaphore>,
    /// The hash of a password that nobody has: what is checked where there is no user, so that it takes as long as where there is one.
    nobody: Arc<str>,
}

/// A hash could not be made: there is no randomness, memory or thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoHash;

impl Hasher {
    pub(crate) fn new(places: Semaphore) -> Result<Self, NoHash> {
        let unknown = try_generate_salt().map_err(|_| NoHash)?;
        Ok(Self { places: Arc::new(places), nobody: hash(&unknown)?.into() })
    }

    /// The hash of a password, as it is kept.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, NoHash> {
        let password = password.to_owned();
        self.run(move || hash(password.as_bytes())).await?
    }

    /// Whether a password has a hash. Without a hash it takes as long, and it does not.
    pub(crate) async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, NoHash> {
        let known = hash.is_some();
        let hash = hash.map_or_else(|| Arc::clone(&self.nobody), Arc::from);
        // Nobody has a longer one, and hashing it would be work for nothing.
        let password: String = password.chars().take(MOST_CHARACTERS + 1).collect();
        let matches =
            self.run(move || argon2().is_ok_and(|argon2| argon2.verify_password(password.as_bytes(), &*hash).is_ok()));
        Ok(matches.await? && known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, NoHash> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| NoHash)?;
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        });
        done.await.map_err(|_| NoHash)
    }
}

fn argon2() -> Result<Argon2<'static>, NoHash> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).map_err(|_| NoHash)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &[u8]) -> Result<String, NoHash> {
    Ok(argon2()?.hash_password(password).map_err(|_| NoHash)?.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

    use super::*;

    #[test]
    fn weak_passwords_are_refused() {
        for (password, fault) in [
            ("fourteen chars", PasswordFault::Short),
            ("aaaaaaaaaaaaaaaaaaaaaaaa", PasswordFault::Obvious),
            ("abababababababababab", PasswordFault::Obvious),
            ("abcdefghijklmnopqrstu", PasswordFault::Obvious),
            ("98765432109876543210", PasswordFault::Obvious),
            ("xx-Principal-Skinner-xx", PasswordFault::Obvious),
        ] {
            assert_eq!(check(password, "principal-skinner"), Err(fault), "{password}");
        }
        assert_eq!(check(&"ab cd ef gh ".repeat(30), "ana"), Err(PasswordFault::Long));
        assert_eq!(check("correct horse battery", "ana"), Ok(()));
        assert_eq!(check("пароль очень длинный", "ana"), Ok(()));
    }

    #[tokio::test]
    async fn hashes_have_the_cost_that_they_should_and_tell_passwords_apart() {
        let hasher = Hasher::new(Semaphore::new(1)).unwrap();
        let hash = hasher.hash("correct horse battery").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hasher.verify("correct horse battery", Some(&hash)).await.unwrap());
        assert!(!hasher.verify("correct horse batterY", Some(&hash)).await.unwrap());
        assert!(!hasher.verify("correct horse battery", None).await.unwrap());
        assert!(!hasher.verify("correct horse battery", Some("no hash")).await.unwrap());
        assert_ne!(hash, hasher.hash("correct horse battery").await.unwrap(), "salted");
    }
}
