//! Writes nodes and values as YAML that can be pasted into a fixture.

use rulebook::yaml::{Kind, Node};

/// A node for a message: shorter than YAML, and without quotes.
#[must_use]
pub fn shown(node: &Node) -> String {
    write(node, &|scalar| scalar.text.clone())
}

/// A node as YAML on one line.
#[must_use]
pub fn flow(node: &Node) -> String {
    write(node, &|found| if found.plain { scalar(&found.text) } else { quoted(&found.text) })
}

fn write(node: &Node, scalar: &dyn Fn(&rulebook::yaml::Scalar) -> String) -> String {
    match &node.kind {
        Kind::Null => "absent".to_owned(),
        Kind::Scalar(found) => scalar(found),
        Kind::List(items) => {
            format!("[{}]", items.iter().map(|item| write(item, scalar)).collect::<Vec<_>>().join(", "))
        }
        Kind::Map(entries) if entries.is_empty() => "{}".to_owned(),
        Kind::Map(entries) => {
            let inside: Vec<String> =
                entries.iter().map(|(key, node)| format!("{}: {}", key.text, write(node, scalar))).collect();
            format!("{{ {} }}", inside.join(", "))
        }
    }
}

/// A text as a YAML scalar that may stand in a list or map on one line, without quotes where it needs none.
///
/// ```
/// assert_eq!(proving::text::scalar("Alta High"), "Alta High");
/// assert_eq!(proving::text::scalar("a: b"), "\"a: b\"");
/// assert_eq!(proving::text::scalar(""), "\"\"");
/// ```
#[must_use]
pub fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || " _-./+'".contains(c);
    let first = text.chars().next();
    let is_word =
        ["true", "false", "null", "yes", "no", "on", "off"].iter().any(|word| text.eq_ignore_ascii_case(word));
    let safe = first.is_some_and(|first| first.is_alphanumeric())
        && !text.ends_with(' ')
        && text.chars().all(plain)
        && (!is_word || text == "true" || text == "false");
    if safe { text.to_owned() } else { quoted(text) }
}

/// A text in double quotes.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            other if other.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(other))),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
