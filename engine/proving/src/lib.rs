//! (crate `proving`)
