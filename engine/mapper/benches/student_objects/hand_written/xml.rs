//! How the hand-written program writes XML: one code for two ways to do it, and neither pays for the other.

mod appended;
mod content;
mod events;

use graph::Date;

pub use appended::Appended;
pub use content::{Content, Guid, Iso, Shown, Text};
pub use events::Events;

/// XML in the making, at the end of what is there already.
pub trait Xml: Sized {
    fn onto(out: Vec<u8>) -> Self;
    fn done(self) -> Vec<u8>;
    fn out(&mut self) -> &mut Vec<u8>;

    /// A start tag up to its attributes.
    fn begin(&mut self, name: &'static str);
    fn attribute(&mut self, name: &str, value: impl Content);
    /// The end of a start tag.
    fn within(&mut self);
    fn content(&mut self, content: impl Content);
    fn end(&mut self, name: &'static str);
    fn empty(&mut self, name: &'static str);
    /// Ends a start tag and its element, which has nothing in it.
    fn without_content(&mut self);

    fn start(&mut self, name: &'static str) {
        self.begin(name);
        self.within();
    }

    fn start_with(&mut self, name: &'static str, attribute: &str, value: &str) {
        self.begin(name);
        self.attribute(attribute, Text(value));
        self.within();
    }

    /// Ends an instance.
    fn line(&mut self) {
        self.out().push(b'\n');
    }

    fn element(&mut self, name: &'static str, content: impl Content) {
        self.start(name);
        self.content(content);
        self.end(name);
    }

    fn leaf(&mut self, name: &'static str, value: &str) {
        self.element(name, Text(value));
    }

    /// The element, if there is a value.
    fn optional(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.leaf(name, value);
        }
    }

    /// The element, empty if there is no value.
    fn always(&mut self, name: &'static str, value: Option<&str>) {
        match value {
            Some(value) => self.leaf(name, value),
            None => self.empty(name),
        }
    }

    /// The element, nil if there is no value.
    fn or_nil<C: Content>(&mut self, name: &'static str, value: Option<C>) {
        match value {
            Some(value) => self.element(name, value),
            None => {
                self.begin(name);
                self.attribute("xsi:nil", Text("true"));
                self.without_content();
            }
        }
    }

    fn yes_no(&mut self, name: &'static str, yes: bool) {
        self.leaf(name, if yes { "Yes" } else { "No" });
    }

    /// Y, or an empty element.
    fn mark(&mut self, name: &'static str, yes: bool) {
        self.always(name, yes.then_some("Y"));
    }

    fn number(&mut self, name: &'static str, number: i64) {
        self.element(name, Shown(number));
    }

    fn date(&mut self, name: &'static str, date: Date) {
        self.element(name, Iso(date));
    }

    fn optional_date(&mut self, name: &'static str, date: Option<Date>) {
        if let Some(date) = date {
            self.date(name, date);
        }
    }

    fn always_date(&mut self, name: &'static str, date: Option<Date>) {
        match date {
            Some(date) => self.date(name, date),
            None => self.empty(name),
        }
    }

    /// A container, unless nothing is in it.
    fn unless_empty(&mut self, name: &'static str, inside: impl FnOnce(&mut Self)) {
        let before = self.out().len();
        self.start(name);
        let after = self.out().len();
        inside(self);
        if self.out().len() == after {
            self.out().truncate(before);
        } else {
            self.end(name);
        }
    }

    /// A state's code for something that SIF has no code for.
    fn other_code(&mut self, code: &str) {
        self.start("OtherCodeList");
        self.start_with("OtherCode", "Codeset", "StateProvince");
        self.content(Text(code));
        self.end("OtherCode");
        self.end("OtherCodeList");
    }

    /// What opens the state's extension of an object.
    fn start_extension(&mut self, name: &'static str) {
        self.start("SIF_ExtendedElements");
        self.start_with("SIF_ExtendedElement", "Name", "UTExtensions");
        self.start(name);
    }

    fn end_extension(&mut self, name: &'static str) {
        self.end(name);
        self.end("SIF_ExtendedElement");
        self.end("SIF_ExtendedElements");
    }
}
