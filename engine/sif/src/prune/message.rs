//! Messages without what is hidden.

use std::sync::Arc;

use bytes::Bytes;

use super::copy::pruned as copy;
use super::view::View;
use super::{Visibility, Visible};
use crate::message::{Message, MessageKind};
use crate::query::Path;
use crate::schema::schema;
use crate::tree::{Content, Element, Tree};
use crate::xml::write::write_tree;
use crate::{INSTANCE_NAMESPACE, NAMESPACE};

pub(super) fn pruned(visibility: &Visibility, message: &Message) -> Option<Bytes> {
    if visibility.is_everything() || !matches!(message.kind, MessageKind::Event | MessageKind::Response) {
        return Some(message.document.clone());
    }
    let Some(root) = message.tree().root() else {
        return Some(message.document.clone());
    };
    let mut out = Tree::new(Arc::clone(message.tree().names()));
    let mut pruning = Pruning { visibility, hidden: false, pointless: false };
    pruning.root(root, &mut out);
    if !pruning.hidden {
        return Some(message.document.clone());
    }
    if pruning.pointless {
        return None;
    }
    let mut document = Vec::with_capacity(message.document.len());
    let _ = write_tree(&out, &mut document);
    Some(document.into())
}

struct Pruning<'v> {
    visibility: &'v Visibility,
    /// Whether something was left out.
    hidden: bool,
    /// Whether a Change event has nothing left to tell.
    pointless: bool,
}

impl<'v> Pruning<'v> {
    /// The outermost element, which declares the namespaces that the reader has resolved.
    fn root(&mut self, root: Element<'_>, out: &mut Tree) {
        root.open_in(out);
        let declarations = [("xmlns", NAMESPACE), ("xmlns:xsi", INSTANCE_NAMESPACE)];
        for (name, value) in declarations.into_iter().chain(root.attributes()) {
            let id = out.intern(name);
            out.attribute(id, value);
        }
        self.contents(root, out);
    }

    /// What stands in an open element, and its end.
    fn contents(&mut self, element: Element<'_>, out: &mut Tree) {
        for content in element.contents() {
            match content {
                Content::Text(text) => out.text(text),
                Content::Element(below) => self.element(below, element, out),
            }
        }
        out.close();
    }

    fn element(&mut self, element: Element<'_>, parent: Element<'_>, out: &mut Tree) {
        let holds_objects = matches!(parent.name(), "SIF_ObjectData" | "SIF_EventObject" | "SIF_LogObject");
        match self.visibility.of(element.name()) {
            Some(visible) if holds_objects && !element.is_foreign() => self.object(visible, element, parent, out),
            _ if element.name() == "SIF_ExtendedQueryResults" => self.results(element, out),
            _ if leads_to_objects(element.name()) => {
                open(element, out);
                self.contents(element, out);
            }
            _ => element.copy_to(out),
        }
    }

    fn object(&mut self, visible: &Visible, element: Element<'_>, parent: Element<'_>, out: &mut Tree) {
        let before = out.len();
        if !visible.prune_element(element, out) {
            return;
        }
        self.hidden = true;
        if parent.attribute("Action").is_some_and(|action| action.trim() == "Change") {
            self.pointless = only_key(visible.object(), out, before);
        }
    }

    /// The rows of an extended query: each cell is judged by its column.
    fn results(&mut self, results: Element<'_>, out: &mut Tree) {
        let headers = results.at("SIF_ColumnHeaders/SIF_Element");
        let columns: Vec<Column<'_>> = headers.into_iter().map(|header| Column::of(self.visibility, header)).collect();
        open(results, out);
        for part in results.children() {
            if part.name() != "SIF_Rows" {
                part.copy_to(out);
                continue;
            }
            open(part, out);
            for row in part.children() {
                open(row, out);
                for (number, cell) in row.children().enumerate() {
                    self.hidden |= columns.get(number).copied().unwrap_or(Column::Hidden).copy(cell, out);
                }
                out.close();
            }
            out.close();
        }
        out.close();
    }
}

/// What is seen of a column.
#[derive(Clone, Copy)]
enum Column<'v> {
    Shown,
    Hidden,
    Part(&'v View),
}

impl<'v> Column<'v> {
    fn of(visibility: &'v Visibility, header: Element<'_>) -> Self {
        let object = header.attribute("ObjectName").unwrap_or_default().trim();
        let Some(visible) = visibility.of(object) else {
            return Self::Shown;
        };
        let text = header.text();
        if text.trim().is_empty() {
            return Self::Part(&visible.root);
        }
        // What cannot be read as a path names nothing that may be seen; a predicate on what is hidden would tell of it.
        match Path::parse(text.trim()) {
            Ok(path) if path.tested().iter().all(|tested| visible.sees(tested)) => {
                visible.root.at(&path.plain()).map_or(Self::Hidden, Self::Part)
            }
            _ => Self::Hidden,
        }
    }

    /// Adds a cell of it to `out`; answers whether something was left out.
    fn copy(self, cell: Element<'_>, out: &mut Tree) -> bool {
        let view = match self {
            Self::Shown => {
                cell.copy_to(out);
                return false;
            }
            Self::Hidden => {
                cell.open_in(out);
                out.close();
                return cell.contents().next().is_some() || cell.attributes().next().is_some();
            }
            Self::Part(view) => view,
        };
        let mut hidden = false;
        open(cell, out);
        for content in cell.contents() {
            match content {
                // The text of an attribute's column; an element's column holds elements.
                Content::Text(text) if view.shows_value() => out.text(text),
                Content::Text(_) => hidden = true,
                Content::Element(element) => hidden |= copy(view, element, out),
            }
        }
        out.close();
        hidden
    }
}

/// Opens an element in `out` with its attributes.
fn open(element: Element<'_>, out: &mut Tree) {
    element.open_in(out);
    for (name, value) in element.attributes() {
        let id = out.intern(name);
        out.attribute(id, value);
    }
}

/// The elements of a message that may have objects below them.
fn leads_to_objects(name: &str) -> bool {
    matches!(
        name,
        "SIF_Event"
            | "SIF_Response"
            | "SIF_ObjectData"
            | "SIF_EventObject"
            | "SIF_LogEntry"
            | "SIF_LogObjects"
            | "SIF_LogObject"
    )
}

/// Whether nothing but the key is left of an object that was copied to `out`, from the node `before` on.
fn only_key(object: &str, out: &Tree, before: usize) -> bool {
    let Some(schema) = schema().object(object) else {
        return false;
    };
    let Some(copied) = out.element(before) else {
        return true;
    };
    let in_key = |step: &str| schema.key.iter().any(|key| key.split('/').next() == Some(step));
    copied.attributes().all(|(name, _)| in_key(&format!("@{name}")) || crate::tree::is_declaration(name))
        && copied.children().all(|child| in_key(child.name()))
}
