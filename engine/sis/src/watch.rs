//! Reads rows in order to notice that they changed: of each its key, a sum over what is read of it, and what others find it by.

use problem::Problem;
use sha2::{Digest, Sha256};

use crate::census::guid;
use crate::database::{Cells, Raw, Sink};
use crate::names::resolve;
use crate::source::Source;
use crate::value;

/// What is watched of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedTable {
    /// The table.
    pub table: String,
    /// The column of its key.
    pub key: String,
    /// The columns that are read, the key's among them.
    pub columns: Vec<String>,
    /// Those that hold keys of other rows, by which these rows are found.
    pub found_by: Vec<String>,
    /// Those in which no two rows may agree: where two do, neither counts.
    pub unique: Vec<String>,
}

/// A row of a watched table.
#[derive(Clone, Copy, Debug)]
pub struct WatchedRow<'r> {
    /// Its key; none if it has none that can be used.
    pub key: Option<i64>,
    /// A sum over the columns that are read. It cannot be guessed at without the secret.
    pub sum: u64,
    /// What stands in the columns of [`WatchedTable::found_by`].
    pub found_by: &'r [Option<i64>],
    /// A sum of what stands in each column of [`WatchedTable::unique`]; none where there is nothing.
    pub unique: &'r [Option<u64>],
}

/// Gives the sums of every row of a table to `each`, in whatever order the source keeps them. A table that a folder lacks has no rows,
/// and a column that the source lacks holds nothing.
///
/// # Errors
/// S102 if the source fails in the middle.
pub fn watch(
    source: &Source,
    watched: &WatchedTable,
    secret: &[u8],
    each: &mut dyn FnMut(WatchedRow<'_>),
) -> Result<(), Problem> {
    let mut database = source.database();
    let Some(table) = resolve(&watched.table, &database.tables()?).cloned() else { return Ok(()) };
    let names = database.columns(&table)?;
    let all = [&watched.key].into_iter().chain(&watched.columns).chain(&watched.found_by).chain(&watched.unique);
    let mut columns: Vec<String> = Vec::new();
    let places: Vec<Option<usize>> = all
        .map(|name| {
            let column = resolve(name, &names)?;
            Some(columns.iter().position(|known| known == column).unwrap_or_else(|| {
                columns.push(column.clone());
                columns.len() - 1
            }))
        })
        .collect();
    let (key, rest) = places.split_first().map_or((None, &[][..]), |(key, rest)| (*key, rest));
    let (read, rest) = rest.split_at(watched.columns.len());
    let (found_by, unique) = rest.split_at(watched.found_by.len());
    let mut rows = Rows { secret, key, read, found_by, unique, each, numbers: Vec::new(), sums: Vec::new() };
    database.scan(&table, &columns, &mut rows)
}

/// The same tables, named as the source spells them. What the source lacks is left out.
///
/// # Errors
/// S102 if the source fails.
pub fn spell(source: &Source, tables: &[WatchedTable]) -> Result<Vec<WatchedTable>, Problem> {
    let mut database = source.database();
    let names = database.tables()?;
    let mut spelled = Vec::new();
    for watched in tables {
        let Some(table) = resolve(&watched.table, &names) else { continue };
        let known = database.columns(table)?;
        let column = |name: &String| resolve(name, &known).cloned();
        let Some(key) = column(&watched.key) else { continue };
        spelled.push(WatchedTable {
            table: table.clone(),
            key,
            columns: watched.columns.iter().filter_map(column).collect(),
            found_by: watched.found_by.iter().filter_map(column).collect(),
            unique: watched.unique.iter().filter_map(column).collect(),
        });
    }
    Ok(spelled)
}

struct Rows<'w> {
    secret: &'w [u8],
    key: Option<usize>,
    read: &'w [Option<usize>],
    found_by: &'w [Option<usize>],
    unique: &'w [Option<usize>],
    each: &'w mut dyn FnMut(WatchedRow<'_>),
    numbers: Vec<Option<i64>>,
    sums: Vec<Option<u64>>,
}

impl Sink for Rows<'_> {
    fn row(&mut self, cells: &dyn Cells) -> Result<(), Problem> {
        let cell = |at: &Option<usize>| at.map_or(Raw::Null, |at| cells.cell(at));
        let mut sum = Sha256::new_with_prefix(self.secret);
        self.read.iter().for_each(|at| add(&mut sum, cell(at)));
        self.numbers.clear();
        self.numbers.extend(self.found_by.iter().map(|at| value::key(cell(at))));
        self.sums.clear();
        self.sums.extend(self.unique.iter().map(|at| sum_of_unique(self.secret, cell(at))));
        let key = value::key(cell(&self.key));
        (self.each)(WatchedRow { key, sum: short(sum), found_by: &self.numbers, unique: &self.sums });
        Ok(())
    }

    // Such a line never becomes a row, so it changes nothing.
    fn malformed(&mut self, _: u64, _: &'static str) {}
}

fn add(sum: &mut Sha256, cell: Raw<'_>) {
    match cell {
        Raw::Null => sum.update([0]),
        Raw::Int(number) => {
            sum.update([1]);
            sum.update(number.to_le_bytes());
        }
        Raw::Float(number) => {
            sum.update([2]);
            sum.update(number.to_le_bytes());
        }
        Raw::Text(bytes) => {
            sum.update([3]);
            sum.update(bytes.len().to_le_bytes());
            sum.update(bytes);
        }
    }
}

/// GUIDs agree whatever their case and dashes, as the loader has it.
fn sum_of_unique(secret: &[u8], cell: Raw<'_>) -> Option<u64> {
    let mut sum = Sha256::new_with_prefix(secret);
    match cell {
        Raw::Null => return None,
        Raw::Text(bytes) => match std::str::from_utf8(bytes).ok().and_then(guid) {
            Some(guid) => sum.update(guid.to_le_bytes()),
            None if bytes.iter().all(u8::is_ascii_whitespace) => return None,
            None => sum.update(bytes),
        },
        Raw::Int(number) => sum.update(number.to_string()),
        Raw::Float(number) => sum.update(number.to_string()),
    }
    Some(short(sum))
}

fn short(sum: Sha256) -> u64 {
    let all = sum.finalize();
    all.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}
