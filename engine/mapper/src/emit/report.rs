//! What is wrong with an instance, said as problems.

use std::sync::Arc;

use graph::{FieldId, Row};
use problem::{Code, Problem, code};
use rulebook::plan::{Node, Remark};

use super::{Emitter, PartOutcome};
use crate::fault::Fault;
use crate::mapper::about;
use crate::value::Value;

impl<'p> Emitter<'_, 'p> {
    pub(super) fn remarks(&mut self, remarks: &[Remark], node: Option<&Node>, frame: &mut Vec<Value>) {
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

    pub(super) fn report(
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
        Arc::from(format!("{}/{path}", self.object.label))
    }

    /// A problem that says why something could not be computed.
    pub(super) fn fault(&self, fault: &Fault, node: Option<&Node>, what: &str) -> Problem {
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
            Fault::Operation(why) | Fault::Data(why) => {
                Problem::new(code::RULE_FAILED, format!("{what} could not be computed: {why}"))
            }
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
    pub(super) fn failed(&mut self, fault: &Fault, node: &'p Node, what: &str) -> PartOutcome {
        let problem = self.fault(fault, Some(node), what);
        self.problems.push(problem);
        if node.may_be_left_out {
            return PartOutcome::Nothing;
        }
        self.lacking(node);
        PartOutcome::Rejected
    }
}
