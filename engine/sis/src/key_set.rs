//! Sets and maps of keys. Keys are mostly dense, so a set of them costs little more than a bit each.

use std::collections::HashMap;

/// Keys that share all but their lowest nine bits share a block.
type Block = [u64; 8];
const BLOCK_BITS: u32 = 9;

/// A set of keys.
#[derive(Default)]
pub(crate) struct KeySet {
    places: HashMap<i64, usize>,
    blocks: Vec<Block>,
    /// The block that was used last, since keys often come in order.
    last: Option<(i64, usize)>,
}

impl KeySet {
    /// Adds a key; says whether it is new.
    pub(crate) fn insert(&mut self, key: i64) -> bool {
        let number = key >> BLOCK_BITS;
        let place = match self.last {
            Some((last, place)) if last == number => place,
            _ => {
                let blocks = &mut self.blocks;
                let place = *self.places.entry(number).or_insert_with(|| {
                    blocks.push([0; 8]);
                    blocks.len() - 1
                });
                self.last = Some((number, place));
                place
            }
        };
        let (word, bit) = place_in_block(key);
        let word = &mut self.blocks[place][word];
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    /// Whether the key is in the set.
    pub(crate) fn contains(&self, key: i64) -> bool {
        let (word, bit) = place_in_block(key);
        self.places.get(&(key >> BLOCK_BITS)).is_some_and(|place| self.blocks[*place][word] & bit != 0)
    }

    /// Every key, ascending.
    pub(crate) fn sorted(&self) -> Vec<i64> {
        let mut places: Vec<(i64, usize)> = self.places.iter().map(|(number, place)| (*number, *place)).collect();
        places.sort_unstable();
        let mut keys = Vec::new();
        for (number, place) in places {
            for (at, word) in (0_i64..).zip(self.blocks[place]) {
                let mut left = word;
                while left != 0 {
                    keys.push((number << BLOCK_BITS) + at * 64 + i64::from(left.trailing_zeros()));
                    left &= left - 1;
                }
            }
        }
        keys
    }
}

const fn place_in_block(key: i64) -> (usize, u64) {
    let low = key.cast_unsigned() & ((1 << BLOCK_BITS) - 1);
    // Nine bits fit every usize.
    #[allow(clippy::cast_possible_truncation)]
    ((low / 64) as usize, 1 << (low % 64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_is_the_set_of_what_was_put_in(keys in proptest::collection::vec(prop_oneof![-700_i64..700, any::<i64>()], 0..300), other in -700_i64..700) {
            let (mut set, mut want) = (KeySet::default(), BTreeSet::new());
            for key in &keys {
                prop_assert_eq!(set.insert(*key), want.insert(*key));
            }
            prop_assert_eq!(set.contains(other), want.contains(&other));
            prop_assert!(keys.iter().all(|key| set.contains(*key)));
            prop_assert_eq!(set.sorted(), want.into_iter().collect::<Vec<_>>());
        }
    }
}
