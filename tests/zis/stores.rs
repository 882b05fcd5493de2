//! The two kinds of store, each new and empty.

use std::process::Command;

use tempfile::TempDir;

use crate::support::skip;

/// Where stores are.
pub enum Stores {
    /// A file for each conversation.
    Sqlite(TempDir),
    /// One database for all conversations, in which each zone has its own name. It goes when the test ends.
    Postgres(String),
}

const SERVER: [&str; 10] = ["-h", "127.0.0.1", "-U", "root", "-d", "test", "-q", "-v", "ON_ERROR_STOP=1", "-c"];

impl Stores {
    pub fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    /// None if there is no server, which is said.
    pub fn postgres() -> Option<Self> {
        let name = format!("sifter_zis_{}", agent::message_id().to_lowercase());
        let made = Command::new("psql").args(SERVER).arg(format!("create database {name}")).output();
        if made.is_ok_and(|output| output.status.success()) {
            return Some(Self::Postgres(name));
        }
        skip("there is no PostgreSQL server at 127.0.0.1:5432");
        None
    }

    /// The store of a zone.
    pub fn url(&self, zone: &str) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite:{}", folder.path().join(format!("{zone}.db")).display()),
            Self::Postgres(name) => format!("postgres://root@127.0.0.1:5432/{name}"),
        }
    }
}

impl Drop for Stores {
    fn drop(&mut self) {
        if let Self::Postgres(name) = self {
            let _ = Command::new("psql").args(SERVER).arg(format!("drop database {name} with (force)")).output();
        }
    }
}
