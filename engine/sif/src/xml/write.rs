//! Writes trees as compact XML.

use std::borrow::Cow;

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

use super::characters::is_char;
use crate::tree::{Tree, Visit};

/// Stands for a character that XML cannot carry.
const REPLACEMENT: char = '\u{fffd}';

/// Where characters that XML cannot carry were replaced by U+FFFD: element paths from the root on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replaced {
    /// The paths, in document order; empty where nothing was replaced.
    pub paths: Vec<String>,
}

impl Replaced {
    /// Whether nothing was replaced.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }
}

/// Appends `tree` to `out` as XML without indentation or declaration.
///
/// The names are in the SIF namespace and nil is written `xsi:nil`: the message around it declares both
/// ([`crate::message::Response`]).
pub fn write_tree(tree: &Tree, out: &mut Vec<u8>) -> Replaced {
    let mut writer = Writer::new(out);
    let mut replaced = Replaced::default();
    // The inside of a start tag that is not written yet: attributes may follow, and whether it is empty is not known.
    let mut tag = String::new();
    let mut tag_name = 0;
    // Writing to a `Vec` does not fail, so the results of `write_event` hold nothing to act on.
    tree.visit(|visit| match visit {
        Visit::Open { name, nil } => {
            flush(&mut writer, &mut tag, tag_name);
            tag.push_str(name);
            tag_name = name.len();
            if nil {
                tag.push_str(" xsi:nil=\"true\"");
            }
        }
        Visit::Attribute { name, value, index } => {
            tag.push(' ');
            tag.push_str(name);
            tag.push_str("=\"");
            let (value, bad) = escape::<true>(value);
            tag.push_str(&value);
            tag.push('"');
            if bad {
                replaced.paths.push(tree.path_of(index));
            }
        }
        Visit::Text { text, index } => {
            flush(&mut writer, &mut tag, tag_name);
            let (text, bad) = escape::<false>(text);
            let _ = writer.write_event(Event::Text(BytesText::from_escaped(text)));
            if bad {
                replaced.paths.push(tree.path_of(index));
            }
        }
        Visit::Close { name } => {
            if tag.is_empty() {
                let _ = writer.write_event(Event::End(BytesEnd::new(name)));
            } else {
                let _ = writer.write_event(Event::Empty(BytesStart::from_content(tag.as_str(), tag_name)));
                tag.clear();
            }
        }
    });
    replaced
}

fn flush(writer: &mut Writer<&mut Vec<u8>>, tag: &mut String, name_length: usize) {
    if !tag.is_empty() {
        let _ = writer.write_event(Event::Start(BytesStart::from_content(tag.as_str(), name_length)));
        tag.clear();
    }
}

/// Whether a byte may begin something that cannot stand as it is. 0xEF begins U+FFFE and U+FFFF.
const fn is_suspect(byte: u8, attribute: bool) -> bool {
    matches!(byte, b'&' | b'<' | b'>' | b'\r' | 0xEF | 0..=8 | 11 | 12 | 14..=31)
        || (attribute && matches!(byte, b'"' | b'\t' | b'\n'))
}

const fn suspects(attribute: bool) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        {
            table[byte] = is_suspect(byte as u8, attribute);
        }
        byte += 1;
    }
    table
}

static SUSPECT_IN_TEXT: [bool; 256] = suspects(false);
static SUSPECT_IN_ATTRIBUTE: [bool; 256] = suspects(true);

/// `value` as it stands in XML, and whether a character was replaced. Borrowed where it can stand as it is.
fn escape<const ATTRIBUTE: bool>(value: &str) -> (Cow<'_, str>, bool) {
    let table = if ATTRIBUTE { &SUSPECT_IN_ATTRIBUTE } else { &SUSPECT_IN_TEXT };
    let Some(first) = value.bytes().position(|byte| table[usize::from(byte)]) else {
        return (Cow::Borrowed(value), false);
    };
    let (clean, rest) = value.split_at_checked(first).unwrap_or(("", value));
    let mut out = String::with_capacity(value.len() + 16);
    out.push_str(clean);
    let mut bad = false;
    for character in rest.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            // Always, so that `]]>` never stands in text.
            '>' => out.push_str("&gt;"),
            // A bare one would be read as a line feed.
            '\r' => out.push_str("&#13;"),
            '"' if ATTRIBUTE => out.push_str("&quot;"),
            // Bare ones would be read as spaces.
            '\t' if ATTRIBUTE => out.push_str("&#9;"),
            '\n' if ATTRIBUTE => out.push_str("&#10;"),
            other if is_char(other) => out.push(other),
            _ => {
                out.push(REPLACEMENT);
                bad = true;
            }
        }
    }
    (Cow::Owned(out), bad)
}

/// `value` as it stands in text.
pub(crate) fn escape_text(value: &str) -> Cow<'_, str> {
    escape::<false>(value).0
}

#[cfg(test)]
mod tests;
