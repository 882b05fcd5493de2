//! Which fixtures a change of files concerns: by the plan, from what a fixture is about to all that is behind it.

mod changes;
mod depends;

pub use changes::Changes;
pub use depends::Dependencies;
