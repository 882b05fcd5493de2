//! Finds what the plan reads in what the source has, and reports everything that is missing at once.

use std::collections::{BTreeMap, BTreeSet};

use graph::{EntityId, FieldId, ReadSet, Schema, Scope, Source};
use problem::{Problem, code};

use crate::database::Database;
use crate::names::{resolve, same};

/// How the rows of an entity find their batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// All rows belong to the organisation.
    All,
    /// The row's own key is a student's.
    Root,
    /// The value in the column `at` is that of the field `own` of a row of `from`.
    By { from: EntityId, own: FieldId, at: usize },
}

/// What is read of one entity's table.
#[derive(Debug)]
pub(crate) struct EntityPlan {
    pub entity: EntityId,
    /// The table as the source spells it; none if a folder has no file for it.
    pub table: Option<String>,
    /// The fields that are read, and the column of each as the source spells it.
    pub fields: Vec<FieldId>,
    pub columns: Vec<String>,
    /// The place of the key in `fields`.
    pub key_at: usize,
    pub reach: Reach,
    /// The places in `fields` from which other entities are reached.
    pub recorded: Vec<usize>,
}

impl EntityPlan {
    /// The field whose values say which batches a row belongs to.
    pub(crate) fn reached_by(&self, schema: &Schema) -> (EntityId, FieldId) {
        match self.reach {
            Reach::By { from, own, .. } => (from, own),
            Reach::All | Reach::Root => (self.entity, schema[self.entity].key),
        }
    }
}

/// The plans of the entities that have a table, in the order in which they are to be read; and what is worth knowing. The rows of
/// the entities `mapped` are what the source is read for.
///
/// # Errors
/// Every table and column that the source lacks.
pub(crate) fn project(
    schema: &Schema,
    reads: &ReadSet,
    mapped: &[EntityId],
    database: &mut dyn Database,
) -> Result<(Vec<EntityPlan>, Vec<Problem>), Vec<Problem>> {
    let (plans, problems) = project_all(schema, reads, mapped, database).map_err(|problem| vec![problem])?;
    if problems.iter().any(Problem::is_error) { Err(problems) } else { Ok((plans, problems)) }
}

/// The same, whatever is missing: tables that lack a column are left out.
pub(crate) fn project_all(
    schema: &Schema,
    reads: &ReadSet,
    mapped: &[EntityId],
    database: &mut dyn Database,
) -> Result<(Vec<EntityPlan>, Vec<Problem>), Problem> {
    let tables = database.tables()?;
    let needed = needed(schema, reads, mapped);
    let mut finder =
        Finder { database, tables, needed, columns: BTreeMap::new(), reported: BTreeSet::new(), problems: Vec::new() };
    let mut plans = Vec::new();
    let order = [Scope::Organisation, Scope::Student].map(|scope| schema.load_order(scope));
    for entity in order.into_iter().flatten() {
        let declared = &schema[entity];
        if let Source::Table(table) = &declared.source
            && reads.reads_entity(entity)
            && let Some(shape) = shape(schema, reads, entity)
        {
            let names: Vec<&str> = shape.fields.iter().map(|field| declared[*field].column.as_str()).collect();
            let (table, columns) = finder.find(table, &names)?;
            if table.is_none() || columns.len() == names.len() {
                plans.push(EntityPlan { table, columns, ..shape });
            }
        }
    }
    record(&mut plans);
    if finder.database.absent_table_is_empty() {
        finder.unknown_files(schema);
    }
    Ok((plans, finder.problems))
}

/// The tables without which there is nothing to map: each with why, in words that follow "and". Any other table may be missing from
/// a folder, and is then empty.
fn needed<'s>(schema: &'s Schema, reads: &ReadSet, mapped: &[EntityId]) -> BTreeMap<&'s str, &'static str> {
    let mut needed = BTreeMap::new();
    let mut need = |mut entity: EntityId, why| {
        while let Source::Group { of, .. } = &schema[entity].source {
            entity = *of;
        }
        needed.entry(schema[entity].table_name()).or_insert(why);
    };
    for entity in mapped {
        need(*entity, "its rows are what is mapped");
    }
    let root = schema.root();
    if reads.reads_entity(root) {
        let why = "its rows say who the students are";
        need(root, why);
        if let Some(relation) = schema.only_with() {
            need(schema[root][relation].target, why);
        }
    }
    needed
}

/// The plan without the source's names. None if the read set is not closed, which its own methods see to.
fn shape(schema: &Schema, reads: &ReadSet, entity: EntityId) -> Option<EntityPlan> {
    let declared = &schema[entity];
    let fields: Vec<FieldId> = reads.fields_of(entity).collect();
    let place = |field: FieldId| fields.iter().position(|other| *other == field);
    let key_at = place(declared.key)?;
    let reach = match (declared.scope, declared.reached) {
        (_, Some((from, relation))) => {
            let (own, theirs) = *schema[from][relation].by.first()?;
            Reach::By { from, own, at: place(theirs)? }
        }
        (Scope::Organisation, None) => Reach::All,
        (Scope::Student, None) => Reach::Root,
    };
    Some(EntityPlan { entity, table: None, columns: Vec::new(), key_at, reach, recorded: Vec::new(), fields })
}

/// Notes in each plan which of its fields lead to other entities. The root's key needs no note: students are known before.
fn record(plans: &mut [EntityPlan]) {
    let wanted: Vec<(EntityId, FieldId)> = plans
        .iter()
        .filter_map(|plan| match plan.reach {
            Reach::By { from, own, .. } => Some((from, own)),
            _ => None,
        })
        .collect();
    for plan in plans {
        let is_known = |at: usize| plan.reach == Reach::Root && at == plan.key_at;
        plan.recorded = (0..plan.fields.len())
            .filter(|at| wanted.contains(&(plan.entity, plan.fields[*at])) && !is_known(*at))
            .collect();
    }
}

struct Finder<'d> {
    database: &'d mut dyn Database,
    tables: Vec<String>,
    needed: BTreeMap<&'d str, &'static str>,
    columns: BTreeMap<String, Vec<String>>,
    /// What was reported, since several entities may read one table.
    reported: BTreeSet<(String, String)>,
    problems: Vec<Problem>,
}

impl Finder<'_> {
    /// The table and its columns as the source spells them.
    fn find(&mut self, table: &str, names: &[&str]) -> Result<(Option<String>, Vec<String>), Problem> {
        let Some(real) = resolve(table, &self.tables).cloned() else {
            self.missing_table(table);
            return Ok((None, Vec::new()));
        };
        if !self.columns.contains_key(&real) {
            let columns = self.database.columns(&real)?;
            self.columns.insert(real.clone(), columns);
        }
        let columns = self.columns.get(&real).map_or(&[][..], Vec::as_slice);
        let mut found = Vec::with_capacity(names.len());
        for name in names {
            match resolve(name, columns) {
                Some(column) => found.push(column.clone()),
                None if !self.reported.insert((table.to_lowercase(), name.to_lowercase())) => {}
                None => {
                    let message = format!("table `{table}` has no column `{name}`");
                    let mut problem =
                        Problem::new(code::NO_TABLE, message).did_you_mean(name, columns.iter().map(String::as_str));
                    problem.subject.table = Some(table.into());
                    problem.subject.column = Some((*name).into());
                    self.problems.push(problem);
                }
            }
        }
        Ok((Some(real), found))
    }

    fn missing_table(&mut self, table: &str) {
        if !self.reported.insert((table.to_lowercase(), String::new())) {
            return;
        }
        let tables = self.tables.iter().map(String::as_str);
        let mut problem = match self.needed.get(table) {
            _ if !self.database.absent_table_is_empty() => {
                Problem::new(code::NO_TABLE, format!("the source has no table `{table}`")).did_you_mean(table, tables)
            }
            Some(why) => Problem::new(code::NO_TABLE, format!("there is no file `{table}.csv`, and {why}"))
                .did_you_mean(table, tables),
            None => {
                Problem::new(code::EMPTY_TABLE, format!("there is no file `{table}.csv`: the table is taken as empty"))
            }
        };
        problem.subject.table = Some(table.into());
        self.problems.push(problem);
    }

    fn unknown_files(&mut self, schema: &Schema) {
        let known: BTreeSet<&str> = schema
            .entities()
            .filter_map(|(_, entity)| match &entity.source {
                Source::Table(table) => Some(table.as_str()),
                Source::Group { .. } => None,
            })
            .collect();
        for file in &self.tables {
            if !known.iter().any(|table| same(table, file)) {
                let mut problem =
                    Problem::new(code::UNKNOWN_FILE, format!("`{file}.csv` belongs to no table, so nothing reads it"))
                        .did_you_mean(file, known.iter().copied());
                problem.subject.table = Some(file.as_str().into());
                self.problems.push(problem);
            }
        }
    }
}
