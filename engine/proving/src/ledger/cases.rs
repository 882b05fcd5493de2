//! How many cases are about an element, and whom a population rule excludes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use problem::Place;
use rulebook::places::{Outcome, Spot};
use rulebook::plan::{Body, Node, Op, Plan};
use rulebook::requirements::RequiredRule;

use super::LedgerRule;
use crate::run::{self, Verdict};
use crate::{Suite, Target};

/// The cases of a suite, by what they are about.
pub struct Counted {
    /// Of elements, by the place of their declaration, which the elements of a shared group have in common.
    elements: BTreeMap<Place, usize>,
    /// What the conditions of population rules came to in cases about populations that passed.
    conditions: HashMap<(Spot, Outcome), usize>,
}

impl Counted {
    pub fn of(plan: &Arc<Plan>, suite: &Suite) -> Self {
        let mut counted = Self { elements: BTreeMap::new(), conditions: HashMap::new() };
        for fixture in &suite.fixtures {
            match &fixture.target {
                Target::Element(object, path) => {
                    let nodes = plan.object(object).and_then(|object| mapper::chain(object, path));
                    if let Some(node) = nodes.unwrap_or_default().last() {
                        *counted.elements.entry(node.place.clone()).or_default() += fixture.cases.len();
                    }
                }
                Target::Population(_) => {
                    for case in run::run_recorded(plan, fixture, &|_| true, true) {
                        if !matches!(case.result.verdict, Verdict::Passed) {
                            continue;
                        }
                        for taken in case.taken {
                            *counted.conditions.entry(taken).or_default() += 1;
                        }
                    }
                }
                Target::Fact(_) | Target::Object(_) => {}
            }
        }
        counted
    }

    /// How many cases are about the last of these elements, or one around it. The object itself is around everything.
    pub fn of_elements(&self, nodes: &[&Node]) -> usize {
        let places: HashSet<&Place> = nodes.iter().skip(1).map(|node| &node.place).collect();
        places.into_iter().filter_map(|place| self.elements.get(place)).sum()
    }

    fn of_condition(&self, body: &Body, outcome: Outcome) -> usize {
        self.conditions.get(&(Spot::of_step(&body.expr), outcome)).copied().unwrap_or(0)
    }
}

/// What answers a population rule, and whom it excludes.
pub fn rule(plan: &Plan, required: &RequiredRule, counted: &Counted) -> LedgerRule {
    let conditions: Vec<&Body> = plan
        .objects
        .iter()
        .filter(|object| *object.label == *required.object)
        .flat_map(|object| &object.population)
        .filter(|(ids, _)| ids.contains(&required.id))
        .map(|(_, keep)| keep)
        .collect();
    LedgerRule {
        id: required.id.clone(),
        object: required.object.clone(),
        of_rights: required.of_rights,
        places: conditions.iter().map(|keep| place(keep)).collect(),
        always: conditions.iter().all(|keep| matches!(keep.expr.op, Op::Const(_))),
        excluding: conditions.iter().map(|keep| counted.of_condition(keep, Outcome::DidNotHold)).sum(),
        including: conditions.iter().map(|keep| counted.of_condition(keep, Outcome::Held)).max().unwrap_or(0),
    }
}

/// Where a condition stands.
pub fn place(body: &Body) -> Place {
    Place::new(Arc::clone(&body.file), body.expr.at.line.max(1), body.expr.at.column.max(1), 0)
}
