//! The change feed: a table in which triggers that the owner of a source has installed note which rows changed.

use problem::Problem;

use crate::database::{Cells, Raw, Sink};
use crate::names::resolve;
use crate::source::Source;
use crate::value;

/// The table in which the triggers note changes.
pub const CHANGE_TABLE: &str = "sifter_change";
/// The table that says which columns they watch.
pub const WATCH_TABLE: &str = "sifter_watch";

/// A change that was noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedRow {
    /// Its number.
    pub id: i64,
    /// The table.
    pub table: String,
    /// The key of the row; none: any row of the table may have changed.
    pub key: Option<i64>,
    /// By which keys others find the row, before and after: a column and what stands in it.
    pub found_by: Vec<(String, Option<i64>)>,
}

/// What a feed says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feed {
    /// The changes above the number that was asked for, in ascending order.
    pub changes: Vec<FeedRow>,
    /// The tables and columns that are watched.
    pub watches: Vec<(String, String)>,
}

/// The changes whose number is above `above`. None if the source has no feed.
///
/// # Errors
/// S102 if the source fails.
pub fn feed(source: &Source, above: i64) -> Result<Option<Feed>, Problem> {
    let mut database = source.database();
    let tables = database.tables()?;
    let (Some(changes), Some(watches)) = (resolve(CHANGE_TABLE, &tables), resolve(WATCH_TABLE, &tables)) else {
        return Ok(None);
    };
    let mut feed = Feed::default();
    let columns = ["id", "table_name", "row_key", "found_by"].map(str::to_owned);
    database.scan_above(
        changes,
        &columns,
        "id",
        above,
        &mut Take(|cells: &dyn Cells| {
            if let Some(id) = value::key(cells.cell(0))
                && id > above
            {
                let found_by = text(cells.cell(3));
                let key = value::key(cells.cell(2));
                feed.changes.push(FeedRow { id, table: text(cells.cell(1)), key, found_by: parse(&found_by) });
            }
        }),
    )?;
    let columns = ["table_name", "column_name"].map(str::to_owned);
    database.scan(
        watches,
        &columns,
        &mut Take(|cells: &dyn Cells| feed.watches.push((text(cells.cell(0)), text(cells.cell(1))))),
    )?;
    feed.changes.sort_by_key(|change| change.id);
    Ok(Some(feed))
}

/// `personID=17;sectionID=;` as columns and numbers.
fn parse(text: &str) -> Vec<(String, Option<i64>)> {
    text.split(';')
        .filter_map(|part| part.rsplit_once('='))
        .map(|(column, value)| (column.to_owned(), value.parse().ok()))
        .collect()
}

fn text(cell: Raw<'_>) -> String {
    match cell {
        Raw::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Raw::Int(number) => number.to_string(),
        Raw::Float(_) | Raw::Null => String::new(),
    }
}

struct Take<F>(F);

impl<F: FnMut(&dyn Cells)> Sink for Take<F> {
    fn row(&mut self, cells: &dyn Cells) -> Result<(), Problem> {
        (self.0)(cells);
        Ok(())
    }

    fn malformed(&mut self, _: u64, _: &'static str) {}
}
