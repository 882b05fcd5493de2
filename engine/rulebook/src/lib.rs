//! Reads `objects/` and `rules/`: parses, checks, and compiles them into one typed plan.
#![forbid(unsafe_code)]

pub mod graph_file;
pub mod yaml;

pub use graph_file::schema_of;
