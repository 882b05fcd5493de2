//! Compression of bodies, bounded: a small body may not become a huge one.

use std::io::{Read, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;

/// A compressed body.
pub fn compress(body: &[u8]) -> std::io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body)?;
    encoder.finish().map(Bytes::from)
}

/// What a compressed body holds; no more than `limit` bytes.
pub fn expand(body: &[u8], limit: usize) -> Result<Bytes, String> {
    let mut text = Vec::new();
    let within = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(body)
        .take(within)
        .read_to_end(&mut text)
        .map_err(|_| "the body is not what its Content-Encoding says".to_owned())?;
    if text.len() > limit { Err(format!("the body holds more than {limit} bytes")) } else { Ok(text.into()) }
}

/// Whether a value of Accept-Encoding takes gzip: named without `q=0`.
pub fn takes_gzip(accept_encoding: &str) -> bool {
    accept_encoding.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        named
            && !parts.any(|part| {
                let quality = part.strip_prefix("q=").and_then(|quality| quality.parse::<f32>().ok());
                quality.is_some_and(|quality| quality <= 0.0)
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_comes_back_and_a_bomb_does_not() {
        let text = vec![b'a'; 100_000];
        let small = compress(&text).unwrap();
        assert!(small.len() < 1000);
        assert_eq!(expand(&small, 100_000).unwrap(), text);
        assert_eq!(expand(&small, 99_999), Err("the body holds more than 99999 bytes".to_owned()));
        assert!(expand(b"no gzip", 100).is_err());
    }

    #[test]
    fn gzip_is_taken_where_it_is_named() {
        assert!(takes_gzip("gzip;q=1.0, identity;q=0.5, *;q=0"));
        assert!(takes_gzip("deflate, GZIP"));
        assert!(!takes_gzip("gzip;q=0, identity"));
        assert!(!takes_gzip("identity"));
    }
}
