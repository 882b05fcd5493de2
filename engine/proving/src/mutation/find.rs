//! Finds every change that is tried, in a fixed order: steps, selections, elements, population rules, value sets, parameters.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use graph::Date;
use rulebook::places::{Access, Frame, Outcome, Reached, Spot, Step, Unit, Way, steps};
use rulebook::plan::{At, Compare, Const, Expr, Op, Plan, Value};

use super::change::{Change, Edit};
use super::steps::{Texts, edits};
use super::{Mutant, Notice, codes, selections};
use crate::skeleton;
use crate::wants::{Finder, Wanted, Wants};

/// Every change of a plan that is tried. `as_of` is the date of the cases that are proposed.
#[must_use]
pub fn mutants(plan: &Plan, as_of: Date) -> Vec<Mutant> {
    let mut search = Search { plan, as_of, found: Vec::new(), known: HashMap::new(), met: BTreeMap::new() };
    let texts = texts(plan);
    steps(plan, &mut |step| {
        for (edit, says, notice, look_at) in edits(step, &texts) {
            // A row of a table stands at a place of its own.
            let at = match (&edit, &step.expr.op) {
                (Edit::Row(row, _) | Edit::Result(row, ..) | Edit::Cell(row, ..), Op::Table(_, rows)) => rows[*row].at,
                _ => step.expr.at,
            };
            let change = Change::Step(Arc::clone(step.file), step.expr.at, edit);
            search.step(step, at, change, says, (notice, look_at.unwrap_or(step.expr)));
        }
        search.remember(step);
    });
    search.selections();
    search.rankings();
    search.objects();
    search.codes();
    search.found
}

/// The texts of each file, in its order, each once.
fn texts(plan: &Plan) -> Texts {
    let mut texts = Texts::new();
    steps(plan, &mut |step| {
        let mut add = |constant: &Const| {
            if let Const::Text(text) = constant {
                let known = texts.entry(Arc::clone(step.file)).or_default();
                if !known.contains(text) {
                    known.push(Arc::clone(text));
                }
            }
        };
        match &step.expr.op {
            Op::Const(constant) => add(constant),
            Op::OneOf(_, constants) => constants.iter().for_each(add),
            _ => {}
        }
    });
    texts
}

/// What leads to a step, and what its locals hold.
struct Met<'p> {
    frame: Frame,
    ways: Vec<Way<'p>>,
}

struct Search<'p> {
    plan: &'p Plan,
    as_of: Date,
    found: Vec<Mutant>,
    /// Changes that were found: those of one place are one.
    known: HashMap<String, usize>,
    /// Where steps stand, for the cases that are proposed.
    met: BTreeMap<Spot, Met<'p>>,
}

impl<'p> Search<'p> {
    fn add(&mut self, place: (Arc<str>, At), says: String, change: Change, reached: Reached, case: (String, String)) {
        // One change of one place is the same, though the function was compiled several times.
        let key = format!("{}:{}:{}:{change:?}", place.0, place.1.line, place.1.column);
        if let Some(known) = self.known.get(&key) {
            let mutant = &mut self.found[*known];
            if !mutant.reached.contains(&reached) {
                mutant.reached.push(reached);
            }
            return;
        }
        self.known.insert(key, self.found.len());
        let (head, skeleton) = case;
        self.found.push(Mutant { file: place.0, at: place.1, says, change, reached: vec![reached], head, skeleton });
    }

    fn step(
        &mut self,
        step: &Step<'_, 'p>,
        at: At,
        change: Change,
        says: String,
        (notice, look_at): (Notice, &'p Expr),
    ) {
        let mut finder = Finder::new(self.plan, self.as_of);
        match (notice, &look_at.op) {
            (Notice::Outcome(outcome), _) => finder.outcome(look_at, step.frame, outcome),
            (Notice::Border, Op::Compare(_, a, b)) => finder.equal(a, b, step.frame),
            _ => finder.reads(look_at, step.frame),
        }
        finder.ways(step.ways);
        let case = self.case(step.unit, finder.finish());
        self.add((Arc::clone(step.file), at), says, change, step.reached, case);
    }

    fn case(&self, unit: Unit<'p>, wants: Wants) -> (String, String) {
        self.case_on(unit, wants, self.as_of)
    }

    fn case_on(&self, unit: Unit<'p>, wants: Wants, as_of: Date) -> (String, String) {
        let text = skeleton::text(self.plan, unit, as_of, "notices the change", &wants);
        (skeleton::head(self.plan, unit), text)
    }

    fn remember(&mut self, step: &Step<'_, 'p>) {
        let met = || Met { frame: step.frame.clone(), ways: step.ways.to_vec() };
        self.met.entry(Spot::of_step(step.expr)).or_insert_with(met);
    }

    /// The wants of a case in which something comes of a step that was met on the walk.
    fn wants(&self, expr: &Expr, outcome: Option<Outcome>) -> Wants {
        let mut finder = Finder::new(self.plan, self.as_of);
        if let Some(met) = self.met.get(&Spot::of_step(expr)) {
            match outcome {
                Some(outcome) => finder.outcome(expr, &met.frame, outcome),
                None => finder.reads(expr, &met.frame),
            }
            finder.ways(&met.ways);
        }
        finder.finish()
    }

    fn selections(&mut self) {
        let plan = self.plan;
        for (index, fact) in plan.facts.iter().enumerate() {
            let Value::Select(select) = &fact.value else { continue };
            // A fact that several views of a table share is changed for all of them.
            let first = plan.facts.iter().position(|other| other.place == fact.place).unwrap_or(index);
            for (edit, at, says, look_at) in selections::of_selection(plan, select) {
                let wants = match look_at {
                    Some(expr) => self.wants(expr, Some(Outcome::DidNotHold)),
                    None => self.wants(&select.path.start, None),
                };
                let reached = Reached::If(Spot::Fact(index), Outcome::Entered);
                let case = self.case(Unit::Fact(index), wants);
                self.add((Arc::clone(&select.file), at), says, Change::Selection(first, edit), reached, case);
            }
        }
    }

    fn rankings(&mut self) {
        let plan = self.plan;
        for (index, fact) in plan.facts.iter().enumerate() {
            let Value::Ranking(ranking) = &fact.value else { continue };
            for (edit, body, says) in selections::of_ranking(ranking) {
                let wants = self.wants(&ranking.who.expr, Some(Outcome::DidNotHold));
                // The fact that counts those who are ranked notices it too.
                let reached = Reached::If(Spot::Fact(index), Outcome::Entered);
                let case = self.case(Unit::Fact(index), wants);
                let change = Change::Ranking(ranking.of_fact, edit);
                self.add((Arc::clone(&body.file), body.expr.at), says, change, reached, case);
            }
        }
    }

    fn objects(&mut self) {
        let plan = self.plan;
        for (number, object) in plan.objects.iter().enumerate() {
            for node in object.nodes() {
                for (edit, says) in selections::of_element(node) {
                    let at = At { line: node.place.line, column: node.place.column };
                    let wants = match (&node.when, &node.leaf) {
                        (Some(when), _) => self.wants(&when.expr, Some(Outcome::DidNotHold)),
                        _ => Wants::default(),
                    };
                    let case = self.case(Unit::Element(object, node), wants);
                    let change = Change::Element(number, Arc::clone(&node.path), edit);
                    let reached = Reached::Decided(Spot::of_element(node));
                    self.add((Arc::clone(&node.place.file), at), says, change, reached, case);
                }
            }
            for (rule, (_, keep)) in object.population.iter().enumerate() {
                // A rule that keeps every row says nothing.
                if matches!(keep.expr.op, Op::Const(_)) {
                    continue;
                }
                let wants = self.wants(&keep.expr, Some(Outcome::DidNotHold));
                let case = self.case(Unit::Population(object), wants);
                let reached = Reached::Decided(Spot::of_step(&keep.expr));
                let says = "the population rule was dropped".to_owned();
                self.add((Arc::clone(&keep.file), keep.expr.at), says, Change::Population(number, rule), reached, case);
            }
        }
    }

    fn codes(&mut self) {
        let proposals = self.users();
        for found in codes::find(self.plan) {
            let at = At { line: found.place.line, column: found.place.column };
            let case = match proposals.get(&found.spot) {
                Some((unit, access)) => {
                    let mut wants = Wants::default();
                    if let (Some(access), Some(code)) = (access, found.code) {
                        wants.given.push((access.clone(), Wanted::Value(code)));
                    }
                    self.case_on(*unit, wants, found.date.unwrap_or(self.as_of))
                }
                None => (String::new(), String::new()),
            };
            self.add((Arc::clone(&found.place.file), at), found.says, found.change, found.reached, case);
        }
    }

    /// Who uses each value set and parameter first.
    fn users(&self) -> HashMap<Spot, (Unit<'p>, Option<Access>)> {
        let mut users = HashMap::new();
        steps(self.plan, &mut |step| {
            match &step.expr.op {
                Op::Lookup(set, code) => {
                    let access = step.frame.access(self.plan, code);
                    users.entry(Spot::ValueSet(*set)).or_insert((step.unit, access));
                }
                Op::Parameter(parameter) => {
                    users.entry(Spot::Parameter(*parameter)).or_insert((step.unit, None));
                }
                _ => {}
            }
            // The code of an element goes through its value set where its value is computed.
            if let Unit::Element(_, node) = step.unit
                && let Some(leaf) = &node.leaf
                && let Some(set) = leaf.codes
                && matches!(&leaf.value, Value::Body(body) if std::ptr::eq(&body.expr, step.expr))
            {
                let access = step.frame.access(self.plan, step.expr);
                users.entry(Spot::ValueSet(set)).or_insert((step.unit, access));
            }
        });
        users
    }
}

impl Finder<'_> {
    /// What makes two sides of a comparison equal.
    pub(crate) fn equal(&mut self, a: &Expr, b: &Expr, frame: &Frame) {
        let equal = Expr {
            op: Op::Compare(Compare::Equal, Box::new(a.clone()), Box::new(b.clone())),
            ty: rulebook::types::Type::of(rulebook::types::Kind::Bool),
            at: a.at,
        };
        self.outcome(&equal, frame, Outcome::Held);
    }
}
