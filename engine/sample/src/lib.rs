//! (crate `sample`)
