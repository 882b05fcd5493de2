//! Builds one instance's tree: values in schema order, with what an absence means for each.

use std::sync::Arc;

use graph::{Cell, FieldId, Row};
use problem::{Code, Problem, code};
use rulebook::plan::{AbsentPolicy, Expr, Leaf, Node, ObjectPlan, Op, Remark, Value as How};
use sif::schema::ValueText;
use sif::tree::Tree;

use crate::element::{Record, Sent, Why};
use crate::evaluation::Evaluation;
use crate::fault::Fault;
use crate::mapper::about;
use crate::show::write_cell;
use crate::trace::Read;
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

/// What became of a leaf's value.
enum Content {
    Text,
    Empty,
    Nil,
    Nothing,
    Rejected,
}

impl Content {
    /// What is sent, where the text is this.
    fn sent(&self, text: &str) -> Sent {
        match self {
            Self::Text => Sent::Text(text.to_owned()),
            Self::Empty => Sent::Empty,
            Self::Nil => Sent::Nil,
            Self::Nothing | Self::Rejected => Sent::Absent,
        }
    }
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

    fn remarks(&mut self, remarks: &[Remark], node: Option<&Node>, frame: &mut Vec<Value>) {
        for remark in remarks {
            match self.evaluation.holds(&remark.when, frame) {
                Ok(true) => self.report(code::REMARK, node, remark.say.clone(), None),
                Ok(false) => {}
                Err(fault) => {
                    let problem = self.fault(&fault, node, "a remark");
                    self.problems.push(problem);
                }
            }
        }
    }

    fn report(
        &mut self,
        code: Code,
        node: Option<&Node>,
        message: String,
        source: Option<(Option<Row>, graph::EntityId, FieldId)>,
    ) {
        let mut problem = Problem::new(code, message);
        problem.subject.path = node.map(|node| Arc::clone(&node.path));
        problem.subject.rule =
            node.and_then(|node| node.leaf.as_ref()).filter(|leaf| leaf.tier == "rule").map(|_| self.rule_name(node));
        if let Some((row, entity, field)) = source {
            let declared = &self.evaluation.plan.schema[entity];
            problem.subject.table = Some(Arc::from(declared.table_name()));
            problem.subject.row = row.map(|row| self.evaluation.graph.key(row).to_string());
            problem.subject.column = Some(Arc::from(declared[field].column.as_str()));
        }
        self.problems.push(about(problem, self.evaluation, self.object, self.row));
    }

    fn rule_name(&self, node: Option<&Node>) -> Arc<str> {
        let path = node.map(|node| &*node.path).unwrap_or_default();
        Arc::from(format!("{}/{path}", self.object.name))
    }

    /// A problem that says why something could not be computed.
    fn fault(&self, fault: &Fault, node: Option<&Node>, what: &str) -> Problem {
        let schema = &self.evaluation.plan.schema;
        let mut problem = match fault {
            Fault::Bad(row, field) => {
                let mut problem = Problem::new(
                    code::RULE_FAILED,
                    format!("{what} could not be computed: it reads a value that cannot be read"),
                );
                let declared = &schema[row.entity];
                problem.subject.table = Some(Arc::from(declared.table_name()));
                problem.subject.row = Some(self.evaluation.graph.key(*row).to_string());
                problem.subject.column = Some(Arc::from(declared[*field].column.as_str()));
                problem
            }
            Fault::Dangling(row, relation) => {
                let declared = &schema[row.entity];
                let linked = &declared[*relation];
                let mut problem = Problem::new(
                    code::RULE_FAILED,
                    format!(
                        "{what} could not be computed: it needs a row of {} that does not exist",
                        schema[linked.target].table_name()
                    ),
                );
                problem.subject.table = Some(Arc::from(declared.table_name()));
                problem.subject.row = Some(self.evaluation.graph.key(*row).to_string());
                problem.subject.column = linked.by.first().map(|(own, _)| Arc::from(declared[*own].column.as_str()));
                problem
            }
            Fault::NotGiven(name) => Problem::new(
                code::READS_WHAT_IS_NOT_GIVEN,
                format!("{what} reads `{name}`, which the case does not give"),
            ),
            Fault::Operation(why) => Problem::new(code::RULE_FAILED, format!("{what} could not be computed: {why}")),
            Fault::NoParameter(parameter) => {
                let parameter = &self.evaluation.plan.parameters[*parameter];
                Problem::new(
                    code::NO_PARAMETER_VALUE,
                    format!(
                        "{what} could not be computed: `{}.{}` has no value on this date",
                        parameter.group, parameter.name
                    ),
                )
            }
            Fault::Script(rule, why, line) => {
                let mut problem = Problem::new(
                    code::RULE_FAILED,
                    format!("{what} could not be computed: {why} (line {line} of the rule)"),
                );
                problem.subject.rule = Some(Arc::clone(rule));
                problem
            }
            Fault::Stopped(rule, why) => {
                let mut problem = Problem::new(
                    code::RULE_STOPPED,
                    format!("{what} could not be computed: the rule was stopped, since {why}"),
                );
                problem.subject.rule = Some(Arc::clone(rule));
                problem
            }
            Fault::SwitchedOff(rule) => {
                let mut problem = Problem::new(
                    code::SWITCHED_OFF,
                    format!(
                        "{what} could not be computed: the rule was stopped too often, and is not tried again here"
                    ),
                );
                problem.subject.rule = Some(Arc::clone(rule));
                problem
            }
        };
        if let Some(node) = node {
            problem.subject.path = Some(Arc::clone(&node.path));
        }
        about(problem, self.evaluation, self.object, self.row)
    }

    /// Reports a fault of a part and says what becomes of it.
    fn failed(&mut self, fault: &Fault, node: &'p Node, what: &str) -> PartOutcome {
        let problem = self.fault(fault, Some(node), what);
        self.problems.push(problem);
        if node.may_be_left_out {
            return PartOutcome::Nothing;
        }
        self.lacking(node);
        PartOutcome::Rejected
    }

    /// What was read since the last call, if it is recorded.
    fn reads(&self) -> Vec<Read> {
        if self.record.is_some() { self.evaluation.trace.borrow_mut().take() } else { Vec::new() }
    }

    /// Records what is sent of an element, and what was read for it: `before`, and since the last call.
    #[inline]
    fn note(&mut self, node: &'p Node, before: Option<Vec<Read>>, sent: impl FnOnce(&str) -> Sent) {
        if self.record.is_some() {
            let sent = sent(&self.text);
            self.note_down(node, before.unwrap_or_default(), sent);
        }
    }

    #[cold]
    fn note_down(&mut self, node: &'p Node, before: Vec<Read>, sent: Sent) {
        let more = self.reads();
        if let Some(record) = &mut self.record {
            record.note(node, sent, before.into_iter().chain(more).collect());
        }
    }

    /// Records that what an element is a part of must go, since the element is missing.
    const fn lacking(&mut self, node: &'p Node) {
        if let Some(record) = &mut self.record {
            record.lacks = Some(node);
        }
    }

    /// How much was recorded so far.
    fn recorded_so_far(&self) -> usize {
        self.record.as_ref().map_or(0, Record::len)
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
        if emitted > 0 { PartOutcome::Emitted } else { PartOutcome::Nothing }
    }

    /// One element or attribute.
    pub(crate) fn one(&mut self, node: &'p Node, frame: &mut Vec<Value>, tree: &mut Tree) -> PartOutcome {
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
        if nothing && !said && !node.path.is_empty() && !elements.is_empty() {
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

    /// Records that a part is not sent, though some of what is in it would be.
    fn taken_back(&mut self, since: usize, node: &'p Node, why: Why<'p>) {
        if let Some(record) = &mut self.record {
            record.taken_back(since, node, why);
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

    /// An element or attribute that is nothing but a value.
    fn plain_leaf(
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
            return PartOutcome::Emitted;
        }
        let content = self.content(node, leaf, holds, frame);
        self.note(node, None, |text| content.sent(text));
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
    fn content(&mut self, node: &Node, leaf: &Leaf, holds: bool, frame: &mut Vec<Value>) -> Content {
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

    /// Writes a leaf's value into `self.text` where it is near at hand and nothing needs to be said about it.
    fn near_content(&mut self, leaf: &Leaf, frame: &[Value]) -> bool {
        let How::Body(body) = &leaf.value else { return false };
        let Some(cell) = self.evaluation.plain(&body.expr, frame) else { return false };
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
            _ => None,
        };
        match local {
            None => {
                if let Some(blank) = &set.blank {
                    self.text.edit().push_str(blank);
                }
            }
            Some(local) => {
                let known = self.evaluation.lookup_known(set_index, local);
                let unmapped = known.is_none();
                if let Some(mapped) = known.or(set.otherwise.as_deref()) {
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
