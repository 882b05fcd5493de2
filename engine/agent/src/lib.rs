//! The client side of SIF 2.x: an agent of a zone.
#![forbid(unsafe_code)]

mod transport;

pub use transport::{Answered, Transport, TransportFault};
