//! A strict reader for XML from outside.
//!
//! It takes less than XML allows: UTF-8 only, no document type, the five predefined entities, limits on every size.
//! `quick-xml` finds the tokens; everything it is lenient about is checked here. No recursion.

mod fault;
mod markup;
mod namespaces;

use std::borrow::Cow;
use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::events::Event;

pub use fault::{ReadError, ReadFault};

use self::fault::Located;
use self::namespaces::Namespaces;
use super::characters::{is_char, is_space};
use crate::tree::{Names, Tree};
use crate::{INSTANCE_NAMESPACE, NAMESPACE};

/// How large a document and its parts may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the document.
    pub size: usize,
    /// Elements inside each other.
    pub depth: usize,
    /// Elements in all.
    pub elements: usize,
    /// Attributes of one element, with namespace declarations.
    pub attributes: usize,
    /// Bytes of a name.
    pub name: usize,
    /// Bytes of a text between two tags, or of an attribute's value.
    pub text: usize,
    /// Namespace declarations in force at one place.
    pub namespaces: usize,
    /// Different names that the reader was not given.
    pub new_names: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            size: 8 << 20,
            depth: 64,
            elements: 1_000_000,
            attributes: 128,
            name: 256,
            text: 1 << 20,
            namespaces: 256,
            new_names: 10_000,
        }
    }
}

/// Reads a whole document.
///
/// Names in the SIF namespace lose their prefix, `xsi:nil` becomes the nil mark of its element; other namespaces keep
/// their prefixes and declarations. Comments and processing instructions are dropped.
///
/// # Errors
/// The first thing that is wrong, with its line and column.
pub fn read(document: &[u8], names: &Arc<Names>) -> Result<Tree, ReadError> {
    read_within(document, names, &Limits::default())
}

/// The same within other limits.
///
/// # Errors
/// The first thing that is wrong, with its line and column.
pub fn read_within(document: &[u8], names: &Arc<Names>, limits: &Limits) -> Result<Tree, ReadError> {
    if document.len() > limits.size {
        return Err(ReadError::new("", 0, ReadFault::TooLarge("the document")));
    }
    let text = match std::str::from_utf8(document) {
        Ok(text) => text,
        Err(error) => {
            let valid = document.get(..error.valid_up_to()).unwrap_or_default();
            let before = std::str::from_utf8(valid).unwrap_or_default();
            return Err(ReadError::new(before, before.len(), ReadFault::NotUtf8));
        }
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some((at, _)) = text.char_indices().find(|(_, character)| !is_char(*character)) {
        return Err(ReadError::new(text, at, ReadFault::Character));
    }
    let mut reading = Reading {
        known_names: names.count(),
        text,
        limits,
        tree: Tree::new(Arc::clone(names)),
        namespaces: Namespaces::new(),
        depth: 0,
        elements: 0,
        run: 0,
        root_closed: false,
    };
    reading.run().map_err(|located| ReadError::new(text, located.at, located.fault))?;
    Ok(reading.tree)
}

struct Reading<'x> {
    /// How many names there were before.
    known_names: usize,
    text: &'x str,
    limits: &'x Limits,
    tree: Tree,
    namespaces: Namespaces<'x>,
    depth: usize,
    elements: usize,
    /// Bytes of text since the last tag.
    run: usize,
    root_closed: bool,
}

impl<'x> Reading<'x> {
    fn run(&mut self) -> Result<(), Located> {
        let mut reader = Reader::from_str(self.text);
        let config = reader.config_mut();
        config.check_comments = true;
        config.check_end_names = true;
        loop {
            let start = position(reader.buffer_position());
            let event = reader.read_event().map_err(|_| {
                // The position where the broken construct begins.
                Located {
                    at: position(reader.error_position()),
                    fault: ReadFault::Malformed("markup that is broken or not closed"),
                }
            })?;
            let end = position(reader.buffer_position());
            let raw = self.text.get(start..end).unwrap_or_default();
            let result = match event {
                Event::Start(_) => self.start(raw, false),
                Event::Empty(_) => self.start(raw, true),
                Event::End(_) => self.end(),
                Event::Text(_) => self.characters(raw),
                Event::GeneralRef(_) => self.reference(raw),
                Event::CData(_) => self.cdata(raw),
                Event::Comment(_) => markup::comment(raw),
                Event::Decl(_) => markup::declaration(raw, start),
                Event::PI(_) => markup::instruction(raw, self.limits.name),
                Event::DocType(_) => Err(ReadFault::DocumentType),
                Event::Eof => return self.finish(start),
            };
            result.map_err(|fault| Located { at: start, fault })?;
        }
    }

    fn finish(&self, at: usize) -> Result<(), Located> {
        let fault = if self.depth > 0 {
            ReadFault::Malformed("an element that is not closed")
        } else if !self.root_closed {
            ReadFault::Malformed("a document without an element")
        } else {
            return Ok(());
        };
        Err(Located { at, fault })
    }

    fn start(&mut self, raw: &'x str, empty: bool) -> Result<(), ReadFault> {
        if self.root_closed {
            return Err(ReadFault::Malformed("a second outermost element"));
        }
        self.elements += 1;
        self.depth += 1;
        self.run = 0;
        if self.elements > self.limits.elements {
            return Err(ReadFault::TooLarge("the number of elements"));
        }
        if self.depth > self.limits.depth {
            return Err(ReadFault::TooLarge("the depth of elements"));
        }
        let inside = raw.strip_prefix('<').and_then(|rest| rest.strip_suffix(if empty { "/>" } else { ">" }));
        let tag = markup::tag(inside.unwrap_or_default(), self.limits)?;
        self.namespaces.enter(&tag.attributes, self.limits.namespaces)?;
        self.open(tag.name)?;
        self.attributes(&tag.attributes)?;
        if self.tree.names().count() > self.known_names + self.limits.new_names {
            return Err(ReadFault::TooLarge("the number of different names"));
        }
        if empty { self.end() } else { Ok(()) }
    }

    fn open(&mut self, name: &'x str) -> Result<(), ReadFault> {
        let (prefix, local) = markup::split(name);
        let namespace = self.namespaces.of_element(prefix)?;
        let standard = namespace == NAMESPACE;
        let id = self.tree.intern(if standard { local } else { name });
        if standard {
            self.tree.open(id)
        } else {
            self.tree.open_foreign(id)
        }
        // Where the prefix goes or there is none, the default namespace must say the same when the tree is written.
        if (standard || prefix.is_empty()) && self.namespaces.set_written_default(namespace.clone()) {
            let id = self.tree.intern("xmlns");
            self.tree.attribute(id, &namespace);
        }
        Ok(())
    }

    fn attributes(&mut self, attributes: &[(&'x str, Cow<'x, str>)]) -> Result<(), ReadFault> {
        let mut expanded: Vec<(Cow<'x, str>, &'x str)> = Vec::new();
        for (name, value) in attributes {
            let (prefix, local) = markup::split(name);
            if *name == "xmlns" {
                continue;
            }
            if prefix == "xmlns" {
                if value != INSTANCE_NAMESPACE {
                    let id = self.tree.intern(name);
                    self.tree.attribute(id, value);
                }
                continue;
            }
            if prefix.is_empty() {
                let id = self.tree.intern(name);
                self.tree.attribute(id, value);
                continue;
            }
            let namespace = self.namespaces.of_prefix(prefix)?;
            if expanded.iter().any(|(other, other_local)| *other_local == local && *other == namespace) {
                return Err(ReadFault::Malformed("an attribute that stands twice"));
            }
            if namespace == INSTANCE_NAMESPACE {
                self.instance_attribute(local, value)?;
            } else {
                let id = self.tree.intern(name);
                self.tree.attribute(id, value);
            }
            expanded.push((namespace, local));
        }
        Ok(())
    }

    /// An attribute of the namespace of `xsi:nil`, whatever its prefix.
    fn instance_attribute(&mut self, local: &str, value: &str) -> Result<(), ReadFault> {
        match (local, value.trim_matches(is_space)) {
            ("nil", "true" | "1") => self.tree.nil(),
            ("nil", "false" | "0") => {}
            ("nil", _) => {
                return Err(ReadFault::Malformed("`xsi:nil` that is neither `true` nor `false`"));
            }
            _ => {
                let id = self.tree.intern(&format!("xsi:{local}"));
                self.tree.attribute(id, value);
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), ReadFault> {
        if self.depth == 0 {
            return Err(ReadFault::Malformed("an end tag without a start tag"));
        }
        self.run = 0;
        self.depth -= 1;
        self.root_closed = self.depth == 0;
        self.namespaces.leave();
        self.tree.close();
        Ok(())
    }

    fn characters(&mut self, raw: &str) -> Result<(), ReadFault> {
        if self.depth == 0 {
            return if raw.chars().all(is_space) {
                Ok(())
            } else {
                Err(ReadFault::Malformed("text outside the outermost element"))
            };
        }
        if raw.contains("]]>") {
            return Err(ReadFault::Malformed("`]]>` in text"));
        }
        self.add(&markup::line_ends(raw))
    }

    fn reference(&mut self, raw: &str) -> Result<(), ReadFault> {
        if self.depth == 0 {
            return Err(ReadFault::Malformed("text outside the outermost element"));
        }
        let inside = raw.strip_prefix('&').and_then(|rest| rest.strip_suffix(';')).unwrap_or_default();
        let character = markup::reference(inside)?;
        self.add(character.encode_utf8(&mut [0; 4]))
    }

    fn cdata(&mut self, raw: &str) -> Result<(), ReadFault> {
        if self.depth == 0 {
            return Err(ReadFault::Malformed("text outside the outermost element"));
        }
        let inside = raw.strip_prefix("<![CDATA[").and_then(|rest| rest.strip_suffix("]]>"));
        let inside = inside.ok_or(ReadFault::Malformed("a section that is not CDATA"))?;
        self.add(&markup::line_ends(inside))
    }

    fn add(&mut self, text: &str) -> Result<(), ReadFault> {
        self.run += text.len();
        if self.run > self.limits.text {
            return Err(ReadFault::TooLarge("a text"));
        }
        self.tree.text(text);
        Ok(())
    }
}

fn position(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
