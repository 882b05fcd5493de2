//! All rows of a query that has to be held: joined, filtered, ordered.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::join::{NOBODY, Overflow, join};
use super::kept::Kept;
use super::shape::{Shape, group_holds};

/// The query needs more than may be held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TooManyRows {
    /// What is the most.
    pub most: String,
}

/// The instances of a query's objects, as they come.
pub(super) struct Sheet<'q> {
    shape: &'q Shape<'q>,
    instances: Vec<Vec<Kept>>,
    count: usize,
    bytes: usize,
    most: usize,
    most_bytes: usize,
}

/// The rows of a query, in their order.
pub(super) struct Rows<'q> {
    shape: &'q Shape<'q>,
    instances: Vec<Vec<Kept>>,
    rows: Vec<Vec<u32>>,
}

impl<'q> Sheet<'q> {
    pub(super) fn new(shape: &'q Shape<'q>, most: usize, most_bytes: usize) -> Self {
        let instances = shape.objects.iter().map(|_| Vec::new()).collect();
        Self { shape, instances, count: 0, bytes: 0, most, most_bytes }
    }

    /// Adds instances of an object.
    pub(super) fn add(&mut self, object: usize, kept: Vec<Kept>) -> Result<(), TooManyRows> {
        self.count += kept.len();
        self.bytes += kept.iter().map(Kept::size).sum::<usize>();
        if self.count > self.most || self.bytes > self.most_bytes {
            return Err(self.too_many());
        }
        if let Some(instances) = self.instances.get_mut(object) {
            instances.extend(kept);
        }
        Ok(())
    }

    fn too_many(&self) -> TooManyRows {
        TooManyRows { most: format!("{} objects or rows, or {} bytes of them", self.most, self.most_bytes) }
    }

    /// The rows, once all instances are there.
    pub(super) fn rows(mut self) -> Result<Rows<'q>, TooManyRows> {
        for instances in &mut self.instances {
            instances.sort_by_key(|kept| kept.position);
        }
        let objects = self.instances.len();
        let firsts = self.instances.first().map_or(0, Vec::len);
        let mut rows: Vec<Vec<u32>> = (0_u32..)
            .take(firsts)
            .map(|at| {
                let mut row = vec![NOBODY; objects];
                if let Some(first) = row.first_mut() {
                    *first = at;
                }
                row
            })
            .collect();
        for shape in &self.shape.joins {
            rows = join(rows, &self.instances, shape, self.most).map_err(|Overflow| self.too_many())?;
        }
        let mut rows = Rows { shape: self.shape, instances: self.instances, rows };
        rows.filter();
        rows.order();
        rows.distinct();
        Ok(rows)
    }
}

impl Rows<'_> {
    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }

    /// A row as XML.
    pub(super) fn write(&self, row: usize) -> String {
        let cells = self.rows.get(row).map(|row| self.cells(row)).unwrap_or_default();
        format!("<R>{}</R>", cells.concat())
    }

    fn instance(&self, row: &[u32], object: usize) -> Option<&Kept> {
        let at = *row.get(object)?;
        self.instances.get(object)?.get(at as usize)
    }

    fn cells(&self, row: &[u32]) -> Vec<&str> {
        let cell = |(at, object): (usize, usize)| {
            self.instance(row, object).and_then(|kept| kept.cells.get(at)).map_or("<C/>", String::as_str)
        };
        self.shape.columns.iter().map(|column| column.object).enumerate().map(cell).collect()
    }

    fn filter(&mut self) {
        let Some(group) = self.shape.group else { return };
        let rows = std::mem::take(&mut self.rows);
        let holds = |row: &Vec<u32>| {
            group_holds(group, |at| {
                let (object, _) = self.shape.conditions.get(at)?;
                self.instance(row, *object)?.holds.get(at).copied()
            })
        };
        self.rows = rows.into_iter().filter(holds).collect();
    }

    /// Orders the rows; those that are equal stay as they stand, and what is absent comes before everything else.
    fn order(&mut self) {
        let mut rows = std::mem::take(&mut self.rows);
        let value = |row: &[u32], at: usize, object: usize| {
            self.instance(row, object).and_then(|kept| kept.order.get(at)).and_then(Option::as_ref)
        };
        rows.sort_by(|one, other| {
            let by = self.shape.order.iter().enumerate().map(|(at, (side, descending))| {
                let ordering = value(one, at, side.object).cmp(&value(other, at, side.object));
                if *descending { ordering.reverse() } else { ordering }
            });
            by.fold(Ordering::Equal, Ordering::then)
        });
        self.rows = rows;
    }

    fn distinct(&mut self) {
        if !self.shape.distinct {
            return;
        }
        let rows = std::mem::take(&mut self.rows);
        let mut seen: HashSet<Vec<&str>> = HashSet::new();
        let new: Vec<bool> = rows.iter().map(|row| seen.insert(self.cells(row))).collect();
        drop(seen);
        self.rows = rows.into_iter().zip(new).filter(|(_, new)| *new).map(|(row, _)| row).collect();
    }
}
