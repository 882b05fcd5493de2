//! Sessions: what a browser has after a login.

use serde::{Deserialize, Serialize};
use store::{Change, Millis, StoreFault};

use crate::role::Principal;
use crate::secret::{Secret, sum};
use crate::user::UserRecord;
use crate::{Access, SESSION, USER, delete, put};

/// A session ends when it was not used for so long.
const IDLE: Millis = 15 * 60 * 1000;
/// And when it is so old, however much it is used.
const ABSOLUTE: Millis = 8 * 60 * 60 * 1000;
/// That a session was used is written at most so often.
const NOTED_EVERY: Millis = 60 * 1000;

/// A session, as it is kept under the sum of its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SessionRecord {
    pub user: String,
    pub created: Millis,
    pub used: Millis,
}

impl SessionRecord {
    fn is_over(&self, now: Millis) -> bool {
        now >= self.used + IDLE || now >= self.created + ABSOLUTE
    }
}

impl Access {
    /// Begins a session, and forgets those that are over.
    pub(crate) async fn begin_session(&self, user: &str) -> Result<Secret, StoreFault> {
        let now = self.now();
        let secret = Secret::random("").ok_or_else(|| StoreFault::Lost("there is no randomness".to_owned()))?;
        let all = self.read_all::<SessionRecord>(SESSION).await?;
        let mut changes: Vec<Change> =
            all.iter().filter(|(_, session)| session.is_over(now)).map(|(key, _)| delete(SESSION, key)).collect();
        let session = SessionRecord { user: user.to_owned(), created: now, used: now };
        changes.push(put(SESSION, &sum(secret.reveal()), &session)?);
        self.apply(changes).await?;
        Ok(secret)
    }

    /// Who a session belongs to; none if there is none, it is over, or its user is gone or may not come in any more.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub async fn session(&self, id: &str) -> Result<Option<Principal>, StoreFault> {
        let key = sum(id);
        let Some(mut session) = self.read::<SessionRecord>(SESSION, &key).await? else { return Ok(None) };
        let now = self.now();
        if session.is_over(now) {
            self.apply(vec![delete(SESSION, &key)]).await?;
            return Ok(None);
        }
        let user = self.read::<UserRecord>(USER, &session.user).await?.filter(|user| !user.disabled);
        let Some(user) = user else { return Ok(None) };
        let principal = Principal { user: session.user.clone(), role: user.role, token: None };
        if now >= session.used + NOTED_EVERY {
            session.used = now;
            // Under the lock of changes, so that a session that is just ended does not come back by this.
            let _changes = self.0.changes.lock().await;
            if self.read::<SessionRecord>(SESSION, &key).await?.is_none() {
                return Ok(None);
            }
            self.apply(vec![put(SESSION, &key, &session)?]).await?;
        }
        Ok(Some(principal))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn logout(&self, id: &str) -> Result<(), StoreFault> {
        let _changes = self.0.changes.lock().await;
        self.apply(vec![delete(SESSION, &sum(id))]).await
    }
}
