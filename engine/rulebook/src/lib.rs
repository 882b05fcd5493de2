//! Reads `objects/` and `rules/`: parses, checks, and compiles them into one typed plan.
#![forbid(unsafe_code)]

pub mod functions;
pub mod graph_file;
pub mod language;
pub mod parameters;
pub mod plan;
pub mod rule_file;
pub mod script;
pub mod types;
pub mod value_sets;
pub mod yaml;

pub use graph_file::schema_of;
