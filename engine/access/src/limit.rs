//! How often somebody may guess.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use store::Millis;

/// How many logins may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Failed logins of one account within the window.
    pub failures_per_account: usize,
    /// Failed logins from one address within the window.
    pub failures_per_address: usize,
    /// The window, in milliseconds.
    pub window_millis: Millis,
}

impl Default for Limits {
    fn default() -> Self {
        Self { failures_per_account: 10, failures_per_address: 50, window_millis: 15 * 60 * 1000 }
    }
}

/// So many accounts or addresses are remembered; beyond that those that have been quiet longest are forgotten.
const MOST_KEYS: usize = 10_000;

/// Counts attempts by a key.
pub(crate) struct Limiter {
    most: usize,
    window: Millis,
    attempts: Mutex<HashMap<String, VecDeque<Millis>>>,
}

impl Limiter {
    pub(crate) fn new(most: usize, window: Millis) -> Self {
        Self { most, window, attempts: Mutex::default() }
    }

    /// Counts an attempt before it is made, so that many at once are not all let through.
    ///
    /// # Errors
    /// There were too many: how many milliseconds until there is room.
    pub(crate) fn attempt(&self, key: &str, now: Millis) -> Result<(), Millis> {
        let mut all = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_KEYS && !all.contains_key(key) {
            forget_half(&mut all);
        }
        let times = all.entry(key.to_owned()).or_default();
        while times.front().is_some_and(|first| *first <= now - self.window) {
            times.pop_front();
        }
        if times.len() >= self.most {
            return Err(times.front().map_or(self.window, |first| first + self.window - now));
        }
        times.push_back(now);
        Ok(())
    }

    /// The attempt was right: it does not count, nor do those before it.
    pub(crate) fn forgive(&self, key: &str) {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    /// One attempt was right: it does not count.
    pub(crate) fn forgive_one(&self, key: &str) {
        if let Some(times) = self.attempts.lock().unwrap_or_else(PoisonError::into_inner).get_mut(key) {
            times.pop_back();
        }
    }
}

/// Forgets those that have been quiet longest.
fn forget_half(all: &mut HashMap<String, VecDeque<Millis>>) {
    let mut last: Vec<Millis> = all.values().filter_map(|times| times.back().copied()).collect();
    let half = last.len() / 2;
    let (_, median, _) = last.select_nth_unstable(half);
    let median = *median;
    all.retain(|_, times| times.back().is_some_and(|last| *last > median));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_attempts_wait_for_the_window_to_pass() {
        let limiter = Limiter::new(3, 1000);
        for now in [0, 10, 20] {
            assert_eq!(limiter.attempt("a", now), Ok(()));
        }
        assert_eq!(limiter.attempt("a", 30), Err(970));
        assert_eq!(limiter.attempt("b", 30), Ok(()), "others are not kept waiting");
        assert_eq!(limiter.attempt("a", 1000), Ok(()), "the first is over");
        assert_eq!(limiter.attempt("a", 1001), Err(9));
        limiter.forgive("a");
        assert_eq!(limiter.attempt("a", 1002), Ok(()));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let limiter = Limiter::new(1, 1000);
        assert_eq!(limiter.attempt("first", 0), Ok(()));
        for key in 1..=2 * MOST_KEYS {
            assert_eq!(limiter.attempt(&key.to_string(), 1), Ok(()));
        }
        let known = limiter.attempts.lock().map(|attempts| attempts.len());
        assert!(known.is_ok_and(|known| known <= MOST_KEYS));
    }
}
