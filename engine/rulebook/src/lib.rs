//! (crate `rulebook`)
