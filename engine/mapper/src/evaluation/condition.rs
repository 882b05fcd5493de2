//! Whether conditions hold, without making values where that can be helped.

use std::rc::Rc;

use graph::{Cell, EntityId, Row};
use rulebook::functions::Native;
use rulebook::plan::{Body, Compare, Const, Expr, Op, Value as How};

use super::Evaluation;
use super::compare::{compare_cells, equals_const_cell};
use super::near::Near;
use crate::fault::{Fault, Step};
use crate::value::Value;

/// Facts with so many locals as this still compute on the stack.
const MANY: usize = 10;

pub(super) fn not_a_condition<T>() -> Step<T> {
    Err(Fault::Operation("a condition is neither true nor false").into())
}

impl Evaluation {
    /// Whether a condition holds; one that is absent does not.
    ///
    /// # Errors
    /// Why that cannot be said.
    pub fn holds(&self, condition: &Body, frame: &mut Vec<Value>) -> Result<bool, Rc<Fault>> {
        if frame.len() < usize::from(condition.locals) {
            frame.resize(usize::from(condition.locals), Value::Absent);
        }
        let holds = if condition.expr.ty.optional {
            self.outcome(&condition.expr, frame).map(|value| matches!(value, Value::Bool(true)))
        } else {
            match self.bool(&condition.expr, frame) {
                Ok(holds) => Ok(holds),
                Err(stop) => self.settled(Err(stop)).map(|value| matches!(value, Value::Bool(true))),
            }
        }?;
        self.decided(&condition.expr, holds);
        Ok(holds)
    }

    /// Whether a condition holds.
    pub(super) fn bool(&self, expr: &Expr, frame: &mut [Value]) -> Step<bool> {
        match &expr.op {
            Op::Compare(compare, a, b) => {
                if let Some(left) = self.cell(a, frame)
                    && let Some(right) = self.cell(b, frame)
                    && let Some(holds) = compare_cells(*compare, left, right)
                {
                    return Ok(holds);
                }
                self.compare_far(*compare, a, b, frame)
            }
            Op::And(all) => {
                for inner in all {
                    let holds = self.bool(inner, frame)?;
                    self.decided(inner, holds);
                    if !holds {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Op::Or(all) => {
                for inner in all {
                    let holds = self.bool(inner, frame)?;
                    self.decided(inner, holds);
                    if holds {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Op::Not(inner) => Ok(!self.bool(inner, frame)?),
            Op::Fact(row, fact, arguments) => {
                if arguments.is_empty() {
                    if let Some(Cell::Bool(yes)) = self.cell(expr, frame) {
                        return Ok(yes);
                    }
                } else if let Some(body) = self.expression_of(*fact) {
                    let step = self.inside(row, body, arguments, frame, Self::bool);
                    return self.settled_condition(step);
                }
                self.bool_far(expr, frame)
            }
            Op::ActiveOn(row, entity, date) => {
                let row = self.row(row, frame)?;
                let date = match self.cell(date, frame) {
                    Some(Cell::Date(date)) => date,
                    _ => match self.eval(date, frame)? {
                        Value::Date(date) => date,
                        _ => return Err(Fault::Operation("`active_on` was given no date").into()),
                    },
                };
                self.active_on(row, *entity, date)
            }
            Op::OneOf(value, constants) => {
                if let Some(cell) = self.cell(value, frame)
                    && !matches!(cell, Cell::Bad)
                {
                    return Ok(constants.iter().any(|constant| equals_const_cell(cell, constant)));
                }
                let value = self.eval(value, frame)?;
                Ok(constants.iter().any(|constant| self.equals_const(&value, constant)))
            }
            Op::If(condition, then, otherwise) => {
                let holds = self.bool(condition, frame)?;
                self.decided(condition, holds);
                if holds { self.bool(then, frame) } else { self.bool(otherwise, frame) }
            }
            Op::Coalesce(all) => {
                for inner in all {
                    let found = self.bool_if_any(inner, frame)?;
                    self.found(inner, found.is_some());
                    if let Some(yes) = found {
                        return Ok(yes);
                    }
                }
                not_a_condition()
            }
            Op::Const(Const::Bool(yes)) => Ok(*yes),
            Op::Call(Native::DaysContains, arguments) => match self.known_days(arguments, frame) {
                Some(contains) => Ok(contains),
                None => self.bool_far(expr, frame),
            },
            Op::InList(value, list) => self.in_list(value, list, frame),
            Op::Field(..) => match self.cell(expr, frame) {
                Some(Cell::Bool(yes)) => Ok(yes),
                _ => self.bool_far(expr, frame),
            },
            _ => self.bool_far(expr, frame),
        }
    }

    /// Whether a set of dates that is known already contains a date that is near.
    fn known_days(&self, arguments: &[Expr], frame: &[Value]) -> Option<bool> {
        let [days, date] = arguments else { return None };
        let Op::Fact(row, fact, given) = &days.op else { return None };
        let Some(Cell::Date(date)) = self.cell(date, frame) else { return None };
        if !given.is_empty() || self.watched.get() {
            return None;
        }
        let Near::Row(row) = self.near(row, frame) else { return None };
        match self.known(*fact, row) {
            Ok(Value::Days(days)) => Some(days.contains(date)),
            _ => None,
        }
    }

    #[inline(never)]
    fn bool_far(&self, expr: &Expr, frame: &mut [Value]) -> Step<bool> {
        match self.eval(expr, frame)? {
            Value::Bool(yes) => Ok(yes),
            _ => not_a_condition(),
        }
    }

    #[inline(never)]
    fn compare_far(&self, compare: Compare, a: &Expr, b: &Expr, frame: &mut [Value]) -> Step<bool> {
        // Whether there is a row at all.
        if let (Compare::Equal | Compare::NotEqual, Op::Const(Const::Absent)) = (compare, &b.op) {
            match self.near(a, frame) {
                Near::Row(_) => return Ok(compare == Compare::NotEqual),
                Near::Absent => return Ok(compare == Compare::Equal),
                Near::Far => {}
            }
        }
        let a = self.eval(a, frame)?;
        let b = self.eval(b, frame)?;
        self.compare(compare, &a, &b)
    }

    /// A condition that may be absent.
    fn bool_if_any(&self, expr: &Expr, frame: &mut [Value]) -> Step<Option<bool>> {
        match &expr.op {
            Op::IfPresent(value, local, then) => match self.near(value, frame) {
                Near::Absent => {
                    self.found(value, false);
                    return Ok(None);
                }
                Near::Row(row) => {
                    self.found(value, true);
                    frame[usize::from(*local)] = Value::Row(row);
                    return self.bool_if_any(then, frame);
                }
                Near::Far => {}
            },
            _ if !expr.ty.optional => return self.bool(expr, frame).map(Some),
            _ => match self.cell(expr, frame) {
                Some(Cell::Absent) => return Ok(None),
                Some(Cell::Bool(yes)) => return Ok(Some(yes)),
                _ => {}
            },
        }
        match self.eval(expr, frame)? {
            Value::Absent => Ok(None),
            Value::Bool(yes) => Ok(Some(yes)),
            _ => not_a_condition(),
        }
    }

    /// The expression of a fact that is nothing else, unless somebody watches: then each fact is entered and left.
    pub(super) fn expression_of(&self, fact: usize) -> Option<&Body> {
        match &self.plan.facts[fact].value {
            How::Body(body) if usize::from(body.locals) <= MANY && !self.watched.get() => Some(body),
            _ => None,
        }
    }

    /// Computes the expression of a fact of a row and something else, in a frame of its own.
    #[inline]
    pub(super) fn inside<T>(
        &self,
        row: &Expr,
        body: &Body,
        arguments: &[Expr],
        frame: &mut [Value],
        then: impl Fn(&Self, &Expr, &mut [Value]) -> Step<T>,
    ) -> Step<T> {
        let row = self.row(row, frame)?;
        // A frame is no larger than it must be: each local is made and dropped.
        match body.locals {
            0..=2 => self.inside_of::<2, T>(row, body, arguments, frame, then),
            3 => self.inside_of::<3, T>(row, body, arguments, frame, then),
            4 => self.inside_of::<4, T>(row, body, arguments, frame, then),
            5 | 6 => self.inside_of::<6, T>(row, body, arguments, frame, then),
            _ => self.inside_of::<MANY, T>(row, body, arguments, frame, then),
        }
    }

    #[inline]
    fn inside_of<const LOCALS: usize, T>(
        &self,
        row: Row,
        body: &Body,
        arguments: &[Expr],
        frame: &mut [Value],
        then: impl Fn(&Self, &Expr, &mut [Value]) -> Step<T>,
    ) -> Step<T> {
        let mut inner = [const { Value::Absent }; LOCALS];
        self.bind(row, arguments, frame, &mut inner)?;
        then(self, &body.expr, &mut inner)
    }

    #[inline]
    fn bind(&self, row: Row, arguments: &[Expr], frame: &mut [Value], inner: &mut [Value]) -> Step<()> {
        inner[0] = Value::Row(row);
        for (slot, argument) in inner[1..].iter_mut().zip(arguments) {
            *slot = match &argument.op {
                Op::Local(local) => frame[usize::from(*local)].clone(),
                _ => self.eval(argument, frame)?,
            };
        }
        Ok(())
    }

    pub(super) fn active_on(&self, row: Row, entity: EntityId, date: graph::Date) -> Step<bool> {
        let Some(period) = self.plan.schema[entity].period else {
            return Err(Fault::Operation("the entity has no period").into());
        };
        let started = match self.field(row, period.start)? {
            Value::Date(start) => start <= date,
            _ => period.open_start,
        };
        if !started {
            return Ok(false);
        }
        Ok(match self.field(row, period.end)? {
            Value::Date(end) => end >= date,
            _ => true,
        })
    }
}
