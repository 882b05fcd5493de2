//! Lays what a case gives over what a person has.
//!
//! A field or fact of the case takes the place of the person's. A related row is changed field by field. Of several rows, a list
//! takes the place of the person's rows; `{ change: { name: {…} }, add: [rows], remove: [names] }` changes them one by one.

use graph::EntityId;
use problem::{Place, Problem, code};
use rulebook::plan::Plan;
use rulebook::yaml::{Key, Kind as Yaml, Node, Reader};

use crate::given::rows::{self, CALLED, COLUMNS, has, is_change};

/// What a case gives, laid over what is there already.
pub fn over(plan: &Plan, base: &[(Key, Node)], over: &[(Key, Node)], problems: &mut Vec<Problem>) -> Vec<(Key, Node)> {
    let mut merged = base.to_vec();
    for (key, node) in over {
        match (merged.iter_mut().find(|(found, _)| found.text == key.text), plan.schema.entity(&key.text)) {
            (Some((_, base)), Some(entity)) => *base = row(plan, entity, base, node, problems),
            (Some((_, base)), None) => base.clone_from(node),
            (None, _) => merged.push((key.clone(), node.clone())),
        }
    }
    merged
}

fn row(plan: &Plan, entity: EntityId, base: &Node, over: &Node, problems: &mut Vec<Problem>) -> Node {
    let Yaml::Map(changes) = &over.kind else {
        return if matches!(over.kind, Yaml::Null) { base.clone() } else { over.clone() };
    };
    let mut entries = match &base.kind {
        Yaml::Map(entries) => entries.clone(),
        // A row that is spoken of by its name, with more to say of it.
        Yaml::Scalar(scalar) if scalar.plain && scalar.text != "absent" => {
            vec![(Key { text: CALLED.to_owned(), place: base.place.clone() }, base.clone())]
        }
        _ => Vec::new(),
    };
    let declared = &plan.schema[entity];
    for (key, node) in changes {
        let at = entries.iter().position(|(found, _)| found.text == key.text);
        let linked = declared.relation(&key.text).map(|relation| &declared[relation]);
        let merged = match (linked, at.map(|at| &entries[at].1)) {
            (Some(linked), base) if linked.many && is_change(node) => {
                changed(plan, linked.target, &key.text, base, node, problems)
            }
            (Some(linked), Some(base)) if !linked.many => row(plan, linked.target, base, node, problems),
            _ => node.clone(),
        };
        match at {
            Some(at) => entries[at].1 = merged,
            None => entries.push((key.clone(), merged)),
        }
    }
    Node { kind: Yaml::Map(entries), place: base.place.clone() }
}

/// The rows of a person with the changes that a case says.
fn changed(
    plan: &Plan,
    entity: EntityId,
    what: &str,
    base: Option<&Node>,
    over: &Node,
    problems: &mut Vec<Problem>,
) -> Node {
    let mut rows = match base.map(|base| &base.kind) {
        Some(Yaml::List(items)) => items.clone(),
        Some(Yaml::Map(_)) => base.cloned().into_iter().collect(),
        _ => Vec::new(),
    };
    // The rows of a table can be spoken of one by one.
    rows = rows
        .into_iter()
        .flat_map(
            |item| if has(&item, COLUMNS) { rows::table(&item, problems).unwrap_or_default() } else { vec![item] },
        )
        .collect();
    let mut reader = Reader::new(over, "a change of rows", problems);
    let (change, add, remove) = (reader.get("change"), reader.get("add"), reader.get("remove"));
    reader.finish(problems);
    for (key, node) in change.and_then(|node| node.map("rows by name", problems)).unwrap_or_default() {
        if let Some(at) = find(plan, entity, what, &rows, &key.text, &key.place, problems) {
            rows[at] = row(plan, entity, &rows[at], node, problems);
        }
    }
    for scalar in remove.map(|node| node.texts("the name of a row", problems)).unwrap_or_default() {
        if let Some(at) = find(plan, entity, what, &rows, &scalar.text, &scalar.start, problems) {
            rows.remove(at);
        }
    }
    match add.map(|node| (&node.kind, node)) {
        Some((Yaml::List(items), _)) => rows.extend(items.iter().cloned()),
        Some((Yaml::Null, _)) | None => {}
        Some((_, node)) => rows.push(node.clone()),
    }
    Node { kind: Yaml::List(rows), place: over.place.clone() }
}

/// The row with this name or key.
fn find(
    plan: &Plan,
    entity: EntityId,
    what: &str,
    rows: &[Node],
    name: &str,
    place: &Place,
    problems: &mut Vec<Problem>,
) -> Option<usize> {
    let declared = &plan.schema[entity];
    let key = declared[declared.key].name.as_str();
    let names: Vec<Vec<&str>> = rows
        .iter()
        .map(|row| match &row.kind {
            Yaml::Scalar(scalar) => vec![scalar.text.as_str()],
            _ => {
                let own = row.entries().iter().filter(|(found, _)| found.text == CALLED || found.text == key);
                own.filter_map(|(_, node)| match &node.kind {
                    Yaml::Scalar(scalar) => Some(scalar.text.as_str()),
                    _ => None,
                })
                .collect()
            }
        })
        .collect();
    let found = names.iter().position(|names| names.contains(&name));
    if found.is_none() {
        let all: Vec<&str> = names.concat();
        let message = format!("the person has no row of `{what}` that is called `{name}` or has this key");
        let help = match all.is_empty() {
            true => "none of its rows has a name: add `called:` to the row".to_owned(),
            false => format!("its rows are {}", all.join(", ")),
        };
        let problem = Problem::new(code::BAD_FIXTURE, message).at(place.clone()).help(help).did_you_mean(name, all);
        problems.push(problem);
    }
    found
}
