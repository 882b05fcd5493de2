//! Users.

use std::fmt;

use serde::{Deserialize, Serialize};
use store::{Change, Millis, StoreFault};

use crate::password::{self, PasswordFault};
use crate::role::Role;
use crate::session::SessionRecord;
use crate::token::TokenRecord;
use crate::{Access, SESSION, TOKEN, USER, delete, put};

/// A user, as administrators see one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UserView {
    /// The name.
    pub name: String,
    /// What the user may do.
    pub role: Role,
    /// Whether the user may not log in.
    pub disabled: bool,
    /// When the user was made.
    pub created: Millis,
}

/// A user, as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct UserRecord {
    pub role: Role,
    pub password: String,
    pub disabled: bool,
    pub created: Millis,
}

/// Why a user is not made or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserFault {
    /// The name is empty, too long, or has characters other than letters, digits and `.-_@`.
    Name,
    /// There is a user with this name already.
    Exists,
    /// There is no such user.
    Unknown,
    /// The password is not good enough.
    Password(PasswordFault),
    /// Nobody would be left who may change users.
    LastAdministrator,
    /// The store, or the hash, failed.
    Failed(String),
}

impl From<StoreFault> for UserFault {
    fn from(fault: StoreFault) -> Self {
        Self::Failed(fault.to_string())
    }
}

impl fmt::Display for UserFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => formatter.write_str("a user's name has 1 to 64 letters, digits or characters of .-_@"),
            Self::Exists => formatter.write_str("there is a user with this name already"),
            Self::Unknown => formatter.write_str("there is no such user"),
            Self::Password(fault) => fault.fmt(formatter),
            Self::LastAdministrator => formatter.write_str("nobody would be left who may change users"),
            Self::Failed(why) => formatter.write_str(why),
        }
    }
}

impl std::error::Error for UserFault {}

fn is_name(name: &str) -> bool {
    let right = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_' | '@');
    (1..=64).contains(&name.len()) && name.chars().all(right)
}

impl Access {
    /// All users, by name.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn users(&self) -> Result<Vec<UserView>, StoreFault> {
        let users = self.read_all::<UserRecord>(USER).await?;
        Ok(users.into_iter().map(|(name, user)| view(name, user)).collect())
    }

    /// Makes a user.
    ///
    /// # Errors
    /// The name or the password is not taken, or there is such a user.
    pub async fn create_user(&self, name: &str, password: &str, role: Role) -> Result<UserView, UserFault> {
        if !is_name(name) {
            return Err(UserFault::Name);
        }
        password::check(password, name).map_err(UserFault::Password)?;
        let password = self.0.hasher.hash(password).await.map_err(|_| no_hash())?;
        let _changes = self.0.changes.lock().await;
        if self.read::<UserRecord>(USER, name).await?.is_some() {
            return Err(UserFault::Exists);
        }
        let user = UserRecord { role, password, disabled: false, created: self.now() };
        self.apply(vec![put(USER, name, &user)?]).await?;
        Ok(view(name.to_owned(), user))
    }

    /// Makes an administrator of everything if there is no user yet; tells whether it did.
    ///
    /// # Errors
    /// As [`Access::create_user`].
    pub async fn create_first_administrator(&self, name: &str, password: &str) -> Result<bool, UserFault> {
        if !self.users().await?.is_empty() {
            return Ok(false);
        }
        self.create_user(name, password, Role::Administrator).await.map(|_| true)
    }

    /// Gives a user another password. All sessions of the user end.
    ///
    /// # Errors
    /// The password is not taken, or there is no such user.
    pub async fn set_password(&self, name: &str, password: &str) -> Result<(), UserFault> {
        password::check(password, name).map_err(UserFault::Password)?;
        let password = self.0.hasher.hash(password).await.map_err(|_| no_hash())?;
        self.change(name, |user| user.password = password).await
    }

    /// Gives a user another role; it holds from the next request on.
    ///
    /// # Errors
    /// There is no such user, or no administrator would be left.
    pub async fn set_role(&self, name: &str, role: Role) -> Result<(), UserFault> {
        self.change(name, |user| user.role = role).await
    }

    /// Lets a user in no more, or again. Tokens of the user do not work meanwhile.
    ///
    /// # Errors
    /// There is no such user, or no administrator would be left.
    pub async fn set_disabled(&self, name: &str, disabled: bool) -> Result<(), UserFault> {
        self.change(name, |user| user.disabled = disabled).await
    }

    /// Removes a user, with all tokens and sessions.
    ///
    /// # Errors
    /// There is no such user, or no administrator would be left.
    pub async fn remove_user(&self, name: &str) -> Result<(), UserFault> {
        let _changes = self.0.changes.lock().await;
        if self.read::<UserRecord>(USER, name).await?.is_none() {
            return Err(UserFault::Unknown);
        }
        self.keep_an_administrator(name, None).await?;
        let mut changes = vec![delete(USER, name)];
        changes.extend(self.sessions_of(name).await?);
        let tokens = self.read_all::<TokenRecord>(TOKEN).await?;
        changes.extend(tokens.iter().filter(|(_, token)| token.user == name).map(|(key, _)| delete(TOKEN, key)));
        Ok(self.apply(changes).await?)
    }

    async fn change(&self, name: &str, change: impl FnOnce(&mut UserRecord)) -> Result<(), UserFault> {
        let _changes = self.0.changes.lock().await;
        let mut user: UserRecord = self.read(USER, name).await?.ok_or(UserFault::Unknown)?;
        change(&mut user);
        self.keep_an_administrator(name, Some(&user)).await?;
        let mut changes = vec![put(USER, name, &user)?];
        // Whoever had got in by what is changed now is out.
        changes.extend(self.sessions_of(name).await?);
        Ok(self.apply(changes).await?)
    }

    /// Whether an administrator is left if a user becomes what is given, or goes.
    async fn keep_an_administrator(&self, name: &str, becomes: Option<&UserRecord>) -> Result<(), UserFault> {
        let is_administrator = |user: &UserRecord| user.role == Role::Administrator && !user.disabled;
        if becomes.is_some_and(is_administrator) {
            return Ok(());
        }
        let users = self.read_all::<UserRecord>(USER).await?;
        let was = users.iter().any(|(key, user)| key == name && is_administrator(user));
        let another = users.iter().any(|(key, user)| key != name && is_administrator(user));
        if was && !another { Err(UserFault::LastAdministrator) } else { Ok(()) }
    }

    async fn sessions_of(&self, name: &str) -> Result<Vec<Change>, StoreFault> {
        let sessions = self.read_all::<SessionRecord>(SESSION).await?;
        Ok(sessions.iter().filter(|(_, session)| session.user == name).map(|(key, _)| delete(SESSION, key)).collect())
    }
}

fn view(name: String, user: UserRecord) -> UserView {
    UserView { name, role: user.role, disabled: user.disabled, created: user.created }
}

fn no_hash() -> UserFault {
    UserFault::Failed("the password cannot be kept now".to_owned())
}
