//! Selections: rows along a path, filtered and ordered, and what is made of them.

use std::cmp::Ordering;
use std::rc::Rc;

use graph::{Days, Row};
use rulebook::graph_file::SelectWord;
use rulebook::plan::{Expr, Op, Select};
use rust_decimal::Decimal;

use super::Evaluation;
use super::walk::Walk;
use crate::fault::Step;
use crate::value::{Rows, Value};

impl Evaluation {
    pub(super) fn select(&self, select: &Select, frame: &mut [Value]) -> Step<Value> {
        let mut walk = Walk::new(self, select, frame);
        walk.take()?;
        let value = match select.what {
            SelectWord::First => match walk.rows.first() {
                Some(_) if select.then.is_some() => std::mem::replace(&mut walk.value, Value::Absent),
                Some(index) => Value::Row(Row { entity: select.path.target, index: *index }),
                None => Value::Absent,
            },
            SelectWord::Rows => match &select.otherwise {
                Some(otherwise) if walk.rows.is_empty() => {
                    self.gave(otherwise);
                    self.eval(otherwise, walk.frame)?
                }
                _ => {
                    self.put_in_order(select, &mut walk);
                    if let Some(also) = &select.also {
                        self.join(also, &mut walk)?;
                    }
                    Value::Rows(Rows::list(select.path.target, &walk.rows))
                }
            },
            SelectWord::Count => Value::Int(walk.count),
            SelectWord::Any => Value::Bool(walk.count > 0),
            SelectWord::Every => Value::Bool(walk.every),
            SelectWord::Sum => {
                let decimal = select.of.as_ref().is_some_and(|of| of.ty.kind == rulebook::types::Kind::Decimal);
                match std::mem::replace(&mut walk.value, Value::Absent) {
                    Value::Int(number) if decimal => Value::Decimal(Decimal::from(number)),
                    sum => sum,
                }
            }
            SelectWord::Days => Value::Days(Rc::new(Days::new(std::mem::take(&mut walk.dates)))),
        };
        walk.give_back();
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
            SelectWord::Rows if select.otherwise.is_some() || select.also.is_some() => return None,
            SelectWord::Rows => Value::Rows(Rows::list(select.path.target, &[])),
            SelectWord::Count => Value::Int(0),
            SelectWord::Any => Value::Bool(false),
            SelectWord::Every => Value::Bool(true),
            SelectWord::Sum | SelectWord::Days => return None,
        })
    }

    /// Puts behind the rows that were found those of an expression that are not among them.
    fn join(&self, also: &Expr, walk: &mut Walk<'_>) -> Step<()> {
        let Value::Rows(further) = self.eval(also, walk.frame)? else { return Ok(()) };
        for index in further.indexes(&self.graph) {
            if !walk.rows.contains(index) {
                walk.rows.push(*index);
            }
        }
        Ok(())
    }

    /// Puts the rows that were found in order.
    fn put_in_order(&self, select: &Select, walk: &mut Walk<'_>) {
        if select.order.is_empty() || walk.rows.len() < 2 {
            return;
        }
        let each = select.order.len();
        let mut order = self.indexes();
        order.extend((0_u32..).zip(&walk.rows).map(|(at, _)| at));
        // Rows that nothing else tells apart go by themselves, so that no order needs to be kept.
        order.sort_unstable_by(|a, b| {
            let (a, b) = (*a as usize, *b as usize);
            let keys = |at: usize| &walk.keys[at * each..(at + 1) * each];
            self.order_of(select, keys(a), keys(b)).then_with(|| walk.rows[a].cmp(&walk.rows[b]))
        });
        for at in &mut order {
            *at = walk.rows[*at as usize];
        }
        std::mem::swap(&mut walk.rows, &mut order);
        self.put_away(order);
    }

    pub(super) fn order_of(&self, select: &Select, a: &[Value], b: &[Value]) -> Ordering {
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
}
