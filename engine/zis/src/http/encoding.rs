//! Packs and unpacks by gzip, within bounds.

use std::io::{Read, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;

/// Below this size a body may be any number of times larger than what was sent: small messages pack well, and cost little.
const FREE: u64 = 1 << 20;

/// Replies below this size are not worth packing.
pub(crate) const WORTH_PACKING: usize = 512;

/// Why a body could not be unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnpackFault {
    /// It is larger than allowed.
    TooLarge,
    /// It is not what gzip makes.
    Damaged,
}

/// Unpacks a body of at most `max` bytes that is at most `ratio` times as large as what was sent.
pub(super) fn unpack(packed: &[u8], max: u64, ratio: u64) -> Result<Bytes, UnpackFault> {
    let length = u64::try_from(packed.len()).unwrap_or(u64::MAX);
    let bound = length.saturating_mul(ratio).max(FREE).min(max);
    let mut body = Vec::new();
    // One byte more than allowed is read, and no further.
    let mut bounded = MultiGzDecoder::new(packed).take(bound.saturating_add(1));
    bounded.read_to_end(&mut body).map_err(|_| UnpackFault::Damaged)?;
    if u64::try_from(body.len()).unwrap_or(u64::MAX) > bound {
        return Err(UnpackFault::TooLarge);
    }
    Ok(Bytes::from(body))
}

/// Packs a body; none if that fails, which memory alone could cause.
pub(crate) fn pack(body: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

    use super::*;

    #[test]
    fn what_is_packed_is_unpacked() {
        let text = "<a>SIF</a>".repeat(1000);
        assert_eq!(unpack(&pack(text.as_bytes()).unwrap(), 1 << 20, 10).unwrap(), text.as_bytes());
    }

    #[test]
    fn a_bomb_stops_at_ten_times_and_at_the_largest_body() {
        let bomb = pack(&vec![b' '; 64 << 20]).unwrap();
        assert!(bomb.len() < 1 << 20, "it packs 64 MiB into {} bytes", bomb.len());
        assert_eq!(unpack(&bomb, 128 << 20, 10), Err(UnpackFault::TooLarge), "more than ten times");
        assert_eq!(unpack(&bomb, 8 << 20, 1000), Err(UnpackFault::TooLarge), "more than the largest body");
        let small = pack(&vec![b' '; 1 << 20]).unwrap();
        assert!(unpack(&small, 8 << 20, 10).is_ok(), "a mebibyte may be packed as well as it can be");
        assert_eq!(unpack(&small, (1 << 20) - 1, 10), Err(UnpackFault::TooLarge));
    }

    #[test]
    fn a_body_that_was_cut_or_is_no_gzip_is_damaged() {
        let packed = pack(&b"<a/>".repeat(100)).unwrap();
        assert_eq!(unpack(&packed[..packed.len() - 5], 1 << 20, 10), Err(UnpackFault::Damaged));
        assert_eq!(unpack(b"<a/>", 1 << 20, 10), Err(UnpackFault::Damaged));
    }
}
