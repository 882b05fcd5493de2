//! Which rows changed, found without the source's help: sums over its rows are kept, and compared with what it holds now.
//!
//! Rows go into buckets by their keys. A table keeps one sum for each bucket, and each bucket the sums of its rows: so a table is read once
//! where nothing changed, twice where something did, and of what is kept only the buckets that differ are read and written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use problem::Problem;
use serde::{Deserialize, Serialize};
use sis::{Source, WatchedRow, WatchedTable};
use store::StoreFault;

use super::changes::RowChange;
use super::compact::{Packer, Unpacker};
use super::fault::EventFault;
use super::shelf::{Entry, SOURCE_ROWS, Shelf};
use super::units::Summer;

/// About how many rows share a bucket.
const ROWS_PER_BUCKET: u64 = 512;
/// The most buckets of a table.
const MOST_BUCKETS: u64 = 1 << 16;

/// What is kept of a table.
#[derive(Serialize, Deserialize, Default, PartialEq)]
struct Known {
    /// Tells which columns the sums are over.
    columns: u64,
    buckets: u64,
    rows: u64,
    /// The sum of each bucket, packed.
    sums: String,
    /// Sums of the values that several rows have where each should have its own.
    twice: BTreeSet<u64>,
}

/// A row of a bucket: its key, its sum, and what others find it by.
type Kept = (i64, u64, Vec<Option<i64>>);

/// What a look at the source has found.
#[derive(Default)]
pub(super) struct Look {
    /// The rows that changed.
    pub changes: Vec<RowChange>,
    /// Whether some table was looked at for the first time.
    pub first: bool,
    /// What is to be written when what follows from the changes is written.
    pub settle: Vec<Entry>,
}

/// Looks at all rows of these tables. Of those that are `shared`, where a row concerns many, it is found by column what is another.
pub(super) fn look(
    source: &Source,
    tables: &[WatchedTable],
    shared: &BTreeSet<String>,
    secret: &[u8],
    shelf: &dyn Shelf,
) -> Result<Look, EventFault> {
    let mut look = Look::default();
    for table in tables {
        let mut whole = Look::default();
        Table { source, table, secret, shelf, column: None }.look(&mut whole)?;
        look.first |= whole.first;
        let is_other = !whole.settle.is_empty();
        look.settle.append(&mut whole.settle);
        if !shared.contains(&table.table) {
            look.changes.append(&mut whole.changes);
            continue;
        }
        if is_other {
            for column in BTreeSet::from_iter([&table.key].into_iter().chain(&table.columns).chain(&table.unique)) {
                let only = |columns: &[String]| columns.iter().filter(|own| *own == column).cloned().collect();
                let part = WatchedTable {
                    columns: vec![column.clone()],
                    unique: only(&table.unique),
                    found_by: table.found_by.clone(),
                    table: table.table.clone(),
                    key: table.key.clone(),
                };
                Table { source, table: &part, secret, shelf, column: Some(column) }.look(&mut look)?;
            }
        }
    }
    Ok(look)
}

/// Looks only for values that several rows have, or had: a change feed tells of one of them.
pub(super) fn look_for_twice(
    source: &Source,
    tables: &[WatchedTable],
    secret: &[u8],
    shelf: &dyn Shelf,
) -> Result<Look, EventFault> {
    let mut look = Look::default();
    for table in tables.iter().filter(|table| !table.unique.is_empty()) {
        Table { source, table, secret, shelf, column: None }.look_for_twice(&mut look)?;
    }
    Ok(look)
}

struct Table<'t> {
    source: &'t Source,
    table: &'t WatchedTable,
    secret: &'t [u8],
    shelf: &'t dyn Shelf,
    /// The column that is looked at by itself.
    column: Option<&'t str>,
}

/// The values that occur more than once.
#[derive(Default)]
struct Values(Vec<u64>);

impl Values {
    fn twice(mut self) -> BTreeSet<u64> {
        self.0.sort_unstable();
        self.0.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect()
    }
}

impl Table<'_> {
    fn watch(&self, each: &mut dyn FnMut(i64, WatchedRow<'_>)) -> Result<(), Problem> {
        // A row without a key is nobody's.
        sis::watch(self.source, self.table, self.secret, &mut |row| {
            if let Some(key) = row.key {
                each(key, row);
            }
        })
    }

    /// The columns, as a number.
    fn columns(&self) -> u64 {
        let all = [&self.table.columns, &self.table.found_by, &self.table.unique];
        let text: Vec<String> = all.iter().map(|names| names.join("\u{1f}")).collect();
        Summer::new(&[]).of(text.join("\u{1e}").as_bytes())
    }

    fn key(&self, what: &str) -> String {
        // One table may be read by two keys.
        let column = self.column.map_or_else(String::new, |column| format!("/{column}"));
        format!("{what}/{}/{}{column}", self.table.table, self.table.key)
    }

    fn bucket_key(&self, bucket: u64) -> String {
        format!("{}/{bucket:05}", self.key("bucket"))
    }

    fn known(&self, what: &str) -> Result<Option<Known>, EventFault> {
        let Some(text) = self.shelf.get(SOURCE_ROWS, &self.key(what))? else { return Ok(None) };
        Ok(serde_json::from_str(&text).ok())
    }

    fn put(&self, what: &str, known: &Known) -> Result<Entry, EventFault> {
        let text = serde_json::to_string(known).map_err(|_| StoreFault::Damaged("sums of rows".to_owned()))?;
        Ok(Entry::Put(SOURCE_ROWS, self.key(what), text))
    }

    fn change(&self, key: i64, found_by: &[Option<i64>]) -> RowChange {
        let columns = self.table.found_by.iter().map(|column| Arc::<str>::from(column.as_str()));
        RowChange {
            table: Arc::from(self.table.table.as_str()),
            key: Some(key),
            found_by: columns.zip(found_by.iter().copied()).collect(),
            column: self.column.map(Arc::from),
        }
    }

    fn look(&self, look: &mut Look) -> Result<(), EventFault> {
        let kept = self.known("table")?;
        let old_buckets = kept.as_ref().map_or(0, |known| known.buckets);
        let before = kept.filter(|known| known.columns == self.columns() && known.buckets.is_power_of_two());
        let mut buckets = before.as_ref().map_or(1, |known| known.buckets);
        let (mut sums, mut values, rows) = self.sums(buckets)?;
        let is_too_full = rows / buckets > 4 * ROWS_PER_BUCKET && buckets < MOST_BUCKETS;
        let fresh = before.is_none();
        let old_sums = before.as_ref().and_then(|known| unpack_sums(&known.sums, known.buckets)).unwrap_or_default();
        let old_twice = before.map(|known| known.twice).unwrap_or_default();
        let twice = std::mem::take(&mut values).twice();
        let differs: BTreeSet<u64> = (0_u64..)
            .zip(&sums)
            .filter(|(bucket, sum)| fresh || old_sums.get(usize::try_from(*bucket).unwrap_or(usize::MAX)) != Some(*sum))
            .map(|(bucket, _)| bucket)
            .collect();
        if differs.is_empty() && twice == old_twice {
            return Ok(());
        }
        look.first |= fresh;
        let other: BTreeSet<u64> = twice.symmetric_difference(&old_twice).copied().collect();
        let mut now: BTreeMap<u64, Vec<Kept>> = differs.iter().map(|bucket| (*bucket, Vec::new())).collect();
        self.watch(&mut |key, row| {
            if let Some(rows) = now.get_mut(&bucket_of(key, buckets)) {
                rows.push((key, row.sum, row.found_by.to_vec()));
            }
            if row.unique.iter().flatten().any(|value| other.contains(value)) {
                look.changes.push(self.change(key, row.found_by));
            }
        })?;
        for (bucket, rows) in &mut now {
            rows.sort_unstable();
            if !fresh {
                let old = self.bucket(*bucket)?;
                self.differences(&old, rows, &mut look.changes);
            }
        }
        if fresh || is_too_full {
            // All rows are at hand, or become so: the buckets can be made anew.
            buckets = (rows / ROWS_PER_BUCKET).next_power_of_two().clamp(1, MOST_BUCKETS);
            let mut all: BTreeMap<u64, Vec<Kept>> = BTreeMap::new();
            if fresh {
                let rows = now.into_values().flatten();
                rows.for_each(|row| all.entry(bucket_of(row.0, buckets)).or_default().push(row));
            } else {
                self.watch(&mut |key, row| {
                    let kept = (key, row.sum, row.found_by.to_vec());
                    all.entry(bucket_of(key, buckets)).or_default().push(kept);
                })?;
            }
            all.values_mut().for_each(|rows| rows.sort_unstable());
            sums = vec![0; usize::try_from(buckets).unwrap_or(1)];
            for (key, sum, _) in all.values().flatten() {
                add(&mut sums, *key, *sum);
            }
            // What is kept under the numbers of the old buckets goes.
            for bucket in 0..old_buckets {
                all.entry(bucket).or_default();
            }
            now = all;
        }
        for (bucket, rows) in &now {
            look.settle.push(match rows.is_empty() {
                true => Entry::Delete(SOURCE_ROWS, self.bucket_key(*bucket)),
                false => Entry::Put(SOURCE_ROWS, self.bucket_key(*bucket), pack(rows)),
            });
        }
        let known = Known { columns: self.columns(), buckets, rows, sums: pack_sums(&sums), twice };
        look.settle.push(self.put("table", &known)?);
        Ok(())
    }

    fn look_for_twice(&self, look: &mut Look) -> Result<(), EventFault> {
        let old = self.known("twice")?.map(|known| known.twice).unwrap_or_default();
        let (_, values, _) = self.sums(1)?;
        let twice = values.twice();
        if twice == old {
            return Ok(());
        }
        let other: BTreeSet<u64> = twice.symmetric_difference(&old).copied().collect();
        self.watch(&mut |key, row| {
            if row.unique.iter().flatten().any(|value| other.contains(value)) {
                look.changes.push(self.change(key, row.found_by));
            }
        })?;
        look.settle.push(self.put("twice", &Known { twice, ..Known::default() })?);
        Ok(())
    }

    /// The sum of each bucket, the values that should be different, and how many rows there are.
    fn sums(&self, buckets: u64) -> Result<(Vec<u64>, Values, u64), EventFault> {
        let mut sums = vec![0; usize::try_from(buckets).unwrap_or(1)];
        let mut values = Values::default();
        let mut rows = 0;
        self.watch(&mut |key, row| {
            rows += 1;
            add(&mut sums, key, row.sum);
            values.0.extend(row.unique.iter().flatten());
        })?;
        Ok((sums, values, rows))
    }

    fn bucket(&self, bucket: u64) -> Result<Vec<Kept>, EventFault> {
        let Some(text) = self.shelf.get(SOURCE_ROWS, &self.bucket_key(bucket))? else { return Ok(Vec::new()) };
        let damaged = || StoreFault::Damaged(format!("sums of rows of table {}", self.table.table));
        unpack(&text, self.table.found_by.len()).ok_or_else(|| damaged().into())
    }

    /// The rows that are in one of two sorted lists only.
    fn differences(&self, old: &[Kept], now: &[Kept], changes: &mut Vec<RowChange>) {
        let (mut left, mut right) = (old.iter().peekable(), now.iter().peekable());
        loop {
            let order = match (left.peek(), right.peek()) {
                (None, None) => return,
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some(old), Some(now)) => old.cmp(now),
            };
            let row = match order {
                std::cmp::Ordering::Less => left.next(),
                std::cmp::Ordering::Greater => right.next(),
                std::cmp::Ordering::Equal => {
                    left.next();
                    right.next();
                    None
                }
            };
            if let Some((key, _, found_by)) = row {
                changes.push(self.change(*key, found_by));
            }
        }
    }
}

/// Spreads the bits of a number over all of it.
const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// `buckets` is a power of two.
const fn bucket_of(key: i64, buckets: u64) -> u64 {
    mix(key.cast_unsigned()) & (buckets - 1)
}

fn add(sums: &mut [u64], key: i64, sum: u64) {
    let bucket = bucket_of(key, sums.len() as u64);
    if let Some(total) = sums.get_mut(usize::try_from(bucket).unwrap_or(usize::MAX)) {
        *total = total.wrapping_add(mix(sum));
    }
}

fn pack_sums(sums: &[u64]) -> String {
    let mut packer = Packer::default();
    sums.iter().for_each(|sum| packer.sum(*sum));
    packer.finish()
}

fn unpack_sums(text: &str, buckets: u64) -> Option<Vec<u64>> {
    let mut unpacker = Unpacker::new(text)?;
    (0..buckets).map(|_| unpacker.sum()).collect()
}

fn pack(rows: &[Kept]) -> String {
    let mut packer = Packer::default();
    for (key, sum, found_by) in rows {
        packer.signed(*key);
        packer.sum(*sum);
        for value in found_by {
            packer.number(u64::from(value.is_some()));
            value.iter().for_each(|value| packer.signed(*value));
        }
    }
    packer.finish()
}

fn unpack(text: &str, found_by: usize) -> Option<Vec<Kept>> {
    let mut unpacker = Unpacker::new(text)?;
    let mut rows = Vec::new();
    while !unpacker.is_done() {
        let (key, sum) = (unpacker.signed()?, unpacker.sum()?);
        let mut values = Vec::with_capacity(found_by);
        for _ in 0..found_by {
            values.push(if unpacker.number()? == 1 { Some(unpacker.signed()?) } else { None });
        }
        rows.push((key, sum, values));
    }
    Some(rows)
}
