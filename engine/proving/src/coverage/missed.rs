//! The outcomes that no case saw, each with the skeleton of a case that would.

use std::collections::{BTreeMap, HashMap};

use graph::Date;
use rulebook::functions::Native;
use rulebook::places::{Frame, Outcome, Places, Role, Spot, Step, Unit, Way, steps};
use rulebook::plan::{Const, Expr, Node, ObjectPlan, Op, Plan};

use super::{Coverage, words};
use crate::skeleton;
use crate::wants::{Finder, Wanted};

/// An outcome that no case saw.
#[derive(Clone, Debug)]
pub struct Missed {
    /// The decision's index in [`Coverage::decisions`].
    pub decision: usize,
    /// The outcome.
    pub outcome: Outcome,
    /// What is missing, in words.
    pub says: String,
    /// A fixture that would reach it, as far as that can be read from the plan.
    pub skeleton: String,
}

/// Every outcome that no case saw, in the order of the files. `as_of` is the date of the cases that are proposed.
#[must_use]
pub fn missed(plan: &Plan, places: &Places, coverage: &Coverage, as_of: Date) -> Vec<Missed> {
    let mut found: BTreeMap<(usize, usize), Missed> = BTreeMap::new();
    let mut index_of: BTreeMap<usize, usize> = BTreeMap::new();
    for (index, (covered, number)) in coverage.decisions.iter().zip(&coverage.numbers).enumerate() {
        index_of.insert(*number, index);
        for (at, (outcome, cases)) in covered.decision.outcomes.iter().zip(&covered.cases).enumerate() {
            if *cases == 0 {
                let says = if covered.never_reached() && covered.cases.len() > 1 {
                    words::not_reached(&covered.decision)
                } else {
                    words::missing(&covered.decision, *outcome)
                };
                let missed = Missed { decision: index, outcome: *outcome, says, skeleton: String::new() };
                found.insert((index, at), missed);
            }
        }
    }
    let mut proposals = Proposals { plan, places, coverage, as_of, index_of, found, first: HashMap::new() };
    steps(plan, &mut |step| proposals.step(step));
    for fact in 0..plan.facts.len() {
        proposals.propose(Spot::Fact(fact), Outcome::Entered, || {
            skeleton::text(plan, Unit::Fact(fact), as_of, "computes the fact", &Finder::new(plan, as_of).finish())
        });
    }
    for object in &plan.objects {
        for node in object.nodes() {
            proposals.element(object, node);
        }
    }
    proposals.found.into_values().collect()
}

struct Proposals<'p> {
    plan: &'p Plan,
    places: &'p Places,
    coverage: &'p Coverage,
    as_of: Date,
    index_of: BTreeMap<usize, usize>,
    found: BTreeMap<(usize, usize), Missed>,
    /// The first step of each element: its condition, or its value.
    first: HashMap<Spot, First<'p>>,
}

impl<'p> Proposals<'p> {
    /// Proposes a case for an outcome, if it was missed and there is no proposal yet.
    fn propose(&mut self, spot: Spot, outcome: Outcome, text: impl FnOnce() -> String) {
        let index = self.places.find(spot, outcome).and_then(|number| self.index_of.get(&number)).copied();
        let Some(index) = index else { return };
        let outcomes = &self.coverage.decisions[index].decision.outcomes;
        let Some(at) = outcomes.iter().position(|known| *known == outcome) else { return };
        if let Some(missed) = self.found.get_mut(&(index, at))
            && missed.skeleton.is_empty()
        {
            missed.skeleton = text();
        }
    }

    fn step(&mut self, step: &Step<'_, 'p>) {
        let spot = Spot::of_step(step.expr);
        if let Unit::Element(_, node) = step.unit {
            let is_first = match (&node.when, &node.leaf) {
                (Some(when), _) => std::ptr::eq(&when.expr, step.expr),
                _ => step.role != Role::Remark,
            };
            if is_first {
                let first = || First { expr: step.expr, frame: step.frame.clone(), ways: step.ways.to_vec() };
                self.first.entry(Spot::of_element(node)).or_insert_with(first);
            }
        }
        let mut outcomes = vec![
            Outcome::Held,
            Outcome::DidNotHold,
            Outcome::Present,
            Outcome::Absent,
            Outcome::Gave,
            Outcome::Entered,
            Outcome::NoRow,
        ];
        if let Op::Table(_, rows) = &step.expr.op {
            outcomes.extend((0_u32..).take(rows.len()).map(Outcome::Row));
        }
        if let Op::Switch(_, arms) = &step.expr.op {
            outcomes.extend((0_u32..).take(arms.len()).map(Outcome::Row));
        }
        let (plan, as_of) = (self.plan, self.as_of);
        for outcome in outcomes {
            self.propose(spot, outcome, || of_step(plan, step, outcome, as_of));
        }
        match &step.expr.op {
            Op::Lookup(set, code) => self.value_set(*set, step, code),
            // The value set is named by a text.
            Op::Call(Native::ListHasCode | Native::ListHasOther, arguments) => {
                if let [codes, set, _] = &arguments[..]
                    && let Op::Const(Const::Text(name)) = &set.op
                    && let Some(set) = plan.value_sets.iter().position(|set| set.name == **name)
                {
                    self.value_set(set, step, codes);
                }
            }
            Op::Parameter(parameter) => {
                for (period, dated) in (0_u32..).zip(&plan.parameters[*parameter].values) {
                    self.propose(Spot::Parameter(*parameter), Outcome::Period(period), || {
                        let mut finder = Finder::new(plan, dated.from);
                        finder.ways(step.ways);
                        skeleton::text(plan, step.unit, dated.from, "reads the parameter", &finder.finish())
                    });
                }
            }
            _ => {}
        }
        // The code of an element goes through its value set where its value is computed.
        if let Unit::Element(_, Node { leaf: Some(leaf), .. }) = step.unit
            && let Some(set) = leaf.codes
            && let rulebook::plan::Value::Body(body) = &leaf.value
            && std::ptr::eq(&body.expr, step.expr)
        {
            self.value_set(set, step, step.expr);
        }
    }

    fn value_set(&mut self, set: usize, step: &Step<'_, 'p>, code: &Expr) {
        let (plan, as_of) = (self.plan, self.as_of);
        let declared = &plan.value_sets[set];
        let access = step.frame.access(plan, code);
        let mut wanted: Vec<(Outcome, Wanted)> = (0_u32..)
            .zip(&declared.entries)
            .map(|(row, (local, ..))| {
                let local = Const::Text(local.clone());
                (Outcome::Row(row), Wanted::Value(crate::wants::yaml(&local)))
            })
            .collect();
        wanted.push((Outcome::Otherwise, Wanted::Value("\"a code that is not in the set\"".to_owned())));
        wanted.push((Outcome::Blank, Wanted::Absent));
        wanted.push((Outcome::Default, Wanted::Absent));
        for (outcome, wanted) in wanted {
            self.propose(Spot::ValueSet(set), outcome, || {
                let mut finder = Finder::new(plan, as_of);
                finder.ways(step.ways);
                let mut wants = finder.finish();
                if let Some(access) = &access {
                    wants.given.push((access.clone(), wanted));
                }
                skeleton::text(plan, step.unit, as_of, "maps the code", &wants)
            });
        }
    }

    fn element(&mut self, object: &'p ObjectPlan, node: &'p Node) {
        let (plan, as_of) = (self.plan, self.as_of);
        let unit = Unit::Element(object, node);
        let first = self.first.remove(&Spot::of_element(node));
        for outcome in [Outcome::Sent, Outcome::NotSent] {
            let sent = outcome == Outcome::Sent;
            self.propose(Spot::of_element(node), outcome, || {
                let mut finder = Finder::new(plan, as_of);
                if let Some(first) = &first {
                    match (&node.when, &node.leaf) {
                        (Some(_), _) if !sent => finder.outcome(first.expr, &first.frame, Outcome::DidNotHold),
                        (Some(_), _) => finder.outcome(first.expr, &first.frame, Outcome::Held),
                        (None, Some(_)) => {
                            let outcome = if sent { Outcome::Present } else { Outcome::Absent };
                            finder.outcome(first.expr, &first.frame, outcome);
                        }
                        (None, None) => {}
                    }
                    finder.ways(&first.ways);
                }
                let name = if sent { "is sent" } else { "is not sent" };
                skeleton::text(plan, unit, as_of, name, &finder.finish())
            });
        }
    }
}

/// The first step of an element, and what leads to it.
struct First<'p> {
    expr: &'p Expr,
    frame: Frame,
    ways: Vec<Way<'p>>,
}

/// A case in which this comes of a step.
pub(crate) fn of_step(plan: &Plan, step: &Step<'_, '_>, outcome: Outcome, as_of: Date) -> String {
    let mut finder = Finder::new(plan, as_of);
    // What is wanted here comes first: of two wants for one value the first counts.
    finder.of_step(step, outcome);
    finder.ways(step.ways);
    let wants = finder.finish();
    let name = match outcome {
        Outcome::Held => "the condition holds",
        Outcome::DidNotHold => "the condition does not hold",
        Outcome::Present => "there is something",
        Outcome::Absent => "there is nothing",
        _ => "this line decides",
    };
    let text = skeleton::text(plan, step.unit, as_of, name, &wants);
    // A population rule says itself what is expected.
    match (step.role, outcome) {
        (Role::Population, Outcome::DidNotHold) => text.replace(skeleton::EXPECT, "    expect: false\n"),
        _ => text,
    }
}
