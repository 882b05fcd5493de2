//! Read access to a tree.

use std::borrow::Cow;

use super::{Kind, NameId, Node, Tree};

/// An element of a tree.
#[derive(Clone, Copy)]
pub struct Element<'t> {
    tree: &'t Tree,
    index: u32,
}

/// A part of an element's content.
pub enum Content<'t> {
    /// Text.
    Text(&'t str),
    /// A child element.
    Element(Element<'t>),
}

impl<'t> Element<'t> {
    pub(super) const fn new(tree: &'t Tree, index: u32) -> Self {
        Self { tree, index }
    }

    pub(super) const fn tree(self) -> &'t Tree {
        self.tree
    }

    /// The names of its tree.
    pub(crate) const fn names(self) -> &'t std::sync::Arc<super::Names> {
        self.tree.names()
    }

    pub(crate) const fn index(self) -> u32 {
        self.index
    }

    fn node(self) -> Option<&'t Node> {
        self.tree.node(self.index)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'t str {
        self.node().map_or("", |node| self.tree.names.text(node.name))
    }

    /// Its name's id.
    #[must_use]
    pub fn name_id(self) -> Option<NameId> {
        self.node().map(|node| node.name)
    }

    /// Whether it is marked `xsi:nil="true"`.
    #[must_use]
    pub fn is_nil(self) -> bool {
        self.node().is_some_and(|node| node.nil)
    }

    /// Whether its name is outside the SIF namespace.
    #[must_use]
    pub fn is_foreign(self) -> bool {
        self.node().is_some_and(|node| node.foreign)
    }

    /// Its attributes: names and values.
    pub fn attributes(self) -> impl Iterator<Item = (&'t str, &'t str)> {
        let tree = self.tree;
        self.attribute_nodes().map(move |node| (tree.names.text(node.name), tree.slice(node)))
    }

    /// Adds it with everything in it to another tree.
    pub fn copy_to(self, out: &mut Tree) {
        self.open_in(out);
        for (name, value) in self.attributes() {
            let id = out.intern(name);
            out.attribute(id, value);
        }
        for content in self.contents() {
            match content {
                Content::Text(text) => out.text(text),
                Content::Element(element) => element.copy_to(out),
            }
        }
        out.close();
    }

    /// Opens an element of its name in another tree, with its nil mark.
    pub(crate) fn open_in(self, out: &mut Tree) {
        let id = out.intern(self.name());
        if self.is_foreign() {
            out.open_foreign(id);
        } else {
            out.open(id);
        }
        if self.is_nil() {
            out.nil();
        }
    }

    /// The value of an attribute.
    #[must_use]
    pub fn attribute(self, name: &str) -> Option<&'t str> {
        self.attributes().find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    fn attribute_nodes(self) -> impl Iterator<Item = &'t Node> {
        let rest = self.tree.nodes.get(self.index as usize + 1..).unwrap_or_default();
        rest.iter().take_while(move |node| node.kind == Kind::Attribute && node.parent == self.index)
    }

    /// Its texts and child elements in document order.
    pub fn contents(self) -> impl Iterator<Item = Content<'t>> {
        let tree = self.tree;
        let own = self.node().map(|node| tree.slice(node)).filter(|text| !text.is_empty());
        let end = tree.end(self.index);
        let mut next = self.index + 1 + u32::try_from(self.attribute_nodes().count()).unwrap_or(0);
        let below = std::iter::from_fn(move || {
            let index = next;
            let node = tree.node(index).filter(|_| index < end)?;
            next = tree.end(index).max(index + 1);
            Some(match node.kind {
                Kind::Element => Content::Element(Self::new(tree, index)),
                Kind::Text | Kind::Attribute => Content::Text(tree.slice(node)),
            })
        });
        own.into_iter().map(Content::Text).chain(below)
    }

    /// Its child elements.
    pub fn children(self) -> impl Iterator<Item = Self> {
        self.contents().filter_map(|content| match content {
            Content::Element(element) => Some(element),
            Content::Text(_) => None,
        })
    }

    /// Its own text, without that of its children.
    #[must_use]
    pub fn text(self) -> Cow<'t, str> {
        let mut texts = self.contents().filter_map(|content| match content {
            Content::Text(text) => Some(text),
            Content::Element(_) => None,
        });
        let first = texts.next().unwrap_or_default();
        match texts.next() {
            None => Cow::Borrowed(first),
            Some(second) => Cow::Owned([first, second].into_iter().chain(texts).collect()),
        }
    }

    /// The elements at a path below it.
    #[must_use]
    pub fn at(self, path: &str) -> Vec<Self> {
        let mut found = vec![self];
        for step in path.split('/').filter(|step| !step.is_empty()) {
            found = found
                .into_iter()
                .flat_map(|element| element.children().filter(move |child| child.name() == step))
                .collect();
        }
        found
    }

    /// The values at a path below it, such as `Name/@Type`.
    pub fn find(self, path: &str) -> impl Iterator<Item = Cow<'t, str>> {
        let (elements, last) = path.rsplit_once('/').unwrap_or(("", path));
        let values: Vec<Cow<'t, str>> = match last.strip_prefix('@') {
            Some(name) => {
                self.at(elements).into_iter().filter_map(|element| element.attribute(name)).map(Cow::Borrowed).collect()
            }
            None => self.at(path).into_iter().map(Self::text).collect(),
        };
        values.into_iter()
    }
}
