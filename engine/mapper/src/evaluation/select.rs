//! Rows along a path, filtered and ordered.

use std::cmp::Ordering;
use std::rc::Rc;

use graph::{Days, Row};
use rulebook::graph_file::SelectWord;
use rulebook::plan::{Expr, Select};
use rust_decimal::Decimal;

use super::near::Near;
use super::{Evaluation, number};
use crate::fault::{Fault, Step};
use crate::value::{Rows, Value};

/// What has been found so far.
struct Found {
    /// Rows in the order of the path, with their order keys.
    rows: Vec<(u32, Vec<Value>, Value)>,
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
        let target = select.path.target;
        if !select.order.is_empty() && found.rows.len() > 1 {
            found.rows.sort_by(|(a, left, _), (b, right, _)| {
                for ((x, y), (_, descending, absent_first)) in left.iter().zip(right).zip(&select.order) {
                    let ordering = self.order_keys(x, y, *descending, *absent_first);
                    if ordering.is_ne() {
                        return ordering;
                    }
                }
                a.cmp(b)
            });
        }
        Ok(match select.what {
            SelectWord::First => match found.rows.first() {
                Some((index, _, then)) => {
                    if select.then.is_some() {
                        then.clone()
                    } else {
                        Value::Row(Row { entity: target, index: *index })
                    }
                }
                None => Value::Absent,
            },
            SelectWord::Rows => {
                if found.rows.is_empty()
                    && let Some(otherwise) = &select.otherwise
                {
                    return self.eval(otherwise, frame);
                }
                Value::Rows(Rows::List(target, found.rows.iter().map(|(index, ..)| *index).collect()))
            }
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
            SelectWord::Days => Value::Days(Rc::new(Days::new(found.dates))),
        })
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
            Near::Row(row) => return self.visit(select, row, local, step, frame, found),
            Near::Absent => return Ok(()),
            Near::Far => {}
        }
        match self.eval(expr, frame)? {
            Value::Row(row) => self.visit(select, row, local, step, frame, found),
            Value::Rows(rows) => {
                let entity = rows.entity();
                for index in rows.indexes(&self.graph) {
                    self.visit(select, Row { entity, index: *index }, local, step, frame, found)?;
                    if found.done {
                        break;
                    }
                }
                Ok(())
            }
            Value::Absent => Ok(()),
            _ => Err(Fault::Operation("a path led to something that is no row").into()),
        }
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
        row: Row,
        local: u16,
        step: usize,
        frame: &mut [Value],
        found: &mut Found,
    ) -> Step<()> {
        frame[usize::from(local)] = Value::Row(row);
        if let Some(next) = select.path.steps.get(step) {
            let untested = found.untested;
            if self.may_hold(select, step + 1, frame, found) {
                self.follow(select, &next.expr, next.local, step + 1, frame, found)?;
            }
            found.untested = untested;
            return Ok(());
        }
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
        let mut keys = Vec::with_capacity(select.order.len());
        for (by, ..) in &select.order {
            keys.push(self.eval(by, frame)?);
        }
        let before = |a: &[Value], b: &[Value], x: u32, y: u32| {
            for ((left, right), (_, descending, absent_first)) in a.iter().zip(b).zip(&select.order) {
                let ordering = self.order_keys(left, right, *descending, *absent_first);
                if ordering.is_ne() {
                    return ordering.is_lt();
                }
            }
            !select.order.is_empty() && x < y
        };
        if select.what == SelectWord::First {
            if let Some((index, best, _)) = found.rows.first()
                && !before(&keys, best, row.index, *index)
            {
                return Ok(());
            }
            let then = match &select.then {
                Some(then) => self.eval(then, frame)?,
                None => Value::Absent,
            };
            found.rows.clear();
            found.rows.push((row.index, keys, then));
            // Without an order the first row that fits is the one.
            found.done = select.order.is_empty();
            return Ok(());
        }
        if let Some(distinct) = &select.distinct {
            let key = self.eval(distinct, frame)?;
            if let Some(at) = found.seen.iter().position(|seen| self.equals(seen, &key)) {
                let (index, best, _) = &found.rows[at];
                if before(&keys, best, row.index, *index) {
                    found.rows[at] = (row.index, keys, Value::Absent);
                }
                return Ok(());
            }
            found.seen.push(key);
        }
        found.rows.push((row.index, keys, Value::Absent));
        Ok(())
    }
}

fn add(a: &Value, b: &Value) -> Option<Value> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.checked_add(*b).map(Value::Int),
        _ => number(a)?.checked_add(number(b)?).map(Value::Decimal),
    }
}
