//! From rows that changed to the instances that may have: whatever leads to such a row, by relations that the object follows, is marked.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use graph::{Cell, EntityId, FieldId, FieldType, Graph, ReadSet, RelationId, Row, Schema, Scope, Source};
use rulebook::plan::Plan;

use super::changes::RowChange;

/// Where marks begin, for one object.
#[derive(Clone, Debug, Default)]
pub struct Seeds {
    /// Whether every instance is concerned.
    pub everything: bool,
    keys: BTreeMap<EntityId, HashSet<i64>>,
    /// Rows with one of these values in a field: they lead, or led, to a row that changed.
    leading: BTreeMap<(EntityId, FieldId), HashSet<i64>>,
    entities: BTreeSet<EntityId>,
}

impl Seeds {
    /// Where marks begin for an object that reads `reads`.
    #[must_use]
    pub fn of(plan: &Plan, reads: &ReadSet, changes: &[RowChange]) -> Self {
        let mut seeds = Self::default();
        for change in changes {
            for (id, entity) in plan.schema.entities() {
                if reads.reads_entity(id) && matches!(&entity.source, Source::Table(table) if *table == *change.table) {
                    seeds.add(plan, reads, id, change);
                }
            }
        }
        seeds
    }

    /// Whether no instance is concerned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.everything && self.keys.is_empty() && self.leading.is_empty() && self.entities.is_empty()
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
                self.joined(schema, group, entity, &pairs.collect::<Vec<_>>(), change);
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
                    self.leading.entry((from, *own)).or_default().insert(key);
                    continue;
                }
                // A group's fields are those of the rows that it groups, by name.
                let of_entity = |(own, theirs): &(FieldId, FieldId)| {
                    let theirs = schema[entity].field(&schema[target][*theirs].name)?;
                    Some((*own, theirs))
                };
                let pairs: Vec<_> = relation.by.iter().filter_map(of_entity).collect();
                self.joined(schema, from, entity, &pairs, change);
            }
        }
    }

    /// The rows of `from` whose fields agree with those of the changed row of `entity`, before or after, as far as that is known; all of
    /// them where it is not.
    fn joined(
        &mut self,
        schema: &Schema,
        from: EntityId,
        entity: EntityId,
        pairs: &[(FieldId, FieldId)],
        change: &RowChange,
    ) {
        for (own, theirs) in pairs {
            let column = &schema[entity][*theirs].column;
            let values = || change.found_by.iter().filter(|(name, _)| **name == **column);
            let whole = |field: EntityId, id: FieldId| schema[field][id].field_type == FieldType::Int;
            if change.key.is_some() && whole(from, *own) && whole(entity, *theirs) && values().next().is_some() {
                let leading = self.leading.entry((from, *own)).or_default();
                leading.extend(values().filter_map(|(_, value)| *value));
                return;
            }
        }
        self.entities.insert(from);
    }
}

/// Rows of a graph that are concerned.
#[derive(Clone, Debug)]
pub struct Marks {
    rows: Vec<Vec<bool>>,
    any: Vec<bool>,
}

impl Marks {
    /// Marks the rows of one scope. `organisation` are the marks of the organisation's rows, for students' rows that lead to them.
    #[must_use]
    pub fn of(graph: &Graph, reads: &ReadSet, seeds: &Seeds, scope: Scope, organisation: Option<&Self>) -> Self {
        let schema = graph.schema();
        let mut marks = organisation
            .cloned()
            .unwrap_or_else(|| Self { rows: vec![Vec::new(); schema.len()], any: vec![false; schema.len()] });
        let own = || schema.entities().filter(|(id, entity)| entity.scope == scope && reads.reads_entity(*id));
        for (id, _) in own() {
            let all = seeds.everything || seeds.entities.contains(&id);
            let rows = graph.rows(id);
            marks.rows[usize::from(id.0)] = vec![all; rows as usize];
            marks.any[usize::from(id.0)] = all && rows > 0;
            for key in seeds.keys.get(&id).into_iter().flatten() {
                if let Some(row) = graph.find(id, *key) {
                    marks.mark(row);
                }
            }
        }
        for ((id, field), values) in &seeds.leading {
            if schema[*id].scope != scope || !reads.reads_entity(*id) {
                continue;
            }
            if *field == schema[*id].key {
                values.iter().filter_map(|key| graph.find(*id, *key)).for_each(|row| marks.mark(row));
            } else {
                for row in graph.each(*id) {
                    if matches!(graph.cell(row, *field), Cell::Int(value) if values.contains(&value)) {
                        marks.mark(row);
                    }
                }
            }
        }
        marks.spread(graph, reads, own().map(|(id, _)| id).collect());
        marks
    }

    /// Marks whatever leads to a marked row, until there is nothing more.
    fn spread(&mut self, graph: &Graph, reads: &ReadSet, own: Vec<EntityId>) {
        let schema = graph.schema();
        let mut again = true;
        while std::mem::take(&mut again) {
            for id in &own {
                for (at, relation) in (0_u16..).zip(&schema[*id].relations) {
                    let relation_id = RelationId(at);
                    if !self.any[usize::from(relation.target.0)] || !reads.follows(*id, relation_id) {
                        continue;
                    }
                    for row in graph.each(*id) {
                        if self.has(row) {
                            continue;
                        }
                        let target = |index: u32| self.has(Row { entity: relation.target, index });
                        let leads = match relation.many {
                            true => graph.many(row, relation_id).iter().any(|index| target(*index)),
                            false => graph.one(row, relation_id).is_some_and(|row| self.has(row)),
                        };
                        if leads {
                            self.mark(row);
                            again = true;
                        }
                    }
                }
            }
        }
    }

    fn mark(&mut self, row: Row) {
        if let Some(marked) = self.rows[usize::from(row.entity.0)].get_mut(row.index as usize) {
            *marked = true;
            self.any[usize::from(row.entity.0)] = true;
        }
    }

    /// Whether the row is marked.
    #[must_use]
    pub fn has(&self, row: Row) -> bool {
        self.rows[usize::from(row.entity.0)].get(row.index as usize).copied().unwrap_or(false)
    }

    /// Whether any row of the entity is.
    #[must_use]
    pub fn any(&self, entity: EntityId) -> bool {
        self.any[usize::from(entity.0)]
    }
}
