//! Element trees: one instance of an object, or one message.
//!
//! A [`Tree`] is an arena: nodes in document order and one text. Adding to it allocates nothing once it has grown to the
//! size of its instances, so one tree is used again and again ([`Tree::clear`]).

mod check;
mod element;
mod names;

use std::fmt;
use std::sync::Arc;

pub(crate) use check::is_declaration;
pub use check::{Violation, ViolationKind, check, check_element};
pub use element::{Content, Element};
pub use names::{NameId, Names};

use crate::schema::{RightFor, ValueText};

/// No node.
pub(crate) const NONE: u32 = u32::MAX;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Element,
    Attribute,
    Text,
}

/// A node. An element's text before its first child stands in the element itself, so a leaf is one node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) name: NameId,
    start: u32,
    pub(crate) length: u32,
    /// Index past the last node below this one.
    end: u32,
    pub(crate) parent: u32,
    pub(crate) kind: Kind,
    pub(crate) nil: bool,
    foreign: bool,
    /// What its value was found right for, if that is known. Whatever changes the value forgets it.
    right_for: RightFor,
}

impl Node {
    fn set_length(&mut self, length: u32) {
        if self.length != length {
            self.length = length;
            self.right_for = RightFor::NOTHING;
        }
    }
}

/// A place in a tree that is being built, to go back to.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    nodes: u32,
    text: u32,
    current: u32,
    current_length: u32,
    last_length: u32,
    nil: bool,
}

/// One instance in the making or made.
///
/// ```
/// use std::sync::Arc;
/// use sif::tree::{Names, Tree};
/// let mut names = Names::new();
/// let (term, track) = (names.intern("TermInfo"), names.intern("Track"));
/// let mut tree = Tree::new(Arc::new(names));
/// tree.open(term);
/// tree.open(track);
/// tree.text("A");
/// tree.close();
/// tree.close();
/// assert_eq!(tree.find("Track").next().as_deref(), Some("A"));
/// ```
#[derive(Clone)]
pub struct Tree {
    names: Arc<Names>,
    nodes: Vec<Node>,
    text: String,
    current: u32,
}

impl Tree {
    /// An empty tree whose names are `names`.
    #[must_use]
    pub const fn new(names: Arc<Names>) -> Self {
        Self { names, nodes: Vec::new(), text: String::new(), current: NONE }
    }

    /// Forgets all nodes, keeps the room.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.text.clear();
        self.current = NONE;
    }

    /// The names of its elements and attributes.
    #[must_use]
    pub const fn names(&self) -> &Arc<Names> {
        &self.names
    }

    /// The id of `name`, which it gets here where it has none. Shared names are copied first: intern before sharing.
    pub fn intern(&mut self, name: &str) -> NameId {
        match self.names.get(name) {
            Some(id) => id,
            None => Arc::make_mut(&mut self.names).intern(name),
        }
    }

    /// Whether nothing was added.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// How many elements, attributes and further texts it holds.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Opens an element inside the open one.
    pub fn open(&mut self, name: NameId) {
        let index = self.push(name, Kind::Element, 0);
        self.current = index;
    }

    /// Opens an element whose name is outside the SIF namespace.
    pub(crate) fn open_foreign(&mut self, name: NameId) {
        self.open(name);
        if let Some(node) = self.nodes.last_mut() {
            node.foreign = true;
        }
    }

    /// Adds an element with nothing in it but text: the same as opening it, adding the text and closing it.
    pub fn leaf(&mut self, name: NameId, value: &str) {
        self.push(name, Kind::Element, value.len());
        self.text.push_str(value);
    }

    /// The same with a value that the check of the tree takes as it was found.
    pub fn checked_leaf(&mut self, name: NameId, value: &ValueText) {
        self.leaf(name, value);
        self.is_right(value);
    }

    /// The same as [`Tree::attribute`] with a value that the check of the tree takes as it was found.
    pub fn checked_attribute(&mut self, name: NameId, value: &ValueText) -> bool {
        let taken = self.attribute(name, value);
        if taken {
            self.is_right(value);
        }
        taken
    }

    /// The same as [`Tree::text`] with a value that the check of the tree takes as it was found, if the open element
    /// has no other text.
    pub fn checked_text(&mut self, value: &ValueText) {
        let first = !self.has_content();
        self.text(value);
        if first && let Some(open) = self.nodes.get_mut(self.current as usize) {
            open.right_for = value.right_for();
        }
    }

    /// Marks the value that was added last.
    fn is_right(&mut self, value: &ValueText) {
        if let Some(node) = self.nodes.last_mut() {
            node.right_for = value.right_for();
        }
    }

    /// Gives the open element an attribute. Attributes come before text and children: later ones are refused, and the
    /// answer is false.
    pub fn attribute(&mut self, name: NameId, value: &str) -> bool {
        if self.has_content() {
            return false;
        }
        self.push(name, Kind::Attribute, value.len());
        self.text.push_str(value);
        true
    }

    /// Adds text to the open element.
    pub fn text(&mut self, value: &str) {
        let Some(open) = self.nodes.get(self.current as usize) else {
            return;
        };
        if value.is_empty() {
            return;
        }
        let own = open.length > 0 || !self.has_content();
        let last = self.nodes.len() - 1;
        let after_attributes = last == self.current as usize
            || self.nodes.get(last).is_some_and(|node| node.kind == Kind::Attribute && node.parent == self.current);
        let length = to_u32(value.len());
        if own && after_attributes {
            let start = to_u32(self.text.len());
            if let Some(open) = self.nodes.get_mut(self.current as usize) {
                if open.length == 0 {
                    open.start = start;
                }
                open.length += length;
                open.right_for = RightFor::NOTHING;
            }
        } else if let Some(node) =
            self.nodes.get_mut(last).filter(|node| node.kind == Kind::Text && node.parent == self.current)
        {
            node.length += length;
        } else {
            self.push(NameId(NONE), Kind::Text, value.len());
        }
        self.text.push_str(value);
    }

    /// Marks the open element `xsi:nil="true"`.
    pub fn nil(&mut self) {
        if let Some(node) = self.nodes.get_mut(self.current as usize) {
            node.nil = true;
        }
    }

    /// Closes the open element.
    pub fn close(&mut self) {
        let end = to_u32(self.nodes.len());
        if let Some(node) = self.nodes.get_mut(self.current as usize) {
            node.end = end;
            self.current = node.parent;
        }
    }

    /// This place, to go back to with [`Tree::roll_back`].
    #[must_use]
    pub fn mark(&self) -> Mark {
        let open = self.nodes.get(self.current as usize);
        Mark {
            nodes: to_u32(self.nodes.len()),
            text: to_u32(self.text.len()),
            current: self.current,
            current_length: open.map_or(0, |node| node.length),
            last_length: self.nodes.last().map_or(0, |node| node.length),
            nil: open.is_some_and(|node| node.nil),
        }
    }

    /// Drops everything that was added since `mark`; what was closed since is open again.
    pub fn roll_back(&mut self, mark: Mark) {
        self.nodes.truncate(mark.nodes as usize);
        if self.text.is_char_boundary(mark.text as usize) {
            self.text.truncate(mark.text as usize);
        }
        if let Some(last) = self.nodes.last_mut() {
            last.set_length(mark.last_length);
        }
        self.current = NONE;
        if let Some(open) = self.nodes.get_mut(mark.current as usize) {
            open.set_length(mark.current_length);
            open.nil = mark.nil;
            self.current = mark.current;
        }
        // The mark of another tree may cut values that stay; what comes next would change them.
        if self.nodes.last().is_some_and(|last| last.start.saturating_add(last.length) > to_u32(self.text.len())) {
            self.nodes.iter_mut().for_each(|node| node.right_for = RightFor::NOTHING);
        }
    }

    /// Whether nothing was added since `mark`.
    #[must_use]
    pub fn is_empty_since(&self, mark: Mark) -> bool {
        let nil = self.nodes.get(mark.current as usize).is_some_and(|node| node.nil);
        self.nodes.len() == mark.nodes as usize && self.text.len() == mark.text as usize && nil == mark.nil
    }

    /// The outermost element.
    #[must_use]
    pub fn root(&self) -> Option<Element<'_>> {
        self.nodes.first().map(|_| Element::new(self, 0))
    }

    /// The element that was added as the node of this number, from 0.
    pub(crate) fn element(&self, number: usize) -> Option<Element<'_>> {
        self.nodes.get(number).map(|_| Element::new(self, to_u32(number)))
    }

    /// An element that is not there: it has no name, attributes or contents.
    pub(crate) const fn nothing(&self) -> Element<'_> {
        Element::new(self, NONE)
    }

    /// The values at a path below the root, such as `Name/@Type` or `PhoneNumberList/PhoneNumber/Number`.
    pub fn find(&self, path: &str) -> impl Iterator<Item = std::borrow::Cow<'_, str>> {
        self.root().into_iter().flat_map(move |root| root.find(path).collect::<Vec<_>>())
    }

    /// Whether the open element has text or children.
    fn has_content(&self) -> bool {
        let Some(open) = self.nodes.get(self.current as usize) else {
            return true;
        };
        let bare = self.nodes.len() == self.current as usize + 1
            || self.nodes.last().is_some_and(|node| node.kind == Kind::Attribute && node.parent == self.current);
        open.length > 0 || !bare
    }

    fn push(&mut self, name: NameId, kind: Kind, length: usize) -> u32 {
        let index = to_u32(self.nodes.len());
        self.nodes.push(Node {
            name,
            start: to_u32(self.text.len()),
            length: to_u32(length),
            end: index.saturating_add(1),
            parent: self.current,
            kind,
            nil: false,
            foreign: false,
            right_for: RightFor::NOTHING,
        });
        index
    }

    /// Its nodes in document order; an element's attributes stand right after it.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The values of all its nodes and no other text.
    pub(crate) fn all_text(&self) -> &str {
        &self.text
    }

    /// The path of a node, from the root's name on.
    pub(crate) fn path_of(&self, index: u32) -> String {
        check::path(self, index, NONE)
    }

    fn node(&self, index: u32) -> Option<&Node> {
        self.nodes.get(index as usize)
    }

    /// The end of a node's subtree; an element that is still open reaches to the end of the tree.
    fn end(&self, index: u32) -> u32 {
        let Some(node) = self.node(index) else {
            return index;
        };
        let open = node.kind == Kind::Element && self.is_open(index);
        if open { to_u32(self.nodes.len()) } else { node.end }
    }

    fn is_open(&self, index: u32) -> bool {
        let mut open = self.current;
        while open != NONE {
            if open == index {
                return true;
            }
            open = self.node(open).map_or(NONE, |node| node.parent);
        }
        false
    }

    pub(crate) fn slice(&self, node: &Node) -> &str {
        let start = node.start as usize;
        self.text.get(start..start + node.length as usize).unwrap_or_default()
    }
}

impl fmt::Debug for Tree {
    /// Names only: values are personal data.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.nodes.iter().map(|node| self.names.text(node.name))).finish()
    }
}

/// Sizes of one instance; the reader's limits and the mapper's budgets stay far below 4 GiB.
fn to_u32(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
