//! What changed between two states of the files: whole files, and of the files that list many things the entries.

use std::collections::{BTreeMap, BTreeSet};

use rulebook::Files;
use rulebook::yaml::{self, Kind, Node};

use super::Dependencies;

/// The file that declares entities, relations and facts.
pub const GRAPH: &str = "objects/graph.yaml";

/// What changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files that changed as a whole, or are new, or gone.
    files: BTreeSet<String>,
    /// Entries that changed: file and entry.
    entries: BTreeSet<(String, String)>,
}

impl Changes {
    /// What changed from `old` to `new`. Comments, blank lines and the order of keys are no change of an entry.
    #[must_use]
    pub fn between(old: &Files, new: &Files) -> Self {
        let mut changes = Self::default();
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for name in names {
            match (old.get(name), new.get(name)) {
                (Some(before), Some(after)) if before == after => {}
                (Some(before), Some(after)) => match (entries(name, before), entries(name, after)) {
                    (Some(before), Some(after)) => changes.entries.extend(
                        before
                            .keys()
                            .chain(after.keys())
                            .filter(|entry| before.get(*entry) != after.get(*entry))
                            .map(|entry| (name.clone(), entry.clone())),
                    ),
                    _ => {
                        changes.files.insert(name.clone());
                    }
                },
                _ => {
                    changes.files.insert(name.clone());
                }
            }
        }
        changes
    }

    /// Whether nothing changed that anything could depend on.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.entries.is_empty()
    }

    /// Whether something with these dependencies may come out differently.
    #[must_use]
    pub fn concern(&self, dependencies: &Dependencies) -> bool {
        if dependencies.on_everything {
            return !self.is_empty();
        }
        self.files.iter().any(|file| dependencies.file(file))
            || self.entries.iter().any(|(file, entry)| dependencies.entry(file, entry))
    }
}

/// The entries of a file that lists things that stand for themselves, each as a text without its layout; none for other files.
fn entries(file: &str, text: &str) -> Option<BTreeMap<String, String>> {
    let is_object = file.strip_prefix("objects/").is_some_and(|name| !name.contains('/'));
    let mut found = BTreeMap::new();
    if file.starts_with("rules/parameters/") {
        for (key, node) in yaml::parse(file, text).ok()?.entries() {
            found.insert(key.text.clone(), plain(node));
        }
    } else if file == GRAPH {
        for (key, node) in yaml::parse(file, text).ok()?.entries() {
            if key.text != "entities" {
                found.insert(key.text.clone(), plain(node));
                continue;
            }
            for (entity, node) in node.entries() {
                add_parts(&mut found, &entity.text, node, &["fields", "relations", "facts"]);
            }
        }
    } else if is_object {
        let node = yaml::parse(file, text).ok()?;
        add_parts(&mut found, "", &node, &["elements", "extension", "variants"]);
        for (_, node) in node.entries().iter().filter(|(key, _)| key.text == "variants") {
            for (variant, node) in node.entries() {
                found.remove(&format!(".{}", variant.text));
                add_parts(&mut found, &variant.text, node, &["elements", "extension"]);
            }
        }
    } else {
        return None;
    }
    Some(found)
}

/// Each entry under the keys `lists` by itself, as `name.entry`, and the rest as `name`.
fn add_parts(found: &mut BTreeMap<String, String>, name: &str, node: &Node, lists: &[&str]) {
    let mut rest = String::new();
    for (key, node) in node.entries() {
        if !lists.contains(&key.text.as_str()) {
            rest.push_str(&format!("{}: {}\n", key.text, plain(node)));
            continue;
        }
        for (entry, node) in node.entries() {
            // What a fact needs besides the row is written with its name.
            let entry = entry.text.split('(').next().unwrap_or_default();
            found.insert(format!("{name}.{entry}"), plain(node));
        }
    }
    found.insert(name.to_owned(), rest);
}

/// A node without its layout; the order of its keys does not matter.
fn plain(node: &Node) -> String {
    match &node.kind {
        Kind::Null => "~".to_owned(),
        Kind::Scalar(scalar) => format!("{:?}", scalar.text),
        Kind::List(items) => format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(", ")),
        Kind::Map(entries) => {
            let sorted: BTreeMap<&str, String> =
                entries.iter().map(|(key, node)| (key.text.as_str(), plain(node))).collect();
            format!("{sorted:?}")
        }
    }
}
