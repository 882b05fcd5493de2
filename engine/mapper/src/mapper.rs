//! Maps objects: which rows, in which order, each as one tree.

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use graph::{Date, Graph, Row};
use problem::{Problem, code};
use rulebook::plan::{ObjectPlan, Plan};
use rulebook::script::Limits;
use sif::tree::Tree;

use crate::emit::{Emitter, PartOutcome};
use crate::evaluation::{Evaluation, Kept};
use crate::population::Everybody;
use crate::script::Scripts;
use crate::value::Value;
use crate::zone::Zone;

/// What a run is about.
#[derive(Clone)]
pub struct RunContext {
    /// The plan.
    pub plan: Arc<Plan>,
    /// The zone.
    pub zone: Arc<Zone>,
    /// The date.
    pub as_of: Date,
    /// What a script may use.
    pub limits: Limits,
    /// Where the whole population is found.
    pub everybody: Everybody,
}

/// An instance of an object.
pub struct Instance<'t> {
    /// Which of the plans that were mapped together it is made by.
    pub variant: usize,
    /// The row that it is made of.
    pub row: Row,
    /// The row's key.
    pub key: i64,
    /// Its tree.
    pub tree: &'t Tree,
}

/// Maps objects of one graph after another, on one thread.
pub struct Mapper {
    context: RunContext,
    scripts: Rc<Scripts>,
    tree: Tree,
    kept: Vec<(i32, Kept)>,
}

impl Mapper {
    /// A mapper for this thread.
    #[must_use]
    pub fn new(context: RunContext) -> Self {
        let scripts = Scripts::new(&context.plan, context.limits);
        let tree = Tree::new(Arc::clone(&context.plan.names));
        Self { context, scripts, tree, kept: Vec::new() }
    }

    /// Begins a graph for one school year. What was computed of the organisation in an earlier graph of that year is kept: the
    /// graphs must share their organisation.
    #[must_use]
    pub fn begin(&mut self, graph: Arc<Graph>, school_year: i32) -> Rc<Evaluation> {
        let kept = self.kept.iter().position(|(year, _)| *year == school_year).map(|at| self.kept.swap_remove(at).1);
        let mut evaluation = Evaluation::new(
            Arc::clone(&self.context.plan),
            graph,
            Arc::clone(&self.context.zone),
            school_year,
            self.context.as_of,
            Rc::clone(&self.scripts),
            kept.unwrap_or_default(),
        );
        evaluation.set_everybody(self.context.everybody.clone());
        let evaluation = Rc::new(evaluation);
        self.scripts.begin(&evaluation);
        evaluation
    }

    /// Ends a graph.
    pub fn end(&mut self, evaluation: Rc<Evaluation>) {
        self.scripts.end();
        let school_year = evaluation.school_year;
        if let Ok(evaluation) = Rc::try_unwrap(evaluation) {
            self.kept.push((school_year, evaluation.into_kept()));
        }
    }

    /// Forgets what was computed of the organisation.
    pub fn forget(&mut self) {
        self.kept.clear();
    }

    /// Maps every row of an object's entity that `wanted` wants: students' rows by student, then by variant, then by their own
    /// key; others by variant and key. `variants` are the plans of one object. Each whole instance goes to `sink`; what is wrong goes to
    /// `problems`.
    pub fn map(
        &mut self,
        evaluation: &Evaluation,
        variants: &[&ObjectPlan],
        wanted: &dyn Fn(usize, Row) -> bool,
        problems: &mut Vec<Problem>,
        sink: &mut dyn FnMut(Instance<'_>),
    ) {
        let mut keys: HashSet<String> = HashSet::new();
        for (variant, row) in in_order(&evaluation.graph, variants) {
            let object = variants[variant];
            let by_ref_id = object.key.len() == 1;
            if !wanted(variant, row) {
                continue;
            }
            if !self.map_row(evaluation, object, row, problems) {
                continue;
            }
            if !by_ref_id {
                let key = sif_key(object, &self.tree);
                if !keys.insert(key) {
                    problems.push(about(
                        Problem::new(
                            code::KEY_TWICE,
                            "another instance before it has the same SIF key; this one is rejected",
                        ),
                        evaluation,
                        object,
                        row,
                    ));
                    continue;
                }
            }
            sink(Instance { variant, row, key: evaluation.graph.key(row), tree: &self.tree });
        }
    }

    /// Maps one row, if it is in the object's population; the tree is then that of [`Mapper::tree`]. False if there is no
    /// instance.
    pub fn map_row(
        &mut self,
        evaluation: &Evaluation,
        object: &ObjectPlan,
        row: Row,
        problems: &mut Vec<Problem>,
    ) -> bool {
        self.tree.clear();
        let mut frame = evaluation.frame(object.locals);
        frame[0] = Value::Row(row);
        let mut emitter = Emitter::new(evaluation, object, row, self.context.zone.strip_empty_elements, problems);
        let mapped =
            emitter.in_population(&mut frame) && emitter.instance(&mut frame, &mut self.tree) == PartOutcome::Emitted;
        evaluation.done(frame);
        if !mapped {
            return false;
        }
        let violations = sif::tree::check(object.schema, &self.tree);
        if let Some(violation) = violations.first() {
            let problem = Problem::new(
                code::REJECTED,
                format!("`{}` {}; the instance was left out", violation.path, violation.why()),
            );
            let mut problem = about(problem, evaluation, object, row);
            problem.subject.path = Some(Arc::from(violation.path.as_str()));
            problems.push(problem);
            return false;
        }
        true
    }

    /// Whether a row is in an object's population.
    pub fn in_population(
        &self,
        evaluation: &Evaluation,
        object: &ObjectPlan,
        row: Row,
        problems: &mut Vec<Problem>,
    ) -> bool {
        let mut frame = evaluation.frame(object.locals);
        frame[0] = Value::Row(row);
        let inside = Emitter::new(evaluation, object, row, false, problems).in_population(&mut frame);
        evaluation.done(frame);
        inside
    }

    /// The tree of the last row.
    #[must_use]
    pub const fn tree(&self) -> &Tree {
        &self.tree
    }

    /// What the run is about.
    #[must_use]
    pub const fn context(&self) -> &RunContext {
        &self.context
    }
}

/// The rows of an object's variants in the order in which they are sent.
fn in_order(graph: &Graph, variants: &[&ObjectPlan]) -> Vec<(usize, Row)> {
    let mut rows: Vec<(u32, usize, Row)> = Vec::new();
    for (variant, object) in variants.iter().enumerate() {
        let owners = graph.owners(object.entity);
        let owner = |row: Row| owners.get(row.index as usize).copied().unwrap_or(0);
        rows.extend(graph.each(object.entity).map(|row| (owner(row), variant, row)));
    }
    rows.sort_unstable();
    rows.into_iter().map(|(_, variant, row)| (variant, row)).collect()
}

fn sif_key(object: &ObjectPlan, tree: &Tree) -> String {
    let mut key = String::new();
    for path in &object.key {
        for value in tree.find(path.trim_start_matches("./")) {
            key.push_str(&value);
        }
        key.push('\u{1f}');
    }
    key
}

/// The problem with the object and the row that it is about.
pub(crate) fn about(mut problem: Problem, evaluation: &Evaluation, object: &ObjectPlan, row: Row) -> Problem {
    problem.subject.object = Some(Arc::clone(&object.label));
    problem.subject.key = Some(evaluation.graph.key(row).to_string());
    if problem.subject.table.is_none() {
        problem.subject.table = Some(Arc::from(evaluation.plan.schema[row.entity].table_name()));
        problem.subject.row = Some(evaluation.graph.key(row).to_string());
    }
    problem
}
