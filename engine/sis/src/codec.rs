//! Rows as bytes, to be kept until their batch is asked for: one byte that says what a cell is, then what it needs.

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};
use graph::{Cell, Decimal, FieldType};

use crate::fault::Fault;

/// Below this, a cell's first byte says that there is no value; from it on, that there is one, and something about it.
const VALUE: u8 = 4;
/// The first byte of a text whose length follows.
const LONG: u8 = u8::MAX;

/// Starts a row.
pub(crate) fn put_key(out: &mut Vec<u8>, key: i64) {
    put_signed(out, key);
}

/// Adds a cell.
pub(crate) fn put_cell(out: &mut Vec<u8>, cell: Result<Cell<'_>, Fault>) {
    match cell {
        Ok(Cell::Absent) => out.push(0),
        Err(Fault::Empty) => out.push(2),
        Err(Fault::BadText) => out.push(3),
        Err(_) | Ok(Cell::Bad) => out.push(1),
        Ok(Cell::Int(number)) => {
            out.push(VALUE);
            put_signed(out, number);
        }
        Ok(Cell::Bool(yes)) => out.push(VALUE + u8::from(yes)),
        Ok(Cell::Decimal(number)) => match (i64::try_from(number.mantissa()), u8::try_from(number.scale())) {
            (Ok(mantissa), Ok(scale)) => {
                out.push(VALUE + scale);
                put_signed(out, mantissa);
            }
            _ => out.push(1),
        },
        Ok(Cell::Date(date)) => {
            out.push(VALUE);
            put_date(out, date);
        }
        Ok(Cell::Time(time)) => {
            out.push(VALUE);
            put_time(out, time);
        }
        Ok(Cell::DateTime(moment)) => {
            out.push(VALUE);
            put_date(out, moment.date());
            put_time(out, moment.time());
        }
        Ok(Cell::Text(text)) => {
            match u8::try_from(text.len()).ok().and_then(|length| length.checked_add(VALUE)) {
                Some(first) if first != LONG => out.push(first),
                _ => {
                    out.push(LONG);
                    put_unsigned(out, text.len() as u64);
                }
            }
            out.extend_from_slice(text.as_bytes());
        }
    }
}

fn put_unsigned(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

/// Numbers near zero are short, whatever their sign.
fn put_signed(out: &mut Vec<u8>, number: i64) {
    put_unsigned(out, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

fn put_date(out: &mut Vec<u8>, date: NaiveDate) {
    put_signed(out, i64::from(date.num_days_from_ce()));
}

fn put_time(out: &mut Vec<u8>, time: NaiveTime) {
    put_unsigned(out, u64::from(time.num_seconds_from_midnight()));
    put_unsigned(out, u64::from(time.nanosecond()));
}

/// Reads rows back. Everything gives `None` when the bytes are not what was written.
pub(crate) struct Reader<'b> {
    bytes: &'b [u8],
}

impl<'b> Reader<'b> {
    pub(crate) const fn new(bytes: &'b [u8]) -> Self {
        Self { bytes }
    }

    pub(crate) const fn is_done(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The start of a row: its key, if it has one.
    pub(crate) fn key(&mut self) -> Option<i64> {
        self.signed()
    }

    /// Adds the next cell to `cells`, and gives what is wrong with it. A cell is put in its place at once, since handing it
    /// on by way of nested results was measured to cost more than reading it.
    pub(crate) fn cell(&mut self, field_type: &FieldType, cells: &mut Vec<Cell<'b>>) -> Option<Option<Fault>> {
        let first = self.byte()?;
        let Some(about) = first.checked_sub(VALUE) else {
            let (cell, fault) = match first {
                0 => (Cell::Absent, None),
                2 => (Cell::Bad, Some(Fault::Empty)),
                3 => (Cell::Bad, Some(Fault::BadText)),
                _ => (Cell::Bad, Some(Fault::BadValue)),
            };
            cells.push(cell);
            return Some(fault);
        };
        match field_type {
            FieldType::Int => cells.push(Cell::Int(self.signed()?)),
            FieldType::Bool => cells.push(Cell::Bool(about == 1)),
            FieldType::Decimal => {
                cells.push(Cell::Decimal(Decimal::try_new(self.signed()?, u32::from(about)).ok()?));
            }
            FieldType::Date => cells.push(Cell::Date(self.date()?)),
            FieldType::Time => cells.push(Cell::Time(self.time()?)),
            FieldType::DateTime => cells.push(Cell::DateTime(self.date()?.and_time(self.time()?))),
            FieldType::Text | FieldType::Code(_) => {
                let length = if first == LONG { usize::try_from(self.unsigned()?).ok()? } else { usize::from(about) };
                let (text, rest) = self.bytes.split_at_checked(length)?;
                self.bytes = rest;
                cells.push(Cell::Text(std::str::from_utf8(text).ok()?));
            }
        }
        Some(None)
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let number = self.unsigned()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    fn date(&mut self) -> Option<NaiveDate> {
        NaiveDate::from_num_days_from_ce_opt(i32::try_from(self.signed()?).ok()?)
    }

    fn time(&mut self) -> Option<NaiveTime> {
        let seconds = u32::try_from(self.unsigned()?).ok()?;
        NaiveTime::from_num_seconds_from_midnight_opt(seconds, u32::try_from(self.unsigned()?).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn round_trip(field_type: &FieldType, cell: Result<Cell<'_>, Fault>) {
        let mut out = Vec::new();
        put_key(&mut out, -5);
        put_cell(&mut out, cell);
        put_key(&mut out, i64::MIN);
        let mut reader = Reader::new(&out);
        assert_eq!(reader.key(), Some(-5));
        let mut cells = Vec::new();
        assert_eq!(reader.cell(field_type, &mut cells), Some(cell.err()));
        assert_eq!(cells, [cell.unwrap_or(Cell::Bad)]);
        assert_eq!(reader.key(), Some(i64::MIN));
        assert!(reader.is_done());
        assert_eq!(reader.key(), None);
    }

    proptest! {
        #[test]
        fn every_cell_comes_back(text in ".{0,300}", number in i64::MIN + 1.., scale in 0_u32..=28, days in 1_i32..3_000_000, seconds in 0_u32..86_400, nanos in 0_u32..1_000_000_000) {
            round_trip(&FieldType::Text, Ok(Cell::Text(&text)));
            round_trip(&FieldType::Code("x".into()), Ok(Cell::Text(&text)));
            round_trip(&FieldType::Int, Ok(Cell::Int(number)));
            round_trip(&FieldType::Decimal, Ok(Cell::Decimal(Decimal::new(number, scale))));
            let date = NaiveDate::from_num_days_from_ce_opt(days).unwrap();
            let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos).unwrap();
            round_trip(&FieldType::Date, Ok(Cell::Date(date)));
            round_trip(&FieldType::Time, Ok(Cell::Time(time)));
            round_trip(&FieldType::DateTime, Ok(Cell::DateTime(date.and_time(time))));
        }

        #[test]
        fn no_bytes_make_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            for field_type in [FieldType::Int, FieldType::Bool, FieldType::Decimal, FieldType::Date, FieldType::Time, FieldType::DateTime, FieldType::Text] {
                let mut reader = Reader::new(&bytes);
                while !reader.is_done() && reader.cell(&field_type, &mut Vec::new()).is_some() {}
            }
        }
    }

    #[test]
    fn every_other_cell_comes_back() {
        for field_type in [FieldType::Bool, FieldType::Text, FieldType::Int] {
            for cell in [Ok(Cell::Absent), Err(Fault::BadValue), Err(Fault::Empty), Err(Fault::BadText)] {
                round_trip(&field_type, cell);
            }
        }
        round_trip(&FieldType::Bool, Ok(Cell::Bool(true)));
        round_trip(&FieldType::Bool, Ok(Cell::Bool(false)));
        for length in [0, 250, 251, 252, 70_000] {
            round_trip(&FieldType::Text, Ok(Cell::Text(&"x".repeat(length))));
        }
    }
}
