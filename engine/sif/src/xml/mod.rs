//! Strict XML in and out.

mod characters;
pub mod read;
pub mod write;
