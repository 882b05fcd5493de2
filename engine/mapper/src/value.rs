//! Values during a run.

use std::rc::Rc;
use std::sync::Arc;

use graph::{Date, DateTime, Days, Decimal, EntityId, FieldId, RelationId, Row, Time};
use rulebook::plan::Const;
use rulebook::types::{Kind, Type};

/// A value.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing.
    Absent,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal number.
    Decimal(Decimal),
    /// A date.
    Date(Date),
    /// A time of day.
    Time(Time),
    /// A date and time.
    DateTime(DateTime),
    /// A text.
    Text(Text),
    /// A row.
    Row(Row),
    /// Rows of one entity.
    Rows(Rows),
    /// A set of dates.
    Days(Rc<Days>),
    /// The numbers of the zone's schools.
    Schools,
    /// The ids of the calendars that the zone leaves out.
    ExcludedCalendars,
}

/// What facts have given is most of what is held, and looked up all the time.
const _: () = assert!(size_of::<std::cell::OnceCell<crate::fault::Outcome>>() <= 24);

/// A text: where it stands in the graph, or a text of its own. Texts of the graph are not copied.
#[derive(Clone, Debug)]
pub enum Text {
    /// A cell of the graph.
    Cell(Row, FieldId),
    /// A constant of the plan.
    Const(Arc<str>),
    /// Made during the run.
    Made(Rc<str>),
}

/// Rows of one entity.
#[derive(Clone, Debug)]
pub enum Rows {
    /// Those that a relation leads to.
    Of(Row, RelationId, EntityId),
    /// So many of a few, which need no room of their own.
    Few(EntityId, u8, [u32; FEW]),
    /// A list. The pointer is thin: a value is as large as the largest kind of it, and there are very many values.
    List(EntityId, Rc<Vec<u32>>),
}

/// How many rows are few.
const FEW: usize = 3;

impl Rows {
    /// A list of rows.
    #[must_use]
    pub fn list(entity: EntityId, indexes: &[u32]) -> Self {
        let mut few = [0; FEW];
        match (few.get_mut(..indexes.len()), u8::try_from(indexes.len())) {
            (Some(room), Ok(length)) => {
                room.copy_from_slice(indexes);
                Self::Few(entity, length, few)
            }
            _ => Self::List(entity, Rc::new(indexes.to_vec())),
        }
    }

    /// The rows' entity.
    #[must_use]
    pub const fn entity(&self) -> EntityId {
        match self {
            Self::Of(_, _, entity) | Self::Few(entity, ..) | Self::List(entity, _) => *entity,
        }
    }

    /// The rows' indexes.
    #[must_use]
    pub fn indexes<'g>(&'g self, graph: &'g graph::Graph) -> &'g [u32] {
        match self {
            Self::Of(row, relation, _) => graph.many(*row, *relation),
            Self::Few(_, length, indexes) => &indexes[..usize::from(*length)],
            Self::List(_, indexes) => indexes,
        }
    }
}

impl Value {
    /// A text made during the run.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(Text::Made(Rc::from(text)))
    }

    /// Whether there is nothing.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether it is of a type.
    #[must_use]
    pub const fn is_of(&self, ty: Type) -> bool {
        match (self, ty.kind) {
            (Self::Absent, _) => ty.optional,
            (_, Kind::Any)
            | (Self::Bool(_), Kind::Bool)
            | (Self::Int(_), Kind::Int | Kind::Decimal)
            | (Self::Decimal(_), Kind::Decimal)
            | (Self::Date(_), Kind::Date)
            | (Self::Time(_), Kind::Time)
            | (Self::DateTime(_), Kind::DateTime)
            | (Self::Text(_), Kind::Text)
            | (Self::Days(_), Kind::Days)
            | (Self::Schools, Kind::Texts)
            | (Self::ExcludedCalendars, Kind::Ints) => true,
            (Self::Row(row), Kind::Row(entity)) => row.entity.0 == entity.0,
            (Self::Rows(rows), Kind::Rows(entity)) => rows.entity().0 == entity.0,
            _ => false,
        }
    }

    /// What kind of value it is, for a message.
    #[must_use]
    pub const fn describe(&self) -> &'static str {
        match self {
            Self::Absent => "nothing",
            Self::Bool(_) => "true or false",
            Self::Int(_) => "a whole number",
            Self::Decimal(_) => "a decimal number",
            Self::Date(_) => "a date",
            Self::Time(_) => "a time",
            Self::DateTime(_) => "a date and time",
            Self::Text(_) => "a text",
            Self::Row(_) => "a row",
            Self::Rows(_) => "rows",
            Self::Days(_) => "days",
            Self::Schools | Self::ExcludedCalendars => "a list of the zone",
        }
    }
}

impl From<&Const> for Value {
    fn from(constant: &Const) -> Self {
        match constant {
            Const::Absent => Self::Absent,
            Const::Bool(yes) => Self::Bool(*yes),
            Const::Int(number) => Self::Int(*number),
            Const::Decimal(number) => Self::Decimal(*number),
            Const::Text(text) => Self::Text(Text::Const(Arc::clone(text))),
            Const::Date(date) => Self::Date(*date),
        }
    }
}
