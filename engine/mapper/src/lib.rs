//! Runs a plan over a graph: element trees, traces, problems.
//!
//! A [`Mapper`] belongs to one thread. It gives whole instances and the problems found on the way, and never a half document.
#![forbid(unsafe_code)]

mod element;
mod emit;
pub mod evaluation;
pub mod fault;
mod mapper;
mod natives;
mod population;
pub mod script;
mod show;
pub mod trace;
pub mod value;
mod zone;

pub use element::{Explained, Explanation, LeftOut, Sent, Why, chain};
pub use evaluation::Evaluation;
pub use fault::{Fault, Outcome};
pub use mapper::{Instance, Mapper, RunContext};
pub use population::{Collected, Everybody, Standing, Standings};
pub use script::Scripts;
pub use zone::{YearStart, Zone};
