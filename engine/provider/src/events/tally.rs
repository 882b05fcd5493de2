//! How many Deletes were found of an object, and which: a sum in which their order does not count, so that parts of it can be found one
//! after the other, and nothing grows with their number.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::state::Owner;
use super::units::Summer;

/// Deletes of one object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally {
    /// How many.
    pub count: u64,
    /// The sum over a keyed sum of each.
    which: [u64; 4],
}

impl Tally {
    /// Counts the Delete of an instance.
    pub(super) fn add(&mut self, summer: &Summer, owner: &Owner, label: &str, key: &str) {
        self.count += 1;
        let sum = summer.wide(format!("delete\u{1e}{label}\u{1e}{owner}\u{1e}{key}").as_bytes());
        for (all, one) in self.which.iter_mut().zip(sum) {
            *all = all.wrapping_add(one);
        }
    }
}

/// A name for exactly these Deletes, of 64 hexadecimal digits. It tells nothing of them.
pub(super) fn token(summer: &Summer, tallies: &BTreeMap<&str, &Tally>) -> String {
    let mut text = "deletes".to_owned();
    for (object, Tally { count, which }) in tallies {
        text.push_str(&format!("\u{1e}{object}\u{1e}{count}\u{1e}{which:?}"));
    }
    summer.wide(text.as_bytes()).iter().map(|number| format!("{number:016x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token_of(deletes: &[(&str, i64, &str)]) -> String {
        let summer = Summer::new(b"secret");
        let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
        for (label, key, refid) in deletes {
            let owner = Owner { kind: Owner::STUDENT.to_owned(), key: *key };
            tallies.entry(label).or_default().add(&summer, &owner, label, refid);
        }
        token(&summer, &tallies.iter().map(|(label, tally)| (*label, tally)).collect())
    }

    #[test]
    fn a_token_names_a_set_of_deletes_whatever_their_order() {
        let (one, two, three) = (("A", 1, "x"), ("A", 2, "y"), ("B", 1, "x"));
        let all = token_of(&[one, two, three]);
        assert_eq!(all.len(), 64);
        assert_eq!(all, token_of(&[three, two, one]));
        for other in
            [&[one, two][..], &[one, two, ("B", 1, "y")], &[one, two, ("B", 2, "x")], &[one, two, ("C", 1, "x")]]
        {
            assert_ne!(all, token_of(other), "{other:?}");
        }
    }

    #[test]
    fn nobody_makes_a_token_without_the_secret() {
        let token = |secret: &[u8]| token(&Summer::new(secret), &BTreeMap::from([("A", &Tally::default())]));
        assert_ne!(token(b"secret"), token(b"another"));
    }
}
