//! Values of a run as values of the script engine, and back.

use std::rc::Rc;
use std::sync::Arc;

use graph::{Date, DateTime, Days, Decimal, EntityId, Row, Time};
use rhai::{Dynamic, ImmutableString};

use crate::evaluation::Evaluation;
use crate::value::{Rows, Value};

/// A row, in a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handle(pub Row);

/// Rows, in a script.
#[derive(Clone, Debug)]
pub struct RowsHandle {
    pub entity: EntityId,
    pub indexes: Rc<[u32]>,
}

/// The zone, in a script.
#[derive(Clone, Copy, Debug)]
pub struct ZoneHandle;

/// A file of parameters, in a script.
#[derive(Clone, Debug)]
pub struct Group(pub Arc<str>);

/// A list of the zone, in a script.
#[derive(Clone, Debug)]
pub struct ZoneList(pub Value);

/// Walks over rows.
pub struct Each(RowsHandle, usize);

impl Iterator for Each {
    type Item = Handle;
    fn next(&mut self) -> Option<Handle> {
        let index = *self.0.indexes.get(self.1)?;
        self.1 += 1;
        Some(Handle(Row { entity: self.0.entity, index }))
    }
}

impl IntoIterator for RowsHandle {
    type Item = Handle;
    type IntoIter = Each;
    fn into_iter(self) -> Each {
        Each(self, 0)
    }
}

/// A value for the script engine.
pub fn to_dynamic(evaluation: &Evaluation, value: Value) -> Dynamic {
    match value {
        Value::Absent => Dynamic::UNIT,
        Value::Bool(yes) => yes.into(),
        Value::Int(number) => number.into(),
        Value::Decimal(number) => Dynamic::from_decimal(number),
        Value::Date(date) => Dynamic::from(date),
        Value::Time(time) => Dynamic::from(time),
        Value::DateTime(time) => Dynamic::from(time),
        Value::Text(text) => Dynamic::from(ImmutableString::from(evaluation.str(&text))),
        Value::Row(row) => Dynamic::from(Handle(row)),
        Value::Rows(rows) => {
            Dynamic::from(RowsHandle { entity: rows.entity(), indexes: rows.indexes(&evaluation.graph).into() })
        }
        Value::Days(days) => Dynamic::from(days),
        list @ (Value::Schools | Value::ExcludedCalendars) => Dynamic::from(ZoneList(list)),
    }
}

/// A value of the script engine as a value of the run; none if it is no such value.
pub fn from_dynamic(value: Dynamic) -> Option<Value> {
    if value.is_unit() {
        return Some(Value::Absent);
    }
    if let Ok(yes) = value.as_bool() {
        return Some(Value::Bool(yes));
    }
    if let Ok(number) = value.as_int() {
        return Some(Value::Int(number));
    }
    if let Ok(number) = value.as_decimal() {
        return Some(Value::Decimal(number));
    }
    if let Some(text) = value.read_lock::<ImmutableString>() {
        return Some(Value::text(&text));
    }
    macro_rules! try_as {
        ($($kind:ty => $make:expr),* $(,)?) => {
            $(if let Some(inner) = value.read_lock::<$kind>() {
                let make: fn($kind) -> Value = $make;
                return Some(make(inner.clone()));
            })*
        };
    }
    try_as! {
        Handle => |handle| Value::Row(handle.0),
        Date => Value::Date,
        Time => Value::Time,
        DateTime => Value::DateTime,
        Rc<Days> => Value::Days,
        RowsHandle => |rows| Value::Rows(Rows::list(rows.entity, &rows.indexes)),
        ZoneList => |list| list.0,
        Decimal => Value::Decimal,
    }
    None
}
