//! Equality and order of values.

use std::cmp::Ordering;

use graph::Cell;
use rulebook::plan::{Compare, Const};

use super::{Evaluation, number};
use crate::fault::{Fault, Step};
use crate::value::Value;

/// The comparison of two cells of one type; none where it needs more thought, such as a value that is absent or bad.
#[inline]
pub(super) fn compare_cells(compare: Compare, a: Cell<'_>, b: Cell<'_>) -> Option<bool> {
    let ordering = match (a, b) {
        (Cell::Int(a), Cell::Int(b)) => a.cmp(&b),
        (Cell::Date(a), Cell::Date(b)) => a.cmp(&b),
        (Cell::Bool(a), Cell::Bool(b)) => a.cmp(&b),
        (Cell::Text(a), Cell::Text(b)) => match compare {
            Compare::Equal => return Some(a == b),
            Compare::NotEqual => return Some(a != b),
            _ => a.cmp(b),
        },
        (Cell::Absent, other) | (other, Cell::Absent) if !matches!(other, Cell::Bad) => match compare {
            Compare::Equal => return Some(matches!((a, b), (Cell::Absent, Cell::Absent))),
            Compare::NotEqual => return Some(!matches!((a, b), (Cell::Absent, Cell::Absent))),
            _ => return None,
        },
        _ => return None,
    };
    Some(match compare {
        Compare::Equal => ordering.is_eq(),
        Compare::NotEqual => ordering.is_ne(),
        Compare::Less => ordering.is_lt(),
        Compare::LessOrEqual => ordering.is_le(),
        Compare::Greater => ordering.is_gt(),
        Compare::GreaterOrEqual => ordering.is_ge(),
    })
}

/// Whether a cell, which is not bad, is a constant.
pub(super) fn equals_const_cell(cell: Cell<'_>, constant: &Const) -> bool {
    match (cell, constant) {
        (Cell::Absent, Const::Absent) => true,
        (Cell::Bool(a), Const::Bool(b)) => a == *b,
        (Cell::Int(a), Const::Int(b)) => a == *b,
        (Cell::Date(a), Const::Date(b)) => a == *b,
        (Cell::Text(a), Const::Text(b)) => a == &**b,
        (Cell::Decimal(a), Const::Decimal(b)) => a == *b,
        (Cell::Int(a), Const::Decimal(b)) => rust_decimal::Decimal::from(a) == *b,
        _ => false,
    }
}

impl Evaluation {
    /// A comparison. Absent equals absent and nothing else; it has no order.
    pub(super) fn compare(&self, compare: Compare, a: &Value, b: &Value) -> Step<bool> {
        Ok(match compare {
            Compare::Equal => self.equals(a, b),
            Compare::NotEqual => !self.equals(a, b),
            Compare::Less => self.order(a, b)?.is_lt(),
            Compare::LessOrEqual => self.order(a, b)?.is_le(),
            Compare::Greater => self.order(a, b)?.is_gt(),
            Compare::GreaterOrEqual => self.order(a, b)?.is_ge(),
        })
    }

    /// Whether two values are equal.
    #[must_use]
    pub fn equals(&self, a: &Value, b: &Value) -> bool {
        match (a, b) {
            (Value::Absent, Value::Absent) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Date(a), Value::Date(b)) => a == b,
            (Value::Time(a), Value::Time(b)) => a == b,
            (Value::DateTime(a), Value::DateTime(b)) => a == b,
            (Value::Text(a), Value::Text(b)) => self.str(a) == self.str(b),
            (Value::Row(a), Value::Row(b)) => a == b,
            (Value::Days(a), Value::Days(b)) => a == b,
            _ => number(a).zip(number(b)).is_some_and(|(a, b)| a == b),
        }
    }

    pub(super) fn equals_const(&self, value: &Value, constant: &Const) -> bool {
        match (value, constant) {
            (Value::Absent, Const::Absent) => true,
            (Value::Bool(a), Const::Bool(b)) => a == b,
            (Value::Int(a), Const::Int(b)) => a == b,
            (Value::Date(a), Const::Date(b)) => a == b,
            (Value::Text(a), Const::Text(b)) => self.str(a) == &**b,
            (value, Const::Decimal(b)) => number(value) == Some(*b),
            _ => false,
        }
    }

    fn order(&self, a: &Value, b: &Value) -> Step<Ordering> {
        self.ordering(a, b).ok_or_else(|| Fault::Operation("values without an order were compared").into())
    }

    /// The order of two values; none if they have none.
    #[must_use]
    pub fn ordering(&self, a: &Value, b: &Value) -> Option<Ordering> {
        Some(match (a, b) {
            (Value::Int(a), Value::Int(b)) => a.cmp(b),
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            (Value::Date(a), Value::Date(b)) => a.cmp(b),
            (Value::Time(a), Value::Time(b)) => a.cmp(b),
            (Value::DateTime(a), Value::DateTime(b)) => a.cmp(b),
            (Value::Text(a), Value::Text(b)) => self.str(a).cmp(self.str(b)),
            _ => number(a)?.cmp(&number(b)?),
        })
    }
}
