//! Where rows go: a folder of CSV files, a SQLite file, or a PostgreSQL database.

mod csv;
mod postgres;
mod sqlite;

use std::path::{Path, PathBuf};

use problem::{Problem, code};

use crate::layout::Layout;
use crate::value::Value;

/// Something that rows can be written to.
pub(crate) trait Output {
    /// Writes a row of the table at `table` in the layout: a value for each of its columns.
    fn row(&mut self, table: usize, values: &mut dyn Iterator<Item = Value<'_>>) -> Result<(), Problem>;
    /// Makes everything that was written last.
    fn finish(&mut self) -> Result<(), Problem>;
}

/// What the user asked for.
pub(crate) enum Target<'u> {
    Csv(&'u Path),
    Sqlite(&'u Path),
    Postgres(&'u str),
}

impl<'u> Target<'u> {
    /// Reads `csv:DIR`, `sqlite:PATH` or `postgres://…`.
    pub(crate) fn of(url: &'u str) -> Result<Self, Problem> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url));
        }
        match url.split_once(':') {
            Some(("csv", path)) if !path.is_empty() => Ok(Self::Csv(Path::new(path))),
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(Path::new(path))),
            _ => Err(Problem::new(code::CANNOT_WRITE, "this is no place to write a district to")
                .help("write `csv:DIR`, `sqlite:PATH` or `postgres://…`")),
        }
    }

    /// Opens the target. It must not hold anything yet: nothing that exists is written over.
    pub(crate) fn open(&self, layout: &Layout) -> Result<Box<dyn Output>, Problem> {
        Ok(match self {
            Self::Csv(folder) => Box::new(csv::CsvOutput::create(folder, layout)?),
            Self::Sqlite(path) => Box::new(sqlite::SqliteOutput::create(path, layout)?),
            Self::Postgres(url) => Box::new(postgres::PostgresOutput::create(url, layout)?),
        })
    }

    /// Where the zone file goes; PostgreSQL has no place for one.
    pub(crate) fn zone_file(&self) -> Option<PathBuf> {
        match self {
            Self::Csv(folder) => Some(folder.join("zone.yaml")),
            Self::Sqlite(path) => Some(path.with_extension("zone.yaml")),
            Self::Postgres(_) => None,
        }
    }
}

/// The problem of a target that cannot be written.
pub(crate) fn not_written(what: &str, why: impl std::fmt::Display) -> Problem {
    Problem::new(code::CANNOT_WRITE, format!("{what} cannot be written: {why}"))
}

/// The problem of a target that holds something already.
fn exists(what: &str) -> Problem {
    Problem::new(code::CANNOT_WRITE, format!("{what} holds something already, and nothing is written over"))
        .help("name a new place, or remove what is there")
}

/// The path beside `path` under which a file or folder is written before it is whole.
fn aside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}
