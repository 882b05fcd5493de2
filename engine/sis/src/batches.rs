//! Which batches a row belongs to.

use std::collections::HashMap;

/// From a value of a column to the batches of the rows that hold it. A state has tens of millions of them, so each takes few bytes.
#[derive(Debug)]
pub(crate) struct Routes {
    values: Values,
    /// Where the batches of each value start, and one more at the end; none where each value has one batch.
    starts: Option<Vec<usize>>,
    /// The batches of one value after another.
    batches: Vec<u32>,
}

/// The values that have batches, each with its place among them.
#[derive(Debug)]
enum Values {
    /// A bit for each number from `first` on, and for each word of bits how many values stand before it.
    Dense { first: i64, bits: Vec<u64>, before: Vec<usize> },
    /// Ascending.
    Sparse(Vec<i64>),
}

impl Routes {
    /// Routes for keys in ascending order, `size` to a batch.
    pub(crate) fn of_students(keys: &[i64], size: usize) -> Self {
        let mut recorder = Recorder::default();
        for (at, key) in keys.iter().enumerate() {
            recorder.add(*key, u32::try_from(at / size.max(1)).unwrap_or(u32::MAX));
        }
        recorder.close()
    }

    /// The batches for a value, ascending.
    pub(crate) fn of(&self, value: i64) -> impl Iterator<Item = usize> + '_ {
        let range = self.values.place(value).map_or(0..0, |at| match &self.starts {
            None => at..at + 1,
            Some(starts) => starts[at]..starts[at + 1],
        });
        self.batches[range].iter().map(|batch| *batch as usize)
    }
}

impl Values {
    /// The place of a value among those that there are.
    fn place(&self, value: i64) -> Option<usize> {
        match self {
            Self::Dense { first, bits, before } => {
                let at = usize::try_from(value.checked_sub(*first)?).ok()?;
                let (word, bit) = (at / 64, 1_u64 << (at % 64));
                let bits = *bits.get(word)?;
                (bits & bit != 0).then(|| before[word] + (bits & (bit - 1)).count_ones() as usize)
            }
            Self::Sparse(values) => values.binary_search(&value).ok(),
        }
    }
}

/// How many pairs stand together: more are put beside them, so that nothing is ever copied into a larger place.
const CHUNK: usize = if cfg!(test) { 8 } else { 1 << 16 };

/// Collects routes.
#[derive(Default)]
pub(crate) struct Recorder {
    last: Option<(i64, u32)>,
    /// The lowest and the highest value.
    bounds: Option<(i64, i64)>,
    count: usize,
    /// Pairs whose value has 32 bits, as keys mostly have.
    narrow: Vec<Vec<(u32, u32)>>,
    wide: Vec<Vec<(i64, u32)>>,
}

impl Recorder {
    /// Adds that rows of this batch hold this value.
    pub(crate) fn add(&mut self, value: i64, batch: u32) {
        if self.last.replace((value, batch)) == Some((value, batch)) {
            return;
        }
        let (low, high) = self.bounds.unwrap_or((value, value));
        self.bounds = Some((low.min(value), high.max(value)));
        self.count += 1;
        match u32::try_from(value) {
            Ok(value) => push(&mut self.narrow, (value, batch)),
            Err(_) => push(&mut self.wide, (value, batch)),
        }
    }

    /// The routes, ready to be asked.
    pub(crate) fn close(self) -> Routes {
        let span = self.bounds.and_then(|(low, high)| usize::try_from(high.checked_sub(low)?).ok());
        // Bits and counts take sixteen bytes for each 64 numbers of the span.
        match (self.bounds, span) {
            (Some((first, _)), Some(span)) if span <= self.count.saturating_mul(32).saturating_add(1024) => {
                self.close_dense(first, span)
            }
            _ => self.close_sparse(),
        }
    }

    fn close_dense(mut self, first: i64, span: usize) -> Routes {
        let mut bits = vec![0_u64; span / 64 + 1];
        // No value lies outside of the span.
        self.each(&mut |value, _| {
            let at = usize::try_from(value - first).unwrap_or(0);
            bits[at / 64] |= 1 << (at % 64);
        });
        let mut before = Vec::with_capacity(bits.len());
        let mut distinct = 0;
        for word in &bits {
            before.push(distinct);
            distinct += word.count_ones() as usize;
        }
        let values = Values::Dense { first, bits, before };
        let place = |value: i64| values.place(value).unwrap_or(0);
        if distinct == self.count {
            let mut batches = vec![0; self.count];
            self.drain(&mut |value, batch| batches[place(value)] = batch);
            return Routes { values, starts: None, batches };
        }
        let mut starts = vec![0_usize; distinct + 1];
        self.each(&mut |value, _| starts[place(value) + 1] += 1);
        let mut next = 0;
        for start in &mut starts {
            next += *start;
            *start = next;
        }
        let mut batches = vec![0_u32; self.count];
        // Each value's start moves on as its batches are put down; afterwards it is where the next value's start was.
        self.drain(&mut |value, batch| {
            let at = &mut starts[place(value)];
            batches[*at] = batch;
            *at += 1;
        });
        let mut kept = 0;
        let mut from = 0;
        for start in &mut starts[..distinct] {
            let to = std::mem::replace(start, kept);
            batches[from..to].sort_unstable();
            for at in from..to {
                if at == from || batches[at] != batches[at - 1] {
                    batches[kept] = batches[at];
                    kept += 1;
                }
            }
            from = to;
        }
        starts[distinct] = kept;
        batches.truncate(kept);
        batches.shrink_to_fit();
        Routes { values, starts: Some(starts), batches }
    }

    fn close_sparse(mut self) -> Routes {
        let mut pairs = Vec::with_capacity(self.count);
        self.drain(&mut |value, batch| pairs.push((value, batch)));
        pairs.sort_unstable();
        pairs.dedup();
        let batches: Vec<u32> = pairs.iter().map(|pair| pair.1).collect();
        let mut starts = Vec::new();
        let mut values: Vec<i64> = Vec::new();
        for (at, (value, _)) in pairs.iter().enumerate() {
            if values.last() != Some(value) {
                values.push(*value);
                starts.push(at);
            }
        }
        starts.push(pairs.len());
        let starts = (values.len() < pairs.len()).then_some(starts);
        Routes { values: Values::Sparse(values), starts, batches }
    }

    fn each(&self, take: &mut dyn FnMut(i64, u32)) {
        self.narrow.iter().flatten().for_each(|(value, batch)| take(i64::from(*value), *batch));
        self.wide.iter().flatten().for_each(|(value, batch)| take(*value, *batch));
    }

    /// Gives each pair, and its place back.
    fn drain(&mut self, take: &mut dyn FnMut(i64, u32)) {
        for chunk in self.narrow.drain(..) {
            chunk.into_iter().for_each(|(value, batch)| take(i64::from(value), batch));
        }
        for chunk in self.wide.drain(..) {
            chunk.into_iter().for_each(|(value, batch)| take(value, batch));
        }
    }
}

fn push<T>(chunks: &mut Vec<Vec<T>>, pair: T) {
    match chunks.last_mut().filter(|chunk| chunk.len() < CHUNK) {
        Some(chunk) => chunk.push(pair),
        None => chunks.push(vec![pair]),
    }
}

/// Routes by the column that they go from: the entity's place in the schema and the field's in the entity.
pub(crate) type RouteMap = HashMap<(graph::EntityId, graph::FieldId), Routes>;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_value_leads_to_its_batches_each_once(pairs in proptest::collection::vec((prop_oneof![0_i64..40, -40_i64..0, any::<i64>()], 0_u32..4), 0..80), spread in any::<bool>()) {
            let mut recorder = Recorder::default();
            let pairs: Vec<_> = pairs.into_iter().map(|(value, batch)| (if spread { value } else { value % 60 }, batch)).collect();
            for (value, batch) in &pairs {
                recorder.add(*value, *batch);
            }
            let routes = recorder.close();
            for value in pairs.iter().map(|pair| pair.0).chain(-61..61).chain([i64::MIN, i64::MAX]) {
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
