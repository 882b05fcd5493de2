//! One element by itself: for fixtures and for `explain`.

use graph::Row;
use problem::Problem;
use rulebook::plan::{Node, ObjectPlan};
use sif::tree::Tree;

use crate::emit::{Emitter, Outcome};
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
    /// What is sent.
    pub sent: Sent,
    /// What was read.
    pub reads: Vec<Read>,
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
        let mut used = own.copied();
        for node in &chain {
            if let Some(each) = &node.each {
                let found = rows.iter().rev().find(|row| row.entity == each.entity);
                if let Some(row) = found {
                    frame[usize::from(each.local)] = Value::Row(*row);
                    used = used.or(Some(*row));
                }
            }
        }
        let row = used.or_else(|| rows.first().copied()).unwrap_or(Row { entity: object.entity, index: 0 });
        let strip = self.context().zone.strip_empty_elements;
        let mut tree = Tree::new(std::sync::Arc::clone(&evaluation.plan.names));
        let mut emitter = Emitter::new(evaluation, object, row, strip, problems);
        let sent = emitter.alone(&chain, &mut frame, &mut tree);
        evaluation.done(frame);
        Some(sent)
    }

    /// Every element and attribute of a row's instance that is in the plan, in order, with what was read for each.
    pub fn explain<'p>(
        &mut self,
        evaluation: &Evaluation,
        object: &'p ObjectPlan,
        row: Row,
        wanted: &dyn Fn(&Node) -> bool,
        problems: &mut Vec<Problem>,
    ) -> Vec<Explained<'p>> {
        let mut frame = evaluation.frame(object.locals);
        frame[0] = Value::Row(row);
        let mut explained = Vec::new();
        evaluation.set_tracing(true);
        let strip = self.context().zone.strip_empty_elements;
        let mut tree = Tree::new(std::sync::Arc::clone(&evaluation.plan.names));
        let mut emitter = Emitter::new(evaluation, object, row, strip, problems);
        emitter.explain(&object.root, &mut frame, &mut tree, wanted, &mut explained);
        evaluation.set_tracing(false);
        evaluation.done(frame);
        explained
    }
}

impl Emitter<'_> {
    /// What is sent of the last node of a chain, when the conditions of all of them are asked.
    fn alone(&mut self, chain: &[&Node], frame: &mut Vec<Value>, tree: &mut Tree) -> Sent {
        let Some((node, around)) = chain.split_last() else { return Sent::Absent };
        for outer in around {
            if !self.holds(outer, frame) {
                return Sent::Absent;
            }
        }
        self.sent(node, frame, tree)
    }

    fn sent(&mut self, node: &Node, frame: &mut Vec<Value>, tree: &mut Tree) -> Sent {
        tree.clear();
        if node.attribute {
            // An attribute stands in an element; which one does not matter here.
            tree.open(node.name);
        }
        let outcome = self.one(node, frame, tree);
        if outcome != Outcome::Emitted {
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

    fn explain<'p>(
        &mut self,
        node: &'p Node,
        frame: &mut Vec<Value>,
        tree: &mut Tree,
        wanted: &dyn Fn(&Node) -> bool,
        explained: &mut Vec<Explained<'p>>,
    ) {
        let rows: Vec<Option<Row>> = match &node.each {
            None => vec![None],
            Some(each) => match self.rows(each, frame) {
                rows if rows.is_empty() => return,
                rows => rows.into_iter().take(each.take.unwrap_or(usize::MAX)).map(Some).collect(),
            },
        };
        for row in rows {
            if let (Some(each), Some(row)) = (&node.each, row) {
                frame[usize::from(each.local)] = Value::Row(row);
            }
            if node.leaf.is_some() && wanted(node) {
                let _ = self.evaluation().trace.borrow_mut().take();
                let sent = self.sent(node, frame, tree);
                let reads = self.evaluation().trace.borrow_mut().take();
                explained.push(Explained { node, sent, reads });
            }
            if node.children.is_empty() || !self.holds(node, frame) {
                continue;
            }
            for child in &node.children {
                self.explain(child, frame, tree, wanted, explained);
            }
        }
    }
}
