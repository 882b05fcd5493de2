//! Value sets: what local codes map to. `rules/value_sets/<name>.yaml`.

use std::collections::HashMap;
use std::sync::Arc;

use problem::{Place, Problem, code};

use crate::yaml::{self, Kind, Reader};

/// A value set.
#[derive(Clone, Debug)]
pub struct ValueSet {
    /// The file's name without `.yaml`.
    pub name: String,
    /// What it means.
    pub doc: String,
    /// The source's column, as `attributeDictionary.attribute` names it (`table.column`); rows of it win over `codes`.
    pub dictionary: Option<Arc<str>>,
    /// Where it says that a blank is the local code of the dictionary's row that is marked as Default Value, if it does.
    pub dictionary_default: Option<Place>,
    /// The SIF code set that the codes map to, if they do.
    pub code_set: Option<String>,
    /// Local code to code of the standard, or to a meaning.
    pub codes: HashMap<Arc<str>, Arc<str>>,
    /// The entries of `codes` with their places, in the order of the file.
    pub entries: Vec<(Arc<str>, Arc<str>, Place)>,
    /// Whether a local code that is a code of the code set maps to itself.
    pub identity: bool,
    /// The codes that map to themselves: those of the code set, with `identity`.
    pub passes: Option<&'static sif::schema::CodeSet>,
    /// What other codes map to.
    pub otherwise: Option<Arc<str>>,
    /// What a blank code maps to.
    pub blank: Option<Arc<str>>,
    /// Where `otherwise` stands.
    pub otherwise_place: Option<Place>,
    /// Where `blank` stands.
    pub blank_place: Option<Place>,
    /// Whether a code that maps to nothing is a problem.
    pub problem: bool,
    /// Where it is declared.
    pub place: Place,
}

/// Reads one value set. Whether it could be read.
pub fn read(name: &str, file: &str, text: &str, sets: &mut Vec<ValueSet>, problems: &mut Vec<Problem>) -> bool {
    let node = match yaml::parse(file, text) {
        Ok(node) => node,
        Err(problem) => {
            problems.push(problem);
            return false;
        }
    };
    let mut reader = Reader::new(&node, "a value set", problems);
    let doc = reader.need("doc", problems).and_then(|node| node.scalar("a text", problems));
    let dictionary = reader.text("dictionary", problems).map(|text| Arc::from(text.text.as_str()));
    let default_node = reader.get("dictionary_default");
    let code_set_node = reader.get("code_set");
    let codes_node = reader.get("codes");
    let identity = reader.flag("identity", problems);
    let otherwise_node = reader.get("otherwise");
    let blank_node = reader.get("blank");
    let problem_node = reader.get("problem");
    reader.finish(problems);
    let code_set = code_set_node.and_then(|node| {
        let name = node.scalar("a code set", problems)?;
        if sif::schema().code_set(&name.text).is_none() {
            let names: Vec<&str> = sif::schema().code_sets().map(|set| set.name()).collect();
            problems.push(
                Problem::new(code::BAD_VALUE_SET, format!("SIF 2.4 has no code set `{}`", name.text))
                    .at(node.place.clone())
                    .did_you_mean(&name.text, names),
            );
            return None;
        }
        Some(name.text.clone())
    });
    let allowed = |code_text: &str, place: &Place, problems: &mut Vec<Problem>| {
        if let Some(set) = code_set.as_deref().and_then(|name| sif::schema().code_set(name))
            && !set.contains(code_text)
        {
            problems.push(
                Problem::new(code::NOT_IN_CODE_SET, format!("`{code_text}` is no code of {}", set.name()))
                    .at(place.clone())
                    .and_at(code_set_node.map_or_else(|| place.clone(), |node| node.place.clone()), "the code set")
                    .did_you_mean(code_text, set.codes().iter().copied()),
            );
        }
    };
    let mut entries = Vec::new();
    match codes_node.map(|node| (&node.kind, node)) {
        None => {}
        Some((Kind::List(items), _)) => {
            for item in items {
                if let Some(scalar) = item.scalar("a code", problems) {
                    let text: Arc<str> = scalar.text.as_str().into();
                    allowed(&text, &item.place, problems);
                    let twin = entries.iter().find(|(local, ..): &&(Arc<str>, Arc<str>, Place)| *local == text);
                    if let Some((.., first)) = twin {
                        problems.push(
                            Problem::new(code::CODE_TWICE, format!("`{text}` stands in the list twice"))
                                .at(item.place.clone())
                                .and_at(first.clone(), "the other one")
                                .help("take one of them out"),
                        );
                        continue;
                    }
                    entries.push((Arc::clone(&text), text, item.place.clone()));
                }
            }
        }
        Some((_, node)) => {
            for (local, node) in node.map("local codes with what they map to", problems).unwrap_or_default() {
                if let Some(scalar) = node.scalar("a code", problems) {
                    allowed(&scalar.text, &node.place, problems);
                    entries.push((local.text.as_str().into(), scalar.text.as_str().into(), local.place.clone()));
                }
            }
        }
    }
    let mut one = |node: Option<&yaml::Node>| {
        node.and_then(|node| {
            let scalar = node.scalar("a code", problems)?;
            allowed(&scalar.text, &node.place, problems);
            Some(Arc::from(scalar.text.as_str()))
        })
    };
    let (otherwise, blank) = (one(otherwise_node), one(blank_node));
    let dictionary_default =
        default_node.filter(|node| node.flag(problems) == Some(true)).map(|node| node.place.clone());
    if let (Some(place), None) = (&dictionary_default, &dictionary) {
        problems.push(
            Problem::new(code::BAD_VALUE_SET, "a default is taken from a dictionary, and none is named")
                .at(place.clone())
                .help("add `dictionary:` with the attribute, or write `blank:` with a code instead"),
        );
    }
    let problem = problem_node.and_then(|node| node.flag(problems)).unwrap_or(code_set.is_some());
    sets.push(ValueSet {
        name: name.to_owned(),
        doc: doc.map(|doc| doc.text.trim().to_owned()).unwrap_or_default(),
        dictionary,
        dictionary_default,
        codes: entries.iter().map(|(local, to, _)| (Arc::clone(local), Arc::clone(to))).collect(),
        entries,
        passes: code_set.as_deref().filter(|_| identity).and_then(|name| sif::schema().code_set(name)),
        code_set,
        identity,
        otherwise_place: otherwise_node.filter(|_| otherwise.is_some()).map(|node| node.place.clone()),
        blank_place: blank_node.filter(|_| blank.is_some()).map(|node| node.place.clone()),
        otherwise,
        blank,
        problem,
        place: Place::new(file, 1, 1, 0),
    });
    true
}
