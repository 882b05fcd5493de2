//! Entities that are another view of an entity's table: they have its table, key and fields, and share what they name of its facts
//! and relations.

use std::collections::HashMap;

use graph::{Entity, EntityId, Relation, Schema, Source};
use problem::{Problem, code};

use super::facts::{FactDeclaration, FactTier};
use super::{Load, members, unknown_entity_at};
use crate::yaml::{Key, Node, Scalar};

/// The keys that an entity has from the one that it is like.
const TAKEN: [&str; 7] = ["table", "group_of", "by", "root", "period", "key", "fields"];

/// Refuses keys beside `like` that only the other entity has, and `shares` without it.
pub fn check_keys(like: Option<&Scalar>, shares: Option<&Key>, node: &Node, problems: &mut Vec<Problem>) {
    let Some(like) = like else {
        let place = shares.map_or(&node.place, |key| &key.place);
        problems.push(
            Problem::new(code::MISSING_KEY, "`shares` needs `like`, the entity whose facts and relations it names")
                .at(place.clone())
                .help("add `like: …`"),
        );
        return;
    };
    for (key, _) in node.entries().iter().filter(|(key, _)| TAKEN.contains(&key.text.as_str())) {
        let message = format!("`{}` is that of `{}`, which the entity is like", key.text, like.text);
        problems.push(
            Problem::new(code::CONTRADICTING_KEYS, message)
                .at(key.place.clone())
                .and_at(like.start.clone(), "the other one")
                .help("take it out, or take `like` out and declare table, key and fields"),
        );
    }
}

/// Gives each entity that is like another the table, key, fields and period of that one.
pub fn resolve(
    entities: &mut [Entity],
    loads: &mut [Load<'_>],
    names: &HashMap<&str, EntityId>,
    problems: &mut Vec<Problem>,
) {
    for at in 0..entities.len() {
        let Some(like) = loads[at].like else { continue };
        let Some(original) = names.get(like.text.as_str()).copied() else {
            problems.push(unknown_entity_at(&like.text, &like.start, names));
            continue;
        };
        let from = usize::from(original.0);
        let why = match (&entities[from].source, loads[from].like) {
            (_, Some(other)) => Some((format!("is like `{}` itself", other.text), other.text.clone())),
            (Source::Group { .. }, None) => Some(("is no table, but groups rows of another".to_owned(), String::new())),
            (Source::Table(_), None) => None,
        };
        if let Some((why, instead)) = why {
            let problem = Problem::new(code::CANNOT_SHARE, format!("`{}` {why}", like.text)).at(like.start.clone());
            problems.push(if instead.is_empty() {
                problem.help("name an entity with a `table`")
            } else {
                problem.help(format!("write `like: {instead}`")).replacing(&like.text, &instead)
            });
            continue;
        }
        let Entity { source, key, fields, period, .. } = entities[from].clone();
        let untyped = loads[from].untyped.clone();
        entities[at] = Entity { source, key, fields, period, like: Some(original), ..entities[at].clone() };
        loads[at].untyped = untyped;
    }
}

/// Adds the relations that are shared, to those that the entities have themselves.
pub fn share_relations(entities: &mut [Entity], loads: &[Load<'_>], problems: &mut Vec<Problem>) {
    for (at, load) in loads.iter().enumerate() {
        let Some(from) = entities[at].like.map(|original| usize::from(original.0)) else { continue };
        for name in &load.shares {
            let Some(relation) = entities[from].relation(&name.text) else { continue };
            let relation = Relation { place: name.start.clone(), ..entities[from][relation].clone() };
            if is_free(&entities[at], name, problems) {
                entities[at].relations.push(relation);
            }
        }
    }
}

/// Adds the facts that are shared, behind all others.
pub fn share_facts(
    schema: &Schema,
    declared: &[(Key, Node)],
    loads: &[Load<'_>],
    facts: &mut Vec<FactDeclaration>,
    problems: &mut Vec<Problem>,
) {
    let own = facts.len();
    for ((id, entity), load) in schema.entities().zip(loads) {
        let Some(like) = entity.like else { continue };
        let original = &schema[like];
        // What could not be read has been reported.
        let unread = |name: &str| {
            let mut written = declared.get(usize::from(like.0)).into_iter().flat_map(|(_, node)| members(node));
            let is_declared = original.field(name).is_none() && written.any(|other| other == name);
            is_declared && !facts[..own].iter().any(|fact| fact.entity == like && fact.name == name)
        };
        let shares: Vec<&Scalar> = load.shares.iter().copied().filter(|name| !unread(&name.text)).collect();
        for name in shares {
            let mut known = facts[..own].iter().filter(|fact| fact.entity == like);
            let Some(found) = known.clone().find(|fact| fact.name == name.text).cloned() else {
                let known = known.by_ref().map(|fact| fact.name.as_str());
                let known = known.chain(original.relations.iter().map(|relation| relation.name.as_str()));
                let message = format!("`{}` has no fact and no relation `{}` to share", original.name, name.text);
                problems.push(
                    Problem::new(code::UNKNOWN_FIELD, message)
                        .at(name.start.clone())
                        .and_at(original.place.clone(), "declared here")
                        .did_you_mean(&name.text, known),
                );
                continue;
            };
            if matches!(found.tier, FactTier::Rank(_) | FactTier::Size(_)) {
                let message = format!("`{}` is about all students together", name.text);
                problems.push(
                    Problem::new(code::CANNOT_SHARE, message)
                        .at(name.start.clone())
                        .and_at(found.place.clone(), "declared here")
                        .help("take it out; facts of the whole population are those of the student alone"),
                );
                continue;
            }
            let twice = facts.iter().find(|fact| fact.entity == id && fact.name == name.text);
            if let Some(twice) = twice {
                let other = twice.shared_at.clone().unwrap_or_else(|| twice.place.clone());
                problems.push(name_twice(entity, name, other));
            } else if is_free(entity, name, problems) {
                facts.push(for_view(found, id, name, schema));
            }
        }
    }
}

/// A fact as another view of the table has it: where it speaks of rows that the original reaches by a relation, those are the rows
/// that the view reaches by its relation of the same name.
fn for_view(fact: FactDeclaration, view: EntityId, name: &Scalar, schema: &Schema) -> FactDeclaration {
    let word_of = |word: &str| {
        let entity = word.trim_matches(['[', ']', '?', ' ']);
        let Some(target) = schema.entity(entity) else { return word.to_owned() };
        if target == fact.entity {
            return word.replacen(entity, &schema[view].name, 1);
        }
        let original = &schema[fact.entity];
        let mut by_same_name =
            original.relations.iter().filter(|relation| relation.target == target).filter_map(|one| {
                let relation = schema[view].relation(&one.name)?;
                Some(schema[view][relation].target)
            });
        match by_same_name.next() {
            Some(target) => word.replacen(entity, &schema[target].name, 1),
            None => word.to_owned(),
        }
    };
    FactDeclaration {
        type_word: (word_of(&fact.type_word.0), fact.type_word.1.clone()),
        given: fact.given.iter().map(|(name, word, place)| (name.clone(), word_of(word), place.clone())).collect(),
        entity: view,
        shared_at: Some(name.start.clone()),
        ..fact
    }
}

/// Whether an entity has no field and no relation of a name yet; else a problem.
fn is_free(entity: &Entity, name: &Scalar, problems: &mut Vec<Problem>) -> bool {
    let relation = entity.relation(&name.text).map(|relation| entity[relation].place.clone());
    let other = relation.or_else(|| entity.field(&name.text).map(|field| entity[field].place.clone()));
    other.is_none_or(|other| {
        problems.push(name_twice(entity, name, other));
        false
    })
}

fn name_twice(entity: &Entity, name: &Scalar, other: problem::Place) -> Problem {
    Problem::new(code::NAME_TWICE, format!("`{}` has two things called `{}`", entity.name, name.text))
        .at(name.start.clone())
        .and_at(other, "the other one")
        .help("take one of them out")
}
