//! Where a store is: `sqlite:PATH` or `postgres://…`.

use std::path::PathBuf;

use crate::StoreFault;

/// A store's URL, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// A file.
    Sqlite {
        path: PathBuf,
        /// Whether a commit waits for the disk. Only the test of power loss turns it off, to show that it would notice.
        is_synced: bool,
    },
    /// A server's URL, as it was given.
    Postgres(String),
}

impl Address {
    pub(crate) fn read(url: &str) -> Result<Self, StoreFault> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        let Some(rest) = url.strip_prefix("sqlite:") else {
            // The URL itself is not told: it may hold a password.
            return Err(StoreFault::Lost("its URL must be `sqlite:PATH` or `postgres://…`".to_owned()));
        };
        let (path, is_synced) = match rest.strip_suffix("?synchronous=off") {
            Some(path) => (path, false),
            None => (rest, true),
        };
        if path.is_empty() || path == ":memory:" {
            return Err(StoreFault::Lost("`sqlite:` needs the path of a file".to_owned()));
        }
        Ok(Self::Sqlite { path: PathBuf::from(path), is_synced })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_synced_unless_the_url_says_otherwise() {
        let synced = Address::Sqlite { path: "a?b.db".into(), is_synced: true };
        assert_eq!(Address::read("sqlite:a?b.db"), Ok(synced));
        let unsynced = Address::Sqlite { path: "a.db".into(), is_synced: false };
        assert_eq!(Address::read("sqlite:a.db?synchronous=off"), Ok(unsynced));
    }

    #[test]
    fn what_keeps_nothing_is_refused() {
        for url in ["sqlite:", "sqlite::memory:", "mysql://u:secret@h/d", ""] {
            let fault = Address::read(url);
            assert!(matches!(&fault, Err(StoreFault::Lost(why)) if !why.contains("secret")), "{url}: {fault:?}");
        }
    }
}
