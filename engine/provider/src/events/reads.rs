//! What the objects that raise events read: of the source, of the date, of the whole population.

use std::collections::{BTreeMap, BTreeSet};

use graph::{Date, EntityId, FieldType, ReadSet, Schema, Scope, Source};
use mapper::Zone;
use rulebook::functions::Native;
use rulebook::plan::{Const, ObjectPlan, Op, Plan, Value};
use rulebook::steps;
use sis::WatchedTable;

/// The objects that raise events, by their places in the plan.
#[must_use]
pub fn reported(plan: &Plan) -> Vec<usize> {
    (0..plan.objects.len()).filter(|at| plan.objects[*at].raises_events).collect()
}

/// What these objects read, what they are ranked by included.
#[must_use]
pub fn reads_of(plan: &Plan, objects: &[usize]) -> ReadSet {
    let mut reads = ReadSet::default();
    for object in objects.iter().map(|at| &plan.objects[*at]) {
        reads.extend(&object.reads);
        object.rankings.iter().filter_map(|ranking| plan.pass_reads.get(ranking)).for_each(|of| reads.extend(of));
    }
    reads
}

/// The tables that are to be watched for a plan, in alphabetical order: those with columns that an object with events reads.
#[must_use]
pub fn watched(plan: &Plan) -> Vec<WatchedTable> {
    let schema = &plan.schema;
    let reads = reads_of(plan, &reported(plan));
    let found_by = found_by(schema, &reads);
    // By table and key: the columns, those of other rows' keys, and those in which no two rows agree.
    let mut tables: BTreeMap<(&str, &str), [BTreeSet<&str>; 3]> = BTreeMap::new();
    for (id, entity) in schema.entities() {
        let Source::Table(table) = &entity.source else { continue };
        if !reads.reads_entity(id) {
            continue;
        }
        let [columns, by, unique] = tables.entry((table, &entity[entity.key].column)).or_default();
        for field in reads.fields_of(id).map(|field| &entity[field]) {
            columns.insert(&field.column);
            if field.unique {
                unique.insert(&field.column);
            }
        }
        by.extend(found_by.get(&id).into_iter().flatten());
    }
    let names = |set: BTreeSet<&str>| set.into_iter().map(str::to_owned).collect();
    let table = |((table, key), [columns, by, unique]): ((&str, &str), [BTreeSet<&str>; 3])| WatchedTable {
        table: table.to_owned(),
        key: key.to_owned(),
        columns: names(columns),
        found_by: names(by),
        unique: names(unique),
    };
    tables.into_iter().map(table).collect()
}

/// The tables of which nothing is a student's: few rows, each of which may concern many.
pub(super) fn shared(plan: &Plan) -> BTreeSet<String> {
    let mut tables: [BTreeSet<&str>; 2] = Default::default();
    for (_, entity) in plan.schema.entities() {
        if let Source::Table(table) = &entity.source {
            tables[usize::from(entity.scope == Scope::Organisation)].insert(table);
        }
    }
    let [of_students, of_organisation] = tables;
    of_organisation.difference(&of_students).map(|table| (*table).to_owned()).collect()
}

/// For each entity with a table the columns that hold keys by which other rows find its rows.
fn found_by<'s>(schema: &'s Schema, reads: &ReadSet) -> BTreeMap<EntityId, BTreeSet<&'s str>> {
    let mut columns: BTreeMap<EntityId, BTreeSet<&str>> = BTreeMap::new();
    let mut add = |entity: EntityId, name: &str| {
        let of = match &schema[entity].source {
            Source::Table(_) => entity,
            Source::Group { of, .. } => *of,
        };
        if let Some(field) = schema[of].field(name)
            && field != schema[of].key
            && schema[of][field].field_type == FieldType::Int
        {
            columns.entry(of).or_default().insert(schema[of][field].column.as_str());
        }
    };
    for (id, entity) in schema.entities() {
        for (at, relation) in (0_u16..).zip(&entity.relations) {
            if reads.follows(id, graph::RelationId(at)) {
                relation.by.iter().for_each(|(_, theirs)| add(relation.target, &schema[relation.target][*theirs].name));
            }
        }
        if let Source::Group { of, by } = &entity.source
            && reads.reads_entity(id)
        {
            by.iter().for_each(|field| add(*of, &schema[*of][*field].name));
        }
    }
    columns
}

/// How an object depends on the date.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dated {
    /// Whether it asks which day it is.
    pub as_of: bool,
    /// The parameters that it reads.
    pub parameters: BTreeSet<usize>,
}

impl Dated {
    /// How an object depends on the date, the facts behind it included.
    #[must_use]
    pub fn of(plan: &Plan, object: &ObjectPlan) -> Self {
        let mut dated = Self::default();
        let mut facts: Vec<usize> = object.rankings.iter().copied().collect();
        steps::of_object(object, &mut |value| dated.add(plan, value, &mut facts));
        let mut seen = BTreeSet::new();
        while let Some(fact) = facts.pop() {
            if seen.insert(fact) {
                dated.add(plan, &plan.facts[fact].value, &mut facts);
            }
        }
        dated
    }

    fn add(&mut self, plan: &Plan, value: &Value, facts: &mut Vec<usize>) {
        if matches!(value, Value::Script(..)) {
            // What a script reads is known only in part.
            self.as_of = true;
        }
        steps::of_value(value, &mut |expr| match &expr.op {
            Op::AsOf => self.as_of = true,
            Op::Parameter(parameter) => {
                self.parameters.insert(*parameter);
            }
            Op::Fact(_, fact, _) => facts.push(*fact),
            Op::Call(Native::WeightedMean, arguments) => {
                for argument in arguments {
                    if let Op::Const(Const::Text(name)) = &argument.op {
                        facts.extend(
                            plan.fact_names.iter().filter(|((_, fact), _)| **fact == **name).map(|(_, at)| *at),
                        );
                    }
                }
            }
            _ => {}
        });
    }

    /// Whether the object may be another on the day `now` than on the day `before`, with the same source.
    #[must_use]
    pub fn differs(&self, plan: &Plan, zone: &Zone, before: Date, now: Date) -> bool {
        let changes = |parameter: &usize| {
            zone.school_years.iter().any(|year| {
                // A year that is not now is mapped by what held at the nearest of its days.
                let (first, last) = zone.school_year_starts.span(*year).unwrap_or((Date::MIN, Date::MAX));
                let on = |day: Date| plan.parameters[*parameter].on(day.clamp(first, last));
                on(before) != on(now)
            })
        };
        before != now && (self.as_of || self.parameters.iter().any(changes))
    }
}
