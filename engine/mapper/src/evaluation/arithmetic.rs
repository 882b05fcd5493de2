//! Arithmetic: whole numbers, exact decimals and dates.

use rulebook::plan::Arithmetic;
use rust_decimal::Decimal;

use super::Evaluation;
use crate::fault::{Fault, Step, Stop};
use crate::value::Value;

impl Evaluation {
    #[inline(never)]
    pub(super) fn arithmetic(&self, operation: Arithmetic, a: &Value, b: &Value) -> Step<Value> {
        let overflow = || Stop::from(Fault::Data("a number is too large"));
        let days = |days: i64| chrono::TimeDelta::try_days(days).ok_or_else(overflow);
        Ok(match (operation, a, b) {
            (Arithmetic::AddDays, Value::Date(date), Value::Int(number)) => {
                Value::Date(date.checked_add_signed(days(*number)?).ok_or_else(overflow)?)
            }
            (Arithmetic::SubtractDays, Value::Date(date), Value::Int(number)) => {
                Value::Date(date.checked_sub_signed(days(*number)?).ok_or_else(overflow)?)
            }
            (Arithmetic::DaysBetween, Value::Date(a), Value::Date(b)) => Value::Int((*a - *b).num_days()),
            (_, Value::Int(a), Value::Int(b)) => Value::Int(
                match operation {
                    Arithmetic::Add => a.checked_add(*b),
                    Arithmetic::Subtract => a.checked_sub(*b),
                    Arithmetic::Multiply => a.checked_mul(*b),
                    Arithmetic::Divide if *b != 0 => a.checked_div(*b),
                    Arithmetic::Remainder if *b != 0 => a.checked_rem(*b),
                    _ => return Err(Fault::Data("a division by zero").into()),
                }
                .ok_or_else(overflow)?,
            ),
            (_, a, b) => {
                if a.is_absent() || b.is_absent() {
                    return Err(Fault::Data("something that it is made of is missing").into());
                }
                let (Some(a), Some(b)) = (number(a), number(b)) else {
                    return Err(Fault::Operation("arithmetic on something that is no number").into());
                };
                Value::Decimal(
                    match operation {
                        Arithmetic::Add => a.checked_add(b),
                        Arithmetic::Subtract => a.checked_sub(b),
                        Arithmetic::Multiply => a.checked_mul(b),
                        Arithmetic::Divide if !b.is_zero() => a.checked_div(b),
                        Arithmetic::Remainder if !b.is_zero() => a.checked_rem(b),
                        _ => return Err(Fault::Data("a division by zero").into()),
                    }
                    .ok_or_else(overflow)?,
                )
            }
        })
    }
}

/// Whether a value is a number.
pub const fn number_kind(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Decimal(_))
}

/// A number as a decimal.
pub fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int(number) => Some(Decimal::from(*number)),
        Value::Decimal(number) => Some(*number),
        _ => None,
    }
}
