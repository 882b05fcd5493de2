//! The typed plan: what the rulebook compiles to, and what everything else reads.
//!
//! An [`Expr`] is a step with a type and a place. A [`Fact`] is computed at most once a row. An [`ObjectPlan`] is a tree of
//! [`Node`]s in schema order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use graph::{Date, Decimal, EntityId, FieldId, ReadSet, RelationId, Schema};
use problem::Place;

use crate::functions::Native;
use crate::parameters::Parameter;
use crate::types::{Kind, Type};
use crate::value_sets::ValueSet;

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

/// A path to rows: where it starts, and how it goes on; each step binds a local.
#[derive(Clone, Debug)]
pub struct Path {
    /// Where it starts: a row or rows.
    pub start: Expr,
    /// The local that a row of the start is bound to, if the start is rows or the path goes on.
    pub start_local: u16,
    /// The steps.
    pub steps: Vec<PathStep>,
    /// The entity that it leads to.
    pub target: EntityId,
    /// The local that holds its last row.
    pub last: u16,
}

/// A step of a path.
#[derive(Clone, Debug)]
pub struct PathStep {
    /// What it gives from the row before: a row or rows.
    pub expr: Expr,
    /// The local that each row is bound to.
    pub local: u16,
}

/// A condition of a selection. It is tested as soon as the rows that it names are known, so that what lies behind a row that is
/// not wanted is never looked at.
#[derive(Clone, Debug)]
pub struct Condition {
    /// What must hold.
    pub expr: Expr,
    /// How many rows of the path must be bound before it can be tested: none, the start's, one more for each step.
    pub bound: usize,
}

/// Rows along a path, filtered and ordered.
#[derive(Clone, Debug)]
pub struct Select {
    /// What is made of them.
    pub what: crate::graph_file::SelectWord,
    /// The path.
    pub path: Path,
    /// Which rows: all of these hold.
    pub conditions: Vec<Condition>,
    /// Rows with an equal value of this count once.
    pub distinct: Option<Expr>,
    /// Order: expression, largest first, absent first.
    pub order: Vec<(Expr, bool, bool)>,
    /// What is added, or the date.
    pub of: Option<Expr>,
    /// What the first row leads on to.
    pub then: Option<Expr>,
    /// Rows to take when there is none.
    pub otherwise: Option<Expr>,
    /// Rows to take besides; one that is there already stands once.
    pub also: Option<Expr>,
    /// How many locals it needs.
    pub locals: u16,
    /// The file that it stands in.
    pub file: Arc<str>,
}

/// How a fact or element gets its value.
#[derive(Clone, Debug)]
pub enum Value {
    /// An expression.
    Body(Body),
    /// Rows along a path.
    Select(Box<Select>),
    /// A script that runs in the rule language's own engine: the rule, and its inputs.
    Script(usize, Vec<Expr>, u16),
    /// A place among all students, or how many share the group.
    Ranking(Box<Ranking>),
}

/// A fact of the whole population: of all students for whom `who` holds, those that agree in `by` are ranked together, the
/// highest `of` first; ties share the better place. A student without a value, or without one of `by`, is not ranked.
#[derive(Clone, Debug)]
pub struct Ranking {
    /// What the fact gives.
    pub gives: RankWord,
    /// The fact that declares the ranking: the fact itself, or the one that it counts for.
    pub of_fact: usize,
    /// Who is ranked.
    pub who: Body,
    /// What those of one group agree in.
    pub by: Vec<Body>,
    /// The value.
    pub of: Body,
}

impl Ranking {
    /// Its expressions.
    pub fn bodies(&self) -> impl Iterator<Item = &Body> {
        std::iter::once(&self.who).chain(&self.by).chain(std::iter::once(&self.of))
    }

    /// The same, to change them.
    pub fn bodies_mut(&mut self) -> impl Iterator<Item = &mut Body> {
        std::iter::once(&mut self.who).chain(&mut self.by).chain(std::iter::once(&mut self.of))
    }
}

/// What a fact of the whole population gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RankWord {
    /// The student's place, from 1.
    Rank,
    /// How many are ranked in the student's group.
    Size,
}

/// A fact: a derived field or relation of an entity.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The entity.
    pub entity: EntityId,
    /// Its name.
    pub name: Arc<str>,
    /// What it means.
    pub doc: String,
    /// Its type.
    pub ty: Type,
    /// What it needs besides the row.
    pub given: Vec<(String, Type)>,
    /// How it is computed.
    pub value: Value,
    /// Which tier that is, in a word.
    pub tier: &'static str,
    /// Where it is declared.
    pub place: Place,
}

/// A rule file.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What it gives the value of: an element path or `entity.fact`.
    pub name: Arc<str>,
    /// Its file.
    pub file: Arc<str>,
    /// Its text.
    pub text: Arc<str>,
    /// The fields of its header.
    pub header: Header,
    /// Its parameters, in order.
    pub parameters: Vec<String>,
}

/// The header of a rule file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The path that the rule says it answers.
    pub path: String,
    /// What it reports.
    pub reports: String,
    /// The paragraph of the requirement, in our own words.
    pub source: String,
    /// What it reads.
    pub inputs: String,
    /// When it gives nothing.
    pub absent: String,
}

/// What happens when an element's value is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbsentPolicy {
    /// The element is left out.
    Omit,
    /// An empty element is sent.
    Empty,
    /// `xsi:nil="true"` is sent.
    Nil,
    /// The nearest part that may be left out is left out; else the instance.
    Reject,
}

/// A remark that the rulebook asks for.
#[derive(Clone, Debug)]
pub struct Remark {
    /// When.
    pub when: Body,
    /// What it says.
    pub say: String,
}

/// A node of an object's tree.
#[derive(Clone, Debug)]
pub struct Node {
    /// Element or attribute name.
    pub name: sif::tree::NameId,
    /// Its path in the object, as the definition writes it.
    pub path: Arc<str>,
    /// Whether it is an attribute.
    pub attribute: bool,
    /// Whether the schema makes it mandatory in its parent.
    pub mandatory: bool,
    /// Whether this part may be left out when something in it is missing: it is optional, or a row of a list.
    pub may_be_left_out: bool,
    /// Whether a part with nothing in it but constant attributes is sent all the same.
    pub sent_empty: bool,
    /// The schema's definition; none inside an extension.
    pub schema: Option<&'static sif::schema::ElementSchema>,
    /// Only when this holds.
    pub when: Option<Body>,
    /// One for each of these rows: where they come from, and how many at most.
    pub each: Option<Each>,
    /// Remarks.
    pub remarks: Vec<Remark>,
    /// The value, of an element or attribute that has one.
    pub leaf: Option<Leaf>,
    /// Attributes and elements inside it, in schema order.
    pub children: Vec<Self>,
    /// The requirement rows that it answers.
    pub rows: Vec<String>,
    /// Where it is declared.
    pub place: Place,
}

/// Where the rows of a repeated element come from.
#[derive(Clone, Debug)]
pub struct Each {
    /// The rows.
    pub rows: Body,
    /// The local that a row is bound to.
    pub local: u16,
    /// The entity.
    pub entity: EntityId,
    /// How many at most.
    pub take: Option<usize>,
}

/// The value of an element.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// How it is got.
    pub value: Value,
    /// Its type.
    pub ty: Type,
    /// Which tier that is: const, from, codes, table, rule.
    pub tier: &'static str,
    /// A local code goes through this value set.
    pub codes: Option<usize>,
    /// What is sent when the value is absent or `when` does not hold.
    pub otherwise: Option<Arc<str>>,
    /// What happens when there is still nothing.
    pub absent: AbsentPolicy,
    /// Decimal places, always shown.
    pub decimals: Option<u32>,
    /// Whether `strip_empty_elements` may strip it.
    pub strippable: bool,
    /// The place in the source that a missing value is reported at: table and column, where the value is a plain field.
    pub source: Option<(EntityId, FieldId)>,
}

/// An object's plan.
#[derive(Clone, Debug)]
pub struct ObjectPlan {
    /// The SIF object's name.
    pub name: Arc<str>,
    /// Which of the object's variants it is, where the object has any.
    pub variant: Option<Arc<str>>,
    /// What people call it: the name, with `/` and the variant behind it where there is one.
    pub label: Arc<str>,
    /// The entity that it repeats over.
    pub entity: EntityId,
    /// Which rows: name of the population rule, and the condition.
    pub population: Vec<(Vec<String>, Body)>,
    /// Remarks about an instance.
    pub remarks: Vec<Remark>,
    /// The schema's definition.
    pub schema: &'static sif::schema::ObjectSchema,
    /// The element tree.
    pub root: Node,
    /// The paths of its key, as the schema has them.
    pub key: Vec<Arc<str>>,
    /// Whether it raises events.
    pub raises_events: bool,
    /// Decided omissions: path, reason, requirement rows, place.
    pub omissions: Vec<Omission>,
    /// How many locals its bodies need.
    pub locals: u16,
    /// What it reads.
    pub reads: ReadSet,
    /// The rankings that it reads, by the fact that declares each: what needs a first pass over all students.
    pub rankings: BTreeSet<usize>,
    /// Where it is declared.
    pub place: Place,
}

/// An element that is not sent, by decision.
#[derive(Clone, Debug)]
pub struct Omission {
    /// Its path.
    pub path: String,
    /// Why.
    pub reason: String,
    /// The requirement rows that are answered so.
    pub rows: Vec<String>,
    /// Where it is declared.
    pub place: Place,
}

/// The entity of `attributeDictionary` with the fields that value sets read.
#[derive(Clone, Copy, Debug)]
pub struct Dictionary {
    /// The entity.
    pub entity: EntityId,
    /// The list that a choice belongs to.
    pub attribute: FieldId,
    /// The local code of the choice.
    pub code: FieldId,
    /// The SIF code that it maps to.
    pub sif_code: FieldId,
    /// Whether the choice is the list's Default Value; only where a value set asks for it.
    pub is_default: Option<FieldId>,
}

impl Dictionary {
    /// Its fields.
    pub fn fields(&self) -> impl Iterator<Item = FieldId> {
        [self.attribute, self.code, self.sif_code].into_iter().chain(self.is_default)
    }
}

/// The whole plan.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The graph's shape.
    pub schema: Arc<Schema>,
    /// The facts.
    pub facts: Vec<Fact>,
    /// Facts by entity and name.
    pub fact_names: BTreeMap<(EntityId, String), usize>,
    /// The rules.
    pub rules: Vec<Rule>,
    /// The files of `rules/shared/`, path and text.
    pub shared: Vec<(Arc<str>, Arc<str>)>,
    /// The parameters.
    pub parameters: Vec<Parameter>,
    /// The value sets.
    pub value_sets: Vec<ValueSet>,
    /// The objects.
    pub objects: Vec<ObjectPlan>,
    /// Element and attribute names.
    pub names: Arc<sif::tree::Names>,
    /// What all objects together read.
    pub reads: ReadSet,
    /// What the first pass over all students reads for each ranking, by the fact that declares it.
    pub pass_reads: BTreeMap<usize, ReadSet>,
    /// The source's own dictionary of codes, where the graph has it.
    pub dictionary: Option<Dictionary>,
    /// A hash of every file's path and text.
    pub generation: String,
}

impl Plan {
    /// The object with this label: `StudentPersonal`, or `StudentParticipation/S2` of an object with variants.
    #[must_use]
    pub fn object(&self, label: &str) -> Option<&ObjectPlan> {
        self.objects.iter().find(|object| &*object.label == label)
    }

    /// What one SIF object is made by: itself, or its variants in the order of its file. None if there is no such object.
    #[must_use]
    pub fn variants(&self, name: &str) -> Vec<&ObjectPlan> {
        self.objects.iter().filter(|object| &*object.name == name).collect()
    }

    /// The object that `name` begins with, and the element path behind it: `StudentParticipation/S2/ProgramExitDate`.
    #[must_use]
    pub fn object_and_path<'n>(&self, name: &'n str) -> Option<(&ObjectPlan, &'n str)> {
        let ends = name.match_indices('/').map(|(at, _)| at).chain([name.len()]);
        ends.take(2).find_map(|end| Some((self.object(&name[..end])?, name.get(end + 1..).unwrap_or_default())))
    }

    /// The names of the SIF objects, each once.
    #[must_use]
    pub fn object_names(&self) -> Vec<&Arc<str>> {
        let mut names: Vec<&Arc<str>> = self.objects.iter().map(|object| &object.name).collect();
        names.dedup();
        names
    }

    /// The labels of all objects and variants.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.objects.iter().map(|object| &*object.label)
    }
}

impl ObjectPlan {
    /// Every node, parents before children.
    pub fn nodes(&self) -> Vec<&Node> {
        let mut nodes = vec![&self.root];
        let mut at = 0;
        while at < nodes.len() {
            let children: Vec<&Node> = nodes[at].children.iter().collect();
            let rest = nodes.split_off(at + 1);
            nodes.extend(children);
            nodes.extend(rest);
            at += 1;
        }
        nodes
    }
}
