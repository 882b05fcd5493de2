//! Small numbers in few bytes, and bytes as text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// Bytes in the making.
#[derive(Default)]
pub(super) struct Packer(Vec<u8>);

impl Packer {
    pub(super) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(u8::try_from(number & 0x7f).unwrap_or(0) | 0x80);
            number >>= 7;
        }
        self.0.push(u8::try_from(number).unwrap_or(0));
    }

    pub(super) fn signed(&mut self, number: i64) {
        self.number(number.cast_unsigned() << 1 ^ (number >> 63).cast_unsigned());
    }

    pub(super) fn sum(&mut self, sum: u64) {
        self.0.extend_from_slice(&sum.to_le_bytes());
    }

    /// A RefId takes half of its digits, any other text its own length.
    pub(super) fn text(&mut self, text: &str) {
        match ref_id(text) {
            Some(id) => {
                self.0.push(0);
                self.0.extend_from_slice(&id.to_be_bytes());
            }
            None => {
                self.number(text.len() as u64 + 1);
                self.0.extend_from_slice(text.as_bytes());
            }
        }
    }

    pub(super) fn finish(self) -> String {
        STANDARD_NO_PAD.encode(self.0)
    }
}

/// The digits of a RefId as SIF writes it: only what is written back the same.
fn ref_id(text: &str) -> Option<u128> {
    let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte));
    if digits { u128::from_str_radix(text, 16).ok() } else { None }
}

/// Bytes that are read back. Each part is none where the bytes are not what was written.
pub(super) struct Unpacker {
    bytes: Vec<u8>,
    at: usize,
}

impl Unpacker {
    pub(super) fn new(text: &str) -> Option<Self> {
        Some(Self { bytes: STANDARD_NO_PAD.decode(text).ok()?, at: 0 })
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let from = self.at;
        self.at = from.checked_add(count)?;
        self.bytes.get(from..self.at)
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.take(1)?.first()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    pub(super) fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    pub(super) fn sum(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    pub(super) fn text(&mut self) -> Option<String> {
        match self.number()? {
            0 => Some(format!("{:032X}", u128::from_be_bytes(self.take(16)?.try_into().ok()?))),
            length => {
                let length = usize::try_from(length - 1).ok()?;
                String::from_utf8(self.take(length)?.to_vec()).ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_packed_comes_out(numbers in prop::collection::vec(any::<(u64, i64)>(), 0..20), texts in prop::collection::vec("(?s).{0,40}|[0-9A-F]{32}|[0-9a-f]{32}", 0..10)) {
            let mut packer = Packer::default();
            for (number, signed) in &numbers {
                packer.number(*number);
                packer.signed(*signed);
                packer.sum(*number);
            }
            texts.iter().for_each(|text| packer.text(text));
            let mut unpacker = Unpacker::new(&packer.finish()).unwrap();
            for (number, signed) in &numbers {
                prop_assert_eq!((unpacker.number(), unpacker.signed(), unpacker.sum()), (Some(*number), Some(*signed), Some(*number)));
            }
            for text in &texts {
                prop_assert_eq!(unpacker.text(), Some(text.clone()));
            }
            prop_assert!(unpacker.is_done());
        }

        #[test]
        fn other_bytes_are_nothing_and_no_panic(text in "[A-Za-z0-9+/]{0,60}") {
            if let Some(mut unpacker) = Unpacker::new(&text) {
                while unpacker.text().is_some() && unpacker.signed().is_some() && unpacker.sum().is_some() {}
            }
        }
    }
}
