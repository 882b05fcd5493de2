//! Which rows of the source changed.

use std::collections::BTreeSet;
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
    /// The column that holds another value than before; none: any may.
    pub column: Option<Arc<str>>,
}

impl RowChange {
    /// Any row of a table may have changed.
    #[must_use]
    pub fn of_table(table: &str) -> Self {
        Self { table: Arc::from(table), key: None, found_by: Vec::new(), column: None }
    }
}

/// How many rows these changes are of: a row may be among them by several columns.
pub(super) fn rows(changes: &[RowChange]) -> usize {
    let by_column = changes.iter().filter(|change| change.column.is_some());
    let rows: BTreeSet<_> = by_column.clone().map(|change| (&change.table, change.key, &change.found_by)).collect();
    changes.len() - by_column.count() + rows.len()
}
