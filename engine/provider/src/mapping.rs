//! Maps a source: reads it once, and maps the objects that are wanted by several threads, in bounded memory.
//!
//! [`Reading::start`] reads what the objects need, and ranks the whole population where one of them asks for places. [`run`] maps
//! the rows piece by piece; a [`Take`] says what is kept of each instance, and the pieces are handed on in order, so that the output
//! is the same however many threads there are.

mod given;
mod order;
mod piece;
mod population;
mod reading;
mod work;
mod workers;
mod xml;

pub use given::{Given, Position, Take};
pub use piece::{Batch, Part};
pub use population::{rankings, standings};
pub use reading::{Reading, Wanted, load};
pub use work::{Job, run};
pub use workers::{not_finished, workers};
pub use xml::{Written, Xml, write_instance};
