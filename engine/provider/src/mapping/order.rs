//! Pieces are mapped in any order and handed on in theirs.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use problem::Problem;

use super::workers::not_finished;

/// How far the workers may be ahead of the piece that is handed on next: while one piece takes long, what is mapped of those behind
/// it waits in memory, and no more than this.
pub(super) struct Window {
    /// The piece that is handed on next; past all of them once nobody takes any more.
    next: Mutex<usize>,
    moved: Condvar,
    ahead: usize,
}

impl Window {
    pub(super) const fn new(ahead: usize) -> Self {
        Self { next: Mutex::new(0), moved: Condvar::new(), ahead }
    }

    fn next(&self) -> MutexGuard<'_, usize> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until this piece may be mapped.
    pub(super) fn wait_for(&self, piece: usize) {
        let mut next = self.next();
        while piece >= next.saturating_add(self.ahead) {
            next = self.moved.wait(next).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Says which piece is handed on next.
    pub(super) fn move_to(&self, piece: usize) {
        *self.next() = piece;
        self.moved.notify_all();
    }
}

/// Lets everybody go on when what takes the pieces ends, however it ends.
pub(super) struct Opened<'w>(pub(super) &'w Window);

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        self.0.move_to(usize::MAX);
    }
}

/// Hands the pieces on in order, whatever the order in which they come.
///
/// # Errors
/// If a piece fails, `sink` does, or fewer than `count` pieces come.
pub(super) fn in_order<B>(
    pieces: impl IntoIterator<Item = (usize, Result<B, Problem>)>,
    count: usize,
    window: &Window,
    sink: &mut dyn FnMut(B) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let _opened = Opened(window);
    let mut waiting: BTreeMap<usize, B> = BTreeMap::new();
    let mut wanted = 0;
    for (index, result) in pieces {
        waiting.insert(index, result?);
        while let Some(piece) = waiting.remove(&wanted) {
            wanted += 1;
            sink(piece)?;
            window.move_to(wanted);
        }
    }
    if wanted < count {
        let message = format!("{wanted} of {count} batches were mapped: a thread ended before its work was done");
        return Err(not_finished(&message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use problem::code;

    use super::*;

    /// What comes of batches that come in this order: their numbers as they are handed on, and the end.
    fn order(batches: &[usize], count: usize) -> (Vec<usize>, Result<(), Problem>) {
        let mut handed_on = Vec::new();
        let pieces = batches.iter().map(|number| (*number, Ok(*number)));
        let end = in_order(pieces, count, &Window::new(2), &mut |batch| {
            handed_on.push(batch);
            Ok(())
        });
        (handed_on, end)
    }

    #[test]
    fn batches_are_handed_on_in_order() {
        assert_eq!(order(&[2, 0, 1, 3], 4), (vec![0, 1, 2, 3], Ok(())));
    }

    #[test]
    fn a_batch_that_never_comes_is_a_failure_whatever_came_before() {
        for (batches, handed_on) in [(&[0, 1][..], &[0, 1][..]), (&[0, 2], &[0]), (&[], &[])] {
            let (found, end) = order(batches, 3);
            assert_eq!(found, handed_on);
            assert_eq!(end.map_err(|problem| problem.code), Err(code::NOT_FINISHED), "{batches:?}");
        }
    }

    /// The golden case of O102: no file of tests/mistakes/ can bring it about.
    #[test]
    fn what_a_user_reads_of_it() {
        let (_, end) = order(&[0, 2], 3);
        let shown = end.map_err(|problem| problem::render::human(&problem, &rulebook::Files::new(), false));
        let golden = "error[O102]: 1 of 3 batches were mapped: a thread ended before its work was done\n |\nhelp: nothing was given its name; run again, with a smaller number of --jobs if memory is short\n";
        assert_eq!(shown, Err(golden.to_owned()));
    }

    #[test]
    fn the_first_failure_ends_it() {
        let lost = || Problem::new(code::SOURCE_LOST, "");
        let end = in_order([(1, Err(lost())), (0, Ok(()))], 2, &Window::new(2), &mut |()| Ok(()));
        assert_eq!(end, Err(lost()));
    }

    #[test]
    fn nobody_runs_far_ahead_and_everybody_is_let_go_at_the_end() {
        let window = &Window::new(2);
        let passed = &AtomicBool::new(false);
        std::thread::scope(|scope| {
            window.wait_for(1);
            let waiting = scope.spawn(|| {
                window.wait_for(2);
                passed.store(true, Ordering::SeqCst);
                window.wait_for(100);
            });
            std::thread::sleep(Duration::from_millis(50));
            assert!(!passed.load(Ordering::SeqCst), "two pieces ahead of what is handed on");
            window.move_to(1);
            drop(Opened(window));
            assert!(waiting.join().is_ok());
        });
        assert!(passed.load(Ordering::SeqCst));
    }
}
