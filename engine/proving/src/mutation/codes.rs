//! The changes of value sets and parameters.

use std::collections::{BTreeMap, BTreeSet};

use graph::Date;
use rulebook::functions::Native;
use rulebook::places::{Outcome, Reached, Spot, steps};
use rulebook::plan::{Const, Op, Plan};
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
    let asked = only_asked(plan);
    for (index, set) in plan.value_sets.iter().enumerate() {
        of_set(index, set, asked.contains(&index), &mut found);
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

/// The value sets that are only asked whether they have a code, never for what it maps to.
fn only_asked(plan: &Plan) -> BTreeSet<usize> {
    let (mut asked, mut read) = (BTreeSet::new(), BTreeSet::new());
    let mut inside: BTreeMap<Spot, usize> = BTreeMap::new();
    steps(plan, &mut |step| match &step.expr.op {
        Op::Compare(_, a, b) if matches!(b.op, Op::Const(Const::Absent)) => {
            if let Op::Lookup(set, _) = &a.op {
                asked.insert(*set);
                inside.insert(Spot::of_step(a), *set);
            }
        }
        Op::Lookup(set, _) if !inside.contains_key(&Spot::of_step(step.expr)) => {
            read.insert(*set);
        }
        // The value set of these is named by a text.
        Op::Call(Native::ListHasCode | Native::ListHasOther, arguments) => {
            if let Some(Op::Const(Const::Text(name))) = arguments.get(1).map(|argument| &argument.op) {
                read.extend(plan.value_sets.iter().position(|set| set.name == **name));
            }
        }
        _ => {}
    });
    for object in &plan.objects {
        let leaves = object.nodes().into_iter().filter_map(|node| node.leaf.as_ref());
        read.extend(leaves.filter_map(|leaf| leaf.codes));
    }
    asked.difference(&read).copied().collect()
}

fn of_set(index: usize, set: &ValueSet, only_asked: bool, found: &mut Vec<Found>) {
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
        if let Some((_, other, _)) = other
            && !only_asked
        {
            let says = format!("`{local}` was mapped to `{other}` instead of `{to}`");
            let change = Change::ValueSet(index, CodeEdit::To(at, other.clone()));
            found.push(Found { change, place: place.clone(), says, reached, spot, code: code.clone(), date: None });
        }
    }
    let ends = [
        (&set.otherwise_place, CodeEdit::Otherwise, Outcome::Otherwise, "`otherwise` was dropped"),
        (&set.blank_place, CodeEdit::Blank, Outcome::Blank, "`blank` was dropped"),
        (&set.dictionary_default, CodeEdit::Default, Outcome::Default, "`dictionary_default` was dropped"),
    ];
    for (place, edit, outcome, says) in ends {
        if let Some(place) = place {
            let change = Change::ValueSet(index, edit);
            let reached = Reached::If(spot, outcome);
            let code = matches!(outcome, Outcome::Blank | Outcome::Default).then(|| "absent".to_owned());
            let says = says.to_owned();
            found.push(Found { change, place: place.clone(), says, reached, spot, code, date: None });
        }
    }
}
