//! From rows that changed to the instances that may have: whatever leads to such a row, by relations that the object follows, is marked.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use graph::{Cell, EntityId, FieldId, FieldType, Graph, ReadSet, RelationId, Row, Schema, Source};
use rulebook::plan::Plan;

use super::changes::RowChange;
use super::web::{Part, Step, Web};

/// Where marks begin, for one object.
#[derive(Clone, Debug, Default)]
pub struct Seeds {
    /// Whether every instance is concerned.
    pub everything: bool,
    keys: BTreeMap<EntityId, HashSet<i64>>,
    /// Rows with one of these values in a field: they lead, or led, to a row that changed, by the relation.
    leading: BTreeMap<(EntityId, RelationId, FieldId), HashSet<i64>>,
    /// Groups with one of these values in a field: a row of them changed.
    grouped: BTreeMap<(EntityId, FieldId), HashSet<i64>>,
    entities: BTreeSet<EntityId>,
}

impl Seeds {
    /// Where marks begin for an object that reads `reads`.
    #[must_use]
    pub fn of(plan: &Plan, reads: &ReadSet, changes: &[RowChange]) -> Self {
        let mut seeds = Self::default();
        for change in changes {
            for (id, entity) in plan.schema.entities() {
                let is_read = reads.reads_entity(id)
                    && change.column.as_ref().is_none_or(|column| {
                        // Where a row comes or goes, its key's column has changed, and that is always read.
                        reads.fields_of(id).any(|field| *entity[field].column == **column)
                    });
                if is_read && matches!(&entity.source, Source::Table(table) if *table == *change.table) {
                    seeds.add(plan, reads, id, change);
                }
            }
        }
        seeds
    }

    /// Whether no instance is concerned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.everything
            && self.keys.is_empty()
            && self.leading.is_empty()
            && self.grouped.is_empty()
            && self.entities.is_empty()
    }

    fn add(&mut self, plan: &Plan, reads: &ReadSet, entity: EntityId, change: &RowChange) {
        let schema = &plan.schema;
        // The dictionary is looked into from everywhere, without a relation.
        if plan.dictionary.is_some_and(|dictionary| dictionary.entity == entity) {
            self.everything = true;
        }
        match change.key {
            Some(key) => {
                self.keys.entry(entity).or_default().insert(key);
            }
            None => {
                self.entities.insert(entity);
            }
        }
        self.lead_to(schema, reads, entity, entity, change);
        for (group, declared) in schema.entities() {
            if let Source::Group { of, by } = &declared.source
                && *of == entity
                && reads.reads_entity(group)
            {
                let pairs = by.iter().filter_map(|field| {
                    let name = &schema[entity][*field].name;
                    Some((declared.field(name)?, *field))
                });
                match joined(schema, group, entity, &pairs.collect::<Vec<_>>(), change) {
                    Some((own, values)) => self.grouped.entry((group, own)).or_default().extend(values),
                    None => {
                        self.entities.insert(group);
                    }
                }
                self.lead_to(schema, reads, group, entity, change);
            }
        }
    }

    /// The rows that lead to a changed row by a relation to `target`, which is `entity` itself or groups its rows.
    fn lead_to(&mut self, schema: &Schema, reads: &ReadSet, target: EntityId, entity: EntityId, change: &RowChange) {
        for (from, declared) in schema.entities() {
            for (at, relation) in (0_u16..).zip(&declared.relations) {
                if relation.target != target || !reads.follows(from, RelationId(at)) {
                    continue;
                }
                let by_key = relation.by.iter().find(|(_, theirs)| target == entity && *theirs == schema[entity].key);
                if let Some(((own, _), key)) = by_key.zip(change.key) {
                    self.leading.entry((from, RelationId(at), *own)).or_default().insert(key);
                    continue;
                }
                // A group's fields are those of the rows that it groups, by name.
                let of_entity = |(own, theirs): &(FieldId, FieldId)| {
                    let theirs = schema[entity].field(&schema[target][*theirs].name)?;
                    Some((*own, theirs))
                };
                let pairs: Vec<_> = relation.by.iter().filter_map(of_entity).collect();
                match joined(schema, from, entity, &pairs, change) {
                    Some((own, values)) => {
                        self.leading.entry((from, RelationId(at), own)).or_default().extend(values);
                    }
                    None => {
                        self.entities.insert(from);
                    }
                }
            }
        }
    }
}

/// By which field of `from` rows agree with the changed row of `entity`, and with which values, before and after; none where that is not
/// known.
fn joined(
    schema: &Schema,
    from: EntityId,
    entity: EntityId,
    pairs: &[(FieldId, FieldId)],
    change: &RowChange,
) -> Option<(FieldId, Vec<i64>)> {
    pairs.iter().find_map(|(own, theirs)| {
        let column = &schema[entity][*theirs].column;
        let mut values = change.found_by.iter().filter(|(name, _)| **name == **column).peekable();
        let is_whole = |of: EntityId, field: FieldId| schema[of][field].field_type == FieldType::Int;
        let is_known = change.key.is_some() && values.peek().is_some();
        let values = values.filter_map(|(_, value)| *value).collect();
        (is_known && is_whole(from, *own) && is_whole(entity, *theirs)).then_some((*own, values))
    })
}

/// Rows of a graph that are concerned.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    rows: BTreeMap<EntityId, HashSet<u32>>,
}

impl Marks {
    /// The rows of which an object that reads `reads` may be another. `web` are its parts, if they are known.
    #[must_use]
    pub(super) fn of(graph: &Graph, reads: &ReadSet, web: Option<&Web>, plan: &Plan, seeds: &Seeds) -> Self {
        let schema = graph.schema();
        let mut changed = Self::default();
        for (id, keys) in &seeds.keys {
            changed.extend(keys.iter().filter_map(|key| graph.find(*id, *key)));
        }
        for ((id, field), values) in &seeds.grouped {
            changed.extend(graph.each(*id).filter(|row| holds(graph, *row, *field, values)));
        }
        let mut leading: BTreeMap<Step, Vec<Row>> = BTreeMap::new();
        for ((id, relation, field), values) in &seeds.leading {
            let rows = leading.entry((*id, *relation)).or_default();
            if *field == schema[*id].key {
                rows.extend(values.iter().filter_map(|key| graph.find(*id, *key)));
            } else {
                rows.extend(graph.each(*id).filter(|row| holds(graph, *row, *field, values)));
            }
        }
        let Some(web) = web.filter(|_| seeds.entities.is_empty()) else {
            // Whole tables, or what is not known by parts: whatever the object follows is followed.
            seeds.entities.iter().for_each(|id| changed.extend(graph.each(*id)));
            changed.extend(leading.into_values().flatten());
            let all = schema
                .entities()
                .flat_map(|(id, entity)| (0_u16..).zip(&entity.relations).map(move |(at, _)| (id, RelationId(at))));
            changed.spread(graph, &all.filter(|(id, relation)| reads.follows(*id, *relation)).collect());
            return changed;
        };
        if changed.rows.is_empty() && leading.values().all(Vec::is_empty) {
            return changed;
        }
        let mut known: BTreeMap<usize, Self> = BTreeMap::new();
        for (fact, part) in &web.facts {
            let mut marks = Self::of_part(graph, part, &changed, &leading, &known);
            if plan.facts[*fact].given.is_empty() {
                let entity = plan.facts[*fact].entity;
                marks.rows.retain(|id, _| *id == entity);
            }
            known.insert(*fact, marks);
        }
        Self::of_part(graph, &web.object, &changed, &leading, &known)
    }

    fn of_part(
        graph: &Graph,
        part: &Part,
        changed: &Self,
        leading: &BTreeMap<Step, Vec<Row>>,
        known: &BTreeMap<usize, Self>,
    ) -> Self {
        let mut marks = changed.clone();
        part.relations.iter().filter_map(|step| leading.get(step)).for_each(|rows| marks.extend(rows.iter().copied()));
        for fact in part.facts.iter().filter_map(|fact| known.get(fact)) {
            for (entity, rows) in &fact.rows {
                marks.extend(rows.iter().map(|index| Row { entity: *entity, index: *index }));
            }
        }
        marks.spread(graph, &part.relations);
        marks
    }

    /// Marks whatever leads to a marked row, until there is nothing more.
    fn spread(&mut self, graph: &Graph, relations: &BTreeSet<Step>) {
        let schema = graph.schema();
        let mut again = true;
        while std::mem::take(&mut again) {
            for (id, relation_id) in relations {
                let relation = &schema[*id][*relation_id];
                let Some(targets) = self.rows.get(&relation.target).filter(|rows| !rows.is_empty()) else { continue };
                let leads = |row: &Row| match relation.many {
                    true => graph.many(*row, *relation_id).iter().any(|index| targets.contains(index)),
                    false => graph.one(*row, *relation_id).is_some_and(|row| targets.contains(&row.index)),
                };
                let found: Vec<Row> = graph.each(*id).filter(|row| !self.has(*row) && leads(row)).collect();
                again |= !found.is_empty();
                self.extend(found);
            }
        }
    }

    fn extend(&mut self, rows: impl IntoIterator<Item = Row>) {
        for row in rows {
            self.rows.entry(row.entity).or_default().insert(row.index);
        }
    }

    /// Whether the row is marked.
    #[must_use]
    pub fn has(&self, row: Row) -> bool {
        self.rows.get(&row.entity).is_some_and(|rows| rows.contains(&row.index))
    }

    /// The rows of an entity that are marked, in no order.
    pub fn of_entity(&self, entity: EntityId) -> impl Iterator<Item = Row> + '_ {
        self.rows.get(&entity).into_iter().flatten().map(move |index| Row { entity, index: *index })
    }
}

/// Whether a row holds one of these values in a field.
fn holds(graph: &Graph, row: Row, field: FieldId, values: &HashSet<i64>) -> bool {
    matches!(graph.cell(row, field), Cell::Int(value) if values.contains(&value))
}
