//! The changes of value sets and parameters.

use graph::Date;
use rulebook::places::{Outcome, Reached, Spot};
use rulebook::plan::{Const, Plan};
use rulebook::value_sets::ValueSet;

use super::change::{Change, CodeEdit};
use crate::wants::{moved, yaml};

/// A change, where it stands, what it says, when it is reached, and the local code or date that shows it.
pub struct Found {
    pub change: Change,
    pub place: problem::Place,
    pub says: String,
    pub reached: Reached,
    /// The value set or parameter.
    pub spot: Spot,
    /// The code, as YAML, that a case must give to notice it.
    pub code: Option<String>,
    /// The date of a case that would notice it.
    pub date: Option<Date>,
}

/// The changes of every value set and parameter.
pub fn find(plan: &Plan) -> Vec<Found> {
    let mut found = Vec::new();
    for (index, set) in plan.value_sets.iter().enumerate() {
        of_set(index, set, &mut found);
    }
    for (index, parameter) in plan.parameters.iter().enumerate() {
        for (at, dated) in parameter.values.iter().enumerate() {
            let outcome = |at: usize| Outcome::Period(u32::try_from(at).unwrap_or(u32::MAX));
            let spot = Spot::Parameter(index);
            let mut add = |change: Change, says: String, outcome: Outcome, date: Date| {
                let reached = Reached::If(spot, outcome);
                let place = dated.place.clone();
                found.push(Found { change, place, says, reached, spot, code: None, date: Some(date) });
            };
            for by in [1, -1] {
                if let Some(to) = moved(&dated.value, by) {
                    let says = format!("{} became {}", yaml(&dated.value), yaml(&to));
                    add(Change::Parameter(index, at, to), says, outcome(at), dated.from);
                }
            }
            if let Some(later) = dated.from.succ_opt() {
                let says = format!("from {} became from {later}", dated.from);
                add(Change::From(index, at, later), says, outcome(at), dated.from);
            }
            // Before the first day there is no value that anything could be computed with.
            if let Some(earlier) = dated.from.pred_opt()
                && at > 0
            {
                let says = format!("from {} became from {earlier}", dated.from);
                add(Change::From(index, at, earlier), says, outcome(at - 1), earlier);
            }
        }
    }
    found
}

fn of_set(index: usize, set: &ValueSet, found: &mut Vec<Found>) {
    let spot = Spot::ValueSet(index);
    let passes = |code: &str| set.passes.is_some_and(|codes| codes.contains(code));
    for (at, (local, to, place)) in set.entries.iter().enumerate() {
        let outcome = Outcome::Row(u32::try_from(at).unwrap_or(u32::MAX));
        let reached = Reached::If(spot, outcome);
        let code = Some(yaml(&Const::Text(local.clone())));
        // Without the entry the code would become the same.
        let same = set.otherwise.as_ref() == Some(to) && !set.problem || (local == to && passes(local));
        if !same {
            let says = format!("the entry for `{local}` was dropped");
            let change = Change::ValueSet(index, CodeEdit::Drop(at));
            found.push(Found { change, place: place.clone(), says, reached, spot, code: code.clone(), date: None });
        }
        let other = set.entries.iter().cycle().skip(at + 1).take(set.entries.len()).find(|(_, other, _)| other != to);
        if let Some((_, other, _)) = other {
            let says = format!("`{local}` was mapped to `{other}` instead of `{to}`");
            let change = Change::ValueSet(index, CodeEdit::To(at, other.clone()));
            found.push(Found { change, place: place.clone(), says, reached, spot, code: code.clone(), date: None });
        }
    }
    let ends = [
        (&set.otherwise_place, CodeEdit::Otherwise, Outcome::Otherwise, "`otherwise` was dropped"),
        (&set.blank_place, CodeEdit::Blank, Outcome::Blank, "`blank` was dropped"),
    ];
    for (place, edit, outcome, says) in ends {
        if let Some(place) = place {
            let change = Change::ValueSet(index, edit);
            let reached = Reached::If(spot, outcome);
            let code = (outcome == Outcome::Blank).then(|| "absent".to_owned());
            let says = says.to_owned();
            found.push(Found { change, place: place.clone(), says, reached, spot, code, date: None });
        }
    }
}
