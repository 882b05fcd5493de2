//! What the parts of a plan read by themselves, so that a change is followed no further than it reaches.
//!
//! A course asks for its sections in one fact, and a section for its course in an object: together that leads from one section to all others
//! of the course, though nothing reads them so. Therefore each fact is followed by itself, and what asks for it only learns for which rows
//! it may be another.

use std::collections::{BTreeMap, BTreeSet};

use graph::{EntityId, RelationId};
use rulebook::functions::Native;
use rulebook::plan::{Const, ObjectPlan, Op, Plan, Value};
use rulebook::steps;
use rulebook::types::Kind;

/// A relation of an entity.
pub(super) type Step = (EntityId, RelationId);

/// What a fact or an object reads by itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    /// The relations that it follows. A fact that gives rows is gone through, so its relations count too.
    pub relations: BTreeSet<Step>,
    /// The facts that it asks for.
    pub facts: BTreeSet<usize>,
}

/// An object with the facts behind it.
#[derive(Clone, Debug)]
pub(super) struct Web {
    pub object: Part,
    /// The facts behind it, each after those that it asks for.
    pub facts: Vec<(usize, Part)>,
}

impl Web {
    /// The parts of an object. None if there is a script among them: what it reads is not known by part.
    pub(super) fn of(plan: &Plan, object: &ObjectPlan) -> Option<Self> {
        let schema = &plan.schema;
        let mut own = Part::default();
        let mut is_known = true;
        steps::of_object(object, &mut |value| is_known &= own.add(plan, value));
        own.facts.extend(&object.rankings);
        // How its rows are found, and what makes somebody a student.
        let mut entity = object.entity;
        while let Some((from, relation)) = schema[entity].reached {
            own.relations.insert((from, relation));
            entity = from;
        }
        own.relations.extend(schema.only_with().map(|relation| (schema.root(), relation)));
        let mut parts: BTreeMap<usize, Part> = BTreeMap::new();
        let mut waiting: Vec<usize> = own.facts.iter().copied().collect();
        while let Some(fact) = waiting.pop() {
            if parts.contains_key(&fact) {
                continue;
            }
            let mut part = Part::default();
            is_known &= part.add(plan, &plan.facts[fact].value);
            waiting.extend(&part.facts);
            parts.insert(fact, part);
        }
        if !is_known {
            return None;
        }
        let mut facts: Vec<(usize, Part)> = Vec::with_capacity(parts.len());
        let mut done: BTreeMap<usize, BTreeSet<Step>> = BTreeMap::new();
        while facts.len() < parts.len() {
            let is_ready = |(fact, part): &(&usize, &Part)| {
                !done.contains_key(*fact) && part.facts.iter().all(|other| done.contains_key(other))
            };
            // The rulebook refuses facts that ask for each other.
            let (fact, part) = parts.iter().find(is_ready)?;
            let mut part = part.clone();
            part.go_through(plan, &done);
            done.insert(*fact, part.relations.clone());
            facts.push((*fact, part));
        }
        own.go_through(plan, &done);
        Some(Self { object: own, facts })
    }
}

impl Part {
    /// Adds what a value reads by itself; false if that is not known.
    fn add(&mut self, plan: &Plan, value: &Value) -> bool {
        steps::of_value(value, &mut |expr| match &expr.op {
            Op::One(_, entity, relation) | Op::Many(_, entity, relation) => {
                self.relations.insert((*entity, *relation));
            }
            Op::Fact(_, fact, _) => {
                self.facts.insert(*fact);
            }
            Op::Call(Native::WeightedMean, arguments) => {
                for argument in arguments {
                    if let Op::Const(Const::Text(name)) = &argument.op {
                        let named = plan.fact_names.iter().filter(|((_, fact), _)| **fact == **name);
                        self.facts.extend(named.map(|(_, fact)| *fact));
                    }
                }
            }
            _ => {}
        });
        !matches!(value, Value::Script(..))
    }

    fn go_through(&mut self, plan: &Plan, done: &BTreeMap<usize, BTreeSet<Step>>) {
        for fact in &self.facts {
            if matches!(plan.facts[*fact].ty.kind, Kind::Row(_) | Kind::Rows(_) | Kind::Any)
                && let Some(relations) = done.get(fact)
            {
                self.relations.extend(relations);
            }
        }
    }
}
