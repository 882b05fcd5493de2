//! What is known to be there where a step is reached: after `x != ()`, nobody can see it absent.

use super::Outcome;
use super::access::Access;
use super::walk::{Step, Way};
use crate::plan::{Compare, Const, Expr, Op, Plan};

/// Whether what a step reads is there whenever the step is reached.
pub(super) fn is_known(plan: &Plan, step: &Step<'_, '_>) -> bool {
    let Some(access) = step.frame.access(plan, step.expr) else { return false };
    step.ways.iter().any(|way| {
        let mut known = Vec::new();
        match way.outcome {
            Outcome::Held => learn(plan, way, way.expr, true, &mut known),
            Outcome::DidNotHold => learn(plan, way, way.expr, false, &mut known),
            Outcome::Present => known.extend(way.frame.access(plan, way.expr)),
            _ => {}
        }
        // Where the end of a way is there, so is everything on it.
        known.iter().any(|known| known.starts_with(&access) && !access.iter().any(|part| part.many))
    })
}

fn learn(plan: &Plan, way: &Way<'_>, expr: &Expr, holds: bool, known: &mut Vec<Access>) {
    match &expr.op {
        Op::And(all) if holds => all.iter().for_each(|inner| learn(plan, way, inner, true, known)),
        Op::Or(all) if !holds => all.iter().for_each(|inner| learn(plan, way, inner, false, known)),
        Op::Not(inner) => learn(plan, way, inner, !holds, known),
        Op::Compare(compare, a, b) => {
            let is_absent = |expr: &Expr| matches!(expr.op, Op::Const(Const::Absent));
            let present = match compare {
                Compare::NotEqual if is_absent(b) => holds,
                Compare::Equal if is_absent(b) => !holds,
                Compare::Equal => holds && matches!(b.op, Op::Const(_)),
                _ => false,
            };
            if present {
                known.extend(way.frame.access(plan, a));
            }
        }
        _ => {}
    }
}
