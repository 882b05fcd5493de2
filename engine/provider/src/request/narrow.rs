//! Which students a query can be about: where its conditions name students or rows of theirs, nobody else is read and mapped.
//!
//! What is found here only narrows. Every instance is still held against all conditions, so an answer is never wrong for it.

use graph::{Cell, EntityId, FieldId, Schema, Scope};
use problem::Problem;
use rulebook::functions::Native;
use rulebook::plan::{Expr, ObjectPlan, Op, Plan, Value};
use sif::RefId;
use sif::query::{Condition, Group, Join, Operator};
use sis::{Source, find_numbers};

/// Rows whose value makes an instance hold: the entity and its field, and the field of it that holds the student's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Way {
    entity: EntityId,
    field: FieldId,
    student: FieldId,
    /// Whether the value is sent as a RefId.
    guid: bool,
}

/// The keys of the only students that the instances of an object can belong to, if conditions hold; none where that is not known.
///
/// # Errors
/// If the source cannot be read.
pub(crate) fn students(
    plan: &Plan,
    variants: &[&ObjectPlan],
    conditions: &Group,
    source: &str,
) -> Result<Option<Vec<i64>>, Problem> {
    for condition in required(conditions).filter(|condition| condition.operator == Operator::Equal) {
        let ways: Option<Vec<Way>> = variants.iter().map(|variant| way(&plan.schema, variant, condition)).collect();
        let Some(mut ways) = ways.filter(|ways| !ways.is_empty()) else { continue };
        ways.dedup();
        let source = Source::open(source)?;
        let mut students = Vec::new();
        for Way { entity, field, student, guid } in ways {
            let is_wanted = |cell: Cell<'_>| match cell {
                Cell::Text(text) if guid => RefId::parse(text).is_some_and(|id| condition.takes(&id.to_string())),
                Cell::Text(text) => condition.takes(text),
                _ => false,
            };
            students.extend(find_numbers(&source, &plan.schema, entity, student, (field, &is_wanted))?);
        }
        students.sort_unstable();
        students.dedup();
        return Ok(Some(students));
    }
    Ok(None)
}

/// The conditions without which the group cannot hold.
pub(crate) fn required(group: &Group) -> impl Iterator<Item = &Condition> {
    let all = |join: Join, parts: usize| join != Join::Or || parts == 1;
    let parts = if all(group.join, group.parts.len()) { &group.parts[..] } else { &[] };
    parts.iter().filter(move |part| all(part.join, part.conditions.len())).flat_map(|part| &part.conditions)
}

/// How a condition leads to students: its element must be nothing but a text or GUID of the student or of the student's row.
fn way(schema: &Schema, object: &ObjectPlan, condition: &Condition) -> Option<Way> {
    if *object.name != *condition.object || schema[object.entity].scope != Scope::Student {
        return None;
    }
    let path = condition.path.plain();
    let nodes = object.nodes();
    // The same element may be made in several ways, under names of our own.
    let mut same = nodes.iter().filter(|node| sif_path(&node.path) == path);
    let (node, None) = (same.next()?, same.next()) else { return None };
    let leaf = node.leaf.as_ref().filter(|leaf| leaf.codes.is_none() && leaf.otherwise.is_none())?;
    let Value::Body(body) = &leaf.value else { return None };
    let (field, guid) = match &body.expr.op {
        Op::Call(Native::RefId, arguments) => (&arguments.first()?.op, true),
        op => (op, false),
    };
    let Op::Field(row, entity, field) = field else { return None };
    let student = student_key(schema, object.entity)?;
    match &row.op {
        Op::Local(0) if *entity == object.entity && (guid || is_text(schema, *entity, *field)) => {
            Some(Way { entity: *entity, field: *field, student, guid })
        }
        Op::One(own, from, relation) if guid && is_own_row(own) && *from == object.entity => {
            let root = schema.root();
            let relation = &schema[*from][*relation];
            let by_student = relation.target == root && relation.by == [(student, schema[root].key)];
            (by_student && *entity == root).then_some(Way {
                entity: root,
                field: *field,
                student: schema[root].key,
                guid,
            })
        }
        _ => None,
    }
}

/// The field of an entity by which its rows are a student's.
fn student_key(schema: &Schema, entity: EntityId) -> Option<FieldId> {
    let root = schema.root();
    if entity == root {
        return Some(schema[root].key);
    }
    let (from, relation) = schema[entity].reached?;
    match &schema[from][relation].by[..] {
        [(theirs, own)] if from == root && *theirs == schema[root].key => Some(*own),
        _ => None,
    }
}

fn is_own_row(expr: &Expr) -> bool {
    matches!(expr.op, Op::Local(0))
}

fn is_text(schema: &Schema, entity: EntityId, field: FieldId) -> bool {
    schema[entity][field].field_type.is_text()
}

/// A path as SIF has it: without brackets and labels.
fn sif_path(path: &str) -> String {
    let steps = path.split('/').map(|step| step.split(['[', '#']).next().unwrap_or_default());
    steps.collect::<Vec<_>>().join("/")
}
