//! The walk over the steps of the plan that says what each value is made of.

use std::collections::HashMap;
use std::sync::Arc;

use graph::{EntityId, FieldId, RelationId};
use rulebook::functions::Native;
use rulebook::graph_file::SelectWord;
use rulebook::plan::{Body, Const, Expr, Leaf, Op, Plan, RankWord, Select, Statement, Value, ZoneField};
use rulebook::types::Kind;

use super::Column;
use super::flow::{Flow, Origin};

/// What the locals of a body hold; a row holds nothing by itself.
type Locals = HashMap<u16, Flow>;

pub struct Walk<'p> {
    plan: &'p Plan,
    facts: Vec<Option<Flow>>,
    own: Vec<Flow>,
}

impl<'p> Walk<'p> {
    pub fn new(plan: &'p Plan) -> Self {
        Self { plan, facts: vec![None; plan.facts.len()], own: vec![Flow::default(); plan.facts.len()] }
    }

    /// What a fact is made of.
    pub fn fact(&mut self, at: usize) -> Flow {
        if let Some(known) = &self.facts[at] {
            return known.clone();
        }
        // Set first, so that a circle, which no rulebook that checks has, ends here.
        self.facts[at] = Some(Flow::default());
        let plan = self.plan;
        let fact = &plan.facts[at];
        let mut locals = Locals::new();
        for (local, _) in (1_u16..).zip(&fact.given) {
            locals.insert(local, Flow { sent: [Origin::Given(local)].into(), ..Flow::default() });
        }
        let flow = self.value(&fact.value, &fact.place.file, &mut locals);
        self.facts[at] = Some(flow.clone());
        self.own[at] = self.own_reads(&fact.value, &fact.place.file);
        flow
    }

    /// What a fact reads itself, facts that it reads not looked into. Known when [`Walk::fact`] was asked.
    pub fn own_of_fact(&self, at: usize) -> Flow {
        self.own[at].clone()
    }

    /// What a condition or path to rows is made of.
    pub fn body(&mut self, body: &Body) -> Flow {
        self.expr_in(&body.expr, &body.file, &mut Locals::new())
    }

    /// What the value of an element is made of.
    pub fn leaf(&mut self, leaf: &Leaf, file: &Arc<str>) -> Flow {
        let mut flow = self.value(&leaf.value, file, &mut Locals::new());
        if let Some(set) = leaf.codes {
            self.value_set(set, &mut flow);
        }
        flow
    }

    fn own_reads(&self, value: &Value, file: &Arc<str>) -> Flow {
        // Facts count as nothing here: what they read is theirs.
        let facts = vec![Some(Flow::default()); self.facts.len()];
        let mut walk = Walk { plan: self.plan, facts, own: Vec::new() };
        walk.value(value, file, &mut Locals::new())
    }

    fn value(&mut self, value: &Value, file: &Arc<str>, locals: &mut Locals) -> Flow {
        match value {
            Value::Body(body) => self.expr_in(&body.expr, &body.file, locals),
            Value::Select(select) => self.select(select, locals),
            Value::Script(rule, inputs, _) => {
                let mut flow = Flow::default();
                for input in inputs {
                    flow.add(&self.expr_in(input, file, locals));
                }
                self.mentioned(&self.plan.rules[*rule].text, &mut flow);
                flow
            }
            // A place says something of every value that it was made of.
            Value::Ranking(ranking) => {
                let mut flow = self.body(&ranking.of);
                for body in std::iter::once(&ranking.who).chain(&ranking.by) {
                    flow.condition(&self.body(body));
                }
                match ranking.gives {
                    RankWord::Rank => flow,
                    RankWord::Size => flow.as_condition(),
                }
            }
        }
    }

    /// What a script reads is known only by the names in it: everything of such a name counts as sent.
    fn mentioned(&mut self, text: &str, flow: &mut Flow) {
        let plan = self.plan;
        let words: std::collections::BTreeSet<&str> =
            text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
        for (entity, declared) in plan.schema.entities() {
            for name in &words {
                if let Some(field) = declared.field(name) {
                    self.field(entity, field, flow);
                }
                if let Some(fact) = plan.fact_names.get(&(entity, (*name).to_owned())) {
                    let called = self.fact(*fact).called(*fact, &[]);
                    flow.add(&called);
                }
            }
        }
    }

    fn select(&mut self, select: &Select, locals: &mut Locals) -> Flow {
        let file = &select.file;
        let mut flow = self.expr_in(&select.path.start, file, locals);
        for step in &select.path.steps {
            flow.add(&self.expr_in(&step.expr, file, locals));
        }
        for condition in &select.conditions {
            flow.condition(&self.expr_in(&condition.expr, file, locals));
        }
        for expr in select.distinct.iter().chain(select.order.iter().map(|(expr, ..)| expr)) {
            flow.condition(&self.expr_in(expr, file, locals));
        }
        for expr in [&select.of, &select.then, &select.otherwise, &select.also].into_iter().flatten() {
            flow.add(&self.expr_in(expr, file, locals));
        }
        match select.what {
            SelectWord::Count | SelectWord::Any | SelectWord::Every => flow.as_condition(),
            SelectWord::First | SelectWord::Rows | SelectWord::Sum | SelectWord::Days => flow,
        }
    }

    fn expr_in(&mut self, expr: &Expr, file: &Arc<str>, locals: &mut Locals) -> Flow {
        let mut flow = Flow::default();
        if file.starts_with("rules/shared/") {
            flow.shared.insert(Arc::clone(file));
            flow.own_shared.insert(Arc::clone(file));
        }
        flow.add(&self.expr(expr, locals));
        flow
    }

    fn all<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>, locals: &mut Locals) -> Flow {
        let mut flow = Flow::default();
        for expr in exprs {
            flow.add(&self.expr(expr, locals));
        }
        flow
    }

    fn expr(&mut self, expr: &Expr, locals: &mut Locals) -> Flow {
        let plan = self.plan;
        match &expr.op {
            Op::Const(_) => Flow::default(),
            Op::Local(local) => locals.get(local).cloned().unwrap_or_default(),
            Op::AsOf => Flow { as_of: true, ..Flow::default() },
            Op::Zone(field) => Flow { zone: [zone_name(*field)].into(), ..Flow::default() },
            Op::Parameter(at) => Flow { parameters: [*at].into(), own_parameters: [*at].into(), ..Flow::default() },
            Op::Field(row, entity, field) => {
                let mut flow = self.expr(row, locals).as_condition();
                self.field(*entity, *field, &mut flow);
                flow
            }
            Op::One(row, entity, relation) | Op::Many(row, entity, relation) => {
                let mut flow = self.expr(row, locals).as_condition();
                self.relation(*entity, *relation, &mut flow);
                flow
            }
            Op::Fact(row, fact, arguments) => {
                let mut flow = self.expr(row, locals).as_condition();
                let arguments: Vec<Flow> = arguments.iter().map(|argument| self.expr(argument, locals)).collect();
                let called = self.fact(*fact).called(*fact, &arguments);
                flow.add(&called);
                flow
            }
            Op::IfPresent(value, local, then) => {
                let value = self.expr(value, locals);
                locals.insert(*local, value.clone());
                let mut flow = value.as_condition();
                flow.add(&self.expr(then, locals));
                flow
            }
            Op::ActiveOn(row, entity, date) => {
                let mut flow = self.all([&**row, &**date], locals);
                if let Some(period) = plan.schema[*entity].period {
                    self.field(*entity, period.start, &mut flow);
                    self.field(*entity, period.end, &mut flow);
                }
                flow.as_condition()
            }
            Op::Not(inner) | Op::Return(inner) => self.expr(inner, locals),
            Op::Coalesce(all) => self.all(all, locals),
            Op::Arithmetic(_, a, b) => self.all([&**a, &**b], locals),
            Op::And(all) | Op::Or(all) => self.all(all, locals).as_condition(),
            Op::Compare(_, a, b) | Op::InList(a, b) => self.all([&**a, &**b], locals).as_condition(),
            Op::OneOf(inner, _) => self.expr(inner, locals).as_condition(),
            Op::If(condition, then, otherwise) => {
                let mut flow = self.expr(condition, locals).as_condition();
                flow.add(&self.all([&**then, &**otherwise], locals));
                flow
            }
            Op::Switch(subject, arms) => {
                let mut flow = self.expr(subject, locals).as_condition();
                for arm in arms {
                    if let Some(guard) = &arm.guard {
                        flow.condition(&self.expr(guard, locals));
                    }
                    flow.add(&self.expr(&arm.then, locals));
                }
                flow
            }
            Op::Block(statements) => {
                let mut flow = Flow::default();
                for statement in statements {
                    match statement {
                        Statement::Let(local, inner) => {
                            let inner = self.expr(inner, locals);
                            locals.insert(*local, inner);
                        }
                        Statement::Expr(inner) => flow.add(&self.expr(inner, locals)),
                    }
                }
                flow
            }
            Op::Call(native, arguments) => self.call(*native, arguments, expr.ty.kind, locals),
            Op::Shared(body, arguments) => {
                let mut inner = Locals::new();
                for (local, argument) in (0_u16..).zip(arguments) {
                    let argument = self.expr(argument, locals);
                    inner.insert(local, argument);
                }
                self.expr_in(&body.expr, &body.file, &mut inner)
            }
            Op::Lookup(set, inner) => {
                let mut flow = self.expr(inner, locals);
                self.value_set(*set, &mut flow);
                flow
            }
            Op::Table(inputs, _) => self.all(inputs, locals).as_condition(),
        }
    }

    fn call(&mut self, native: Native, arguments: &[Expr], kind: Kind, locals: &mut Locals) -> Flow {
        let plan = self.plan;
        let mut flow = self.all(arguments, locals);
        if let (Native::WeightedMean, Some(Kind::Rows(entity))) = (native, arguments.first().map(|rows| rows.ty.kind)) {
            for argument in arguments {
                let Op::Const(Const::Text(name)) = &argument.op else { continue };
                if let Some(field) = plan.schema[entity].field(name) {
                    self.field(entity, field, &mut flow);
                } else if let Some(fact) = plan.fact_names.get(&(entity, name.to_string())) {
                    let called = self.fact(*fact).called(*fact, &[]);
                    flow.add(&called);
                }
            }
        }
        if native == Native::ListHasCode {
            let named = arguments.iter().find_map(|argument| match &argument.op {
                Op::Const(Const::Text(name)) => plan.value_sets.iter().position(|set| *set.name == **name),
                _ => None,
            });
            if let Some(set) = named {
                self.value_set(set, &mut flow);
            }
        }
        if kind == Kind::Bool { flow.as_condition() } else { flow }
    }

    fn field(&self, entity: EntityId, field: FieldId, flow: &mut Flow) {
        if let Some(column) = Column::of(&self.plan.schema, entity, field) {
            flow.sent.insert(Origin::Column(column));
        }
    }

    fn relation(&self, entity: EntityId, relation: RelationId, flow: &mut Flow) {
        let schema = &self.plan.schema;
        let relation = &schema[entity][relation];
        for (own, theirs) in &relation.by {
            flow.joins.extend(Column::of(schema, entity, *own));
            flow.joins.extend(Column::of(schema, relation.target, *theirs));
        }
        for order in &relation.order {
            flow.decides.extend(Column::of(schema, relation.target, order.field).map(Origin::Column));
        }
    }

    /// A code goes through a value set; the source's dictionary may map it.
    fn value_set(&self, set: usize, flow: &mut Flow) {
        flow.value_sets.insert(set);
        flow.own_value_sets.insert(set);
        if self.plan.value_sets[set].dictionary.is_none() {
            return;
        }
        if let Some(dictionary) = self.plan.dictionary {
            for field in dictionary.fields().filter(|field| *field != dictionary.sif_code) {
                let column = Column::of(&self.plan.schema, dictionary.entity, field);
                flow.decides.extend(column.map(Origin::Column));
            }
            self.field(dictionary.entity, dictionary.sif_code, flow);
        }
    }
}

fn zone_name(field: ZoneField) -> &'static str {
    ZoneField::ALL.iter().find(|(_, known, _)| *known == field).map_or("", |(name, ..)| name)
}
