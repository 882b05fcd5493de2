//! A small district, written to each kind of source and loaded again.

mod bad_data;
mod bad_sources;
mod district;
mod equal;
mod servers;
mod shape;
mod survey;
mod write;
