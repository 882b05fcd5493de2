//! What an event says: from what was published of an instance, and what it is now, to Add, Change or Delete. Pure.

use std::collections::BTreeSet;
use std::sync::Arc;

use agent::Action;
use sif::schema::{ElementSchema, ObjectSchema, Presence};
use sif::tree::{Content, Element, Names, Tree};

use super::state::{InstanceState, shape};
use super::units::{place, sent_whole};

/// An event about one instance.
#[derive(Clone, Debug)]
pub struct Difference {
    /// What happened.
    pub action: Action,
    /// The object's element as the event sends it.
    pub tree: Tree,
    /// The elements that are gone of which SIF has no way to say so.
    pub unsaid: Vec<String>,
}

/// What to report of an instance that there is; nothing if it is as it was published.
///
/// A Change has what changed, what the schema makes mandatory, and so the key. A list that changed is sent whole; an element that is gone
/// is sent nil, or empty where it may be.
#[must_use]
pub fn compare(
    object: &ObjectSchema,
    old: Option<&InstanceState>,
    new: &InstanceState,
    tree: &Tree,
) -> Option<Difference> {
    let Some(old) = old else {
        return Some(Difference { action: Action::Add, tree: tree.clone(), unsaid: Vec::new() });
    };
    if old.shape == new.shape && old.units == new.units {
        return None;
    }
    let (changed, gone) = if old.shape == new.shape {
        let changed =
            new.units.iter().filter(|unit| old.units.binary_search(unit).is_err()).map(|unit| unit.0).collect();
        let there: BTreeSet<u32> = new.units.iter().map(|unit| unit.0).collect();
        let gone = old.units.iter().map(|unit| unit.0).filter(|place| !there.contains(place)).collect();
        (changed, gone)
    } else {
        // What the numbers of the old state mean is not known any more, so everything may have changed.
        (new.units.iter().map(|unit| unit.0).collect(), BTreeSet::new())
    };
    let root = tree.root()?;
    let mut partial =
        Partial { changed, gone, tree: Tree::new(Arc::clone(tree.names())), unsaid: Vec::new(), path: Vec::new() };
    partial.container(&object.root, root);
    Some(Difference { action: Action::Change, tree: partial.tree, unsaid: partial.unsaid })
}

/// The Delete of an instance that is gone: the attributes that every event has, and its key.
#[must_use]
pub fn deleted(object: &ObjectSchema, old: &InstanceState, names: &Arc<Names>) -> Tree {
    let mut tree = Tree::new(Arc::clone(names));
    tree.open(object.root.name_id());
    // The state of another shape names its attributes by other numbers; its key is all that is left to say, and it comes first.
    let known = old.shape == shape(object);
    let value = |at: &ElementSchema, number: usize| match known {
        true => old.fixed.iter().find(|(own, _)| *own == place(at)).map(|(_, value)| value.as_str()),
        false if number == 0 => old.fixed.first().map(|(_, value)| value.as_str()),
        false => None,
    };
    for (number, attribute) in object.root.attributes().iter().enumerate() {
        if let Some(value) = value(attribute, number) {
            tree.attribute(attribute.name_id(), value);
        }
    }
    for child in object.root.elements() {
        if let Some(value) = value(child, usize::MAX) {
            tree.leaf(child.name_id(), value);
        }
    }
    tree.close();
    tree
}

struct Partial<'a> {
    changed: BTreeSet<u32>,
    gone: BTreeSet<u32>,
    tree: Tree,
    unsaid: Vec<String>,
    path: Vec<&'a str>,
}

impl<'a> Partial<'a> {
    /// Writes what of a container is sent.
    fn container(&mut self, schema: &'a ElementSchema, element: Element<'_>) {
        self.tree.open(schema.name_id());
        for attribute in schema.attributes() {
            let is_sent = attribute.required || self.changed.contains(&place(attribute));
            if let Some(value) = element.attribute(attribute.name).filter(|_| is_sent) {
                self.tree.attribute(attribute.name_id(), value);
            }
        }
        if element.is_nil() {
            self.tree.nil();
            self.tree.close();
            return;
        }
        let children: Vec<Element<'_>> = element.children().collect();
        for child in schema.elements() {
            let mut all = children.iter().filter(|element| element.name_id() == Some(child.name_id())).peekable();
            self.path.push(child.name);
            let mandatory = child.required || child.characteristic.presence == Presence::Mandatory;
            if all.peek().is_none() {
                if self.gone.contains(&place(child)) {
                    self.gone(child);
                }
            } else if sent_whole(child) {
                if mandatory || self.changed.contains(&place(child)) {
                    all.for_each(|element| copy(*element, &mut self.tree));
                }
            } else if let Some(element) = all.next()
                && (mandatory || self.touches(child))
            {
                self.container(child, *element);
            }
            self.path.pop();
        }
        self.tree.close();
    }

    /// Whether anything in a container changed.
    fn touches(&self, schema: &ElementSchema) -> bool {
        self.changed.contains(&place(schema))
            || self.gone.contains(&place(schema))
            || schema.children.iter().any(|child| self.touches(child))
    }

    /// Says that an element is gone.
    fn gone(&mut self, schema: &ElementSchema) {
        let is_list = schema.value.is_none() && schema.elements().iter().all(|child| !child.required);
        if !schema.nillable && !schema.may_be_empty && !is_list {
            self.unsaid.push(self.path.join("/"));
            return;
        }
        self.tree.open(schema.name_id());
        for attribute in schema.attributes().iter().filter(|attribute| attribute.required) {
            // The schema asks for them even where there is nothing; what they say then means nothing.
            let first = attribute.code_set().and_then(|set| set.codes().first().copied());
            if let Some(value) = attribute.fixed.or(first) {
                self.tree.attribute(attribute.name_id(), value);
            }
        }
        if schema.nillable {
            self.tree.nil();
        }
        self.tree.close();
    }
}

/// Copies an element with all that is in it.
fn copy(element: Element<'_>, tree: &mut Tree) {
    let name = element.name_id().unwrap_or_else(|| tree.intern(element.name()));
    tree.open(name);
    for (name, value) in element.attributes() {
        let name = tree.intern(name);
        tree.attribute(name, value);
    }
    if element.is_nil() {
        tree.nil();
    }
    for content in element.contents() {
        match content {
            Content::Text(text) => tree.text(text),
            Content::Element(inner) => copy(inner, tree),
        }
    }
    tree.close();
}
