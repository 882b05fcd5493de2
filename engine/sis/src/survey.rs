//! Counts what a source holds, reading each table once: rows, empty cells, cells that cannot be read, references to nothing,
//! and how often each code of a column occurs. No row is kept, so memory grows with the number of keys alone.

mod table;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use graph::{EntityId, FieldId, ReadSet, Schema};
use problem::Problem;

use crate::census::Keys;
use crate::projection::{EntityPlan, Reach, project_all};
use crate::source::Source;
use table::TableSurvey;

/// The most different values of a column that are counted one by one; more are no codes.
pub const MOST_CODES: usize = 10_000;

/// What the table of an entity holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityCount {
    /// The entity.
    pub entity: EntityId,
    /// Its rows, those without a key too.
    pub rows: u64,
    /// Rows without a primary key.
    pub without_key: u64,
    /// Keys that several rows have.
    pub keys_twice: u64,
    /// Lines of a file that are no rows.
    pub malformed: u64,
    /// What its columns hold, in the order of the schema.
    pub fields: Vec<FieldCount>,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldCount {
    /// The field.
    pub field: FieldId,
    /// Rows in which it is empty, and has no default.
    pub empty: u64,
    /// Rows in which it holds no value of its type.
    pub unreadable: u64,
    /// The entity that it refers to by its key, with the rows that refer to none of its rows.
    pub dangling: Option<(EntityId, u64)>,
}

/// How often each combination of values of some columns occurs. At most [`MOST_CODES`] are told apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How often each occurs, in the order of the columns; empty where nothing is entered.
    pub counts: BTreeMap<Vec<String>, u64>,
    /// Rows with other values, once there were too many different ones.
    pub others: u64,
}

/// What a source holds.
#[derive(Debug, Default)]
pub struct Survey {
    /// The entities that have a table in the source, in the order of the schema.
    pub entities: Vec<EntityCount>,
    /// The answers to what was asked, in the order in which it was; empty where the table is missing.
    pub tallies: Vec<Tally>,
    /// Tables and columns that are missing, and what else is worth knowing of the source's shape.
    pub problems: Vec<Problem>,
}

/// Counts what the tables of `reads` hold, and the values of the columns `asked`.
///
/// # Errors
/// S102 if reading fails.
pub fn survey(
    source: &Source,
    schema: &Schema,
    reads: &ReadSet,
    mapped: &[EntityId],
    asked: &[(EntityId, Vec<FieldId>)],
) -> Result<Survey, Problem> {
    let mut database = source.database();
    let (plans, problems) = project_all(schema, reads, mapped, &mut **database)?;
    let mut survey = Survey { problems, tallies: vec![Tally::default(); asked.len()], ..Survey::default() };
    let mut known: HashMap<EntityId, Arc<Keys>> = HashMap::new();
    let mut waiting = Vec::new();
    for plan in targets_first(schema, &plans) {
        let mut table = TableSurvey::new(schema, plan, &known, asked);
        if let Some(name) = &plan.table {
            database.scan(name, &plan.columns, &mut table)?;
        }
        let done = table.finish();
        // References into a table that is missing are not counted: that it is missing says it all.
        if plan.table.is_some() {
            known.insert(plan.entity, done.keys);
        }
        for (at, tally) in done.tallies {
            survey.tallies[at] = tally;
        }
        waiting.extend(done.waiting.into_iter().map(|references| (plan.entity, references)));
        if plan.table.is_some() {
            survey.entities.push(done.count);
        }
    }
    // Tables that refer to each other in a circle: what was referred to is known only now.
    for (entity, references) in waiting {
        let dangling = known.get(&references.target).map(|keys| references.dangling(keys));
        let count = survey.entities.iter_mut().find(|count| count.entity == entity);
        let field = count.and_then(|count| count.fields.iter_mut().find(|field| field.field == references.field));
        if let (Some(field), Some(Some(rows))) = (field, dangling) {
            field.dangling = Some((references.target, rows));
        }
    }
    survey.entities.sort_by_key(|count| count.entity);
    Ok(survey)
}

/// The plans, each after those that its rows refer to, as far as there is such an order.
fn targets_first<'p>(schema: &Schema, plans: &'p [EntityPlan]) -> Vec<&'p EntityPlan> {
    fn visit<'p>(
        plan: &'p EntityPlan,
        schema: &Schema,
        plans: &'p [EntityPlan],
        seen: &mut Vec<EntityId>,
        order: &mut Vec<&'p EntityPlan>,
    ) {
        if seen.contains(&plan.entity) {
            return;
        }
        seen.push(plan.entity);
        for (_, target) in references(schema, plan) {
            if let Some(target) = plans.iter().find(|other| other.entity == target) {
                visit(target, schema, plans, seen, order);
            }
        }
        order.push(plan);
    }
    let (mut seen, mut order) = (Vec::new(), Vec::new());
    for plan in plans {
        visit(plan, schema, plans, &mut seen, &mut order);
    }
    order
}

/// The columns of a plan that hold the key of a row of another entity, by their place in the plan.
fn references(schema: &Schema, plan: &EntityPlan) -> Vec<(usize, EntityId)> {
    let declared = &schema[plan.entity];
    let mut found: Vec<(usize, EntityId)> = Vec::new();
    if let Reach::By { from, own, at } = plan.reach
        && own == schema[from].key
    {
        found.push((at, from));
    }
    for relation in declared.relations.iter().filter(|relation| !relation.many) {
        let target = &schema[relation.target];
        if let [(own, theirs)] = relation.by[..]
            && theirs == target.key
            && own != declared.key
            && matches!(target.source, graph::Source::Table(_))
            && let Some(at) = plan.fields.iter().position(|field| *field == own)
            && !found.iter().any(|(known, _)| *known == at)
        {
            found.push((at, relation.target));
        }
    }
    found
}
