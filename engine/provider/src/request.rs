//! Requests and their answers.
//!
//! A request is kept in the store before it is acknowledged ([`open`]); then it waits for its turn ([`turns`]), is read and refused or
//! produced on a thread of its own ([`produce`]), cut into packets ([`packets`]) and delivered one by one ([`answer`]). What was
//! delivered is kept too, so that an answer goes on where it was cut.

pub(crate) mod answer;
pub(crate) mod deliver;
pub(crate) mod narrow;
pub(crate) mod open;
pub(crate) mod packets;
pub(crate) mod produce;
pub(crate) mod question;
pub(crate) mod turns;
