//! Generates school districts in the shape of the source database: any size, every table, plausible people whom chance
//! invented, and the awkward cases that rules must get right.
//!
//! The same [`Plan`] gives the same rows in every output, and the same bytes in CSV files. A student is drawn from the seed and
//! the student's number alone, so a bigger district begins with the same students.
#![forbid(unsafe_code)]
#![allow(clippy::result_large_err, reason = "a problem comes once, and is what every crate hands on")]

mod addresses;
mod assessments;
mod attendance;
mod behavior;
mod calendar;
mod codes;
mod dictionary;
mod district;
mod draw;
mod enrollment;
mod grading;
mod graduation;
mod households;
mod layout;
mod names;
mod organisation;
mod out;
mod output;
mod people;
mod programs;
mod rosters;
mod schedule;
mod special_education;
mod staff;
mod student;
mod tables;
mod transcript;
mod value;
mod year;
mod zone;

use graph::Schema;
use problem::Problem;

/// What district to generate.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How many students.
    pub students: u64,
    /// What the district is drawn from.
    pub seed: u64,
    /// The school year, by the year in which it ends.
    pub school_year: i32,
}

impl Default for Plan {
    fn default() -> Self {
        Self { students: 1000, seed: 1, school_year: 2026 }
    }
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Every table in the schema's order.
    pub tables: Vec<TableSummary>,
}

impl Summary {
    /// How many rows all tables have together.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }
}

/// A table and how many rows were written to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSummary {
    /// The table's name.
    pub table: String,
    /// Its rows.
    pub rows: u64,
}

/// Writes the district of the plan to `out`: `csv:DIR`, `sqlite:PATH` or `postgres://…`, which must not hold anything yet.
/// Tables and columns are those that `schema` declares; a column that the generator does not know stays NULL. Beside CSV
/// files and a SQLite file goes a zone file. `progress` hears how many students are done.
///
/// # Errors
/// A problem if the place cannot be written, or holds something already.
pub fn generate(schema: &Schema, plan: &Plan, out: &str, progress: &mut dyn FnMut(u64)) -> Result<Summary, Problem> {
    let target = output::Target::of(out)?;
    let layout = layout::Layout::of(schema);
    let output = target.open(&layout)?;
    let mut rows = out::Out::new(layout, output);
    district::write(&mut rows, plan, progress)?;
    let summary = rows.finish()?;
    if let Some(path) = target.zone_file() {
        zone::write(&path, plan)?;
    }
    Ok(summary)
}
