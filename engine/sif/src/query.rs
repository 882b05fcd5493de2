//! Queries: what a SIF_Request asks for, read and evaluated.
//!
//! [`Request::read`] gives a [`Query`] or an [`ExtendedQuery`]. Conditions compare by the type that the schema gives a path
//! ([`Comparison`]): numbers as numbers, dates as dates. As in XPath, whose small part the paths are,
//! a condition holds if any of several values does; an element that is absent or nil has no value to compare, so no
//! condition holds of it, NE neither. Whoever wants everything but one value and the absent must ask for all.

mod compare;
mod condition;
mod example;
mod extended;
mod fault;
mod path;
mod select;

pub use compare::{Comparable, Comparison, Operator};
pub use condition::{Condition, Conditions, Group, Join};
pub use example::Example;
pub use extended::{Column, ColumnContent, ExtendedQuery, JoinKind, JoinOn, JoinedObject, ObjectPath, Order};
pub use fault::QueryFault;
pub use path::{Path, PathFault};

use crate::message::{Message, MessageKind, VersionPattern, error};
use crate::prune::Visibility;
use crate::tree::{Element, Tree};

/// A SIF_Request.
#[derive(Clone, Debug)]
pub struct Request {
    /// The versions that the response may have.
    pub versions: Vec<VersionPattern>,
    /// SIF_MaxBufferSize: the most bytes of a packet.
    pub max_buffer_size: u64,
    /// What it asks for.
    pub question: Question,
}

/// What a request asks for.
#[derive(Clone, Debug)]
pub enum Question {
    /// SIF_Query: objects.
    Query(Query),
    /// SIF_ExtendedQuery: rows.
    Extended(ExtendedQuery),
}

/// SIF_Query.
#[derive(Clone, Debug)]
pub struct Query {
    /// The object that is asked for, whether we know it or not.
    pub object: String,
    /// The elements that are wanted of it; none means all.
    pub elements: Vec<Path>,
    /// What must hold of an instance.
    pub conditions: Option<Group>,
    /// An instance that others must be like.
    pub example: Option<Example>,
}

impl Request {
    /// Reads a request.
    ///
    /// # Errors
    /// What is missing (1/6), no value that may stand there (1/4), or not supported (8/9).
    pub fn read(message: &Message) -> Result<Self, QueryFault> {
        if message.kind != MessageKind::Request {
            return Err(QueryFault::new(error::XML_VALIDATION, "the message is no SIF_Request"));
        }
        let body = message.body();
        let mut versions = Vec::new();
        for text in body.find("SIF_Version") {
            let pattern = VersionPattern::parse(text.trim());
            versions.push(pattern.ok_or_else(|| QueryFault::value("SIF_Version", "is no version"))?);
        }
        if versions.is_empty() {
            return Err(QueryFault::missing("SIF_Version"));
        }
        let size = message.value("SIF_MaxBufferSize").ok_or_else(|| QueryFault::missing("SIF_MaxBufferSize"))?;
        let size = size.parse().map_err(|_| QueryFault::value("SIF_MaxBufferSize", "is no whole number"))?;
        let first = |name: &str| body.children().find(|child| child.name() == name);
        let question = match (first("SIF_Query"), first("SIF_ExtendedQuery")) {
            (Some(query), _) => Question::Query(Query::read(query)?),
            (None, Some(query)) => Question::Extended(ExtendedQuery::read(query)?),
            (None, None) => return Err(QueryFault::missing("SIF_Query")),
        };
        Ok(Self { versions, max_buffer_size: size, question })
    }
}

impl Question {
    /// The object that is asked for: that of SIF_QueryObject or SIF_From.
    #[must_use]
    pub fn object(&self) -> &str {
        match self {
            Self::Query(query) => &query.object,
            Self::Extended(query) => &query.from,
        }
    }

    /// Object and path of the first condition, join or order that looks at what is hidden from the requester, who could
    /// learn by it what is hidden.
    #[must_use]
    pub fn hidden_test(&self, visibility: &Visibility) -> Option<(String, String)> {
        let tests = match self {
            Self::Query(query) => query.tests(),
            Self::Extended(query) => query.tests(),
        };
        tests.into_iter().find(|(object, path)| visibility.of(object).is_some_and(|visible| !visible.sees(path)))
    }
}

impl Query {
    /// Reads the element SIF_Query.
    ///
    /// # Errors
    /// As [`Request::read`].
    pub fn read(query: Element<'_>) -> Result<Self, QueryFault> {
        let wanted = query.children().find(|child| child.name() == "SIF_QueryObject");
        let wanted = wanted.ok_or_else(|| QueryFault::missing("SIF_Query/SIF_QueryObject"))?;
        let object = object_name(wanted, "SIF_Query/SIF_QueryObject")?;
        let elements = wanted.find("SIF_Element").filter(|text| !text.trim().is_empty());
        let elements = elements.map(|text| path(&text)).collect::<Result<_, _>>()?;
        let first = |name: &str| query.children().find(|child| child.name() == name);
        let conditions = first("SIF_ConditionGroup").map(|group| Group::read(group, Some(&object))).transpose()?;
        let example = first("SIF_Example").map(|example| Example::read(example, &object)).transpose()?;
        Ok(Self { object, elements, conditions, example })
    }

    /// Whether an instance of the object is wanted.
    #[must_use]
    pub fn takes(&self, instance: Element<'_>) -> bool {
        let conditions = self.conditions.as_ref().is_none_or(|group| group.holds(|_| Some(instance)));
        conditions && self.example.as_ref().is_none_or(|example| example.is_like(instance))
    }

    /// Adds an instance to `out` with the wanted elements only, each with what is below it and the elements that it
    /// stands in, which keep their attributes. An element that is not there is left out, and no fault.
    pub fn select(&self, instance: Element<'_>, out: &mut Tree) {
        select::select(&self.elements, instance, out);
    }

    /// The object with each path that a condition looks at, predicates included.
    #[must_use]
    pub fn tests(&self) -> Vec<(String, String)> {
        let mut tests = self.conditions.as_ref().map(Group::tests).unwrap_or_default();
        let example = self.example.as_ref().map(Example::paths).unwrap_or_default();
        let selected = self.elements.iter().flat_map(Path::tested);
        tests.extend(example.into_iter().chain(selected).map(|path| (self.object.clone(), path)));
        tests
    }
}

/// Reads a path of a query.
fn path(text: &str) -> Result<Path, QueryFault> {
    Path::parse(text.trim()).map_err(|fault| QueryFault::unsupported(format!("a path of SIF_Element {fault}")))
}

/// The attribute that says which object an element is about.
fn object_name(element: Element<'_>, place: &str) -> Result<String, QueryFault> {
    let name = element.attribute("ObjectName").map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    name.ok_or_else(|| QueryFault::missing(&format!("{place}/@ObjectName")))
}
