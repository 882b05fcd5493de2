//! Where the functions of a file stand.
//!
//! The rule language's own lexer cannot go on after an interpolated text by itself, so texts and comments are passed over here.

use std::ops::Range;

/// A function: name, parameters and the byte range between its braces.
pub type Span = (String, Vec<String>, Range<usize>);

/// The functions of a text, in order.
pub fn functions(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if let Some(end) = past(text, at) {
            at = end;
            continue;
        }
        let word = word(text, at);
        if word != "fn" {
            at += word.len().max(next(text, at));
            continue;
        }
        at += 2;
        let Some(open) = text[at..].find('{').map(|open| at + open) else { break };
        let (name, parameters) = text[at..open].split_once('(').unwrap_or((&text[at..open], ""));
        let parameters = parameters.split(|c: char| !is_word(c)).filter(|part| !part.is_empty()).map(str::to_owned);
        let end = past_block(text, open);
        let close = if text[..end].ends_with('}') { end - 1 } else { end };
        found.push((name.trim().to_owned(), parameters.collect(), open + 1..close.max(open + 1)));
        at = end;
    }
    found
}

pub const fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

pub fn word(text: &str, at: usize) -> &str {
    let rest = &text[at..];
    &rest[..rest.find(|character| !is_word(character)).unwrap_or(rest.len())]
}

/// How long the character at `at` is.
fn next(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(1, char::len_utf8)
}

/// Where the block whose brace stands at `open` has ended.
pub fn past_block(text: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = open;
    while at < text.len() {
        if let Some(end) = past(text, at) {
            at = end;
            continue;
        }
        match text.as_bytes()[at] {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += next(text, at);
        if depth == 0 {
            break;
        }
    }
    at
}

/// Where the comment or text that begins at `at` has ended; none where none begins there.
pub fn past(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    let length = match rest.as_bytes() {
        [b'/', b'/', ..] => rest.find('\n').unwrap_or(rest.len()),
        [b'/', b'*', ..] => comment(rest),
        [quote @ (b'"' | b'\''), ..] => quoted(rest, char::from(*quote)),
        [b'`', ..] => interpolated(rest),
        [b'#', ..] => return raw(rest).map(|length| at + length),
        _ => return None,
    };
    Some(at + length)
}

/// Comments may stand in each other.
fn comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += next(rest, at);
        }
    }
    at
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A text in back-ticks; what stands in `${}` is a block.
fn interpolated(rest: &str) -> usize {
    let mut at = 1;
    while at < rest.len() {
        if rest[at..].starts_with("${") {
            at = past_block(rest, at + 1);
        } else if rest[at..].starts_with("``") {
            at += 2;
        } else if rest[at..].starts_with('`') {
            return at + 1;
        } else {
            at += next(rest, at);
        }
    }
    rest.len()
}

/// A raw text, `#"…"#`, with any number of hashes. None if the hashes begin something else, such as a map.
fn raw(rest: &str) -> Option<usize> {
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    if !rest[hashes..].starts_with('"') {
        return None;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let inside = hashes + 1;
    Some(rest[inside..].find(&end).map_or(rest.len(), |at| inside + at + end.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bodies(text: &str) -> Vec<(String, usize, String)> {
        functions(text)
            .into_iter()
            .map(|(name, parameters, span)| (name, parameters.len(), text[span].trim().to_owned()))
            .collect()
    }

    #[test]
    fn braces_in_texts_and_comments_do_not_count() {
        for body in [
            "`a ${x} b`",
            "`a ${ if x { `{${y}` } else { \"}\" } } }b`",
            "\"}\\\"}\"",
            "'}'",
            "1 // }",
            "/* } /* } */ } */ 1",
            "#\"}\"}\"#",
            "#{ a: `}` }",
            "if x { 1 } else { 2 }",
            "\"é}\"",
        ] {
            let text = format!("//! fn no(x) {{\nfn value(x, y) {{ {body}\n}}\nprivate fn other() {{ fnord }}\n");
            let expected = vec![("value".to_owned(), 2, body.to_owned()), ("other".to_owned(), 0, "fnord".to_owned())];
            assert_eq!(bodies(&text), expected, "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_a_panic(text in "(fn |value|\\(x\\)|[{}`\"'#/*\\\\$\n é]){0,40}") {
            for (_, _, span) in functions(&text) {
                prop_assert!(text.get(span).is_some());
            }
        }
    }
}
