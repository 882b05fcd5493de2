//! Values as text.

use chrono::Datelike;
use graph::{Cell, Row};

use crate::evaluation::Evaluation;
use crate::natives::with_decimals;
use crate::value::Value;

impl Evaluation {
    /// Appends a value as XML text has it; false for a value that has no such text.
    pub(crate) fn write(&self, value: &Value, decimals: Option<u32>, out: &mut String) -> bool {
        let cell = match value {
            Value::Text(text) => Cell::Text(self.str(text)),
            Value::Int(number) => Cell::Int(*number),
            Value::Decimal(number) => Cell::Decimal(*number),
            Value::Date(date) => Cell::Date(*date),
            Value::Time(time) => Cell::Time(*time),
            Value::DateTime(time) => Cell::DateTime(*time),
            Value::Bool(yes) => Cell::Bool(*yes),
            _ => return false,
        };
        write_cell(cell, decimals, out)
    }

    /// A value in a few words, for `explain`: a single value as it is, rows by their keys.
    #[must_use]
    pub fn show(&self, value: &Value) -> Option<String> {
        let mut text = String::new();
        if self.write(value, None, &mut text) {
            return Some(text);
        }
        let name = |row: Row| {
            let entity = &self.plan.schema[row.entity];
            format!("{} {}", entity.name, self.graph.key(row))
        };
        match value {
            Value::Row(row) => Some(name(*row)),
            Value::Rows(rows) => {
                let entity = rows.entity();
                let indexes = rows.indexes(&self.graph);
                let shown: Vec<String> = indexes
                    .iter()
                    .take(8)
                    .map(|index| self.graph.key(Row { entity, index: *index }).to_string())
                    .collect();
                let more = if indexes.len() > 8 { ", …" } else { "" };
                Some(format!("{} rows of {}: {}{more}", indexes.len(), self.plan.schema[entity].name, shown.join(", ")))
            }
            Value::Days(days) => Some(format!("{} days", days.len())),
            _ => None,
        }
    }
}

/// Appends a cell as XML text has it; false where there is none.
pub(crate) fn write_cell(cell: Cell<'_>, decimals: Option<u32>, out: &mut String) -> bool {
    use std::fmt::Write;
    let written = match cell {
        Cell::Text(text) => {
            out.push_str(text);
            return true;
        }
        Cell::Int(number) => match decimals {
            Some(places) => write!(out, "{}", with_decimals(number.into(), places)),
            None => write!(out, "{number}"),
        },
        Cell::Decimal(number) => match decimals {
            Some(places) => write!(out, "{}", with_decimals(number, places)),
            None => write!(out, "{}", number.normalize()),
        },
        Cell::Date(date) => {
            write_date(date, out);
            return true;
        }
        Cell::Time(time) => write!(out, "{}", time.format("%H:%M:%S")),
        Cell::DateTime(time) => write!(out, "{}", time.format("%Y-%m-%dT%H:%M:%S")),
        Cell::Bool(yes) => write!(out, "{yes}"),
        Cell::Absent | Cell::Bad => return false,
    };
    written.is_ok()
}

fn write_date(date: graph::Date, out: &mut String) {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let digit = |number: u32| char::from_digit(number % 10, 10).unwrap_or('0');
    if let Ok(year) = u32::try_from(year)
        && year <= 9999
    {
        for part in [year / 1000, year / 100, year / 10, year] {
            out.push(digit(part));
        }
        out.push('-');
        out.push(digit(month / 10));
        out.push(digit(month));
        out.push('-');
        out.push(digit(day / 10));
        out.push(digit(day));
    } else {
        out.push_str(&date.to_string());
    }
}
