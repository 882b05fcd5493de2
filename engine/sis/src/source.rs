//! A source of data, open for reading.

use std::sync::{Mutex, MutexGuard, PoisonError};

use problem::Problem;

use crate::address::{self, Address};
use crate::ahead::Ahead;
use crate::csv_folder::CsvFolder;
use crate::database::Database;
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;

/// A source of data, open for reading: what it held when it was opened, whatever is written to it meanwhile (but for CSV
/// files, which have no such thing).
pub struct Source {
    database: Mutex<Box<dyn Database>>,
}

impl Source {
    /// Opens the source at `url`: `sqlite:PATH`, `postgres://…` or `csv:DIR`.
    ///
    /// # Errors
    /// S101 if the URL makes no sense, or nothing that can be read is there.
    pub fn open(url: &str) -> Result<Self, Problem> {
        let database: Box<dyn Database> = match address::parse(url)? {
            Address::Sqlite(path) => Box::new(Sqlite::open(&path)?),
            Address::Postgres(url) => Box::new(Postgres::open(&url)?),
            Address::Csv(folder) => Box::new(CsvFolder::open(&folder)?),
        };
        Ok(Self { database: Mutex::new(database) })
    }

    /// The same source, read by a thread of its own, some rows ahead of what takes them. Worth it where there is a second core.
    #[must_use]
    pub fn read_ahead(self) -> Self {
        let database = self.database.into_inner().unwrap_or_else(PoisonError::into_inner);
        Self { database: Mutex::new(Box::new(Ahead(database))) }
    }

    pub(crate) fn database(&self) -> MutexGuard<'_, Box<dyn Database>> {
        self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Source")
    }
}
