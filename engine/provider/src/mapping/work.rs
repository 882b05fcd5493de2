//! Several threads map the pieces of a run: each takes the next one, loads it, evaluates it, and gives what is kept of it.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use graph::Scope;
use mapper::{Mapper, RunContext};
use problem::Problem;
use rulebook::plan::ObjectPlan;
use sis::Loader;

use super::given::{Position, Take};
use super::order::{Window, in_order};
use super::piece::{Batch, Piece, map_piece};
use super::workers::workers;

/// What is mapped.
pub struct Job<'j> {
    /// The run.
    pub context: RunContext,
    /// The loaded source.
    pub loader: &'j Loader,
    /// The objects, in the order of the output, each as itself or its variants.
    pub objects: Vec<Vec<&'j ObjectPlan>>,
    /// Which rows of the organisation.
    pub shard: Option<(u32, u32)>,
    /// How many threads.
    pub jobs: usize,
    /// Only instances behind this one: what stands before it was mapped earlier.
    pub after: Option<Position>,
}

/// How many rows of the organisation are mapped at once. What is kept of them is held in memory until it is taken.
const ROWS_AT_ONCE: u32 = 250;

impl Job<'_> {
    /// The pieces in the order of the output: the organisation's objects one after another, then the students.
    fn pieces(&self) -> Vec<Piece> {
        let organisation = self.loader.organisation();
        let schema = &self.context.plan.schema;
        let mut pieces = Vec::new();
        for (object, variants) in self.objects.iter().enumerate() {
            if !variants.iter().all(|variant| schema[variant.entity].scope == Scope::Organisation) {
                continue;
            }
            match &variants[..] {
                // Only rows that are known apart by their RefId can be mapped apart.
                [plan] if plan.key.len() == 1 => {
                    let rows = organisation.rows(plan.entity);
                    let starts = (0..rows.max(1)).step_by(ROWS_AT_ONCE as usize);
                    pieces.extend(starts.map(|start| {
                        let rows = start..rows.min(start.saturating_add(ROWS_AT_ONCE));
                        Piece::Organisation { object, rows }
                    }));
                }
                _ => pieces.push(Piece::Organisation { object, rows: Range { start: 0, end: u32::MAX } }),
            }
        }
        let first = self.after.map_or(i64::MIN, |after| after.owner);
        let is_behind = |batch: &usize| self.loader.batch_students(*batch).last().is_some_and(|last| *last >= first);
        pieces.extend((0..self.loader.batch_count()).filter(is_behind).map(Piece::Students));
        pieces
    }
}

/// Maps everything; `sink` gets the pieces in order, the organisation's objects first.
///
/// # Errors
/// If the source fails, `sink` does, or a thread ends before its work is done.
pub fn run<T: Take>(
    job: &Job<'_>,
    take: &T,
    sink: &mut dyn FnMut(Batch<T::Kept>) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let pieces = &job.pieces();
    let next = &AtomicUsize::new(0);
    let window = &Window::new(job.jobs.saturating_mul(4));
    let (sender, receiver) = mpsc::sync_channel::<(usize, Result<Batch<T::Kept>, Problem>)>(job.jobs * 2);
    std::thread::scope(|scope| {
        let work = || {
            // Each has a sender of its own, so that the last one to end closes the channel.
            let sender = sender.clone();
            move || {
                let mut mapper = Mapper::new(job.context.clone());
                let mut with_students = false;
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(piece) = pieces.get(index) else { break };
                    window.wait_for(index);
                    // Few of the facts that the organisation's objects read are read by students' objects too.
                    if matches!(piece, Piece::Students(_)) && !std::mem::replace(&mut with_students, true) {
                        mapper.forget();
                    }
                    let result = map_piece(job, take, &mut mapper, piece);
                    if sender.send((index, result)).is_err() {
                        break;
                    }
                }
            }
        };
        let workers = workers(scope, "map", job.jobs, job.context.limits.stack_bytes, work)?;
        drop(sender);
        let result = in_order(receiver, pieces.len(), window, sink);
        // A thread that panicked has left a batch out, which is the failure that is told.
        for worker in workers {
            let _ = worker.join();
        }
        result
    })
}
