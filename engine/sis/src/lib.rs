//! Reads a source database into graphs, and never writes to it.
//!
//! [`Source::open`] opens a SQLite file, a PostgreSQL database or a folder of CSV files. [`Loader::start`] reads every table
//! that the plan needs exactly once, in whatever order the source keeps its rows, and sorts the rows into batches of
//! students; [`Loader::batch`] makes the graph of one batch.
//!
//! ```
//! # fn main() -> Result<(), Vec<problem::Problem>> {
//! # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
//! # let file = format!("{folder}/objects/graph.yaml");
//! let text = std::fs::read_to_string(file).unwrap_or_default();
//! let schema = rulebook::schema_of("objects/graph.yaml", &text)?;
//! let reads = graph::ReadSet::everything(&schema);
//! let url = format!("csv:{folder}/examples/cedar-ridge");
//! let source = sis::Source::open(&url).map_err(|problem| vec![problem])?;
//! let (loader, problems) = sis::Loader::start(source, schema, reads, sis::Selection::default())?;
//! assert_eq!(problems, []);
//! let mut students = 0;
//! for index in 0..loader.batch_count() {
//!     let (graph, problems) = loader.batch(index).map_err(|problem| vec![problem])?;
//!     students += graph.each(graph.schema().root()).count();
//! }
//! assert_eq!(students, loader.student_count());
//! # Ok(())
//! # }
//! ```
//!
//! From the outside in: [`Source`] over one of `sqlite`, `postgres`, `csv_folder`, which `ahead` may read in a thread of its own; `projection` finds what the plan reads
//! in what the source has; `scan` reads a table; `watch` and `feed` find out what has changed; `value` makes cells; `codec` and `spill` keep them until `batch` asks.
#![forbid(unsafe_code)]
// A problem is large, and made at most once where a result is returned; boxing it would burden every caller.
#![allow(clippy::result_large_err)]

mod address;
mod ahead;
mod assemble;
mod batches;
mod census;
mod codec;
mod copy_text;
mod csv_folder;
mod database;
mod fault;
mod feed;
mod find;
mod key_set;
mod loader;
mod names;
mod postgres;
mod projection;
mod scan;
mod selection;
mod source;
mod spill;
mod sqlite;
mod survey;
mod value;
mod watch;

#[cfg(test)]
mod tests;

pub use feed::{CHANGE_TABLE, Feed, FeedRow, WATCH_TABLE, feed};
pub use find::{find_key, find_numbers};
pub use loader::Loader;
pub use selection::Selection;
pub use source::Source;
pub use survey::{EntityCount, FieldCount, MOST_CODES, Survey, Tally, survey};
pub use watch::{WatchedRow, WatchedTable, spell, watch};
