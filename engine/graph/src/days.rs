//! Sets of dates, such as the instructional days of a calendar: a bitmap with prefix sums, so that counting the days of a
//! span costs the same whatever its length.

use chrono::{Days as ChronoDays, NaiveDate};

/// A set of dates.
///
/// ```
/// use graph::{Date, Days};
/// let date = |day| Date::from_ymd_opt(2026, 1, day).unwrap();
/// let days = Days::new([date(5), date(6), date(8)]);
/// assert_eq!(days.count(date(5), date(7)), 2);
/// assert_eq!(days.first(date(7), date(31)), Some(date(8)));
/// assert_eq!(days.ordinal(date(8)), Some(3));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Days {
    first: NaiveDate,
    bits: Vec<u64>,
    /// How many dates stand before each word of `bits`.
    before: Vec<u32>,
}

/// No set of dates may span more than this many days, so that one wrong year cannot ask for a huge bitmap.
const LONGEST_SPAN: i64 = 40_000;

impl Days {
    /// The set of these dates; a date given twice counts once. Dates more than a century after the first are left out.
    pub fn new(dates: impl IntoIterator<Item = NaiveDate>) -> Self {
        let mut dates: Vec<NaiveDate> = dates.into_iter().collect();
        dates.sort_unstable();
        dates.dedup();
        let Some(&first) = dates.first() else {
            return Self::default();
        };
        dates.retain(|date| (*date - first).num_days() < LONGEST_SPAN);
        let span = dates.last().map_or(0, |last| (*last - first).num_days());
        let words = usize::try_from(span / 64 + 1).unwrap_or(1);
        let mut bits = vec![0_u64; words];
        for date in &dates {
            let at = usize::try_from((*date - first).num_days()).unwrap_or(0);
            bits[at / 64] |= 1 << (at % 64);
        }
        let mut before = Vec::with_capacity(words);
        let mut sum = 0;
        for word in &bits {
            before.push(sum);
            sum += word.count_ones();
        }
        Self { first, bits, before }
    }

    fn offset(&self, date: NaiveDate) -> i64 {
        (date - self.first).num_days()
    }

    /// How many dates of the set stand before `offset`.
    fn rank(&self, offset: i64) -> u32 {
        let Ok(offset) = usize::try_from(offset) else {
            return 0;
        };
        let word = offset / 64;
        match (self.before.get(word), self.bits.get(word)) {
            (Some(before), Some(bits)) => before + (bits & ((1_u64 << (offset % 64)) - 1)).count_ones(),
            _ => self.len(),
        }
    }

    /// The date with this rank, from 0.
    fn select(&self, rank: u32) -> Option<NaiveDate> {
        if rank >= self.len() {
            return None;
        }
        let word = self.before.partition_point(|before| *before <= rank) - 1;
        let mut bits = self.bits[word];
        for _ in 0..rank - self.before[word] {
            bits &= bits - 1;
        }
        let offset = word as u64 * 64 + u64::from(bits.trailing_zeros());
        self.first.checked_add_days(ChronoDays::new(offset))
    }

    /// How many dates the set has.
    #[must_use]
    pub fn len(&self) -> u32 {
        match (self.before.last(), self.bits.last()) {
            (Some(before), Some(bits)) => before + bits.count_ones(),
            _ => 0,
        }
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bits.is_empty()
    }

    /// Whether the date is in the set.
    #[must_use]
    pub fn contains(&self, date: NaiveDate) -> bool {
        usize::try_from(self.offset(date))
            .ok()
            .and_then(|offset| self.bits.get(offset / 64).map(|bits| bits & (1 << (offset % 64)) != 0))
            .unwrap_or(false)
    }

    /// How many dates of the set lie from `from` to `to`, both inclusive.
    #[must_use]
    pub fn count(&self, from: NaiveDate, to: NaiveDate) -> u32 {
        if from > to || self.is_empty() {
            return 0;
        }
        self.rank(self.offset(to) + 1) - self.rank(self.offset(from))
    }

    /// The first date of the set from `from` to `to`.
    #[must_use]
    pub fn first(&self, from: NaiveDate, to: NaiveDate) -> Option<NaiveDate> {
        if self.is_empty() {
            return None;
        }
        self.select(self.rank(self.offset(from))).filter(|date| *date <= to)
    }

    /// The last date of the set from `from` to `to`.
    #[must_use]
    pub fn last(&self, from: NaiveDate, to: NaiveDate) -> Option<NaiveDate> {
        if self.is_empty() {
            return None;
        }
        self.rank(self.offset(to) + 1).checked_sub(1).and_then(|rank| self.select(rank)).filter(|date| *date >= from)
    }

    /// Which of the set's dates this is, from 1; none if it is not in the set.
    #[must_use]
    pub fn ordinal(&self, date: NaiveDate) -> Option<u32> {
        self.contains(date).then(|| self.rank(self.offset(date)) + 1)
    }

    /// Every date, in order.
    pub fn iter(&self) -> impl Iterator<Item = NaiveDate> + '_ {
        let words = (0_u64..).zip(&self.bits);
        words
            .flat_map(|(at, word)| Ones(*word).map(move |bit| at * 64 + u64::from(bit)))
            .filter_map(|offset| self.first.checked_add_days(ChronoDays::new(offset)))
    }

    /// The dates that lie in a span, both ends included.
    #[must_use]
    pub fn within(&self, from: NaiveDate, to: NaiveDate) -> Self {
        Self::new(self.iter().filter(|date| from <= *date && *date <= to))
    }

    /// The dates of `days` that come after the first `limit` of an unbroken run of them, where a run is unbroken when no date of this
    /// set lies between two of its dates. Dates of `days` that this set lacks do not count.
    ///
    /// With `limit` 10, a run of twelve gives its last two, whatever weekends lie in it.
    #[must_use]
    pub fn beyond_runs(&self, days: &Self, limit: u32) -> Self {
        let (mut beyond, mut run, mut previous) = (Vec::new(), 0, 0);
        for date in days.iter() {
            let Some(ordinal) = self.ordinal(date) else {
                continue;
            };
            run = if run > 0 && ordinal == previous + 1 { run + 1 } else { 1 };
            previous = ordinal;
            if run > limit {
                beyond.push(date);
            }
        }
        Self::new(beyond)
    }
}

/// The places of the ones of a word, from the lowest.
struct Ones(u64);

impl Iterator for Ones {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let at = (self.0 != 0).then(|| self.0.trailing_zeros())?;
        self.0 &= self.0 - 1;
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::btree_set;
    use proptest::prelude::*;

    fn date(offset: i32) -> NaiveDate {
        NaiveDate::from_num_days_from_ce_opt(738_000 + offset).unwrap()
    }

    proptest! {
        #[test]
        fn counts_agree_with_counting_one_by_one(set in btree_set(0_i32..400, 0..200), from in -50_i32..450, to in -50_i32..450) {
            let days = Days::new(set.iter().map(|offset| date(*offset)));
            let inside: Vec<i32> = set.iter().copied().filter(|offset| (from..=to).contains(offset)).collect();
            prop_assert_eq!(days.len() as usize, set.len());
            prop_assert_eq!(days.count(date(from), date(to)) as usize, inside.len());
            prop_assert_eq!(days.first(date(from), date(to)), inside.first().map(|offset| date(*offset)));
            prop_assert_eq!(days.last(date(from), date(to)), inside.last().map(|offset| date(*offset)));
            prop_assert_eq!(days.iter().collect::<Vec<_>>(), set.iter().map(|offset| date(*offset)).collect::<Vec<_>>());
            for (rank, offset) in set.iter().enumerate() {
                prop_assert_eq!(days.ordinal(date(*offset)), Some(u32::try_from(rank).unwrap() + 1));
            }
        }

        #[test]
        fn runs_agree_with_looking_back(all in btree_set(0_i32..60, 0..60), chosen in btree_set(0_i32..60, 0..60), limit in 1_u32..5) {
            let school: Vec<i32> = all.iter().copied().collect();
            let days = Days::new(all.iter().map(|offset| date(*offset)));
            let absent = Days::new(chosen.iter().map(|offset| date(*offset)));
            // The requirement's own wording: a day is dropped when the `limit` school days before it are all absences.
            let expected = school.iter().enumerate().filter(|(at, offset)| {
                chosen.contains(offset)
                    && *at >= limit as usize
                    && school[at - limit as usize..*at].iter().all(|before| chosen.contains(before))
            }).count();
            prop_assert_eq!(days.beyond_runs(&absent, limit).len() as usize, expected);
        }
    }
}
