//! Finds the text of an element inside a document that is known to be well-formed, so that a message within an acknowledgement
//! is handed on byte by byte as its sender wrote it.

use bytes::{BufMut, Bytes, BytesMut};

/// A tag of a well-formed document.
struct Tag<'d> {
    /// Where its `<` stands.
    start: usize,
    /// Past its `>`.
    end: usize,
    /// Between `<` and `>`, without slashes.
    inside: &'d [u8],
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Opens,
    Closes,
    Empty,
}

/// The first child of the element at a path of local names, with the namespace declarations that are in force there: a document of
/// its own. A child that declares all of them comes without copying.
pub fn standing_alone(document: &Bytes, path: &[&str]) -> Option<Bytes> {
    find(document, path, &[], Some(1)).into_iter().next()
}

/// All children of the element at a path of local names, for a document that has some declarations already (their values with quotes).
pub fn children(document: &Bytes, path: &[&str], declared: &[(&[u8], &[u8])]) -> Vec<Bytes> {
    find(document, path, declared, None)
}

fn find(document: &Bytes, path: &[&str], declared: &[(&[u8], &[u8])], most: Option<usize>) -> Vec<Bytes> {
    let mut found = Vec::new();
    let mut at = 0;
    // The start tags around the place that is read.
    let mut around: Vec<&[u8]> = Vec::new();
    let mut matched = 0;
    while let Some(tag) = next_tag(document, at) {
        at = tag.end;
        if matched == path.len() && around.len() == matched && tag.kind != Kind::Closes {
            let Some(end) = (if tag.kind == Kind::Empty { Some(tag.end) } else { end_of(document, tag.end) }) else {
                return found;
            };
            found.push(with_declarations(document, &tag, end, &around, declared));
            at = end;
            if most.is_some_and(|most| found.len() >= most) {
                return found;
            }
            continue;
        }
        match tag.kind {
            Kind::Opens => {
                let next = path.get(matched);
                if around.len() == matched && next.is_some_and(|name| local(tag.inside) == name.as_bytes()) {
                    matched += 1;
                }
                around.push(tag.inside);
            }
            Kind::Closes => {
                around.pop();
                matched = matched.min(around.len());
            }
            Kind::Empty => {}
        }
    }
    found
}

/// Past the end tag that closes what was open at a place.
fn end_of(document: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 1_usize;
    while let Some(tag) = next_tag(document, at) {
        at = tag.end;
        match tag.kind {
            Kind::Opens => depth += 1,
            Kind::Closes => depth -= 1,
            Kind::Empty => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The next tag behind comments, instructions, character data and text.
fn next_tag(document: &[u8], mut at: usize) -> Option<Tag<'_>> {
    loop {
        let start = at + document.get(at..)?.iter().position(|byte| *byte == b'<')?;
        let rest = document.get(start..)?;
        let skipped: Option<&[u8]> = if rest.starts_with(b"<!--") {
            Some(b"-->")
        } else if rest.starts_with(b"<![CDATA[") {
            Some(b"]]>")
        } else if rest.starts_with(b"<?") {
            Some(b"?>")
        } else {
            None
        };
        if let Some(end) = skipped {
            at = start + rest.windows(end.len()).position(|window| window == end)? + end.len();
            continue;
        }
        let length = tag_length(rest)?;
        let inside = rest.get(1..length - 1)?;
        let (kind, inside) = if let Some(name) = inside.strip_prefix(b"/") {
            (Kind::Closes, name)
        } else if let Some(element) = inside.strip_suffix(b"/") {
            (Kind::Empty, element)
        } else {
            (Kind::Opens, inside)
        };
        return Some(Tag { start, end: start + length, inside, kind });
    }
}

/// How long the tag is that begins a text: a `>` may stand in a value.
fn tag_length(text: &[u8]) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.iter().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
    }
    None
}

/// The name of a tag without its prefix.
fn local(inside: &[u8]) -> &[u8] {
    let end = inside.iter().position(u8::is_ascii_whitespace).unwrap_or(inside.len());
    let name = inside.get(..end).unwrap_or_default();
    name.rsplit(|byte| *byte == b':').next().unwrap_or_default()
}

/// The namespace declarations of a start tag: name and value with its quotes.
fn declarations(inside: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut found = Vec::new();
    let mut rest = inside;
    while let Some(equals) = rest.iter().position(|byte| *byte == b'=') {
        let (before, after) = rest.split_at(equals);
        let name = before.trim_ascii_end().rsplit(u8::is_ascii_whitespace).next().unwrap_or_default();
        let after = after.get(1..).unwrap_or_default().trim_ascii_start();
        let Some(quote) = after.first() else { break };
        let Some(end) = after.iter().skip(1).position(|byte| byte == quote) else { break };
        let (value, next) = after.split_at(end + 2);
        if name == b"xmlns" || name.starts_with(b"xmlns:") {
            found.push((name, value));
        }
        rest = next;
    }
    found
}

fn with_declarations(
    document: &Bytes,
    tag: &Tag<'_>,
    end: usize,
    around: &[&[u8]],
    declared: &[(&[u8], &[u8])],
) -> Bytes {
    let mut seen: Vec<&[u8]> = declarations(tag.inside).into_iter().map(|(name, _)| name).collect();
    let mut missing = Vec::new();
    for (name, value) in around.iter().rev().flat_map(|inside| declarations(inside)) {
        if !seen.contains(&name) {
            seen.push(name);
            if !declared.iter().any(|(known, as_)| *known == name && unquoted(as_) == unquoted(value)) {
                missing.push((name, value));
            }
        }
    }
    if missing.is_empty() {
        return document.slice(tag.start..end);
    }
    let name = tag.inside.iter().position(u8::is_ascii_whitespace).unwrap_or(tag.inside.len());
    let split = tag.start + 1 + name;
    let mut alone = BytesMut::with_capacity(end - tag.start + 128);
    alone.put_slice(document.get(tag.start..split).unwrap_or_default());
    for (name, value) in missing {
        alone.put_u8(b' ');
        alone.put_slice(name);
        alone.put_u8(b'=');
        alone.put_slice(value);
    }
    alone.put_slice(document.get(split..end).unwrap_or_default());
    alone.freeze()
}

fn unquoted(value: &[u8]) -> &[u8] {
    value.get(1..value.len().saturating_sub(1)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(document: &str, path: &[&str]) -> Option<String> {
        let bytes = Bytes::copy_from_slice(document.as_bytes());
        standing_alone(&bytes, path).map(|text| String::from_utf8(text.to_vec()).unwrap())
    }

    #[test]
    fn a_child_is_cut_out_as_it_stands() {
        let document = "<a><!-- <b><c> --><b x='>'/><b><![CDATA[</b>]]><c y=\"/>\"><c/>t</c><d/></b></a>";
        assert_eq!(found(document, &["a", "b"]).as_deref(), Some("<c y=\"/>\"><c/>t</c>"));
    }

    #[test]
    fn all_children_are_found_and_what_is_declared_is_not_repeated() {
        let document = "<a xmlns=\"one\" xmlns:x='two'><b> <c><c/></c> text <d/></b><b><e/></b></a>";
        let bytes = Bytes::copy_from_slice(document.as_bytes());
        let found = children(&bytes, &["a", "b"], &[(b"xmlns", b"'one'")]);
        assert_eq!(found, ["<c xmlns:x='two'><c/></c>", "<d xmlns:x='two'/>", "<e xmlns:x='two'/>"]);
    }

    #[test]
    fn only_the_whole_path_is_followed() {
        assert_eq!(found("<a><x><b><c/></b></x></a>", &["a", "b"]), None);
        assert_eq!(found("<a><b/><x/></a>", &["a", "b"]), None);
    }

    #[test]
    fn declarations_around_it_go_with_it_and_its_own_win() {
        let document = "<p:a xmlns:p = 'one' xmlns=\"two\"><p:b xmlns:p='three'><c xmlns=\"four\" v='1'/></p:b></p:a>";
        assert_eq!(found(document, &["a", "b"]).as_deref(), Some("<c xmlns:p='three' xmlns=\"four\" v='1'/>"));
    }
}
