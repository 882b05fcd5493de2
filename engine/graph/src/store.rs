//! Tables joined into a graph.

use std::collections::HashMap;
use std::sync::Arc;

use crate::cell::Cell;
use crate::schema::{EntityId, FieldId, ReadSet, Relation, RelationId, Schema, Scope, Source};
use crate::table::{Table, TableBuilder};

const NONE: u32 = u32::MAX;

/// A row of the graph: an entity and an index into its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row {
    /// The entity.
    pub entity: EntityId,
    /// Which of its rows, from 0 in key order.
    pub index: u32,
}

#[derive(Debug, Clone)]
enum Link {
    NotFollowed,
    /// For each row the target's index, or `NONE`.
    One {
        target: EntityId,
        targets: Vec<u32>,
    },
    /// For each row a range of `targets`.
    Many {
        offsets: Vec<u32>,
        targets: Vec<u32>,
    },
}

/// A reference that leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkProblem {
    /// The row that refers.
    pub entity: EntityId,
    /// The row's key.
    pub key: i64,
    /// The relation that cannot be followed.
    pub relation: RelationId,
}

/// What must be equal for two rows to be joined. Texts are compared by a hash first and then by themselves.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Part {
    Int(i64),
    Text(u64),
}

type JoinKey = [Part; 2];

/// The rows of an entity by the values of some of its fields.
#[derive(Debug, Clone)]
struct Index {
    rows: HashMap<JoinKeyBits, Vec<u32>>,
}

/// [`JoinKey`] in a form that can be shown and hashed cheaply.
type JoinKeyBits = (u64, u64);

/// Tables joined into a graph. The organisation's tables are shared between graphs; a student's are its own.
#[derive(Debug, Clone)]
pub struct Graph {
    schema: Arc<Schema>,
    tables: Vec<Option<Arc<Table>>>,
    links: Vec<Arc<Vec<Link>>>,
    indexes: Arc<HashMap<(EntityId, Vec<FieldId>), Index>>,
}

impl Graph {
    /// A graph without rows.
    #[must_use]
    pub fn empty(schema: Arc<Schema>) -> Self {
        let tables = vec![None; schema.len()];
        let links = (0..schema.len()).map(|_| Arc::default()).collect();
        Self { schema, tables, links, indexes: Arc::default() }
    }

    /// The organisation's tables, joined. `reads` says which relations are followed.
    #[must_use]
    pub fn organisation(
        schema: Arc<Schema>,
        reads: &ReadSet,
        tables: Vec<(EntityId, Table)>,
    ) -> (Self, Vec<LinkProblem>) {
        let mut graph = Self::empty(schema);
        let problems = graph.add(reads, tables, Scope::Organisation);
        graph.index_targets(reads);
        (graph, problems)
    }

    /// This organisation's graph with the tables of some students, joined.
    #[must_use]
    pub fn with_students(&self, reads: &ReadSet, tables: Vec<(EntityId, Table)>) -> (Self, Vec<LinkProblem>) {
        let mut graph = self.clone();
        let problems = graph.add(reads, tables, Scope::Student);
        (graph, problems)
    }

    /// The shape of the graph.
    #[must_use]
    pub const fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    fn add(&mut self, reads: &ReadSet, tables: Vec<(EntityId, Table)>, scope: Scope) -> Vec<LinkProblem> {
        for (entity, table) in tables {
            self.tables[usize::from(entity.0)] = Some(Arc::new(table));
        }
        let schema = Arc::clone(&self.schema);
        for entity in schema.load_order(scope) {
            // A fixture may give the groups themselves.
            if reads.reads_entity(entity)
                && self.tables[usize::from(entity.0)].is_none()
                && let Source::Group { of, by } = &schema[entity].source
            {
                let groups = self.group(reads, entity, *of, by);
                self.tables[usize::from(entity.0)] = Some(Arc::new(groups));
            }
        }
        let mut problems = Vec::new();
        for (entity, declared) in schema.entities() {
            if declared.scope != scope || !reads.reads_entity(entity) {
                continue;
            }
            let links = declared
                .relations
                .iter()
                .enumerate()
                .map(|(at, relation)| {
                    let id = RelationId(u16::try_from(at).unwrap_or(u16::MAX));
                    if reads.follows(entity, id) {
                        self.link(entity, id, relation, &mut problems)
                    } else {
                        Link::NotFollowed
                    }
                })
                .collect();
            self.links[usize::from(entity.0)] = Arc::new(links);
        }
        problems
    }

    /// Indexes of the organisation's tables that students' rows will be joined to, so that each batch need not make them anew.
    fn index_targets(&mut self, reads: &ReadSet) {
        let mut indexes = HashMap::new();
        for (entity, declared) in self.schema.entities() {
            if declared.scope != Scope::Student {
                continue;
            }
            for (at, relation) in declared.relations.iter().enumerate() {
                let id = RelationId(u16::try_from(at).unwrap_or(u16::MAX));
                let target = relation.target;
                if !reads.follows(entity, id) || self.schema[target].scope != Scope::Organisation {
                    continue;
                }
                let fields: Vec<FieldId> = relation.by.iter().map(|(_, theirs)| *theirs).collect();
                if fields != [self.schema[target].key] {
                    indexes.entry((target, fields)).or_insert_with_key(|(target, fields)| self.index(*target, fields));
                }
            }
        }
        self.indexes = Arc::new(indexes);
    }

    fn index(&self, entity: EntityId, fields: &[FieldId]) -> Index {
        let mut rows: HashMap<JoinKeyBits, Vec<u32>> = HashMap::new();
        for row in 0..self.rows(entity) {
            if let Some(key) = self.join_key(Row { entity, index: row }, fields.iter().copied()) {
                rows.entry(key).or_default().push(row);
            }
        }
        Index { rows }
    }

    /// None when a field is absent: absent values join to nothing.
    fn join_key(&self, row: Row, fields: impl Iterator<Item = FieldId>) -> Option<JoinKeyBits> {
        let mut key: JoinKey = [Part::Int(0), Part::Int(0)];
        for (at, field) in fields.enumerate() {
            let part = match self.cell(row, field) {
                Cell::Absent | Cell::Bad => return None,
                Cell::Int(number) => Part::Int(number),
                Cell::Bool(yes) => Part::Int(i64::from(yes)),
                Cell::Date(date) => Part::Int(i64::from(chrono::Datelike::num_days_from_ce(&date))),
                Cell::Decimal(number) => Part::Text(hash(&number.normalize().to_string())),
                Cell::Time(time) => Part::Text(hash(&time.to_string())),
                Cell::DateTime(time) => Part::Text(hash(&time.to_string())),
                Cell::Text(text) => Part::Text(hash(text)),
            };
            match at {
                0 | 1 => key[at] = part,
                // A third field is folded into the second; joined rows are compared field by field anyway.
                _ => key[1] = Part::Text(bits(key[1]).rotate_left(17) ^ bits(part)),
            }
        }
        Some((bits(key[0]), bits(key[1])))
    }

    fn joins(&self, row: Row, target: Row, by: &[(FieldId, FieldId)]) -> bool {
        by.iter().all(|(own, theirs)| self.cell(row, *own) == self.cell(target, *theirs))
    }

    fn link(&self, entity: EntityId, id: RelationId, relation: &Relation, problems: &mut Vec<LinkProblem>) -> Link {
        if relation.many { self.link_many(entity, relation) } else { self.link_one(entity, id, relation, problems) }
    }

    fn link_one(&self, entity: EntityId, id: RelationId, relation: &Relation, problems: &mut Vec<LinkProblem>) -> Link {
        let target = relation.target;
        let by_key = matches!(&relation.by[..], [(_, theirs)] if *theirs == self.schema[target].key);
        let fields: Vec<FieldId> = relation.by.iter().map(|(_, theirs)| *theirs).collect();
        let made;
        let index = if by_key {
            None
        } else if let Some(index) = self.indexes.get(&(target, fields.clone())) {
            Some(index)
        } else {
            made = self.index(target, &fields);
            Some(&made)
        };
        // A row that names another's key means that row; a row that shares its own key with another may well have none.
        let names_key = by_key && relation.by[0].0 != self.schema[entity].key;
        // A group is ours, not the source's: what it cannot be joined to is nobody's mistake.
        let from_source = matches!(self.schema[entity].source, Source::Table(_));
        let mut targets = Vec::with_capacity(self.rows(entity) as usize);
        for row in 0..self.rows(entity) {
            let row = Row { entity, index: row };
            let mut refers = false;
            let found = match index {
                None => match self.cell(row, relation.by[0].0) {
                    Cell::Int(key) => {
                        refers = true;
                        self.tables[usize::from(target.0)].as_ref().and_then(|table| table.find(key))
                    }
                    _ => None,
                },
                Some(index) => self.join_key(row, relation.by.iter().map(|(own, _)| *own)).and_then(|key| {
                    refers = true;
                    let rows = index.rows.get(&key)?;
                    rows.iter()
                        .copied()
                        .find(|found| self.joins(row, Row { entity: target, index: *found }, &relation.by))
                }),
            };
            if found.is_none() && refers && from_source && (!relation.optional || names_key) {
                problems.push(LinkProblem { entity, key: self.key(row), relation: id });
            }
            targets.push(found.unwrap_or(NONE));
        }
        Link::One { target, targets }
    }

    fn link_many(&self, entity: EntityId, relation: &Relation) -> Link {
        let target = relation.target;
        let mut by_key: HashMap<JoinKeyBits, Vec<u32>> = HashMap::new();
        for row in 0..self.rows(target) {
            let row = Row { entity: target, index: row };
            if let Some(key) = self.join_key(row, relation.by.iter().map(|(_, theirs)| *theirs)) {
                by_key.entry(key).or_default().push(row.index);
            }
        }
        let mut offsets = Vec::with_capacity(self.rows(entity) as usize + 1);
        let mut targets = Vec::with_capacity(self.rows(target) as usize);
        offsets.push(0);
        for row in 0..self.rows(entity) {
            let row = Row { entity, index: row };
            let start = targets.len();
            if let Some(found) =
                self.join_key(row, relation.by.iter().map(|(own, _)| *own)).and_then(|key| by_key.get(&key))
            {
                targets.extend(
                    found
                        .iter()
                        .copied()
                        .filter(|found| self.joins(row, Row { entity: target, index: *found }, &relation.by)),
                );
            }
            if !relation.order.is_empty() {
                targets[start..].sort_by(|a, b| self.compare(target, *a, *b, relation));
            }
            offsets.push(u32::try_from(targets.len()).unwrap_or(u32::MAX));
        }
        Link::Many { offsets, targets }
    }

    fn compare(&self, target: EntityId, a: u32, b: u32, relation: &Relation) -> std::cmp::Ordering {
        for order in &relation.order {
            let left = self.cell(Row { entity: target, index: a }, order.field);
            let right = self.cell(Row { entity: target, index: b }, order.field);
            let ordering = compare_cells(left, right);
            let ordering = if order.descending { ordering.reverse() } else { ordering };
            if ordering.is_ne() {
                return ordering;
            }
        }
        a.cmp(&b)
    }

    /// One row for each group of rows of `of` that agree in `by`.
    fn group(&self, reads: &ReadSet, entity: EntityId, of: EntityId, by: &[FieldId]) -> Table {
        let mut first_of_group: HashMap<JoinKeyBits, Vec<u32>> = HashMap::new();
        let mut firsts = Vec::new();
        let pairs: Vec<(FieldId, FieldId)> = by.iter().map(|field| (*field, *field)).collect();
        for index in 0..self.rows(of) {
            let row = Row { entity: of, index };
            let Some(key) = self.join_key(row, by.iter().copied()) else {
                continue;
            };
            let known = first_of_group.entry(key).or_default();
            if !known.iter().any(|other| self.joins(row, Row { entity: of, index: *other }, &pairs)) {
                known.push(index);
                firsts.push(index);
            }
        }
        let mut builder = TableBuilder::new(&self.schema, entity, reads);
        let own_key = self.schema[entity].key;
        let fields: Vec<FieldId> = builder.fields().to_vec();
        for first in firsts {
            let row = Row { entity: of, index: first };
            let key = self.key(row);
            let cells = fields.iter().map(|field| {
                if *field == own_key {
                    return Cell::Int(key);
                }
                let name = &self.schema[entity][*field].name;
                self.schema[of].field(name).map_or(Cell::Absent, |source| self.cell(row, source))
            });
            if builder.push(key, cells).is_err() {
                break;
            }
        }
        builder.finish().0
    }

    /// How many rows the entity has.
    #[must_use]
    pub fn rows(&self, entity: EntityId) -> u32 {
        self.tables[usize::from(entity.0)].as_ref().map_or(0, |table| table.len())
    }

    /// Every row of the entity, in key order.
    pub fn each(&self, entity: EntityId) -> impl Iterator<Item = Row> + use<> {
        (0..self.rows(entity)).map(move |index| Row { entity, index })
    }

    /// For each row of a student's data the index of the student whose it is, by the path on which its rows are found; none where
    /// the entity is the organisation's, is grouped, or that path is not followed.
    #[must_use]
    pub fn owners(&self, entity: EntityId) -> Vec<u32> {
        if entity == self.schema.root() {
            return (0..self.rows(entity)).collect();
        }
        let Some((from, relation)) = self.schema[entity].reached else { return Vec::new() };
        let mut owners = vec![0; self.rows(entity) as usize];
        for (index, owner) in (0_u32..).zip(self.owners(from)) {
            for row in self.many(Row { entity: from, index }, relation) {
                owners[*row as usize] = owner;
            }
            if let Some(row) = self.one(Row { entity: from, index }, relation) {
                owners[row.index as usize] = owner;
            }
        }
        owners
    }

    /// The row of the entity with this key.
    #[must_use]
    pub fn find(&self, entity: EntityId, key: i64) -> Option<Row> {
        self.tables[usize::from(entity.0)].as_ref()?.find(key).map(|index| Row { entity, index })
    }

    /// The key of a row.
    #[must_use]
    pub fn key(&self, row: Row) -> i64 {
        self.tables[usize::from(row.entity.0)].as_ref().map_or(0, |table| table.key(row.index))
    }

    /// What a row holds in a field.
    #[must_use]
    #[inline]
    pub fn cell(&self, row: Row, field: FieldId) -> Cell<'_> {
        self.tables[usize::from(row.entity.0)].as_ref().map_or(Cell::Absent, |table| table.cell(row.index, field))
    }

    /// The row that a relation to one leads to.
    #[must_use]
    #[inline]
    pub fn one(&self, row: Row, relation: RelationId) -> Option<Row> {
        match self.links[usize::from(row.entity.0)].get(usize::from(relation.0))? {
            Link::One { target, targets } => {
                let index = targets[row.index as usize];
                (index != NONE).then_some(Row { entity: *target, index })
            }
            Link::NotFollowed | Link::Many { .. } => None,
        }
    }

    /// The indexes of the rows that a relation to many leads to, in the relation's order.
    #[must_use]
    pub fn many(&self, row: Row, relation: RelationId) -> &[u32] {
        match self.links[usize::from(row.entity.0)].get(usize::from(relation.0)) {
            Some(Link::Many { offsets, targets }) => {
                let at = row.index as usize;
                &targets[offsets[at] as usize..offsets[at + 1] as usize]
            }
            _ => &[],
        }
    }
}

fn hash(text: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

const fn bits(part: Part) -> u64 {
    match part {
        Part::Int(number) => number.cast_unsigned(),
        Part::Text(hash) => hash,
    }
}

/// Absent values come last.
fn compare_cells(left: Cell<'_>, right: Cell<'_>) -> std::cmp::Ordering {
    use std::cmp::Ordering;
    match (left, right) {
        (Cell::Absent | Cell::Bad, Cell::Absent | Cell::Bad) => Ordering::Equal,
        (Cell::Absent | Cell::Bad, _) => Ordering::Greater,
        (_, Cell::Absent | Cell::Bad) => Ordering::Less,
        (Cell::Int(a), Cell::Int(b)) => a.cmp(&b),
        (Cell::Bool(a), Cell::Bool(b)) => a.cmp(&b),
        (Cell::Decimal(a), Cell::Decimal(b)) => a.cmp(&b),
        (Cell::Date(a), Cell::Date(b)) => a.cmp(&b),
        (Cell::Time(a), Cell::Time(b)) => a.cmp(&b),
        (Cell::DateTime(a), Cell::DateTime(b)) => a.cmp(&b),
        (Cell::Text(a), Cell::Text(b)) => a.cmp(b),
        _ => Ordering::Equal,
    }
}
