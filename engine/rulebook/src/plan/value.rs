//! How facts and elements get their values: by a body, a selection of rows, a script, or a place among all students.

use std::sync::Arc;

use graph::EntityId;

use super::step::{Body, Expr};

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
