//! How far a change feed was read.
//!
//! A change gets its number before its transaction ends, so a lower number may show up after a higher one. Numbers that were passed
//! over are remembered, and taken when they come.

use graph::Date;
use serde::{Deserialize, Serialize};
use sis::FeedRow;

/// The most ranges of numbers that are remembered; most are those of transactions that were taken back.
const MOST_GAPS: usize = 10_000;
/// After so many days without a look, rows of the feed may have been deleted by its owner.
const DAYS: i64 = 7;
/// No transaction is open for so many days: a number that did not come until then never will.
const DAYS_OPEN: i64 = 2;

/// How far a change feed was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// The highest number that was seen.
    pub highest: i64,
    /// Numbers below it that were not: from, to, and the day on which they were passed over.
    pub gaps: Vec<(i64, i64, Date)>,
    /// The day on which it was read.
    pub on: Date,
}

impl Position {
    /// Numbers up to this one were all seen.
    pub(super) fn above(&self) -> i64 {
        self.gaps.first().map_or(self.highest, |gap| gap.0 - 1)
    }

    /// Whether rows of the feed may be gone that were not read.
    pub(super) fn is_old(&self, today: Date) -> bool {
        today.signed_duration_since(self.on).num_days() >= DAYS
    }

    /// Takes those of the rows, in ascending order, that were not seen before.
    pub(super) fn take(&mut self, rows: Vec<FeedRow>, today: Date) -> Vec<FeedRow> {
        self.on = today;
        self.gaps.retain(|gap| today.signed_duration_since(gap.2).num_days() < DAYS_OPEN);
        let mut taken = Vec::new();
        for row in rows {
            if row.id > self.highest {
                if row.id > self.highest.saturating_add(1) {
                    self.gaps.push((self.highest + 1, row.id - 1, today));
                }
                self.highest = row.id;
                taken.push(row);
            } else if let Some(at) = self.gaps.iter().position(|(from, to, _)| (*from..=*to).contains(&row.id)) {
                let (from, to, since) = self.gaps.remove(at);
                let rest = [(from, row.id - 1, since), (row.id + 1, to, since)];
                self.gaps.splice(at..at, rest.into_iter().filter(|(from, to, _)| from <= to));
                taken.push(row);
            }
        }
        let too_many = self.gaps.len().saturating_sub(MOST_GAPS);
        self.gaps.drain(..too_many);
        taken
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(id: i64) -> FeedRow {
        FeedRow { id, table: String::new(), key: None, found_by: Vec::new() }
    }

    #[test]
    fn a_number_that_never_comes_is_not_waited_for() {
        let day = |number| Date::from_yo_opt(2026, number).unwrap_or_default();
        let mut position = Position::default();
        position.take(vec![row(1), row(5)], day(10));
        position.take(vec![row(6)], day(11));
        assert_eq!(position.above(), 1);
        position.take(vec![row(7)], day(12));
        assert_eq!(position.above(), 7);
        assert!(!position.is_old(day(18)) && position.is_old(day(19)));
    }

    proptest! {
        /// However the transactions end, each change is taken once.
        #[test]
        fn each_change_is_taken_once(order in Just((1..40_i64).collect::<Vec<_>>()).prop_shuffle(), cuts in prop::collection::vec(0..40_usize, 0..6), lost in prop::collection::btree_set(1..40_i64, 0..5)) {
            let order: Vec<i64> = order.into_iter().filter(|id| !lost.contains(id)).collect();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(order.len())).chain([order.len()]).collect();
            cuts.sort_unstable();
            let mut position = Position::default();
            let mut taken = Vec::new();
            for cut in cuts {
                let mut there = order[..cut].to_vec();
                there.sort_unstable();
                let above = position.above();
                let rows = there.into_iter().filter(|id| *id > above).map(row).collect();
                taken.extend(position.take(rows, Date::MIN).into_iter().map(|row| row.id));
            }
            taken.sort_unstable();
            let mut all = order;
            all.sort_unstable();
            prop_assert_eq!(taken, all);
        }
    }
}
