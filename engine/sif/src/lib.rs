//! (crate `sif`)
