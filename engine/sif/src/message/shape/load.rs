//! Reads the shapes that were compiled in.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::value::ValueKind;
use super::{Content, Part, Shape, Slot};

const SHAPES: &str = include_str!("../../../data/messages.txt");

/// The shapes by name: messages, and what they have in common. The data is our own and tests read all of it, so what cannot be
/// read is left out.
pub(super) fn shapes() -> &'static HashMap<&'static str, Shape> {
    static LOADED: OnceLock<HashMap<&'static str, Shape>> = OnceLock::new();
    LOADED.get_or_init(|| {
        let mut shapes = HashMap::new();
        let lines: Vec<&'static str> = SHAPES.lines().filter(|line| !line.starts_with('#')).collect();
        let mut at = 0;
        while let Some(name) = lines.get(at) {
            let rest = lines.get(at + 1..).unwrap_or_default();
            let count = rest.iter().take_while(|line| indent(line) > 0).count();
            // A shape stands before those that name it.
            let shape = shape(rest.get(..count).unwrap_or_default(), 1, &shapes);
            shapes.insert(*name, shape);
            at += 1 + count;
        }
        shapes
    })
}

fn indent(line: &str) -> usize {
    line.bytes().take_while(|byte| *byte == b' ').count()
}

/// The shape of the lines at `depth`, with what stands below each.
fn shape(lines: &[&'static str], depth: usize, shapes: &HashMap<&'static str, Shape>) -> Shape {
    let mut shape = Shape::default();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let rest = lines.get(at + 1..).unwrap_or_default();
        let count = rest.iter().take_while(|line| indent(line) > depth).count();
        let below = self::shape(rest.get(..count).unwrap_or_default(), depth + 1, shapes);
        let mut words = line.split_ascii_whitespace();
        let name = words.next().unwrap_or_default();
        let letters = words.next().unwrap_or_default();
        let (mandatory, repeatable) = (letters.starts_with('M'), letters.ends_with('R'));
        if name == "one" {
            let parts = below.slots.into_iter().flat_map(|slot| slot.parts).collect();
            shape.slots.push(Slot { mandatory, repeatable, parts });
        } else {
            let part = part(name, mandatory, words, below, shapes);
            if name.starts_with('@') {
                shape.attributes.push(part);
            } else {
                shape.slots.push(Slot { mandatory, repeatable, parts: vec![part] });
            }
        }
        at += 1 + count;
    }
    shape
}

fn part(
    name: &'static str,
    mandatory: bool,
    words: impl Iterator<Item = &'static str>,
    inside: Shape,
    shapes: &HashMap<&'static str, Shape>,
) -> Part {
    let name = name.trim_start_matches('@');
    let mut part = Part { name, mandatory, content: Content::Elements, most: None, nil: false, inside };
    for word in words {
        if let Some(shape) = word.strip_prefix('=') {
            part.inside = shapes.get(shape).cloned().unwrap_or_default();
        } else if let Some(most) = word.strip_prefix("most=") {
            part.most = most.parse().ok();
        } else if word == "nil" {
            part.nil = true;
        } else if word == "any" {
            part.content = Content::Any;
        } else if let Some(kind) = ValueKind::from_word(word) {
            part.content = Content::Value(kind);
        }
    }
    part
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

    use super::*;
    use crate::message::MessageKind;

    #[test]
    fn every_kind_has_a_shape_and_every_line_is_understood() {
        for kind in MessageKind::ALL {
            assert!(shapes().contains_key(kind.name()), "{}", kind.name());
        }
        let mut before = Vec::new();
        for line in SHAPES.lines().filter(|line| !line.starts_with('#')) {
            if !line.starts_with(' ') {
                before.push(line);
                continue;
            }
            let mut words = line.split_ascii_whitespace();
            let name = words.next().unwrap();
            assert!(matches!(words.next(), Some("M" | "O" | "MR" | "OR")), "{line}");
            for word in words {
                // The one that begins last is not read yet.
                let read = before.split_last().unwrap().1;
                let shape = word.strip_prefix('=').map(|shape| read.contains(&shape));
                let most = word.strip_prefix("most=").map(|most| most.parse::<usize>().is_ok());
                let other = matches!(word, "nil" | "any") || ValueKind::from_word(word).is_some();
                assert!(shape.or(most).unwrap_or(other) && name != "one", "{line}: {word}");
            }
        }
    }
}
