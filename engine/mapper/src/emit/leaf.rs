//! The value of an element or attribute: computed, mapped, checked, and what is sent of nothing.

use graph::{Cell, FieldId, Row};
use problem::code;
use rulebook::plan::{AbsentPolicy, Expr, Leaf, Node, Op, Value as How};
use sif::tree::Tree;

use super::{Emitter, PartOutcome};
use crate::element::Sent;
use crate::show::write_cell;
use crate::value::Value;

/// What became of a leaf's value.
pub(super) enum Content {
    Text,
    Empty,
    Nil,
    Nothing,
    Rejected,
}

impl Content {
    /// What is sent, where the text is this.
    pub(super) fn sent(&self, text: &str) -> Sent {
        match self {
            Self::Text => Sent::Text(text.to_owned()),
            Self::Empty => Sent::Empty,
            Self::Nil => Sent::Nil,
            Self::Nothing | Self::Rejected => Sent::Absent,
        }
    }
}

impl<'p> Emitter<'_, 'p> {
    /// An element or attribute that is nothing but a value.
    pub(super) fn plain_leaf(
        &mut self,
        node: &'p Node,
        leaf: &Leaf,
        holds: bool,
        frame: &mut Vec<Value>,
        tree: &mut Tree,
    ) -> PartOutcome {
        // Constants need no work at all.
        if holds
            && let How::Body(body) = &leaf.value
            && let Op::Const(rulebook::plan::Const::Text(text)) = &body.expr.op
            && leaf.codes.is_none()
        {
            if node.attribute {
                tree.attribute(node.name, text);
            } else {
                tree.leaf(node.name, text);
            }
            self.note(node, None, |_| Sent::Text(text.to_string()));
            self.evaluation.sent(node, true);
            return PartOutcome::Emitted;
        }
        let content = self.content(node, leaf, holds, frame);
        self.note(node, None, |text| content.sent(text));
        self.evaluation.sent(node, matches!(content, Content::Text));
        if matches!(content, Content::Rejected) {
            self.lacking(node);
        }
        if node.attribute {
            return match content {
                Content::Text => {
                    tree.checked_attribute(node.name, &self.text);
                    PartOutcome::Emitted
                }
                Content::Empty => {
                    tree.attribute(node.name, "");
                    PartOutcome::Emitted
                }
                Content::Nil | Content::Nothing => PartOutcome::Nothing,
                Content::Rejected => PartOutcome::Rejected,
            };
        }
        match content {
            Content::Nothing => return PartOutcome::Nothing,
            Content::Rejected => return PartOutcome::Rejected,
            Content::Text => tree.checked_leaf(node.name, &self.text),
            Content::Empty => tree.leaf(node.name, ""),
            Content::Nil => {
                tree.open(node.name);
                tree.nil();
                tree.close();
            }
        }
        PartOutcome::Emitted
    }

    /// Computes a leaf's value into `self.text`.
    pub(super) fn content(&mut self, node: &Node, leaf: &Leaf, holds: bool, frame: &mut Vec<Value>) -> Content {
        self.text.clear();
        let mut reported = false;
        if holds && self.near_content(leaf, frame) {
            if !self.text.is_empty() && self.allowed(node, leaf, frame) {
                return Content::Text;
            }
            reported = !self.text.is_empty();
        } else if holds {
            let value = match self.evaluation.value(&leaf.value, frame) {
                Ok(value) => value,
                Err(fault) => {
                    let problem = self.fault(&fault, Some(node), "its value");
                    self.problems.push(problem);
                    reported = true;
                    Value::Absent
                }
            };
            self.text.clear();
            if let Some(set) = leaf.codes {
                self.through_codes(node, leaf, set, &value, frame);
            } else if !value.is_absent() && !self.evaluation.write(&value, leaf.decimals, self.text.edit()) {
                let problem = format!("its value is {}, which no element can hold", value.describe());
                self.report(code::NOT_ALLOWED, Some(node), problem, None);
                reported = true;
            }
            if !self.text.is_empty() && self.allowed(node, leaf, frame) {
                return Content::Text;
            }
            reported |= !self.text.is_empty();
        }
        if !reported && let Some(otherwise) = &leaf.otherwise {
            self.text.clear();
            self.text.edit().push_str(otherwise);
            return Content::Text;
        }
        self.absent(node, leaf, reported, frame)
    }

    /// Writes a leaf's value into `self.text` where it is near at hand, or made only to be sent, and nothing needs to be said about it.
    fn near_content(&mut self, leaf: &Leaf, frame: &mut Vec<Value>) -> bool {
        let How::Body(body) = &leaf.value else { return false };
        let Some(cell) = self.evaluation.plain(&body.expr, frame) else {
            // A fault is found again, and told, where the value is computed in full.
            return leaf.codes.is_none()
                && self.evaluation.text_of(body, frame, self.text.edit()).is_some_and(|put| put.is_ok());
        };
        match (leaf.codes, cell) {
            (None, Cell::Absent) => true,
            (None, cell) => write_cell(cell, leaf.decimals, self.text.edit()),
            (Some(set), Cell::Text(local)) => match self.evaluation.lookup_known(set, local) {
                Some(mapped) => {
                    self.text.edit().push_str(mapped);
                    true
                }
                None => false,
            },
            (Some(_), _) => false,
        }
    }

    /// What is sent of nothing.
    fn absent(&mut self, node: &Node, leaf: &Leaf, reported: bool, frame: &mut [Value]) -> Content {
        self.text.clear();
        match leaf.absent {
            AbsentPolicy::Omit => Content::Nothing,
            AbsentPolicy::Nil => Content::Nil,
            AbsentPolicy::Empty => {
                if self.strip_empty && leaf.strippable {
                    return Content::Nothing;
                }
                if node.mandatory && !reported {
                    let source = self.source(leaf, frame);
                    self.report(
                        code::SENT_EMPTY,
                        Some(node),
                        "is mandatory, and the source has nothing for it; it is sent empty".to_owned(),
                        source,
                    );
                }
                Content::Empty
            }
            AbsentPolicy::Reject => {
                if !node.mandatory {
                    return Content::Rejected;
                }
                if !reported {
                    let source = self.source(leaf, frame);
                    self.report(
                        code::LEFT_OUT,
                        Some(node),
                        "is mandatory, and the source has nothing for it".to_owned(),
                        source,
                    );
                }
                Content::Rejected
            }
        }
    }

    fn through_codes(&mut self, node: &Node, leaf: &Leaf, set: usize, value: &Value, frame: &mut [Value]) {
        let set_index = set;
        let set = &self.evaluation.plan.value_sets[set];
        let local = match value {
            Value::Text(text) => Some(self.evaluation.str(text)),
            _ => self.evaluation.default_code(set_index).map(|code| &**code),
        };
        match local {
            None => {
                if let Some(blank) = self.evaluation.blank(set_index) {
                    self.text.edit().push_str(blank);
                }
            }
            Some(local) => {
                let known = self.evaluation.lookup_known(set_index, local);
                let unmapped = known.is_none();
                if let Some(mapped) = known.or_else(|| self.evaluation.otherwise(set_index).map(|to| &**to)) {
                    self.text.edit().push_str(mapped);
                }
                if unmapped && set.problem {
                    let source = self.source(leaf, frame);
                    let name = self.evaluation.plan.value_sets[set_index].name.clone();
                    let what = if self.text.is_empty() { "nothing is sent for it" } else { "the fallback is sent" };
                    self.report(
                        code::UNMAPPED_CODE,
                        Some(node),
                        format!("the local code maps to nothing, neither in the source's dictionary nor in the value set `{name}`; {what}"),
                        source,
                    );
                }
            }
        }
    }

    /// Whether the schema allows the text; if not, a problem says so.
    fn allowed(&mut self, node: &Node, leaf: &Leaf, frame: &mut [Value]) -> bool {
        let Some(schema) = node.schema else { return true };
        match self.text.check(schema) {
            Ok(()) => true,
            Err(fault) => {
                let source = self.source(leaf, frame);
                let text = std::mem::take(&mut self.text);
                self.report(
                    code::NOT_ALLOWED,
                    Some(node),
                    format!("its value {}, so it is not sent", fault.why()),
                    source,
                );
                self.text = text;
                false
            }
        }
    }

    /// The row and column that a plain value comes from.
    fn source(&self, leaf: &Leaf, frame: &mut [Value]) -> Option<(Option<Row>, graph::EntityId, FieldId)> {
        let (entity, field) = leaf.source?;
        let row = match &leaf.value {
            How::Body(body) => self.receiver(&body.expr, frame),
            _ => None,
        };
        Some((row, entity, field))
    }

    fn receiver(&self, expr: &Expr, frame: &mut [Value]) -> Option<Row> {
        match &expr.op {
            Op::Field(row, ..) => match self.evaluation.outcome(row, frame) {
                Ok(Value::Row(row)) => Some(row),
                _ => None,
            },
            Op::IfPresent(value, local, then) => match self.evaluation.outcome(value, frame) {
                Ok(Value::Absent) | Err(_) => None,
                Ok(value) => {
                    frame[usize::from(*local)] = value;
                    self.receiver(then, frame)
                }
            },
            Op::Coalesce(all) => all.first().and_then(|first| self.receiver(first, frame)),
            Op::Call(_, arguments) => arguments.first().and_then(|first| self.receiver(first, frame)),
            _ => None,
        }
    }
}
