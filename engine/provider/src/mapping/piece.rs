//! A piece of a run: some rows of the organisation, or a batch of students.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use graph::{Graph, Row, Scope};
use mapper::Mapper;
use problem::Problem;
use rulebook::plan::ObjectPlan;

use super::given::{Given, Position, Take};
use super::work::Job;

/// What one piece gives.
pub struct Batch<K> {
    /// For each object and year what is kept.
    pub parts: Vec<Part<K>>,
    /// What is wrong, in order.
    pub problems: Vec<Problem>,
    /// How many students it is of; none of rows of the organisation.
    pub students: usize,
}

/// What is kept of the instances of one object and year of a piece.
pub struct Part<K> {
    /// Which object, by its place in the run.
    pub object: usize,
    /// The school year.
    pub school_year: i32,
    /// What is kept.
    pub kept: K,
    /// How long it took.
    pub time: Duration,
}

/// A piece of the work.
pub(super) enum Piece {
    /// These rows of an object of the organisation.
    Organisation { object: usize, rows: Range<u32> },
    /// A batch of students.
    Students(usize),
}

/// Maps a piece: every year, from the latest back.
pub(super) fn map_piece<T: Take>(
    job: &Job<'_>,
    take: &T,
    mapper: &mut Mapper,
    piece: &Piece,
) -> Result<Batch<T::Kept>, Problem> {
    let objects = objects_of(job, piece);
    let mut parts = Vec::new();
    let (graph, mut problems) = match piece {
        Piece::Organisation { .. } => (Arc::clone(job.loader.organisation()), Vec::new()),
        Piece::Students(batch) => {
            let (graph, problems) = job.loader.batch(*batch)?;
            (Arc::new(graph), problems)
        }
    };
    let students = match piece {
        Piece::Organisation { .. } => 0,
        Piece::Students(batch) => job.loader.batch_students(*batch).len(),
    };
    if objects.is_empty() {
        return Ok(Batch { parts, problems, students });
    }
    let owners: Vec<Vec<OnceCell<Vec<u32>>>> =
        objects.iter().map(|(_, variants)| variants.iter().map(|_| OnceCell::new()).collect()).collect();
    // An instance of the same row is sent once, as the latest year has it; so the years are mapped from the latest back.
    let mut sent: HashMap<usize, HashSet<(usize, u32)>> = HashMap::new();
    let mut by_year: BTreeMap<i32, Vec<Problem>> = BTreeMap::new();
    for school_year in job.context.zone.school_years.iter().rev() {
        let evaluation = mapper.begin(Arc::<Graph>::clone(&graph), *school_year);
        let year_problems = by_year.entry(*school_year).or_default();
        for ((at, variants), owners) in objects.iter().zip(&owners) {
            let begun = Instant::now();
            let mut kept = T::Kept::default();
            let mut rows = HashSet::new();
            let earlier = sent.remove(at).unwrap_or_default();
            let wanted = |variant: usize, row: Row| {
                is_wanted(job, piece, &graph, row) && !earlier.contains(&(variant, row.index))
            };
            let mut late = Vec::new();
            mapper.map(&evaluation, variants, &wanted, year_problems, &mut |instance| {
                rows.insert((instance.variant, instance.row.index));
                let plan = variants[instance.variant];
                let given =
                    Given { object: *at, plan, school_year: *school_year, instance: &instance, graph: &graph, owners };
                if job.after.is_none_or(|after: Position| given.position() > after) {
                    take.take(&given, &mut kept, &mut late);
                }
            });
            year_problems.append(&mut late);
            rows.extend(earlier);
            sent.insert(*at, rows);
            parts.push(Part { object: *at, school_year: *school_year, kept, time: begun.elapsed() });
        }
        mapper.end(evaluation);
    }
    problems.extend(by_year.into_values().flatten());
    Ok(Batch { parts, problems, students })
}

/// The objects that a piece has rows of, by their places in the run.
fn objects_of<'j>(job: &'j Job<'_>, piece: &Piece) -> Vec<(usize, &'j [&'j ObjectPlan])> {
    let schema = &job.context.plan.schema;
    let all = job.objects.iter().map(Vec::as_slice).enumerate();
    match piece {
        Piece::Organisation { object, .. } => all.filter(|(at, _)| at == object).collect(),
        Piece::Students(_) => all
            .filter(|(_, variants)| variants.iter().all(|plan| schema[plan.entity].scope == Scope::Student))
            .collect(),
    }
}

/// Whether a row is among those of the piece and the shard.
fn is_wanted(job: &Job<'_>, piece: &Piece, graph: &Graph, row: Row) -> bool {
    match (piece, job.shard) {
        (Piece::Organisation { rows, .. }, _) if !rows.contains(&row.index) => false,
        (Piece::Organisation { .. }, Some((part, of))) => {
            graph.key(row).rem_euclid(i64::from(of)) == i64::from(part) - 1
        }
        _ => true,
    }
}
