//! Records which decisions were taken: for coverage, for mutation testing, and for cases that say why.
//!
//! A decision is named by its spot in the plan: the address of its step or element, which holds as long as the plan does, or the
//! number of its fact, value set or parameter. `rulebook::places` lists every spot of a plan with its file, line and column. Nothing
//! is recorded unless somebody asks; then every step is taken in full.

use std::collections::{HashMap, HashSet};

use rulebook::places::{Outcome as Taken, Spot};
use rulebook::plan::{Expr, Node, Op, Statement};

use super::Evaluation;

/// The decisions that were taken, each once, in the order in which they were taken first.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    taken: Vec<(Spot, Taken)>,
    known: HashSet<(Spot, Taken)>,
    /// What each condition of an `if` came to last, so that the line is known that gave a value.
    last: HashMap<usize, bool>,
}

impl Recorder {
    fn add(&mut self, spot: Spot, taken: Taken) {
        if self.known.insert((spot, taken)) {
            self.taken.push((spot, taken));
        }
    }
}

impl Evaluation {
    /// From now on every decision is recorded.
    pub fn record(&self) {
        self.recording.set(true);
        self.watched.set(true);
    }

    /// The decisions since [`Evaluation::record`] or the last call, each once, in the order in which they were taken first.
    #[must_use]
    pub fn take_recorded(&self) -> Vec<(Spot, Taken)> {
        std::mem::take(&mut *self.recorder.borrow_mut()).taken
    }

    /// Records a decision.
    #[inline]
    pub(crate) fn note(&self, spot: impl FnOnce() -> Spot, taken: Taken) {
        if self.recording.get() {
            self.recorder.borrow_mut().add(spot(), taken);
        }
    }

    /// Records what a condition came to, or an operand of `&&` and `||`.
    #[inline]
    pub(super) fn decided(&self, condition: &Expr, holds: bool) {
        if self.recording.get() {
            self.decided_now(condition, holds);
        }
    }

    #[cold]
    fn decided_now(&self, condition: &Expr, holds: bool) {
        let spot = Spot::of_step(condition);
        let mut recorder = self.recorder.borrow_mut();
        recorder.add(spot, if holds { Taken::Held } else { Taken::DidNotHold });
        if let Spot::Step(address) = spot {
            recorder.last.insert(address, holds);
        }
    }

    /// Records whether what stands before `?.` or `??` was there.
    #[inline]
    pub(super) fn found(&self, value: &Expr, present: bool) {
        self.note(|| Spot::of_step(value), if present { Taken::Present } else { Taken::Absent });
    }

    /// Records which line gave the value of a body.
    #[inline]
    pub(super) fn gave(&self, body: &Expr) {
        if self.recording.get() {
            self.gave_now(body);
        }
    }

    #[cold]
    fn gave_now(&self, body: &Expr) {
        let mut recorder = self.recorder.borrow_mut();
        let mut expr = body;
        loop {
            expr = match &expr.op {
                Op::Block(statements) => match statements.last() {
                    Some(Statement::Expr(last)) => last,
                    _ => break,
                },
                Op::If(condition, then, otherwise) => {
                    let Spot::Step(address) = Spot::of_step(condition) else { break };
                    match recorder.last.get(&address) {
                        Some(true) => then,
                        Some(false) => otherwise,
                        None => break,
                    }
                }
                _ => break,
            };
        }
        recorder.add(Spot::of_step(expr), Taken::Gave);
    }

    /// Records whether an element was sent with something in it.
    #[inline]
    pub(crate) fn sent(&self, node: &Node, sent: bool) {
        if self.recording.get() {
            self.sent_now(node, sent);
        }
    }

    #[cold]
    fn sent_now(&self, node: &Node, sent: bool) {
        self.recorder.borrow_mut().add(Spot::of_element(node), if sent { Taken::Sent } else { Taken::NotSent });
        // What is in it is not sent either.
        if !sent {
            node.children.iter().for_each(|child| self.sent_now(child, false));
        }
    }

    /// Records which value of a parameter was used.
    #[inline]
    pub(super) fn used(&self, parameter: usize) {
        if self.recording.get() {
            let in_year = self.as_of.clamp(self.year.0, self.year.1);
            let declared = &self.plan.parameters[parameter];
            let period = declared.values.partition_point(|dated| dated.from <= in_year).checked_sub(1);
            let own = period.map(|period| &declared.values[period].value);
            let taken = match period.and_then(|period| u32::try_from(period).ok()) {
                Some(period) if own == self.parameters[parameter].as_ref() => Taken::Period(period),
                _ => Taken::Set,
            };
            self.note(|| Spot::Parameter(parameter), taken);
        }
    }

    /// Records how a local code was mapped by the value set's own entries.
    pub(super) fn mapped_by_entry(&self, set: usize, code: &str) {
        if self.recording.get() {
            let entries = &self.plan.value_sets[set].entries;
            // The last of two entries for one code is the one that counts.
            let at = entries.iter().rposition(|(local, ..)| &**local == code);
            if let Some(at) = at.and_then(|at| u32::try_from(at).ok()) {
                self.note(|| Spot::ValueSet(set), Taken::Row(at));
            }
        }
    }
}
