//! Equality and order of values.

use std::cmp::Ordering;

use rulebook::plan::{Compare, Const};

use super::{Evaluation, number};
use crate::fault::{Fault, Step};
use crate::value::Value;

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
