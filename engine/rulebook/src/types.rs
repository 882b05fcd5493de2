//! The types of values in rules.

use std::fmt;

use graph::{EntityId, FieldType, Schema};

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Not known before the run: the result of a script that could not be typed.
    Any,
    /// Always absent.
    Nothing,
    /// Yes or no.
    Bool,
    /// A whole number.
    Int,
    /// An exact decimal number.
    Decimal,
    /// A text or code.
    Text,
    /// A date.
    Date,
    /// A time of day.
    Time,
    /// A date and time.
    DateTime,
    /// A row of an entity.
    Row(EntityId),
    /// Rows of an entity.
    Rows(EntityId),
    /// A set of dates.
    Days,
    /// A list of texts.
    Texts,
    /// A list of whole numbers.
    Ints,
}

/// The type of a value: what it is, and whether it may be absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Type {
    /// What it is.
    pub kind: Kind,
    /// Whether it may be absent.
    pub optional: bool,
}

impl Type {
    /// The type of what is always absent.
    pub const NOTHING: Self = Self { kind: Kind::Nothing, optional: true };
    /// The type of what is not known before the run.
    pub const ANY: Self = Self { kind: Kind::Any, optional: true };

    /// A value that is always there.
    #[must_use]
    pub const fn of(kind: Kind) -> Self {
        Self { kind, optional: false }
    }

    /// A value that may be absent.
    #[must_use]
    pub const fn maybe(kind: Kind) -> Self {
        Self { kind, optional: true }
    }

    /// The same, that may be absent if `optional`.
    #[must_use]
    pub const fn or_absent(self, optional: bool) -> Self {
        Self { kind: self.kind, optional: self.optional || optional }
    }

    /// The same, known to be there.
    #[must_use]
    pub const fn present(self) -> Self {
        Self { kind: self.kind, optional: false }
    }

    /// The type of a field.
    #[must_use]
    pub const fn of_field(field_type: &FieldType, nullable: bool) -> Self {
        let kind = match field_type {
            FieldType::Text | FieldType::Code(_) => Kind::Text,
            FieldType::Int => Kind::Int,
            FieldType::Decimal => Kind::Decimal,
            FieldType::Bool => Kind::Bool,
            FieldType::Date => Kind::Date,
            FieldType::Time => Kind::Time,
            FieldType::DateTime => Kind::DateTime,
        };
        Self { kind, optional: nullable }
    }

    /// The type that holds values of both; none if there is no such type.
    #[must_use]
    pub fn join(self, other: Self) -> Option<Self> {
        let kind = match (self.kind, other.kind) {
            (a, b) if a == b => a,
            (Kind::Nothing, kind) | (kind, Kind::Nothing) => kind,
            (Kind::Any, _) | (_, Kind::Any) => Kind::Any,
            (Kind::Int, Kind::Decimal) | (Kind::Decimal, Kind::Int) => Kind::Decimal,
            _ => return None,
        };
        Some(Self { kind, optional: self.optional || other.optional })
    }

    /// Whether a value of this type may stand where `wanted` is wanted.
    #[must_use]
    pub fn fits(self, wanted: Self) -> bool {
        let kind = self.kind == wanted.kind
            || matches!(self.kind, Kind::Any | Kind::Nothing)
            || wanted.kind == Kind::Any
            || (self.kind == Kind::Int && wanted.kind == Kind::Decimal);
        kind && (!self.optional || wanted.optional || self.kind == Kind::Any)
    }

    /// The type in the words of `graph.yaml`.
    #[must_use]
    pub fn words<'s>(self, schema: &'s Schema) -> Words<'s> {
        Words { of: self, schema }
    }

    /// Reads a type as `graph.yaml` writes it.
    #[must_use]
    pub fn parse(word: &str, schema: &Schema) -> Option<Self> {
        if let Some(inner) = word.strip_prefix('[').and_then(|word| word.strip_suffix(']')) {
            return schema.entity(inner.trim()).map(|entity| Self::of(Kind::Rows(entity)));
        }
        let (name, optional) = word.strip_suffix('?').map_or((word, false), |name| (name, true));
        let kind = match name {
            "text" => Kind::Text,
            "int" => Kind::Int,
            "decimal" => Kind::Decimal,
            "bool" => Kind::Bool,
            "date" => Kind::Date,
            "time" => Kind::Time,
            "datetime" => Kind::DateTime,
            "days" => Kind::Days,
            _ if name.starts_with("code(") && name.ends_with(')') => Kind::Text,
            _ => Kind::Row(schema.entity(name)?),
        };
        Some(Self { kind, optional })
    }
}

/// Writes a type in words.
pub struct Words<'s> {
    of: Type,
    schema: &'s Schema,
}

impl fmt::Display for Words<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.of.optional { "?" } else { "" };
        let word = match self.of.kind {
            Kind::Any => return formatter.write_str("anything"),
            Kind::Nothing => return formatter.write_str("nothing"),
            Kind::Bool => "bool",
            Kind::Int => "int",
            Kind::Decimal => "decimal",
            Kind::Text => "text",
            Kind::Date => "date",
            Kind::Time => "time",
            Kind::DateTime => "datetime",
            Kind::Days => "days",
            Kind::Texts => "list of texts",
            Kind::Ints => "list of ints",
            Kind::Row(entity) => return write!(formatter, "{}{mark}", self.schema[entity].name),
            Kind::Rows(entity) => return write!(formatter, "[{}]", self.schema[entity].name),
        };
        write!(formatter, "{word}{mark}")
    }
}
