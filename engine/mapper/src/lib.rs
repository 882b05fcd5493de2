//! (crate `mapper`)
