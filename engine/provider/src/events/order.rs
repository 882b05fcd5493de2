//! In which order objects are reported: what an object refers to is added before it and deleted after it.

use rulebook::plan::{Const, Op};
use rulebook::plan::{Leaf, Node, ObjectPlan, Plan, Value};

/// For each object of the plan its place in the order of Adds.
#[must_use]
pub fn order(plan: &Plan) -> Vec<usize> {
    let refers: Vec<Vec<&str>> = plan.objects.iter().map(referred).collect();
    let mut places = vec![usize::MAX; plan.objects.len()];
    let mut next = 0;
    while next < plan.objects.len() {
        let waits = |at: usize| {
            let others = || plan.objects.iter().enumerate().filter(|(_, other)| other.name != plan.objects[at].name);
            others().any(|(other, object)| places[other] == usize::MAX && refers[at].contains(&&*object.name))
        };
        let left = || (0..places.len()).filter(|at| places[*at] == usize::MAX);
        // Objects that refer to each other come in the order of the rulebook.
        let Some(ready) = left().find(|at| !waits(*at)).or_else(|| left().next()) else { break };
        places[ready] = next;
        next += 1;
    }
    places
}

/// The names of the objects that an object's elements refer to.
fn referred(object: &ObjectPlan) -> Vec<&str> {
    let mut names = Vec::new();
    for node in object.nodes() {
        let step = node.path.rsplit('/').next().unwrap_or_default().trim_start_matches('@');
        match step {
            "SIF_RefObject" => names.extend(constant(node)),
            _ => names.extend(step.strip_suffix("RefId").filter(|name| !name.is_empty())),
        }
    }
    names
}

fn constant(node: &Node) -> Option<&str> {
    match &node.leaf {
        Some(Leaf { value: Value::Body(body), .. }) => match &body.expr.op {
            Op::Const(Const::Text(text)) => Some(text),
            _ => None,
        },
        _ => None,
    }
}
