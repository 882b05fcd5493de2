//! What `objects/graph.yaml` declares: entities, fields, relations. The rulebook reads the file and makes a [`Schema`].

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use problem::Place;

/// An entity of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityId(pub u16);

/// A field of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub u16);

/// A relation of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelationId(pub u16);

/// The type of a field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FieldType {
    /// Text as entered.
    Text,
    /// A whole number.
    Int,
    /// An exact decimal number.
    Decimal,
    /// Yes or no.
    Bool,
    /// A date without a zone.
    Date,
    /// A time of day.
    Time,
    /// A date and time without a zone.
    DateTime,
    /// A local code of the named set.
    Code(String),
}

impl FieldType {
    /// The word of `graph.yaml` for the type.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Int => "int".to_owned(),
            Self::Decimal => "decimal".to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Date => "date".to_owned(),
            Self::Time => "time".to_owned(),
            Self::DateTime => "datetime".to_owned(),
            Self::Code(set) => format!("code({set})"),
        }
    }

    /// Whether values of the type are kept as text.
    #[must_use]
    pub const fn is_text(&self) -> bool {
        matches!(self, Self::Text | Self::Code(_))
    }
}

/// Whose data an entity's rows are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The district's: loaded once and shared. Of an entity that is `reached`, only the rows that are.
    Organisation,
    /// A student's: streamed in ranges of students.
    Student,
}

/// Where an entity's rows come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A table of the source database.
    Table(String),
    /// One row for each group of rows of another entity that agree in the fields `by`.
    Group {
        /// The entity whose rows are grouped.
        of: EntityId,
        /// The fields of `of` that agree; the group has a field of the same name for each.
        by: Vec<FieldId>,
    },
}

/// A field of an entity.
#[derive(Clone, Debug)]
pub struct Field {
    /// Name that rules use.
    pub name: String,
    /// What it means.
    pub doc: String,
    /// Its type.
    pub field_type: FieldType,
    /// Whether the source may leave it empty.
    pub nullable: bool,
    /// The source's column.
    pub column: String,
    /// Whether no two rows of the table may share a value.
    pub unique: bool,
    /// Whether it says of a person what strangers should not know.
    pub sensitive: bool,
    /// The value that the source gives when nothing is entered, as text.
    pub default: Option<String>,
    /// Where `graph.yaml` declares it.
    pub place: Place,
}

/// How the rows of a relation to many are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// The field of the target.
    pub field: FieldId,
    /// Largest first.
    pub descending: bool,
}

/// A relation of an entity to rows of another.
#[derive(Clone, Debug)]
pub struct Relation {
    /// Name that rules use.
    pub name: String,
    /// What it means.
    pub doc: String,
    /// The entity that it leads to.
    pub target: EntityId,
    /// Whether it leads to many rows; else to one.
    pub many: bool,
    /// For a relation to one: whether there may be none. A missing row of a relation that always has one is dangling.
    pub optional: bool,
    /// Own fields and the target's fields that must be equal.
    pub by: Vec<(FieldId, FieldId)>,
    /// Order of a relation to many; key order settles ties.
    pub order: Vec<Order>,
    /// Where `graph.yaml` declares it.
    pub place: Place,
}

/// The fields that say from when until when a row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub start: FieldId,
    /// Last day.
    pub end: FieldId,
    /// Whether a row without a start counts as started.
    pub open_start: bool,
}

/// An entity of the graph.
#[derive(Clone, Debug)]
pub struct Entity {
    /// Name that rules use.
    pub name: String,
    /// What it means.
    pub doc: String,
    /// Where its rows come from.
    pub source: Source,
    /// The entity that it is another view of: it has that one's table, key and fields, for other people or purposes.
    pub like: Option<EntityId>,
    /// Whose data it is.
    pub scope: Scope,
    /// The primary key: a whole number.
    pub key: FieldId,
    /// Its fields, in the order of the file.
    pub fields: Vec<Field>,
    /// Its relations, in the order of the file.
    pub relations: Vec<Relation>,
    /// From when until when a row holds, where that makes sense.
    pub period: Option<Period>,
    /// The relation by which its rows are found: for a student's data other than the root and groups, and for an entity of the
    /// organisation of which not every row is loaded.
    pub reached: Option<(EntityId, RelationId)>,
    /// Where `graph.yaml` declares it.
    pub place: Place,
}

impl Entity {
    /// Whether its rows may be about single people: a student's data, and what is reached from the organisation's, such as who took
    /// part in an incident. What is neither is a table of the district's own.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        self.scope == Scope::Student || self.reached.is_some()
    }

    /// The field with this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<FieldId> {
        index(self.fields.iter().position(|field| field.name == name)).map(FieldId)
    }

    /// The relation with this name.
    #[must_use]
    pub fn relation(&self, name: &str) -> Option<RelationId> {
        index(self.relations.iter().position(|relation| relation.name == name)).map(RelationId)
    }

    /// The source table, or the entity's own name for a group.
    #[must_use]
    pub fn table_name(&self) -> &str {
        match &self.source {
            Source::Table(table) => table,
            Source::Group { .. } => &self.name,
        }
    }
}

fn index(position: Option<usize>) -> Option<u16> {
    position.and_then(|position| u16::try_from(position).ok())
}

impl std::ops::Index<FieldId> for Entity {
    type Output = Field;
    fn index(&self, id: FieldId) -> &Field {
        &self.fields[usize::from(id.0)]
    }
}

impl std::ops::Index<RelationId> for Entity {
    type Output = Relation;
    fn index(&self, id: RelationId) -> &Relation {
        &self.relations[usize::from(id.0)]
    }
}

/// The whole graph's shape. Made by the rulebook, which has checked every name and type in it.
#[derive(Clone, Debug)]
pub struct Schema {
    entities: Vec<Entity>,
    names: HashMap<String, EntityId>,
    root: EntityId,
    /// The root's relation that a student must have at least one row of, to be a student.
    only_with: Option<RelationId>,
}

impl Schema {
    /// A schema of these entities. `root` is the student; a row of the root's table is a student only with a row of `only_with`.
    #[must_use]
    pub fn new(entities: Vec<Entity>, root: EntityId, only_with: Option<RelationId>) -> Arc<Self> {
        let names = entities
            .iter()
            .enumerate()
            .filter_map(|(at, entity)| Some((entity.name.clone(), EntityId(u16::try_from(at).ok()?))))
            .collect();
        Arc::new(Self { entities, names, root, only_with })
    }

    /// The entity with this name.
    #[must_use]
    pub fn entity(&self, name: &str) -> Option<EntityId> {
        self.names.get(name).copied()
    }

    /// The student.
    #[must_use]
    pub const fn root(&self) -> EntityId {
        self.root
    }

    /// The relation of the root that makes a row of its table a student.
    #[must_use]
    pub const fn only_with(&self) -> Option<RelationId> {
        self.only_with
    }

    /// Every entity with its id.
    pub fn entities(&self) -> impl Iterator<Item = (EntityId, &Entity)> {
        self.entities.iter().enumerate().map(|(at, entity)| (EntityId(u16::try_from(at).unwrap_or(u16::MAX)), entity))
    }

    /// How many entities there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entities.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    /// The entities of one scope in an order in which each comes after the one that it is reached from.
    #[must_use]
    pub fn load_order(&self, scope: Scope) -> Vec<EntityId> {
        let mut order = Vec::new();
        let mut left: Vec<EntityId> =
            self.entities().filter(|(_, entity)| entity.scope == scope).map(|(id, _)| id).collect();
        while !left.is_empty() {
            let (ready, waiting): (Vec<_>, Vec<_>) = left.iter().copied().partition(|id| {
                let entity = &self[*id];
                let before = match (&entity.source, entity.reached) {
                    (Source::Group { of, .. }, _) => Some(*of),
                    (Source::Table(_), reached) => reached.map(|(from, _)| from),
                };
                before.is_none_or(|from| order.contains(&from) || self[from].scope != scope)
            });
            if ready.is_empty() {
                // The rulebook refuses a schema with a circle, so this is never reached; leaving the rest out is safe.
                break;
            }
            order.extend(ready);
            left = waiting;
        }
        order
    }
}

impl std::ops::Index<EntityId> for Schema {
    type Output = Entity;
    fn index(&self, id: EntityId) -> &Entity {
        &self.entities[usize::from(id.0)]
    }
}

/// What a plan reads: the fields of each entity, and the relations that it follows. Only these are loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadSet {
    fields: BTreeSet<(EntityId, FieldId)>,
    relations: BTreeSet<(EntityId, RelationId)>,
    entities: BTreeSet<EntityId>,
}

impl ReadSet {
    /// Everything that the schema declares.
    #[must_use]
    pub fn everything(schema: &Schema) -> Self {
        let mut all = Self::default();
        for (id, entity) in schema.entities() {
            all.add_entity(schema, id);
            for at in 0..entity.fields.len() {
                all.add_field(schema, id, FieldId(u16::try_from(at).unwrap_or(u16::MAX)));
            }
            for at in 0..entity.relations.len() {
                all.add_relation(schema, id, RelationId(u16::try_from(at).unwrap_or(u16::MAX)));
            }
        }
        all
    }

    /// Adds an entity with its key, and with the path by which its rows are found.
    pub fn add_entity(&mut self, schema: &Schema, entity: EntityId) {
        if !self.entities.insert(entity) {
            return;
        }
        self.fields.insert((entity, schema[entity].key));
        match (&schema[entity].source, schema[entity].reached) {
            (Source::Group { of, by }, _) => {
                self.add_entity(schema, *of);
                for field in by {
                    self.fields.insert((*of, *field));
                }
            }
            (Source::Table(_), Some((from, relation))) => self.add_relation(schema, from, relation),
            (Source::Table(_), None) => {
                if entity == schema.root()
                    && let Some(relation) = schema.only_with()
                {
                    self.add_relation(schema, entity, relation);
                }
            }
        }
    }

    /// Adds a field, with its entity.
    pub fn add_field(&mut self, schema: &Schema, entity: EntityId, field: FieldId) {
        self.add_entity(schema, entity);
        if self.fields.insert((entity, field))
            && let Source::Group { of, .. } = &schema[entity].source
            && field != schema[entity].key
            && let Some(source) = schema[*of].field(&schema[entity][field].name)
        {
            self.fields.insert((*of, source));
        }
    }

    /// Adds a relation, with both its ends and the fields that join them.
    pub fn add_relation(&mut self, schema: &Schema, entity: EntityId, relation: RelationId) {
        if !self.relations.insert((entity, relation)) {
            return;
        }
        self.add_entity(schema, entity);
        let relation = &schema[entity][relation];
        self.add_entity(schema, relation.target);
        for (own, theirs) in &relation.by {
            self.add_field(schema, entity, *own);
            self.add_field(schema, relation.target, *theirs);
        }
        for order in &relation.order {
            self.add_field(schema, relation.target, order.field);
        }
    }

    /// Adds all that `other` reads.
    pub fn extend(&mut self, other: &Self) {
        self.fields.extend(&other.fields);
        self.relations.extend(&other.relations);
        self.entities.extend(&other.entities);
    }

    /// Whether rows of the entity are read.
    #[must_use]
    pub fn reads_entity(&self, entity: EntityId) -> bool {
        self.entities.contains(&entity)
    }

    /// Whether the field is read.
    #[must_use]
    pub fn reads_field(&self, entity: EntityId, field: FieldId) -> bool {
        self.fields.contains(&(entity, field))
    }

    /// Whether the relation is followed.
    #[must_use]
    pub fn follows(&self, entity: EntityId, relation: RelationId) -> bool {
        self.relations.contains(&(entity, relation))
    }

    /// The fields of the entity that are read, in the order of the schema; the key is always among them.
    pub fn fields_of(&self, entity: EntityId) -> impl Iterator<Item = FieldId> + '_ {
        self.fields.range((entity, FieldId(0))..=(entity, FieldId(u16::MAX))).map(|(_, field)| *field)
    }
}
