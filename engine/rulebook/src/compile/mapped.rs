//! The columns whose local codes go through a value set.

use graph::{EntityId, FieldId};
use problem::Place;

use crate::plan::{Expr, Op, Plan, Value};
use crate::steps;

/// A column whose local codes go through a value set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedColumn {
    /// The entity.
    pub entity: EntityId,
    /// The field.
    pub field: FieldId,
    /// The value set, by its number in the plan.
    pub set: usize,
    /// Where the field is declared.
    pub place: Place,
}

/// The columns of a plan whose local codes go through a value set: by `codes:` or `lookup` of the field itself, or of a fact
/// that is nothing but the field.
#[must_use]
pub fn mapped_columns(plan: &Plan) -> Vec<MappedColumn> {
    let mut found: Vec<MappedColumn> = Vec::new();
    let mut add = |expr: &Expr, set: usize| {
        if let Some((entity, field)) = field_of(plan, expr, 0) {
            let place = plan.schema[entity][field].place.clone();
            let column = MappedColumn { entity, field, set, place };
            if !found.contains(&column) {
                found.push(column);
            }
        }
    };
    let mut lookups = |value: &Value| {
        steps::of_value(value, &mut |step| {
            if let Op::Lookup(set, code) = &step.op {
                add(code, *set);
            }
        });
    };
    plan.facts.iter().for_each(|fact| lookups(&fact.value));
    for object in &plan.objects {
        steps::of_object(object, &mut lookups);
    }
    for leaf in plan.objects.iter().flat_map(|object| object.nodes()).filter_map(|node| node.leaf.as_ref()) {
        if let (Value::Body(body), Some(set)) = (&leaf.value, leaf.codes) {
            add(&body.expr, set);
        }
    }
    found
}

/// The field that an expression is, if it is nothing but a field or a fact that is one.
fn field_of(plan: &Plan, expr: &Expr, depth: usize) -> Option<(EntityId, FieldId)> {
    match &expr.op {
        Op::Field(_, entity, field) => Some((*entity, *field)),
        Op::IfPresent(_, _, then) => field_of(plan, then, depth),
        Op::Fact(_, fact, _) if depth < 8 => match &plan.facts.get(*fact)?.value {
            Value::Body(body) => field_of(plan, &body.expr, depth + 1),
            _ => None,
        },
        _ => None,
    }
}
