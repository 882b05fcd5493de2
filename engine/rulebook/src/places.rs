//! Every place of a plan where something is decided, with what can come of it: for coverage, mutation and explanation.
//!
//! [`Places::of`] lists them in the order of the plan. What `mapper` records while it evaluates is found again by
//! [`Places::find`]. A function that is called from several places is compiled for each, and is one place all the same.

mod access;
mod elements;
mod present;
mod walk;

use std::collections::HashMap;
use std::ptr::from_ref;
use std::sync::Arc;

pub use access::{Access, Frame, Part};
pub use walk::{Reached, Role, Step, Unit, Way, steps};

use crate::plan::{At, Const, Expr, Node, Op, Plan};

/// Where in a plan a decision is taken. A step and an element are named by their address, which holds as long as the plan does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spot {
    /// A step.
    Step(usize),
    /// An element or attribute.
    Element(usize),
    /// A fact, by its number.
    Fact(usize),
    /// A value set, by its number.
    ValueSet(usize),
    /// A parameter, by its number.
    Parameter(usize),
}

impl Spot {
    /// The spot of a step.
    #[must_use]
    pub fn of_step(expr: &Expr) -> Self {
        Self::Step(from_ref(expr).addr())
    }

    /// The spot of an element or attribute.
    #[must_use]
    pub fn of_element(node: &Node) -> Self {
        Self::Element(from_ref(node).addr())
    }
}

/// What came of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// A condition held: of an `if`, an operand of `&&` or `||`, a `where`, a `when`, a population rule.
    Held,
    /// It did not.
    DidNotHold,
    /// What stands before `?.` or `??` was there.
    Present,
    /// It was not.
    Absent,
    /// This row of a decision table, arm of a `switch` or entry of a value set counted, from 0.
    Row(u32),
    /// No row of the table fitted, or nothing maps the code.
    NoRow,
    /// This line gave the value of a body.
    Gave,
    /// A fact was computed, or a function of `rules/shared/` called.
    Entered,
    /// The code stands for itself.
    Identity,
    /// The source's dictionary mapped the code.
    Dictionary,
    /// The code was mapped by `otherwise`.
    Otherwise,
    /// No code was mapped by `blank`.
    Blank,
    /// No code was the Default Value of the source's dictionary.
    Default,
    /// This value of the parameter was used, from 0, the earliest first.
    Period(u32),
    /// A value was used that a case sets for the parameter.
    Set,
    /// The element was sent with something in it.
    Sent,
    /// It was not: left out, or sent empty.
    NotSent,
}

/// What decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// A fact: it is computed, or not.
    Fact,
    /// A function of `rules/shared/` or of a rule's file: it is called, or not.
    Function,
    /// The condition of an `if`.
    If,
    /// An operand of `&&`.
    And,
    /// An operand of `||`.
    Or,
    /// What stands before `?.`.
    Chain,
    /// An operand of `??`.
    Coalesce,
    /// A condition of a selection.
    Where,
    /// The condition of an element.
    When,
    /// A population rule.
    Population,
    /// The condition of a remark.
    Remark,
    /// A row of a decision table.
    TableRow,
    /// A decision table as a whole: no row of it fits.
    Table,
    /// An arm of a `switch`.
    Arm,
    /// A line that gives the value of a body.
    Value,
    /// An entry of a value set.
    Code,
    /// `otherwise` of a value set.
    Otherwise,
    /// `blank` of a value set.
    Blank,
    /// `dictionary_default` of a value set.
    Default,
    /// A dated value of a parameter.
    Period,
    /// An element or attribute.
    Element,
}

/// A place where something is decided.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The file.
    pub file: Arc<str>,
    /// Where in it.
    pub at: At,
    /// What decides.
    pub what: What,
    /// What it is called: an element, a fact, a code, a parameter; empty for a step.
    pub name: Arc<str>,
    /// What can come of it.
    pub outcomes: Vec<Outcome>,
}

/// The decisions of a plan.
#[derive(Debug, Default)]
pub struct Places {
    list: Vec<Decision>,
    found: HashMap<(Spot, Outcome), usize>,
    known: HashMap<(Arc<str>, At, What), usize>,
}

impl Places {
    /// The decisions of a plan, each once, in the order of the plan: facts, objects, value sets, parameters.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let mut places = Self::default();
        for (index, fact) in plan.facts.iter().enumerate() {
            let at = At { line: fact.place.line, column: fact.place.column };
            let name = format!("{}.{}", plan.schema[fact.entity].name, fact.name);
            places.add(Spot::Fact(index), &fact.place.file, at, What::Fact, &name, &[Outcome::Entered]);
        }
        steps(plan, &mut |step| places.step(plan, step));
        for object in &plan.objects {
            elements::add(plan, object, &mut places);
        }
        for (index, set) in plan.value_sets.iter().enumerate() {
            for (row, (local, _, place)) in (0_u32..).zip(&set.entries) {
                let at = At { line: place.line, column: place.column };
                let name = format!("{}.{local}", set.name);
                places.add(Spot::ValueSet(index), &place.file, at, What::Code, &name, &[Outcome::Row(row)]);
            }
            let ends = [
                (&set.otherwise_place, What::Otherwise, Outcome::Otherwise),
                (&set.blank_place, What::Blank, Outcome::Blank),
                (&set.dictionary_default, What::Default, Outcome::Default),
            ];
            for (place, what, outcome) in ends {
                if let Some(place) = place {
                    let at = At { line: place.line, column: place.column };
                    places.add(Spot::ValueSet(index), &place.file, at, what, &set.name, &[outcome]);
                }
            }
        }
        for (index, parameter) in plan.parameters.iter().enumerate() {
            let name = format!("{}.{}", parameter.group, parameter.name);
            for (period, dated) in (0_u32..).zip(&parameter.values) {
                let at = At { line: dated.place.line, column: dated.place.column };
                let spot = Spot::Parameter(index);
                places.add(spot, &dated.place.file, at, What::Period, &name, &[Outcome::Period(period)]);
            }
        }
        places
    }

    /// Every decision.
    #[must_use]
    pub fn decisions(&self) -> &[Decision] {
        &self.list
    }

    /// The number of the decision that something which was recorded belongs to. None for what nobody need see, such as a code
    /// that the source's dictionary maps.
    #[must_use]
    pub fn find(&self, spot: Spot, outcome: Outcome) -> Option<usize> {
        self.found.get(&(spot, outcome)).copied()
    }

    fn add(&mut self, spot: Spot, file: &Arc<str>, at: At, what: What, name: &str, outcomes: &[Outcome]) {
        let list = &mut self.list;
        let index = *self.known.entry((Arc::clone(file), at, what)).or_insert_with(|| {
            list.push(Decision { file: Arc::clone(file), at, what, name: Arc::from(name), outcomes: Vec::new() });
            list.len() - 1
        });
        for outcome in outcomes {
            if !self.list[index].outcomes.contains(outcome) {
                self.list[index].outcomes.push(*outcome);
            }
            self.found.insert((spot, *outcome), index);
        }
    }

    fn step(&mut self, plan: &Plan, step: &Step<'_, '_>) {
        let expr = step.expr;
        let spot = Spot::of_step(expr);
        let condition: &[Outcome] = match &expr.op {
            Op::Const(Const::Bool(true)) => &[Outcome::Held],
            Op::Const(Const::Bool(false)) => &[Outcome::DidNotHold],
            _ => &[Outcome::Held, Outcome::DidNotHold],
        };
        let presence: &[Outcome] = if expr.ty.optional && !present::is_known(plan, step) {
            &[Outcome::Present, Outcome::Absent]
        } else {
            &[Outcome::Present]
        };
        let role = match step.role {
            Role::If => Some((What::If, condition)),
            Role::And => Some((What::And, condition)),
            Role::Or => Some((What::Or, condition)),
            Role::Where => Some((What::Where, condition)),
            Role::When => Some((What::When, condition)),
            Role::Population => Some((What::Population, condition)),
            Role::Remark => Some((What::Remark, condition)),
            Role::Chain => Some((What::Chain, presence)),
            Role::Coalesce => Some((What::Coalesce, presence)),
            Role::Function => Some((What::Function, &[Outcome::Entered][..])),
            Role::Plain => None,
        };
        if let Some((what, outcomes)) = role {
            self.add(spot, step.file, expr.at, what, "", outcomes);
        }
        // An `if` without `else` gives nothing at no line of its own.
        if step.gives_value && expr.at.line > 0 {
            self.add(spot, step.file, expr.at, What::Value, "", &[Outcome::Gave]);
        }
        if let Op::Switch(_, arms) = &expr.op {
            for (number, arm) in (0_u32..).zip(arms) {
                self.add(spot, step.file, arm.at, What::Arm, "", &[Outcome::Row(number)]);
            }
        }
        if let Op::Table(_, rows) = &expr.op {
            for (number, row) in (0_u32..).zip(rows) {
                self.add(spot, step.file, row.at, What::TableRow, "", &[Outcome::Row(number)]);
            }
            if elements::may_fit_no_row(expr, rows) {
                self.add(spot, step.file, expr.at, What::Table, "", &[Outcome::NoRow]);
            }
        }
    }
}
