//! (crate `graph`)
