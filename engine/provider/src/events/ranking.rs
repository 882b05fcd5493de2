//! The places of all students, and whose are other ones than before.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use mapper::{Collected, Mapper, RunContext, Standings};
use sis::Loader;

use super::fault::EventFault;

/// The places of all students in these rankings.
pub(super) fn standings(
    loader: &Loader,
    context: &RunContext,
    rankings: &BTreeSet<usize>,
) -> Result<Standings, EventFault> {
    let mut mapper = Mapper::new(context.clone());
    let mut collected = Collected::default();
    for batch in 0..loader.batch_count() {
        let (graph, _) = loader.batch(batch)?;
        let graph = Arc::new(graph);
        for school_year in &context.zone.school_years {
            let evaluation = mapper.begin(Arc::clone(&graph), *school_year);
            rankings.iter().for_each(|ranking| collected.collect(&evaluation, *ranking));
            mapper.end(evaluation);
        }
    }
    Ok(collected.settle())
}

/// The students whose places are other ones than before.
pub(super) fn moved(
    loader: &Loader,
    context: &RunContext,
    rankings: &BTreeSet<usize>,
    before: &Standings,
    now: &Standings,
) -> HashSet<i64> {
    let mut moved = HashSet::new();
    for year in &context.zone.school_years {
        for ranking in rankings {
            let differs = |key: &&i64| before.of(*year, *ranking, **key) != now.of(*year, *ranking, **key);
            moved.extend(loader.students().iter().filter(differs));
        }
    }
    moved
}
