//! Tokens: what programs show in the place of a login.

use serde::{Deserialize, Serialize};
use store::{Millis, StoreFault};

use crate::role::Principal;
use crate::secret::{Secret, sum};
use crate::user::{UserFault, UserRecord};
use crate::{Access, TOKEN, USER, delete, put};

/// What every token begins with.
const PREFIX: &str = "sifter_";

/// A token, as it is kept under its sum.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TokenRecord {
    pub id: String,
    pub user: String,
    pub label: String,
    pub created: Millis,
    pub expires: Option<Millis>,
}

/// A token, as its owner sees it later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenView {
    /// Its id, by which it is revoked.
    pub id: String,
    /// The user whose role it has.
    pub user: String,
    /// What it is for, in its owner's words.
    pub label: String,
    /// When it was made.
    pub created: Millis,
    /// When it ends; none: never.
    pub expires: Option<Millis>,
}

/// A token that was just made: the only time that its text is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// Its text.
    pub secret: Secret,
    /// The rest.
    pub view: TokenView,
}

impl From<TokenRecord> for TokenView {
    fn from(token: TokenRecord) -> Self {
        let TokenRecord { id, user, label, created, expires } = token;
        Self { id, user, label, created, expires }
    }
}

impl Access {
    /// Makes a token of a user.
    ///
    /// # Errors
    /// There is no such user, or the store cannot be written.
    pub async fn create_token(&self, user: &str, label: &str, expires: Option<Millis>) -> Result<NewToken, UserFault> {
        let _changes = self.0.changes.lock().await;
        if self.read::<UserRecord>(USER, user).await?.is_none() {
            return Err(UserFault::Unknown);
        }
        let secret = Secret::random(PREFIX).ok_or_else(|| UserFault::Failed("there is no randomness".to_owned()))?;
        let token = TokenRecord {
            id: uuid::Uuid::new_v4().simple().to_string(),
            user: user.to_owned(),
            label: label.chars().take(100).collect(),
            created: self.now(),
            expires,
        };
        self.apply(vec![put(TOKEN, &sum(secret.reveal()), &token)?]).await?;
        Ok(NewToken { secret, view: token.into() })
    }

    /// All tokens of a user.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn tokens(&self, user: &str) -> Result<Vec<TokenView>, StoreFault> {
        let tokens = self.read_all::<TokenRecord>(TOKEN).await?;
        Ok(tokens.into_iter().filter(|(_, token)| token.user == user).map(|(_, token)| token.into()).collect())
    }

    /// Ends a token of a user; tells whether there was such a one.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub async fn revoke_token(&self, user: &str, id: &str) -> Result<bool, StoreFault> {
        let tokens = self.read_all::<TokenRecord>(TOKEN).await?;
        let found = tokens.into_iter().find(|(_, token)| token.user == user && token.id == id);
        match found {
            Some((key, _)) => self.apply(vec![delete(TOKEN, &key)]).await.map(|()| true),
            None => Ok(false),
        }
    }

    /// Who a token belongs to; none if there is none, it is over, or its user is gone or may not come in any more.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn token(&self, text: &str) -> Result<Option<Principal>, StoreFault> {
        if !text.starts_with(PREFIX) {
            return Ok(None);
        }
        let Some(token) = self.read::<TokenRecord>(TOKEN, &sum(text)).await? else { return Ok(None) };
        if token.expires.is_some_and(|expires| self.now() >= expires) {
            return Ok(None);
        }
        let user = self.read::<UserRecord>(USER, &token.user).await?.filter(|user| !user.disabled);
        Ok(user.map(|user| Principal { user: token.user, role: user.role, token: Some(token.id) }))
    }
}
