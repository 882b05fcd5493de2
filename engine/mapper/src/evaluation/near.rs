//! What is near at hand: rows and single values that can be had without making anything.
//!
//! Most of a rulebook compares fields of rows that are bound or one relation away. Those are read where they stand. A step that
//! is not so simple is *far*, and so is one that would give a fault: whoever asked then takes it in full, which says why.

use graph::{Cell, Row};
use rulebook::plan::{Const, Expr, Op, ZoneField};

use super::Evaluation;
use crate::fault::{Fault, Step};
use crate::value::Value;

/// A row that is looked for nearby.
pub(super) enum Near {
    /// It is there.
    Row(Row),
    /// There is none.
    Absent,
    /// It is not near.
    Far,
}

impl Evaluation {
    /// The row that a step gives.
    #[inline(always)]
    pub(super) fn row(&self, expr: &Expr, frame: &mut [Value]) -> Step<Row> {
        match self.near(expr, frame) {
            Near::Row(row) => Ok(row),
            _ => self.row_far(expr, frame),
        }
    }

    #[inline(never)]
    pub(super) fn row_far(&self, expr: &Expr, frame: &mut [Value]) -> Step<Row> {
        match self.eval(expr, frame)? {
            Value::Row(row) => Ok(row),
            _ => Err(Fault::Operation("a member was read of something that is no row").into()),
        }
    }

    /// The row of a step that follows relations and known facts from a bound row.
    #[inline(always)]
    pub(super) fn near(&self, expr: &Expr, frame: &[Value]) -> Near {
        match &expr.op {
            Op::Local(local) => match &frame[usize::from(*local)] {
                Value::Row(row) => Near::Row(*row),
                Value::Absent => Near::Absent,
                _ => Near::Far,
            },
            _ => self.near_by(expr, frame),
        }
    }

    #[inline(never)]
    fn near_by(&self, expr: &Expr, frame: &[Value]) -> Near {
        match &expr.op {
            Op::One(row, entity, relation) => {
                let Near::Row(row) = self.near(row, frame) else { return Near::Far };
                match self.graph.one(row, *relation) {
                    Some(found) => Near::Row(found),
                    None if self.plan.schema[*entity][*relation].optional => Near::Absent,
                    None => Near::Far,
                }
            }
            Op::Fact(row, fact, arguments) if arguments.is_empty() && !self.watched.get() => {
                let Near::Row(row) = self.near(row, frame) else { return Near::Far };
                match self.known(*fact, row) {
                    Ok(Value::Row(found)) => Near::Row(*found),
                    Ok(Value::Absent) => Near::Absent,
                    _ => Near::Far,
                }
            }
            _ => Near::Far,
        }
    }

    /// What a step gives, without making a value of it; none where it is far, and while reading is watched.
    #[inline(always)]
    pub(super) fn cell<'a>(&'a self, expr: &'a Expr, frame: &'a [Value]) -> Option<Cell<'a>> {
        match &expr.op {
            Op::Field(row, _, field) => match self.near(row, frame) {
                Near::Row(row) if !self.watched.get() => Some(self.graph.cell(row, *field)),
                _ => None,
            },
            Op::Const(constant) => Some(of_const(constant)),
            Op::AsOf => Some(Cell::Date(self.as_of)),
            _ => self.cell_by(expr, frame),
        }
    }

    #[inline(never)]
    fn cell_by<'a>(&'a self, expr: &'a Expr, frame: &'a [Value]) -> Option<Cell<'a>> {
        if self.watched.get() && !matches!(expr.op, Op::Local(_)) {
            return None;
        }
        match &expr.op {
            Op::Local(local) => self.of_value(&frame[usize::from(*local)]),
            Op::Fact(row, fact, arguments) if arguments.is_empty() => {
                if self.watched.get() {
                    return None;
                }
                let Near::Row(row) = self.near(row, frame) else { return None };
                match self.known(*fact, row) {
                    Ok(value) => self.of_value(value),
                    Err(_) => None,
                }
            }
            Op::IfPresent(value, local, then) => {
                // Only the common `row?.field` and `row?.fact`: more would have to bind the row.
                let (Op::Field(base, ..) | Op::Fact(base, ..)) = &then.op else { return None };
                if self.watched.get() || !matches!(base.op, Op::Local(bound) if bound == *local) {
                    return None;
                }
                match (self.near(value, frame), &then.op) {
                    (Near::Row(row), Op::Field(_, _, field)) => Some(self.graph.cell(row, *field)),
                    (Near::Row(row), Op::Fact(_, fact, arguments)) if arguments.is_empty() => {
                        self.of_value(self.known(*fact, row).as_ref().ok()?)
                    }
                    (Near::Absent, _) => Some(Cell::Absent),
                    _ => None,
                }
            }
            Op::Coalesce(all) => {
                for inner in all {
                    match self.cell(inner, frame)? {
                        Cell::Absent => {}
                        cell => return Some(cell),
                    }
                }
                Some(Cell::Absent)
            }
            Op::Lookup(set, code) => {
                let code = match self.cell(code, frame)? {
                    Cell::Text(code) => Some(code),
                    Cell::Absent => None,
                    _ => return None,
                };
                Some(self.lookup(*set, code).map_or(Cell::Absent, Cell::Text))
            }
            Op::Parameter(parameter) => {
                if self.watched.get() {
                    return None;
                }
                self.parameters[*parameter].as_ref().map(of_const)
            }
            Op::Zone(ZoneField::YearStart) => Some(Cell::Date(self.year.0)),
            Op::Zone(ZoneField::YearEnd) => Some(Cell::Date(self.year.1)),
            Op::Zone(ZoneField::SchoolYear) => Some(Cell::Int(i64::from(self.school_year))),
            _ => None,
        }
    }

    /// What a cell gives for an element: none where it is far or bad.
    pub(crate) fn plain<'a>(&'a self, expr: &'a Expr, frame: &'a [Value]) -> Option<Cell<'a>> {
        self.cell(expr, frame).filter(|cell| !matches!(cell, Cell::Bad))
    }

    fn of_value<'a>(&'a self, value: &'a Value) -> Option<Cell<'a>> {
        Some(match value {
            Value::Absent => Cell::Absent,
            Value::Bool(yes) => Cell::Bool(*yes),
            Value::Int(number) => Cell::Int(*number),
            Value::Decimal(number) => Cell::Decimal(*number),
            Value::Date(date) => Cell::Date(*date),
            Value::Text(text) => Cell::Text(self.str(text)),
            _ => return None,
        })
    }
}

fn of_const(constant: &Const) -> Cell<'_> {
    match constant {
        Const::Absent => Cell::Absent,
        Const::Bool(yes) => Cell::Bool(*yes),
        Const::Int(number) => Cell::Int(*number),
        Const::Decimal(number) => Cell::Decimal(*number),
        Const::Text(text) => Cell::Text(text),
        Const::Date(date) => Cell::Date(*date),
    }
}
