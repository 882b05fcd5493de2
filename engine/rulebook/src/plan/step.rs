//! Steps: what expressions and the bodies of rules are made of.

use std::sync::Arc;

use graph::{Date, Decimal, EntityId, FieldId, RelationId};

use crate::functions::Native;
use crate::types::{Kind, Type};

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Const {
    /// Nothing.
    Absent,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal number.
    Decimal(Decimal),
    /// A text.
    Text(Arc<str>),
    /// A date.
    Date(Date),
}

impl Const {
    /// Its type.
    #[must_use]
    pub const fn ty(&self) -> Type {
        match self {
            Self::Absent => Type::NOTHING,
            Self::Bool(_) => Type::of(Kind::Bool),
            Self::Int(_) => Type::of(Kind::Int),
            Self::Decimal(_) => Type::of(Kind::Decimal),
            Self::Text(_) => Type::of(Kind::Text),
            Self::Date(_) => Type::of(Kind::Date),
        }
    }
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// An arithmetic operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+` of numbers
    Add,
    /// `-` of numbers
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
    /// `+` of texts
    Concatenate,
    /// date `+` days
    AddDays,
    /// date `-` days
    SubtractDays,
    /// date `-` date, in days
    DaysBetween,
}

/// An option of the zone, read as `zone.<name>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ZoneField {
    /// The school year that is being mapped.
    SchoolYear,
    /// Its first day.
    YearStart,
    /// Its last day.
    YearEnd,
    /// Whether the zone covers every school.
    AllSchools,
    /// The numbers of the schools that it covers.
    Schools,
    /// The ids of the calendars that it leaves out.
    ExcludedCalendars,
    /// Leaves out No Show enrollments.
    ExcludeNoShow,
    /// Leaves out State Exclude enrollments.
    ExcludeStateExclude,
    /// Leaves out enrollments that are not Primary.
    ExcludeNonPrimary,
    /// Leaves out schools without a calendar.
    ExcludeSchoolsWithoutCalendar,
    /// Publishes Social Security Numbers.
    PublishSsn,
}

impl ZoneField {
    /// Every option with its name and type.
    pub const ALL: [(&'static str, Self, Type); 11] = [
        ("school_year", Self::SchoolYear, Type::of(Kind::Int)),
        ("year_start", Self::YearStart, Type::of(Kind::Date)),
        ("year_end", Self::YearEnd, Type::of(Kind::Date)),
        ("all_schools", Self::AllSchools, Type::of(Kind::Bool)),
        ("schools", Self::Schools, Type::of(Kind::Texts)),
        ("excluded_calendars", Self::ExcludedCalendars, Type::of(Kind::Ints)),
        ("exclude_no_show", Self::ExcludeNoShow, Type::of(Kind::Bool)),
        ("exclude_state_exclude", Self::ExcludeStateExclude, Type::of(Kind::Bool)),
        ("exclude_non_primary", Self::ExcludeNonPrimary, Type::of(Kind::Bool)),
        ("exclude_schools_without_calendar", Self::ExcludeSchoolsWithoutCalendar, Type::of(Kind::Bool)),
        ("publish_ssn", Self::PublishSsn, Type::of(Kind::Bool)),
    ];
}

/// A place inside a file: line and column from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct At {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

/// A step with its type and place.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it does.
    pub op: Op,
    /// The type of its value.
    pub ty: Type,
    /// Where it stands in its file.
    pub at: At,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Op {
    /// A constant.
    Const(Const),
    /// A bound row or value.
    Local(u16),
    /// The date of the run.
    AsOf,
    /// An option of the zone.
    Zone(ZoneField),
    /// A parameter, at its value on the date of the run.
    Parameter(usize),
    /// A field of a row.
    Field(Box<Expr>, EntityId, FieldId),
    /// The row that a relation leads to.
    One(Box<Expr>, EntityId, RelationId),
    /// The rows that a relation leads to.
    Many(Box<Expr>, EntityId, RelationId),
    /// A fact of a row.
    Fact(Box<Expr>, usize, Vec<Expr>),
    /// If the value is there, binds it and goes on (`?.`).
    IfPresent(Box<Expr>, u16, Box<Expr>),
    /// Whether a row's period holds on a date.
    ActiveOn(Box<Expr>, EntityId, Box<Expr>),
    /// `!`
    Not(Box<Expr>),
    /// `&&`
    And(Vec<Expr>),
    /// `||`
    Or(Vec<Expr>),
    /// `??`
    Coalesce(Vec<Expr>),
    /// A comparison.
    Compare(Compare, Box<Expr>, Box<Expr>),
    /// Arithmetic.
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    /// Whether a value is one of some constants.
    OneOf(Box<Expr>, Vec<Const>),
    /// Whether a value is in a list of the zone.
    InList(Box<Expr>, Box<Expr>),
    /// `if`
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `switch`: the first arm that takes the value of the step counts; where none does, there is nothing.
    Switch(Box<Expr>, Vec<SwitchArm>),
    /// Statements, the last of which gives the value.
    Block(Vec<Statement>),
    /// `return`
    Return(Box<Expr>),
    /// A function of the engine.
    Call(Native, Vec<Expr>),
    /// A function of `rules/shared/`.
    Shared(Arc<Body>, Vec<Expr>),
    /// A local code through a value set.
    Lookup(usize, Box<Expr>),
    /// A decision table: the inputs, then rows of conditions with a result; the first row that fits counts.
    Table(Vec<Expr>, Vec<TableRow>),
}

/// A statement of a block.
#[derive(Clone, Debug)]
pub enum Statement {
    /// `let`
    Let(u16, Expr),
    /// An expression.
    Expr(Expr),
}

/// An arm of a `switch`.
#[derive(Clone, Debug)]
pub struct SwitchArm {
    /// The values that it takes, any of them; none for `_`, which takes everything.
    pub values: Vec<TableCell>,
    /// What must hold too.
    pub guard: Option<Expr>,
    /// What it gives.
    pub then: Expr,
    /// Where it stands.
    pub at: At,
}

/// A row of a decision table.
#[derive(Clone, Debug)]
pub struct TableRow {
    /// One condition for each input.
    pub cells: Vec<TableCell>,
    /// The result.
    pub result: Const,
    /// Where it stands.
    pub at: At,
}

/// A condition of a decision table.
#[derive(Clone, Debug, PartialEq)]
pub enum TableCell {
    /// Anything, also nothing.
    Any,
    /// One of these.
    OneOf(Vec<Const>),
    /// From one number to another, both inclusive.
    Range(Option<i64>, Option<i64>),
}

/// An expression with the number of locals that it needs.
#[derive(Clone, Debug)]
pub struct Body {
    /// How many locals it needs, those given included.
    pub locals: u16,
    /// The expression.
    pub expr: Expr,
    /// The file that it stands in.
    pub file: Arc<str>,
}
