//! The first pass over all students of a zone, for the facts of the whole population.
//!
//! It sees every student, whatever `--students` or `--shard` select, reads only what the rankings need, and is left out where no
//! object needs one.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use graph::{Graph, ReadSet};
use mapper::{Collected, Everybody, Mapper, RunContext, Standings};
use problem::Problem;
use rulebook::plan::ObjectPlan;
use sis::{Loader, Selection};

use crate::exit::Exit;
use crate::pipeline::{not_finished, workers};
use crate::prepared::{Prepared, load};
use crate::terminal;

/// What the objects need of the whole population.
///
/// # Errors
/// How the program ends if the source cannot be read, or a thread ends before its work is done.
pub fn everybody(prepared: &Prepared, objects: &[&ObjectPlan], url: &str, jobs: usize) -> Result<Everybody, Exit> {
    let rankings: BTreeSet<usize> = objects.iter().flat_map(|object| &object.rankings).copied().collect();
    if rankings.is_empty() {
        return Ok(Everybody::Known(Arc::default()));
    }
    let begun = Instant::now();
    let mut reads = ReadSet::default();
    rankings.iter().filter_map(|ranking| prepared.plan.pass_reads.get(ranking)).for_each(|of| reads.extend(of));
    let selection = Selection { mapped: vec![prepared.plan.schema.root()], ..Selection::default() };
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

/// The places of all students of a loader in these rankings, in each school year of the zone.
///
/// # Errors
/// If a batch cannot be read, or a thread ends before its work is done.
fn standings(
    loader: &Loader,
    context: &RunContext,
    rankings: &BTreeSet<usize>,
    jobs: usize,
) -> Result<Standings, Problem> {
    let next = &AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let collect = move || {
            let mut mapper = Mapper::new(context.clone());
            let mut collected = Collected::default();
            loop {
                let batch = next.fetch_add(1, Ordering::Relaxed);
                if batch >= loader.batch_count() {
                    return Ok(collected);
                }
                let (graph, _) = loader.batch(batch)?;
                let graph = Arc::new(graph);
                for school_year in &context.zone.school_years {
                    let evaluation = mapper.begin(Arc::<Graph>::clone(&graph), *school_year);
                    rankings.iter().for_each(|ranking| collected.collect(&evaluation, *ranking));
                    mapper.end(evaluation);
                }
            }
        };
        let workers = workers(scope, "rank", jobs, context.limits.stack_bytes, || collect)?;
        let mut all = Collected::default();
        for worker in workers {
            match worker.join() {
                Ok(collected) => all.merge(collected?),
                Err(_) => {
                    return Err(not_finished("not all students were ranked: a thread ended before its work was done"));
                }
            }
        }
        Ok(all.settle())
    })
}
