//! Splits the rulebook's YAML into keys, texts and expressions.

use super::names::Names;
use super::{Colour, rhai, word};
use crate::anchors;
use crate::html::Html;
use crate::site::Site;

/// Keys whose values are expressions of the rule language.
const EXPRESSIONS: &[&str] = &[
    "from",
    "when",
    "where",
    "keep",
    "value",
    "each",
    "of",
    "date",
    "order",
    "distinct",
    "then",
    "first",
    "count",
    "any",
    "every",
    "sum",
    "days",
    "given",
    "rows",
    "otherwise",
    "also",
    "who",
    "by",
];

/// Writes YAML in colours. With `links`, expressions are coloured as such and names link to what they name.
pub fn write(html: &mut Html, text: &str, links: Option<Colour<'_, '_>>) {
    let mut scan = Scan { links, key: String::new(), depth: 0 };
    let lines: Vec<&str> = text.split('\n').collect();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if at > 0 {
            html.text("\n");
        }
        let block = scan.line(html, line);
        at += 1;
        if block {
            let indent = indent_of(line);
            let inner: Vec<&str> = lines
                .iter()
                .skip(at)
                .take_while(|line| line.trim().is_empty() || indent_of(line) > indent)
                .copied()
                .collect();
            at += inner.len();
            if !inner.is_empty() {
                html.text("\n");
                scan.value(html, &inner.join("\n"), false);
            }
        }
    }
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '-']).len()
}

struct Scan<'s, 'm> {
    links: Option<Colour<'s, 'm>>,
    key: String,
    /// How many braces and brackets are open.
    depth: usize,
}

impl Scan<'_, '_> {
    /// Writes a line; whether a block of text follows it.
    fn line(&mut self, html: &mut Html, line: &str) -> bool {
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            let length = match first {
                ' ' => rest.find(|c| c != ' ').unwrap_or(rest.len()),
                '#' => rest.len(),
                '{' | '}' | '[' | ']' | ',' => 1,
                '-' if rest == "-" || rest.starts_with("- ") => 1,
                '"' | '\'' => end_of_quoted(rest, first),
                _ => self.end_of_plain(rest),
            };
            let (now, after) = rest.split_at(length.max(first.len_utf8()));
            match first {
                '{' | '[' => self.depth += 1,
                '}' | ']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            match first {
                ' ' | '{' | '}' | '[' | ']' | ',' => {
                    html.text(now);
                }
                '-' if now == "-" => {
                    html.text(now);
                }
                '#' => word(html, "c", now),
                _ if is_colon(after) => {
                    now.trim_matches(['"', '\'']).clone_into(&mut self.key);
                    word(html, "p", now);
                    html.text(":");
                    rest = after.get(1..).unwrap_or_default();
                    continue;
                }
                _ if matches!(now, "|" | ">" | "|-" | ">-") && after.trim().is_empty() => {
                    html.text(now).text(after);
                    return true;
                }
                _ => self.value(html, now, matches!(first, '"' | '\'')),
            }
            rest = after;
        }
        false
    }

    fn value(&self, html: &mut Html, text: &str, quoted: bool) {
        let Some(colour) = self.links else { return plain(html, text, quoted) };
        if let Some(url) = target(colour.site, &self.key, text.trim_matches(['"', '\''])) {
            html.tagged("a", &[("href", &format!("{}{url}", colour.root)), ("class", "l")], text);
            return;
        }
        let is_constant = quoted && matches!(self.key.as_str(), "rows" | "otherwise");
        let is_word = self.key == "otherwise" && !text.contains(['.', '(']);
        if !EXPRESSIONS.contains(&self.key.as_str()) || is_constant || is_word {
            return plain(html, text, quoted);
        }
        if quoted && text.len() >= 2 {
            let (first, rest) = text.split_at(1);
            let (inner, last) = rest.split_at(rest.len() - 1);
            html.text(first);
            rhai::write(html, inner, &mut Names::new(colour));
            html.text(last);
        } else {
            rhai::write(html, text, &mut Names::new(colour));
        }
    }

    /// Where a scalar without quotes ends.
    fn end_of_plain(&self, text: &str) -> usize {
        let bytes = text.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            let next = bytes.get(at + 1).copied().unwrap_or(b' ');
            let ends = match byte {
                b':' => next == b' ' || (self.depth > 0 && matches!(next, b',' | b'}' | b']')),
                b'#' => at > 0 && bytes[at - 1] == b' ',
                b',' | b'}' | b']' => self.depth > 0,
                _ => false,
            };
            if ends {
                return text[..at].trim_end().len().max(1);
            }
        }
        text.trim_end().len()
    }
}

fn is_colon(after: &str) -> bool {
    after.starts_with(':') && matches!(after.as_bytes().get(1), None | Some(b' '))
}

fn plain(html: &mut Html, text: &str, quoted: bool) {
    let number = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | ':'));
    if quoted {
        word(html, "s", text);
    } else if number || matches!(text, "true" | "false" | "null" | "~") {
        word(html, "n", text);
    } else {
        html.text(text);
    }
}

/// What a scalar names, by the key that it stands under.
fn target(site: &Site<'_>, key: &str, text: &str) -> Option<String> {
    match key {
        "codes" | "set" => {
            site.plan.value_sets.iter().position(|set| set.name == text).map(|at| site.value_set_url(at))
        }
        "rows" | "rules" => site.rows.contains_key(text).then(|| Site::row_url(text)),
        "code_set" => sif::schema().code_set(text).map(|set| Site::code_set_url(set.name())),
        "of" | "one" | "many" => {
            let entity = site.plan.schema.entity(text.trim_end_matches('?'))?;
            Some(format!("tables/{}.html", anchors::plain(&site.plan.schema[entity].name)))
        }
        _ => None,
    }
}

fn end_of_quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            _ if character == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}
