//! Which cases the rows of a decision table cover: rows that are never taken, cases that no row takes, ranges that overlap.
//!
//! Each input is cut into parts that no row cuts further: single values, stretches of whole numbers, nothing, and the rest.

use problem::{Place, Problem, code};

use crate::language::Context;
use crate::plan::{Const, Expr, TableCell, TableRow};
use crate::types::Kind;

/// More cases than this are not looked at: the table is then taken as one that may give nothing.
const MOST_CASES: usize = 20_000;

/// A table, to look at its rows together.
pub struct Cover<'t, 'c> {
    pub context: &'t Context<'c>,
    pub inputs: &'t [Expr],
    pub rows: &'t [TableRow],
    /// The place of each cell, the result's included.
    pub places: &'t [Vec<Place>],
}

/// A part of what an input can be.
#[derive(Clone, Debug, PartialEq)]
enum Part {
    Value(Const),
    Stretch(i64, i64),
    /// Whatever no cell names. `unlisted`: the input's codes are known, and only a source that breaks them has it.
    Rest {
        unlisted: bool,
    },
}

impl Part {
    fn is_taken(&self, cell: &TableCell) -> bool {
        match (cell, self) {
            (TableCell::Any, _) => true,
            (TableCell::OneOf(values), Self::Value(value)) => values.contains(value),
            (TableCell::OneOf(values), Self::Stretch(from, to)) => from == to && values.contains(&Const::Int(*from)),
            (TableCell::Range(from, to), Self::Stretch(low, high)) => {
                from.is_none_or(|from| from <= *low) && to.is_none_or(|to| *high <= to)
            }
            _ => false,
        }
    }

    /// As a cell of a table writes it.
    fn written(&self) -> String {
        match self {
            Self::Value(Const::Absent) => "()".to_owned(),
            Self::Value(Const::Bool(value)) => value.to_string(),
            Self::Value(Const::Text(text)) => format!("\"{text}\""),
            Self::Value(Const::Int(number)) => number.to_string(),
            Self::Value(Const::Decimal(number)) => number.to_string(),
            Self::Value(Const::Date(date)) => date.to_string(),
            Self::Stretch(from, to) if from == to => from.to_string(),
            Self::Stretch(i64::MIN, i64::MAX) | Self::Rest { .. } => "any".to_owned(),
            Self::Stretch(i64::MIN, to) => format!("{{ to: {to} }}"),
            Self::Stretch(from, i64::MAX) => format!("{{ from: {from} }}"),
            Self::Stretch(from, to) => format!("{{ from: {from}, to: {to} }}"),
        }
    }
}

/// A search through the cases: which rows are asked, and where it may look.
struct Search<'s> {
    rows: &'s [TableRow],
    parts: &'s [Vec<Part>],
    /// Only cases that this row takes.
    within: Option<&'s TableRow>,
    listed_only: bool,
    left: usize,
}

impl Search<'_> {
    /// A case that none of `rows` takes: the parts of the inputs from `column` on. An error: there are too many to look at.
    fn untaken(&mut self, rows: &[usize], column: usize) -> Result<Option<Vec<Part>>, ()> {
        self.left = self.left.checked_sub(1).ok_or(())?;
        let open = |row: &&usize| self.rows[**row].cells[column..].iter().all(|cell| *cell == TableCell::Any);
        if rows.iter().any(|row| open(&row)) {
            return Ok(None);
        }
        if rows.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let Some(parts) = self.parts.get(column) else { return Ok(Some(Vec::new())) };
        for part in parts {
            let outside = self.within.is_some_and(|row| !part.is_taken(&row.cells[column]));
            if outside || (self.listed_only && *part == (Part::Rest { unlisted: true })) {
                continue;
            }
            let fitting: Vec<usize> =
                rows.iter().copied().filter(|row| part.is_taken(&self.rows[*row].cells[column])).collect();
            if let Some(mut rest) = self.untaken(&fitting, column + 1)? {
                rest.insert(0, part.clone());
                return Ok(Some(rest));
            }
        }
        Ok(None)
    }
}

impl Cover<'_, '_> {
    /// Reports what is wrong. Whether some row is taken whatever the inputs are.
    pub fn check(&self, rows_place: &Place, problems: &mut Vec<Problem>) -> bool {
        let parts: Vec<Vec<Part>> = (0..self.inputs.len()).map(|column| self.parts(column)).collect();
        let search = |rows: &[usize], within, listed_only| {
            Search { rows: self.rows, parts: &parts, within, listed_only, left: MOST_CASES }.untaken(rows, 0)
        };
        let all: Vec<usize> = (0..self.rows.len()).collect();
        let mut wrong = false;
        for (at, row) in self.rows.iter().enumerate().skip(1) {
            if search(&all[..at], Some(row), false) == Ok(None) {
                wrong = true;
                let same = self.rows[..at].iter().position(|other| other.cells == row.cells);
                let mut problem =
                    Problem::new(code::ROW_NEVER_MATCHES, "the rows above take everything that this row would")
                        .at(self.row_place(at));
                if let Some(same) = same {
                    problem = problem.and_at(self.row_place(same), "this row takes the same");
                }
                problems.push(problem.help("move it above the row that takes its cases, or take it out"));
            }
        }
        wrong |= self.check_ranges(problems);
        if !wrong && let Ok(Some(case)) = search(&all, None, true) {
            let mut cells: Vec<String> = case.iter().map(Part::written).collect();
            cells.resize(self.inputs.len(), "any".to_owned());
            let case = cells.join(", ");
            problems.push(
                Problem::new(code::CASE_NOT_COVERED, format!("no row says what holds for ({case})"))
                    .at(rows_place.clone())
                    .help(format!("add a row for it: `[{case}, ()]` says that nothing is meant")),
            );
            wrong = true;
        }
        wrong || search(&all, None, false) == Ok(None)
    }

    fn row_place(&self, row: usize) -> Place {
        let place = &self.places[row][0];
        Place::new(place.file.clone(), self.rows[row].at.line, self.rows[row].at.column, 1)
    }

    /// Two rows of which each takes numbers that the other does not, and both take some, with different results.
    fn check_ranges(&self, problems: &mut Vec<Problem>) -> bool {
        let bounds = |cell: &TableCell| match cell {
            TableCell::Range(from, to) => Some((from.unwrap_or(i64::MIN), to.unwrap_or(i64::MAX))),
            _ => None,
        };
        let mut wrong = false;
        for (later, row) in self.rows.iter().enumerate() {
            for (earlier, other) in self.rows[..later].iter().enumerate() {
                let meets = row.cells.iter().zip(&other.cells).all(|(a, b)| overlap(a, b));
                if row.result == other.result || !meets {
                    continue;
                }
                let crossing = row.cells.iter().zip(&other.cells).position(|(a, b)| match (bounds(a), bounds(b)) {
                    (Some((a, z)), Some((b, y))) => (a < b && z < y) || (b < a && y < z),
                    _ => false,
                });
                if let Some(column) = crossing {
                    wrong = true;
                    problems.push(
                        Problem::new(code::OVERLAPPING_RANGES, "this range overlaps another with another result")
                            .at(self.places[later][column].clone())
                            .and_at(self.places[earlier][column].clone(), "the other range, whose row counts for both")
                            .help("let one range start where the other has ended"),
                    );
                }
            }
        }
        wrong
    }

    fn parts(&self, column: usize) -> Vec<Part> {
        let input = &self.inputs[column];
        let cells = || self.rows.iter().map(|row| &row.cells[column]);
        let named = || {
            let constants = cells().flat_map(|cell| match cell {
                TableCell::OneOf(values) => &values[..],
                _ => &[],
            });
            constants.filter(|constant| **constant != Const::Absent)
        };
        let mut parts: Vec<Part> = Vec::new();
        match input.ty.kind {
            Kind::Bool => parts.extend([true, false].map(|value| Part::Value(Const::Bool(value)))),
            Kind::Int => {
                let mut starts = vec![i64::MIN];
                for cell in cells() {
                    match cell {
                        TableCell::Any => {}
                        TableCell::OneOf(values) => {
                            for value in values {
                                if let Const::Int(number) = value {
                                    starts.extend([Some(*number), number.checked_add(1)].into_iter().flatten());
                                }
                            }
                        }
                        TableCell::Range(from, to) => {
                            starts.extend(from.iter().chain(to.and_then(|to| to.checked_add(1)).iter()));
                        }
                    }
                }
                starts.sort_unstable();
                starts.dedup();
                for (at, start) in starts.iter().enumerate() {
                    parts.push(Part::Stretch(*start, starts.get(at + 1).map_or(i64::MAX, |next| next - 1)));
                }
            }
            Kind::Nothing => {}
            _ => {
                let codes = self.context.codes_of(input, &[]).filter(|codes| !codes.of.is_empty());
                match codes {
                    Some(codes) => {
                        parts.extend(codes.codes.iter().map(|code| Part::Value(Const::Text(code.clone()))));
                        if !codes.closed {
                            parts.push(Part::Rest { unlisted: true });
                        }
                    }
                    None => {
                        for value in named() {
                            let part = Part::Value(value.clone());
                            if !parts.contains(&part) {
                                parts.push(part);
                            }
                        }
                        parts.push(Part::Rest { unlisted: false });
                    }
                }
            }
        }
        if input.ty.optional {
            parts.push(Part::Value(Const::Absent));
        }
        parts
    }
}

/// Whether some value is taken by both cells.
fn overlap(a: &TableCell, b: &TableCell) -> bool {
    let within = |number: &Const, from: &Option<i64>, to: &Option<i64>| {
        matches!(number, Const::Int(number)
            if from.is_none_or(|from| from <= *number) && to.is_none_or(|to| *number <= to))
    };
    match (a, b) {
        (TableCell::Any, _) | (_, TableCell::Any) => true,
        (TableCell::OneOf(a), TableCell::OneOf(b)) => a.iter().any(|value| b.contains(value)),
        (TableCell::OneOf(values), TableCell::Range(from, to))
        | (TableCell::Range(from, to), TableCell::OneOf(values)) => values.iter().any(|value| within(value, from, to)),
        (TableCell::Range(from, to), TableCell::Range(other_from, other_to)) => {
            from.unwrap_or(i64::MIN).max(other_from.unwrap_or(i64::MIN))
                <= to.unwrap_or(i64::MAX).min(other_to.unwrap_or(i64::MAX))
        }
    }
}
