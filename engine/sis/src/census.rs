//! What is known of a whole table after one scan, whichever rows were wanted: its keys, and what occurs twice in it.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::sync::Arc;

use graph::Cell;

use crate::key_set::KeySet;
use crate::spill::Spill;

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
    twice: HashSet<u128>,
    hasher: Fingerprint,
}

impl Values {
    /// Whether any value occurs twice.
    pub(crate) fn any_twice(&self) -> bool {
        !self.twice.is_empty()
    }

    /// Whether this value occurs twice.
    pub(crate) fn is_twice(&self, cell: &Cell<'_>) -> bool {
        self.hasher.of(cell).is_some_and(|print| self.twice.contains(&print))
    }
}

/// Bytes of counted values that stay in memory; more go to a temporary file.
const COUNTED_IN_MEMORY: usize = if cfg!(test) { 1 << 14 } else { 16 << 20 };

/// How many parts values are counted in, one after the other: by their first eight bits.
const PARTS: usize = 256;

/// Counts the values of a column.
pub(crate) struct Counter {
    prints: Spill,
    hasher: Fingerprint,
}

impl Counter {
    pub(crate) fn new(hasher: &Fingerprint) -> Self {
        Self { prints: Spill::new(PARTS, COUNTED_IN_MEMORY), hasher: hasher.clone() }
    }

    /// Counts a value.
    ///
    /// # Errors
    /// If the temporary file fails.
    pub(crate) fn add(&mut self, cell: &Cell<'_>) -> io::Result<()> {
        let Some(print) = self.hasher.of(cell) else { return Ok(()) };
        let bytes = print.to_be_bytes();
        self.prints.add(usize::from(bytes[0]), &bytes)
    }

    /// The values, of which all that is kept is which occur twice.
    ///
    /// # Errors
    /// If the temporary file fails.
    pub(crate) fn close(self) -> io::Result<Values> {
        let parts = self.prints.finish();
        let mut twice = HashSet::new();
        let mut prints: Vec<u128> = Vec::new();
        for part in 0..PARTS {
            prints.clear();
            for (_, block) in parts.of(part) {
                prints.extend(block?.as_chunks::<16>().0.iter().map(|bytes| u128::from_be_bytes(*bytes)));
            }
            prints.sort_unstable();
            twice.extend(prints.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]));
        }
        Ok(Values { twice, hasher: self.hasher })
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

    pub(crate) fn keep_values(&mut self, table: &str, column: &str, values: Values) -> Arc<Values> {
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
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

    use super::*;

    #[test]
    fn neither_case_nor_dashes_of_a_guid_matter() {
        let values = |texts: &[&str]| {
            let mut counter = Counter::new(&Fingerprint::default());
            for text in texts {
                counter.add(&Cell::Text(text)).unwrap();
                counter.add(&Cell::Absent).unwrap();
            }
            counter.close().unwrap()
        };
        let mut texts = vec!["0B1C2D3E-0000-1000-8000-00000000000A", "not a guid"];
        assert!(!values(&texts).any_twice());
        texts.push("0b1c2d3e00001000800000000000000a");
        assert!(values(&texts).is_twice(&Cell::Text("0b1c2d3e00001000800000000000000A")));
        assert!(!values(&texts).is_twice(&Cell::Text("not a guid")));
        texts.push("not a guid");
        assert!(values(&texts).is_twice(&Cell::Text("not a guid")));
        assert!(!values(&texts).is_twice(&Cell::Text("not a GUID")));
    }

    #[test]
    fn what_occurs_twice_is_found_however_many_values_there_are() {
        let mut counter = Counter::new(&Fingerprint::default());
        // More than fits in memory, so that the two may lie in the file or one of them in it.
        for number in (0..5000).chain([3, 4999]) {
            counter.add(&Cell::Int(number)).unwrap();
        }
        let values = counter.close().unwrap();
        let twice: Vec<i64> = (0..5000).filter(|number| values.is_twice(&Cell::Int(*number))).collect();
        assert_eq!(twice, [3, 4999]);
    }

    #[test]
    fn a_guid_has_32_digits() {
        assert_eq!(guid("{00000000-0000-0000-0000-0000000000ff}"), Some(255));
        assert_eq!(guid("ff"), None);
        assert_eq!(guid(&"f".repeat(33)), None);
        assert_eq!(guid(&"g".repeat(32)), None);
    }
}
