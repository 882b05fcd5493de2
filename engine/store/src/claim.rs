//! One zone is one process's: whoever serves it claims it first.
//!
//! In SQLite a claim is a lock of the operating system on a file beside the database. In PostgreSQL it is a lock of a session that
//! does nothing else, and a token that every commit checks: a process that was stopped for a while, or cut off, and does not yet know
//! that another has taken over, writes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::change::Change;
use crate::store::Store;
use crate::{StoreFault, postgres, sqlite};

/// A claim that nobody has confirmed for so long is not relied upon.
const LEASE: Duration = Duration::from_secs(5);
/// How long a claim waits for another that may be about to end: a server that was just killed.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often it looks meanwhile.
const PAUSE: Duration = Duration::from_millis(50);

/// The claim on a zone: while it is held, no other process serves the zone. Dropping it gives the zone back; from then on this store
/// writes nothing of the zone until it is claimed again.
pub struct Claim {
    zone: String,
    store: Store,
    standing: Arc<Standing>,
    hold: tokio::sync::Mutex<Option<Hold>>,
}

/// What holds a claim; dropping it ends the claim.
pub(crate) enum Hold {
    /// A file that is locked.
    File { _file: std::fs::File },
    /// A session, which a task watches.
    Session(postgres::Session),
}

impl Claim {
    pub(crate) async fn take(store: Store, zone: &str) -> Result<Self, StoreFault> {
        let standing = Arc::<Standing>::default();
        let hold = hold(&store, zone, &standing, None).await?;
        // Only now: somebody else of this process may have held it.
        store.claims().put(zone, Arc::clone(&standing));
        Ok(Self { zone: zone.to_owned(), store, standing, hold: tokio::sync::Mutex::new(Some(hold)) })
    }

    /// Whether it is held, as far as is known: the database said so a few seconds ago at most.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.standing.is_held()
    }

    /// Hears when the claim is lost; gives nothing to hold on to, so that the claim may be dropped meanwhile.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<bool> {
        self.standing.news.subscribe()
    }

    /// Takes the zone again if the claim is lost. What was submitted of the zone before, and is not yet written, is refused or
    /// written before this returns. The zone must be loaded anew.
    ///
    /// # Errors
    ///
    /// [`StoreFault::Taken`] if another process has it; [`StoreFault::Lost`] if the database cannot be reached.
    pub async fn renew(&self) -> Result<(), StoreFault> {
        let mut held = self.hold.lock().await;
        if self.is_held() {
            return Ok(());
        }
        self.standing.lose();
        self.store.settle().await?;
        let before = held.take().and_then(|hold| match hold {
            Hold::Session(session) => Some(session.end()),
            Hold::File { .. } => None,
        });
        *held = Some(hold(&self.store, &self.zone, &self.standing, before).await?);
        Ok(())
    }

    /// Gives the zone back; when this returns, another may take it.
    pub async fn release(&self) {
        let mut held = self.hold.lock().await;
        self.standing.lose();
        if let Some(Hold::Session(session)) = held.take() {
            session.close().await;
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.standing.lose();
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Claim")
            .field("zone", &self.zone)
            .field("is_held", &self.is_held())
            .finish_non_exhaustive()
    }
}

/// Takes the lock of a zone, if need be after a while. `before` is the session of this process that held it before.
async fn hold(
    store: &Store,
    zone: &str,
    standing: &Arc<Standing>,
    before: Option<postgres::Ended>,
) -> Result<Hold, StoreFault> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match store.hold(zone, standing, before.as_ref()).await {
            Err(StoreFault::Taken(_)) if Instant::now() < deadline => tokio::time::sleep(PAUSE).await,
            result => return result,
        }
    }
}

/// Takes a file's lock.
pub(crate) fn hold_file(path: &std::path::Path, zone: &str, standing: &Standing) -> Result<Hold, StoreFault> {
    let file = sqlite::claim(path, zone)?;
    standing.hold(Held::Always);
    Ok(Hold::File { _file: file })
}

/// How a claim stands.
#[derive(Debug)]
pub(crate) struct Standing {
    held: Mutex<Option<Held>>,
    /// Whether it is held.
    news: watch::Sender<bool>,
}

/// A claim that is held.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Held {
    /// Until it is given back.
    Always,
    /// With a token, as long as it is confirmed.
    Confirmed { token: i64, at: Instant },
}

impl Default for Standing {
    fn default() -> Self {
        Self { held: Mutex::default(), news: watch::Sender::new(false) }
    }
}

impl Standing {
    fn lock(&self) -> MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_held(&self) -> bool {
        match *self.lock() {
            Some(Held::Always) => true,
            Some(Held::Confirmed { at, .. }) => at.elapsed() < LEASE,
            None => false,
        }
    }

    pub(crate) fn hold(&self, how: Held) {
        *self.lock() = Some(how);
        self.news.send_replace(true);
    }

    /// The claim of this token was confirmed by an answer to what was asked at a time; false if it is not held any more.
    pub(crate) fn confirm(&self, of: i64, asked: Instant) -> bool {
        match &mut *self.lock() {
            Some(Held::Confirmed { token, at }) if *token == of => {
                *at = asked;
                true
            }
            _ => false,
        }
    }

    fn lose(&self) {
        *self.lock() = None;
        self.news.send_replace(false);
    }

    /// The claim of this token is lost; one that was taken since is not.
    pub(crate) fn lose_token(&self, of: i64) {
        let is_this = matches!(*self.lock(), Some(Held::Confirmed { token, .. }) if token == of);
        if is_this {
            self.lose();
        }
    }

    fn token(&self) -> Option<i64> {
        match *self.lock() {
            Some(Held::Confirmed { token, .. }) => Some(token),
            _ => None,
        }
    }
}

/// The claims of a store, by zone. Those that were lost or given back stay: nothing is written of their zones.
#[derive(Debug, Default)]
pub(crate) struct Claims(Mutex<BTreeMap<String, Arc<Standing>>>);

impl Claims {
    fn put(&self, zone: &str, standing: Arc<Standing>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(zone.to_owned(), standing);
    }

    /// The tokens that a commit of these changes must find unchanged; the zone that is not held, if there is one.
    pub(crate) fn tokens(&self, lists: &[&[Change]]) -> Result<Vec<(i64, Arc<Standing>)>, String> {
        let claims = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if claims.is_empty() {
            return Ok(Vec::new());
        }
        let zones: BTreeSet<&str> = lists.iter().flat_map(|list| list.iter()).map(Change::zone).collect();
        let mut tokens = Vec::new();
        for zone in zones {
            let Some(standing) = claims.get(zone) else { continue };
            let token = standing.token().ok_or_else(|| zone.to_owned())?;
            tokens.push((token, Arc::clone(standing)));
        }
        Ok(tokens)
    }
}
