//! SIF_Example: an instance that others must be like.

use std::sync::Arc;

use super::compare::Comparison;
use super::{Path, QueryFault, condition};
use crate::message::error;
use crate::tree::{Element, Tree};

/// An example. An instance is like it if it has every attribute, element and value of it, whatever else it has:
/// of elements that repeat, each of the example has one in the instance that is like it.
#[derive(Clone, Debug)]
pub struct Example {
    object: String,
    tree: Tree,
}

impl Example {
    pub(super) fn read(example: Element<'_>, object: &str) -> Result<Self, QueryFault> {
        let mut children = example.children();
        let instance = children.next().ok_or_else(|| QueryFault::missing(&format!("SIF_Example/{object}")))?;
        if instance.name() != object || children.next().is_some() {
            let why = format!("SIF_Example holds something other than one {object}");
            return Err(QueryFault::new(error::UNSUPPORTED_QUERY, why));
        }
        let mut tree = Tree::new(Arc::clone(instance.names()));
        instance.copy_to(&mut tree);
        Ok(Self { object: object.to_owned(), tree })
    }

    /// Whether an instance is like it.
    #[must_use]
    pub fn is_like(&self, instance: Element<'_>) -> bool {
        self.tree.root().is_none_or(|example| self.like(example, instance, ""))
    }

    fn like(&self, example: Element<'_>, instance: Element<'_>, path: &str) -> bool {
        let attributes = example.attributes().filter(|(name, _)| !crate::tree::is_declaration(name));
        let mut attributes =
            attributes.map(|(name, value)| (format!("{path}@{name}"), value, instance.attribute(name)));
        if !attributes.all(|(path, value, other)| other.is_some_and(|other| self.equal(&path, value, other))) {
            return false;
        }
        let text = example.text();
        if !text.trim().is_empty() && !self.equal(path.trim_end_matches('/'), &text, &instance.text()) {
            return false;
        }
        example.children().all(|wanted| {
            let below = format!("{path}{}/", wanted.name());
            let named = instance.children().filter(|child| child.name() == wanted.name());
            named.into_iter().any(|child| self.like(wanted, child, &below))
        })
    }

    fn equal(&self, path: &str, value: &str, other: &str) -> bool {
        let comparison = Path::parse(path).ok().and_then(|path| condition::comparison(&self.object, &path).ok());
        let comparison = comparison.unwrap_or(Comparison::Text);
        comparison.read(value).is_some_and(|value| comparison.read(other) == Some(value))
    }

    /// The paths that it looks at.
    pub(super) fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        let mut waiting: Vec<(String, Element<'_>)> =
            self.tree.root().map(|root| (String::new(), root)).into_iter().collect();
        while let Some((path, element)) = waiting.pop() {
            let attributes = element.attributes().filter(|(name, _)| !crate::tree::is_declaration(name));
            paths.extend(attributes.map(|(name, _)| format!("{path}@{name}")));
            if !path.is_empty() {
                paths.push(path.trim_end_matches('/').to_owned());
            }
            waiting.extend(element.children().map(|child| (format!("{path}{}/", child.name()), child)));
        }
        paths
    }
}
