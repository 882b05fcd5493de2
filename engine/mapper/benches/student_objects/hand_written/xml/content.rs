//! What stands in elements and attributes.

use std::fmt::Display;
use std::io::Write;

use chrono::Datelike;
use graph::Date;

pub trait Content {
    /// Appends it as it stands in XML.
    fn append(&self, out: &mut Vec<u8>);

    /// A text that may need escaping.
    fn text(&self) -> Option<&str> {
        None
    }
}

/// A text, escaped as `sif` escapes it.
pub struct Text<'t>(pub &'t str);

impl Content for Text<'_> {
    fn append(&self, out: &mut Vec<u8>) {
        // 0xEF begins the two code points above the surrogates that XML cannot carry.
        let suspect = |byte: u8| matches!(byte, b'&' | b'<' | b'>' | 0..=8 | 11..=31 | 0xEF);
        if !self.0.bytes().any(suspect) {
            return out.extend_from_slice(self.0.as_bytes());
        }
        for character in self.0.chars() {
            match character {
                '&' => out.extend_from_slice(b"&amp;"),
                '<' => out.extend_from_slice(b"&lt;"),
                '>' => out.extend_from_slice(b"&gt;"),
                '\r' => out.extend_from_slice(b"&#13;"),
                '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                    out.extend_from_slice("\u{fffd}".as_bytes());
                }
                other => out.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
    }

    fn text(&self) -> Option<&str> {
        Some(self.0)
    }
}

/// A GUID as SIF has it: upper case, no dashes.
pub struct Guid<'g>(pub &'g str);

impl Content for Guid<'_> {
    fn append(&self, out: &mut Vec<u8>) {
        let digits = self.0.bytes().filter(|byte| !matches!(byte, b'-' | b'{' | b'}'));
        out.extend(digits.map(|byte| byte.to_ascii_uppercase()));
    }
}

/// Something that shows itself without characters that need escaping.
pub struct Shown<D>(pub D);

impl<D: Display> Content for Shown<D> {
    fn append(&self, out: &mut Vec<u8>) {
        let _ = write!(out, "{}", self.0);
    }
}

/// A date.
pub struct Iso(pub Date);

impl Content for Iso {
    fn append(&self, out: &mut Vec<u8>) {
        let (year, month, day) = (self.0.year().unsigned_abs(), self.0.month(), self.0.day());
        let digits = [year / 1000, year / 100, year / 10, year, month / 10, month, day / 10, day]
            .map(|number| b'0' + (number % 10) as u8);
        out.extend_from_slice(&digits[..4]);
        out.push(b'-');
        out.extend_from_slice(&digits[4..6]);
        out.push(b'-');
        out.extend_from_slice(&digits[6..]);
    }
}
