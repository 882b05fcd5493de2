//! Values as text.

use chrono::Datelike;
use graph::{Cell, Row};
use rust_decimal::Decimal;

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
            Some(places) => {
                write_decimal(with_decimals(number.into(), places), out);
                return true;
            }
            None => {
                write_int(number, out);
                return true;
            }
        },
        Cell::Decimal(number) => {
            write_decimal(decimals.map_or_else(|| number.normalize(), |places| with_decimals(number, places)), out);
            return true;
        }
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

/// The digits of the largest number of 64 bits.
const MOST_DIGITS: usize = 20;

/// Appends a whole number. Most are small, and need nothing of what formatting can do.
pub(crate) fn write_int(number: i64, out: &mut String) {
    match u64::try_from(number) {
        Ok(number) => write_digits(number, 1, out),
        Err(_) => {
            out.push('-');
            write_digits(number.unsigned_abs(), 1, out);
        }
    }
}

/// Appends a decimal number with the decimals that it has.
pub(crate) fn write_decimal(number: Decimal, out: &mut String) {
    let scale = number.scale();
    let (Ok(digits), Some(one)) = (u64::try_from(number.mantissa().unsigned_abs()), 10_u64.checked_pow(scale)) else {
        out.push_str(&number.to_string());
        return;
    };
    if number.is_sign_negative() {
        out.push('-');
    }
    write_digits(digits / one, 1, out);
    if scale > 0 {
        out.push('.');
        write_digits(digits % one, scale as usize, out);
    }
}

/// Appends a number with at least so many digits.
fn write_digits(mut number: u64, least: usize, out: &mut String) {
    let mut digits = [b'0'; MOST_DIGITS];
    let mut start = MOST_DIGITS;
    while number > 0 && start > 0 {
        start -= 1;
        digits[start] = b"0123456789"[(number % 10) as usize];
        number /= 10;
    }
    let start = start.min(MOST_DIGITS.saturating_sub(least));
    out.push_str(std::str::from_utf8(&digits[start..]).unwrap_or_default());
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(write: impl FnOnce(&mut String)) -> String {
        let mut out = String::new();
        write(&mut out);
        out
    }

    proptest! {
        #[test]
        fn whole_numbers_are_written_as_they_are_shown(number in any::<i64>(), shift in 0_u32..64) {
            let number = number >> shift;
            prop_assert_eq!(written(|out| write_int(number, out)), number.to_string());
        }

        #[test]
        fn decimals_are_written_as_they_are_shown(mantissa in any::<i128>(), shift in 32_u32..128, scale in 0_u32..=28) {
            let number = Decimal::from_i128_with_scale(mantissa >> shift, scale);
            prop_assert_eq!(written(|out| write_decimal(number, out)), number.to_string());
            prop_assert_eq!(written(|out| write_decimal(-number, out)), (-number).to_string());
        }
    }
}
