//! The rows of one entity, in columns.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use rust_decimal::Decimal;

use crate::cell::Cell;
use crate::schema::{Entity, EntityId, FieldId, FieldType, ReadSet, Schema};

const NO_INT: i64 = i64::MIN;
const NO_TEXT: (u32, u32) = (u32::MAX, 0);

/// One column. Absent values have a mark that no value has, so that a column costs what its values cost.
#[derive(Debug, Clone)]
enum Column {
    /// The plan does not read the field.
    NotLoaded,
    Int(Vec<i64>),
    Bool(Vec<u8>),
    /// Scaled integers: mantissa and scale.
    Decimal(Vec<(i64, u8)>),
    Date(Vec<Option<NaiveDate>>),
    Time(Vec<Option<NaiveTime>>),
    DateTime(Vec<Option<NaiveDateTime>>),
    /// Start and length in the table's text.
    Text(Vec<(u32, u32)>),
}

impl Column {
    fn new(field_type: &FieldType) -> Self {
        match field_type {
            FieldType::Int => Self::Int(Vec::new()),
            FieldType::Bool => Self::Bool(Vec::new()),
            FieldType::Decimal => Self::Decimal(Vec::new()),
            FieldType::Date => Self::Date(Vec::new()),
            FieldType::Time => Self::Time(Vec::new()),
            FieldType::DateTime => Self::DateTime(Vec::new()),
            FieldType::Text | FieldType::Code(_) => Self::Text(Vec::new()),
        }
    }

    fn reorder(&mut self, order: &[u32]) {
        fn pick<T: Copy>(values: &mut Vec<T>, order: &[u32]) {
            *values = order.iter().map(|at| values[*at as usize]).collect();
        }
        match self {
            Self::NotLoaded => {}
            Self::Int(values) => pick(values, order),
            Self::Bool(values) => pick(values, order),
            Self::Decimal(values) => pick(values, order),
            Self::Date(values) => pick(values, order),
            Self::Time(values) => pick(values, order),
            Self::DateTime(values) => pick(values, order),
            Self::Text(values) => pick(values, order),
        }
    }

    fn shrink_to_fit(&mut self) {
        match self {
            Self::NotLoaded => {}
            Self::Int(values) => values.shrink_to_fit(),
            Self::Bool(values) => values.shrink_to_fit(),
            Self::Decimal(values) => values.shrink_to_fit(),
            Self::Date(values) => values.shrink_to_fit(),
            Self::Time(values) => values.shrink_to_fit(),
            Self::DateTime(values) => values.shrink_to_fit(),
            Self::Text(values) => values.shrink_to_fit(),
        }
    }
}

/// The rows of one entity, sorted by key, each key once.
#[derive(Debug, Clone)]
pub struct Table {
    columns: Vec<Column>,
    text: String,
    keys: Vec<i64>,
    /// Cells that hold something that is no value of their column's type; sorted.
    bad: Vec<(u32, FieldId)>,
    /// The same row in the source, for groups: none.
    rows: u32,
}

impl Table {
    /// Gives back the room that was made for more rows.
    pub fn shrink_to_fit(&mut self) {
        self.columns.iter_mut().for_each(Column::shrink_to_fit);
        self.text.shrink_to_fit();
        self.keys.shrink_to_fit();
        self.bad.shrink_to_fit();
    }

    /// How many rows there are.
    #[must_use]
    pub const fn len(&self) -> u32 {
        self.rows
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The key of a row.
    #[must_use]
    pub fn key(&self, row: u32) -> i64 {
        self.keys[row as usize]
    }

    /// The row with this key.
    #[must_use]
    pub fn find(&self, key: i64) -> Option<u32> {
        self.keys.binary_search(&key).ok().and_then(|at| u32::try_from(at).ok())
    }

    /// Whether the field was loaded.
    #[must_use]
    pub fn has(&self, field: FieldId) -> bool {
        !matches!(self.columns[usize::from(field.0)], Column::NotLoaded)
    }

    /// What a row holds in a field. A field that was not loaded is absent everywhere.
    #[must_use]
    #[inline]
    pub fn cell(&self, row: u32, field: FieldId) -> Cell<'_> {
        let at = row as usize;
        let cell = match &self.columns[usize::from(field.0)] {
            Column::NotLoaded => return Cell::Absent,
            Column::Int(values) => match values[at] {
                NO_INT => Cell::Absent,
                number => Cell::Int(number),
            },
            Column::Bool(values) => match values[at] {
                0 => Cell::Bool(false),
                1 => Cell::Bool(true),
                _ => Cell::Absent,
            },
            Column::Decimal(values) => match values[at] {
                (NO_INT, _) => Cell::Absent,
                (mantissa, scale) => Cell::Decimal(Decimal::new(mantissa, u32::from(scale))),
            },
            Column::Date(values) => values[at].map_or(Cell::Absent, Cell::Date),
            Column::Time(values) => values[at].map_or(Cell::Absent, Cell::Time),
            Column::DateTime(values) => values[at].map_or(Cell::Absent, Cell::DateTime),
            Column::Text(values) => match values[at] {
                NO_TEXT => Cell::Absent,
                (start, length) => Cell::Text(&self.text[start as usize..start as usize + length as usize]),
            },
        };
        if cell.is_absent() && !self.bad.is_empty() { self.absent_or_bad(row, field) } else { cell }
    }

    #[cold]
    fn absent_or_bad(&self, row: u32, field: FieldId) -> Cell<'_> {
        if self.bad.binary_search(&(row, field)).is_ok() { Cell::Bad } else { Cell::Absent }
    }
}

/// Collects the rows of one entity.
#[derive(Debug)]
pub struct TableBuilder {
    fields: Vec<FieldId>,
    key: FieldId,
    columns: Vec<Column>,
    interned: Vec<bool>,
    text: String,
    texts: HashMap<String, (u32, u32)>,
    keys: Vec<i64>,
    bad: Vec<(u32, FieldId)>,
    rows: u32,
}

/// More rows or text than one table can hold: four thousand million rows, or four gibibytes of text in one batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableFull;

impl TableBuilder {
    /// A builder for the fields of `entity` that `reads` names. Rows are given in the order of [`TableBuilder::fields`].
    #[must_use]
    pub fn new(schema: &Schema, entity: EntityId, reads: &ReadSet) -> Self {
        let declared: &Entity = &schema[entity];
        let fields: Vec<FieldId> = reads.fields_of(entity).collect();
        let mut columns = vec![Column::NotLoaded; declared.fields.len()];
        for field in &fields {
            columns[usize::from(field.0)] = Column::new(&declared[*field].field_type);
        }
        // Codes repeat, so each is kept once; names and GUIDs do not, so looking for them would only cost.
        let interned = declared.fields.iter().map(|field| matches!(field.field_type, FieldType::Code(_))).collect();
        Self {
            fields,
            key: declared.key,
            columns,
            interned,
            text: String::new(),
            texts: HashMap::new(),
            keys: Vec::new(),
            bad: Vec::new(),
            rows: 0,
        }
    }

    /// The fields of a row, in order.
    #[must_use]
    pub fn fields(&self) -> &[FieldId] {
        &self.fields
    }

    /// How many rows have been given.
    #[must_use]
    pub const fn len(&self) -> u32 {
        self.rows
    }

    /// Whether none has been given.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Adds a row with this key; `cells` are those of [`TableBuilder::fields`], in order. A cell of another type than its
    /// field's is bad.
    ///
    /// # Errors
    /// [`TableFull`] if the table cannot hold another row.
    pub fn push<'c>(&mut self, key: i64, cells: impl IntoIterator<Item = Cell<'c>>) -> Result<(), TableFull> {
        let row = self.rows;
        self.rows = row.checked_add(1).ok_or(TableFull)?;
        self.keys.push(key);
        let mut cells = cells.into_iter();
        for at in 0..self.fields.len() {
            let field = self.fields[at];
            let cell = cells.next().unwrap_or(Cell::Absent);
            self.put(row, field, cell)?;
        }
        Ok(())
    }

    fn put(&mut self, row: u32, field: FieldId, cell: Cell<'_>) -> Result<(), TableFull> {
        let at = usize::from(field.0);
        let text = match cell {
            Cell::Text(text) if matches!(self.columns[at], Column::Text(_)) => Some(self.keep(at, text)?),
            _ => None,
        };
        let good = match (&mut self.columns[at], cell) {
            (Column::NotLoaded, _) => true,
            (Column::Int(values), Cell::Int(number)) => push(values, number),
            (Column::Int(values), other) => push_or(values, NO_INT, other),
            (Column::Bool(values), Cell::Bool(yes)) => push(values, u8::from(yes)),
            (Column::Bool(values), other) => push_or(values, 2, other),
            (Column::Decimal(values), Cell::Decimal(number)) => match i64::try_from(number.mantissa()) {
                Ok(mantissa) => push(values, (mantissa, u8::try_from(number.scale()).unwrap_or(0))),
                Err(_) => push_or(values, (NO_INT, 0), Cell::Bad),
            },
            (Column::Decimal(values), other) => push_or(values, (NO_INT, 0), other),
            (Column::Date(values), Cell::Date(date)) => push(values, Some(date)),
            (Column::Date(values), other) => push_or(values, None, other),
            (Column::Time(values), Cell::Time(time)) => push(values, Some(time)),
            (Column::Time(values), other) => push_or(values, None, other),
            (Column::DateTime(values), Cell::DateTime(time)) => push(values, Some(time)),
            (Column::DateTime(values), other) => push_or(values, None, other),
            (Column::Text(values), other) => match text {
                Some(span) => push(values, span),
                None => push_or(values, NO_TEXT, other),
            },
        };
        if !good {
            self.bad.push((row, field));
        }
        Ok(())
    }

    fn keep(&mut self, column: usize, text: &str) -> Result<(u32, u32), TableFull> {
        if self.interned[column]
            && let Some(span) = self.texts.get(text)
        {
            return Ok(*span);
        }
        let start = u32::try_from(self.text.len()).map_err(|_| TableFull)?;
        let length = u32::try_from(text.len()).map_err(|_| TableFull)?;
        if start.checked_add(length).is_none_or(|end| end == u32::MAX) {
            return Err(TableFull);
        }
        self.text.push_str(text);
        if self.interned[column] {
            self.texts.insert(text.to_owned(), (start, length));
        }
        Ok((start, length))
    }

    /// The table, sorted by key, and the keys that occurred twice. Rows with such a key are left out: nobody can tell which is
    /// meant.
    #[must_use]
    pub fn finish(mut self) -> (Table, Vec<i64>) {
        let mut duplicates = Vec::new();
        let sorted = self.keys.windows(2).all(|pair| pair[0] < pair[1]);
        if !sorted {
            let mut order: Vec<u32> = (0..self.rows).collect();
            order.sort_by_key(|at| self.keys[*at as usize]);
            let mut kept = Vec::with_capacity(order.len());
            for group in order.chunk_by(|a, b| self.keys[*a as usize] == self.keys[*b as usize]) {
                match group {
                    [only] => kept.push(*only),
                    [first, ..] => duplicates.push(self.keys[*first as usize]),
                    [] => {}
                }
            }
            self.keys = kept.iter().map(|at| self.keys[*at as usize]).collect();
            for column in &mut self.columns {
                column.reorder(&kept);
            }
            if !self.bad.is_empty() {
                let mut place = vec![u32::MAX; self.rows as usize];
                for (to, from) in (0_u32..).zip(&kept) {
                    place[*from as usize] = to;
                }
                self.bad = self
                    .bad
                    .iter()
                    .map(|(row, field)| (place[*row as usize], *field))
                    .filter(|(row, _)| *row != u32::MAX)
                    .collect();
            }
            self.rows = u32::try_from(kept.len()).unwrap_or(self.rows);
        }
        self.bad.sort_unstable();
        let table = Table { columns: self.columns, text: self.text, keys: self.keys, bad: self.bad, rows: self.rows };
        (table, duplicates)
    }

    /// The entity's key field.
    #[must_use]
    pub const fn key_field(&self) -> FieldId {
        self.key
    }
}

fn push<T>(values: &mut Vec<T>, value: T) -> bool {
    values.push(value);
    true
}

/// Pushes the mark of absence; says whether the cell really was absent.
fn push_or<T>(values: &mut Vec<T>, mark: T, cell: Cell<'_>) -> bool {
    values.push(mark);
    cell.is_absent()
}
