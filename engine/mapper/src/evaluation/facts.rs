//! Facts: computed at most once a row.

use std::rc::Rc;
use std::sync::Arc;

use graph::{Row, Scope};
use rulebook::places::{Outcome as Taken, Spot};
use rulebook::plan::{Expr, Value as How};
use rulebook::types::Kind;

use super::Evaluation;
use super::memo::Memo;
use crate::fault::{Fault, Outcome, Step, Stop};
use crate::value::Value;

/// The last rows that a fact of a row and something else has given. Facts that build on it ask for the same again at once.
pub(super) struct Last {
    row: Row,
    given: Vec<Value>,
    outcome: Outcome,
}

impl Last {
    /// The outcome, if it was for this.
    fn of(&self, row: Row, given: &[Value]) -> Option<Outcome> {
        let same = |(a, b): (&Value, &Value)| matches!((a, b), (Value::Row(a), Value::Row(b)) if a == b);
        (self.row == row && self.given.iter().zip(given).all(same)).then(|| self.outcome.clone())
    }
}

impl Evaluation {
    /// A fact of a row.
    ///
    /// # Errors
    /// Why it could not be computed.
    pub fn fact(&self, fact: usize, row: Row) -> Step<Value> {
        let outcome = if self.tracing.get() {
            self.trace.borrow_mut().enter(fact, row);
            let outcome = self.first(fact, row);
            let shown = outcome.as_ref().map_or_else(|_| None, |value| self.show(value));
            self.trace.borrow_mut().leave(shown);
            return outcome.map_err(Stop::Fault);
        } else {
            self.known(fact, row)
        };
        match outcome {
            Ok(value) => Ok(value.clone()),
            Err(fault) => Err(Stop::Fault(Rc::clone(fault))),
        }
    }

    /// What a fact of a row has given, computed now if nobody has asked before.
    #[inline]
    pub(super) fn known(&self, fact: usize, row: Row) -> &Outcome {
        if let Some(memo) = self.memo[fact].get()
            && let Some(outcome) = memo.get(row.index)
        {
            return outcome;
        }
        self.remember(fact, row)
    }

    #[inline(never)]
    fn remember(&self, fact: usize, row: Row) -> &Outcome {
        let outcome = self.first(fact, row);
        self.memo[fact].get_or_init(|| self.room(fact, row)).put(row.index, outcome)
    }

    /// Room for what a fact gives of each row of an entity.
    #[cold]
    fn room(&self, fact: usize, row: Row) -> Memo {
        let rows = self.graph.rows(row.entity) as usize;
        if self.plan.schema[row.entity].scope == Scope::Organisation {
            return Memo::paged(rows);
        }
        Memo::whole(self.room.borrow_mut().get_mut(fact).map(std::mem::take).unwrap_or_default(), rows)
    }

    /// A fact that is not known yet.
    fn first(&self, fact: usize, row: Row) -> Outcome {
        if !self.given.is_empty()
            && let Some(given) = self.given.get(&(fact, row.index))
        {
            return Ok(given.clone());
        }
        self.compute(fact, row, &[])
    }

    /// A fact of a row and something else, which stand in `frame`.
    pub(super) fn fact_of(&self, row: &Expr, fact: usize, arguments: &[Expr], frame: &mut [Value]) -> Step<Value> {
        let Some(body) = self.expression_of(fact) else {
            let row = self.row(row, frame)?;
            return match arguments {
                [one] => self.fact_with(fact, row, &[self.eval(one, frame)?]),
                [one, two] => self.fact_with(fact, row, &[self.eval(one, frame)?, self.eval(two, frame)?]),
                _ => {
                    let given =
                        arguments.iter().map(|argument| self.eval(argument, frame)).collect::<Step<Vec<_>>>()?;
                    self.fact_with(fact, row, &given)
                }
            };
        };
        let step = self.inside(row, body, arguments, frame, Self::eval);
        let value = self.settled(step).map_err(Stop::Fault)?;
        Ok(match value {
            // A whole number where a decimal is declared: so that what is computed from it keeps its fraction.
            Value::Int(number) if self.plan.facts[fact].ty.kind == Kind::Decimal => Value::Decimal(number.into()),
            value => value,
        })
    }

    /// A fact of a row and something else.
    ///
    /// # Errors
    /// Why it could not be computed.
    pub fn fact_with(&self, fact: usize, row: Row, given: &[Value]) -> Step<Value> {
        if given.is_empty() {
            return self.fact(fact, row);
        }
        let tracing = self.tracing.get();
        if tracing {
            self.trace.borrow_mut().enter(fact, row);
        }
        if !tracing && let Some(outcome) = self.last.borrow()[fact].as_ref().and_then(|last| last.of(row, given)) {
            return outcome.map_err(Stop::Fault);
        }
        let outcome = self.compute(fact, row, given);
        if matches!(self.plan.facts[fact].ty.kind, Kind::Rows(_)) {
            self.last.borrow_mut()[fact] = Some(Last { row, given: given.to_vec(), outcome: outcome.clone() });
        }
        if tracing {
            let shown = outcome.as_ref().map_or_else(|_| None, |value| self.show(value));
            self.trace.borrow_mut().leave(shown);
        }
        outcome.map_err(Stop::Fault)
    }

    fn compute(&self, fact: usize, row: Row, given: &[Value]) -> Outcome {
        self.note(|| Spot::Fact(fact), Taken::Entered);
        let declared = &self.plan.facts[fact];
        if let How::Select(select) = &declared.value
            && self.leads_nowhere(select, row)
            && let Some(nothing) = self.nothing(select)
        {
            return Ok(nothing);
        }
        let locals = match &declared.value {
            How::Body(body) => body.locals,
            How::Select(select) => select.locals,
            How::Script(_, _, locals) => *locals,
            How::Ranking(_) => 1,
        };
        let locals = usize::from(locals).max(given.len() + 1);
        // Few locals, as most facts have, need no more than the stack.
        let outcome = match locals {
            1 => self.compute_in(&declared.value, row, given, &mut [const { Value::Absent }; 1]),
            2 => self.compute_in(&declared.value, row, given, &mut [const { Value::Absent }; 2]),
            3 => self.compute_in(&declared.value, row, given, &mut [const { Value::Absent }; 3]),
            4 => self.compute_in(&declared.value, row, given, &mut [const { Value::Absent }; 4]),
            5 | 6 => self.compute_in(&declared.value, row, given, &mut [const { Value::Absent }; 6]),
            7 | 8 => self.compute_in(&declared.value, row, given, &mut [const { Value::Absent }; 8]),
            _ => self.compute_in(&declared.value, row, given, &mut vec![Value::Absent; locals]),
        };
        match outcome {
            // What a script gives is not always known beforehand; what reads the fact relies on its type.
            Ok(value) if matches!(declared.value, How::Script(..)) && !value.is_of(declared.ty) => {
                let wanted = declared.ty.words(&self.plan.schema);
                let why = format!("it gives {} where {wanted} is declared", value.describe());
                Err(Rc::new(Fault::Script(Arc::clone(&declared.name), why, 1)))
            }
            // A whole number where a decimal is declared: so that what is computed from it keeps its fraction.
            Ok(Value::Int(number)) if declared.ty.kind == Kind::Decimal => Ok(Value::Decimal(number.into())),
            outcome => outcome,
        }
    }

    fn compute_in(&self, how: &How, row: Row, given: &[Value], frame: &mut [Value]) -> Outcome {
        frame[0] = Value::Row(row);
        frame[1..=given.len()].clone_from_slice(given);
        self.value_in(how, frame)
    }

    /// The value of a fact or element.
    ///
    /// # Errors
    /// Why there is none.
    pub fn value(&self, how: &How, frame: &mut Vec<Value>) -> Outcome {
        let locals = match how {
            How::Body(body) => body.locals,
            How::Script(_, _, locals) => *locals,
            How::Select(_) | How::Ranking(_) => 0,
        };
        if frame.len() < usize::from(locals) {
            frame.resize(usize::from(locals), Value::Absent);
        }
        self.value_in(how, frame)
    }

    fn value_in(&self, how: &How, frame: &mut [Value]) -> Outcome {
        match how {
            How::Body(body) => self.outcome(&body.expr, frame),
            How::Select(select) => {
                let step = self.select(select, frame);
                self.settled(step)
            }
            How::Script(rule, inputs, _) => {
                let mut values = Vec::with_capacity(inputs.len());
                for input in inputs {
                    values.push(self.outcome(input, frame)?);
                }
                self.scripts.run(self, *rule, values)
            }
            How::Ranking(ranking) => match frame[0] {
                Value::Row(row) => self.ranking(ranking, row),
                _ => Err(Rc::new(Fault::Operation("a member was read of something that is no row"))),
            },
        }
    }
}
