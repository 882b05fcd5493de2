//! One value of the source: what a row holds in a column.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use rust_decimal::Decimal;

use crate::schema::FieldType;

/// A time of day without a zone.
pub type Time = NaiveTime;
/// A date and time without a zone.
pub type DateTime = NaiveDateTime;

/// What a row holds in a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing entered.
    Absent,
    /// Something that is no value of the column's type; reading it is a fault.
    Bad,
    /// A whole number.
    Int(i64),
    /// Yes or no.
    Bool(bool),
    /// An exact decimal number.
    Decimal(Decimal),
    /// A date.
    Date(NaiveDate),
    /// A time of day.
    Time(Time),
    /// A date and time.
    DateTime(DateTime),
    /// A text or a code.
    Text(&'a str),
}

/// A text that is no value of the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadValue;

impl<'a> Cell<'a> {
    /// Reads a text as a value of `field_type`. A blank text is [`Cell::Absent`]: nothing was entered.
    ///
    /// Dates are `YYYY-MM-DD` (a time of midnight may follow), times `HH:MM` or `HH:MM:SS`, booleans `0 1 t f true false y n`.
    ///
    /// # Errors
    /// [`BadValue`] if the text is no value of the type, or a number that Sifter cannot hold exactly.
    ///
    /// ```
    /// use graph::{Cell, FieldType, BadValue};
    /// assert_eq!(Cell::parse(&FieldType::Int, "17"), Ok(Cell::Int(17)));
    /// assert_eq!(Cell::parse(&FieldType::Date, ""), Ok(Cell::Absent));
    /// assert_eq!(Cell::parse(&FieldType::Date, "2026-02-30"), Err(BadValue));
    /// ```
    pub fn parse(field_type: &FieldType, text: &'a str) -> Result<Self, BadValue> {
        if text.bytes().all(|byte| byte == b' ' || byte == b'\t') {
            return Ok(Self::Absent);
        }
        Ok(match field_type {
            FieldType::Text | FieldType::Code(_) => Self::Text(text),
            FieldType::Int => Self::Int(int(text.trim()).ok_or(BadValue)?),
            FieldType::Bool => Self::Bool(bool_of(text.trim()).ok_or(BadValue)?),
            FieldType::Decimal => Self::Decimal(decimal(text.trim()).ok_or(BadValue)?),
            FieldType::Date => Self::Date(date(text.trim()).ok_or(BadValue)?),
            FieldType::Time => Self::Time(time(text.trim()).ok_or(BadValue)?),
            FieldType::DateTime => Self::DateTime(date_time(text.trim()).ok_or(BadValue)?),
        })
    }

    /// Reads a whole number of the source as a value of `field_type`.
    ///
    /// # Errors
    /// [`BadValue`] if the type cannot hold the number.
    pub fn from_int(field_type: &FieldType, number: i64) -> Result<Self, BadValue> {
        match field_type {
            FieldType::Int if number != i64::MIN => Ok(Self::Int(number)),
            FieldType::Decimal => Ok(Self::Decimal(Decimal::from(number))),
            FieldType::Bool if number == 0 || number == 1 => Ok(Self::Bool(number == 1)),
            _ => Err(BadValue),
        }
    }

    /// Reads a floating-point number of the source (SQLite keeps NUMERIC columns so) as a value of `field_type`:
    /// the shortest decimal number that means the same.
    ///
    /// # Errors
    /// [`BadValue`] if the type cannot hold the number.
    pub fn from_float(field_type: &FieldType, number: f64) -> Result<Self, BadValue> {
        match field_type {
            FieldType::Decimal => decimal(&number.to_string()).map(Self::Decimal).ok_or(BadValue),
            FieldType::Int => int(&number.to_string()).map(Self::Int).ok_or(BadValue),
            _ => Err(BadValue),
        }
    }

    /// Whether nothing was entered.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

fn int(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number| *number != i64::MIN)
}

fn bool_of(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" | "y" | "Y" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" | "n" | "N" => Some(false),
        _ => None,
    }
}

/// Decimals are kept as scaled integers of 64 bits.
fn decimal(text: &str) -> Option<Decimal> {
    let number = Decimal::from_str_exact(text).ok().or_else(|| Decimal::from_scientific(text).ok())?;
    i64::try_from(number.mantissa()).ok().filter(|mantissa| *mantissa != i64::MIN).map(|_| number)
}

fn date(text: &str) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    if bytes.len() > 10 {
        let rest = text.get(10..)?;
        let midnight = rest.starts_with([' ', 'T']) && rest[1..].bytes().all(|b| matches!(b, b'0' | b':' | b'.'));
        if !midnight {
            return None;
        }
    }
    let bytes = bytes.get(..10)?;
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let year = digits(&bytes[..4])?;
    if year == 0 {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, digits(&bytes[5..7])?, digits(&bytes[8..10])?)
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0_u32, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
}

fn time(text: &str) -> Option<Time> {
    NaiveTime::parse_from_str(text, "%H:%M:%S%.f").or_else(|_| NaiveTime::parse_from_str(text, "%H:%M")).ok()
}

fn date_time(text: &str) -> Option<DateTime> {
    let day = date(text.get(..10)?)?;
    let rest = text.get(10..)?;
    if rest.is_empty() {
        return Some(day.and_time(NaiveTime::MIN));
    }
    let rest = rest.strip_prefix([' ', 'T'])?;
    Some(day.and_time(time(rest)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_type_reads_its_own_form() {
        let parse = |field_type: &FieldType, text: &'static str| Cell::parse(field_type, text);
        assert_eq!(parse(&FieldType::Decimal, "3.667"), Ok(Cell::Decimal(Decimal::new(3667, 3))));
        assert_eq!(parse(&FieldType::Bool, "t"), Ok(Cell::Bool(true)));
        assert!(parse(&FieldType::Date, "2026-02-03 00:00:00").is_ok());
        assert_eq!(parse(&FieldType::Date, "2026-02-03 08:00:00"), Err(BadValue));
        assert_eq!(parse(&FieldType::Date, "0000-02-03"), Err(BadValue));
        assert_eq!(parse(&FieldType::Text, "  "), Ok(Cell::Absent));
        assert_eq!(parse(&FieldType::Int, "1.5"), Err(BadValue));
        assert_eq!(Cell::from_float(&FieldType::Decimal, 3.667), Ok(Cell::Decimal(Decimal::new(3667, 3))));
        assert!(matches!(parse(&FieldType::DateTime, "2021-10-18 09:00:00"), Ok(Cell::DateTime(_))));
        assert!(matches!(parse(&FieldType::Time, "08:35"), Ok(Cell::Time(_))));
    }

    proptest! {
        #[test]
        fn no_text_makes_a_panic(text in any::<String>()) {
            for field_type in [FieldType::Int, FieldType::Bool, FieldType::Decimal, FieldType::Date, FieldType::Time, FieldType::DateTime] {
                let _ = Cell::parse(&field_type, &text);
            }
        }

        #[test]
        fn a_decimal_survives(mantissa in -9_999_999_999_i64..9_999_999_999, scale in 0_u32..6) {
            let number = Decimal::new(mantissa, scale);
            let text = number.to_string();
            prop_assert_eq!(Cell::parse(&FieldType::Decimal, &text), Ok(Cell::Decimal(number)));
        }
    }
}
