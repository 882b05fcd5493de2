//! Which namespace a prefix means at a place.

use std::borrow::Cow;

use super::fault::ReadFault;
use super::markup;
use crate::{INSTANCE_NAMESPACE, NAMESPACE};

const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// The declarations in force, innermost last.
pub(super) struct Namespaces<'x> {
    declared: Vec<(&'x str, Cow<'x, str>)>,
    /// For each open element: how many declarations were in force outside it, and the default namespace that holds
    /// inside it when the tree is written.
    open: Vec<(usize, Cow<'x, str>)>,
}

impl<'x> Namespaces<'x> {
    pub(super) const fn new() -> Self {
        Self { declared: Vec::new(), open: Vec::new() }
    }

    /// Takes up the declarations of an element that begins.
    pub(super) fn enter(&mut self, attributes: &[(&'x str, Cow<'x, str>)], limit: usize) -> Result<(), ReadFault> {
        // What we write stands in a message whose default namespace is SIF's.
        let outside = self.open.last().map_or(Cow::Borrowed(NAMESPACE), |(_, default)| default.clone());
        self.open.push((self.declared.len(), outside));
        for (name, namespace) in attributes {
            let prefix = match markup::split(name) {
                ("", "xmlns") => "",
                ("xmlns", local) => local,
                _ => continue,
            };
            allowed(prefix, namespace)?;
            self.declared.push((prefix, namespace.clone()));
        }
        if self.declared.len() > limit {
            Err(ReadFault::TooLarge("the number of namespace declarations"))
        } else {
            Ok(())
        }
    }

    /// Forgets the declarations of the element that ends.
    pub(super) fn leave(&mut self) {
        if let Some((count, _)) = self.open.pop() {
            self.declared.truncate(count);
        }
    }

    /// The namespace of an element with this prefix, or none.
    pub(super) fn of_element(&self, prefix: &str) -> Result<Cow<'x, str>, ReadFault> {
        if prefix.is_empty() { Ok(self.lookup("").unwrap_or_default()) } else { self.of_prefix(prefix) }
    }

    /// The namespace of a prefix.
    pub(super) fn of_prefix(&self, prefix: &str) -> Result<Cow<'x, str>, ReadFault> {
        if prefix == "xml" {
            return Ok(Cow::Borrowed(XML));
        }
        self.lookup(prefix).ok_or(ReadFault::Namespace("a prefix that is not declared"))
    }

    /// Sets the default namespace of the innermost element as it will be written; whether that is a change.
    pub(super) fn set_written_default(&mut self, namespace: Cow<'x, str>) -> bool {
        match self.open.last_mut() {
            Some((_, default)) if *default != namespace => {
                *default = namespace;
                true
            }
            _ => false,
        }
    }

    fn lookup(&self, prefix: &str) -> Option<Cow<'x, str>> {
        self.declared.iter().rev().find(|(own, _)| *own == prefix).map(|(_, namespace)| namespace.clone())
    }
}

fn allowed(prefix: &str, namespace: &str) -> Result<(), ReadFault> {
    let fault = match (prefix, namespace) {
        ("xmlns", _) | (_, XMLNS) => "a declaration of the prefix `xmlns`",
        ("xml", XML) => return Ok(()),
        ("xml", _) | (_, XML) => "another meaning for the prefix `xml`",
        ("", _) => return Ok(()),
        (_, "") => "a prefix without a namespace",
        // Our own output means the one by the other.
        ("xsi", other) if other != INSTANCE_NAMESPACE => "another meaning for the prefix `xsi`",
        _ => return Ok(()),
    };
    Err(ReadFault::Namespace(fault))
}
