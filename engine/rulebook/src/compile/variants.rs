//! Variants of one object, which are sent together.

use graph::{Schema, Scope};
use problem::{Problem, code};

use crate::graph_file::GRAPH_FILE;
use crate::plan::ObjectPlan;

/// Reports a variant over rows of another scope than the first one of its object: students go through in batches, the organisation at
/// once, so their instances could not be put into one order. Where the graph is wrong, nobody knows whose rows they are.
pub fn check(objects: &[ObjectPlan], schema: &Schema, problems: &mut Vec<Problem>) {
    let in_graph = |problem: &Problem| problem.place.as_ref().is_some_and(|place| &*place.file == GRAPH_FILE);
    if problems.iter().any(|problem| problem.is_error() && in_graph(problem)) {
        return;
    }
    for object in objects {
        let Some(first) = objects.iter().find(|first| first.name == object.name) else { continue };
        let scope = |object: &ObjectPlan| schema[object.entity].scope;
        if scope(object) == scope(first) {
            continue;
        }
        let whose = |object: &ObjectPlan| match scope(object) {
            Scope::Organisation => "the organisation's",
            Scope::Student => "students'",
        };
        let message = format!("this variant is of {} rows, and the first one is of {}", whose(object), whose(first));
        problems.push(
            Problem::new(code::CONTRADICTING_KEYS, message)
                .at(object.place.clone())
                .and_at(first.place.clone(), "the first variant")
                .help("let all variants of an object repeat over the data of students, or all over the organisation's"),
        );
    }
}
