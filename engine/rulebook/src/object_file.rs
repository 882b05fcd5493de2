//! Reads `objects/<Object>.yaml` and the shared groups of `objects/common/`.

use problem::{Place, Problem, code};

use crate::plan::AbsentPolicy;
use crate::yaml::{self, Key, Kind, Node, Reader, Scalar};

/// An object's definition, or that of one of its variants, as its file writes it.
pub struct ObjectDefinition {
    /// The SIF object.
    pub object: Scalar,
    /// Which variant of it, where the object has any.
    pub variant: Option<Key>,
    /// The entity that it repeats over.
    pub of: Scalar,
    /// Population rules: requirement rows and condition.
    pub population: Vec<(Vec<String>, Scalar)>,
    /// The paths of its key, where the file repeats them.
    pub key: Option<Node>,
    /// Whether it raises events, where the file says.
    pub events: Option<(bool, Place)>,
    /// Remarks about an instance.
    pub remarks: Vec<(Scalar, Scalar)>,
    /// Elements by path, in the order of the file.
    pub elements: Vec<ElementDefinition>,
    /// Elements of the extension, in the order of the file.
    pub extension: Vec<ElementDefinition>,
    /// Where it starts.
    pub place: Place,
}

impl ObjectDefinition {
    /// What people call it: the object's name, with `/` and the variant behind it where there is one.
    #[must_use]
    pub fn label(&self) -> String {
        let object = &self.object.text;
        self.variant.as_ref().map_or_else(|| object.clone(), |variant| format!("{object}/{}", variant.text))
    }
}

/// An element's definition.
#[derive(Clone, Debug)]
pub struct ElementDefinition {
    /// Its path.
    pub path: Key,
    /// Its characteristic, where the file repeats it.
    pub is: Option<Scalar>,
    /// The requirement rows that it answers.
    pub rows: Vec<String>,
    /// How it gets its value.
    pub tiers: Vec<Tier>,
    /// The value set that the value goes through.
    pub codes: Option<Scalar>,
    /// Only when this holds.
    pub when: Option<Scalar>,
    /// What is sent instead of an absent value.
    pub otherwise: Option<Scalar>,
    /// One for each of these rows.
    pub each: Option<Scalar>,
    /// Another name for the row.
    pub alias: Option<Scalar>,
    /// How many rows at most.
    pub take: Option<Scalar>,
    /// A shared group.
    pub group: Option<Scalar>,
    /// The requirement rows of the group's elements.
    pub group_rows: Vec<(Key, Vec<String>)>,
    /// What happens when there is nothing.
    pub absent: Option<(AbsentPolicy, Place)>,
    /// Decimal places.
    pub decimals: Option<Scalar>,
    /// Whether the page requires it, so that it is never stripped.
    pub required: bool,
    /// Remarks.
    pub remarks: Vec<(Scalar, Scalar)>,
    /// Whether every key of it is known.
    pub whole: bool,
}

/// How an element gets its value.
#[derive(Clone, Debug)]
pub enum Tier {
    /// An expression.
    From(Scalar),
    /// A constant.
    Const(Scalar),
    /// A decision table.
    Table(Node),
    /// A rule file.
    Rule,
    /// A decided omission, with its reason.
    Omitted(String),
}

/// What says which rows an object has and what is sent of them: it stands in the file, or in each of the object's variants.
const OF_A_VARIANT: [&str; 5] = ["of", "population", "warn", "elements", "extension"];

/// Reads an object's file: its definition, or one for each of its variants, in the order of the file. None if the file cannot be read.
pub fn read(file: &str, text: &str, problems: &mut Vec<Problem>) -> Option<Vec<ObjectDefinition>> {
    let node = match yaml::parse(file, text) {
        Ok(node) => node,
        Err(problem) => {
            problems.push(problem);
            return None;
        }
    };
    let mut reader = Reader::new(&node, "an object's definition", problems);
    let object = reader.need("object", problems).and_then(|node| node.scalar("a SIF object", problems));
    reader.text("doc", problems);
    let key = reader.get("key").cloned();
    let events = reader.get("events").and_then(|node| Some((node.flag(problems)?, node.place.clone())));
    let head = |object: &Scalar, variant: Option<&Key>| Head {
        object: object.clone(),
        variant: variant.cloned(),
        key: key.clone(),
        events: events.clone(),
    };
    let Some((variants_key, variants)) = reader.entry("variants") else {
        if is_mistyped(&node, "variants") {
            reader.finish(problems);
            return None;
        }
        let parts = Parts::read(&mut reader, &node, problems);
        reader.finish(problems);
        return Some(vec![parts?.under(head(object?, None))]);
    };
    for name in OF_A_VARIANT {
        if let Some((key, _)) = reader.entry(name) {
            problems.push(
                Problem::new(
                    code::CONTRADICTING_KEYS,
                    format!("the object has variants, and each has its own `{name}`"),
                )
                .at(key.place.clone())
                .and_at(variants_key.place.clone(), "the variants")
                .help(format!("write `{name}` inside each variant, or take `variants` out")),
            );
        }
    }
    reader.finish(problems);
    let entries = variants.map("variants by name", problems)?;
    if entries.is_empty() {
        let problem = Problem::new(code::MISSING_KEY, "the object has no variant, so nothing of it is ever sent");
        problems.push(problem.at(variants_key.place.clone()).help("name a variant, with `of` and `elements`"));
    }
    let mut definitions = Vec::new();
    for (name, node) in entries {
        let mut reader = Reader::new(node, "a variant of an object", problems);
        reader.text("doc", problems);
        let parts = Parts::read(&mut reader, node, problems);
        reader.finish(problems);
        if !name.text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') || name.text.is_empty() {
            problems.push(
                Problem::new(code::WRONG_KIND, format!("`{}` is no name of a variant", name.text))
                    .at(name.place.clone())
                    .help("it is a folder's name too: write letters, digits and `_` only"),
            );
            continue;
        }
        if let (Some(parts), Some(object)) = (parts, object) {
            definitions.push(parts.under(head(object, Some(name))));
        }
    }
    Some(definitions)
}

/// Whether a key that nobody knows was meant to be `key`, where what would stand there instead is missing too.
fn is_mistyped(node: &Node, key: &str) -> bool {
    let keys = || node.entries().iter().map(|(key, _)| key.text.as_str());
    let known = ["object", "doc", "key", "events", key].into_iter().chain(OF_A_VARIANT);
    let meant =
        |found: &str| !known.clone().any(|known| known == found) && problem::nearest(found, known.clone()) == Some(key);
    !keys().any(|found| OF_A_VARIANT.contains(&found)) && keys().any(meant)
}

/// What is the same for all variants of an object.
struct Head {
    object: Scalar,
    variant: Option<Key>,
    key: Option<Node>,
    events: Option<(bool, Place)>,
}

/// What each variant has of its own.
struct Parts {
    of: Scalar,
    population: Vec<(Vec<String>, Scalar)>,
    remarks: Vec<(Scalar, Scalar)>,
    elements: Vec<ElementDefinition>,
    extension: Vec<ElementDefinition>,
    place: Place,
}

impl Parts {
    /// Reads the keys of `OF_A_VARIANT`.
    fn read(reader: &mut Reader<'_>, node: &Node, problems: &mut Vec<Problem>) -> Option<Self> {
        let of = reader.need("of", problems).and_then(|node| node.scalar("an entity", problems)).cloned();
        let population_node = reader.get("population");
        let remarks = reader.get("warn").map(|node| remarks(node, problems)).unwrap_or_default();
        let elements_node = reader.need("elements", problems);
        let extension_node = reader.get("extension");
        let mut population = Vec::new();
        if let Some(node) = population_node {
            for item in node.list("population rules", problems).unwrap_or_default() {
                let mut reader = Reader::new(item, "a population rule", problems);
                let rules = reader.need("rules", problems).map(|node| texts(node, problems)).unwrap_or_default();
                let keep = reader.need("keep", problems).and_then(|node| node.scalar("an expression", problems));
                reader.text("doc", problems);
                reader.finish(problems);
                if let Some(keep) = keep {
                    population.push((rules, keep.clone()));
                }
            }
        }
        let mut elements = |node: Option<&Node>| -> Vec<ElementDefinition> {
            let entries = node.and_then(|node| node.map("elements by path", problems)).unwrap_or_default();
            entries.iter().map(|(key, node)| element(key, node, problems)).collect()
        };
        let (elements, extension) = (elements(elements_node), elements(extension_node));
        Some(Self { of: of?, population, remarks, elements, extension, place: node.place.clone() })
    }

    fn under(self, head: Head) -> ObjectDefinition {
        let Self { of, population, remarks, elements, extension, place } = self;
        let Head { object, variant, key, events } = head;
        ObjectDefinition { object, variant, of, population, key, events, remarks, elements, extension, place }
    }
}

/// A shared group of elements.
pub struct Group {
    /// The file's name without `.yaml`.
    pub name: String,
    /// Its elements by path; none if the file could not be read.
    pub elements: Option<Vec<ElementDefinition>>,
}

/// Reads a shared group.
pub fn read_group(name: &str, file: &str, text: &str, problems: &mut Vec<Problem>) -> Group {
    let node = yaml::parse(file, text).map_err(|problem| problems.push(problem)).ok();
    Group { name: name.to_owned(), elements: node.and_then(|node| group_elements(&node, problems)) }
}

fn group_elements(node: &Node, problems: &mut Vec<Problem>) -> Option<Vec<ElementDefinition>> {
    let mut reader = Reader::new(node, "a shared group", problems);
    reader.need("doc", problems);
    let elements = reader.need("elements", problems);
    reader.finish(problems);
    let entries = elements?.map("elements by path", problems)?;
    Some(entries.iter().map(|(key, node)| element(key, node, problems)).collect())
}

/// How extension elements are wrapped.
#[derive(Clone, Debug)]
pub struct Extension {
    /// `Name` of the SIF_ExtendedElement.
    pub name: String,
    /// The element around them, with `{object}` for the object's name; none: no such element.
    pub wrapper: Option<String>,
}

/// What `objects/common/extension.yaml` says.
#[derive(Clone, Debug)]
pub enum ExtensionFile {
    /// There is no such file, so no object has an extension.
    Missing,
    /// It could not be read; that has been reported.
    Unreadable,
    /// How extension elements are wrapped.
    Read(Extension),
}

/// Reads `objects/common/extension.yaml`.
pub fn read_extension(file: &str, text: &str, problems: &mut Vec<Problem>) -> ExtensionFile {
    let node = match yaml::parse(file, text) {
        Ok(node) => node,
        Err(problem) => {
            problems.push(problem);
            return ExtensionFile::Unreadable;
        }
    };
    let mut reader = Reader::new(&node, "the extension", problems);
    let name = reader.need("name", problems).and_then(|node| node.scalar("a name", problems));
    let wrapper = reader.text("wrapper", problems).map(|wrapper| wrapper.text.clone());
    reader.finish(problems);
    name.map_or(ExtensionFile::Unreadable, |name| ExtensionFile::Read(Extension { name: name.text.clone(), wrapper }))
}

fn texts(node: &Node, problems: &mut Vec<Problem>) -> Vec<String> {
    node.texts("requirement rows", problems).into_iter().map(|scalar| scalar.text.clone()).collect()
}

fn remarks(node: &Node, problems: &mut Vec<Problem>) -> Vec<(Scalar, Scalar)> {
    let items = match &node.kind {
        Kind::Map(_) => std::slice::from_ref(node),
        _ => node.list("remarks", problems).unwrap_or_default(),
    };
    items
        .iter()
        .filter_map(|item| {
            let mut reader = Reader::new(item, "a remark", problems);
            let when = reader.need("when", problems).and_then(|node| node.scalar("an expression", problems));
            let say = reader.need("say", problems).and_then(|node| node.scalar("a text", problems));
            reader.finish(problems);
            Some((when?.clone(), say?.clone()))
        })
        .collect()
}

fn element(path: &Key, node: &Node, problems: &mut Vec<Problem>) -> ElementDefinition {
    let mut reader = Reader::new(node, "an element", problems);
    let is = reader.text("is", problems).cloned();
    let rows = reader.get("rows").map(|node| texts(node, problems)).unwrap_or_default();
    let mut tiers = Vec::new();
    if let Some(from) = reader.text("from", problems) {
        tiers.push(Tier::From(from.clone()));
    }
    if let Some(constant) = reader.text("const", problems) {
        tiers.push(Tier::Const(constant.clone()));
    }
    if let Some(table) = reader.get("table") {
        tiers.push(Tier::Table(table.clone()));
    }
    if reader.flag("rule", problems) {
        tiers.push(Tier::Rule);
    }
    if let Some(reason) = reader.text("omitted", problems) {
        tiers.push(Tier::Omitted(reason.text.trim().to_owned()));
    }
    let codes = reader.text("codes", problems).cloned();
    let when = reader.text("when", problems).cloned();
    let otherwise = reader.text("otherwise", problems).cloned();
    let each = reader.text("each", problems).cloned();
    let alias = reader.text("as", problems).cloned();
    let take = reader.text("take", problems).cloned();
    let group = reader.text("group", problems).cloned();
    let group_rows = reader.get("group_rows").and_then(|node| node.map("rows by path", problems)).unwrap_or_default();
    let group_rows = group_rows.iter().map(|(key, node)| (key.clone(), texts(node, problems))).collect();
    let absent = reader.get("absent").and_then(|node| {
        let word = node.scalar("omit, empty, nil or reject", problems)?;
        let policy = match word.text.as_str() {
            "omit" => AbsentPolicy::Omit,
            "empty" => AbsentPolicy::Empty,
            "nil" => AbsentPolicy::Nil,
            "reject" => AbsentPolicy::Reject,
            other => {
                problems.push(
                    Problem::new(code::WRONG_KIND, format!("`{other}` is none of omit, empty, nil, reject"))
                        .at(node.place.clone())
                        .did_you_mean(other, ["omit", "empty", "nil", "reject"]),
                );
                return None;
            }
        };
        Some((policy, node.place.clone()))
    });
    let decimals = reader.text("decimals", problems).cloned();
    let required = reader.flag("required", problems);
    reader.text("doc", problems);
    let remarks = reader.get("warn").map(|node| self::remarks(node, problems)).unwrap_or_default();
    let whole = reader.finish(problems);
    ElementDefinition {
        path: path.clone(),
        is,
        rows,
        tiers,
        codes,
        when,
        otherwise,
        each,
        alias,
        take,
        group,
        group_rows,
        absent,
        decimals,
        required,
        remarks,
        whole,
    }
}
