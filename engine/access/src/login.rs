//! Logging in.

use std::fmt;
use std::net::IpAddr;

use store::Millis;

use crate::role::Role;
use crate::secret::Secret;
use crate::user::UserRecord;
use crate::{Access, USER};

/// Why somebody is not let in. An unknown user, a wrong password and a user who is not let in look and last the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginRefusal {
    /// Name and password are not those of a user who may come in.
    Wrong,
    /// There were too many failed logins; come back after so many milliseconds.
    TooMany(Millis),
    /// It cannot be told now.
    Unavailable,
}

impl fmt::Display for LoginRefusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong => formatter.write_str("the name or the password is wrong"),
            Self::TooMany(_) => formatter.write_str("there were too many failed logins; try again later"),
            Self::Unavailable => formatter.write_str("nobody can log in now; try again later"),
        }
    }
}

impl std::error::Error for LoginRefusal {}

impl Access {
    /// Lets a user in by a password; gives a session that is new with each login.
    ///
    /// # Errors
    /// Why not.
    pub async fn login(&self, name: &str, password: &str, address: IpAddr) -> Result<(Secret, Role), LoginRefusal> {
        let now = self.now();
        // A network of IPv6 belongs to one caller, who would have 2^64 addresses to guess from.
        let address = match address.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => address.segments()[..4].iter().map(|part| format!("{part:x}:")).collect(),
        };
        let account: String = name.chars().take(64).collect();
        self.0.addresses.attempt(&address, now).map_err(LoginRefusal::TooMany)?;
        self.0.accounts.attempt(&account, now).map_err(LoginRefusal::TooMany)?;
        let user = self.read::<UserRecord>(USER, name).await.map_err(|_| LoginRefusal::Unavailable)?;
        let hash = user.as_ref().map(|user| user.password.as_str());
        let right = self.0.hasher.verify(password, hash).await.map_err(|_| LoginRefusal::Unavailable)?;
        let user = user.filter(|user| right && !user.disabled).ok_or(LoginRefusal::Wrong)?;
        self.0.accounts.forgive(&account);
        // Of an address only this attempt: whoever knows one password must not guess others for ever.
        self.0.addresses.forgive_one(&address);
        let session = self.begin_session(name).await.map_err(|_| LoginRefusal::Unavailable)?;
        Ok((session, user.role))
    }
}
