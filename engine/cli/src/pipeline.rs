//! Maps a source with several threads: each takes the next batch of students, loads it, evaluates it, and writes its XML into
//! memory; one place puts the batches together in order. So the output is the same however many threads there are.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

use graph::{Graph, Row, Scope};
use mapper::{Mapper, RunContext};
use problem::{Problem, code};
use rulebook::plan::ObjectPlan;
use sis::Loader;

/// What one batch gives.
pub struct Batch {
    /// For each object and year: XML, one instance a line.
    pub parts: Vec<Part>,
    /// What is wrong, in order.
    pub problems: Vec<Problem>,
}

/// The instances of one object and year in one batch.
pub struct Part {
    /// Which object, by its place in the run.
    pub object: usize,
    /// The school year.
    pub school_year: i32,
    /// XML.
    pub xml: Vec<u8>,
    /// How many instances.
    pub instances: u64,
    /// How many elements and attributes.
    pub elements: u64,
    /// How long it took.
    pub time: Duration,
}

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
}

/// How many rows of the organisation are mapped at once. Their XML is held in memory until it is written.
const ROWS_AT_ONCE: u32 = 250;

/// A piece of the work.
enum Piece {
    /// These rows of an object of the organisation.
    Organisation { object: usize, rows: Range<u32> },
    /// A batch of students.
    Students(usize),
}

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
                _ => pieces.push(Piece::Organisation { object, rows: 0..u32::MAX }),
            }
        }
        pieces.extend((0..self.loader.batch_count()).map(Piece::Students));
        pieces
    }
}

/// Maps everything; `sink` gets the batches in order, the organisation's objects first.
///
/// # Errors
/// If the source fails, `sink` does, or a thread ends before its work is done.
pub fn run(job: &Job<'_>, sink: &mut dyn FnMut(Batch) -> Result<(), Problem>) -> Result<(), Problem> {
    let pieces = &job.pieces();
    let next = &AtomicUsize::new(0);
    let (sender, receiver) = mpsc::sync_channel::<(usize, Result<Batch, Problem>)>(job.jobs * 2);
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
                    // Few of the facts that the organisation's objects read are read by students' objects too.
                    if matches!(piece, Piece::Students(_)) && !std::mem::replace(&mut with_students, true) {
                        mapper.forget();
                    }
                    let result = one(job, &mut mapper, piece);
                    if sender.send((index, result)).is_err() {
                        break;
                    }
                }
            }
        };
        let workers = workers(scope, "map", job.jobs, job.context.limits.stack_bytes, work)?;
        drop(sender);
        let result = in_order(receiver, pieces.len(), sink);
        // A thread that panicked has left a batch out, which is the failure that is told.
        for worker in workers {
            let _ = worker.join();
        }
        result
    })
}

/// Starts as many threads as there are jobs, with a stack that is large enough for rules. Where the machine refuses some, the
/// others do their work.
///
/// # Errors
/// If no thread could be started.
pub fn workers<'scope, T: Send + 'scope, F: FnOnce() -> T + Send + 'scope>(
    scope: &'scope std::thread::Scope<'scope, '_>,
    name: &str,
    jobs: usize,
    stack_bytes: usize,
    mut work: impl FnMut() -> F,
) -> Result<Vec<ScopedJoinHandle<'scope, T>>, Problem> {
    let mut workers = Vec::with_capacity(jobs);
    let mut refused = None;
    for worker in 0..jobs {
        let builder = std::thread::Builder::new().name(format!("{name}-{worker}")).stack_size(stack_bytes);
        match builder.spawn_scoped(scope, work()) {
            Ok(worker) => workers.push(worker),
            Err(error) => refused = Some(error),
        }
    }
    match refused {
        Some(error) if workers.is_empty() => Err(not_finished(&format!("no thread could be started: {error}"))),
        Some(error) => {
            tracing::warn!("{} of {jobs} threads were started: {error}", workers.len());
            Ok(workers)
        }
        None => Ok(workers),
    }
}

/// The work was not finished.
pub fn not_finished(message: &str) -> Problem {
    Problem::new(code::NOT_FINISHED, message).help(AGAIN)
}

/// What helps when the work was not finished.
const AGAIN: &str = "nothing was given its name; run again, with a smaller number of --jobs if memory is short";

/// Hands the batches on in order, whatever the order in which they come.
///
/// # Errors
/// If a batch fails, `sink` does, or fewer than `count` batches come.
fn in_order(
    batches: impl IntoIterator<Item = (usize, Result<Batch, Problem>)>,
    count: usize,
    sink: &mut dyn FnMut(Batch) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let mut waiting: BTreeMap<usize, Batch> = BTreeMap::new();
    let mut wanted = 0;
    for (index, result) in batches {
        waiting.insert(index, result?);
        while let Some(batch) = waiting.remove(&wanted) {
            wanted += 1;
            sink(batch)?;
        }
    }
    if wanted < count {
        let message = format!("{wanted} of {count} batches were mapped: a thread ended before its work was done");
        return Err(not_finished(&message));
    }
    Ok(())
}

fn one(job: &Job<'_>, mapper: &mut Mapper, piece: &Piece) -> Result<Batch, Problem> {
    let schema = &job.context.plan.schema;
    let all = || job.objects.iter().map(Vec::as_slice).enumerate();
    let is_students =
        |variants: &[&ObjectPlan]| variants.iter().all(|plan| schema[plan.entity].scope == Scope::Student);
    let (objects, rows): (Vec<_>, Option<&Range<u32>>) = match piece {
        Piece::Organisation { object, rows } => (all().filter(|(at, _)| at == object).collect(), Some(rows)),
        Piece::Students(_) => (all().filter(|(_, variants)| is_students(variants)).collect(), None),
    };
    let mut parts = Vec::new();
    let (graph, mut problems) = match piece {
        Piece::Organisation { .. } => (Arc::clone(job.loader.organisation()), Vec::new()),
        Piece::Students(batch) => {
            let (graph, problems) = job.loader.batch(*batch)?;
            (Arc::new(graph), problems)
        }
    };
    if objects.is_empty() {
        return Ok(Batch { parts, problems });
    }
    let keep = |row: Row| match (rows, job.shard) {
        (Some(rows), _) if !rows.contains(&row.index) => false,
        (Some(_), Some((part, of))) => graph.key(row).rem_euclid(i64::from(of)) == i64::from(part) - 1,
        _ => true,
    };
    // An instance of the same row is sent once, as the latest year has it; so the years are mapped from the latest back.
    let mut sent: HashMap<usize, HashSet<(usize, u32)>> = HashMap::new();
    let mut by_year: BTreeMap<i32, Vec<Problem>> = BTreeMap::new();
    for school_year in job.context.zone.school_years.iter().rev() {
        let evaluation = mapper.begin(Arc::<Graph>::clone(&graph), *school_year);
        let year_problems = by_year.entry(*school_year).or_default();
        for (at, variants) in &objects {
            let begun = Instant::now();
            let mut part = Part {
                object: *at,
                school_year: *school_year,
                xml: Vec::new(),
                instances: 0,
                elements: 0,
                time: Duration::ZERO,
            };
            let mut rows = HashSet::new();
            let earlier = sent.remove(at).unwrap_or_default();
            let wanted = |variant: usize, row: Row| keep(row) && !earlier.contains(&(variant, row.index));
            let mut replaced = Vec::new();
            mapper.map(&evaluation, variants, &wanted, year_problems, &mut |instance| {
                let outcome = sif::xml::write::write_tree(instance.tree, &mut part.xml);
                part.xml.push(b'\n');
                part.instances += 1;
                part.elements += instance.tree.len() as u64;
                if !outcome.is_empty() {
                    replaced.push((variants[instance.variant], instance.key, outcome.paths));
                }
                rows.insert((instance.variant, instance.row.index));
            });
            for (object, key, paths) in replaced {
                for path in paths {
                    let mut problem =
                        Problem::new(code::BAD_CHARACTER, "characters that XML cannot carry were replaced");
                    problem.subject.object = Some(Arc::clone(&object.label));
                    problem.subject.key = Some(key.to_string());
                    let path = path.split_once('/').map_or(path.as_str(), |(_, rest)| rest);
                    problem.subject.path = Some(Arc::from(path));
                    problem.subject.table = Some(Arc::from(schema[object.entity].table_name()));
                    problem.subject.row = Some(key.to_string());
                    year_problems.push(problem);
                }
            }
            rows.extend(earlier);
            sent.insert(*at, rows);
            part.time = begun.elapsed();
            parts.push(part);
        }
        mapper.end(evaluation);
    }
    problems.extend(by_year.into_values().flatten());
    Ok(Batch { parts, problems })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Batches by number, each with as many problems as its number, and what comes of them: the numbers in order, and the end.
    fn order(batches: &[usize], count: usize) -> (Vec<usize>, Result<(), Problem>) {
        let batch = |number: &usize| {
            let problems = vec![Problem::new(code::REMARK, ""); *number];
            (*number, Ok(Batch { parts: Vec::new(), problems }))
        };
        let mut handed_on = Vec::new();
        let end = in_order(batches.iter().map(batch), count, &mut |batch| {
            handed_on.push(batch.problems.len());
            Ok(())
        });
        (handed_on, end)
    }

    #[test]
    fn batches_are_handed_on_in_order() {
        assert_eq!(order(&[2, 0, 1, 3], 4), (vec![0, 1, 2, 3], Ok(())));
    }

    #[test]
    fn a_batch_that_never_comes_is_a_failure_whatever_came_before() {
        for (batches, handed_on) in [(&[0, 1][..], &[0, 1][..]), (&[0, 2], &[0]), (&[], &[])] {
            let (found, end) = order(batches, 3);
            assert_eq!(found, handed_on);
            assert_eq!(end.map_err(|problem| problem.code), Err(code::NOT_FINISHED), "{batches:?}");
        }
    }

    /// The golden case of O102: no file of tests/mistakes/ can bring it about.
    #[test]
    fn what_a_user_reads_of_it() {
        let (_, end) = order(&[0, 2], 3);
        let shown = end.map_err(|problem| problem::render::human(&problem, &rulebook::Files::new(), false));
        let golden = "error[O102]: 1 of 3 batches were mapped: a thread ended before its work was done\n |\nhelp: nothing was given its name; run again, with a smaller number of --jobs if memory is short\n";
        assert_eq!(shown, Err(golden.to_owned()));
    }

    #[test]
    fn the_first_failure_ends_it() {
        let lost = || Problem::new(code::SOURCE_LOST, "");
        let end = in_order([(1, Err(lost())), (0, Err(Problem::new(code::REMARK, "")))], 2, &mut |_| Ok(()));
        assert_eq!(end, Err(lost()));
    }
}
