//! With which generation of a rulebook a server begins: what passed its fixtures goes on, whatever stands on the disk meanwhile.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use rulebook::plan::Plan;
use tracing::{info, warn};

use super::RulebookOnDisk;
use super::archive::Kept;
use super::generations::checked;
use super::history::{Standing, Texts};

/// What the disk holds when a server begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// What is in force.
    InForce,
    /// Something else, which has to pass before it is in force.
    Candidate,
    /// Something that was left for an earlier generation; it waits for a change.
    Left,
}

/// What a server begins with.
pub struct Begun {
    /// The generation in force.
    pub standing: Standing,
    /// Its plan.
    pub plan: Arc<Plan>,
    /// Those before it, the latest first.
    pub earlier: Vec<Texts>,
    /// What the disk holds.
    pub disk: Disk,
}

/// What to begin with: what was in force when the server ended, if it is known and still checks; else what stands on the disk. None
/// where neither checks.
pub fn begin(on_disk: &RulebookOnDisk, kept: Option<Kept>) -> Option<Begun> {
    let here = Texts::of(on_disk.on_disk.book.clone());
    let plan_here = on_disk.checked.as_ref().ok().map(Arc::clone);
    let Some(Kept { standing, earlier }) = kept else {
        return Some(Begun {
            standing: Standing::now(here),
            plan: plan_here?,
            earlier: Vec::new(),
            disk: Disk::InForce,
        });
    };
    let hash = Arc::clone(&standing.current.hash);
    if hash == here.hash {
        let standing = Standing { left: None, ..standing };
        return Some(Begun { standing, plan: plan_here?, earlier, disk: Disk::InForce });
    }
    match checked(&standing.current.files) {
        Ok(plan) => {
            let is_left = standing.left.as_deref() == Some(&*here.hash);
            let disk = if is_left { Disk::Left } else { Disk::Candidate };
            info!(generation = %hash, ?disk, "the server goes on with the generation of the rulebook that was in force when it ended");
            Some(Begun { standing, plan, earlier, disk })
        }
        Err(problems) => {
            let problems = problems.len();
            warn!(generation = %hash, problems, "the generation of the rulebook that was in force does not check any more");
            Some(Begun { standing: Standing::now(here), plan: plan_here?, earlier, disk: Disk::InForce })
        }
    }
}
