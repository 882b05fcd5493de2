//! What every page needs to know: the plan, what reads what, where each thing stands on the site.

use std::collections::BTreeMap;

use graph::{EntityId, FieldId, RelationId};
use proving::Target;
use rulebook::plan::{Node, ObjectPlan, Plan, Rule, Value};

use crate::Material;
use crate::anchors::{self, Anchors};
use crate::declared::Declared;
use crate::examples::{self, Examples};
use crate::lineage::{Column, ElementId, Lineage, User};

/// The site that is made.
pub struct Site<'m> {
    pub material: Material<'m>,
    pub plan: &'m Plan,
    pub declared: Declared<'m>,
    pub lineage: Lineage,
    pub examples: Vec<Examples>,
    pub objects: Vec<Object<'m>>,
    /// Each requirement row with what answers it, in the order of their ids.
    pub rows: BTreeMap<String, Vec<Answer>>,
}

/// An object of the site: one for each plan of an object.
pub struct Object<'m> {
    pub plan: &'m ObjectPlan,
    /// What people call it.
    pub title: String,
    /// Its page.
    pub page: String,
    /// Its elements, parents before children, with their anchors and depths.
    pub nodes: Vec<&'m Node>,
    pub anchors: Vec<String>,
    pub depths: Vec<usize>,
    /// The anchors of what is left out by decision.
    pub omitted: Vec<String>,
}

/// What answers a requirement row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An element.
    Element(ElementId),
    /// An element that is not sent, by decision: object and number.
    Omission(usize, usize),
    /// A population rule: object and number.
    Population(usize, usize),
}

impl Object<'_> {
    /// How many requirement rows it answers.
    pub fn row_count(&self) -> usize {
        let population = self.plan.population.iter().flat_map(|(rows, _)| rows);
        let elements = self.nodes.iter().flat_map(|node| &node.rows);
        let omitted = self.plan.omissions.iter().flat_map(|omission| &omission.rows);
        population.chain(elements).chain(omitted).collect::<std::collections::BTreeSet<_>>().len()
    }
}

impl<'m> Site<'m> {
    pub fn new(material: Material<'m>) -> Self {
        let plan = material.plan;
        let objects = objects(plan);
        Self {
            material,
            plan,
            declared: Declared::new(material.files),
            lineage: Lineage::of(plan),
            examples: examples::of(material.suite, material.tests),
            rows: rows(&objects),
            objects,
        }
    }

    /// The object and node of an element.
    pub fn element(&self, id: ElementId) -> (&Object<'m>, &'m Node) {
        let object = &self.objects[id.object];
        (object, object.nodes[id.node])
    }

    pub fn object_url(&self, object: usize) -> String {
        self.objects[object].page.clone()
    }

    pub fn element_url(&self, id: ElementId) -> String {
        let object = &self.objects[id.object];
        format!("{}#{}", object.page, object.anchors[id.node])
    }

    /// An element's path with its object's name before it.
    pub fn element_name(&self, id: ElementId) -> String {
        let (object, node) = self.element(id);
        if node.path.is_empty() { object.title.clone() } else { format!("{}/{}", object.title, node.path) }
    }

    pub fn entity_url(&self, entity: EntityId) -> String {
        format!("tables/{}.html", anchors::plain(&self.plan.schema[entity].name))
    }

    pub fn field_url(&self, entity: EntityId, field: FieldId) -> String {
        format!("{}#column-{}", self.entity_url(entity), anchors::plain(&self.plan.schema[entity][field].name))
    }

    pub fn column_url(&self, column: Column) -> String {
        self.field_url(column.entity, column.field)
    }

    pub fn relation_url(&self, entity: EntityId, relation: RelationId) -> String {
        format!("{}#relation-{}", self.entity_url(entity), anchors::plain(&self.plan.schema[entity][relation].name))
    }

    pub fn fact_url(&self, fact: usize) -> String {
        let fact = &self.plan.facts[fact];
        format!("{}#fact-{}", self.entity_url(fact.entity), anchors::plain(&fact.name))
    }

    pub fn fact_name(&self, fact: usize) -> String {
        let fact = &self.plan.facts[fact];
        format!("{}.{}", self.plan.schema[fact.entity].name, fact.name)
    }

    pub fn parameter_url(&self, parameter: usize) -> String {
        let parameter = &self.plan.parameters[parameter];
        format!("parameters.html#{}", anchors::plain(&format!("{}.{}", parameter.group, parameter.name)))
    }

    pub fn parameter_name(&self, parameter: usize) -> String {
        let parameter = &self.plan.parameters[parameter];
        format!("{}.{}", parameter.group, parameter.name)
    }

    pub fn value_set_url(&self, set: usize) -> String {
        format!("value-sets.html#{}", anchors::plain(&self.plan.value_sets[set].name))
    }

    pub fn code_set_url(name: &str) -> String {
        format!("code-sets.html#{}", anchors::plain(name))
    }

    pub fn row_url(row: &str) -> String {
        format!("requirements.html#{}", anchors::plain(row))
    }

    pub fn shared_url(file: &str) -> String {
        format!("functions.html#{}", anchors::plain(file))
    }

    /// Whether an element is what is declared at its place, and not a part that only stands around it or in it.
    pub fn is_declared(&self, node: &Node) -> bool {
        self.declared.key(&node.place).is_some_and(|key| node.path.ends_with(key))
    }

    /// The lines that declare an element: also of an attribute whose constant stands in its element's path.
    pub fn lines_of(&self, node: &Node) -> String {
        let stands_in = |key: &str| node.path.rsplit_once('/').is_some_and(|(around, _)| around.ends_with(key));
        if self.declared.key(&node.place).is_some_and(|key| node.path.ends_with(key) || stands_in(key)) {
            self.declared.lines(&node.place)
        } else {
            String::new()
        }
    }

    /// What examples of an element are about: the element, and the same element of a shared group elsewhere.
    pub fn targets_of(&self, id: ElementId) -> Vec<Target> {
        let (object, node) = self.element(id);
        let mut targets = vec![Target::Element(object.title.clone(), node.path.to_string())];
        if node.place.file.starts_with("objects/common/") && self.is_declared(node) {
            let others = self.objects.iter().filter(|other| other.title != object.title);
            targets.extend(others.flat_map(|other| {
                let same = other.nodes.iter().filter(|other| other.place == node.place && self.is_declared(other));
                same.map(|same| Target::Element(other.title.clone(), same.path.to_string()))
            }));
        }
        targets
    }

    /// What a user of something is called, and where it stands.
    pub fn user(&self, user: User) -> (String, String) {
        match user {
            User::Fact(fact) => (self.fact_name(fact), self.fact_url(fact)),
            User::Population(object) => (
                format!("{}: which rows", self.objects[object].title),
                format!("{}#population", self.objects[object].page),
            ),
            User::Element(element) => (self.element_name(element), self.element_url(element)),
        }
    }

    /// The rule file that gives a value, if one does.
    pub fn rule_of(&self, value: &Value) -> Option<&'m Rule> {
        match value {
            Value::Script(rule, ..) => self.plan.rules.get(*rule),
            Value::Body(body) => self.plan.rules.iter().find(|rule| rule.file == body.file),
            Value::Select(_) | Value::Ranking(_) => None,
        }
    }

    /// The examples that are about something.
    pub fn examples_of<'s>(&'s self, target: &'s Target) -> impl Iterator<Item = &'s Examples> {
        self.examples.iter().filter(move |examples| examples.target == *target)
    }

    /// The code sets of SIF that value sets map to or elements take, by name.
    pub fn code_sets(&self) -> BTreeMap<&str, &'static sif::schema::CodeSet> {
        let of_sets = self.plan.value_sets.iter().filter_map(|set| sif::schema().code_set(set.code_set.as_deref()?));
        let nodes = self.objects.iter().flat_map(|object| &object.nodes);
        let of_elements = nodes.filter_map(|node| node.schema?.code_set());
        of_sets.chain(of_elements).map(|set| (set.name(), set)).collect()
    }
}

fn objects(plan: &Plan) -> Vec<Object<'_>> {
    let mut pages = Anchors::default();
    plan.objects
        .iter()
        .map(|object| {
            let title = object.label.to_string();
            let page = format!("objects/{}.html", pages.give(&title));
            let mut anchors = Anchors::default();
            // What pages call themselves is not given to elements.
            ["content", "population", "elements", "examples", "top"].iter().for_each(|taken| {
                anchors.give(taken);
            });
            let nodes = object.nodes();
            let mut depths = Vec::new();
            depth(&object.root, 0, &mut depths);
            let names = nodes
                .iter()
                .map(|node| anchors.give(if node.path.is_empty() { "instance" } else { &node.path }))
                .collect();
            let omitted = object.omissions.iter().map(|omission| anchors.give(&omission.path)).collect();
            Object { plan: object, title, page, nodes, anchors: names, depths, omitted }
        })
        .collect()
}

fn depth(node: &Node, at: usize, depths: &mut Vec<usize>) {
    depths.push(at);
    node.children.iter().for_each(|child| depth(child, at + 1, depths));
}

fn rows(objects: &[Object<'_>]) -> BTreeMap<String, Vec<Answer>> {
    let mut rows: BTreeMap<String, Vec<Answer>> = BTreeMap::new();
    for (at, object) in objects.iter().enumerate() {
        for (rule, (ids, _)) in object.plan.population.iter().enumerate() {
            for id in ids {
                rows.entry(id.clone()).or_default().push(Answer::Population(at, rule));
            }
        }
        for (node, element) in object.nodes.iter().enumerate() {
            for id in &element.rows {
                rows.entry(id.clone()).or_default().push(Answer::Element(ElementId { object: at, node }));
            }
        }
        for (omission, omitted) in object.plan.omissions.iter().enumerate() {
            for id in &omitted.rows {
                rows.entry(id.clone()).or_default().push(Answer::Omission(at, omission));
            }
        }
    }
    rows
}
