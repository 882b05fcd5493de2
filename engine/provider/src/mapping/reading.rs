//! One reading of a source, for the objects that somebody asked for.

use std::sync::Arc;

use graph::{Date, ReadSet};
use mapper::{Everybody, RunContext, Zone};
use problem::Problem;
use rulebook::plan::{ObjectPlan, Plan};
use rulebook::script::Limits;
use sis::{Loader, Selection, Source};

use super::given::{Position, Take};
use super::piece::Batch;
use super::population::{rankings, standings};
use super::work::{Job, run};

/// Students that are mapped at once. What is kept of them waits in memory for the others' turn, and an academic record is large.
const STUDENTS_AT_ONCE: usize = 200;

/// What is wanted of a source.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// SIF objects by their names; one that the rulebook does not have gives nothing.
    pub objects: Vec<Arc<str>>,
    /// Only what belongs to the students with these keys. The organisation's objects are mapped whole.
    pub students: Option<Vec<i64>>,
    /// Only instances behind this one; for a single object.
    pub after: Option<Position>,
}

/// A source as it was read once: what the objects need of it, and the places of everybody where they need those.
pub struct Reading {
    context: RunContext,
    loader: Loader,
    problems: Vec<Problem>,
    /// For each wanted object its plans, by their places in the plan.
    objects: Vec<Vec<usize>>,
    after: Option<Position>,
    jobs: usize,
}

impl Reading {
    /// Reads the source, on this thread and `jobs` others.
    ///
    /// # Errors
    /// Everything that keeps the source from being read.
    pub fn start(
        plan: &Arc<Plan>,
        zone: &Arc<Zone>,
        as_of: Date,
        source: &str,
        wanted: &Wanted,
        jobs: usize,
    ) -> Result<Self, Vec<Problem>> {
        let jobs = jobs.max(1);
        let objects: Vec<Vec<usize>> = wanted.objects.iter().map(|name| places(plan, name)).collect();
        let plans: Vec<&ObjectPlan> = objects.iter().flatten().filter_map(|at| plan.objects.get(*at)).collect();
        let mut reads = ReadSet::default();
        plans.iter().for_each(|object| reads.extend(&object.reads));
        let mapped = plans.iter().map(|object| object.entity).collect();
        let selection =
            Selection { students: wanted.students.clone(), batch: STUDENTS_AT_ONCE, mapped, ..Selection::default() };
        let (loader, problems) = load(plan, source, reads, selection, jobs)?;
        let mut context = RunContext {
            plan: Arc::clone(plan),
            zone: Arc::clone(zone),
            as_of,
            limits: Limits::default(),
            everybody: Everybody::Known(Arc::default()),
        };
        if let Some((rankings, reads, selection)) = rankings(plan, &plans) {
            // What is wrong with the rows that are mapped is told when they are loaded to be mapped.
            let (everybody, _) = load(plan, source, reads, selection, jobs)?;
            let standings = standings(&everybody, &context, &rankings, jobs).map_err(|problem| vec![problem])?;
            context.everybody = Everybody::Known(Arc::new(standings));
        }
        Ok(Self { context, loader, problems, objects, after: wanted.after, jobs })
    }

    /// What is wrong with the organisation's rows, and with rows that belong to no student.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// What the mapper knows of the run.
    #[must_use]
    pub const fn context(&self) -> &RunContext {
        &self.context
    }

    /// What was loaded.
    #[must_use]
    pub const fn loader(&self) -> &Loader {
        &self.loader
    }

    /// Maps what is wanted; `sink` gets the pieces in order, the organisation's objects first. Blocks until all is taken.
    ///
    /// # Errors
    /// If the source fails, `sink` does, or a thread ends before its work is done.
    pub fn run<T: Take>(
        &self,
        take: &T,
        sink: &mut dyn FnMut(Batch<T::Kept>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let plans = |places: &Vec<usize>| places.iter().filter_map(|at| self.context.plan.objects.get(*at)).collect();
        let job = Job {
            context: self.context.clone(),
            loader: &self.loader,
            objects: self.objects.iter().map(plans).collect(),
            shard: None,
            jobs: self.jobs,
            after: self.after,
        };
        run(&job, take, sink)
    }
}

fn places(plan: &Plan, name: &str) -> Vec<usize> {
    plan.objects.iter().enumerate().filter(|(_, object)| *object.name == *name).map(|(at, _)| at).collect()
}

/// Opens a source and reads what `reads` names; with more than one job it is read ahead.
///
/// # Errors
/// Everything that keeps it from being read.
pub fn load(
    plan: &Plan,
    source: &str,
    reads: ReadSet,
    selection: Selection,
    jobs: usize,
) -> Result<(Loader, Vec<Problem>), Vec<Problem>> {
    let source = Source::open(source).map_err(|problem| vec![problem])?;
    let source = if jobs > 1 { source.read_ahead() } else { source };
    Loader::start(source, Arc::clone(&plan.schema), reads, selection)
}
