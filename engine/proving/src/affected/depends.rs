//! What a fixture depends on.

use std::collections::{BTreeSet, HashSet};

use graph::EntityId;
use rulebook::plan::{Body, Expr, Node, ObjectPlan, Op, Plan, Remark, Value};
use rulebook::steps;

use super::changes::GRAPH;
use crate::fixture::{Fixture, Target};

/// What a fixture depends on: files, and entries of files that list many things.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dependencies {
    files: BTreeSet<String>,
    entries: BTreeSet<(String, String)>,
    /// A script may read anything by name.
    pub(super) on_everything: bool,
}

impl Dependencies {
    /// What a fixture depends on.
    #[must_use]
    pub fn of(plan: &Plan, fixture: &Fixture) -> Self {
        let mut walk = Walk { plan, found: Self::default(), facts: HashSet::new() };
        walk.found.files.insert(fixture.file.clone());
        walk.found.files.extend(fixture.cases.iter().filter_map(|case| case.person.clone()));
        match &fixture.target {
            Target::Fact(fact) => walk.fact(*fact),
            Target::Element(object, path) => walk.element(object, path),
            Target::Population(object) => walk.object(plan.object(object), false),
            Target::Object(object) => {
                walk.object(plan.object(object), true);
                plan.variants(object).into_iter().for_each(|variant| walk.object(Some(variant), true));
            }
        }
        for case in &fixture.cases {
            for set in &case.parameters {
                walk.parameter(set.parameter);
            }
        }
        walk.found
    }

    /// Whether it depends on anything in this file.
    #[must_use]
    pub fn file(&self, file: &str) -> bool {
        self.on_everything || self.files.contains(file) || self.entries.iter().any(|(of, _)| of == file)
    }

    /// Whether it depends on this entry of a file.
    #[must_use]
    pub fn entry(&self, file: &str, entry: &str) -> bool {
        self.on_everything || self.files.contains(file) || self.entries.contains(&(file.to_owned(), entry.to_owned()))
    }
}

struct Walk<'p> {
    plan: &'p Plan,
    found: Dependencies,
    facts: HashSet<usize>,
}

impl Walk<'_> {
    fn add(&mut self, file: &str, entry: String) {
        self.found.entries.insert((file.to_owned(), entry));
    }

    fn member(&mut self, entity: EntityId, name: &str) {
        let declared = &self.plan.schema[entity];
        // What is another view of a table depends on what declares it.
        let names = std::iter::once(entity).chain(declared.like).map(|entity| self.plan.schema[entity].name.clone());
        for entity in names {
            self.add(GRAPH, format!("{entity}.{name}"));
            self.add(GRAPH, entity);
        }
    }

    fn parameter(&mut self, parameter: usize) {
        let plan = self.plan;
        let parameter = &plan.parameters[parameter];
        self.add(&format!("rules/parameters/{}.yaml", parameter.group), parameter.name.clone());
    }

    fn object(&mut self, object: Option<&ObjectPlan>, whole: bool) {
        let Some(object) = object else { return };
        let file = object.place.file.to_string();
        // What the object says of itself: its entity, key, population.
        self.add(&file, String::new());
        self.add(&file, object.variant.as_deref().unwrap_or_default().to_owned());
        for (_, keep) in &object.population {
            self.body(keep);
        }
        if !whole {
            return;
        }
        self.found.files.insert(file);
        self.remarks(&object.remarks);
        for node in object.nodes() {
            self.node(object, node);
        }
    }

    fn element(&mut self, name: &str, path: &str) {
        let plan = self.plan;
        let Some(object) = plan.object(name) else { return };
        self.add(&object.place.file, String::new());
        self.add(&object.place.file, object.variant.as_deref().unwrap_or_default().to_owned());
        for node in mapper::chain(object, path).unwrap_or_default() {
            self.node(object, node);
        }
        // A part with parts of its own is what they are.
        if let Some(node) = mapper::chain(object, path).and_then(|chain| chain.last().copied()) {
            let mut inside: Vec<&Node> = node.children.iter().collect();
            while let Some(node) = inside.pop() {
                self.node(object, node);
                inside.extend(&node.children);
            }
        }
    }

    fn node(&mut self, object: &ObjectPlan, node: &Node) {
        let file = node.place.file.to_string();
        if file.starts_with("objects/common/") {
            self.found.files.insert(file);
        } else {
            let name = node.path.rsplit_once("UTExtensions/").map_or(&*node.path, |(_, name)| name);
            self.add(&file, format!("{}.{name}", object.variant.as_deref().unwrap_or_default()));
        }
        if let Some(when) = &node.when {
            self.body(when);
        }
        if let Some(each) = &node.each {
            self.body(&each.rows);
        }
        self.remarks(&node.remarks);
        if let Some(leaf) = &node.leaf {
            self.value(&leaf.value);
            if let Some(set) = leaf.codes {
                self.value_set(set);
            }
        }
    }

    fn remarks(&mut self, remarks: &[Remark]) {
        remarks.iter().for_each(|remark| self.body(&remark.when));
    }

    fn body(&mut self, body: &Body) {
        self.rule_file(&body.file);
        steps::of(&body.expr, &mut |expr| self.step(expr));
    }

    /// The YAML files are known by their entries.
    fn rule_file(&mut self, file: &str) {
        if file.ends_with(".rhai") {
            self.found.files.insert(file.to_owned());
        }
    }

    fn fact(&mut self, fact: usize) {
        if !self.facts.insert(fact) {
            return;
        }
        let plan = self.plan;
        let declared = &plan.facts[fact];
        self.member(declared.entity, &declared.name);
        self.value(&declared.value);
    }

    fn value_set(&mut self, set: usize) {
        let plan = self.plan;
        let set = &plan.value_sets[set];
        self.found.files.insert(format!("rules/value_sets/{}.yaml", set.name));
        if let (Some(_), Some(dictionary)) = (&set.dictionary, plan.dictionary) {
            for field in dictionary.fields() {
                self.member(dictionary.entity, &plan.schema[dictionary.entity][field].name);
            }
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Body(body) => self.rule_file(&body.file),
            Value::Select(select) => self.rule_file(&select.file),
            Value::Script(..) => self.found.on_everything = true,
            // `size` names the fact that ranks.
            Value::Ranking(ranking) => self.fact(ranking.of_fact),
        }
        steps::of_value(value, &mut |expr| self.step(expr));
    }

    fn step(&mut self, expr: &Expr) {
        let plan = self.plan;
        match &expr.op {
            Op::Field(_, entity, field) => self.member(*entity, &plan.schema[*entity][*field].name),
            Op::One(_, entity, relation) | Op::Many(_, entity, relation) => {
                self.member(*entity, &plan.schema[*entity][*relation].name);
            }
            Op::ActiveOn(_, entity, _) => {
                let period = plan.schema[*entity].period.as_ref();
                let fields = period.map(|period| [period.start, period.end]);
                for field in fields.into_iter().flatten() {
                    self.member(*entity, &plan.schema[*entity][field].name);
                }
            }
            Op::Fact(_, fact, _) => self.fact(*fact),
            Op::Parameter(parameter) => self.parameter(*parameter),
            Op::Lookup(set, _) => self.value_set(*set),
            Op::Shared(body, _) => self.rule_file(&body.file),
            // A native function may read members that it is given by name.
            Op::Call(..) => self.by_name(expr),
            _ => {}
        }
    }

    /// The members that a call names by a text, whichever entity they are of.
    fn by_name(&mut self, expr: &Expr) {
        let Op::Call(_, arguments) = &expr.op else { return };
        let plan = self.plan;
        for argument in arguments {
            let Op::Const(rulebook::plan::Const::Text(name)) = &argument.op else { continue };
            for (entity, declared) in plan.schema.entities() {
                if declared.field(name).is_some() {
                    self.member(entity, name);
                } else if let Some(fact) = plan.fact_names.get(&(entity, name.to_string())) {
                    self.fact(*fact);
                }
            }
        }
    }
}
