//! Reads `objects/requirements.yaml`: the rows and population rules of the requirement that the rulebook must answer.
//!
//! `cargo xtask requirements` writes the file. It holds ids, objects, paths and kinds, and no sentence of the requirement.

use problem::{Place, Problem, code};

use crate::compile::Files;
use crate::yaml::{self, Key, Node, Reader};

/// The path of the list.
pub const REQUIREMENTS_FILE: &str = "objects/requirements.yaml";

/// The rows and population rules that must be answered.
#[derive(Clone, Debug, Default)]
pub struct Requirements {
    /// The rows, in the order of the file.
    pub rows: Vec<RequiredRow>,
    /// The population rules, in the order of the file.
    pub rules: Vec<RequiredRule>,
}

/// A row of the requirement.
#[derive(Clone, Debug)]
pub struct RequiredRow {
    /// Its id.
    pub id: String,
    /// The label of the object that it is about.
    pub object: String,
    /// The path of its element in the object.
    pub path: String,
    /// What kind of rule it states.
    pub kind: String,
    /// Where it stands in the list.
    pub place: Place,
}

/// A population rule of the requirement.
#[derive(Clone, Debug)]
pub struct RequiredRule {
    /// Its id.
    pub id: String,
    /// The label of the object that it is about.
    pub object: String,
    /// Whether it speaks of agents' rights, which are the zone's to check, and not of data.
    pub of_rights: bool,
    /// Where it stands in the list.
    pub place: Place,
}

impl Requirements {
    /// Reads the list of a rulebook. None if there is none, or if it cannot be read, which is added to `problems`.
    #[must_use]
    pub fn read(files: &Files, problems: &mut Vec<Problem>) -> Option<Self> {
        let text = files.get(REQUIREMENTS_FILE)?;
        let node = match yaml::parse(REQUIREMENTS_FILE, text) {
            Ok(node) => node,
            Err(problem) => {
                problems.push(problem);
                return None;
            }
        };
        let before = problems.len();
        let mut reader = Reader::new(&node, "the list of requirements", problems);
        let rows = reader.need("rows", problems);
        let population = reader.need("population", problems);
        reader.finish(problems);
        let mut list = Self::default();
        for (object, key, node) in entries(rows, problems) {
            let mut reader = Reader::new(node, "a row", problems);
            let kind = reader.text("kind", problems);
            let path = reader.text("path", problems);
            reader.finish(problems);
            match (kind, path) {
                (Some(kind), Some(path)) => list.rows.push(RequiredRow {
                    id: key.text.clone(),
                    object: object.to_owned(),
                    path: path.text.clone(),
                    kind: kind.text.clone(),
                    place: key.place.clone(),
                }),
                _ => {
                    let message = format!("`{}` needs `kind` and `path`", key.text);
                    problems.push(
                        Problem::new(code::MISSING_KEY, message).at(key.place.clone()).help("make the list anew"),
                    );
                }
            }
        }
        for (object, key, node) in entries(population, problems) {
            let Some(word) = node.scalar("data or rights", problems) else { continue };
            if !["data", "rights"].contains(&word.text.as_str()) {
                let message = format!("a population rule is about data or rights, not `{}`", word.text);
                problems
                    .push(Problem::new(code::WRONG_KIND, message).at(node.place.clone()).help("write data or rights"));
            }
            list.rules.push(RequiredRule {
                id: key.text.clone(),
                object: object.to_owned(),
                of_rights: word.text == "rights",
                place: key.place.clone(),
            });
        }
        (problems.len() == before).then_some(list)
    }
}

/// The entries below objects: the object, the id, what it holds.
fn entries<'n>(node: Option<&'n Node>, problems: &mut Vec<Problem>) -> Vec<(&'n str, &'n Key, &'n Node)> {
    let mut entries = Vec::new();
    for (object, node) in node.and_then(|node| node.map("objects by name", problems)).unwrap_or_default() {
        let below = node.map("entries by id", problems).unwrap_or_default();
        entries.extend(below.iter().map(|(key, node)| (object.text.as_str(), key, node)));
    }
    entries
}
