//! How values of the XML Schema types are written. As strict as libxml2, which judges our output.

use std::borrow::Cow;
use std::cmp::Ordering;

use iri_string::types::UriReferenceStr;

/// White space of XML.
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The value without white space at its ends and with single spaces inside; borrowed where nothing changes.
pub(super) fn collapse(value: &str) -> Cow<'_, str> {
    let bytes = value.as_bytes();
    let mut after_space = true;
    let mut clean = true;
    for &byte in bytes {
        let space = is_space(byte);
        if space && (after_space || byte != b' ') {
            clean = false;
            break;
        }
        after_space = space;
    }
    if clean && (bytes.is_empty() || !after_space) {
        return Cow::Borrowed(value);
    }
    let words = value.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty());
    let mut out = String::with_capacity(value.len());
    for word in words {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    Cow::Owned(out)
}

/// 32 upper-case hexadecimal digits.
pub(super) fn guid(value: &str) -> bool {
    // Looks at all of them: without an early end the compiler takes many at a time.
    <&[u8; 32]>::try_from(value.as_bytes())
        .is_ok_and(|bytes| bytes.iter().fold(true, |all, byte| all & matches!(byte, b'0'..=b'9' | b'A'..=b'F')))
}

/// Most dates: four digits of the year, no zone, a day that every month has. Others may be dates too.
pub(super) fn is_common_date(value: &str) -> bool {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = value.as_bytes() else {
        return false;
    };
    let digits = [y1, y2, y3, y4, m1, m2, d1, d2].iter().all(u8::is_ascii_digit);
    let month = matches!((m1, m2), (b'0', b'1'..) | (b'1', ..=b'2'));
    let day = matches!((d1, d2), (b'0', b'1'..) | (b'1', _) | (b'2', ..=b'8'));
    digits && month && day && [y1, y2, y3, y4] != *b"0000"
}

/// A whole number from 0 to 4294967295, digits only.
pub(super) fn unsigned(value: &str) -> Option<u32> {
    if value.bytes().all(|byte| byte.is_ascii_digit()) { value.parse().ok() } else { None }
}

/// A URI reference, after the characters that XML Schema escapes for the writer are replaced.
pub(super) fn any_uri(value: &str) -> bool {
    let escaped: String = value
        .chars()
        .map(|character| match character {
            '\0'..=' ' | '\u{7f}'.. | '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`' => '_',
            other => other,
        })
        .collect();
    let Ok(reference) = UriReferenceStr::new(&escaped) else {
        return false;
    };
    // libxml2 takes no empty port and none that overflows; real ports have 16 bits.
    match reference.authority_components().and_then(|authority| authority.port()) {
        Some(port) => port.parse::<u16>().is_ok(),
        None => reference.authority_str().is_none_or(|authority| !authority.ends_with(':')),
    }
}

/// A decimal number, taken apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decimal<'v> {
    negative: bool,
    whole: &'v str,
    fraction: &'v str,
}

impl<'v> Decimal<'v> {
    /// libxml2 keeps 24 digits and refuses more.
    const MOST_DIGITS: usize = 24;

    pub(super) fn parse(value: &'v str) -> Option<Self> {
        let (negative, digits) = match value.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, value.strip_prefix('+').unwrap_or(value)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let number = Self { negative, whole: whole.trim_start_matches('0'), fraction: fraction.trim_end_matches('0') };
        (number.whole.len() + fraction.len() <= Self::MOST_DIGITS).then_some(number)
    }

    pub(super) const fn fraction_digits(&self) -> usize {
        self.fraction.len()
    }

    pub(super) fn compare(&self, bound: i64) -> Ordering {
        // At most 24 digits, so it fits.
        let magnitude = self.whole.parse::<i128>().unwrap_or(0);
        let (whole, beyond) = if self.negative { (-magnitude, Ordering::Less) } else { (magnitude, Ordering::Greater) };
        let fraction = if self.fraction.is_empty() { Ordering::Equal } else { beyond };
        whole.cmp(&i128::from(bound)).then(fraction)
    }
}

pub(super) fn date(value: &str) -> bool {
    full_date(value).is_some_and(zone)
}

pub(super) fn year_month(value: &str) -> bool {
    take_year(value).and_then(|(_, rest)| two(rest.strip_prefix('-')?, 1, 12)).is_some_and(|(_, rest)| zone(rest))
}

pub(super) fn year(value: &str) -> bool {
    take_year(value).is_some_and(|(_, rest)| zone(rest))
}

pub(super) fn time(value: &str) -> bool {
    full_time(value).is_some_and(zone)
}

pub(super) fn date_time(value: &str) -> bool {
    full_date(value).and_then(|rest| full_time(rest.strip_prefix('T')?)).is_some_and(zone)
}

/// What follows the date at the start.
fn full_date(value: &str) -> Option<&str> {
    let (year, rest) = take_year(value)?;
    let (month, rest) = two(rest.strip_prefix('-')?, 1, 12)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    two(rest.strip_prefix('-')?, 1, last).map(|(_, rest)| rest)
}

/// What follows the time at the start. 24:00:00 is the end of the day.
fn full_time(value: &str) -> Option<&str> {
    let (hour, rest) = two(value, 0, 24)?;
    let (minute, rest) = two(rest.strip_prefix(':')?, 0, 59)?;
    let (second, mut rest) = two(rest.strip_prefix(':')?, 0, 59)?;
    let mut past_midnight = minute > 0 || second > 0;
    if let Some(digits) = rest.strip_prefix('.') {
        let end = digits.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
        let (fraction, after) = digits.split_at_checked(end)?;
        if fraction.is_empty() {
            return None;
        }
        past_midnight |= fraction.bytes().any(|byte| byte != b'0');
        rest = after;
    }
    (hour < 24 || !past_midnight).then_some(rest)
}

/// The year at the start (at least four digits, no needless zeros, no year 0) and what follows.
fn take_year(value: &str) -> Option<(i64, &str)> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let end = digits.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    let (year, rest) = digits.split_at_checked(end)?;
    if !(4..=18).contains(&year.len()) || (year.len() > 4 && year.starts_with('0')) {
        return None;
    }
    let year: i64 = year.parse().ok()?;
    (year != 0).then_some((year, rest))
}

/// Two digits at the start, between `least` and `greatest`, and what follows.
fn two(value: &str, least: u8, greatest: u8) -> Option<(u8, &str)> {
    let (digits, rest) = value.split_at_checked(2)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u8 = digits.parse().ok()?;
    (least..=greatest).contains(&number).then_some((number, rest))
}

/// Nothing, `Z`, or an offset of at most 14 hours.
fn zone(rest: &str) -> bool {
    if rest.is_empty() || rest == "Z" {
        return true;
    }
    let offset = rest.strip_prefix(['+', '-']).and_then(|rest| {
        let (hour, rest) = two(rest, 0, 14)?;
        let (minute, rest) = two(rest.strip_prefix(':')?, 0, 59)?;
        Some((hour, minute, rest))
    });
    matches!(offset, Some((hour, minute, "")) if hour < 14 || minute == 0)
}
