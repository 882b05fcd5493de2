//! Checks a whole instance against the schema of its object.

use std::borrow::Cow;
use std::collections::HashSet;

use super::{Element, Kind, Node, Tree};
use crate::schema::{ElementSchema, ListKey, ObjectSchema, RightFor, ValueFault};

/// Something in an instance that the schema does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Path of the element or attribute in the object; empty for the object's own element.
    pub path: String,
    /// What is wrong there.
    pub kind: ViolationKind,
}

impl Violation {
    /// What is wrong, in the reader's words, without values.
    #[must_use]
    pub fn why(&self) -> String {
        match self.kind {
            ViolationKind::Unknown => "is not known here".to_owned(),
            ViolationKind::Order => "stands after an element that it must come before".to_owned(),
            ViolationKind::TooMany => "stands more than once".to_owned(),
            ViolationKind::Missing => "is mandatory and missing".to_owned(),
            ViolationKind::NotNillable => "is marked nil, which it may not be".to_owned(),
            ViolationKind::NilWithContent => "is marked nil and has content".to_owned(),
            ViolationKind::Text => "has text where only elements may stand".to_owned(),
            ViolationKind::SameKey => "has the same key as another of its list".to_owned(),
            ViolationKind::Value(fault) => format!("has a value that {}", fault.why()),
        }
    }
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViolationKind {
    /// An element or attribute that the schema does not have here.
    Unknown,
    /// Known, but after something that it must come before.
    Order,
    /// More often than the schema takes.
    TooMany,
    /// Mandatory and missing.
    Missing,
    /// Nil where nil is not taken.
    NotNillable,
    /// Nil, yet with content.
    NilWithContent,
    /// Text between elements.
    Text,
    /// Two members of a list with the same key.
    SameKey,
    /// A value that its type does not take.
    Value(ValueFault),
}

/// Everything in `tree` that `object` does not take; empty for a valid instance.
///
/// Agrees with the strict schema: what is mandatory must be there, lists may be empty, the content of
/// SIF_ExtendedElement is free.
#[must_use]
pub fn check(object: &ObjectSchema, tree: &Tree) -> Vec<Violation> {
    match tree.root() {
        Some(root) => check_element(object, root),
        None => vec![Violation { path: String::new(), kind: ViolationKind::Missing }],
    }
}

/// The same for an instance inside a larger tree.
#[must_use]
pub fn check_element(object: &ObjectSchema, root: Element<'_>) -> Vec<Violation> {
    let tree = root.tree();
    let mut checker = Checker { tree, root: root.index(), violations: Vec::new() };
    let Some(node) = tree.node(root.index()) else {
        return Vec::new();
    };
    if node.name == object.root.name_id() && !node.foreign {
        checker.element(&object.root, node, root.index());
    } else {
        checker.report(root.index(), ViolationKind::Unknown);
    }
    checker.violations
}

/// How far the children of a container are.
#[derive(Default)]
struct Cursor {
    /// Index of the child that was met last, or is expected first.
    position: usize,
    /// Whether that child was met.
    met: bool,
}

impl Cursor {
    /// The first child that may still be missing.
    fn next(&self) -> usize {
        self.position + usize::from(self.met)
    }
}

struct Checker<'t> {
    tree: &'t Tree,
    root: u32,
    violations: Vec<Violation>,
}

impl Checker<'_> {
    /// Checks an element and all in it; answers where to go on.
    fn element(&mut self, schema: &ElementSchema, node: &Node, index: u32) -> u32 {
        let first = self.attributes(schema, index);
        let end = self.tree.end(index);
        if node.nil {
            if !schema.nillable {
                self.report(index, ViolationKind::NotNillable);
            } else if first < end || node.length > 0 {
                self.report(index, ViolationKind::NilWithContent);
            }
        } else if schema.value.is_some() && !schema.any_content {
            self.value(schema, index, node, first, end);
        } else if !schema.any_content {
            if node.length > 0 && !is_blank(self.tree.slice(node)) {
                self.report(index, ViolationKind::Text);
            }
            self.children(schema, index, first, end);
        }
        end
    }

    /// Checks what stands in a container. As deep as the schema is, however deep the tree.
    fn children(&mut self, schema: &ElementSchema, container: u32, first: u32, end: u32) {
        let tree = self.tree;
        let mut cursor = Cursor::default();
        let mut index = first;
        while index < end
            && let Some(node) = tree.node(index)
        {
            index = match node.kind {
                Kind::Element => match self.place(schema, container, &mut cursor, node, index) {
                    Some(child) if self.is_right_leaf(child, node, index) => index + 1,
                    Some(child) => self.element(child, node, index),
                    None => tree.end(index),
                },
                Kind::Text | Kind::Attribute => {
                    if !is_blank(tree.slice(node)) {
                        self.report(container, ViolationKind::Text);
                    }
                    index + 1
                }
            };
        }
        self.report_all_missing(schema, container, cursor.next(), schema.elements().len());
        if let Some(key) = schema.list_key
            && tree.end(first) < end
        {
            self.unique(Element::new(tree, container), key);
        }
    }

    /// Whether an element is nothing but a value that was found right: most are, and [`Self::element`] has no more to say of them.
    #[inline]
    fn is_right_leaf(&self, schema: &ElementSchema, node: &Node, index: u32) -> bool {
        node.right_for == RightFor::of(schema)
            && !node.nil
            && schema.value.is_some()
            && !schema.any_content
            && schema.required_attributes() == 0
            && self.tree.end(index) == index + 1
    }

    /// Checks the attributes of an element; answers the index of what follows them.
    fn attributes(&mut self, schema: &ElementSchema, element: u32) -> u32 {
        let tree = self.tree;
        let mut seen = 0_u64;
        let mut index = element + 1;
        while let Some(node) = tree.node(index).filter(|node| node.kind == Kind::Attribute && node.parent == element) {
            match schema.attribute_names().iter().position(|name| *name == node.name) {
                Some(position) => {
                    if seen & (1 << position) != 0 {
                        self.report(index, ViolationKind::TooMany);
                    }
                    seen |= 1 << position;
                    let attribute = schema.attributes().get(position);
                    if let Some(Err(fault)) = attribute.map(|attribute| self.own_value(attribute, node)) {
                        self.report(index, ViolationKind::Value(fault));
                    }
                }
                None if is_declaration(tree.names.text(node.name)) => {}
                None => self.report(index, ViolationKind::Unknown),
            }
            index += 1;
        }
        if schema.required_attributes() & !seen != 0 {
            for (position, attribute) in schema.attributes().iter().enumerate() {
                if attribute.required && seen & (1 << position) == 0 {
                    self.report_missing(element, attribute);
                }
            }
        }
        index
    }

    fn value(&mut self, schema: &ElementSchema, index: u32, node: &Node, first: u32, end: u32) {
        let fault = if first == end {
            self.own_value(schema, node)
        } else {
            let element = Element::new(self.tree, index);
            for child in element.children() {
                self.report(child.index(), ViolationKind::Unknown);
            }
            schema.check_value(&element.text())
        };
        if let Err(fault) = fault {
            self.report(index, ViolationKind::Value(fault));
        }
    }

    /// Checks the value that stands in a node, if it is not known to be right.
    fn own_value(&self, schema: &ElementSchema, node: &Node) -> Result<(), ValueFault> {
        if node.right_for == RightFor::of(schema) { Ok(()) } else { schema.check_value(self.tree.slice(node)) }
    }

    /// Finds the schema of a child of a container and moves the cursor to it.
    fn place<'s>(
        &mut self,
        schema: &'s ElementSchema,
        container: u32,
        cursor: &mut Cursor,
        node: &Node,
        index: u32,
    ) -> Option<&'s ElementSchema> {
        let (behind, ahead) = schema.element_names().split_at_checked(cursor.position).unwrap_or_default();
        let found = ahead.iter().position(|name| *name == node.name).filter(|_| !node.foreign);
        let Some(offset) = found else {
            let known = !node.foreign && behind.contains(&node.name);
            self.report(index, if known { ViolationKind::Order } else { ViolationKind::Unknown });
            return None;
        };
        let position = cursor.position + offset;
        let child = schema.elements().get(position)?;
        if offset > 0 {
            self.report_all_missing(schema, container, cursor.next(), position);
        } else if cursor.met && !child.characteristic.repeatable {
            self.report(index, ViolationKind::TooMany);
        }
        *cursor = Cursor { position, met: true };
        Some(child)
    }

    /// Reports the required children of a container from one place to another.
    fn report_all_missing(&mut self, schema: &ElementSchema, container: u32, from: usize, to: usize) {
        let mut next = schema.next_required(from);
        while next < to {
            if let Some(missing) = schema.elements().get(next) {
                self.report_missing(container, missing);
            }
            next = schema.next_required(next + 1);
        }
    }

    fn unique(&mut self, list: Element<'_>, key: ListKey) {
        let mut seen = Keys::default();
        for member in list.children().filter(|member| member.name() == key.child) {
            let value = match key.key.strip_prefix('@') {
                Some(name) => member.attribute(name).map(Cow::Borrowed),
                None => member.find(key.key).next(),
            };
            if value.is_some_and(|value| !seen.add(value)) {
                self.report(member.index(), ViolationKind::SameKey);
            }
        }
    }

    fn report(&mut self, index: u32, kind: ViolationKind) {
        let path = path(self.tree, index, self.root);
        self.violations.push(Violation { path, kind });
    }

    fn report_missing(&mut self, parent: u32, schema: &ElementSchema) {
        let mut path = path(self.tree, parent, self.root);
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(&schema.step());
        self.violations.push(Violation { path, kind: ViolationKind::Missing });
    }
}

/// The keys of a list's members, which are the same where their words are.
#[derive(Default)]
struct Keys<'t> {
    few: Vec<Cow<'t, str>>,
    /// All of them, once they are too many to look through.
    many: HashSet<String>,
}

impl<'t> Keys<'t> {
    const FEW: usize = 8;

    /// Whether the key is new.
    fn add(&mut self, key: Cow<'t, str>) -> bool {
        if self.few.len() < Self::FEW {
            let new = !self.few.iter().any(|other| have_same_words(other, &key));
            if new {
                self.few.push(key);
            }
            return new;
        }
        if self.many.is_empty() {
            self.many.extend(self.few.iter().map(|key| words(key)));
        }
        self.many.insert(words(&key))
    }
}

fn words(text: &str) -> String {
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

fn have_same_words(one: &str, other: &str) -> bool {
    let has_space = |text: &str| text.bytes().any(|byte| byte.is_ascii_whitespace());
    one == other
        || ((has_space(one) || has_space(other)) && one.split_ascii_whitespace().eq(other.split_ascii_whitespace()))
}

/// The path of a node below `root`.
pub(crate) fn path(tree: &Tree, index: u32, root: u32) -> String {
    let mut steps = Vec::new();
    let mut at = index;
    while at != root
        && let Some(node) = tree.node(at)
    {
        match node.kind {
            Kind::Attribute => steps.push(format!("@{}", tree.names.text(node.name))),
            Kind::Element => steps.push(tree.names.text(node.name).to_owned()),
            Kind::Text => {}
        }
        at = node.parent;
    }
    steps.reverse();
    steps.join("/")
}

/// Attributes that belong to XML and XML Schema, not to the object.
pub(crate) fn is_declaration(name: &str) -> bool {
    name == "xmlns"
        || name.starts_with("xmlns:")
        || name == "xsi:schemaLocation"
        || name == "xsi:noNamespaceSchemaLocation"
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}

#[cfg(test)]
mod tests;
