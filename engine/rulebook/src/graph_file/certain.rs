//! Relations that always lead to a row: whether the source can promise that.

use std::collections::BTreeSet;

use graph::{Entity, Relation, Source};
use problem::{Problem, code};

/// Checks every relation to one row that is declared without a question mark.
pub fn check(entities: &[Entity], problems: &mut Vec<Problem>) {
    for entity in entities {
        for relation in entity.relations.iter().filter(|relation| !relation.many && !relation.optional) {
            if let Some(why) = doubt(entities, entity, relation) {
                let target = &entities[usize::from(relation.target.0)].name;
                problems.push(
                    Problem::new(code::MAY_LEAD_NOWHERE, format!("`{}` may lead nowhere: {why}", relation.name))
                        .at(relation.place.clone())
                        .help(format!("write `one: {target}?`; rules then say what holds when there is none")),
                );
            }
        }
    }
}

/// Why a relation may lead nowhere, if it may.
fn doubt(entities: &[Entity], entity: &Entity, relation: &Relation) -> Option<String> {
    if let Some((own, _)) = relation.by.iter().find(|(own, _)| entity[*own].nullable) {
        return Some(format!("`{}` may be empty", entity[*own].name));
    }
    let Source::Group { of, .. } = &entity.source else { return None };
    // A group is made of rows of another entity, so it leads where those lead, and to the row by which they were found.
    let source = &entities[usize::from(of.0)];
    let theirs = by_names(entity, &entities[usize::from(relation.target.0)], relation);
    let leads = |other: &Relation| {
        !other.many
            && !other.optional
            && other.target == relation.target
            && by_names(source, &entities[usize::from(other.target.0)], other) == theirs
    };
    let found_by = source.reached.is_some_and(|(from, by)| {
        from == relation.target && {
            let from = &entities[usize::from(from.0)];
            let swapped: BTreeSet<(&str, &str)> = from[by]
                .by
                .iter()
                .map(|(from_field, own)| (source[*own].name.as_str(), from[*from_field].name.as_str()))
                .collect();
            swapped == theirs
        }
    });
    if found_by || source.relations.iter().any(leads) {
        return None;
    }
    Some(format!("rows of `{}`, which it groups, need not agree with any", source.name))
}

/// The fields that a relation joins, by name.
fn by_names<'e>(entity: &'e Entity, target: &'e Entity, relation: &Relation) -> BTreeSet<(&'e str, &'e str)> {
    relation.by.iter().map(|(own, theirs)| (entity[*own].name.as_str(), target[*theirs].name.as_str())).collect()
}
