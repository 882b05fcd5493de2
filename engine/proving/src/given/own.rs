//! A value of a row, as a case gives it.

use graph::{Cell, Date, DateTime, Decimal, Time};
use mapper::value::Value;

/// A value of a row, as a case gives it.
#[derive(Clone, Debug, PartialEq)]
pub enum Own {
    Absent,
    Int(i64),
    Bool(bool),
    Decimal(Decimal),
    Date(Date),
    Time(Time),
    DateTime(DateTime),
    Text(String),
}

impl Own {
    pub fn cell(&self) -> Cell<'_> {
        match self {
            Self::Absent => Cell::Absent,
            Self::Int(number) => Cell::Int(*number),
            Self::Bool(yes) => Cell::Bool(*yes),
            Self::Decimal(number) => Cell::Decimal(*number),
            Self::Date(date) => Cell::Date(*date),
            Self::Time(time) => Cell::Time(*time),
            Self::DateTime(time) => Cell::DateTime(*time),
            Self::Text(text) => Cell::Text(text),
        }
    }

    /// As it would be written.
    pub fn shown(&self) -> String {
        match self {
            Self::Absent => "absent".to_owned(),
            Self::Int(number) => number.to_string(),
            Self::Bool(yes) => yes.to_string(),
            Self::Decimal(number) => number.to_string(),
            Self::Date(date) => date.to_string(),
            Self::Time(time) => time.to_string(),
            Self::DateTime(time) => time.to_string(),
            Self::Text(text) => format!("{text:?}"),
        }
    }

    pub fn of(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Absent | Cell::Bad => Self::Absent,
            Cell::Int(number) => Self::Int(number),
            Cell::Bool(yes) => Self::Bool(yes),
            Cell::Decimal(number) => Self::Decimal(number),
            Cell::Date(date) => Self::Date(date),
            Cell::Time(time) => Self::Time(time),
            Cell::DateTime(time) => Self::DateTime(time),
            Cell::Text(text) => Self::Text(text.to_owned()),
        }
    }
}

/// The value as the evaluator has it.
pub fn value_of(own: &Own) -> Value {
    match own {
        Own::Absent => Value::Absent,
        Own::Int(number) => Value::Int(*number),
        Own::Bool(yes) => Value::Bool(*yes),
        Own::Decimal(number) => Value::Decimal(*number),
        Own::Date(date) => Value::Date(*date),
        Own::Time(time) => Value::Time(*time),
        Own::DateTime(time) => Value::DateTime(*time),
        Own::Text(text) => Value::text(text),
    }
}
