//! What became of each element, and what was read for it, for `explain`. While nothing is recorded this costs nothing.

use rulebook::plan::Node;

use super::Emitter;
use crate::element::{Record, Sent, Why};
use crate::trace::Read;

impl<'p> Emitter<'_, 'p> {
    /// What was read since the last call, if it is recorded.
    pub(super) fn reads(&self) -> Vec<Read> {
        if self.record.is_some() { self.evaluation.trace.borrow_mut().take() } else { Vec::new() }
    }

    /// Records what is sent of an element, and what was read for it: `before`, and since the last call.
    #[inline]
    pub(super) fn note(&mut self, node: &'p Node, before: Option<Vec<Read>>, sent: impl FnOnce(&str) -> Sent) {
        if self.record.is_some() {
            let sent = sent(&self.text);
            self.note_down(node, before.unwrap_or_default(), sent);
        }
    }

    #[cold]
    fn note_down(&mut self, node: &'p Node, before: Vec<Read>, sent: Sent) {
        let more = self.reads();
        if let Some(record) = &mut self.record {
            record.note(node, sent, before.into_iter().chain(more).collect());
        }
    }

    /// Records that what an element is a part of must go, since the element is missing.
    pub(super) const fn lacking(&mut self, node: &'p Node) {
        if let Some(record) = &mut self.record {
            record.lacks = Some(node);
        }
    }

    /// How much was recorded so far.
    pub(super) fn recorded_so_far(&self) -> usize {
        self.record.as_ref().map_or(0, Record::len)
    }

    /// Records that a part is not sent, though some of what is in it would be.
    pub(super) fn taken_back(&mut self, since: usize, node: &'p Node, why: Why<'p>) {
        if let Some(record) = &mut self.record {
            record.taken_back(since, node, why);
        }
    }
}
