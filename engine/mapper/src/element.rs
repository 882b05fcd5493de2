//! One element by itself: for fixtures and for `explain`.

use std::sync::Arc;

use graph::Row;
use problem::Problem;
use rulebook::plan::{Node, ObjectPlan};
use sif::tree::Tree;

use crate::emit::{Emitter, PartOutcome};
use crate::evaluation::Evaluation;
use crate::mapper::Mapper;
use crate::trace::Read;
use crate::value::Value;

/// What is sent of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It is left out.
    Absent,
    /// An empty element.
    Empty,
    /// `xsi:nil`.
    Nil,
    /// A text.
    Text(String),
    /// Elements inside it.
    Elements,
}

/// An element of an instance, with what was read for it.
#[derive(Clone, Debug)]
pub struct Explained<'p> {
    /// The element's plan.
    pub node: &'p Node,
    /// What is sent; where it was left out with a part that it belongs to, what would have been.
    pub sent: Sent,
    /// What was read.
    pub reads: Vec<Read>,
    /// The part that it was left out with.
    pub left_out: Option<LeftOut<'p>>,
}

/// A part that is not sent, though some of what is in it has a value.
#[derive(Clone, Copy, Debug)]
pub struct LeftOut<'p> {
    /// The part; the root, if it is the whole instance.
    pub part: &'p Node,
    /// Why it is not sent.
    pub why: Why<'p>,
}

/// Why a part is not sent.
#[derive(Clone, Copy, Debug)]
pub enum Why<'p> {
    /// This is missing in it.
    Lacks(&'p Node),
    /// There is nothing in it but constants.
    Nothing,
    /// The instance as a whole was rejected; the problems say why.
    Rejected,
}

/// What [`Mapper::map`] makes of a row, element by element.
#[derive(Clone, Debug)]
pub struct Explanation<'p> {
    /// Whether there is an instance.
    pub is_sent: bool,
    /// Its elements and attributes that were looked at, in order.
    pub elements: Vec<Explained<'p>>,
    /// The parts that were left out.
    pub left_out: Vec<LeftOut<'p>>,
}

/// What becomes of each element while an instance is built.
#[derive(Default)]
pub struct Record<'p> {
    elements: Vec<Explained<'p>>,
    left_out: Vec<LeftOut<'p>>,
    /// What is missing, while what it is a part of is taken back.
    pub lacks: Option<&'p Node>,
}

impl<'p> Record<'p> {
    pub const fn len(&self) -> usize {
        self.elements.len()
    }

    pub fn note(&mut self, node: &'p Node, sent: Sent, reads: Vec<Read>) {
        self.elements.push(Explained { node, sent, reads, left_out: None });
    }

    /// Everything from the place `since` on is not sent, as it belongs to this part.
    pub fn taken_back(&mut self, since: usize, part: &'p Node, why: Why<'p>) {
        let left_out = LeftOut { part, why };
        self.left_out.push(left_out);
        for element in self.elements.iter_mut().skip(since) {
            // The innermost part says it best.
            element.left_out.get_or_insert(left_out);
        }
    }
}

/// The nodes from the root to the one with this path.
#[must_use]
pub fn chain<'p>(object: &'p ObjectPlan, path: &str) -> Option<Vec<&'p Node>> {
    fn search<'p>(node: &'p Node, path: &str, chain: &mut Vec<&'p Node>) -> bool {
        chain.push(node);
        if &*node.path == path || node.children.iter().any(|child| search(child, path, chain)) {
            return true;
        }
        chain.pop();
        false
    }
    let mut found = Vec::new();
    search(&object.root, path, &mut found).then_some(found)
}

impl Mapper {
    /// What is sent of one element, where `rows` are in scope: a row of the object's entity is the instance's, others are the
    /// rows of the repeated elements around it. None if the object has no such element.
    pub fn element(
        &mut self,
        evaluation: &Evaluation,
        object: &ObjectPlan,
        path: &str,
        rows: &[Row],
        problems: &mut Vec<Problem>,
    ) -> Option<Sent> {
        let chain = chain(object, path)?;
        let mut frame = evaluation.frame(object.locals);
        let own = rows.iter().find(|row| row.entity == object.entity);
        if let Some(row) = own {
            frame[0] = Value::Row(*row);
        }
        let used = own.copied().or_else(|| chain.iter().find_map(|node| row_of(node, rows)));
        let row = used.or_else(|| rows.first().copied()).unwrap_or(Row { entity: object.entity, index: 0 });
        let strip = self.context().zone.strip_empty_elements;
        let mut tree = Tree::new(Arc::clone(&evaluation.plan.names));
        let mut emitter = Emitter::new(evaluation, object, row, strip, problems);
        let sent = emitter.alone(&chain, rows, &mut frame, &mut tree);
        evaluation.done(frame);
        Some(sent)
    }

    /// What [`Mapper::map`] makes of a row: every element and attribute of its instance that was looked at, in order, with what
    /// was read for each. A row whose SIF key another row may have is mapped with those before it.
    pub fn explain<'p>(
        &mut self,
        evaluation: &Evaluation,
        object: &'p ObjectPlan,
        row: Row,
        problems: &mut Vec<Problem>,
    ) -> Explanation<'p> {
        let key = evaluation.graph.key(row);
        let by_ref_id = object.key.len() == 1;
        let (mut is_sent, mut found) = (false, Vec::new());
        self.map(evaluation, &[object], &|_, other| other == row || !by_ref_id, &mut found, &mut |instance| {
            is_sent |= instance.key == key;
        });
        let name = key.to_string();
        problems.extend(found.into_iter().filter(|problem| problem.subject.key.as_ref() == Some(&name)));
        let mut frame = evaluation.frame(object.locals);
        frame[0] = Value::Row(row);
        let strip = self.context().zone.strip_empty_elements;
        let mut tree = Tree::new(Arc::clone(&evaluation.plan.names));
        // The same problems again.
        let mut again = Vec::new();
        evaluation.set_tracing(true);
        let record = Emitter::new(evaluation, object, row, strip, &mut again).recorded(&mut frame, &mut tree);
        evaluation.set_tracing(false);
        evaluation.done(frame);
        let Record { mut elements, left_out, .. } = record;
        if !is_sent {
            let rejected = LeftOut { part: &object.root, why: Why::Rejected };
            elements.iter_mut().for_each(|element| element.left_out = element.left_out.or(Some(rejected)));
        }
        Explanation { is_sent, elements, left_out }
    }
}

/// The row that an element is repeated for, of those that are given.
fn row_of(node: &Node, rows: &[Row]) -> Option<Row> {
    node.each.as_ref().and_then(|each| rows.iter().rev().find(|row| row.entity == each.entity)).copied()
}

impl<'p> Emitter<'_, 'p> {
    /// What is sent of the last node of a chain, when the conditions of all of them are asked.
    fn alone(&mut self, chain: &[&'p Node], rows: &[Row], frame: &mut Vec<Value>, tree: &mut Tree) -> Sent {
        let Some((node, around)) = chain.split_last() else { return Sent::Absent };
        // A row is bound where emission would bind it: a condition before may use its place for something of its own.
        let bind = |node: &Node, frame: &mut Vec<Value>| {
            if let Some(each) = &node.each {
                frame[usize::from(each.local)] = row_of(node, rows).map_or(Value::Absent, Value::Row);
            }
        };
        for outer in around {
            bind(outer, frame);
            if !self.holds(outer, frame) {
                self.evaluation().sent(outer, false);
                return Sent::Absent;
            }
        }
        bind(node, frame);
        self.sent(node, frame, tree)
    }

    fn sent(&mut self, node: &'p Node, frame: &mut Vec<Value>, tree: &mut Tree) -> Sent {
        tree.clear();
        if node.attribute {
            // An attribute stands in an element; which one does not matter here.
            tree.open(node.name);
        }
        let outcome = self.one(node, frame, tree);
        if outcome != PartOutcome::Emitted {
            return Sent::Absent;
        }
        if node.attribute {
            tree.close();
        }
        let Some(root) = tree.root() else { return Sent::Absent };
        if node.attribute {
            return root.attributes().next().map_or(Sent::Absent, |(_, value)| Sent::Text(value.to_owned()));
        }
        if root.is_nil() {
            return Sent::Nil;
        }
        if root.children().next().is_some() {
            return Sent::Elements;
        }
        let text = root.text();
        if text.is_empty() { Sent::Empty } else { Sent::Text(text.into_owned()) }
    }
}
