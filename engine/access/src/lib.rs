//! Who may administer: users, what each may do, and how they prove who they are — a session after a login with a password, or a token.
//!
//! Everything is kept in the store, and read from there each time, so what is taken away is gone with the next request. Of passwords
//! only Argon2 hashes are kept, of sessions and tokens only SHA-256 sums.
#![forbid(unsafe_code)]

mod limit;
mod login;
mod password;
mod role;
mod secret;
mod session;
mod token;
mod user;

pub use limit::Limits;
pub use login::LoginRefusal;
pub use password::{LEAST_CHARACTERS, MOST_CHARACTERS, PasswordFault};
pub use role::{Principal, Role};
pub use secret::Secret;
pub use token::{NewToken, TokenView};
pub use user::{UserFault, UserView};

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Change, Millis, Space, Store, StoreFault};
use tokio::sync::{Mutex, Semaphore};

use limit::Limiter;
use password::Hasher;

const USER: Space = "user";
const TOKEN: Space = "token";
const SESSION: Space = "session";

/// What the time is, in milliseconds since 1970.
pub type Clock = Arc<dyn Fn() -> Millis + Send + Sync>;

/// Users, tokens and sessions. Cheap to clone.
#[derive(Clone)]
pub struct Access(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Clock,
    hasher: Hasher,
    accounts: Limiter,
    addresses: Limiter,
    /// Held while users are changed, so that what was read is still so when it is written.
    changes: Mutex<()>,
}

impl Access {
    /// Opens what is kept in a store.
    ///
    /// # Errors
    /// No randomness, which the system cannot be without.
    pub fn open(store: Store) -> Result<Self, StoreFault> {
        Self::open_with(store, Limits::default(), system_clock())
    }

    /// As [`Access::open`], with other limits and another clock.
    ///
    /// # Errors
    /// As [`Access::open`].
    pub fn open_with(store: Store, limits: Limits, clock: Clock) -> Result<Self, StoreFault> {
        // Each hash takes 19 MiB and one core for some time: more of them at once would only take memory.
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let hasher =
            Hasher::new(Semaphore::new(cores)).map_err(|_| StoreFault::Lost("there is no randomness".to_owned()))?;
        Ok(Self(Arc::new(Inner {
            store,
            clock,
            hasher,
            accounts: Limiter::new(limits.failures_per_account, limits.window_millis),
            addresses: Limiter::new(limits.failures_per_address, limits.window_millis),
            changes: Mutex::new(()),
        })))
    }

    fn now(&self) -> Millis {
        (self.0.clock)()
    }

    async fn read<T: DeserializeOwned>(&self, space: Space, key: &str) -> Result<Option<T>, StoreFault> {
        let record = self.0.store.record("", space, key).await?;
        record.map(|value| parse(space, &value)).transpose()
    }

    async fn read_all<T: DeserializeOwned>(&self, space: Space) -> Result<Vec<(String, T)>, StoreFault> {
        let records = self.0.store.records("", space).await?;
        records.into_iter().map(|record| Ok((record.key, parse(space, &record.value)?))).collect()
    }

    async fn apply(&self, changes: Vec<Change>) -> Result<(), StoreFault> {
        self.0.store.apply(changes).await
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Access").finish_non_exhaustive()
    }
}

fn system_clock() -> Clock {
    Arc::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
    })
}

fn parse<T: DeserializeOwned>(space: Space, value: &str) -> Result<T, StoreFault> {
    serde_json::from_str(value).map_err(|_| StoreFault::Damaged(format!("a record of {space}")))
}

fn put(space: Space, key: &str, value: &impl Serialize) -> Result<Change, StoreFault> {
    let value = serde_json::to_string(value).map_err(|_| StoreFault::Damaged(format!("a record of {space}")))?;
    Ok(Change::PutRecord { zone: "".into(), space, key: key.to_owned(), value })
}

fn delete(space: Space, key: &str) -> Change {
    Change::DeleteRecord { zone: "".into(), space, key: key.to_owned() }
}
