//! Splits Rhai into words.

use super::names::Names;
use super::word;
use crate::html::Html;

const WORDS: &[&str] = &[
    "fn", "let", "const", "if", "else", "switch", "return", "for", "in", "while", "loop", "do", "until", "break",
    "continue", "throw", "try", "catch", "private", "is",
];

/// Writes Rhai in colours.
pub fn write(html: &mut Html, text: &str, names: &mut Names<'_, '_>) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = length_of_word(rest, first);
        let (now, after) = rest.split_at(length);
        match first {
            '/' if now.starts_with("//") => word(html, "c", now),
            '"' | '`' | '\'' | '\\' => {
                names.other();
                word(html, "s", now);
            }
            '0'..='9' => {
                names.other();
                word(html, "n", now);
            }
            'a'..='z' | 'A'..='Z' | '_' => identifier(html, now, after, names),
            _ => {
                names.sign(now);
                html.text(now);
            }
        }
        rest = after;
    }
}

fn identifier(html: &mut Html, now: &str, after: &str, names: &mut Names<'_, '_>) {
    if matches!(now, "true" | "false") {
        names.other();
        word(html, "n", now);
    } else if WORDS.contains(&now) {
        names.keyword(now);
        word(html, "k", now);
    } else {
        names.write(html, now, after.starts_with('('));
    }
}

/// How long the word is that a text starts with, in bytes.
fn length_of_word(text: &str, first: char) -> usize {
    let until = |wanted: &dyn Fn(char) -> bool| text.find(|c: char| !wanted(c)).unwrap_or(text.len());
    match first {
        '/' if text.starts_with("//") => text.find('\n').unwrap_or(text.len()),
        '"' | '`' | '\'' => end_of_text(text, first),
        // A text inside a quoted scalar of YAML.
        '\\' if text.starts_with("\\\"") => {
            text.get(2..).and_then(|rest| rest.find("\\\"")).map_or(text.len(), |at| at + 4)
        }
        '0'..='9' => until(&|c| c.is_ascii_digit() || c == '_'),
        'a'..='z' | 'A'..='Z' | '_' => until(&|c| c.is_alphanumeric() || c == '_'),
        '?' if text.starts_with("?.") => 2,
        c if c.is_whitespace() => until(&char::is_whitespace),
        other => other.len_utf8(),
    }
}

fn end_of_text(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return at + character.len_utf8(),
            _ => {}
        }
    }
    text.len()
}
