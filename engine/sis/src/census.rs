//! What is known of a whole table after one scan, whichever rows were wanted: its keys, and what occurs twice in it.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use graph::Cell;

use crate::key_set::KeySet;

/// The keys of a table.
#[derive(Default)]
pub(crate) struct Keys {
    pub all: KeySet,
    pub twice: HashSet<i64>,
}

impl Keys {
    pub(crate) fn add(&mut self, key: i64) {
        if !self.all.insert(key) {
            self.twice.insert(key);
        }
    }
}

/// The values of a column in which no two rows may agree. They are known by 128 bits, which no two different ones share.
pub(crate) struct Values {
    all: HashSet<u128>,
    twice: HashSet<u128>,
    hasher: Fingerprint,
}

impl Values {
    pub(crate) fn new(hasher: &Fingerprint) -> Self {
        Self { all: HashSet::new(), twice: HashSet::new(), hasher: hasher.clone() }
    }

    pub(crate) fn add(&mut self, cell: &Cell<'_>) {
        if let Some(print) = self.hasher.of(cell)
            && !self.all.insert(print)
        {
            self.twice.insert(print);
        }
    }

    /// Frees what only counting needed.
    pub(crate) fn close(&mut self) {
        self.all = HashSet::new();
    }

    /// Whether any value occurs twice.
    pub(crate) fn any_twice(&self) -> bool {
        !self.twice.is_empty()
    }

    /// Whether this value occurs twice.
    pub(crate) fn is_twice(&self, cell: &Cell<'_>) -> bool {
        self.hasher.of(cell).is_some_and(|print| self.twice.contains(&print))
    }
}

/// Makes 128 bits of a value. A GUID is its own digits, so that neither case nor dashes matter.
#[derive(Clone)]
pub(crate) struct Fingerprint(Arc<[RandomState; 2]>);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(Arc::new([RandomState::new(), RandomState::new()]))
    }
}

impl Fingerprint {
    fn of(&self, cell: &Cell<'_>) -> Option<u128> {
        match cell {
            Cell::Absent | Cell::Bad => None,
            Cell::Text(text) => Some(guid(text).unwrap_or_else(|| self.hash(text))),
            other => Some(self.hash(&format!("{other:?}"))),
        }
    }

    fn hash(&self, text: &str) -> u128 {
        u128::from(self.0[0].hash_one(text)) << 64 | u128::from(self.0[1].hash_one(text))
    }
}

/// The digits of a GUID, written in any case, with or without dashes and braces.
pub(crate) fn guid(text: &str) -> Option<u128> {
    let (mut digits, mut number) = (0, 0_u128);
    for byte in text.trim_matches([' ', '{', '}']).bytes() {
        if byte == b'-' {
            continue;
        }
        number = number << 4 | u128::from(char::from(byte).to_digit(16)?);
        digits += 1;
        if digits > 32 {
            return None;
        }
    }
    (digits == 32).then_some(number)
}

/// What is known of every table scanned so far. Several entities may read one table; it is counted once.
#[derive(Default)]
pub(crate) struct Census {
    keys: HashMap<[String; 2], Arc<Keys>>,
    values: HashMap<[String; 2], Arc<Values>>,
    pub fingerprint: Fingerprint,
}

impl Census {
    /// The keys of a table, if its column was counted.
    pub(crate) fn keys(&self, table: &str, column: &str) -> Option<Arc<Keys>> {
        self.keys.get(&name(table, column)).cloned()
    }

    /// The values of a column, if it was counted.
    pub(crate) fn values(&self, table: &str, column: &str) -> Option<Arc<Values>> {
        self.values.get(&name(table, column)).cloned()
    }

    pub(crate) fn keep_keys(&mut self, table: &str, column: &str, keys: Keys) -> Arc<Keys> {
        let keys = Arc::new(keys);
        self.keys.insert(name(table, column), Arc::clone(&keys));
        keys
    }

    pub(crate) fn keep_values(&mut self, table: &str, column: &str, mut values: Values) -> Arc<Values> {
        values.close();
        let values = Arc::new(values);
        self.values.insert(name(table, column), Arc::clone(&values));
        values
    }
}

fn name(table: &str, column: &str) -> [String; 2] {
    [table.to_owned(), column.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_case_nor_dashes_of_a_guid_matter() {
        let mut values = Values::new(&Fingerprint::default());
        values.add(&Cell::Text("0B1C2D3E-0000-1000-8000-00000000000A"));
        values.add(&Cell::Text("not a guid"));
        values.add(&Cell::Absent);
        values.add(&Cell::Absent);
        assert!(!values.any_twice());
        values.add(&Cell::Text("0b1c2d3e00001000800000000000000a"));
        assert!(values.is_twice(&Cell::Text("0b1c2d3e00001000800000000000000A")));
        assert!(!values.is_twice(&Cell::Text("not a guid")));
        values.add(&Cell::Text("not a guid"));
        assert!(values.is_twice(&Cell::Text("not a guid")));
        assert!(!values.is_twice(&Cell::Text("not a GUID")));
    }

    #[test]
    fn a_guid_has_32_digits() {
        assert_eq!(guid("{00000000-0000-0000-0000-0000000000ff}"), Some(255));
        assert_eq!(guid("ff"), None);
        assert_eq!(guid(&"f".repeat(33)), None);
        assert_eq!(guid(&"g".repeat(32)), None);
    }
}
