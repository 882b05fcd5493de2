//! Soundness: a rule that the checker accepts raises no fault of its own, whatever the graph holds.
//!
//! [`rows::any_rows`] gives any rows that fit a schema, [`judge::judge`] runs everything that a plan holds over them, and
//! [`written`] writes rules that nobody would write. A fault of the data (a number that is too large, a date beyond the calendar) is
//! no fault of the rule: [`mapper::Fault::is_of_data`] tells the two apart.

pub mod judge;
pub mod rows;
pub mod search;
pub mod words;
pub mod written;

pub use judge::{Unsound, judge};
pub use rows::{AnyRows, Rows, any_rows};
pub use search::{Found, random, search};
pub use words::Words;
