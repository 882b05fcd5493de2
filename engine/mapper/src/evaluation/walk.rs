//! The walk along the path of a selection: which rows it meets, and what it keeps of them.

use chrono::Datelike;
use graph::{Cell, Row};
use rulebook::graph_file::SelectWord;
use rulebook::plan::{Expr, Op, Select};
use rulebook::types::Kind;

use super::near::Near;
use super::{Evaluation, number};
use crate::fault::{Fault, Step};
use crate::value::{Rows, Value};

/// A walk, and what has been found so far.
pub(super) struct Walk<'w> {
    evaluation: &'w Evaluation,
    select: &'w Select,
    pub(super) frame: &'w mut [Value],
    /// Rows in the order of the path.
    pub(super) rows: Vec<u32>,
    /// Their order keys, one after another.
    pub(super) keys: Vec<Value>,
    /// What the best row leads on to, or the sum so far.
    pub(super) value: Value,
    /// What rows are told apart by, of those that were met.
    seen: Vec<Value>,
    /// The greatest of them, where they are dates or whole numbers: what is greater is new, and rows mostly come in order.
    greatest: i64,
    pub(super) count: i64,
    pub(super) every: bool,
    pub(super) dates: Vec<graph::Date>,
    done: bool,
    /// How many conditions on the way to the present row could not be tested.
    untested: usize,
}

impl<'w> Walk<'w> {
    /// A walk that has not begun.
    pub(super) fn new(evaluation: &'w Evaluation, select: &'w Select, frame: &'w mut [Value]) -> Self {
        Self {
            evaluation,
            select,
            frame,
            rows: Vec::new(),
            keys: Vec::new(),
            value: if select.what == SelectWord::Sum { Value::Int(0) } else { Value::Absent },
            seen: Vec::new(),
            greatest: i64::MIN,
            count: 0,
            every: true,
            dates: Vec::new(),
            done: false,
            untested: 0,
        }
    }

    /// Takes the walk.
    pub(super) fn take(&mut self) -> Step<()> {
        let path = &self.select.path;
        if self.may_hold(0) { self.follow(&path.start, path.start_local, 0) } else { Ok(()) }
    }

    /// Ends the walk: its room is used again.
    pub(super) fn give_back(&mut self) {
        if self.rows.capacity() > 0 {
            self.evaluation.put_away(std::mem::take(&mut self.rows));
        }
        if self.keys.capacity() > 0 {
            self.evaluation.done(std::mem::take(&mut self.keys));
        }
        if self.seen.capacity() > 0 {
            self.evaluation.done(std::mem::take(&mut self.seen));
        }
    }

    /// Visits the rows that a step of the path leads to.
    fn follow(&mut self, expr: &Expr, local: u16, step: usize) -> Step<()> {
        match self.evaluation.near(expr, self.frame) {
            Near::Row(row) => self.visit(row, local, step),
            Near::Absent => Ok(()),
            Near::Far => self.follow_far(expr, local, step),
        }
    }

    /// The same where the step is not near at hand.
    fn follow_far(&mut self, expr: &Expr, local: u16, step: usize) -> Step<()> {
        let evaluation = self.evaluation;
        // Rows that a fact has given already are walked where they stand.
        if let Op::Fact(row, fact, arguments) = &expr.op
            && arguments.is_empty()
            && !evaluation.watched.get()
            && let Near::Row(row) = evaluation.near(row, self.frame)
            && let Ok(Value::Rows(rows)) = evaluation.known(*fact, row)
        {
            return self.visit_all(rows, local, step);
        }
        match evaluation.eval(expr, self.frame)? {
            Value::Row(row) => self.visit(row, local, step),
            Value::Rows(rows) => self.visit_all(&rows, local, step),
            Value::Absent => Ok(()),
            _ => Err(Fault::Operation("a path led to something that is no row").into()),
        }
    }

    fn visit_all(&mut self, rows: &Rows, local: u16, step: usize) -> Step<()> {
        let evaluation = self.evaluation;
        let entity = rows.entity();
        for index in rows.indexes(&evaluation.graph) {
            self.visit(Row { entity, index: *index }, local, step)?;
            if self.done {
                break;
            }
        }
        Ok(())
    }

    /// Whether the conditions hold that need just so many rows of the path. One with a fault is left to the end of the path:
    /// there may be no row there that would need it.
    fn may_hold(&mut self, bound: usize) -> bool {
        let select = self.select;
        let evaluation = self.evaluation;
        for condition in select.conditions.iter().filter(|condition| condition.bound == bound) {
            match evaluation.bool(&condition.expr, self.frame) {
                Ok(true) => evaluation.decided(&condition.expr, true),
                Ok(false) => {
                    evaluation.decided(&condition.expr, false);
                    return false;
                }
                Err(_) => self.untested += 1,
            }
        }
        true
    }

    /// Visits a row, and follows the path from it.
    fn visit(&mut self, mut row: Row, local: u16, mut step: usize) -> Step<()> {
        let select = self.select;
        let untested = self.untested;
        bind(self.frame, local, row);
        while let Some(next) = select.path.steps.get(step) {
            if !self.may_hold(step + 1) {
                self.untested = untested;
                return Ok(());
            }
            step += 1;
            // Most steps lead from one row to one other.
            match self.evaluation.near(&next.expr, self.frame) {
                Near::Row(found) => {
                    row = found;
                    bind(self.frame, next.local, row);
                }
                near => {
                    if matches!(near, Near::Far) {
                        self.follow_far(&next.expr, next.local, step)?;
                    }
                    self.untested = untested;
                    return Ok(());
                }
            }
        }
        let tested = self.visit_last(row, step);
        self.untested = untested;
        tested
    }

    /// The last row of the path.
    fn visit_last(&mut self, row: Row, step: usize) -> Step<()> {
        let select = self.select;
        let evaluation = self.evaluation;
        let mut holds = true;
        for condition in &select.conditions {
            if condition.bound > step || self.untested > 0 {
                holds = evaluation.bool(&condition.expr, self.frame)?;
                evaluation.decided(&condition.expr, holds);
                if !holds {
                    break;
                }
            }
        }
        if select.what == SelectWord::Every {
            self.every &= holds;
            self.done = !self.every;
            return Ok(());
        }
        if !holds {
            return Ok(());
        }
        if let Some(distinct) = &select.distinct
            && matches!(select.what, SelectWord::Count | SelectWord::Sum)
        {
            let key = evaluation.eval(distinct, self.frame)?;
            if self.met(&key).is_some() {
                return Ok(());
            }
            self.seen.push(key);
        }
        match select.what {
            SelectWord::Any => {
                self.count = 1;
                self.done = true;
            }
            SelectWord::Count => self.count += 1,
            SelectWord::Sum => {
                if let Some(of) = &select.of {
                    let value = evaluation.eval(of, self.frame)?;
                    self.value = add(&self.value, &value).ok_or(Fault::Data("a sum is too large"))?;
                }
            }
            SelectWord::Days => {
                if let Some(of) = &select.of {
                    match evaluation.eval(of, self.frame)? {
                        Value::Date(date) => self.dates.push(date),
                        Value::Days(days) => self.dates.extend(days.iter()),
                        _ => {}
                    }
                }
            }
            SelectWord::First | SelectWord::Rows => self.keep(row)?,
            SelectWord::Every => {}
        }
        Ok(())
    }

    /// Keeps a row, or not: `first` keeps only the best so far, `distinct` the best of each kind.
    fn keep(&mut self, row: Row) -> Step<()> {
        let select = self.select;
        let evaluation = self.evaluation;
        if self.rows.capacity() == 0 {
            self.rows = evaluation.indexes();
        }
        let each = select.order.len();
        let new = self.keys.len();
        if each > 0 {
            if self.keys.capacity() == 0 {
                self.keys = evaluation.frame(0);
            }
            for (by, ..) in &select.order {
                let key = self.key(by)?;
                self.keys.push(key);
            }
        }
        // The place of the row that this one is instead of, if it comes before it.
        let instead = if select.what == SelectWord::First {
            if self.rows.is_empty() { None } else { Some(0) }
        } else if let Some(distinct) = &select.distinct {
            let key = self.key(distinct)?;
            let known = self.met(&key);
            if known.is_none() {
                if self.seen.capacity() == 0 {
                    self.seen = evaluation.frame(0);
                }
                self.seen.push(key);
            }
            known
        } else {
            None
        };
        match instead {
            None => self.rows.push(row.index),
            Some(at) => {
                let (kept, given) = self.keys.split_at_mut(new);
                let best = &mut kept[at * each..(at + 1) * each];
                let ordering = evaluation.order_of(select, given, best);
                if each == 0 || ordering.then_with(|| row.index.cmp(&self.rows[at])).is_ge() {
                    self.keys.truncate(new);
                    return Ok(());
                }
                best.swap_with_slice(given);
                self.keys.truncate(new);
                self.rows[at] = row.index;
            }
        }
        if select.what == SelectWord::First {
            if let Some(then) = &select.then {
                self.value = evaluation.eval(then, self.frame)?;
            }
            // Without an order the first row that fits is the one.
            self.done = select.order.is_empty();
        }
        Ok(())
    }

    /// The place of a key among those that were met.
    fn met(&mut self, key: &Value) -> Option<usize> {
        let kind = self.select.distinct.as_ref().map(|distinct| distinct.ty.kind);
        let number = match (kind, key) {
            (Some(Kind::Int), Value::Int(number)) => *number,
            (Some(Kind::Date), Value::Date(date)) => i64::from(date.num_days_from_ce()),
            _ => i64::MIN,
        };
        if number > self.greatest {
            self.greatest = number;
            return None;
        }
        let evaluation = self.evaluation;
        self.seen.iter().position(|seen| evaluation.equals(seen, key))
    }

    /// What rows are ordered or told apart by: mostly a number or a date.
    #[inline]
    fn key(&mut self, by: &Expr) -> Step<Value> {
        Ok(match self.evaluation.cell(by, self.frame) {
            Some(Cell::Int(number)) => Value::Int(number),
            Some(Cell::Date(date)) => Value::Date(date),
            Some(Cell::Bool(yes)) => Value::Bool(yes),
            _ => return self.evaluation.eval(by, self.frame),
        })
    }
}

/// Binds a row. The old one needs no care.
#[inline]
fn bind(frame: &mut [Value], local: u16, row: Row) {
    match &mut frame[usize::from(local)] {
        Value::Row(bound) => *bound = row,
        other => *other = Value::Row(row),
    }
}

fn add(a: &Value, b: &Value) -> Option<Value> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.checked_add(*b).map(Value::Int),
        _ => number(a)?.checked_add(number(b)?).map(Value::Decimal),
    }
}
