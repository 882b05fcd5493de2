//! Events of quick-xml, as most Rust programs write XML.

use quick_xml::Writer;
use quick_xml::escape::partial_escape;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::name::QName;

use super::{Content, Xml};

pub struct Events {
    writer: Writer<Vec<u8>>,
    /// The start tag that may still get attributes.
    start: Option<BytesStart<'static>>,
    /// Room for what has to be made into a text first.
    room: Vec<u8>,
}

impl Events {
    fn write(&mut self, event: Event<'_>) {
        self.writer.write_event(event).expect("memory takes everything");
    }
}

impl Xml for Events {
    fn onto(out: Vec<u8>) -> Self {
        Self { writer: Writer::new(out), start: None, room: Vec::new() }
    }

    fn done(self) -> Vec<u8> {
        self.writer.into_inner()
    }

    fn out(&mut self) -> &mut Vec<u8> {
        self.writer.get_mut()
    }

    fn begin(&mut self, name: &'static str) {
        self.start = Some(BytesStart::new(name));
    }

    fn attribute(&mut self, name: &str, value: impl Content) {
        self.room.clear();
        value.append(&mut self.room);
        let value = std::str::from_utf8(&self.room).expect("a text");
        let start = self.start.as_mut().expect("a start tag");
        start.push_attribute(Attribute { key: QName(name), value: value.into() });
    }

    fn within(&mut self) {
        let start = self.start.take().expect("a start tag");
        self.write(Event::Start(start));
    }

    fn content(&mut self, content: impl Content) {
        if let Some(text) = content.text() {
            return self.write(Event::Text(BytesText::from_escaped(partial_escape(text))));
        }
        self.room.clear();
        content.append(&mut self.room);
        let text = std::str::from_utf8(&self.room).expect("a text");
        self.writer.write_event(Event::Text(BytesText::from_escaped(text))).expect("memory takes everything");
    }

    fn end(&mut self, name: &'static str) {
        self.write(Event::End(BytesEnd::new(name)));
    }

    fn empty(&mut self, name: &'static str) {
        self.write(Event::Empty(BytesStart::new(name)));
    }

    fn without_content(&mut self) {
        let start = self.start.take().expect("a start tag");
        self.write(Event::Empty(start));
    }
}
