//! Which rows of the source changed.

use std::sync::Arc;

/// A row that was added, changed or deleted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowChange {
    /// The table.
    pub table: Arc<str>,
    /// The row's key; none: any row of the table may have changed.
    pub key: Option<i64>,
    /// By which keys others find the row or found it before: a column, and what stands or stood in it.
    pub found_by: Vec<(Arc<str>, Option<i64>)>,
}

impl RowChange {
    /// Any row of a table may have changed.
    #[must_use]
    pub fn of_table(table: &str) -> Self {
        Self { table: Arc::from(table), key: None, found_by: Vec::new() }
    }
}
