//! (crate `sis`)
