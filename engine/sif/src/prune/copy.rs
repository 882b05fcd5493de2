//! Copies an element without what is hidden.

use super::view::View;
use crate::tree::{Content, Element, Tree, is_declaration};

/// The attribute that says what becomes of a list's member; it stays with its element.
const ACTION: &str = "SIF_Action";

/// Adds to `out` what `view` shows of an element; answers whether something was left out.
pub(super) fn pruned(view: &View, element: Element<'_>, out: &mut Tree) -> bool {
    let View::Part(part) = view else {
        element.copy_to(out);
        return false;
    };
    let mark = out.mark();
    element.open_in(out);
    let mut hidden = false;
    let mut left = false;
    for (name, value) in element.attributes() {
        let view = part.below.get(&format!("@{name}"));
        if view.is_none() && name != ACTION && !is_declaration(name) {
            hidden = true;
            continue;
        }
        // What is only there because its element is does not keep the element.
        left |= view.is_some_and(View::is_whole) || name == ACTION;
        let id = out.intern(name);
        out.attribute(id, value);
    }
    for content in element.contents() {
        match content {
            Content::Text(text) if part.value => {
                left |= !text.trim().is_empty();
                out.text(text);
            }
            Content::Text(text) => hidden |= !text.trim().is_empty(),
            // The standard's paths are about names in its namespace; free content may have others.
            Content::Element(below) => match part.below.get(below.name()) {
                Some(view) => {
                    let before = out.len();
                    hidden |= pruned(view, below, out);
                    left |= out.len() > before;
                }
                None => hidden = true,
            },
        }
    }
    if hidden && !left && !part.stays {
        // With nothing left in it, it would only say that something is hidden.
        out.roll_back(mark);
    } else {
        out.close();
    }
    hidden
}
