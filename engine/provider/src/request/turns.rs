//! Whose turn it is: some requests are answered at the same time, the others wait, and each requester has its turn.

use std::collections::{BTreeMap, VecDeque};

/// The requests that wait and how many are being answered.
#[derive(Debug)]
pub(crate) struct Turns {
    waiting: BTreeMap<String, VecDeque<String>>,
    /// Requesters that wait, the next one first.
    order: VecDeque<String>,
    running: usize,
    most: usize,
}

impl Turns {
    pub(crate) const fn new(most: usize) -> Self {
        Self { waiting: BTreeMap::new(), order: VecDeque::new(), running: 0, most: if most == 0 { 1 } else { most } }
    }

    /// A request waits, behind those of the same requester.
    pub(crate) fn add(&mut self, requester: &str, id: String) {
        let queue = self.waiting.entry(requester.to_owned()).or_default();
        if queue.is_empty() {
            self.order.push_back(requester.to_owned());
        }
        queue.push_back(id);
    }

    /// The next request, if one waits and not too many are being answered; it is, from now on.
    pub(crate) fn next(&mut self) -> Option<String> {
        if self.running >= self.most {
            return None;
        }
        let requester = self.order.pop_front()?;
        let queue = self.waiting.get_mut(&requester)?;
        let id = queue.pop_front()?;
        if queue.is_empty() {
            self.waiting.remove(&requester);
        } else {
            self.order.push_back(requester);
        }
        self.running += 1;
        Some(id)
    }

    /// A request is answered.
    pub(crate) const fn done(&mut self) {
        self.running = self.running.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_requester_has_its_turn_and_its_own_order() {
        let mut turns = Turns::new(2);
        for (requester, id) in [("many", "a"), ("many", "b"), ("many", "c"), ("one", "d")] {
            turns.add(requester, id.to_owned());
        }
        assert_eq!([turns.next(), turns.next(), turns.next()], [Some("a".into()), Some("d".into()), None]);
        turns.done();
        assert_eq!(turns.next().as_deref(), Some("b"));
        turns.done();
        turns.done();
        assert_eq!([turns.next(), turns.next()], [Some("c".into()), None]);
    }
}
