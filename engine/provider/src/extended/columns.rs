//! The columns of a query: their headers, and the cells of an instance.

use std::sync::Arc;

use sif::tree::{Element, Names, Tree};

use super::shape::{OneColumn, Shape};
use crate::request::produce::text;

/// SIF_ColumnHeaders.
pub(super) fn headers(shape: &Shape<'_>) -> String {
    let mut tree = Tree::new(Arc::new(Names::new()));
    let names = ["SIF_ColumnHeaders", "SIF_Element", "ObjectName", "Alias"].map(|name| tree.intern(name));
    let [headers, element, object_name, alias] = names;
    tree.open(headers);
    for column in &shape.columns {
        tree.open(element);
        tree.attribute(object_name, shape.objects.get(column.object).copied().unwrap_or_default());
        if let Some(caption) = column.alias {
            tree.attribute(alias, caption);
        }
        if let Some(path) = &column.path {
            tree.text(&path.to_string());
        }
        tree.close();
    }
    tree.close();
    let mut xml = Vec::new();
    sif::xml::write::write_tree(&tree, &mut xml);
    text(xml)
}

/// A cell of an instance: the whole object, copies of all elements at the path, or the text of an attribute.
pub(super) fn cell(column: &OneColumn<'_>, instance: Element<'_>, names: &Arc<Names>) -> String {
    let mut tree = Tree::new(Arc::clone(names));
    let name = tree.intern("C");
    tree.open(name);
    match &column.path {
        None => instance.copy_to(&mut tree),
        Some(path) if path.is_attribute() => {
            // Of several elements each has one.
            let values: Vec<String> = path.values(instance).iter().map(ToString::to_string).collect();
            tree.text(&values.join(" "));
        }
        Some(path) => path.elements(instance).into_iter().for_each(|element| element.copy_to(&mut tree)),
    }
    tree.close();
    let mut xml = Vec::new();
    sif::xml::write::write_tree(&tree, &mut xml);
    text(xml)
}
