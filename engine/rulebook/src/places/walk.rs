//! The walk over every step of a plan, with what each is there for and when it is reached.

use std::sync::Arc;

use super::access::{Frame, Part};
use super::{Outcome, Spot};
use crate::plan::{Body, Expr, Node, ObjectPlan, Op, Plan, Ranking, Select, Statement, Value};

/// What a step is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
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
    /// The body of a function.
    Function,
    /// Anything else.
    Plain,
}

/// When a step is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// When this came of that.
    If(Spot, Outcome),
    /// When anything came of that.
    Decided(Spot),
}

/// What a step belongs to.
#[derive(Clone, Copy, Debug)]
pub enum Unit<'p> {
    /// A fact, by its number.
    Fact(usize),
    /// The population rules of an object.
    Population(&'p ObjectPlan),
    /// The remarks about an instance.
    Object(&'p ObjectPlan),
    /// An element or attribute.
    Element(&'p ObjectPlan, &'p Node),
}

/// What must have come of another step, for a step to be reached.
#[derive(Clone, Debug)]
pub struct Way<'p> {
    /// The other step.
    pub expr: &'p Expr,
    /// What must have come of it.
    pub outcome: Outcome,
    /// What its locals hold.
    pub frame: Frame,
}

/// A step on the walk.
#[derive(Clone, Copy)]
pub struct Step<'w, 'p> {
    /// The step.
    pub expr: &'p Expr,
    /// Its file.
    pub file: &'p Arc<str>,
    /// What it is there for.
    pub role: Role,
    /// Whether it is one of several lines that may give the value of their body.
    pub gives_value: bool,
    /// When it is reached.
    pub reached: Reached,
    /// What it belongs to.
    pub unit: Unit<'p>,
    /// What came before it in the same unit.
    pub ways: &'w [Way<'p>],
    /// What its locals hold.
    pub frame: &'w Frame,
}

/// Calls `each` for every step of a plan: facts first, then objects.
pub fn steps<'p>(plan: &'p Plan, each: &mut dyn FnMut(&Step<'_, 'p>)) {
    let mut walk = Walk { plan, each, unit: Unit::Fact(0), ways: Vec::new(), frame: Frame::default() };
    for (index, fact) in plan.facts.iter().enumerate() {
        walk.unit = Unit::Fact(index);
        walk.root(&plan.schema[fact.entity].name, 0);
        for (at, (name, _)) in (1_u16..).zip(&fact.given) {
            walk.frame.bind(at, Some(vec![Part { name: name.clone(), many: false }]));
        }
        walk.value(&fact.value, &fact.place.file, Reached::If(Spot::Fact(index), Outcome::Entered));
    }
    for object in &plan.objects {
        walk.root(&plan.schema[object.entity].name, 0);
        walk.unit = Unit::Population(object);
        for (_, keep) in &object.population {
            walk.condition(keep, Role::Population);
        }
        walk.unit = Unit::Object(object);
        for remark in &object.remarks {
            walk.condition(&remark.when, Role::Remark);
        }
        walk.node(object, &object.root);
    }
}

/// What a tail is: whether what a step gives is what its body gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tail {
    No,
    /// It is the only line that does.
    Only,
    /// It is one of several.
    OneOf,
}

struct Walk<'w, 'p> {
    plan: &'p Plan,
    each: &'w mut dyn FnMut(&Step<'_, 'p>),
    unit: Unit<'p>,
    ways: Vec<Way<'p>>,
    frame: Frame,
}

impl<'p> Walk<'_, 'p> {
    fn root(&mut self, name: &str, local: u16) {
        self.frame = Frame::default();
        self.frame.bind(local, Some(vec![Part { name: name.to_owned(), many: false }]));
    }

    fn node(&mut self, object: &'p ObjectPlan, node: &'p Node) {
        self.unit = Unit::Element(object, node);
        let element = Reached::Decided(Spot::of_element(node));
        let ways = self.ways.len();
        if let Some(each) = &node.each {
            self.body(&each.rows, element);
            // The row of a repeated element is given beside the others, by the name of its entity.
            let name = self.plan.schema[each.entity].name.clone();
            self.frame.bind(each.local, Some(vec![Part { name, many: false }]));
        }
        for remark in &node.remarks {
            self.condition(&remark.when, Role::Remark);
        }
        let mut reached = element;
        if let Some(when) = &node.when {
            self.condition(when, Role::When);
            reached = Reached::If(Spot::of_step(&when.expr), Outcome::Held);
            self.way(&when.expr, Outcome::Held);
        }
        if let Some(leaf) = &node.leaf {
            self.value(&leaf.value, &node.place.file, reached);
        }
        for child in &node.children {
            self.node(object, child);
        }
        self.ways.truncate(ways);
    }

    fn value(&mut self, value: &'p Value, file: &'p Arc<str>, reached: Reached) {
        match value {
            Value::Body(body) => self.body(body, reached),
            Value::Select(select) => self.select(select, reached),
            Value::Script(_, inputs, _) => {
                inputs.iter().for_each(|input| self.plain(input, file, reached));
            }
            Value::Ranking(ranking) => self.ranking(ranking),
        }
    }

    fn condition(&mut self, body: &'p Body, role: Role) {
        let reached = Reached::Decided(Spot::of_step(&body.expr));
        self.step(&body.expr, &body.file, role, Tail::No, reached);
    }

    fn body(&mut self, body: &'p Body, reached: Reached) {
        self.step(&body.expr, &body.file, Role::Plain, Tail::Only, reached);
    }

    fn select(&mut self, select: &'p Select, reached: Reached) {
        let file = &select.file;
        let ways = self.ways.len();
        self.plain(&select.path.start, file, reached);
        let start = self.frame.access(self.plan, &select.path.start);
        self.frame.bind(select.path.start_local, start);
        for step in &select.path.steps {
            self.plain(&step.expr, file, reached);
            let access = self.frame.access(self.plan, &step.expr);
            self.frame.bind(step.local, access);
        }
        let mut kept = reached;
        for condition in &select.conditions {
            let spot = Spot::of_step(&condition.expr);
            self.step(&condition.expr, file, Role::Where, Tail::No, Reached::Decided(spot));
            kept = Reached::If(spot, Outcome::Held);
            self.way(&condition.expr, Outcome::Held);
        }
        for (by, ..) in &select.order {
            self.plain(by, file, kept);
        }
        for expr in [&select.distinct, &select.of, &select.then].into_iter().flatten() {
            self.plain(expr, file, kept);
        }
        self.ways.truncate(ways);
        if let Some(also) = &select.also {
            self.plain(also, file, reached);
        }
        if let Some(otherwise) = &select.otherwise {
            let reached = Reached::If(Spot::of_step(otherwise), Outcome::Gave);
            self.step(otherwise, file, Role::Plain, Tail::OneOf, reached);
        }
    }

    fn ranking(&mut self, ranking: &'p Ranking) {
        let who = &ranking.who.expr;
        self.condition(&ranking.who, Role::Where);
        self.way(who, Outcome::Held);
        let ranked = Reached::If(Spot::of_step(who), Outcome::Held);
        for body in ranking.by.iter().chain([&ranking.of]) {
            self.plain(&body.expr, &body.file, ranked);
        }
        self.ways.pop();
    }

    fn way(&mut self, expr: &'p Expr, outcome: Outcome) {
        self.ways.push(Way { expr, outcome, frame: self.frame.clone() });
    }

    fn plain(&mut self, expr: &'p Expr, file: &'p Arc<str>, reached: Reached) {
        self.step(expr, file, Role::Plain, Tail::No, reached);
    }

    fn step(&mut self, expr: &'p Expr, file: &'p Arc<str>, role: Role, tail: Tail, reached: Reached) {
        // What only chooses among others gives no value of its own; `return` does, wherever it stands.
        let chooses = matches!(expr.op, Op::If(..) | Op::Block(_));
        let returns = matches!(expr.op, Op::Return(_));
        let gives_value = returns || (tail == Tail::OneOf && !chooses);
        (self.each)(&Step {
            expr,
            file,
            role,
            gives_value,
            reached,
            unit: self.unit,
            ways: &self.ways,
            frame: &self.frame,
        });
        match &expr.op {
            Op::Const(_) | Op::Local(_) | Op::AsOf | Op::Zone(_) | Op::Parameter(_) => {}
            Op::Field(inner, ..)
            | Op::One(inner, ..)
            | Op::Many(inner, ..)
            | Op::Not(inner)
            | Op::OneOf(inner, _)
            | Op::Return(inner)
            | Op::Lookup(_, inner) => self.plain(inner, file, reached),
            Op::Fact(row, _, arguments) => {
                self.plain(row, file, reached);
                self.all(arguments, file, reached);
            }
            Op::IfPresent(value, local, then) => {
                let spot = Spot::of_step(value);
                self.step(value, file, Role::Chain, Tail::No, Reached::Decided(spot));
                let access = self.frame.access(self.plan, value);
                self.frame.bind(*local, access);
                self.way(value, Outcome::Present);
                self.plain(then, file, Reached::If(spot, Outcome::Present));
                self.ways.pop();
            }
            Op::ActiveOn(a, _, b) | Op::Compare(_, a, b) | Op::Arithmetic(_, a, b) | Op::InList(a, b) => {
                self.plain(a, file, reached);
                self.plain(b, file, reached);
            }
            Op::And(all) => self.operands(all, file, Role::And, Outcome::Held),
            Op::Or(all) => self.operands(all, file, Role::Or, Outcome::DidNotHold),
            Op::Coalesce(all) => self.operands(all, file, Role::Coalesce, Outcome::Absent),
            Op::Call(_, all) | Op::Table(all, _) => self.all(all, file, reached),
            Op::If(condition, then, otherwise) => {
                let spot = Spot::of_step(condition);
                let tail = if tail == Tail::Only { Tail::OneOf } else { tail };
                self.step(condition, file, Role::If, Tail::No, Reached::Decided(spot));
                for (branch, outcome) in [(then, Outcome::Held), (otherwise, Outcome::DidNotHold)] {
                    self.way(condition, outcome);
                    self.step(branch, file, Role::Plain, tail, Reached::If(spot, outcome));
                    self.ways.pop();
                }
            }
            Op::Switch(subject, arms) => {
                self.plain(subject, file, reached);
                for (number, arm) in (0_u32..).zip(arms) {
                    if let Some(guard) = &arm.guard {
                        self.step(guard, file, Role::If, Tail::No, Reached::Decided(Spot::of_step(guard)));
                    }
                    let taken = Outcome::Row(number);
                    self.way(expr, taken);
                    self.plain(&arm.then, file, Reached::If(Spot::of_step(expr), taken));
                    self.ways.pop();
                }
            }
            Op::Block(statements) => self.block(statements, file, tail, reached),
            Op::Shared(body, arguments) => self.shared(body, arguments, file, reached),
        }
    }

    fn shared(&mut self, body: &'p Body, arguments: &'p [Expr], file: &'p Arc<str>, reached: Reached) {
        self.all(arguments, file, reached);
        let mut inner = Frame::default();
        for (local, argument) in (0_u16..).zip(arguments) {
            inner.bind(local, self.frame.access(self.plan, argument));
        }
        let outer = std::mem::replace(&mut self.frame, inner);
        let entered = Reached::If(Spot::of_step(&body.expr), Outcome::Entered);
        self.step(&body.expr, &body.file, Role::Function, Tail::Only, entered);
        self.frame = outer;
    }

    fn operands(&mut self, all: &'p [Expr], file: &'p Arc<str>, role: Role, goes_on: Outcome) {
        let ways = self.ways.len();
        for operand in all {
            self.step(operand, file, role, Tail::No, Reached::Decided(Spot::of_step(operand)));
            self.way(operand, goes_on);
        }
        self.ways.truncate(ways);
    }

    fn all(&mut self, all: &'p [Expr], file: &'p Arc<str>, reached: Reached) {
        all.iter().for_each(|expr| self.plain(expr, file, reached));
    }

    fn block(&mut self, statements: &'p [Statement], file: &'p Arc<str>, tail: Tail, reached: Reached) {
        let (mut reached, mut tail) = (reached, tail);
        let ways = self.ways.len();
        for (at, statement) in statements.iter().enumerate() {
            match statement {
                Statement::Let(local, value) => {
                    self.plain(value, file, reached);
                    let access = self.frame.access(self.plan, value);
                    self.frame.bind(*local, access);
                }
                Statement::Expr(expr) => {
                    let last = at + 1 == statements.len();
                    self.step(expr, file, Role::Plain, if last { tail } else { Tail::No }, reached);
                    // What stands after `if … { return … }` is reached when the condition does not hold.
                    if let Op::If(condition, then, _) = &expr.op
                        && leaves(then)
                    {
                        reached = Reached::If(Spot::of_step(condition), Outcome::DidNotHold);
                        self.way(condition, Outcome::DidNotHold);
                        if tail == Tail::Only {
                            tail = Tail::OneOf;
                        }
                    }
                }
            }
        }
        self.ways.truncate(ways);
    }
}

/// Whether a branch always returns.
fn leaves(expr: &Expr) -> bool {
    match &expr.op {
        Op::Return(_) => true,
        Op::Block(statements) => matches!(statements.last(), Some(Statement::Expr(last)) if leaves(last)),
        Op::If(_, then, otherwise) => leaves(then) && leaves(otherwise),
        _ => false,
    }
}
