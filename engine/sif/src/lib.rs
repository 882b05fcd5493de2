//! The words of SIF US 2.4: RefIds, the object schema as data, element trees, strict XML in and out, messages.
//!
//! No I/O, no clock: text and values in, values out. The only crate that uses `quick-xml`.
#![forbid(unsafe_code)]

pub mod message;
pub mod prune;
pub mod query;
mod ref_id;
pub mod schema;
pub mod tree;
pub mod xml;

pub use ref_id::{Naming, RefId};
pub use schema::schema;

/// Namespace of SIF 2.x messages and objects.
pub const NAMESPACE: &str = "http://www.sifinfo.org/infrastructure/2.x";

/// Namespace of `xsi:nil`.
pub const INSTANCE_NAMESPACE: &str = "http://www.w3.org/2001/XMLSchema-instance";
