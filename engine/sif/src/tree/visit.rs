//! A walk over a tree in document order, without recursion.

use super::{Kind, NONE, Tree, check};

/// A step of the walk. `index` serves [`Tree::path_of`].
pub(crate) enum Visit<'t> {
    /// An element begins; its attributes follow.
    Open { name: &'t str, nil: bool },
    /// An attribute of the element that began last.
    Attribute { name: &'t str, value: &'t str, index: u32 },
    /// Text of the innermost open element.
    Text { text: &'t str, index: u32 },
    /// The innermost open element ends.
    Close { name: &'t str },
}

impl Tree {
    /// Calls `step` for everything in the tree, in document order.
    pub(crate) fn visit<'t>(&'t self, mut step: impl FnMut(Visit<'t>)) {
        let mut open = NONE;
        // The open element whose own text is not told yet, since its attributes come first.
        let mut waiting = NONE;
        for (position, node) in self.nodes.iter().enumerate() {
            let index = super::to_u32(position);
            if node.kind == Kind::Attribute {
                step(Visit::Attribute { name: self.names.text(node.name), value: self.slice(node), index });
                continue;
            }
            self.tell_text(&mut waiting, &mut step);
            while open != node.parent {
                open = self.tell_close(open, &mut step);
            }
            if node.kind == Kind::Text {
                step(Visit::Text { text: self.slice(node), index });
            } else {
                step(Visit::Open { name: self.names.text(node.name), nil: node.nil });
                open = index;
                waiting = index;
            }
        }
        self.tell_text(&mut waiting, &mut step);
        while open != NONE {
            open = self.tell_close(open, &mut step);
        }
    }

    /// The path of a node, from the root's name on.
    pub(crate) fn path_of(&self, index: u32) -> String {
        check::path(self, index, NONE)
    }

    fn tell_text<'t>(&'t self, waiting: &mut u32, step: &mut impl FnMut(Visit<'t>)) {
        if let Some(node) = self.node(*waiting).filter(|node| node.length > 0) {
            step(Visit::Text { text: self.slice(node), index: *waiting });
        }
        *waiting = NONE;
    }

    fn tell_close<'t>(&'t self, open: u32, step: &mut impl FnMut(Visit<'t>)) -> u32 {
        let Some(node) = self.node(open) else {
            return NONE;
        };
        step(Visit::Close { name: self.names.text(node.name) });
        node.parent
    }
}
