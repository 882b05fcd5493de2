//! Any rows that fit a schema: what is never null has a value, what always leads to a row does, keys and unique values differ.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use graph::{
    Date, Decimal, EntityId, FieldId, FieldType, Graph, ReadSet, Relation, RelationId, Schema, Scope, Source,
    TableBuilder, Time,
};
use proptest::prelude::Rng;
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::words::Words;
use crate::given::Own;

/// A row: a value for each field of its entity.
type Record = Vec<Own>;

/// The rows of each entity, in the order of the schema.
#[derive(Clone)]
pub struct Rows {
    schema: Arc<Schema>,
    tables: Vec<Vec<Record>>,
    /// How many draws the zone's options and arguments of facts may take from here, so that they shrink with the rows.
    pub seed: u64,
}

impl std::fmt::Debug for Rows {
    /// The rows as a table each, only what is there.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (entity, declared) in self.schema.entities() {
            for record in &self.tables[usize::from(entity.0)] {
                write!(formatter, "\n  {} {{", declared.name)?;
                for (field, own) in declared.fields.iter().zip(record) {
                    if *own != Own::Absent {
                        write!(formatter, " {}: {},", field.name, own.shown())?;
                    }
                }
                write!(formatter, " }}")?;
            }
        }
        Ok(())
    }
}

impl Rows {
    /// The graph of these rows, with everything read; none if they do not fit the schema.
    #[must_use]
    pub fn graph(&self) -> Option<Arc<Graph>> {
        let reads = ReadSet::everything(&self.schema);
        let (mut organisation, mut students) = (Vec::new(), Vec::new());
        for (entity, declared) in self.schema.entities() {
            if matches!(declared.source, Source::Group { .. }) {
                continue;
            }
            let mut builder = TableBuilder::new(&self.schema, entity, &reads);
            let fields: Vec<FieldId> = builder.fields().to_vec();
            for record in &self.tables[usize::from(entity.0)] {
                let Own::Int(key) = record[usize::from(declared.key.0)] else { return None };
                builder.push(key, fields.iter().map(|field| record[usize::from(field.0)].cell())).ok()?;
            }
            let (table, duplicates) = builder.finish();
            if !duplicates.is_empty() {
                return None;
            }
            match declared.scope {
                Scope::Organisation => organisation.push((entity, table)),
                Scope::Student => students.push((entity, table)),
            }
        }
        let (organisation, first) = Graph::organisation(Arc::clone(&self.schema), &reads, organisation);
        let (graph, second) = organisation.with_students(&reads, students);
        (first.is_empty() && second.is_empty()).then(|| Arc::new(graph))
    }

    /// How many rows an entity has.
    #[must_use]
    pub fn count(&self, entity: EntityId) -> usize {
        self.tables[usize::from(entity.0)].len()
    }

    /// Drops rows that do not fit the schema, and rows that no longer fit then.
    fn settle(&mut self) {
        let schema = Arc::clone(&self.schema);
        let mut dropped = true;
        while dropped {
            dropped = false;
            for (entity, declared) in schema.entities() {
                for relation in declared.relations.iter().filter(|relation| !relation.many) {
                    dropped |= self.drop_dangling(entity, relation);
                }
                // Rows that nobody is reached by are never loaded.
                if let Some((from, relation)) = declared.reached {
                    let by = &schema[from][relation].by;
                    let there = self.values(from, &by.iter().map(|(own, _)| *own).collect::<Vec<_>>());
                    let theirs: Vec<FieldId> = by.iter().map(|(_, theirs)| *theirs).collect();
                    dropped |=
                        self.keep(entity, |record| values(record, &theirs).is_some_and(|own| there.contains(&own)));
                }
            }
            // A person who has no row of the relation that makes a student is none.
            if let Some(relation) = schema.only_with() {
                let root = schema.root();
                let relation = &schema[root][relation];
                let theirs: Vec<FieldId> = relation.by.iter().map(|(_, theirs)| *theirs).collect();
                let own: Vec<FieldId> = relation.by.iter().map(|(own, _)| *own).collect();
                let there = self.values(relation.target, &theirs);
                dropped |= self.keep(root, |record| values(record, &own).is_some_and(|own| there.contains(&own)));
            }
        }
    }

    /// Drops rows whose relation leads nowhere though it always leads to a row.
    fn drop_dangling(&mut self, entity: EntityId, relation: &Relation) -> bool {
        let schema = Arc::clone(&self.schema);
        let target = &schema[relation.target];
        if matches!(target.source, Source::Group { .. }) {
            return false;
        }
        let theirs: Vec<FieldId> = relation.by.iter().map(|(_, theirs)| *theirs).collect();
        let own: Vec<FieldId> = relation.by.iter().map(|(own, _)| *own).collect();
        let there = self.values(relation.target, &theirs);
        // A row that names another's key means that row, also where there need be none.
        let names_key = theirs == [target.key] && own != [schema[entity].key];
        self.keep(entity, |record| match values(record, &own) {
            Some(named) => there.contains(&named) || (relation.optional && !names_key),
            None => relation.optional,
        })
    }

    /// What the rows of an entity hold in some fields.
    fn values(&self, entity: EntityId, fields: &[FieldId]) -> HashSet<Vec<String>> {
        self.tables[usize::from(entity.0)].iter().filter_map(|record| values(record, fields)).collect()
    }

    /// Keeps only some rows; whether any was dropped.
    fn keep(&mut self, entity: EntityId, wanted: impl Fn(&Record) -> bool) -> bool {
        let table = &mut self.tables[usize::from(entity.0)];
        let before = table.len();
        table.retain(wanted);
        table.len() < before
    }
}

/// What a row holds in some fields; none if one is absent, since absent values join to nothing.
fn values(record: &Record, fields: &[FieldId]) -> Option<Vec<String>> {
    let own = |field: &FieldId| match &record[usize::from(field.0)] {
        Own::Absent => None,
        own => Some(own.shown()),
    };
    fields.iter().map(own).collect()
}

/// Any rows that fit the schema; values are drawn from `words` as well as made up.
#[must_use]
pub fn any_rows(schema: &Arc<Schema>, words: &Arc<Words>, most: usize) -> AnyRows {
    AnyRows { schema: Arc::clone(schema), words: Arc::clone(words), most }
}

/// The strategy of [`any_rows`].
#[derive(Clone, Debug)]
pub struct AnyRows {
    schema: Arc<Schema>,
    words: Arc<Words>,
    most: usize,
}

impl Strategy for AnyRows {
    type Tree = RowsTree;
    type Value = Rows;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let rows = Maker::new(self, runner.rng()).make();
        Ok(RowsTree { before: rows.clone(), rows, step: 0 })
    }
}

/// Rows on their way to fewer: row by row, then value by value.
pub struct RowsTree {
    rows: Rows,
    before: Rows,
    step: usize,
}

impl RowsTree {
    /// Takes the next thing away; false if there is no next one.
    fn take_away(&mut self) -> bool {
        let mut at = self.step;
        self.step += 1;
        for table in &mut self.rows.tables {
            if let Some(index) = table.len().checked_sub(at + 1) {
                table.remove(index);
                // The row that came to stand here is next.
                self.step -= 1;
                self.rows.settle();
                return true;
            }
            at -= table.len();
        }
        let schema = Arc::clone(&self.rows.schema);
        for (entity, declared) in schema.entities() {
            for record in &mut self.rows.tables[usize::from(entity.0)] {
                for (field, own) in declared.fields.iter().zip(record) {
                    if field.nullable && *own != Own::Absent {
                        if at == 0 {
                            *own = Own::Absent;
                            self.step -= 1;
                            self.rows.settle();
                            return true;
                        }
                        at -= 1;
                    }
                }
            }
        }
        false
    }
}

impl ValueTree for RowsTree {
    type Value = Rows;

    fn current(&self) -> Rows {
        self.rows.clone()
    }

    fn simplify(&mut self) -> bool {
        self.before = self.rows.clone();
        self.take_away()
    }

    fn complicate(&mut self) -> bool {
        self.rows = self.before.clone();
        // It could not be missed: the next one.
        self.step += 1;
        true
    }
}

/// Fields that are joined draw from the same few values, so that rows meet.
type Joined = HashMap<(EntityId, FieldId), usize>;

struct Maker<'m, R> {
    strategy: &'m AnyRows,
    random: R,
    joined: Joined,
    /// Out of a hundred, how many values that may be absent are.
    absent: u64,
    unique: i64,
}

impl<'m, R: Rng> Maker<'m, R> {
    fn new(strategy: &'m AnyRows, mut random: R) -> Self {
        let absent = [10, 40, 80][(random.next_u32() % 3) as usize];
        Self { joined: joined(&strategy.schema), strategy, random, absent, unique: 0 }
    }

    fn below(&mut self, bound: usize) -> usize {
        if bound == 0 {
            return 0;
        }
        usize::try_from(self.random.next_u64() % (bound as u64)).unwrap_or(0)
    }

    fn percent(&mut self, chance: u64) -> bool {
        self.random.next_u64() % 100 < chance
    }

    fn make(mut self) -> Rows {
        let schema = Arc::clone(&self.strategy.schema);
        let needed: HashSet<EntityId> = schema
            .entities()
            .flat_map(|(_, entity)| &entity.relations)
            .filter(|relation| !relation.many && !relation.optional)
            .map(|relation| relation.target)
            .collect();
        let mut tables = Vec::new();
        for (entity, declared) in schema.entities() {
            let least = usize::from(needed.contains(&entity) || entity == schema.root());
            let count = match declared.source {
                Source::Group { .. } => 0,
                // Few students, so that most have rows of most kinds.
                Source::Table(_) if entity == schema.root() => 1 + self.below(2),
                Source::Table(_) if least == 0 && self.percent(25) => 0,
                Source::Table(_) => 1 + self.below(self.strategy.most),
            };
            let rows = (0..count).map(|at| self.record(&schema, entity, at)).collect();
            tables.push(rows);
        }
        let seed = self.random.next_u64();
        let mut rows = Rows { schema: Arc::clone(&schema), tables, seed };
        for entity in [Scope::Organisation, Scope::Student].iter().flat_map(|scope| schema.load_order(*scope)) {
            self.reach(&mut rows, entity);
        }
        for (entity, declared) in schema.entities() {
            for (at, relation) in (0_u16..).zip(&declared.relations) {
                if !relation.many {
                    self.lead(&mut rows, entity, RelationId(at));
                }
            }
        }
        rows.settle();
        rows
    }

    fn record(&mut self, schema: &Schema, entity: EntityId, at: usize) -> Record {
        let declared = &schema[entity];
        let mut record = Vec::with_capacity(declared.fields.len());
        for (id, field) in (0_u16..).zip(&declared.fields) {
            let id = FieldId(id);
            let own = if id == declared.key {
                Own::Int(i64::try_from(at).unwrap_or(0) + 1)
            } else if field.unique {
                self.unique += 1;
                match field.field_type {
                    FieldType::Int => Own::Int(self.unique),
                    _ => Own::Text(format!("00000000-0000-4000-8000-{:012}", self.unique)),
                }
            } else if field.nullable && self.percent(self.absent) {
                Own::Absent
            } else if let Some(class) = self.joined.get(&(entity, id)).copied() {
                self.joining(&field.field_type, class)
            } else {
                self.value(&field.field_type)
            };
            record.push(own);
        }
        record
    }

    /// A value of a field that joins rows: one of a few.
    fn joining(&mut self, field_type: &FieldType, class: usize) -> Own {
        let one = self.below(self.strategy.most + 1);
        match field_type {
            FieldType::Int => Own::Int(i64::try_from(one).unwrap_or(0) + 1),
            FieldType::Text | FieldType::Code(_) => Own::Text(format!("j{class}-{one}")),
            FieldType::Date => {
                let dates = &self.strategy.words.dates;
                dates.get((class + one) % dates.len().max(1)).map_or(Own::Absent, |date| Own::Date(*date))
            }
            other => self.value(other),
        }
    }

    fn value(&mut self, field_type: &FieldType) -> Own {
        let words = &self.strategy.words;
        match field_type {
            FieldType::Text | FieldType::Code(_) => {
                let at = self.below(words.texts.len());
                Own::Text(words.texts.get(at).cloned().unwrap_or_else(|| "x".to_owned()))
            }
            FieldType::Int => {
                if self.percent(50) {
                    return Own::Int(i64::try_from(self.below(12)).unwrap_or(0));
                }
                let at = self.below(words.ints.len());
                // The smallest number is the graph's mark of absence.
                Own::Int(words.ints.get(at).copied().unwrap_or(0).max(i64::MIN + 1))
            }
            FieldType::Decimal => {
                let at = self.below(words.decimals.len());
                let drawn = words.decimals.get(at).copied().unwrap_or_default();
                // What the graph cannot hold would be a bad value, which fits no schema.
                Own::Decimal(if i64::try_from(drawn.mantissa()).is_ok() { drawn } else { Decimal::ONE })
            }
            FieldType::Bool => Own::Bool(self.percent(50)),
            FieldType::Date => Own::Date(self.date()),
            FieldType::Time => {
                let seconds = u32::try_from(self.below(86_400)).unwrap_or(0);
                Own::Time(Time::from_num_seconds_from_midnight_opt(seconds, 0).unwrap_or_default())
            }
            FieldType::DateTime => Own::DateTime(self.date().and_time(Time::default())),
        }
    }

    fn date(&mut self) -> Date {
        let words = &self.strategy.words;
        let at = self.below(words.dates.len());
        let drawn = words.dates.get(at).copied().unwrap_or_default();
        let days = i64::try_from(self.below(41)).unwrap_or(0) - 20;
        chrono::TimeDelta::try_days(days).and_then(|days| drawn.checked_add_signed(days)).unwrap_or(drawn)
    }

    /// Gives most rows of an entity to a row that they are reached from: others are never loaded.
    fn reach(&mut self, rows: &mut Rows, entity: EntityId) {
        let schema = Arc::clone(&rows.schema);
        let Some((from, relation)) = schema[entity].reached else { return };
        let by = &schema[from][relation].by;
        let owners = rows.tables[usize::from(from.0)].clone();
        if owners.is_empty() || by.iter().any(|(_, theirs)| *theirs == schema[entity].key) {
            return;
        }
        for (at, record) in rows.tables[usize::from(entity.0)].iter_mut().enumerate() {
            let owner = &owners[at % owners.len()];
            if self.percent(95) && by.iter().all(|(own, _)| owner[usize::from(own.0)] != Own::Absent) {
                for (own, theirs) in by {
                    record[usize::from(theirs.0)] = owner[usize::from(own.0)].clone();
                }
            }
        }
    }

    /// Lets the rows of an entity lead to rows by a relation to one, where they must.
    fn lead(&mut self, rows: &mut Rows, entity: EntityId, relation: RelationId) {
        let schema = Arc::clone(&rows.schema);
        let declared = &schema[entity];
        let relation = &declared[relation];
        let targets = rows.tables[usize::from(relation.target.0)].clone();
        if relation.by.iter().any(|(own, _)| *own == declared.key || declared[*own].unique) {
            return;
        }
        if targets.is_empty() {
            let nullable = relation.by.iter().map(|(own, _)| *own).filter(|own| declared[*own].nullable);
            for own in nullable {
                for record in &mut rows.tables[usize::from(entity.0)] {
                    record[usize::from(own.0)] = Own::Absent;
                }
            }
            return;
        }
        for at in 0..rows.tables[usize::from(entity.0)].len() {
            let record = &mut rows.tables[usize::from(entity.0)][at];
            let refers = relation.by.iter().all(|(own, _)| record[usize::from(own.0)] != Own::Absent);
            if relation.optional && !refers {
                continue;
            }
            let fits = |target: &Record| {
                relation.by.iter().all(|(own, theirs)| record[usize::from(own.0)] == target[usize::from(theirs.0)])
            };
            if refers && targets.iter().any(fits) {
                continue;
            }
            let target = &targets[self.below(targets.len())];
            for (own, theirs) in &relation.by {
                record[usize::from(own.0)] = target[usize::from(theirs.0)].clone();
            }
        }
    }
}

/// Which fields are joined to which: a number for each set of fields that some relation or group ties together.
fn joined(schema: &Schema) -> Joined {
    let mut classes: Joined = HashMap::new();
    let mut next = 0;
    let mut tie = |a: (EntityId, FieldId), b: (EntityId, FieldId)| match (classes.get(&a), classes.get(&b)) {
        (Some(one), Some(other)) if one != other => {
            let (one, other) = (*one, *other);
            classes.values_mut().filter(|class| **class == other).for_each(|class| *class = one);
        }
        (Some(_), Some(_)) => {}
        (Some(class), None) | (None, Some(class)) => {
            let class = *class;
            classes.insert(a, class);
            classes.insert(b, class);
        }
        (None, None) => {
            classes.insert(a, next);
            classes.insert(b, next);
            next += 1;
        }
    };
    for (entity, declared) in schema.entities() {
        for relation in &declared.relations {
            relation.by.iter().for_each(|(own, theirs)| tie((entity, *own), (relation.target, *theirs)));
        }
        if let Source::Group { of, .. } = &declared.source {
            for (at, field) in (0_u16..).zip(&declared.fields) {
                if let Some(source) = schema[*of].field(&field.name) {
                    tie((entity, FieldId(at)), (*of, source));
                }
            }
        }
    }
    classes
}
