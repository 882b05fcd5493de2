//! What is sent of a row: an object's tree of nodes.

use std::collections::BTreeSet;
use std::sync::Arc;

use graph::{EntityId, FieldId, ReadSet};
use problem::Place;

use super::step::Body;
use super::value::Value;
use crate::types::Type;

/// What happens when an element's value is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbsentPolicy {
    /// The element is left out.
    Omit,
    /// An empty element is sent.
    Empty,
    /// `xsi:nil="true"` is sent.
    Nil,
    /// The nearest part that may be left out is left out; else the instance.
    Reject,
}

/// A remark that the rulebook asks for.
#[derive(Clone, Debug)]
pub struct Remark {
    /// When.
    pub when: Body,
    /// What it says.
    pub say: String,
}

/// A node of an object's tree.
#[derive(Clone, Debug)]
pub struct Node {
    /// Element or attribute name.
    pub name: sif::tree::NameId,
    /// Its path in the object, as the definition writes it.
    pub path: Arc<str>,
    /// Whether it is an attribute.
    pub attribute: bool,
    /// Whether the schema makes it mandatory in its parent.
    pub mandatory: bool,
    /// Whether this part may be left out when something in it is missing: it is optional, or a row of a list.
    pub may_be_left_out: bool,
    /// Whether a part with nothing in it but constant attributes is sent all the same.
    pub sent_empty: bool,
    /// The schema's definition; none inside an extension.
    pub schema: Option<&'static sif::schema::ElementSchema>,
    /// Only when this holds.
    pub when: Option<Body>,
    /// One for each of these rows: where they come from, and how many at most.
    pub each: Option<Each>,
    /// Remarks.
    pub remarks: Vec<Remark>,
    /// The value, of an element or attribute that has one.
    pub leaf: Option<Leaf>,
    /// Attributes and elements inside it, in schema order.
    pub children: Vec<Self>,
    /// The requirement rows that it answers.
    pub rows: Vec<String>,
    /// Where it is declared.
    pub place: Place,
}

/// Where the rows of a repeated element come from.
#[derive(Clone, Debug)]
pub struct Each {
    /// The rows.
    pub rows: Body,
    /// The local that a row is bound to.
    pub local: u16,
    /// The entity.
    pub entity: EntityId,
    /// How many at most.
    pub take: Option<usize>,
}

/// The value of an element.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// How it is got.
    pub value: Value,
    /// Its type.
    pub ty: Type,
    /// Which tier that is: const, from, codes, table, rule.
    pub tier: &'static str,
    /// A local code goes through this value set.
    pub codes: Option<usize>,
    /// What is sent when the value is absent or `when` does not hold.
    pub otherwise: Option<Arc<str>>,
    /// What happens when there is still nothing.
    pub absent: AbsentPolicy,
    /// Decimal places, always shown.
    pub decimals: Option<u32>,
    /// Whether `strip_empty_elements` may strip it.
    pub strippable: bool,
    /// The place in the source that a missing value is reported at: table and column, where the value is a plain field.
    pub source: Option<(EntityId, FieldId)>,
}

/// An object's plan.
#[derive(Clone, Debug)]
pub struct ObjectPlan {
    /// The SIF object's name.
    pub name: Arc<str>,
    /// Which of the object's variants it is, where the object has any.
    pub variant: Option<Arc<str>>,
    /// What people call it: the name, with `/` and the variant behind it where there is one.
    pub label: Arc<str>,
    /// The entity that it repeats over.
    pub entity: EntityId,
    /// Which rows: name of the population rule, and the condition.
    pub population: Vec<(Vec<String>, Body)>,
    /// Remarks about an instance.
    pub remarks: Vec<Remark>,
    /// The schema's definition.
    pub schema: &'static sif::schema::ObjectSchema,
    /// The element tree.
    pub root: Node,
    /// The paths of its key, as the schema has them.
    pub key: Vec<Arc<str>>,
    /// Whether it raises events.
    pub raises_events: bool,
    /// Decided omissions: path, reason, requirement rows, place.
    pub omissions: Vec<Omission>,
    /// How many locals its bodies need.
    pub locals: u16,
    /// What it reads.
    pub reads: ReadSet,
    /// The rankings that it reads, by the fact that declares each: what needs a first pass over all students.
    pub rankings: BTreeSet<usize>,
    /// Where it is declared.
    pub place: Place,
}

/// An element that is not sent, by decision.
#[derive(Clone, Debug)]
pub struct Omission {
    /// Its path.
    pub path: String,
    /// Why.
    pub reason: String,
    /// The requirement rows that are answered so.
    pub rows: Vec<String>,
    /// Where it is declared.
    pub place: Place,
}

impl ObjectPlan {
    /// Every node, parents before children.
    pub fn nodes(&self) -> Vec<&Node> {
        let mut nodes = vec![&self.root];
        let mut at = 0;
        while at < nodes.len() {
            let children: Vec<&Node> = nodes[at].children.iter().collect();
            let rest = nodes.split_off(at + 1);
            nodes.extend(children);
            nodes.extend(rest);
            at += 1;
        }
        nodes
    }
}
