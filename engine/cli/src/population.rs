//! The first pass over all students of a zone, for the facts of the whole population.
//!
//! It sees every student, whatever `--students` or `--shard` select, reads only what the rankings need, and is left out where no
//! object needs one.

use std::sync::Arc;
use std::time::Instant;

use mapper::Everybody;
use provider::mapping::{rankings, standings};
use rulebook::plan::ObjectPlan;

use crate::exit::Exit;
use crate::prepared::{Prepared, load};
use crate::terminal;

/// What the objects need of the whole population.
///
/// # Errors
/// How the program ends if the source cannot be read, or a thread ends before its work is done.
pub fn everybody(prepared: &Prepared, objects: &[&ObjectPlan], url: &str, jobs: usize) -> Result<Everybody, Exit> {
    let Some((rankings, reads, selection)) = rankings(&prepared.plan, objects) else {
        return Ok(Everybody::Known(Arc::default()));
    };
    let begun = Instant::now();
    // What is wrong with the rows that are mapped is told when they are loaded to be mapped.
    let (loader, _) = load(prepared, url, reads, selection, jobs)?;
    let context = prepared.context(Everybody::Known(Arc::default()));
    let standings = standings(&loader, &context, &rankings, jobs).map_err(|problem| {
        // Nothing was written yet.
        terminal::end(&problem, &prepared.files)
    })?;
    anstream::eprintln!(
        "first pass over all {} students: {:.1} s",
        loader.student_count(),
        begun.elapsed().as_secs_f64()
    );
    Ok(Everybody::Known(Arc::new(standings)))
}
