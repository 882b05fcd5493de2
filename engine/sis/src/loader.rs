//! Reads a source once, and makes graphs of batches of students.

use std::collections::HashSet;
use std::sync::Arc;

use graph::{Graph, ReadSet, Schema, Scope};
use problem::Problem;

use crate::assemble::{Scanned, tables};
use crate::batches::{RouteMap, Routes};
use crate::census::Census;
use crate::database::{Cells, Database, Sink};
use crate::fault::{RowFault, problems};
use crate::key_set::KeySet;
use crate::projection::{EntityPlan, project};
use crate::scan::{Scans, join_value};
use crate::selection::Selection;
use crate::source::Source;
use crate::spill::{Batches, Spill};
use crate::value;

/// How many bytes of rows stay in memory; more go to a temporary file.
const ROWS_IN_MEMORY: usize = 64 << 20;

/// The students of a source, ready to be asked for in batches, by any number of threads.
pub struct Loader {
    schema: Arc<Schema>,
    reads: ReadSet,
    organisation: Arc<Graph>,
    scanned: Vec<Scanned>,
    batches: Batches,
    students: Vec<i64>,
    batch_size: usize,
    rows: u64,
    /// What was told of the organisation's rows in tables that hold students' rows too.
    told: Vec<RowFault>,
}

impl Loader {
    /// Reads everything that `reads` names of the source, each table once, and lets go of the source. The problems are those of
    /// the organisation's data, and of rows that belong to no student.
    ///
    /// # Errors
    /// S201 for every table and column that the source lacks, but for a folder's tables that may be missing; S102 if the source fails in the middle.
    pub fn start(
        source: Source,
        schema: Arc<Schema>,
        reads: ReadSet,
        selection: Selection,
    ) -> Result<(Self, Vec<Problem>), Vec<Problem>> {
        let started = Self::start_within(&source, schema, reads, &selection, ROWS_IN_MEMORY);
        drop(source);
        started
    }

    /// The same of a source that is kept, so that more can be read of what it holds at this moment.
    ///
    /// # Errors
    /// As [`Loader::start`].
    pub fn start_on(
        source: &Source,
        schema: Arc<Schema>,
        reads: ReadSet,
        selection: &Selection,
    ) -> Result<(Self, Vec<Problem>), Vec<Problem>> {
        Self::start_within(source, schema, reads, selection, ROWS_IN_MEMORY)
    }

    pub(crate) fn start_within(
        source: &Source,
        schema: Arc<Schema>,
        reads: ReadSet,
        selection: &Selection,
        memory: usize,
    ) -> Result<(Self, Vec<Problem>), Vec<Problem>> {
        let one = |problem: Problem| vec![problem];
        selection.check().map_err(one)?;
        let mut database = source.database();
        let (plans, mut found) = project(&schema, &reads, &selection.mapped, &mut **database)?;
        let (organisation, students): (Vec<_>, Vec<_>) =
            plans.into_iter().partition(|plan| schema[plan.entity].scope == Scope::Organisation);
        let mut scans = Scans {
            schema: &schema,
            selection,
            census: Census::default(),
            routes: RouteMap::new(),
            strays: Vec::new(),
            malformed: Vec::new(),
            rows: 0,
        };

        let (scanned, rows) =
            scan_all(&mut scans, organisation, &mut **database, Spill::new(1, memory)).map_err(one)?;
        let (mut organisation_tables, mut faults) = tables(&schema, &reads, &scanned, &rows, 0).map_err(one)?;
        drop(rows);
        // They stay for as long as anything is mapped.
        organisation_tables.iter_mut().for_each(|(_, table)| table.shrink_to_fit());
        let (organisation, links) = Graph::organisation(Arc::clone(&schema), &reads, organisation_tables);
        faults.extend(RowFault::of_links(&schema, &links));

        let keys = student_keys(&schema, &students, &mut **database).map_err(one)?;
        let keys = selection.pick(keys);
        let batch_size = selection.batch_size();
        let root = schema.root();
        scans.routes.insert((root, schema[root].key), Routes::of_students(&keys, batch_size));
        let spill = Spill::new(keys.len().div_ceil(batch_size), memory);
        let (scanned, batches) = scan_all(&mut scans, students, &mut **database, spill).map_err(one)?;

        let Scans { strays, malformed, rows, .. } = scans;
        faults.extend(strays);
        found.extend(malformed);
        let told =
            faults.iter().filter(|fault| is_shared(&schema, schema[fault.entity].table_name())).copied().collect();
        found.extend(problems(&schema, faults, &[]));
        let organisation = Arc::new(organisation);
        Ok((Self { schema, reads, organisation, scanned, batches, students: keys, batch_size, rows, told }, found))
    }

    /// The graph of the organisation alone, without any student.
    #[must_use]
    pub const fn organisation(&self) -> &Arc<Graph> {
        &self.organisation
    }

    /// How many students were selected.
    #[must_use]
    pub const fn student_count(&self) -> usize {
        self.students.len()
    }

    /// The keys of the selected students, ascending.
    #[must_use]
    pub fn students(&self) -> &[i64] {
        &self.students
    }

    /// How many batches they make.
    #[must_use]
    pub const fn batch_count(&self) -> usize {
        self.students.len().div_ceil(self.batch_size)
    }

    /// The keys of a batch's students, ascending; none for a batch that is not there.
    #[must_use]
    pub fn batch_students(&self, index: usize) -> &[i64] {
        self.students.chunks(self.batch_size).nth(index).unwrap_or_default()
    }

    /// The graph of a batch, from 0: the organisation, and the next students in ascending order of their keys; with what is
    /// wrong with the students' rows. Batches may be asked for in any order, repeatedly, from any thread.
    ///
    /// # Errors
    /// S102 if rows were put in a temporary file and that fails.
    pub fn batch(&self, index: usize) -> Result<(Graph, Vec<Problem>), Problem> {
        let (tables, mut faults) = tables(&self.schema, &self.reads, &self.scanned, &self.batches, index)?;
        let (graph, links) = self.organisation.with_students(&self.reads, tables);
        faults.extend(RowFault::of_links(&self.schema, &links));
        Ok((graph, problems(&self.schema, faults, &self.told)))
    }

    /// How many rows were read from the source.
    #[must_use]
    pub const fn rows_read(&self) -> u64 {
        self.rows
    }

    #[cfg(test)]
    pub(crate) const fn rows(&self) -> &Batches {
        &self.batches
    }
}

impl std::fmt::Debug for Loader {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Loader")
            .field("students", &self.students.len())
            .field("batches", &self.batch_count())
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

/// Whether students' rows stand in the table.
fn is_shared(schema: &Schema, table: &str) -> bool {
    schema.entities().any(|(_, entity)| entity.scope == Scope::Student && entity.table_name() == table)
}

fn scan_all(
    scans: &mut Scans<'_>,
    plans: Vec<EntityPlan>,
    database: &mut dyn Database,
    mut spill: Spill,
) -> Result<(Vec<Scanned>, Batches), Problem> {
    let mut scanned = Vec::with_capacity(plans.len());
    let mut plans = plans.into_iter();
    while let Some(plan) = plans.next() {
        let known = scans.scan(&plan, database, &mut spill)?;
        scanned.push((plan, known));
        // What no table still to be read is reached by is not needed any more.
        let needed: HashSet<_> = plans.as_slice().iter().map(|plan| plan.reached_by(scans.schema)).collect();
        scans.routes.retain(|from, _| needed.contains(from));
    }
    Ok((scanned, spill.finish()))
}

/// The keys of all students, ascending: the rows of the root's table that have a row of the relation that makes a student.
fn student_keys(schema: &Schema, plans: &[EntityPlan], database: &mut dyn Database) -> Result<Vec<i64>, Problem> {
    let root = schema.root();
    let Some(plan) = plans.iter().find(|plan| plan.entity == root) else {
        return Ok(Vec::new());
    };
    let mut members = None;
    let mut own_at = plan.key_at;
    if let Some(relation) = schema.only_with() {
        let relation = &schema[root][relation];
        let child = plans.iter().find(|plan| plan.entity == relation.target);
        if let (Some((own, theirs)), Some(child)) = (relation.by.first(), child) {
            let place = |plan: &EntityPlan, field| plan.fields.iter().position(|other| *other == field);
            own_at = place(plan, *own).unwrap_or(own_at);
            let at = place(child, *theirs).unwrap_or(child.key_at);
            members = Some(column(schema, child, at, at, database, None)?);
        }
    }
    Ok(column(schema, plan, plan.key_at, own_at, database, members.as_ref())?.sorted())
}

/// The values of column `at` of those rows whose value in column `only_at` is one of `only`.
fn column(
    schema: &Schema,
    plan: &EntityPlan,
    at: usize,
    only_at: usize,
    database: &mut dyn Database,
    only: Option<&KeySet>,
) -> Result<KeySet, Problem> {
    let declared = &schema[plan.entity];
    let mut columns = vec![plan.columns.get(at).cloned().unwrap_or_default()];
    if only_at != at {
        columns.push(plan.columns.get(only_at).cloned().unwrap_or_default());
    }
    let mut collect = Collect {
        field: &declared[plan.fields[at]],
        only: only.map(|only| (&declared[plan.fields[only_at]], columns.len() - 1, only)),
        values: KeySet::default(),
        scratch: String::new(),
    };
    if let Some(table) = &plan.table {
        database.scan(table, &columns, &mut collect)?;
    }
    Ok(collect.values)
}

struct Collect<'s> {
    field: &'s graph::Field,
    only: Option<(&'s graph::Field, usize, &'s KeySet)>,
    values: KeySet,
    scratch: String,
}

impl Sink for Collect<'_> {
    fn row(&mut self, cells: &dyn Cells) -> Result<(), Problem> {
        let mut read = |field, at| {
            let cell = value::read(field, cells.cell(at), &mut self.scratch);
            cell.ok().and_then(|cell| join_value(&cell))
        };
        let is_wanted = match self.only {
            Some((field, at, only)) => read(field, at).is_some_and(|value| only.contains(value)),
            None => true,
        };
        if is_wanted && let Some(value) = read(self.field, 0) {
            self.values.insert(value);
        }
        Ok(())
    }

    // The table's own scan reports these.
    fn malformed(&mut self, _: u64, _: &'static str) {}
}

const _: () = {
    const fn shared_between_threads<T: Send + Sync>() {}
    shared_between_threads::<Loader>();
    shared_between_threads::<Source>();
};
