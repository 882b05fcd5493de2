//! Paths into what a case gives: `enrollment.grade_level.state_grade`, `student.enrollments.at_oak.end_date`.

use std::sync::Arc;

use graph::FieldType;
use problem::{Place, Problem, code};
use rulebook::plan::Plan;
use rulebook::types::Kind;
use rulebook::yaml::{Key, Kind as Yaml, Node};

use crate::fixture::Target;

/// A path to a single value of what a case gives.
#[derive(Clone, Debug)]
pub struct GivenPath {
    /// As it is written.
    pub key: Key,
    steps: Vec<Step>,
    /// The type of the value; none if it is not a single one.
    pub field_type: Option<FieldType>,
}

#[derive(Clone, Debug)]
enum Step {
    Name(String),
    /// One of several rows, by its name or key.
    Row(String),
}

impl GivenPath {
    /// Reads a path. What is wrong is added to `problems`.
    pub fn read(plan: &Plan, target: &Target, key: &Key, problems: &mut Vec<Problem>) -> Option<Self> {
        let schema = Arc::clone(&plan.schema);
        let mut parts = key.text.split('.');
        let first = parts.next().unwrap_or_default();
        let mut steps = vec![Step::Name(first.to_owned())];
        let given: &[_] = match target {
            Target::Fact(fact) => &plan.facts[*fact].given,
            _ => &[],
        };
        let given = given.iter().find(|(name, _)| name == first).map(|(_, ty)| ty.kind);
        let mut entity = match given {
            Some(Kind::Row(entity)) => entity,
            Some(kind) => {
                let field_type = Some(single(kind));
                return Some(Self { key: key.clone(), steps, field_type });
            }
            None => match schema.entity(first) {
                Some(entity) => entity,
                None => {
                    let names = schema.entities().map(|(_, entity)| entity.name.as_str());
                    let names = names.chain(["name", "as_of", "expect", "expect_problem"]);
                    problems.push(unknown(format!("nothing is called `{first}` here"), first, names, key));
                    return None;
                }
            },
        };
        while let Some(part) = parts.next() {
            let declared = &schema[entity];
            steps.push(Step::Name(part.to_owned()));
            let field_type = if let Some(field) = declared.field(part) {
                Some(declared[field].field_type.clone())
            } else if let Some(relation) = declared.relation(part) {
                let linked = &declared[relation];
                entity = linked.target;
                if linked.many {
                    let Some(row) = parts.next() else { break };
                    steps.push(Step::Row(row.to_owned()));
                }
                continue;
            } else if let Some(fact) = plan.fact_names.get(&(entity, part.to_owned())) {
                Some(single(plan.facts[*fact].ty.kind))
            } else {
                let fields = declared.fields.iter().map(|field| field.name.as_str());
                let relations = declared.relations.iter().map(|relation| relation.name.as_str());
                let facts = plan.fact_names.keys().filter(|(of, _)| *of == entity).map(|(_, name)| name.as_str());
                let message = format!("`{}` has no field, relation or fact `{part}`", declared.name);
                problems.push(unknown(message, part, fields.chain(relations).chain(facts), key));
                return None;
            };
            if let Some(more) = parts.next() {
                let message = format!("`{part}` is a single value and has no `{more}`");
                problems.push(Problem::new(code::BAD_FIXTURE, message).at(key.place.clone()));
                return None;
            }
            return Some(Self { key: key.clone(), steps, field_type });
        }
        // A whole row, written as a row is.
        Some(Self { key: key.clone(), steps, field_type: None })
    }

    /// What a case would give, were this the value at the path.
    #[must_use]
    pub fn give(&self, leaf: Node) -> (Key, Node) {
        let place = leaf.place.clone();
        let mut node = leaf;
        let key = |text: &str| Key { text: text.to_owned(), place: self.key.place.clone() };
        for step in self.steps.iter().skip(1).rev() {
            node = match step {
                Step::Name(name) => map(key(name), node, &place),
                Step::Row(name) => map(key("change"), map(key(name), node, &place), &place),
            };
        }
        let first = match self.steps.first() {
            Some(Step::Name(name) | Step::Row(name)) => name.as_str(),
            None => "",
        };
        (key(first), node)
    }
}

fn map(key: Key, node: Node, place: &Place) -> Node {
    Node { kind: Yaml::Map(vec![(key, node)]), place: place.clone() }
}

fn unknown<'n>(message: String, name: &str, names: impl Iterator<Item = &'n str>, key: &Key) -> Problem {
    // The place of the part alone, so that what is meant can take its place.
    let mut place = key.place.clone();
    let parts = key.text.split('.').take_while(|part| *part != name);
    let small = |number: usize| u32::try_from(number).unwrap_or(0);
    place.column += small(parts.map(|part| part.chars().count() + 1).sum());
    place.length = small(name.chars().count());
    Problem::new(code::UNKNOWN_FIELD, message).at(place).did_you_mean(name, names)
}

/// The type that a single value of a kind is written in.
#[must_use]
pub const fn single(kind: Kind) -> FieldType {
    match kind {
        Kind::Bool => FieldType::Bool,
        Kind::Int => FieldType::Int,
        Kind::Decimal => FieldType::Decimal,
        Kind::Date => FieldType::Date,
        Kind::Time => FieldType::Time,
        Kind::DateTime => FieldType::DateTime,
        _ => FieldType::Text,
    }
}
