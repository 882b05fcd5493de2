//! The rulebook's YAML as it is written: where a thing is declared, its text and what it says of itself.

use std::collections::HashMap;
use std::sync::Arc;

use problem::Place;
use rulebook::Files;
use rulebook::yaml::{self, Node};

/// The texts of the rulebook, found by place.
pub struct Declared<'f> {
    files: &'f Files,
    nodes: HashMap<(Arc<str>, u32, u32), (String, Node)>,
    roots: HashMap<Arc<str>, Node>,
}

impl<'f> Declared<'f> {
    /// Reads the YAML files, which have been checked.
    pub fn new(files: &'f Files) -> Self {
        let mut declared = Self { files, nodes: HashMap::new(), roots: HashMap::new() };
        for (file, text) in files.iter().filter(|(file, _)| file.ends_with(".yaml")) {
            if let Ok(root) = yaml::parse(file, text) {
                declared.descend(&root);
                declared.roots.insert(Arc::from(file.as_str()), root);
            }
        }
        declared
    }

    fn descend(&mut self, node: &Node) {
        for (key, inner) in node.entries() {
            let place = &key.place;
            let known = (key.text.clone(), inner.clone());
            self.nodes.insert((Arc::clone(&place.file), place.line, place.column), known);
            self.descend(inner);
        }
        if let yaml::Kind::List(items) = &node.kind {
            items.iter().for_each(|item| self.descend(item));
        }
    }

    /// A text that what is declared at a place says of itself, such as its `doc`.
    pub fn says(&self, place: &Place, key: &str) -> Option<String> {
        let (_, node) = self.nodes.get(&(Arc::clone(&place.file), place.line, place.column))?;
        text_of(node, key)
    }

    /// The key that stands at a place.
    pub fn key(&self, place: &Place) -> Option<&str> {
        self.nodes.get(&(Arc::clone(&place.file), place.line, place.column)).map(|(key, _)| key.as_str())
    }

    /// A text that a file says of itself.
    pub fn file_says(&self, file: &str, key: &str) -> Option<String> {
        text_of(self.roots.get(file)?, key)
    }

    /// The maps of a file that have these keys, in no order.
    pub fn maps_with<'s>(&'s self, file: &str, keys: &[&str]) -> Vec<&'s Node> {
        let mut found = Vec::new();
        if let Some(root) = self.roots.get(file) {
            collect(root, keys, &mut found);
        }
        found
    }

    /// The lines that declare what stands at a place: its own, and those that are indented more than it.
    pub fn lines(&self, place: &Place) -> String {
        let Some(text) = self.files.get(&*place.file) else { return String::new() };
        excerpt(text, place.line as usize, place.column.saturating_sub(1) as usize)
    }
}

fn collect<'n>(node: &'n Node, keys: &[&str], found: &mut Vec<&'n Node>) {
    if !keys.is_empty() && keys.iter().all(|key| node.entries().iter().any(|(known, _)| known.text == *key)) {
        found.push(node);
    }
    node.entries().iter().for_each(|(_, inner)| collect(inner, keys, found));
    if let yaml::Kind::List(items) = &node.kind {
        items.iter().for_each(|item| collect(item, keys, found));
    }
}

/// The text that a map has under a key.
pub fn text_of(node: &Node, key: &str) -> Option<String> {
    let (_, inner) = node.entries().iter().find(|(known, _)| known.text == key)?;
    match &inner.kind {
        yaml::Kind::Scalar(scalar) => Some(scalar.text.trim().to_owned()),
        _ => None,
    }
}

/// The lines from one on that belong to it, without what all of them are indented by.
pub fn excerpt(text: &str, line: usize, indent: usize) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for (at, written) in text.lines().skip(line.saturating_sub(1)).enumerate() {
        let deeper = written.len() - written.trim_start().len() > indent;
        if at > 0 && !deeper && !written.trim().is_empty() {
            break;
        }
        lines.push(written.get(indent..).unwrap_or_else(|| written.trim_start()));
    }
    while lines.last().is_some_and(|last| last.trim().is_empty() || last.trim_start().starts_with('#')) {
        lines.pop();
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Declared, excerpt};
    use problem::Place;

    const TEXT: &str = "a:\n  b:\n    doc: Of b.\n    x: |\n      one\n\n      two\n  # of c\n  c: { doc: Of c. }\n";

    #[test]
    fn an_excerpt_is_what_is_indented_below_a_line() {
        assert_eq!(excerpt(TEXT, 2, 2), "b:\n  doc: Of b.\n  x: |\n    one\n\n    two");
        assert_eq!(excerpt(TEXT, 9, 2), "c: { doc: Of c. }");
    }

    #[test]
    fn what_is_declared_at_a_place_says_its_doc() {
        let files = [("objects/a.yaml".to_owned(), TEXT.to_owned())].into();
        let declared = Declared::new(&files);
        let at = |line, column| Place::new("objects/a.yaml", line, column, 1);
        assert_eq!(declared.says(&at(2, 3), "doc").as_deref(), Some("Of b."));
        assert_eq!(declared.says(&at(9, 3), "doc").as_deref(), Some("Of c."));
        assert_eq!(declared.says(&at(9, 4), "doc"), None);
        assert_eq!(declared.maps_with("objects/a.yaml", &["doc", "x"]).len(), 1);
    }
}
