//! Facts of the whole population: places among all students, which a first pass over every student finds.
//!
//! Each thread [collects](Collected::collect) the students of one graph after another; what the threads have is
//! [merged](Collected::merge), in any order, and [settled](Collected::settle) once. Of a student no more is kept than a key, a
//! number and a group, and in the end a key with two numbers, for each ranking and school year.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use graph::{Date, Decimal};

use crate::evaluation::Evaluation;

/// Where the whole population is found.
#[derive(Clone, Debug, Default)]
pub enum Everybody {
    /// In the graph itself, which holds every student: that of a fixture, not that of a batch.
    #[default]
    InTheGraph,
    /// A first pass has found the places.
    Known(Arc<Standings>),
}

/// A student's place in a ranking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The place, from 1, and how many are ranked in the group.
    Ranked(u32, u32),
    /// The student is not ranked.
    NotRanked,
    /// What the student is ranked by could not be computed.
    Failed,
}

/// One of the values that those of a group agree in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    Date(Date),
    Text(Box<str>),
}

/// The values that those of a group agree in.
pub(crate) type Group = Box<[Part]>;

/// What a student is ranked by.
pub(crate) type Ranked = (Group, Decimal);

/// A ranking of one school year, by the fact that declares it.
type Which = (i32, usize);

struct Entry {
    key: i64,
    value: Decimal,
    group: u32,
}

/// The students of one ranking, as far as they were seen.
#[derive(Default)]
pub(crate) struct Seen {
    groups: HashMap<Group, u32>,
    entries: Vec<Entry>,
    failed: Vec<i64>,
}

impl Seen {
    /// Adds a student: what the student is ranked by, nothing for who is not ranked, `Err` if it could not be computed.
    pub(crate) fn add(&mut self, key: i64, ranked: Result<Option<Ranked>, ()>) {
        match ranked {
            Ok(Some((group, value))) => {
                let group = self.group(group);
                self.entries.push(Entry { key, value, group });
            }
            Ok(None) => {}
            Err(()) => self.failed.push(key),
        }
    }

    fn group(&mut self, group: Group) -> u32 {
        let next = small(self.groups.len());
        *self.groups.entry(group).or_insert(next)
    }

    fn merge(&mut self, other: Self) {
        let mut numbers = vec![0; other.groups.len()];
        for (group, number) in other.groups {
            numbers[number as usize] = self.group(group);
        }
        let renumbered = |entry: Entry| Entry { group: numbers[entry.group as usize], ..entry };
        self.entries.extend(other.entries.into_iter().map(renumbered));
        self.failed.extend(other.failed);
    }

    pub(crate) fn settle(mut self) -> Places {
        // The highest value of each group first. The key makes it the same order every time, and no more.
        self.entries.sort_unstable_by(|a, b| {
            a.group.cmp(&b.group).then_with(|| b.value.cmp(&a.value)).then_with(|| a.key.cmp(&b.key))
        });
        let mut places = Vec::with_capacity(self.entries.len() + self.failed.len());
        for group in self.entries.chunk_by(|a, b| a.group == b.group) {
            let size = small(group.len());
            let mut rank = 1;
            for (at, entry) in group.iter().enumerate() {
                // Who has the value of the one before shares the place.
                if at > 0 && group[at - 1].value != entry.value {
                    rank = small(at) + 1;
                }
                places.push(Place { key: entry.key, rank, size });
            }
        }
        places.extend(self.failed.into_iter().map(|key| Place { key, rank: FAILED, size: 0 }));
        places.sort_unstable_by_key(|place| place.key);
        Places(places)
    }
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The rank of a student for whom it could not be computed.
const FAILED: u32 = 0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    key: i64,
    rank: u32,
    size: u32,
}

/// The places of one ranking, in the order of the students' keys.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Places(Vec<Place>);

impl Places {
    pub(crate) fn of(&self, key: i64) -> Standing {
        match self.0.binary_search_by_key(&key, |place| place.key).map(|at| self.0[at]) {
            Ok(Place { rank: FAILED, .. }) => Standing::Failed,
            Ok(Place { rank, size, .. }) => Standing::Ranked(rank, size),
            Err(_) => Standing::NotRanked,
        }
    }
}

/// What a thread has seen of the population.
#[derive(Default)]
pub struct Collected {
    seen: BTreeMap<Which, Seen>,
}

impl Collected {
    /// Adds every student of an evaluation's graph, for the ranking that the fact `ranking` declares.
    pub fn collect(&mut self, evaluation: &Evaluation, ranking: usize) {
        let seen = self.seen.entry((evaluation.school_year, ranking)).or_default();
        evaluation.rank_everybody(ranking, seen);
    }

    /// Adds what another thread has seen.
    pub fn merge(&mut self, other: Self) {
        for (which, seen) in other.seen {
            self.seen.entry(which).or_default().merge(seen);
        }
    }

    /// The places, once everybody was seen.
    #[must_use]
    pub fn settle(self) -> Standings {
        Standings { places: self.seen.into_iter().map(|(which, seen)| (which, seen.settle())).collect() }
    }
}

/// The places of all students in every ranking and school year that was collected.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Standings {
    places: BTreeMap<Which, Places>,
}

impl Standings {
    /// The place of the student with this key. None if the ranking was not collected for the year.
    #[must_use]
    pub fn of(&self, school_year: i32, ranking: usize, key: i64) -> Option<Standing> {
        Some(self.places.get(&(school_year, ranking))?.of(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A student of the tests: the group, and the value; none: not ranked.
    type Student = (i64, Option<i64>);

    fn seen(students: &[(i64, Student)]) -> Seen {
        let mut seen = Seen::default();
        for (key, (group, value)) in students {
            let group: Group = Box::from([Part::Int(*group)]);
            seen.add(*key, Ok(value.map(|value| (group, Decimal::new(value, 1)))));
        }
        seen
    }

    fn ranks(places: &Places, keys: std::ops::RangeInclusive<i64>) -> Vec<Option<(u32, u32)>> {
        let rank = |key| match places.of(key) {
            Standing::Ranked(rank, size) => Some((rank, size)),
            _ => None,
        };
        keys.map(rank).collect()
    }

    #[test]
    fn ties_share_the_better_place() {
        let values = [38, 35, 35, 20].map(Some);
        let students: Vec<_> = (1..).zip(values.map(|value| (7, value))).collect();
        let places = seen(&students).settle();
        assert_eq!(ranks(&places, 1..=4), [(1, 4), (2, 4), (2, 4), (4, 4)].map(Some));
    }

    #[test]
    fn who_has_no_value_is_neither_ranked_nor_counted() {
        let places = seen(&[(1, (7, Some(30))), (2, (7, None)), (3, (8, Some(10)))]).settle();
        assert_eq!(ranks(&places, 1..=4), [Some((1, 1)), None, Some((1, 1)), None]);
    }

    #[test]
    fn a_failure_is_not_the_same_as_no_place() {
        let mut seen = seen(&[(1, (7, Some(30)))]);
        seen.add(2, Err(()));
        let places = seen.settle();
        assert_eq!(
            [places.of(1), places.of(2), places.of(3)],
            [Standing::Ranked(1, 1), Standing::Failed, Standing::NotRanked]
        );
    }

    #[test]
    fn equal_numbers_share_a_place_however_they_are_written() {
        let mut seen = Seen::default();
        for (key, value) in [(1, Decimal::new(35, 1)), (2, Decimal::new(3500, 3))] {
            seen.add(key, Ok(Some((Box::from([Part::Decimal(value)]), value))));
        }
        assert_eq!(ranks(&seen.settle(), 1..=2), [Some((1, 2)); 2]);
    }

    #[test]
    fn a_student_takes_few_bytes() {
        assert!(size_of::<Entry>() <= 32 && size_of::<Place>() <= 16);
    }

    fn students() -> impl Strategy<Value = Vec<Student>> {
        prop::collection::vec((0..3_i64, prop::option::weighted(0.8, 0..6_i64)), 0..40)
    }

    proptest! {
        /// The place is one more than the number of those in the group with a higher value; the size is how many have one.
        #[test]
        fn ranks_follow_the_values(students in students()) {
            let keyed: Vec<(i64, Student)> = (1..).zip(students.iter().copied()).collect();
            let places = seen(&keyed).settle();
            for (key, (group, value)) in &keyed {
                let others = || students.iter().filter(|(other, value)| other == group && value.is_some());
                let expected = match value {
                    None => Standing::NotRanked,
                    Some(_) => {
                        let higher = others().filter(|(_, other)| other > value).count();
                        Standing::Ranked(small(higher) + 1, small(others().count()))
                    }
                };
                prop_assert_eq!(places.of(*key), expected);
            }
        }

        /// However the students are dealt out to threads, and in whatever order these end, the places are the same.
        #[test]
        fn any_division_gives_the_same_places(students in students(), dealt in prop::collection::vec(0..4_usize, 40)) {
            let keyed: Vec<(i64, Student)> = (1..).zip(students).collect();
            let mut parts: Vec<Vec<(i64, Student)>> = vec![Vec::new(); 4];
            for (student, part) in keyed.iter().zip(&dealt) {
                parts[*part].push(*student);
            }
            let mut merged = Seen::default();
            for part in parts.iter().rev() {
                merged.merge(seen(part));
            }
            prop_assert_eq!(merged.settle(), seen(&keyed).settle());
        }
    }
}
