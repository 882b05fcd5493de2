//! What administrators have confirmed of what the guard held back: records that the next comparison uses up.

use std::collections::BTreeSet;
use std::sync::Arc;

use store::{Change, StoreFault};

use super::book::Book;
use super::shelf::{CONFIRMED, Entry};

/// The change of the store that allows the Deletes that a token names ([`HeldBack::token`](super::HeldBack::token)): the next comparison
/// may find exactly these, once. To be written by whom a person has told that they are meant.
#[must_use]
pub fn confirmation(zone: Arc<str>, token: &str) -> Change {
    Change::PutRecord { zone, space: CONFIRMED, key: token.to_owned(), value: "{}".to_owned() }
}

/// The tokens that the comparison which now begins may use.
pub(super) fn confirmed(book: &Book) -> Result<BTreeSet<String>, StoreFault> {
    Ok(book.shelf.list(CONFIRMED)?.into_iter().map(|record| record.key).collect())
}

/// What takes them away. One that is written while a comparison runs is not among them, and so kept for the next.
pub(super) fn used_up(tokens: &BTreeSet<String>) -> impl Iterator<Item = Entry> + '_ {
    tokens.iter().map(|token| Entry::Delete(CONFIRMED, token.clone()))
}
