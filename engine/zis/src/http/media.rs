//! What Content-Type and Content-Encoding of a request may be.

/// The Content-Type of every message, as OpenADK asks for it to the letter.
pub(crate) const CONTENT_TYPE: &str = "application/xml;charset=\"utf-8\"";

/// Whether a Content-Type is XML in UTF-8.
pub(super) fn is_xml(content_type: &str) -> bool {
    let mut parts = content_type.split(';');
    let essence = parts.next().unwrap_or_default().trim();
    let xml = essence.eq_ignore_ascii_case("application/xml") || essence.eq_ignore_ascii_case("text/xml");
    // Parameters that are no charset say nothing against it.
    let utf8 = parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            let value = value.trim().trim_matches('"');
            value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("utf8")
        }
        _ => true,
    });
    xml && utf8
}

/// How the body of a request is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// As it is.
    Identity,
    /// By gzip.
    Gzip,
}

/// What a Content-Encoding says; none for one that is not known, or several.
pub(super) fn packing(content_encoding: Option<&str>) -> Option<Packing> {
    match content_encoding.map(str::trim) {
        None | Some("") => Some(Packing::Identity),
        Some(name) if name.eq_ignore_ascii_case("identity") => Some(Packing::Identity),
        Some(name) if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => Some(Packing::Gzip),
        Some(_) => None,
    }
}

/// Whether an Accept-Encoding (of HTTP, or of a SIF_Property) prefers gzip to nothing.
///
/// What is not named has the weight of `*`, or none; `identity` is welcome unless it is refused.
pub(crate) fn prefers_gzip(accept_encoding: &str) -> bool {
    let (mut gzip, mut identity, mut any) = (None, None, None);
    for part in accept_encoding.split(',') {
        let mut pieces = part.split(';');
        let name = pieces.next().unwrap_or_default().trim();
        let weight = pieces
            .find_map(|piece| {
                let (key, value) = piece.split_once('=')?;
                key.trim().eq_ignore_ascii_case("q").then(|| thousandths(value.trim()))
            })
            .unwrap_or(1000);
        if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
            gzip = gzip.max(Some(weight));
        } else if name.eq_ignore_ascii_case("identity") {
            identity = Some(weight);
        } else if name == "*" {
            any = Some(weight);
        }
    }
    let gzip = gzip.or(any).unwrap_or(0);
    // Nobody who names gzip alone wants to be sent something else.
    let identity = identity.or(any.filter(|any| *any == 0)).unwrap_or(1);
    gzip > 0 && gzip >= identity
}

/// A weight in thousandths; one that cannot be read counts as 0, for what is not understood is not asked for.
fn thousandths(text: &str) -> u16 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    match (whole, digits) {
        ("1", true) if fraction.bytes().all(|byte| byte == b'0') => 1000,
        ("0" | "", true) => format!("{fraction:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_in_utf8_is_taken_however_it_is_written() {
        for taken in [
            CONTENT_TYPE,
            "application/xml",
            "text/xml; charset=UTF-8",
            "Text/XML;charset=\"Utf-8\"",
            "application/xml; foo=bar; charset=utf-8",
        ] {
            assert!(is_xml(taken), "{taken}");
        }
        for refused in [
            "",
            "application/json",
            "text/plain; charset=utf-8",
            "application/xml; charset=iso-8859-1",
            "application/xml; charset=\"utf-16\"",
            "application/xmlx",
            "application/soap+xml",
        ] {
            assert!(!is_xml(refused), "{refused}");
        }
    }

    #[test]
    fn one_known_encoding_is_taken() {
        assert_eq!(packing(None), Some(Packing::Identity));
        assert_eq!(packing(Some("GZIP")), Some(Packing::Gzip));
        assert_eq!(packing(Some("gzip, gzip")), None);
        assert_eq!(packing(Some("br")), None);
    }

    #[test]
    fn gzip_is_chosen_by_its_weight() {
        for wanted in [
            "gzip;q=1.0, identity;q=0.5, *;q=0",
            "gzip;q=1.0, deflate;q=0.7, compress;q=0.6, identity;q=0.5, *;q=0",
            "gzip",
            "GZip ; Q=0.3",
            "gzip;q=0.001",
            "*",
            "br, *;q=0.5",
            "identity;q=0, gzip;q=0.1",
            "x-gzip",
        ] {
            assert!(prefers_gzip(wanted), "{wanted}");
        }
        for unwanted in [
            "",
            "identity",
            "gzip;q=0",
            "gzip;q=0.000",
            "gzip;q=0.4, identity;q=0.5",
            "deflate, br",
            "*;q=0",
            "gzip;q=0, *",
            "gzip;q=nonsense",
            "gzip;q=2",
            "gzipped",
        ] {
            assert!(!prefers_gzip(unwanted), "{unwanted}");
        }
    }
}
