//! Checks a whole instance against the schema of its object.

use std::collections::HashSet;

use super::{Element, Kind, Node, Tree};
use crate::schema::{ElementSchema, ListKey, ObjectSchema, ValueFault};

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
    let mut checker = Checker { tree: root.tree(), root: root.index(), frames: Vec::new(), violations: Vec::new() };
    let Some(node) = checker.tree.node(root.index()) else {
        return Vec::new();
    };
    if node.name != object.root.name_id() || node.foreign {
        checker.report(root.index(), ViolationKind::Unknown);
        return checker.violations;
    }
    checker.frames.reserve(12);
    checker.run(&object.root);
    checker.violations
}

/// An open container and how far its children are.
struct Frame<'s> {
    schema: &'s ElementSchema,
    node: u32,
    end: u32,
    /// Index of the child that was met last, or is expected first.
    cursor: usize,
    /// How often that child was met.
    met: u32,
}

struct Checker<'t, 's> {
    tree: &'t Tree,
    root: u32,
    frames: Vec<Frame<'s>>,
    violations: Vec<Violation>,
}

impl<'s> Checker<'_, 's> {
    fn run(&mut self, schema: &'s ElementSchema) {
        let mut index = self.enter(schema, self.root);
        while let Some(frame) = self.frames.last() {
            if index >= frame.end {
                self.leave();
                continue;
            }
            let Some(node) = self.tree.node(index).copied() else {
                return;
            };
            index = match node.kind {
                Kind::Element => match self.place(&node, index) {
                    Some(schema) => self.enter(schema, index),
                    None => self.tree.end(index),
                },
                Kind::Text | Kind::Attribute => {
                    let parent = frame.node;
                    if !is_blank(self.tree.slice(&node)) {
                        self.report(parent, ViolationKind::Text);
                    }
                    index + 1
                }
            };
        }
    }

    /// Checks an element's attributes and value; answers where to go on.
    fn enter(&mut self, schema: &'s ElementSchema, index: u32) -> u32 {
        let Some(node) = self.tree.node(index).copied() else {
            return index + 1;
        };
        let first = self.attributes(schema, index);
        let end = self.tree.end(index);
        if node.nil {
            if !schema.nillable {
                self.report(index, ViolationKind::NotNillable);
            } else if first < end || node.length > 0 {
                self.report(index, ViolationKind::NilWithContent);
            }
            return end;
        }
        if schema.any_content {
            return end;
        }
        if schema.value.is_some() {
            self.value(schema, index, &node, first, end);
            return end;
        }
        if node.length > 0 && !is_blank(self.tree.slice(&node)) {
            self.report(index, ViolationKind::Text);
        }
        self.frames.push(Frame { schema, node: index, end, cursor: 0, met: 0 });
        first
    }

    /// Checks the attributes of an element; answers the index of what follows them.
    fn attributes(&mut self, schema: &'s ElementSchema, element: u32) -> u32 {
        let known = schema.attributes();
        let mut seen = 0_u64;
        let mut index = element + 1;
        while let Some(node) =
            self.tree.node(index).filter(|node| node.kind == Kind::Attribute && node.parent == element)
        {
            match known.iter().position(|attribute| attribute.name_id() == node.name) {
                Some(position) => {
                    if seen & (1 << position) != 0 {
                        self.report(index, ViolationKind::TooMany);
                    }
                    seen |= 1 << position;
                    if let Some(Err(fault)) =
                        known.get(position).map(|attribute| attribute.check_value(self.tree.slice(node)))
                    {
                        self.report(index, ViolationKind::Value(fault));
                    }
                }
                None if is_declaration(self.tree.names.text(node.name)) => {}
                None => self.report(index, ViolationKind::Unknown),
            }
            index += 1;
        }
        for (position, attribute) in known.iter().enumerate() {
            if attribute.required && seen & (1 << position) == 0 {
                self.report_missing(element, attribute);
            }
        }
        index
    }

    fn value(&mut self, schema: &ElementSchema, index: u32, node: &Node, first: u32, end: u32) {
        let fault = if first == end {
            schema.check_value(self.tree.slice(node))
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

    /// Finds the schema of a child of the innermost container and moves that container on.
    fn place(&mut self, node: &Node, index: u32) -> Option<&'s ElementSchema> {
        let frame = self.frames.last_mut()?;
        let (container, cursor, met) = (frame.node, frame.cursor, frame.met);
        let expected = frame.schema.elements();
        let found = if node.foreign {
            None
        } else {
            let ahead = expected.get(cursor..).unwrap_or_default();
            ahead.iter().position(|child| child.name_id() == node.name).map(|offset| cursor + offset)
        };
        let Some(position) = found else {
            let behind = expected.get(..cursor).unwrap_or_default();
            let known = !node.foreign && behind.iter().any(|child| child.name_id() == node.name);
            self.report(index, if known { ViolationKind::Order } else { ViolationKind::Unknown });
            return None;
        };
        let again = position == cursor && met > 0;
        frame.cursor = position;
        frame.met = if again { met.saturating_add(1) } else { 1 };
        let child = expected.get(position)?;
        if again && !child.characteristic.repeatable {
            self.report(index, ViolationKind::TooMany);
        }
        if position > cursor {
            let skipped = expected.get(cursor + usize::from(met > 0)..position).unwrap_or_default();
            for missing in skipped.iter().filter(|child| child.required) {
                self.report_missing(container, missing);
            }
        }
        Some(child)
    }

    /// The end of the innermost container: what is still missing, and keys that stand twice.
    fn leave(&mut self) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let rest = frame.schema.elements().get(frame.cursor + usize::from(frame.met > 0)..).unwrap_or_default();
        for missing in rest.iter().filter(|child| child.required) {
            self.report_missing(frame.node, missing);
        }
        if let Some(key) = frame.schema.list_key
            && self.tree.end(frame.node) > frame.node + 2
        {
            self.unique(Element::new(self.tree, frame.node), key);
        }
    }

    fn unique(&mut self, list: Element<'_>, key: ListKey) {
        let mut seen = HashSet::new();
        for member in list.children().filter(|member| member.name() == key.child) {
            let value = member.find(key.key).next();
            if value.is_some_and(|value| !seen.insert(value.split_ascii_whitespace().collect::<Vec<_>>().join(" "))) {
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
fn is_declaration(name: &str) -> bool {
    name == "xmlns"
        || name.starts_with("xmlns:")
        || name == "xsi:schemaLocation"
        || name == "xsi:noNamespaceSchemaLocation"
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}
