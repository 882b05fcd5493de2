//! What each element, fact and population rule is made of, column by column.
//!
//! A column is **sent** where what stands in it comes out, as it is, mapped to a code or calculated with; it **decides** where
//! it only says whether something comes out, or which; it **joins** where rows are found by it.

mod flow;
mod walk;

use std::collections::{BTreeMap, BTreeSet};

use graph::{EntityId, FieldId, Schema, Source};
use rulebook::plan::{Node, ObjectPlan, Plan};

pub use flow::Flow;
use walk::Walk;

/// A column of the source, by the field that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Column {
    /// The entity, which is no group.
    pub entity: EntityId,
    /// Its field.
    pub field: FieldId,
}

impl Column {
    /// The column behind a field; of a group, that of the grouped rows. None for what a group makes up.
    #[must_use]
    pub fn of(schema: &Schema, entity: EntityId, field: FieldId) -> Option<Self> {
        match &schema[entity].source {
            Source::Table(_) => Some(Self { entity, field }),
            Source::Group { of, .. } => {
                let inner = schema[*of].field(&schema[entity][field].name)?;
                Self::of(schema, *of, inner)
            }
        }
    }

    /// Its name in the source: `table.column`; where rows of the table are of several entities, with the entity behind it.
    #[must_use]
    pub fn name(self, schema: &Schema) -> String {
        let entity = &schema[self.entity];
        let name = format!("{}.{}", entity.table_name(), entity[self.field].column);
        let mut others = schema.entities().filter(|(id, other)| *id != self.entity && other.source == entity.source);
        if entity.name == entity.table_name() || others.next().is_none() {
            name
        } else {
            format!("{name} ({})", entity.name)
        }
    }
}

/// An element: the number of its object, and its place among the object's nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ElementId {
    /// The object, by its number in the plan.
    pub object: usize,
    /// The element, by its number in [`ObjectPlan::nodes`].
    pub node: usize,
}

/// What an element is made of.
#[derive(Clone, Debug, Default)]
pub struct ElementLineage {
    /// What its own value, condition and rows are made of.
    pub own: Flow,
    /// What the conditions and rows of the parts around it are made of.
    pub around: Flow,
}

/// What uses something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum User {
    /// A fact, right by itself.
    Fact(usize),
    /// The population rules or remarks of an object.
    Population(usize),
    /// An element, right by itself.
    Element(ElementId),
}

/// Where a column goes.
#[derive(Clone, Debug, Default)]
pub struct Goes {
    /// Facts that read it themselves.
    pub facts: BTreeSet<usize>,
    /// Elements that what stands in it is sent in.
    pub sent: BTreeSet<ElementId>,
    /// Elements that it decides about, without being sent in them.
    pub decides: BTreeSet<ElementId>,
    /// Objects whose rows it decides about.
    pub populations: BTreeSet<usize>,
    /// Whether rows are found by it.
    pub joins: bool,
}

/// The lineage of a whole plan.
pub struct Lineage {
    /// What each fact is made of, with all that it reads.
    pub facts: Vec<Flow>,
    /// What each element is made of, by object and node.
    pub elements: Vec<Vec<ElementLineage>>,
    /// What the population rules of each object are made of.
    pub populations: Vec<Flow>,
    /// Where each column goes.
    pub columns: BTreeMap<Column, Goes>,
    /// What reads each fact itself.
    pub fact_users: Vec<BTreeSet<User>>,
    /// What reads each parameter itself.
    pub parameter_users: Vec<BTreeSet<User>>,
    /// What maps by each value set itself.
    pub value_set_users: Vec<BTreeSet<User>>,
    /// What calls functions of each shared file itself.
    pub shared_users: BTreeMap<String, BTreeSet<User>>,
}

impl Lineage {
    /// The lineage of a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let mut walk = Walk::new(plan);
        let facts: Vec<Flow> = (0..plan.facts.len()).map(|fact| walk.fact(fact)).collect();
        let mut lineage = Self {
            elements: Vec::new(),
            populations: Vec::new(),
            columns: BTreeMap::new(),
            fact_users: vec![BTreeSet::new(); plan.facts.len()],
            parameter_users: vec![BTreeSet::new(); plan.parameters.len()],
            value_set_users: vec![BTreeSet::new(); plan.value_sets.len()],
            shared_users: BTreeMap::new(),
            facts,
        };
        for (at, object) in plan.objects.iter().enumerate() {
            let mut population = Flow::default();
            for (_, keep) in &object.population {
                population.condition(&walk.body(keep));
            }
            for remark in &object.remarks {
                population.remark(&walk.body(&remark.when));
            }
            lineage.populations.push(population);
            lineage.elements.push(elements(&mut walk, object));
            lineage.read_by_object(plan, at);
        }
        for at in 0..plan.facts.len() {
            let own = walk.own_of_fact(at);
            for column in own.columns() {
                lineage.columns.entry(column).or_default().facts.insert(at);
            }
            for column in own.joined_columns() {
                lineage.columns.entry(column).or_default().joins = true;
            }
            lineage.used(&own, User::Fact(at));
        }
        lineage
    }

    /// Where a column goes.
    #[must_use]
    pub fn column(&self, column: Column) -> Goes {
        self.columns.get(&column).cloned().unwrap_or_default()
    }

    fn read_by_object(&mut self, plan: &Plan, object: usize) {
        let population = self.populations[object].clone();
        for column in population.columns() {
            self.columns.entry(column).or_default().populations.insert(object);
        }
        for column in population.joined_columns() {
            self.columns.entry(column).or_default().joins = true;
        }
        self.used(&population, User::Population(object));
        debug_assert_eq!(self.elements[object].len(), plan.objects[object].nodes().len());
        for node in 0..self.elements[object].len() {
            let element = ElementId { object, node };
            let ElementLineage { own, around } = self.elements[object][node].clone();
            for column in own.sent_columns() {
                self.columns.entry(column).or_default().sent.insert(element);
            }
            for column in own.deciding_columns().chain(around.columns()) {
                if !own.sends(column) {
                    self.columns.entry(column).or_default().decides.insert(element);
                }
            }
            for column in own.joined_columns() {
                self.columns.entry(column).or_default().joins = true;
            }
            self.used(&own, User::Element(element));
        }
    }

    fn used(&mut self, own: &Flow, user: User) {
        for fact in &own.own_facts {
            self.fact_users[*fact].insert(user);
        }
        for parameter in &own.own_parameters {
            self.parameter_users[*parameter].insert(user);
        }
        for set in &own.own_value_sets {
            self.value_set_users[*set].insert(user);
        }
        for file in &own.own_shared {
            self.shared_users.entry(file.to_string()).or_default().insert(user);
        }
    }
}

fn elements(walk: &mut Walk<'_>, object: &ObjectPlan) -> Vec<ElementLineage> {
    let mut list = Vec::new();
    descend(walk, &object.root, &Flow::default(), &mut list);
    list
}

/// Elements in the order of [`ObjectPlan::nodes`]: parents before children.
fn descend(walk: &mut Walk<'_>, node: &Node, around: &Flow, list: &mut Vec<ElementLineage>) {
    let mut gate = Flow::default();
    if let Some(each) = &node.each {
        gate.condition(&walk.body(&each.rows));
    }
    if let Some(when) = &node.when {
        gate.condition(&walk.body(when));
    }
    let mut own = gate.clone();
    for remark in &node.remarks {
        own.remark(&walk.body(&remark.when));
    }
    if let Some(leaf) = &node.leaf {
        own.add(&walk.leaf(leaf, &node.place.file));
    }
    list.push(ElementLineage { own, around: around.clone() });
    let mut inner = around.clone();
    inner.add(&gate);
    for child in &node.children {
        descend(walk, child, &inner, list);
    }
}
