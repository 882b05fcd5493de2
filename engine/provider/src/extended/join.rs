//! Joins instances to rows.

use std::collections::{BTreeSet, HashMap};

use sif::query::{Comparable, JoinKind};

use super::kept::Kept;
use super::shape::JoinShape;

/// No instance.
pub(super) const NOBODY: u32 = u32::MAX;

/// More rows than may be held.
pub(super) struct Overflow;

/// Joins an object to rows, each of which has one instance or nobody of each object.
///
/// Rows stand in the order of those before, and of their new instances; rows of a new instance without a partner come last.
pub(super) fn join(
    rows: Vec<Vec<u32>>,
    instances: &[Vec<Kept>],
    shape: &JoinShape,
    most: usize,
) -> Result<Vec<Vec<u32>>, Overflow> {
    let new = instances.get(shape.object).map(Vec::as_slice).unwrap_or_default();
    let (keeps_old, keeps_new) = match shape.kind {
        JoinKind::Inner => (false, false),
        JoinKind::LeftOuter => (true, false),
        JoinKind::RightOuter => (false, true),
        JoinKind::FullOuter => (true, true),
    };
    let indexes: Vec<HashMap<&Comparable, Vec<u32>>> = shape.on.iter().map(|(_, side)| index(new, *side)).collect();
    let objects = instances.len();
    let mut met = vec![false; new.len()];
    let mut joined: Vec<Vec<u32>> = Vec::new();
    let mut add = |row: Vec<u32>| {
        joined.push(row);
        if joined.len() > most { Err(Overflow) } else { Ok(()) }
    };
    for row in rows {
        let partners = partners(&row, instances, shape, &indexes);
        for partner in &partners {
            if let Some(met) = met.get_mut(*partner as usize) {
                *met = true;
            }
            let mut row = row.clone();
            if let Some(place) = row.get_mut(shape.object) {
                *place = *partner;
            }
            add(row)?;
        }
        if partners.is_empty() && keeps_old {
            add(row)?;
        }
    }
    if keeps_new {
        for (at, _) in (0_u32..).zip(met).filter(|(_, met)| !met) {
            let mut row = vec![NOBODY; objects];
            if let Some(place) = row.get_mut(shape.object) {
                *place = at;
            }
            add(row)?;
        }
    }
    Ok(joined)
}

/// The new instances that agree with a row in everything that must be equal. Of several values one must be.
fn partners(
    row: &[u32],
    instances: &[Vec<Kept>],
    shape: &JoinShape,
    indexes: &[HashMap<&Comparable, Vec<u32>>],
) -> BTreeSet<u32> {
    let mut found: Option<BTreeSet<u32>> = None;
    for ((known, _), index) in shape.on.iter().zip(indexes) {
        // The side belongs to one of the objects; of all others it has no values.
        let of_row = instances.iter().zip(row).filter_map(|(kept, at)| kept.get(*at as usize));
        let values = of_row.filter_map(|kept| kept.sides.get(*known)).flatten();
        let equal: BTreeSet<u32> = values.filter_map(|value| index.get(value)).flatten().copied().collect();
        let all = match found {
            None => equal,
            Some(before) => before.intersection(&equal).copied().collect(),
        };
        if all.is_empty() {
            return all;
        }
        found = Some(all);
    }
    found.unwrap_or_default()
}

/// Instances by their values at a side.
fn index(instances: &[Kept], side: usize) -> HashMap<&Comparable, Vec<u32>> {
    let mut index: HashMap<&Comparable, Vec<u32>> = HashMap::new();
    for (at, kept) in (0_u32..).zip(instances) {
        for value in kept.sides.get(side).into_iter().flatten() {
            let at_value = index.entry(value).or_default();
            if at_value.last() != Some(&at) {
                at_value.push(at);
            }
        }
    }
    index
}
