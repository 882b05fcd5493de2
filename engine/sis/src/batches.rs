//! Which batches a row belongs to.

use std::collections::HashMap;

/// From a value of a column to the batches of the rows that hold it.
#[derive(Default)]
pub(crate) struct Routes {
    pairs: Vec<(i64, u32)>,
    /// Where each value's pairs start, for values from `first` on, when they are dense enough.
    dense: Option<Dense>,
}

struct Dense {
    first: i64,
    /// For each value the place of its first pair; one more at the end.
    starts: Vec<u32>,
}

impl Routes {
    /// Routes for keys in ascending order, `size` to a batch.
    pub(crate) fn of_students(keys: &[i64], size: usize) -> Self {
        let batch = |at: usize| u32::try_from(at / size.max(1)).unwrap_or(u32::MAX);
        let mut routes =
            Self { pairs: keys.iter().enumerate().map(|(at, key)| (*key, batch(at))).collect(), dense: None };
        routes.close();
        routes
    }

    /// Adds that rows of this batch hold this value.
    pub(crate) fn add(&mut self, value: i64, batch: u32) {
        if self.pairs.last() != Some(&(value, batch)) {
            self.pairs.push((value, batch));
        }
    }

    /// Makes the routes ready to be asked.
    pub(crate) fn close(&mut self) {
        self.pairs.sort_unstable();
        self.pairs.dedup();
        self.pairs.shrink_to_fit();
        self.dense = dense(&self.pairs);
    }

    /// The batches for a value, ascending.
    pub(crate) fn of(&self, value: i64) -> impl Iterator<Item = usize> + '_ {
        let range = match &self.dense {
            Some(dense) => value
                .checked_sub(dense.first)
                .and_then(|at| usize::try_from(at).ok())
                .and_then(|at| Some(*dense.starts.get(at)? as usize..*dense.starts.get(at + 1)? as usize))
                .unwrap_or(0..0),
            None => {
                let start = self.pairs.partition_point(|pair| pair.0 < value);
                let more = self.pairs[start..].iter().take_while(|pair| pair.0 == value).count();
                start..start + more
            }
        };
        self.pairs[range].iter().map(|pair| pair.1 as usize)
    }
}

/// A table of starts takes four bytes a value of the whole span, so it is made only where the span is not much longer than the list.
fn dense(pairs: &[(i64, u32)]) -> Option<Dense> {
    let (first, last) = (pairs.first()?.0, pairs.last()?.0);
    let span = usize::try_from(last.checked_sub(first)?).ok()?;
    if span > pairs.len().saturating_mul(8).saturating_add(1024) || u32::try_from(pairs.len()).is_err() {
        return None;
    }
    let mut starts = Vec::with_capacity(span + 2);
    let mut at = 0;
    for value in first..=last {
        starts.push(u32::try_from(at).ok()?);
        while pairs.get(at).is_some_and(|pair| pair.0 == value) {
            at += 1;
        }
    }
    starts.push(u32::try_from(at).ok()?);
    Some(Dense { first, starts })
}

/// Routes by the column that they go from: the entity's place in the schema and the field's in the entity.
pub(crate) type RouteMap = HashMap<(graph::EntityId, graph::FieldId), Routes>;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_value_leads_to_its_batches_each_once(pairs in proptest::collection::vec((prop_oneof![0_i64..40, any::<i64>()], 0_u32..4), 0..80), spread in any::<bool>()) {
            let mut routes = Routes::default();
            let pairs: Vec<_> = pairs.into_iter().map(|(value, batch)| (if spread { value } else { value.rem_euclid(60) }, batch)).collect();
            for (value, batch) in &pairs {
                routes.add(*value, *batch);
            }
            routes.close();
            for value in pairs.iter().map(|pair| pair.0).chain(-1..61).chain([i64::MIN, i64::MAX]) {
                let mut want: Vec<usize> = pairs.iter().filter(|pair| pair.0 == value).map(|pair| pair.1 as usize).collect();
                want.sort_unstable();
                want.dedup();
                prop_assert_eq!(routes.of(value).collect::<Vec<_>>(), want);
            }
        }
    }

    #[test]
    fn students_are_cut_into_batches() {
        let routes = Routes::of_students(&[2, 3, 10], 2);
        assert_eq!(routes.of(3).collect::<Vec<_>>(), [0]);
        assert_eq!(routes.of(10).collect::<Vec<_>>(), [1]);
        assert_eq!(routes.of(4).count(), 0);
    }
}
