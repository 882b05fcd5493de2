//! The generation of a rulebook that is in force, and those before it.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::{SecondsFormat, Utc};
use rulebook::Files;

/// A generation as its files, of which it can be made again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    /// Its hash.
    pub hash: Arc<str>,
    /// The files of objects/ and rules/.
    pub files: Arc<Files>,
}

impl Texts {
    /// The generation of these files.
    pub fn of(files: Files) -> Self {
        Self { hash: Arc::from(rulebook::generation(&files)), files: Arc::new(files) }
    }
}

/// Which generation is in force and how it came to be: what a restart must know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The one in force.
    pub current: Texts,
    /// Since when, in UTC.
    pub since: String,
    /// The hash of what stood on the disk, and was left, when somebody went back to an earlier generation; none where nobody did.
    pub left: Option<String>,
}

impl Standing {
    /// In force from now on, as it stands on the disk.
    pub fn now(current: Texts) -> Self {
        Self { current, since: Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true), left: None }
    }
}

/// The generation in force, and those before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    standing: Standing,
    /// The latest first.
    earlier: VecDeque<Texts>,
    most: usize,
}

impl History {
    /// Begins with a generation and those before it, the latest first; keeps at most so many of these.
    pub fn new(standing: Standing, earlier: impl IntoIterator<Item = Texts>, most: usize) -> Self {
        let earlier = earlier.into_iter().filter(|earlier| earlier.hash != standing.current.hash).take(most).collect();
        Self { standing, earlier, most }
    }

    /// What is in force.
    pub const fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The history once another one is in force.
    #[must_use]
    pub fn with(&self, next: Standing) -> Self {
        let before = std::iter::once(&self.standing.current).chain(&self.earlier).cloned();
        Self::new(next, before, self.most)
    }

    /// An earlier one, by its hash or the beginning of it, of at least eight characters, that no other begins with.
    pub fn find(&self, hash: &str) -> Option<&Texts> {
        let mut found = self.earlier.iter().filter(|earlier| hash.len() >= 8 && earlier.hash.starts_with(hash));
        found.next().filter(|_| found.next().is_none())
    }

    /// Earlier ones, the latest first.
    pub fn earlier(&self) -> impl Iterator<Item = &Texts> {
        self.earlier.iter()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

    use super::{Files, History, Standing, Texts};

    fn texts(text: &str) -> Texts {
        Texts::of(Files::from([("objects/a.yaml".to_owned(), text.to_owned())]))
    }

    fn hashes(history: &History) -> Vec<&str> {
        history.earlier().map(|earlier| &*earlier.hash).collect()
    }

    #[test]
    fn so_many_are_kept_each_once_the_latest_first() {
        let [one, two, three, four] = ["1", "2", "3", "4"].map(texts);
        let history = History::new(Standing::now(one.clone()), [], 2);
        let history =
            [&two, &three, &four].iter().fold(history, |history, next| history.with(Standing::now((*next).clone())));
        assert_eq!(hashes(&history), [&*three.hash, &*two.hash]);
        assert_eq!(history.find(&one.hash), None);
        let history = history.with(Standing::now(two.clone()));
        assert_eq!((&history.standing().current, hashes(&history)), (&two, vec![&*four.hash, &*three.hash]));
        let again = history.with(Standing::now(two));
        assert_eq!(hashes(&again), hashes(&history));
    }

    #[test]
    fn one_is_found_by_a_beginning_that_is_long_enough() {
        let [one, two] = ["1", "2"].map(texts);
        let history = History::new(Standing::now(two), [one.clone()], 2);
        assert_eq!(history.find(one.hash.get(..8).unwrap()), Some(&one));
        assert_eq!(history.find(one.hash.get(..7).unwrap()), None);
        assert_eq!(history.find("12345678"), None);
    }
}
