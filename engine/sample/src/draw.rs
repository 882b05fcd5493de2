//! Chance: everything that a district leaves open is drawn here.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::value::Guid;

/// Whose data is drawn. Each has numbers of its own, so one more student changes nothing for the others.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    /// The district's code tables.
    District,
    /// A group of schools.
    Group(u64),
    /// Whether students are siblings.
    Siblings(u64),
    /// A family.
    Family(u64),
    /// A student.
    Student(u64),
}

/// A sequence of drawn numbers.
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    pub(crate) fn new(seed: u64, stream: Stream) -> Self {
        let (kind, number) = match stream {
            Stream::District => (0, 0),
            Stream::Group(number) => (1, number),
            Stream::Family(number) => (2, number),
            Stream::Student(number) => (3, number),
            Stream::Siblings(number) => (4, number),
        };
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(kind << 56 | number);
        Self(generator)
    }

    /// A number from 0 up to, but without, `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        // A multiplication instead of the library's ranges: those may change between its versions.
        ((u64::from(self.0.next_u32()) * limit as u64) >> 32) as usize
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = usize::try_from(high - low + 1).unwrap_or(1);
        low + i64::try_from(self.below(width)).unwrap_or(0)
    }

    /// True in `per_mille` of a thousand draws.
    pub(crate) fn chance(&mut self, per_mille: usize) -> bool {
        self.below(1000) < per_mille
    }

    /// `Some` of what `make` gives, in `per_mille` of a thousand draws.
    pub(crate) fn maybe<T>(&mut self, per_mille: usize, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.chance(per_mille) { Some(make(self)) } else { None }
    }

    /// One of the choices. There must be one.
    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// The index of one of the weights, each as likely as its share.
    pub(crate) fn weighted(&mut self, weights: &[usize]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (at, weight) in weights.iter().enumerate() {
            if left < *weight {
                return at;
            }
            left -= weight;
        }
        0
    }

    /// A GUID with the marks of version 5.
    pub(crate) fn guid(&mut self) -> Guid {
        let drawn = u128::from(self.0.next_u64()) << 64 | u128::from(self.0.next_u64());
        let version = drawn & !(0xf << 76) | 5 << 76;
        Guid(version & !(0b11 << 62) | 0b10 << 62)
    }
}
