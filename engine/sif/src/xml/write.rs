//! Writes trees as compact XML.

use super::characters::is_char;
use crate::tree::{Kind, NONE, Names, Node, Tree};

/// Stands for a character that XML cannot carry.
const REPLACEMENT: char = '\u{fffd}';

/// Where characters that XML cannot carry were replaced by U+FFFD: element paths from the root on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replaced {
    /// The paths, in document order; empty where nothing was replaced.
    pub paths: Vec<String>,
}

impl Replaced {
    /// Whether nothing was replaced.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }
}

/// Appends `tree` to `out` as XML without indentation or declaration.
///
/// The names are in the SIF namespace and nil is written `xsi:nil`: the message around it declares both
/// ([`crate::message::Response`]).
pub fn write_tree(tree: &Tree, out: &mut Vec<u8>) -> Replaced {
    out.reserve(tree.all_text().len() + tree.len() * USUAL_MARKUP);
    let mut writer = Writer {
        tree,
        names: tree.names(),
        out,
        plain: is_plain(tree.all_text()),
        open: NONE,
        replaced: Replaced::default(),
    };
    writer.write();
    writer.replaced
}

/// Bytes of markup that a node usually needs.
const USUAL_MARKUP: usize = 32;

/// Appends straight to the output: no step of `quick_xml::Writer` is cheap enough for this innermost loop. The tests
/// hold what comes out against what that one writes.
struct Writer<'t, 'o> {
    tree: &'t Tree,
    names: &'t Names,
    out: &'o mut Vec<u8>,
    /// Whether no value of the tree needs escaping.
    plain: bool,
    /// The innermost element whose end tag is not written.
    open: u32,
    replaced: Replaced,
}

impl Writer<'_, '_> {
    fn write(&mut self) {
        let nodes = self.tree.nodes();
        let mut index = 0;
        while let Some(node) = nodes.get(index) {
            self.close_to(node.parent);
            index = match node.kind {
                Kind::Element => self.element(nodes, node, index),
                Kind::Text | Kind::Attribute => {
                    self.value::<false>(node, index);
                    index + 1
                }
            };
        }
        self.close_to(NONE);
    }

    /// An element with its attributes and its own text, and its end where nothing more stands in it; answers the
    /// index of what follows.
    fn element(&mut self, nodes: &[Node], node: &Node, index: usize) -> usize {
        let markup = self.names.markup(node.name);
        let own = u32::try_from(index).unwrap_or(NONE);
        let inside = |next: usize| nodes.get(next).filter(|next| next.parent == own);
        let mut next = index + 1;
        let bare = !node.nil && inside(next).is_none_or(|below| below.kind != Kind::Attribute);
        if !bare {
            self.out.extend_from_slice(markup.start());
            if node.nil {
                self.out.extend_from_slice(b" xsi:nil=\"true\"");
            }
            while let Some(attribute) = inside(next).filter(|below| below.kind == Kind::Attribute) {
                self.attribute(attribute, next);
                next += 1;
            }
        }
        let more = inside(next).is_some();
        if !more && node.length == 0 {
            if bare {
                self.out.extend_from_slice(markup.start());
            }
            self.out.extend_from_slice(b"/>");
            return next;
        }
        if bare {
            self.out.extend_from_slice(markup.whole_start());
        } else {
            self.out.push(b'>');
        }
        if node.length > 0 {
            self.value::<false>(node, index);
        }
        if more {
            self.open = own;
        } else {
            self.out.extend_from_slice(markup.end());
        }
        next
    }

    fn attribute(&mut self, node: &Node, index: usize) {
        self.out.extend_from_slice(self.names.markup(node.name).attribute());
        self.value::<true>(node, index);
        self.out.push(b'"');
    }

    /// A node's value, escaped as it stands in an attribute or in text.
    fn value<const ATTRIBUTE: bool>(&mut self, node: &Node, index: usize) {
        if self.plain {
            self.out.extend_from_slice(self.tree.slice(node).as_bytes());
        } else {
            self.suspect_value::<ATTRIBUTE>(node, index);
        }
    }

    /// The same in a tree where some value needs escaping.
    #[cold]
    fn suspect_value<const ATTRIBUTE: bool>(&mut self, node: &Node, index: usize) {
        let value = self.tree.slice(node);
        if is_plain(value) {
            self.out.extend_from_slice(value.as_bytes());
        } else if escape::<ATTRIBUTE>(value, self.out) {
            self.replaced.paths.push(self.tree.path_of(u32::try_from(index).unwrap_or(NONE)));
        }
    }

    /// Ends the open elements inside `parent`.
    fn close_to(&mut self, parent: u32) {
        while self.open != parent
            && let Some(node) = self.tree.nodes().get(self.open as usize)
        {
            self.out.extend_from_slice(self.names.markup(node.name).end());
            self.open = node.parent;
        }
    }
}

/// Whether `value` holds nothing that may have to be escaped or replaced. 0xEF begins U+FFFE and U+FFFF.
///
/// Looks at every byte: without an early end the compiler takes many at a time.
fn is_plain(value: &str) -> bool {
    let suspect = |byte: u8| byte < b' ' || matches!(byte, b'&' | b'<' | b'>' | b'"' | 0xEF);
    !value.bytes().fold(false, |any, byte| any | suspect(byte))
}

/// Appends `value` as it stands in XML; answers whether a character was replaced.
fn escape<const ATTRIBUTE: bool>(value: &str, out: &mut Vec<u8>) -> bool {
    let mut bad = false;
    for character in value.chars() {
        match character {
            '&' => out.extend_from_slice(b"&amp;"),
            '<' => out.extend_from_slice(b"&lt;"),
            // Always, so that `]]>` never stands in text.
            '>' => out.extend_from_slice(b"&gt;"),
            // A bare one would be read as a line feed.
            '\r' => out.extend_from_slice(b"&#13;"),
            '"' if ATTRIBUTE => out.extend_from_slice(b"&quot;"),
            // Bare ones would be read as spaces.
            '\t' if ATTRIBUTE => out.extend_from_slice(b"&#9;"),
            '\n' if ATTRIBUTE => out.extend_from_slice(b"&#10;"),
            other if is_char(other) => push(other, out),
            _ => {
                push(REPLACEMENT, out);
                bad = true;
            }
        }
    }
    bad
}

fn push(character: char, out: &mut Vec<u8>) {
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

/// `value` as it stands in the value of an attribute.
pub(crate) fn escape_attribute(value: &str) -> String {
    let mut out = Vec::with_capacity(value.len());
    escape::<true>(value, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// `value` as it stands in text.
pub(crate) fn escape_text(value: &str) -> String {
    let mut out = Vec::with_capacity(value.len());
    escape::<false>(value, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests;
