//! Which students are wanted, and what for.

use std::collections::HashSet;

use graph::EntityId;
use problem::{Problem, code};

/// How many students a batch has when nothing else is asked for: so many that what is known of them stays in a processor's cache from
/// one object to the next.
const STUDENTS_PER_BATCH: usize = 100;

/// Which students are wanted, and how many at a time.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The part of the students to take, from 1, and how many parts there are: those whose key is the part − 1 modulo the number of parts.
    pub shard: Option<(u32, u32)>,
    /// Only the students with these keys.
    pub students: Option<Vec<i64>>,
    /// Students per batch.
    pub batch: usize,
    /// The entities whose rows are mapped. Their tables must be there, even in a folder, whose other files may be missing.
    pub mapped: Vec<EntityId>,
}

impl Default for Selection {
    fn default() -> Self {
        Self { shard: None, students: None, batch: STUDENTS_PER_BATCH, mapped: Vec::new() }
    }
}

impl Selection {
    /// Refuses a shard that cannot be.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        match self.shard {
            Some((part, parts)) if part == 0 || part > parts => {
                let message = format!("there is no shard {part}/{parts}");
                Err(Problem::new(code::NO_SOURCE, message).help("shards are 1/N to N/N"))
            }
            _ => Ok(()),
        }
    }

    /// Students per batch; at least one.
    pub(crate) fn batch_size(&self) -> usize {
        if self.batch == 0 { STUDENTS_PER_BATCH } else { self.batch }
    }

    /// Whether a row with this key belongs to the shard. Each row, and each row without a key, belongs to exactly one.
    pub(crate) fn in_shard(&self, key: Option<i64>) -> bool {
        match self.shard {
            Some((part, parts)) => key.unwrap_or(0).rem_euclid(i64::from(parts.max(1))) + 1 == i64::from(part),
            None => true,
        }
    }

    /// The wanted ones of these keys.
    pub(crate) fn pick(&self, mut keys: Vec<i64>) -> Vec<i64> {
        let named: Option<HashSet<i64>> = self.students.as_ref().map(|students| students.iter().copied().collect());
        keys.retain(|key| self.in_shard(Some(*key)) && named.as_ref().is_none_or(|named| named.contains(key)));
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_partition_all_keys_even_below_zero() {
        for key in (-7..7).map(Some).chain([None]) {
            let owners =
                (1..=3).filter(|part| Selection { shard: Some((*part, 3)), ..Selection::default() }.in_shard(key));
            assert_eq!(owners.count(), 1);
        }
        assert!(Selection { shard: Some((2, 3)), ..Selection::default() }.in_shard(Some(4)));
    }

    #[test]
    fn a_shard_that_cannot_be_is_refused() {
        for shard in [(0, 3), (4, 3), (1, 0)] {
            assert!(Selection { shard: Some(shard), ..Selection::default() }.check().is_err());
        }
        assert!(Selection { shard: Some((3, 3)), ..Selection::default() }.check().is_ok());
    }

    #[test]
    fn named_students_and_shards_both_hold() {
        let selection =
            Selection { shard: Some((1, 2)), students: Some(vec![4, 5, 99]), batch: 0, ..Selection::default() };
        assert_eq!(selection.pick(vec![2, 4, 5]), [4]);
        assert_eq!(selection.batch_size(), STUDENTS_PER_BATCH);
    }
}
