//! Tags and texts straight into a `Vec<u8>`. A program that knows its output needs nothing else; this is the fastest of the
//! plain ways to write it.

use super::{Content, Xml};

pub struct Appended(Vec<u8>);

impl Xml for Appended {
    fn onto(out: Vec<u8>) -> Self {
        Self(out)
    }

    fn done(self) -> Vec<u8> {
        self.0
    }

    fn out(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }

    fn begin(&mut self, name: &'static str) {
        self.0.push(b'<');
        self.0.extend_from_slice(name.as_bytes());
    }

    fn attribute(&mut self, name: &str, value: impl Content) {
        self.0.push(b' ');
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"=\"");
        value.append(&mut self.0);
        self.0.push(b'"');
    }

    fn within(&mut self) {
        self.0.push(b'>');
    }

    fn content(&mut self, content: impl Content) {
        content.append(&mut self.0);
    }

    fn end(&mut self, name: &'static str) {
        self.0.extend_from_slice(b"</");
        self.0.extend_from_slice(name.as_bytes());
        self.0.push(b'>');
    }

    fn empty(&mut self, name: &'static str) {
        self.0.push(b'<');
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"/>");
    }

    fn without_content(&mut self) {
        self.0.extend_from_slice(b"/>");
    }
}
