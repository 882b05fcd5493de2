//! One value of a row that is being written.

use chrono::{NaiveDate, NaiveDateTime};

/// What a row holds in a column. Texts are borrowed: a row lives only until it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Value<'a> {
    /// Nothing entered.
    #[default]
    Null,
    /// A whole number.
    Int(i64),
    /// Yes or no.
    Bool(bool),
    /// An exact decimal.
    Decimal(Decimal),
    /// A text or a code.
    Text(&'a str),
    /// A date.
    Date(NaiveDate),
    /// A date and time.
    DateTime(NaiveDateTime),
    /// A GUID.
    Guid(Guid),
}

/// A decimal number: `units` of the last of `places` decimal places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Decimal {
    pub(crate) units: i64,
    pub(crate) places: u32,
}

impl Decimal {
    pub(crate) const fn new(units: i64, places: u32) -> Self {
        Self { units, places }
    }
}

/// A GUID of version 5, drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Guid(pub(crate) u128);

impl Value<'_> {
    /// Appends the value as text in the form that CSV files and COPY have; nothing for [`Value::Null`].
    pub(crate) fn append_to(self, text: &mut Vec<u8>) {
        match self {
            Value::Null => {}
            Value::Int(number) => append_int(text, number),
            Value::Bool(flag) => text.push(if flag { b'1' } else { b'0' }),
            Value::Decimal(number) => append_decimal(text, number),
            Value::Text(own) => text.extend_from_slice(own.as_bytes()),
            Value::Date(date) => append_date(text, date),
            Value::DateTime(moment) => append_date_time(text, moment),
            Value::Guid(guid) => append_guid(text, guid),
        }
    }
}

fn append_int(text: &mut Vec<u8>, number: i64) {
    let mut digits = [0_u8; 20];
    let mut left = number.unsigned_abs();
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if number < 0 {
        text.push(b'-');
    }
    text.extend_from_slice(&digits[at..]);
}

/// Without trailing zeros, as SQLite gives its NUMERIC columns back, so that every output holds the same text.
fn append_decimal(text: &mut Vec<u8>, number: Decimal) {
    let (mut units, mut places) = (number.units, number.places);
    while places > 0 && units % 10 == 0 {
        units /= 10;
        places -= 1;
    }
    let scale = 10_u64.pow(places);
    if units < 0 {
        text.push(b'-');
    }
    append_int(text, i64::try_from(units.unsigned_abs() / scale).unwrap_or(i64::MAX));
    if places > 0 {
        text.push(b'.');
        append_padded(text, units.unsigned_abs() % scale, places);
    }
}

fn append_padded(text: &mut Vec<u8>, number: u64, width: u32) {
    for place in (0..width).rev() {
        text.push(b'0' + (number / 10_u64.pow(place) % 10) as u8);
    }
}

fn append_date(text: &mut Vec<u8>, date: NaiveDate) {
    use chrono::Datelike;
    append_padded(text, u64::try_from(date.year()).unwrap_or(0), 4);
    text.push(b'-');
    append_padded(text, u64::from(date.month()), 2);
    text.push(b'-');
    append_padded(text, u64::from(date.day()), 2);
}

fn append_date_time(text: &mut Vec<u8>, moment: NaiveDateTime) {
    use chrono::Timelike;
    append_date(text, moment.date());
    for (mark, part) in [(b' ', moment.hour()), (b':', moment.minute()), (b':', moment.second())] {
        text.push(mark);
        append_padded(text, u64::from(part), 2);
    }
}

fn append_guid(text: &mut Vec<u8>, guid: Guid) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    for nibble in 0..32 {
        if matches!(nibble, 8 | 12 | 16 | 20) {
            text.push(b'-');
        }
        text.push(HEX[(guid.0 >> ((31 - nibble) * 4)) as usize & 15]);
    }
}

macro_rules! from {
    ($($own:ty => $kind:ident,)*) => {$(
        impl<'a> From<$own> for Value<'a> {
            fn from(value: $own) -> Self {
                Self::$kind(value)
            }
        }
    )*};
}

from! {
    i64 => Int,
    bool => Bool,
    Decimal => Decimal,
    &'a str => Text,
    &'a String => Text,
    NaiveDate => Date,
    NaiveDateTime => DateTime,
    Guid => Guid,
}

impl From<i32> for Value<'_> {
    fn from(number: i32) -> Self {
        Self::Int(i64::from(number))
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: Value<'_>) -> String {
        let mut bytes = Vec::new();
        value.append_to(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    #[test]
    fn values_have_one_text() {
        assert_eq!(text(Value::Null), "");
        assert_eq!(text(Value::Int(-20)), "-20");
        assert_eq!(text(Decimal::new(3667, 3).into()), "3.667");
        assert_eq!(text(Decimal::new(500, 3).into()), "0.5");
        assert_eq!(text(Decimal::new(4000, 3).into()), "4");
        assert_eq!(text(Decimal::new(-25, 2).into()), "-0.25");
        assert_eq!(text(NaiveDate::from_ymd_opt(2026, 2, 3).into()), "2026-02-03");
        assert_eq!(
            text(Guid(0x0dc2_74a8_99f5_5585_8f47_4694_918b_2c3e).into()),
            "0dc274a8-99f5-5585-8f47-4694918b2c3e"
        );
    }
}
