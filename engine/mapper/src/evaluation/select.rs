//! Rows along a path, filtered and ordered.

use std::cmp::Ordering;
use std::rc::Rc;

use graph::{Cell, Days, Row};
use rulebook::graph_file::SelectWord;
use rulebook::plan::{Expr, Op, Select};
use rust_decimal::Decimal;

use super::near::Near;
use super::{Evaluation, number};
use crate::fault::{Fault, Step};
use crate::value::{Rows, Value};

/// What has been found so far.
struct Found {
    /// Rows in the order of the path.
    rows: Vec<u32>,
    /// Their order keys, one after another.
    keys: Vec<Value>,
    /// What the best row leads on to.
    then: Value,
    seen: Vec<Value>,
    count: i64,
    sum: Value,
    every: bool,
    dates: Vec<graph::Date>,
    done: bool,
    /// How many conditions on the way to the present row could not be tested.
    untested: usize,
}

impl Evaluation {
    pub(super) fn select(&self, select: &Select, frame: &mut [Value]) -> Step<Value> {
        let mut found = Found {
            rows: Vec::new(),
            keys: Vec::new(),
            then: Value::Absent,
            seen: Vec::new(),
            count: 0,
            sum: Value::Int(0),
            every: true,
            dates: Vec::new(),
            done: false,
            untested: 0,
        };
        if self.may_hold(select, 0, frame, &mut found) {
            self.follow(select, &select.path.start, select.path.start_local, 0, frame, &mut found)?;
        }
        let value = match select.what {
            SelectWord::First => match found.rows.first() {
                Some(_) if select.then.is_some() => std::mem::replace(&mut found.then, Value::Absent),
                Some(index) => Value::Row(Row { entity: select.path.target, index: *index }),
                None => Value::Absent,
            },
            SelectWord::Rows => match &select.otherwise {
                Some(otherwise) if found.rows.is_empty() => self.eval(otherwise, frame)?,
                _ => Value::Rows(Rows::List(select.path.target, self.ordered(select, &found))),
            },
            SelectWord::Count => Value::Int(found.count),
            SelectWord::Any => Value::Bool(found.count > 0),
            SelectWord::Every => Value::Bool(found.every),
            SelectWord::Sum => {
                let decimal = select.of.as_ref().is_some_and(|of| of.ty.kind == rulebook::types::Kind::Decimal);
                match found.sum {
                    Value::Int(number) if decimal => Value::Decimal(Decimal::from(number)),
                    sum => sum,
                }
            }
            SelectWord::Days => Value::Days(Rc::new(Days::new(std::mem::take(&mut found.dates)))),
        };
        self.give_back(found.rows);
        for values in [found.keys, found.seen] {
            if values.capacity() > 0 {
                self.done(values);
            }
        }
        Ok(value)
    }

    /// Whether a selection of a row's fact begins with a relation that leads to no rows. Most students have few records of most
    /// kinds, so this saves most selections.
    pub(super) fn leads_nowhere(&self, select: &Select, row: Row) -> bool {
        let Op::Many(from, _, relation) = &select.path.start.op else { return false };
        let from = match &from.op {
            Op::Local(0) => row,
            Op::One(base, _, relation) if matches!(base.op, Op::Local(0)) => match self.graph.one(row, *relation) {
                Some(found) => found,
                None => return false,
            },
            _ => return false,
        };
        self.graph.many(from, *relation).is_empty()
    }

    /// What a selection gives where there are no rows; none where that takes more thought.
    pub(super) fn nothing(&self, select: &Select) -> Option<Value> {
        Some(match select.what {
            SelectWord::First => Value::Absent,
            SelectWord::Rows if select.otherwise.is_some() => return None,
            SelectWord::Rows => Value::Rows(Rows::List(select.path.target, Rc::clone(&self.no_rows))),
            SelectWord::Count => Value::Int(0),
            SelectWord::Any => Value::Bool(false),
            SelectWord::Every => Value::Bool(true),
            SelectWord::Sum | SelectWord::Days => return None,
        })
    }

    /// The rows that were found, in order.
    fn ordered(&self, select: &Select, found: &Found) -> Rc<[u32]> {
        if found.rows.is_empty() {
            return Rc::clone(&self.no_rows);
        }
        if select.order.is_empty() || found.rows.len() == 1 {
            return Rc::from(found.rows.as_slice());
        }
        let each = select.order.len();
        let mut order: Vec<usize> = (0..found.rows.len()).collect();
        order.sort_by(|a, b| {
            let keys = |at: usize| &found.keys[at * each..(at + 1) * each];
            self.order_of(select, keys(*a), keys(*b)).then_with(|| found.rows[*a].cmp(&found.rows[*b]))
        });
        order.into_iter().map(|at| found.rows[at]).collect()
    }

    fn order_of(&self, select: &Select, a: &[Value], b: &[Value]) -> Ordering {
        for ((x, y), (_, descending, absent_first)) in a.iter().zip(b).zip(&select.order) {
            let ordering = self.order_keys(x, y, *descending, *absent_first);
            if ordering.is_ne() {
                return ordering;
            }
        }
        Ordering::Equal
    }

    fn order_keys(&self, x: &Value, y: &Value, descending: bool, absent_first: bool) -> Ordering {
        match (x.is_absent(), y.is_absent()) {
            (true, true) => Ordering::Equal,
            (true, false) => {
                if absent_first {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
            (false, true) => {
                if absent_first {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
            (false, false) => {
                let ordering = self.ordering(x, y).unwrap_or(Ordering::Equal);
                if descending { ordering.reverse() } else { ordering }
            }
        }
    }

    /// Visits the rows that a step of the path leads to.
    fn follow(
        &self,
        select: &Select,
        expr: &Expr,
        local: u16,
        step: usize,
        frame: &mut [Value],
        found: &mut Found,
    ) -> Step<()> {
        match self.near(expr, frame) {
            Near::Row(row) => self.visit(select, row, local, step, frame, found),
            Near::Absent => Ok(()),
            Near::Far => self.follow_far(select, expr, local, step, frame, found),
        }
    }

    fn follow_far(
        &self,
        select: &Select,
        expr: &Expr,
        local: u16,
        step: usize,
        frame: &mut [Value],
        found: &mut Found,
    ) -> Step<()> {
        // Rows that a fact has given already are walked where they stand.
        if let Op::Fact(row, fact, arguments) = &expr.op
            && arguments.is_empty()
            && !self.watched.get()
            && let Near::Row(row) = self.near(row, frame)
            && let Ok(Value::Rows(rows)) = self.known(*fact, row)
        {
            return self.visit_all(select, rows, local, step, frame, found);
        }
        match self.eval(expr, frame)? {
            Value::Row(row) => self.visit(select, row, local, step, frame, found),
            Value::Rows(rows) => self.visit_all(select, &rows, local, step, frame, found),
            Value::Absent => Ok(()),
            _ => Err(Fault::Operation("a path led to something that is no row").into()),
        }
    }

    fn visit_all(
        &self,
        select: &Select,
        rows: &Rows,
        local: u16,
        step: usize,
        frame: &mut [Value],
        found: &mut Found,
    ) -> Step<()> {
        let entity = rows.entity();
        for index in rows.indexes(&self.graph) {
            self.visit(select, Row { entity, index: *index }, local, step, frame, found)?;
            if found.done {
                break;
            }
        }
        Ok(())
    }

    /// Whether the conditions hold that need just so many rows of the path. One with a fault is left to the end of the path:
    /// there may be no row there that would need it.
    fn may_hold(&self, select: &Select, bound: usize, frame: &mut [Value], found: &mut Found) -> bool {
        for condition in select.conditions.iter().filter(|condition| condition.bound == bound) {
            match self.bool(&condition.expr, frame) {
                Ok(true) => {}
                Ok(false) => return false,
                Err(_) => found.untested += 1,
            }
        }
        true
    }

    fn visit(
        &self,
        select: &Select,
        mut row: Row,
        local: u16,
        mut step: usize,
        frame: &mut [Value],
        found: &mut Found,
    ) -> Step<()> {
        let untested = found.untested;
        bind(frame, local, row);
        while let Some(next) = select.path.steps.get(step) {
            if !self.may_hold(select, step + 1, frame, found) {
                found.untested = untested;
                return Ok(());
            }
            step += 1;
            // Most steps lead from one row to one other.
            match self.near(&next.expr, frame) {
                Near::Row(found) => {
                    row = found;
                    bind(frame, next.local, row);
                }
                near => {
                    if matches!(near, Near::Far) {
                        self.follow_far(select, &next.expr, next.local, step, frame, found)?;
                    }
                    found.untested = untested;
                    return Ok(());
                }
            }
        }
        let tested = self.visit_last(select, row, step, frame, found);
        found.untested = untested;
        tested
    }

    /// The last row of the path.
    fn visit_last(&self, select: &Select, row: Row, step: usize, frame: &mut [Value], found: &mut Found) -> Step<()> {
        let mut holds = true;
        for condition in &select.conditions {
            if (condition.bound > step || found.untested > 0) && !self.bool(&condition.expr, frame)? {
                holds = false;
                break;
            }
        }
        if select.what == SelectWord::Every {
            found.every &= holds;
            found.done = !found.every;
            return Ok(());
        }
        if !holds {
            return Ok(());
        }
        if let Some(distinct) = &select.distinct
            && matches!(select.what, SelectWord::Count | SelectWord::Sum)
        {
            let key = self.eval(distinct, frame)?;
            if found.seen.iter().any(|seen| self.equals(seen, &key)) {
                return Ok(());
            }
            found.seen.push(key);
        }
        match select.what {
            SelectWord::Any => {
                found.count = 1;
                found.done = true;
            }
            SelectWord::Count => found.count += 1,
            SelectWord::Sum => {
                if let Some(of) = &select.of {
                    let value = self.eval(of, frame)?;
                    found.sum = add(&found.sum, &value).ok_or(Fault::Operation("a sum is too large"))?;
                }
            }
            SelectWord::Days => {
                if let Some(of) = &select.of
                    && let Value::Date(date) = self.eval(of, frame)?
                {
                    found.dates.push(date);
                }
            }
            SelectWord::First | SelectWord::Rows => self.keep(select, row, frame, found)?,
            SelectWord::Every => {}
        }
        Ok(())
    }

    /// Keeps a row, or not: `first` keeps only the best so far, `distinct` the best of each kind.
    fn keep(&self, select: &Select, row: Row, frame: &mut [Value], found: &mut Found) -> Step<()> {
        if found.rows.capacity() == 0 {
            found.rows = self.indexes.borrow_mut().pop().unwrap_or_default();
        }
        let each = select.order.len();
        let new = found.keys.len();
        if each > 0 {
            if found.keys.capacity() == 0 {
                found.keys = self.frame(0);
            }
            for (by, ..) in &select.order {
                let key = self.key(by, frame)?;
                found.keys.push(key);
            }
        }
        // The place of the row that this one is instead of, if it comes before it.
        let instead = if select.what == SelectWord::First {
            if found.rows.is_empty() { None } else { Some(0) }
        } else if let Some(distinct) = &select.distinct {
            let key = self.key(distinct, frame)?;
            let known = found.seen.iter().position(|seen| self.equals(seen, &key));
            if known.is_none() {
                if found.seen.capacity() == 0 {
                    found.seen = self.frame(0);
                }
                found.seen.push(key);
            }
            known
        } else {
            None
        };
        match instead {
            None => found.rows.push(row.index),
            Some(at) => {
                let (kept, given) = found.keys.split_at_mut(new);
                let best = &mut kept[at * each..(at + 1) * each];
                let ordering = self.order_of(select, given, best);
                if each == 0 || ordering.then_with(|| row.index.cmp(&found.rows[at])).is_ge() {
                    found.keys.truncate(new);
                    return Ok(());
                }
                best.swap_with_slice(given);
                found.keys.truncate(new);
                found.rows[at] = row.index;
            }
        }
        if select.what == SelectWord::First {
            if let Some(then) = &select.then {
                found.then = self.eval(then, frame)?;
            }
            // Without an order the first row that fits is the one.
            found.done = select.order.is_empty();
        }
        Ok(())
    }

    /// What rows are ordered or told apart by: mostly a number or a date.
    #[inline]
    fn key(&self, by: &Expr, frame: &mut [Value]) -> Step<Value> {
        Ok(match self.cell(by, frame) {
            Some(Cell::Int(number)) => Value::Int(number),
            Some(Cell::Date(date)) => Value::Date(date),
            Some(Cell::Bool(yes)) => Value::Bool(yes),
            _ => return self.eval(by, frame),
        })
    }

    fn give_back(&self, mut rows: Vec<u32>) {
        if rows.capacity() > 0 {
            rows.clear();
            self.indexes.borrow_mut().push(rows);
        }
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
