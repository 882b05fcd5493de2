//! Rows of the requirement that are answered at two places.

use std::collections::BTreeMap;

use problem::{Place, Problem, code};

use crate::plan::Plan;

/// Reports each row that two elements answer, or an element and an omission.
pub fn check(plan: &Plan, problems: &mut Vec<Problem>) {
    let mut answered: BTreeMap<&str, (&Place, bool)> = BTreeMap::new();
    for object in &plan.objects {
        let nodes = object.nodes();
        let elements = nodes.iter().map(|node| (&node.rows, &node.place, false));
        let omissions = object.omissions.iter().map(|omission| (&omission.rows, &omission.place, true));
        for (rows, place, omitted) in elements.chain(omissions) {
            for row in rows {
                let Some((first, was_omitted)) = answered.insert(row, (place, omitted)) else { continue };
                let what = if omitted != was_omitted { "answered and omitted" } else { "answered twice" };
                problems.push(
                    Problem::new(code::ROW_ANSWERED_TWICE, format!("`{row}` is {what}"))
                        .at(place.clone())
                        .and_at(first.clone(), "the other answer")
                        .help(format!("take `{row}` out of the `rows:` of one of them")),
                );
            }
        }
    }
}
