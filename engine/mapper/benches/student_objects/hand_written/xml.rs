//! XML straight into a `Vec<u8>`: tags as they come, and texts escaped as `sif` escapes them. A program that knows its output
//! needs no tree; this is the fastest of the plain ways to write it.

use std::io::Write;

use chrono::Datelike;
use graph::Date;

pub struct Xml<'o>(pub &'o mut Vec<u8>);

impl Xml<'_> {
    /// Markup that needs no escaping.
    pub fn raw(&mut self, markup: &str) {
        self.0.extend_from_slice(markup.as_bytes());
    }

    fn start(&mut self, name: &str) {
        self.0.push(b'<');
        self.raw(name);
        self.0.push(b'>');
    }

    fn end(&mut self, name: &str) {
        self.0.extend_from_slice(b"</");
        self.raw(name);
        self.0.push(b'>');
    }

    pub fn empty(&mut self, name: &str) {
        self.0.push(b'<');
        self.raw(name);
        self.0.extend_from_slice(b"/>");
    }

    pub fn leaf(&mut self, name: &str, value: &str) {
        self.start(name);
        self.text(value);
        self.end(name);
    }

    /// The element, if there is a value.
    pub fn optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.leaf(name, value);
        }
    }

    /// The element, empty if there is no value.
    pub fn always(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => self.leaf(name, value),
            None => self.empty(name),
        }
    }

    pub fn yes_no(&mut self, name: &str, yes: bool) {
        self.leaf(name, if yes { "Yes" } else { "No" });
    }

    /// Y, or an empty element.
    pub fn mark(&mut self, name: &str, yes: bool) {
        self.always(name, yes.then_some("Y"));
    }

    pub fn number(&mut self, name: &str, number: i64) {
        self.start(name);
        self.display(number);
        self.end(name);
    }

    pub fn optional_date(&mut self, name: &str, date: Option<Date>) {
        if let Some(date) = date {
            self.date(name, date);
        }
    }

    pub fn always_date(&mut self, name: &str, date: Option<Date>) {
        match date {
            Some(date) => self.date(name, date),
            None => self.empty(name),
        }
    }

    pub fn date(&mut self, name: &str, date: Date) {
        self.start(name);
        let (year, month, day) = (date.year().unsigned_abs(), date.month(), date.day());
        let digits = [year / 1000, year / 100, year / 10, year, month / 10, month, day / 10, day]
            .map(|number| b'0' + (number % 10) as u8);
        self.0.extend_from_slice(&digits[..4]);
        self.0.push(b'-');
        self.0.extend_from_slice(&digits[4..6]);
        self.0.push(b'-');
        self.0.extend_from_slice(&digits[6..]);
        self.end(name);
    }

    pub fn display(&mut self, value: impl std::fmt::Display) {
        let _ = write!(self.0, "{value}");
    }

    /// A container, unless nothing is in it.
    pub fn unless_empty(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        let before = self.0.len();
        self.start(name);
        let after = self.0.len();
        inside(self);
        if self.0.len() == after {
            self.0.truncate(before);
        } else {
            self.end(name);
        }
    }

    /// A GUID as SIF has it: upper case, no dashes.
    pub fn guid(&mut self, guid: &str) {
        let digits = guid.bytes().filter(|byte| !matches!(byte, b'-' | b'{' | b'}'));
        self.0.extend(digits.map(|byte| byte.to_ascii_uppercase()));
    }

    /// A state's code for something that SIF has no code for.
    pub fn other_code(&mut self, code: &str) {
        self.raw("<OtherCodeList><OtherCode Codeset=\"StateProvince\">");
        self.text(code);
        self.raw("</OtherCode></OtherCodeList>");
    }

    pub fn text(&mut self, text: &str) {
        // 0xEF begins the two code points above the surrogates that XML cannot carry.
        let suspect = |byte: u8| matches!(byte, b'&' | b'<' | b'>' | 0..=8 | 11..=31 | 0xEF);
        if !text.bytes().any(suspect) {
            return self.raw(text);
        }
        for character in text.chars() {
            match character {
                '&' => self.raw("&amp;"),
                '<' => self.raw("&lt;"),
                '>' => self.raw("&gt;"),
                '\r' => self.raw("&#13;"),
                '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => self.raw("\u{fffd}"),
                other => self.raw(other.encode_utf8(&mut [0; 4])),
            }
        }
    }
}
