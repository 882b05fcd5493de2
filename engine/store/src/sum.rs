//! Sums over what is stored, so that a byte that changed on the disk is noticed when it is read. They find accidents, not forgers.

use bytes::Bytes;

use crate::change::{Millis, NewMessage, Number};
use crate::rows::MessageSummary;
use crate::{Document, StoreFault};

/// The sum of a text.
pub(crate) fn of(text: &[u8]) -> i64 {
    i64::from(crc32fast::hash(text))
}

/// The sum of a record: its key too, so that a value under a key that changed is noticed.
pub(crate) fn of_record(space: &str, key: &str, value: &str) -> i64 {
    of_parts(&[space.as_bytes(), key.as_bytes(), value.as_bytes()])
}

/// What a message's row holds besides its text.
pub(crate) struct Head<'h> {
    pub number: Number,
    pub message_id: &'h str,
    pub source: &'h str,
    pub kind: &'h str,
    pub object: Option<&'h str>,
    pub received: Millis,
    pub envelope: &'h str,
}

impl Head<'_> {
    pub(crate) fn sum(&self) -> i64 {
        of_parts(&[
            &self.number.to_le_bytes(),
            self.message_id.as_bytes(),
            self.source.as_bytes(),
            self.kind.as_bytes(),
            self.object.unwrap_or_default().as_bytes(),
            &self.received.to_le_bytes(),
            self.envelope.as_bytes(),
        ])
    }
}

/// The sum of the head of a message that is to be written.
pub(crate) fn of_head(message: &NewMessage) -> i64 {
    Head {
        number: message.number,
        message_id: &message.message_id,
        source: &message.source,
        kind: &message.kind,
        object: message.object.as_deref(),
        received: message.received,
        envelope: &message.envelope,
    }
    .sum()
}

/// The sum of the head of a message that was read.
pub(crate) fn of_summary(message: &MessageSummary, envelope: &str) -> i64 {
    Head {
        number: message.number,
        message_id: &message.message_id,
        source: &message.source,
        kind: &message.kind,
        object: message.object.as_deref(),
        received: message.received,
        envelope,
    }
    .sum()
}

/// A text that was read, if its sum is the one that it was written with.
pub(crate) fn checked(text: Vec<u8>, sum: i64, zone: &str, number: Number) -> Result<Document, StoreFault> {
    if of(&text) == sum {
        return Ok(Bytes::from(text));
    }
    Err(StoreFault::Damaged(format!("the text of message {number} of zone `{zone}` is not what was written")))
}

/// The sum of several parts, each with its length before it, so that none can lend another a letter.
fn of_parts(parts: &[&[u8]]) -> i64 {
    let mut hasher = crc32fast::Hasher::new();
    for part in parts {
        hasher.update(&part.len().to_le_bytes());
        hasher.update(part);
    }
    i64::from(hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_that_moves_from_one_part_to_the_next_changes_the_sum() {
        assert_ne!(of_record("agent", "ab", "c"), of_record("agent", "a", "bc"));
    }
}
