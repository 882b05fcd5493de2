//! What every kind of source can do: name its tables and columns, and read a table from end to end.

use problem::{Problem, code};

/// A value as the source gives it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Raw<'a> {
    /// Nothing entered.
    Null,
    /// A whole number.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// Bytes that should be UTF-8 text.
    Text(&'a [u8]),
}

/// A row of the source. Its cells are asked for one by one, since most rows of a shard's tables are of no interest after two.
pub(crate) trait Cells {
    /// The cell of the column with this place in the list given to [`Database::scan`].
    fn cell(&self, at: usize) -> Raw<'_>;
}

/// Takes the rows of a table.
pub(crate) trait Sink {
    /// A row.
    fn row(&mut self, cells: &dyn Cells) -> Result<(), Problem>;
    /// A line that is no row.
    fn malformed(&mut self, line: u64, what: &'static str);
}

/// A source that is open for reading.
pub(crate) trait Database: Send {
    /// The names of its tables, as it spells them.
    fn tables(&mut self) -> Result<Vec<String>, Problem>;
    /// The names of a table's columns, as it spells them.
    fn columns(&mut self, table: &str) -> Result<Vec<String>, Problem>;
    /// Gives every row of a table to `sink`, in whatever order it stands.
    fn scan(&mut self, table: &str, columns: &[String], sink: &mut dyn Sink) -> Result<(), Problem>;
    /// The same for those rows whose whole number in `column` is above `above`. A source that cannot choose gives every row: who asks
    /// must look at the number too.
    fn scan_above(
        &mut self,
        table: &str,
        columns: &[String],
        column: &str,
        above: i64,
        sink: &mut dyn Sink,
    ) -> Result<(), Problem> {
        let _ = (column, above);
        self.scan(table, columns, sink)
    }
    /// Whether a table that is not there has no rows, instead of being missing.
    fn absent_table_is_empty(&self) -> bool {
        false
    }
}

/// The problem of a source that failed while `table` was read. `why` must not hold a value of the table.
pub(crate) fn lost(table: &str, why: impl std::fmt::Display) -> Problem {
    let mut problem = Problem::new(code::SOURCE_LOST, format!("reading table `{table}` failed: {why}"));
    problem.subject.table = Some(table.into());
    problem.help("nothing was written; run again when the source can be read")
}
