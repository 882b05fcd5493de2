//! Builds one instance's tree: values in schema order, with what an absence means for each.

mod leaf;
mod recording;
mod report;

use graph::Row;
use problem::{Problem, code};
use rulebook::plan::{Node, ObjectPlan};
use sif::schema::ValueText;
use sif::tree::Tree;

use self::leaf::Content;
use crate::element::{Record, Sent, Why};
use crate::evaluation::Evaluation;
use crate::value::Value;

/// What became of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartOutcome {
    /// It is in the tree.
    Emitted,
    /// There was nothing to say.
    Nothing,
    /// It lacks something mandatory; what it is a part of must go too.
    Rejected,
}

/// Builds the tree of one instance.
pub struct Emitter<'e, 'p> {
    evaluation: &'e Evaluation,
    object: &'p ObjectPlan,
    row: Row,
    strip_empty: bool,
    problems: &'e mut Vec<Problem>,
    /// The value in the making.
    text: ValueText,
    /// What becomes of each element, for `explain`.
    record: Option<Record<'p>>,
}

impl<'e, 'p> Emitter<'e, 'p> {
    pub fn new(
        evaluation: &'e Evaluation,
        object: &'p ObjectPlan,
        row: Row,
        strip_empty: bool,
        problems: &'e mut Vec<Problem>,
    ) -> Self {
        Self { evaluation, object, row, strip_empty, problems, text: ValueText::default(), record: None }
    }

    /// What evaluates.
    pub(crate) const fn evaluation(&self) -> &Evaluation {
        self.evaluation
    }

    /// Builds the instance and tells what became of each element; what was read for it too, while the evaluation is tracing.
    pub fn recorded(mut self, frame: &mut Vec<Value>, tree: &mut Tree) -> Record<'p> {
        self.record = Some(Record::default());
        self.instance(frame, tree);
        self.record.take().unwrap_or_default()
    }

    /// Whether the row is in the object's population. A row of which that cannot be said is rejected, with a problem.
    pub fn in_population(&mut self, frame: &mut Vec<Value>) -> bool {
        for (_, keep) in &self.object.population {
            match self.evaluation.holds(keep, frame) {
                Ok(true) => {}
                Ok(false) => return false,
                Err(fault) => {
                    let problem = self.fault(&fault, None, "whether the row belongs to the object");
                    self.problems.push(problem);
                    return false;
                }
            }
        }
        true
    }

    pub fn instance(&mut self, frame: &mut Vec<Value>, tree: &mut Tree) -> PartOutcome {
        self.remarks(&self.object.remarks, None, frame);
        let object = self.object;
        let outcome = self.one(&object.root, frame, tree);
        if outcome == PartOutcome::Rejected {
            tree.clear();
        }
        outcome
    }

    fn node(&mut self, node: &'p Node, frame: &mut Vec<Value>, tree: &mut Tree) -> PartOutcome {
        let Some(each) = &node.each else {
            return self.one(node, frame, tree);
        };
        let rows = match self.evaluation.body(&each.rows, frame) {
            Ok(rows) => rows,
            Err(fault) => return self.failed(&fault, node, "its rows"),
        };
        let mut emitted = 0;
        let mut visit = |emitter: &mut Self, row: Row, frame: &mut Vec<Value>, tree: &mut Tree| {
            if each.take.is_some_and(|most| emitted >= most) {
                return;
            }
            frame[usize::from(each.local)] = Value::Row(row);
            if emitter.one(node, frame, tree) == PartOutcome::Emitted {
                emitted += 1;
            }
        };
        match rows {
            Value::Row(row) => visit(self, row, frame, tree),
            Value::Rows(rows) => {
                let entity = rows.entity();
                for index in rows.indexes(&self.evaluation.graph) {
                    visit(self, Row { entity, index: *index }, frame, tree);
                }
            }
            _ => {}
        }
        if emitted > 0 {
            return PartOutcome::Emitted;
        }
        self.evaluation.sent(node, false);
        PartOutcome::Nothing
    }

    /// One element or attribute.
    pub(crate) fn one(&mut self, node: &'p Node, frame: &mut Vec<Value>, tree: &mut Tree) -> PartOutcome {
        let outcome = self.one_part(node, frame, tree);
        // An element with a value that was emitted may be empty: where its value is known, it is recorded.
        if outcome != PartOutcome::Emitted || node.leaf.is_none() {
            self.evaluation.sent(node, outcome == PartOutcome::Emitted);
        }
        outcome
    }

    fn one_part(&mut self, node: &'p Node, frame: &mut Vec<Value>, tree: &mut Tree) -> PartOutcome {
        if !node.remarks.is_empty() {
            self.remarks(&node.remarks, Some(node), frame);
        }
        // What was read before was not read for this.
        if self.record.is_some() {
            self.reads();
        }
        let holds = match &node.when {
            None => true,
            Some(when) => match self.evaluation.holds(when, frame) {
                Ok(holds) => holds,
                Err(fault) => {
                    let outcome = self.failed(&fault, node, "whether it is sent");
                    if node.leaf.is_some() {
                        self.note(node, None, |_| Sent::Absent);
                    }
                    return outcome;
                }
            },
        };
        if node.children.is_empty()
            && let Some(leaf) = &node.leaf
        {
            return self.plain_leaf(node, leaf, holds, frame, tree);
        }
        if !holds {
            if node.leaf.is_some() {
                self.note(node, None, |_| Sent::Absent);
            }
            return PartOutcome::Nothing;
        }
        let condition = self.record.is_some().then(|| self.reads());
        let begun = self.recorded_so_far();
        let before = tree.mark();
        tree.open(node.name);
        let inside = tree.mark();
        let attributes = node.children.iter().take_while(|child| child.attribute).count();
        let (attributes, elements) = node.children.split_at(attributes);
        for child in attributes {
            if self.node(child, frame, tree) == PartOutcome::Rejected {
                return self.leave_out(node, begun, before, tree);
            }
        }
        let fixed_only = tree.mark();
        let mut said = false;
        if let Some(leaf) = &node.leaf {
            if self.record.is_some() {
                self.reads();
            }
            let content = self.content(node, leaf, true, frame);
            self.note(node, condition, |text| content.sent(text));
            self.evaluation.sent(node, matches!(content, Content::Text));
            match content {
                Content::Text => {
                    tree.checked_text(&self.text);
                    said = true;
                }
                Content::Empty => said = true,
                Content::Nil => {
                    tree.nil();
                    said = true;
                }
                Content::Nothing => {
                    tree.roll_back(before);
                    self.taken_back(begun, node, Why::Nothing);
                    return PartOutcome::Nothing;
                }
                Content::Rejected => {
                    self.lacking(node);
                    return self.leave_out(node, begun, before, tree);
                }
            }
        }
        for child in elements {
            if self.node(child, frame, tree) == PartOutcome::Rejected {
                return self.leave_out(node, begun, before, tree);
            }
        }
        // A container with nothing in it but its constant attributes says nothing.
        let nothing = if attributes.is_empty() { tree.is_empty_since(inside) } else { tree.is_empty_since(fixed_only) };
        if nothing && !said && !node.sent_empty && !node.path.is_empty() && !elements.is_empty() {
            tree.roll_back(before);
            self.taken_back(begun, node, Why::Nothing);
            if node.mandatory && !node.may_be_left_out {
                self.lacking(node);
                self.report(code::LEFT_OUT, Some(node), "is mandatory and has nothing in it".to_owned(), None);
                return PartOutcome::Rejected;
            }
            return PartOutcome::Nothing;
        }
        tree.close();
        PartOutcome::Emitted
    }

    /// Whether a node's condition holds; a condition that cannot be computed does not.
    pub(crate) fn holds(&mut self, node: &'p Node, frame: &mut Vec<Value>) -> bool {
        match &node.when {
            None => true,
            Some(when) => match self.evaluation.holds(when, frame) {
                Ok(holds) => holds,
                Err(fault) => {
                    self.failed(&fault, node, "whether it is sent");
                    false
                }
            },
        }
    }

    /// Takes back a part that lacks something mandatory. Its elements were recorded from `since` on.
    fn leave_out(&mut self, node: &'p Node, since: usize, before: sif::tree::Mark, tree: &mut Tree) -> PartOutcome {
        tree.roll_back(before);
        if let Some(record) = &mut self.record
            && (node.may_be_left_out || node.path.is_empty())
        {
            let why = record.lacks.map_or(Why::Nothing, Why::Lacks);
            record.taken_back(since, node, why);
        }
        if node.may_be_left_out {
            self.report(
                code::LEFT_OUT,
                Some(node),
                "was left out, since something mandatory in it is missing".to_owned(),
                None,
            );
            PartOutcome::Nothing
        } else if node.path.is_empty() {
            self.report(
                code::REJECTED,
                None,
                "the instance was left out, since something mandatory is missing".to_owned(),
                None,
            );
            PartOutcome::Rejected
        } else {
            PartOutcome::Rejected
        }
    }
}
