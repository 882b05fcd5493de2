//! Reads `objects/` and `rules/`: parses, checks, and compiles them into one typed plan.
//!
//! [`Rulebook::new`] takes the files' texts and gives a [`plan::Plan`] with the problems found on the way. It reads no file and
//! sees no clock.
#![forbid(unsafe_code)]

pub mod broken;
pub mod compile;
pub mod expression;
pub mod functions;
pub mod graph_file;
pub mod language;
pub mod object_file;
pub mod parameters;
pub mod places;
pub mod plan;
pub mod requirements;
pub mod rule_file;
pub mod script;
mod spans;
pub mod steps;
pub mod types;
pub mod value_sets;
pub mod yaml;

pub use compile::{Files, MappedColumn, Rulebook, generation, mapped_columns, rule_path};
pub use graph_file::schema_of;
pub use requirements::Requirements;
