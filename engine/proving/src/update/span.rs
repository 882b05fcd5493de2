//! Where in a text a YAML node stands.

use rulebook::yaml::{Kind, Node};

/// The bytes of a node, and how it stands there.
pub struct Span {
    pub from: usize,
    pub to: usize,
    /// The indentation of the key that it belongs to.
    pub indent: usize,
    /// Whether it stands in brackets, where no text of several lines may stand.
    pub inline: bool,
}

/// The span of a node that is the value of a key; none for a layout that is not known.
pub fn of(text: &str, node: &Node) -> Option<Span> {
    let line_start = line_start(text, node.place.line)?;
    if let Some(from) = block_mark(text, line_start, node) {
        let head = text[..from].rfind('\n').map_or(0, |at| at + 1);
        let key = key_indent(text, head, &text[head..from])?;
        return Some(Span { from, to: block(text, from, key)?, indent: key, inline: false });
    }
    let column = usize::try_from(node.place.column).ok()?.checked_sub(1)?;
    let line = text[line_start..].lines().next()?;
    let in_line = line.char_indices().nth(column).map(|(at, _)| at)?;
    let from = line_start + in_line;
    let rest = &text[from..];
    let key = key_indent(text, line_start, &line[..in_line])?;
    let first = rest.chars().next()?;
    let to = match first {
        '"' => from + quoted(rest, '"')?,
        '\'' => from + quoted(rest, '\'')?,
        '[' | '{' => from + bracketed(rest)?,
        '|' | '>' => block(text, from, key)?,
        '-' if rest.starts_with("- ") => list(text, line_start, in_line)?,
        _ => match &node.kind {
            Kind::Scalar(scalar) if scalar.plain && rest.starts_with(&scalar.text) => from + scalar.text.len(),
            _ => return None,
        },
    };
    Some(Span { from, to, indent: key, inline: in_brackets(&line[..in_line]) })
}

/// Where the mark of a text of several lines stands (`|` or `>`), if the node is one: on the last line above that is not blank.
fn block_mark(text: &str, line_start: usize, node: &Node) -> Option<usize> {
    let Kind::Scalar(scalar) = &node.kind else { return None };
    let first = text[line_start..].chars().nth(usize::try_from(node.place.column).ok()?.checked_sub(1)?)?;
    if scalar.plain || ['"', '\'', '|', '>'].contains(&first) {
        return None;
    }
    let above = text[..line_start].trim_end();
    let head = above.rfind('\n').map_or(0, |at| at + 1);
    let line = above[head..].split(" #").next()?.trim_end();
    let mark = line.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-' || c == '+');
    mark.ends_with(['|', '>']).then(|| head + mark.len() - 1)
}

fn line_start(text: &str, line: u32) -> Option<usize> {
    let before = usize::try_from(line).ok()?.checked_sub(1)?;
    if before == 0 {
        return Some(0);
    }
    text.match_indices('\n').nth(before - 1).map(|(at, _)| at + 1)
}

/// The column, from 0, of the key whose value begins after `head`, on the same line or the last one with a key before it.
fn key_indent(text: &str, line_start: usize, head: &str) -> Option<usize> {
    let indent = |line: &str| line.chars().take_while(|c| *c == ' ' || *c == '-').count();
    if !head.trim().is_empty() {
        return Some(indent(head));
    }
    let above = text[..line_start].lines().rev().find(|line| !line.trim().is_empty())?;
    Some(indent(above))
}

/// How long a quoted text is.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' if quote == '"' => {
                characters.next();
            }
            '\'' if quote == '\'' && characters.peek().is_some_and(|(_, next)| *next == '\'') => {
                characters.next();
            }
            _ if character == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// How long a list or map in brackets is.
fn bracketed(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        match character {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.checked_sub(1)?,
            '"' | '\'' => {
                at += quoted(&text[at..], character)?;
                continue;
            }
            _ => {}
        }
        at += character.len_utf8();
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The end of a text of several lines, which are indented deeper than its key.
fn block(text: &str, from: usize, key: usize) -> Option<usize> {
    let mut end = from + text[from..].find('\n').unwrap_or(text.len() - from);
    let mut at = end + 1;
    while let Some(line) = text.get(at..).and_then(|rest| rest.split('\n').next()) {
        let indent = line.chars().take_while(|c| *c == ' ').count();
        let blank = line.trim().is_empty();
        if !blank && indent <= key {
            break;
        }
        if !blank {
            end = at + line.len();
        }
        at += line.len() + 1;
    }
    Some(end)
}

/// The end of a list whose items stand one below the other.
fn list(text: &str, line_start: usize, indent: usize) -> Option<usize> {
    let mut end = line_start;
    let mut at = line_start;
    while let Some(line) = text.get(at..).and_then(|rest| rest.split('\n').next()) {
        let own = line.chars().take_while(|c| *c == ' ').count();
        let content = line.trim();
        let inside = own > indent || (own == indent && (content.starts_with("- ") || content.starts_with('#')));
        if !content.is_empty() && !inside {
            break;
        }
        if !content.is_empty() && !content.starts_with('#') {
            end = at + line.len();
        }
        at += line.len() + 1;
    }
    (end > line_start).then_some(end)
}

/// Whether a bracket is open at the end of a text.
fn in_brackets(head: &str) -> bool {
    let mut depth = 0_i32;
    let mut at = 0;
    while let Some(character) = head[at..].chars().next() {
        match character {
            '[' | '{' => depth += 1,
            ']' | '}' => depth -= 1,
            '"' | '\'' => match quoted(&head[at..], character) {
                Some(length) => {
                    at += length;
                    continue;
                }
                None => return depth > 0,
            },
            _ => {}
        }
        at += character.len_utf8();
    }
    depth > 0
}
