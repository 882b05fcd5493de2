//! Maps a source with several threads: each takes the next batch of students, loads it, evaluates it, and writes its XML into
//! memory; one place puts the batches together in order. So the output is the same however many threads there are.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
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
    /// The objects, in the order of the output.
    pub objects: Vec<&'j ObjectPlan>,
    /// Which rows of the organisation.
    pub shard: Option<(u32, u32)>,
    /// How many threads.
    pub jobs: usize,
}

/// Maps everything; `sink` gets the batches in order, the organisation's objects first.
///
/// # Errors
/// If the source fails, or `sink` does.
pub fn run(job: &Job<'_>, sink: &mut dyn FnMut(Batch) -> Result<(), Problem>) -> Result<(), Problem> {
    let batches = job.loader.batch_count();
    // Batch 0 is the organisation; the students' follow.
    let next = AtomicUsize::new(0);
    let failed: Mutex<Option<Problem>> = Mutex::new(None);
    let (sender, receiver) = mpsc::sync_channel::<(usize, Result<Batch, Problem>)>(job.jobs * 2);
    std::thread::scope(|scope| {
        for worker in 0..job.jobs {
            let sender = sender.clone();
            let next = &next;
            let started = std::thread::Builder::new()
                .name(format!("map-{worker}"))
                .stack_size(job.context.limits.stack_bytes)
                .spawn_scoped(scope, move || {
                    let mut mapper = Mapper::new(job.context.clone());
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        if index > batches {
                            break;
                        }
                        let result = one(job, &mut mapper, index);
                        if sender.send((index, result)).is_err() {
                            break;
                        }
                    }
                });
            if let Err(error) = started
                && let Ok(mut failed) = failed.lock()
            {
                *failed = Some(Problem::new(code::NO_SOURCE, format!("no thread could be started: {error}")));
            }
        }
        drop(sender);
        let mut waiting: BTreeMap<usize, Batch> = BTreeMap::new();
        let mut wanted = 0;
        for (index, result) in receiver {
            waiting.insert(index, result?);
            while let Some(batch) = waiting.remove(&wanted) {
                wanted += 1;
                sink(batch)?;
            }
        }
        match failed.lock().ok().and_then(|mut failed| failed.take()) {
            Some(problem) if wanted == 0 => Err(problem),
            _ => Ok(()),
        }
    })
}

fn one(job: &Job<'_>, mapper: &mut Mapper, index: usize) -> Result<Batch, Problem> {
    let (graph, scope, mut problems) = if index == 0 {
        (Arc::clone(job.loader.organisation()), Scope::Organisation, Vec::new())
    } else {
        let (graph, problems) = job.loader.batch(index - 1)?;
        (Arc::new(graph), Scope::Student, problems)
    };
    let mut parts = Vec::new();
    let schema = &job.context.plan.schema;
    let objects: Vec<(usize, &ObjectPlan)> = job
        .objects
        .iter()
        .enumerate()
        .map(|(at, object)| (at, *object))
        .filter(|(_, object)| schema[object.entity].scope == scope)
        .collect();
    if objects.is_empty() {
        return Ok(Batch { parts, problems });
    }
    let keep = |row: Row| match (scope, job.shard) {
        (Scope::Organisation, Some((part, of))) => graph.key(row).rem_euclid(i64::from(of)) == i64::from(part) - 1,
        _ => true,
    };
    // An instance of the same row is sent once, as the latest year has it; so the years are mapped from the latest back.
    let mut sent: HashMap<usize, HashSet<u32>> = HashMap::new();
    let mut by_year: BTreeMap<i32, Vec<Problem>> = BTreeMap::new();
    for school_year in job.context.zone.school_years.iter().rev() {
        let evaluation = mapper.begin(Arc::<Graph>::clone(&graph), *school_year);
        let year_problems = by_year.entry(*school_year).or_default();
        for (at, object) in &objects {
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
            let wanted = |row: Row| keep(row) && !earlier.contains(&row.index);
            let mut replaced = Vec::new();
            let entity = object.entity;
            mapper.map(&evaluation, object, &wanted, year_problems, &mut |instance| {
                let outcome = sif::xml::write::write_tree(instance.tree, &mut part.xml);
                part.xml.push(b'\n');
                part.instances += 1;
                part.elements += instance.tree.len() as u64;
                if !outcome.is_empty() {
                    replaced.push((instance.key, outcome.paths));
                }
                if let Some(row) = evaluation.graph.find(entity, instance.key) {
                    rows.insert(row.index);
                }
            });
            for (key, paths) in replaced {
                for path in paths {
                    let mut problem =
                        Problem::new(code::BAD_CHARACTER, "characters that XML cannot carry were replaced");
                    problem.subject.object = Some(Arc::clone(&object.name));
                    problem.subject.key = Some(key.to_string());
                    let path = path.split_once('/').map_or(path.as_str(), |(_, rest)| rest);
                    problem.subject.path = Some(Arc::from(path));
                    problem.subject.table = Some(Arc::from(schema[entity].table_name()));
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
