//! Takes the generator's rows, brings them into the schema's columns, numbers and counts them, and hands them to the output.

use problem::Problem;

use crate::layout::Layout;
use crate::output::Output;
use crate::tables::{KNOWN, Row};
use crate::value::Value;
use crate::{Summary, TableSummary};

/// The way out for rows.
pub(crate) struct Out {
    layout: Layout,
    output: Box<dyn Output>,
    /// For each table of [`KNOWN`]: the last key that was given out.
    keys: Vec<i64>,
    /// For each table of [`KNOWN`]: how many rows were written.
    rows: Vec<u64>,
    /// The first problem. After it nothing more is written, so the generator need not look after every row.
    problem: Option<Problem>,
}

impl Out {
    pub(crate) fn new(layout: Layout, output: Box<dyn Output>) -> Self {
        Self { layout, output, keys: vec![0; KNOWN.len()], rows: vec![0; KNOWN.len()], problem: None }
    }

    /// The next key of the table.
    pub(crate) fn key<R: Row>(&mut self) -> i64 {
        self.keys[R::TABLE] += 1;
        self.keys[R::TABLE]
    }

    /// Writes a row.
    pub(crate) fn row<R: Row>(&mut self, row: &R) {
        let Some(place) = self.layout.places[R::TABLE] else { return };
        if self.problem.is_some() {
            return;
        }
        self.rows[R::TABLE] += 1;
        let table = &self.layout.tables[place];
        let (output, problem) = (&mut self.output, &mut self.problem);
        row.give(|values| {
            let mut cells = table.columns.iter().map(|column| column.from.map_or(Value::Null, |at| values[at]));
            if let Err(wrong) = output.row(place, &mut cells) {
                *problem = Some(wrong);
            }
        });
    }

    /// Whether everything so far was written.
    pub(crate) fn check(&mut self) -> Result<(), Problem> {
        self.problem.take().map_or(Ok(()), Err)
    }

    /// Completes the output.
    pub(crate) fn finish(mut self) -> Result<Summary, Problem> {
        self.check()?;
        self.output.finish()?;
        let tables = self.layout.tables.iter().enumerate().map(|(at, table)| TableSummary {
            table: table.name.clone(),
            rows: self.layout.places.iter().position(|place| *place == Some(at)).map_or(0, |known| self.rows[known]),
        });
        Ok(Summary { tables: tables.collect() })
    }
}
