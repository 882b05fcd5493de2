//! Strict XML in and out.

mod characters;
pub mod read;
pub mod write;

pub(crate) use characters::{is_name_char, is_name_start};
