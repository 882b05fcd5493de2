//! The first pass over all students of a zone, for the facts of the whole population.
//!
//! It sees every student, whatever is selected, reads only what the rankings need, and is left out where no object needs one.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use graph::{Graph, ReadSet};
use mapper::{Collected, Mapper, RunContext, Standings};
use problem::Problem;
use rulebook::plan::{ObjectPlan, Plan};
use sis::{Loader, Selection};

use super::workers::{not_finished, workers};

/// The rankings that the objects read, with what the pass over all students must read and select; none where there is no ranking.
#[must_use]
pub fn rankings(plan: &Plan, objects: &[&ObjectPlan]) -> Option<(BTreeSet<usize>, ReadSet, Selection)> {
    let rankings: BTreeSet<usize> = objects.iter().flat_map(|object| &object.rankings).copied().collect();
    if rankings.is_empty() {
        return None;
    }
    let mut reads = ReadSet::default();
    rankings.iter().filter_map(|ranking| plan.pass_reads.get(ranking)).for_each(|of| reads.extend(of));
    Some((rankings, reads, Selection { mapped: vec![plan.schema.root()], ..Selection::default() }))
}

/// The places of all students of a loader in these rankings, in each school year of the zone.
///
/// # Errors
/// If a batch cannot be read, or a thread ends before its work is done.
pub fn standings(
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
