//! Copies the wanted elements of an instance.

use std::collections::BTreeSet;

use super::Path;
use crate::tree::{Content, Element, Tree};

pub(super) fn select(paths: &[Path], instance: Element<'_>, out: &mut Tree) {
    if paths.is_empty() {
        instance.copy_to(out);
        return;
    }
    // Attributes come with the element that they stand in: the parents of what is wanted keep theirs.
    let (attributes, elements): (Vec<&Path>, Vec<&Path>) = paths.iter().partition(|path| path.is_attribute());
    let whole: BTreeSet<u32> = elements.iter().flat_map(|path| path.elements(instance)).map(Element::index).collect();
    let parents: BTreeSet<u32> =
        attributes.iter().flat_map(|path| path.elements(instance)).map(Element::index).collect();
    let mut selection = Selection { whole, leading: BTreeSet::new() };
    selection.lead(instance, &parents);
    selection.copy(instance, true, out);
}

struct Selection {
    /// Elements with everything in them.
    whole: BTreeSet<u32>,
    /// Elements that others stand in.
    leading: BTreeSet<u32>,
}

impl Selection {
    /// Finds the elements that lead to wanted ones; answers whether this one is or leads to one.
    fn lead(&mut self, element: Element<'_>, parents: &BTreeSet<u32>) -> bool {
        let mut wanted = self.whole.contains(&element.index()) || parents.contains(&element.index());
        for child in element.children() {
            wanted |= self.lead(child, parents);
        }
        if wanted {
            self.leading.insert(element.index());
        }
        wanted
    }

    fn copy(&self, element: Element<'_>, root: bool, out: &mut Tree) {
        if self.whole.contains(&element.index()) {
            element.copy_to(out);
        } else if root || self.leading.contains(&element.index()) {
            element.open_in(out);
            for (name, value) in element.attributes() {
                let id = out.intern(name);
                out.attribute(id, value);
            }
            for content in element.contents() {
                match content {
                    Content::Element(child) => self.copy(child, false, out),
                    // The value of an element whose attribute is wanted, without which it could not stand.
                    Content::Text(text) => out.text(text),
                }
            }
            out.close();
        }
    }
}
