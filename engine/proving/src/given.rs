//! Makes a small graph of what a case gives.
//!
//! Rows nest along relations. A row's key is made up when it is not given; rows with the same key are the same row. A row that
//! is `called` something may be spoken of elsewhere by that name.

mod own;
pub mod rows;

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use graph::{Cell, Date, Days, EntityId, FieldId, FieldType, Graph, ReadSet, Row, Scope, Source, TableBuilder};
use mapper::value::{Rows, Value};
use problem::{Place, Problem, code};
use rulebook::plan::Plan;
use rulebook::types::{Kind, Type};
use rulebook::yaml::{Key, Kind as Yaml, Node};

pub use own::Own;
use own::value_of;
use rows::CALLED;

/// A value that a case gives for a fact: rows by key, since their places are not known yet.
#[derive(Clone, Debug)]
enum GivenFact {
    Single(Own),
    Row(EntityId, i64),
    Rows(EntityId, Vec<i64>),
    Days(Vec<Date>),
}

/// Keys above this one were made up.
pub const FIRST_MADE_UP: i64 = 900_001;

/// A row that a case gives: entity and key.
pub type RowKey = (EntityId, i64);

/// The rows of a case.
pub struct Given<'p> {
    plan: &'p Plan,
    rows: HashMap<RowKey, HashMap<FieldId, Own>>,
    order: Vec<RowKey>,
    facts: Vec<(RowKey, usize, GivenFact)>,
    /// The rows that have a name.
    names: HashMap<(EntityId, String), i64>,
    next_key: i64,
    problems: Vec<Problem>,
}

/// A case's graph.
pub struct CaseGraph {
    /// The graph.
    pub graph: Arc<Graph>,
    /// The fields of each row that have a value of their own.
    pub given: HashMap<Row, Vec<FieldId>>,
    /// The facts that the case gives.
    pub facts: Vec<(usize, Row, Value)>,
}

impl<'p> Given<'p> {
    pub fn new(plan: &'p Plan) -> Self {
        Self {
            plan,
            rows: HashMap::new(),
            order: Vec::new(),
            facts: Vec::new(),
            names: HashMap::new(),
            next_key: FIRST_MADE_UP,
            problems: Vec::new(),
        }
    }

    fn wrong(&mut self, place: &Place, message: String) {
        self.problems.push(Problem::new(code::BAD_FIXTURE, message).at(place.clone()));
    }

    /// Adds the row of an entity that a node describes.
    pub fn row(&mut self, entity: EntityId, node: &Node) -> Option<RowKey> {
        self.row_with(entity, node, &[], false)
    }

    /// The same, where `preset` says what its place gives it. One of several rows is a new row, if it has a name.
    fn row_with(
        &mut self,
        entity: EntityId,
        node: &Node,
        preset: &[(FieldId, Own)],
        one_of_several: bool,
    ) -> Option<RowKey> {
        let schema = Arc::clone(&self.plan.schema);
        let declared = &schema[entity];
        let empty: &[(Key, Node)] = &[];
        let entries = match &node.kind {
            Yaml::Null => empty,
            Yaml::Map(entries) => entries,
            Yaml::Scalar(scalar) if scalar.plain => {
                let key = self.named(entity, &scalar.text, &node.place)?;
                for (field, own) in preset {
                    self.set((entity, key), *field, own.clone(), &node.place);
                }
                return Some((entity, key));
            }
            _ => {
                self.wrong(&node.place, format!("a row of {} is written as names with values", declared.name));
                return None;
            }
        };
        let id = (entity, self.key_of(entity, entries, preset, one_of_several)?);
        if !self.rows.contains_key(&id) {
            self.order.push(id);
            self.rows.insert(id, HashMap::from([(declared.key, Own::Int(id.1))]));
        }
        for (field, own) in preset {
            self.set(id, *field, own.clone(), &node.place);
        }
        for (name, node) in entries.iter().filter(|(name, _)| name.text != CALLED) {
            self.member(id, name, node);
        }
        Some(id)
    }

    /// The key of the row with this name.
    fn named(&mut self, entity: EntityId, name: &str, place: &Place) -> Option<i64> {
        let found = self.names.get(&(entity, name.to_owned())).copied();
        if found.is_none() {
            let message = format!("no row of `{}` is called `{name}` here", self.plan.schema[entity].name);
            let names = self.names.keys().filter(|(of, _)| *of == entity).map(|(_, name)| name.as_str());
            let problem = Problem::new(code::BAD_FIXTURE, message).at(place.clone()).did_you_mean(name, names);
            self.problems.push(problem);
        }
        found
    }

    /// The key of the row that these entries describe: its own, that of the row with its name, that of its place, or a new one.
    fn key_of(
        &mut self,
        entity: EntityId,
        entries: &[(Key, Node)],
        preset: &[(FieldId, Own)],
        one_of_several: bool,
    ) -> Option<i64> {
        let declared = &self.plan.schema[entity];
        let find = |name: &str| entries.iter().find(|(key, _)| key.text == name).map(|(_, node)| node);
        let called = match find(CALLED) {
            None => None,
            Some(node) => Some((node.scalar("the row's name", &mut self.problems)?.text.clone(), &node.place)),
        };
        let known = called.as_ref().and_then(|(name, _)| self.names.get(&(entity, name.clone())).copied());
        if let (Some((name, place)), Some(_), true) = (&called, known, one_of_several) {
            self.wrong(place, format!("two rows of `{}` are called `{name}`", declared.name));
            return None;
        }
        let given = match find(&declared[declared.key].name) {
            None => None,
            Some(node) => {
                let key = match &node.kind {
                    Yaml::Scalar(scalar) => scalar.text.parse().ok(),
                    _ => None,
                };
                if key.is_none() {
                    self.wrong(&node.place, "a key is a whole number".to_owned());
                    return None;
                }
                key
            }
        };
        let of_place = preset.iter().find_map(|(field, own)| match own {
            Own::Int(key) if *field == declared.key => Some(*key),
            _ => None,
        });
        let key = given.or(known).or(of_place).unwrap_or_else(|| {
            self.next_key += 1;
            self.next_key
        });
        if let Some((name, place)) = called {
            if known.is_some_and(|known| known != key) {
                self.wrong(place, format!("another row of `{}` is called `{name}`", declared.name));
                return None;
            }
            self.names.insert((entity, name), key);
        }
        Some(key)
    }

    /// The name of the row with this key, if it has one.
    pub fn name_of(&self, entity: EntityId, key: i64) -> Option<&str> {
        let mut names = self.names.iter().filter(|((of, _), found)| *of == entity && **found == key);
        names.next().map(|((_, name), _)| name.as_str())
    }

    /// The key of the row with this name, if a row has it.
    pub fn key_called(&self, entity: EntityId, name: &str) -> Option<i64> {
        self.names.get(&(entity, name.to_owned())).copied()
    }

    fn set(&mut self, row: RowKey, field: FieldId, own: Own, place: &Place) {
        let Some(fields) = self.rows.get_mut(&row) else { return };
        match fields.get(&field) {
            Some(other) if *other != own => {
                let entity = &self.plan.schema[row.0];
                let message =
                    format!("`{}.{}` of row {} is given twice, differently", entity.name, entity[field].name, row.1);
                self.wrong(place, message);
            }
            _ => {
                fields.insert(field, own);
            }
        }
    }

    fn member(&mut self, row: RowKey, name: &Key, node: &Node) {
        let schema = Arc::clone(&self.plan.schema);
        let declared = &schema[row.0];
        if let Some(field) = declared.field(&name.text) {
            if field != declared.key
                && let Some(own) = self.value(&declared[field].field_type, node)
            {
                self.set(row, field, own, &node.place);
            }
            return;
        }
        if let Some(relation) = declared.relation(&name.text) {
            self.related(row, relation, node);
            return;
        }
        if let Some(fact) = self.plan.fact_names.get(&(row.0, name.text.clone())).copied() {
            if let Some(given) = self.fact(fact, node) {
                self.facts.push((row, fact, given));
            }
            return;
        }
        let fields = declared.fields.iter().map(|field| field.name.as_str());
        let relations = declared.relations.iter().map(|relation| relation.name.as_str());
        let facts = self.plan.fact_names.range((row.0, String::new())..).take_while(|((of, _), _)| *of == row.0);
        let names: Vec<&str> = fields.chain(relations).chain(facts.map(|((_, name), _)| name.as_str())).collect();
        let problem = Problem::new(
            code::UNKNOWN_FIELD,
            format!("`{}` has no field, relation or fact `{}`", declared.name, name.text),
        )
        .at(name.place.clone())
        .did_you_mean(&name.text, names);
        self.problems.push(problem);
    }

    fn value(&mut self, field_type: &FieldType, node: &Node) -> Option<Own> {
        let scalar = match &node.kind {
            Yaml::Null => return Some(Own::Absent),
            Yaml::Scalar(scalar) => scalar,
            _ => {
                self.wrong(&node.place, format!("expected {}", field_type.word()));
                return None;
            }
        };
        if scalar.plain && scalar.text == "absent" {
            return Some(Own::Absent);
        }
        match Cell::parse(field_type, &scalar.text) {
            Ok(cell) => Some(Own::of(cell)),
            Err(_) => {
                self.wrong(&node.place, format!("`{}` is no {}", scalar.text, field_type.word()));
                None
            }
        }
    }

    /// The value of a row's field, made up where it joins rows and is not given.
    fn joining(&mut self, row: RowKey, field: FieldId) -> Own {
        let declared = &self.plan.schema[row.0];
        if let Some(own) = self.rows.get(&row).and_then(|fields| fields.get(&field)) {
            return own.clone();
        }
        self.next_key += 1;
        let made = match declared[field].field_type {
            FieldType::Int => Own::Int(self.next_key),
            // Some day: what matters is only that both rows have the same.
            FieldType::Date => Own::Date(Date::from_ymd_opt(2026, 1, 5).unwrap_or_default()),
            FieldType::Bool => Own::Bool(false),
            _ => Own::Text(format!("made-{}", self.next_key)),
        };
        if let Some(fields) = self.rows.get_mut(&row) {
            fields.insert(field, made.clone());
        }
        made
    }

    fn related(&mut self, row: RowKey, relation: graph::RelationId, node: &Node) {
        let schema = Arc::clone(&self.plan.schema);
        let linked = &schema[row.0][relation];
        if linked.many {
            let preset: Vec<(FieldId, Own)> =
                linked.by.iter().map(|(own, theirs)| (*theirs, self.joining(row, *own))).collect();
            self.rows(linked.target, &linked.name, node, &preset);
            return;
        }
        if let Yaml::Scalar(scalar) = &node.kind
            && scalar.plain
            && scalar.text == "absent"
        {
            return;
        }
        // What the row itself gives of the joining fields holds for the other row too.
        let known: Vec<(FieldId, Own)> = linked
            .by
            .iter()
            .filter_map(|(own, theirs)| {
                let own = self.rows.get(&row)?.get(own)?.clone();
                (own != Own::Absent).then_some((*theirs, own))
            })
            .collect();
        if let Some(target) = self.row_with(linked.target, node, &known, false) {
            for (own, theirs) in &linked.by {
                let value = self.joining(target, *theirs);
                self.set(row, *own, value, &node.place);
            }
        }
    }

    fn fact(&mut self, fact: usize, node: &Node) -> Option<GivenFact> {
        let declared = &self.plan.facts[fact];
        if !declared.given.is_empty() {
            let message = format!("`{}` is a fact about the row and something else; it cannot be given", declared.name);
            self.wrong(&node.place, message);
            return None;
        }
        let ty = declared.ty;
        let absent = matches!(&node.kind, Yaml::Null)
            || matches!(&node.kind, Yaml::Scalar(scalar) if scalar.plain && scalar.text == "absent");
        if absent {
            return Some(GivenFact::Single(Own::Absent));
        }
        Some(match ty.kind {
            Kind::Row(entity) => {
                let (entity, key) = self.row(entity, node)?;
                GivenFact::Row(entity, key)
            }
            Kind::Rows(entity) => {
                let rows = self.rows(entity, &declared.name, node, &[]);
                GivenFact::Rows(entity, rows.into_iter().map(|(_, key)| key).collect())
            }
            Kind::Days => GivenFact::Days(self.dates(node)),
            _ => GivenFact::Single(self.single(ty, node)?),
        })
    }

    /// A single value of a type.
    fn single(&mut self, ty: Type, node: &Node) -> Option<Own> {
        let field_type = crate::path::single(ty.kind);
        self.value(&field_type, node)
    }

    /// A value given by name: a row, dates, or a single value. The row's key, if it is one, is known once the graph is made.
    pub fn argument(&mut self, ty: Type, node: &Node) -> Option<Argument> {
        match ty.kind {
            Kind::Row(entity) => self.row(entity, node).map(Argument::Row),
            Kind::Days => Some(Argument::Value(Value::Days(Rc::new(Days::new(self.dates(node)))))),
            _ => self.single(ty, node).map(|own| Argument::Value(value_of(&own))),
        }
    }

    /// Makes the graph.
    ///
    /// # Errors
    /// What is wrong with the rows.
    pub fn finish(&mut self) -> Result<CaseGraph, Vec<Problem>> {
        let schema = Arc::clone(&self.plan.schema);
        let reads = ReadSet::everything(&schema);
        self.defaults();
        if !self.problems.is_empty() {
            return Err(self.take_problems());
        }
        let (mut organisation, mut students) = (Vec::new(), Vec::new());
        for (entity, declared) in schema.entities() {
            let mine: Vec<&RowKey> = self.order.iter().filter(|(of, _)| *of == entity).collect();
            if mine.is_empty() && matches!(declared.source, Source::Group { .. }) {
                continue;
            }
            let mut builder = TableBuilder::new(&schema, entity, &reads);
            let fields: Vec<FieldId> = builder.fields().to_vec();
            for row in mine {
                let values = &self.rows[row];
                let cells = fields.iter().map(|field| values.get(field).map_or(Cell::Absent, Own::cell));
                if builder.push(row.1, cells).is_err() {
                    break;
                }
            }
            let table = builder.finish().0;
            match declared.scope {
                Scope::Organisation => organisation.push((entity, table)),
                Scope::Student => students.push((entity, table)),
            }
        }
        let (organisation, _) = Graph::organisation(Arc::clone(&schema), &reads, organisation);
        let (graph, _) = organisation.with_students(&reads, students);
        let mut given = HashMap::new();
        for (id, fields) in &self.rows {
            if let Some(row) = graph.find(id.0, id.1) {
                given.insert(row, fields.keys().copied().collect());
            }
        }
        let place = |entity: EntityId, key: i64| graph.find(entity, key);
        let facts = self
            .facts
            .iter()
            .filter_map(|(row, fact, value)| {
                let row = place(row.0, row.1)?;
                let value = match value {
                    GivenFact::Single(own) => value_of(own),
                    GivenFact::Row(entity, key) => Value::Row(place(*entity, *key)?),
                    GivenFact::Rows(entity, keys) => {
                        let indexes: Vec<u32> =
                            keys.iter().filter_map(|key| place(*entity, *key)).map(|row| row.index).collect();
                        Value::Rows(Rows::list(*entity, &indexes))
                    }
                    GivenFact::Days(dates) => Value::Days(Rc::new(Days::new(dates.iter().copied()))),
                };
                Some((*fact, row, value))
            })
            .collect();
        Ok(CaseGraph { graph: Arc::new(graph), given, facts })
    }

    /// Fields that the source fills by itself get what the source would give.
    fn defaults(&mut self) {
        for (id, fields) in &mut self.rows {
            for (at, field) in (0_u16..).zip(&self.plan.schema[id.0].fields) {
                if let Some(default) = &field.default
                    && !fields.contains_key(&FieldId(at))
                    && let Ok(cell) = Cell::parse(&field.field_type, default)
                {
                    fields.insert(FieldId(at), Own::of(cell));
                }
            }
        }
    }

    /// What has been found wrong so far.
    pub fn take_problems(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.problems)
    }
}

/// A value given by name.
pub enum Argument {
    /// A row.
    Row(RowKey),
    /// A single value.
    Value(Value),
}
