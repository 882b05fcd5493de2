//! What a user may do.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A user's role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case", deny_unknown_fields)]
pub enum Role {
    /// May do everything, with every zone and with users.
    Administrator,
    /// May do everything with some zones, and see nothing of others.
    ZoneAdministrator {
        /// The zones' names.
        zones: BTreeSet<String>,
    },
    /// May look at some zones, but change nothing and see no message's content.
    Viewer {
        /// The zones' names; none: all zones.
        zones: Option<BTreeSet<String>>,
    },
}

/// Somebody who has proven who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The user's name.
    pub user: String,
    /// The user's role, as it is now.
    pub role: Role,
    /// The token's id; none: a session.
    pub token: Option<String>,
}

impl Principal {
    /// Whether they may look at a zone.
    #[must_use]
    pub fn may_view(&self, zone: &str) -> bool {
        match &self.role {
            Role::Administrator | Role::Viewer { zones: None } => true,
            Role::ZoneAdministrator { zones } | Role::Viewer { zones: Some(zones) } => zones.contains(zone),
        }
    }

    /// Whether they may change a zone, and see the content of its messages.
    #[must_use]
    pub fn may_change(&self, zone: &str) -> bool {
        match &self.role {
            Role::Administrator => true,
            Role::ZoneAdministrator { zones } => zones.contains(zone),
            Role::Viewer { .. } => false,
        }
    }

    /// Whether they may change users.
    #[must_use]
    pub const fn may_change_users(&self) -> bool {
        matches!(self.role, Role::Administrator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_what_it_says_and_nothing_else() {
        let own = || BTreeSet::from(["one".to_owned()]);
        // Views its zone, views another, changes its zone, changes another, changes users.
        for (role, may) in [
            (Role::Administrator, [true, true, true, true, true]),
            (Role::ZoneAdministrator { zones: own() }, [true, false, true, false, false]),
            (Role::ZoneAdministrator { zones: BTreeSet::new() }, [false, false, false, false, false]),
            (Role::Viewer { zones: None }, [true, true, false, false, false]),
            (Role::Viewer { zones: Some(own()) }, [true, false, false, false, false]),
        ] {
            let principal = Principal { user: "u".to_owned(), role, token: None };
            let found = [
                principal.may_view("one"),
                principal.may_view("two"),
                principal.may_change("one"),
                principal.may_change("two"),
                principal.may_change_users(),
            ];
            assert_eq!(found, may, "{principal:?}");
        }
    }

    #[test]
    fn a_role_is_read_strictly() {
        let read = |text: &str| serde_json::from_str::<Role>(text).ok();
        assert_eq!(read(r#"{"role":"administrator"}"#), Some(Role::Administrator));
        assert_eq!(read(r#"{"role":"viewer","zones":null}"#), Some(Role::Viewer { zones: None }));
        assert_eq!(read(r#"{"role":"root"}"#), None);
        assert_eq!(read(r#"{"role":"zone_administrator"}"#), None);
    }
}
