//! The walk over every step of a plan, with what each is there for and when it is reached.

use std::sync::Arc;

use super::{Outcome, Spot};
use crate::plan::{Body, Expr, Node, Op, Plan, Select, Statement, Value};

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

/// A step on the walk.
#[derive(Clone, Copy)]
pub struct Step<'p> {
    /// The step.
    pub expr: &'p Expr,
    /// Its file.
    pub file: &'p Arc<str>,
    /// What it is there for.
    pub role: Role,
    /// Whether it gives the value of its body.
    pub gives_value: bool,
    /// When it is reached.
    pub reached: Reached,
}

/// Calls `each` for every step of a plan: facts first, then objects.
pub fn steps<'p>(plan: &'p Plan, each: &mut dyn FnMut(&Step<'p>)) {
    let mut walk = Walk { each };
    for (index, fact) in plan.facts.iter().enumerate() {
        walk.value(&fact.value, &fact.place.file, Reached::If(Spot::Fact(index), Outcome::Entered));
    }
    for object in &plan.objects {
        for (_, keep) in &object.population {
            walk.condition(keep, Role::Population);
        }
        for remark in &object.remarks {
            walk.condition(&remark.when, Role::Remark);
        }
        for node in object.nodes() {
            walk.node(node);
        }
    }
}

struct Walk<'w, 'p> {
    each: &'w mut dyn FnMut(&Step<'p>),
}

impl<'p> Walk<'_, 'p> {
    fn node(&mut self, node: &'p Node) {
        let element = Reached::Decided(Spot::of_element(node));
        for remark in &node.remarks {
            self.condition(&remark.when, Role::Remark);
        }
        if let Some(each) = &node.each {
            self.body(&each.rows, element);
        }
        let mut reached = element;
        if let Some(when) = &node.when {
            self.condition(when, Role::When);
            reached = Reached::If(Spot::of_step(&when.expr), Outcome::Held);
        }
        if let Some(leaf) = &node.leaf {
            self.value(&leaf.value, &node.place.file, reached);
        }
    }

    fn value(&mut self, value: &'p Value, file: &'p Arc<str>, reached: Reached) {
        match value {
            Value::Body(body) => self.body(body, reached),
            Value::Select(select) => self.select(select, reached),
            Value::Script(_, inputs, _) => {
                inputs.iter().for_each(|input| self.plain(input, file, reached));
            }
        }
    }

    fn condition(&mut self, body: &'p Body, role: Role) {
        let reached = Reached::Decided(Spot::of_step(&body.expr));
        self.step(&body.expr, &body.file, role, false, reached);
    }

    fn body(&mut self, body: &'p Body, reached: Reached) {
        self.step(&body.expr, &body.file, Role::Plain, true, reached);
    }

    fn select(&mut self, select: &'p Select, reached: Reached) {
        let file = &select.file;
        self.plain(&select.path.start, file, reached);
        for step in &select.path.steps {
            self.plain(&step.expr, file, reached);
        }
        let mut kept = reached;
        for condition in &select.conditions {
            let spot = Spot::of_step(&condition.expr);
            self.step(&condition.expr, file, Role::Where, false, Reached::Decided(spot));
            kept = Reached::If(spot, Outcome::Held);
        }
        for (by, ..) in &select.order {
            self.plain(by, file, kept);
        }
        for expr in [&select.distinct, &select.of, &select.then].into_iter().flatten() {
            self.plain(expr, file, kept);
        }
        if let Some(otherwise) = &select.otherwise {
            self.step(otherwise, file, Role::Plain, true, Reached::If(Spot::of_step(otherwise), Outcome::Gave));
        }
    }

    fn plain(&mut self, expr: &'p Expr, file: &'p Arc<str>, reached: Reached) {
        self.step(expr, file, Role::Plain, false, reached);
    }

    fn step(&mut self, expr: &'p Expr, file: &'p Arc<str>, role: Role, tail: bool, reached: Reached) {
        // What only chooses among others gives no value of its own; `return` does, wherever it stands.
        let chooses = matches!(expr.op, Op::If(..) | Op::Block(_) | Op::Return(_));
        let gives_value = (tail && !chooses) || matches!(expr.op, Op::Return(_));
        (self.each)(&Step { expr, file, role, gives_value, reached });
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
            Op::IfPresent(value, _, then) => {
                let spot = Spot::of_step(value);
                self.step(value, file, Role::Chain, false, Reached::Decided(spot));
                self.plain(then, file, Reached::If(spot, Outcome::Present));
            }
            Op::ActiveOn(a, _, b) | Op::Compare(_, a, b) | Op::Arithmetic(_, a, b) | Op::InList(a, b) => {
                self.plain(a, file, reached);
                self.plain(b, file, reached);
            }
            Op::And(all) => self.operands(all, file, Role::And),
            Op::Or(all) => self.operands(all, file, Role::Or),
            Op::Coalesce(all) => self.operands(all, file, Role::Coalesce),
            Op::Call(_, all) | Op::Table(all, _) => self.all(all, file, reached),
            Op::If(condition, then, otherwise) => {
                let spot = Spot::of_step(condition);
                self.step(condition, file, Role::If, false, Reached::Decided(spot));
                self.step(then, file, Role::Plain, tail, Reached::If(spot, Outcome::Held));
                self.step(otherwise, file, Role::Plain, tail, Reached::If(spot, Outcome::DidNotHold));
            }
            Op::Block(statements) => self.block(statements, file, tail, reached),
            Op::Shared(body, arguments) => {
                self.all(arguments, file, reached);
                let entered = Reached::If(Spot::of_step(&body.expr), Outcome::Entered);
                self.step(&body.expr, &body.file, Role::Function, true, entered);
            }
        }
    }

    fn operands(&mut self, all: &'p [Expr], file: &'p Arc<str>, role: Role) {
        for operand in all {
            self.step(operand, file, role, false, Reached::Decided(Spot::of_step(operand)));
        }
    }

    fn all(&mut self, all: &'p [Expr], file: &'p Arc<str>, reached: Reached) {
        all.iter().for_each(|expr| self.plain(expr, file, reached));
    }

    fn block(&mut self, statements: &'p [Statement], file: &'p Arc<str>, tail: bool, reached: Reached) {
        let mut reached = reached;
        for (at, statement) in statements.iter().enumerate() {
            match statement {
                Statement::Let(_, value) => self.plain(value, file, reached),
                Statement::Expr(expr) => {
                    let last = at + 1 == statements.len();
                    self.step(expr, file, Role::Plain, tail && last, reached);
                    // What stands after `if … { return … }` is reached when the condition does not hold.
                    if let Op::If(condition, then, _) = &expr.op
                        && leaves(then)
                    {
                        reached = Reached::If(Spot::of_step(condition), Outcome::DidNotHold);
                    }
                }
            }
        }
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
