//! Reads `objects/graph.yaml`: the schema of the graph, and the declarations of facts.

mod certain;
mod entity;
mod facts;
mod like;
mod population;
mod scope;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use graph::{Entity, EntityId, FieldId, FieldType, RelationId, Schema, Scope};
use problem::{Problem, code};

pub use facts::{FactDeclaration, FactTier, OrderItem, SelectWord, Selection};
pub use population::Ranking;

use crate::yaml::{self, Key, Node, Reader, Scalar};

/// The path of the graph's declaration.
pub const GRAPH_FILE: &str = "objects/graph.yaml";

/// What `objects/graph.yaml` declares.
pub struct GraphFile {
    /// The schema.
    pub schema: Arc<Schema>,
    /// The facts, in the order of the file.
    pub facts: Vec<FactDeclaration>,
    /// Fields, relations and facts that could not be read.
    pub broken: BTreeSet<(EntityId, String)>,
}

/// Reads the graph's declaration. What is wrong is added to `problems`; the result is what could be read.
pub fn read(file: &str, text: &str, problems: &mut Vec<Problem>) -> Option<GraphFile> {
    let node = match yaml::parse(file, text) {
        Ok(node) => node,
        Err(problem) => {
            problems.push(problem);
            return None;
        }
    };
    let mut reader = Reader::new(&node, "graph.yaml", problems);
    let declared = reader.need("entities", problems).and_then(|node| node.map("entities by name", problems));
    reader.finish(problems);
    let declared = declared?;
    let names: HashMap<&str, EntityId> = declared
        .iter()
        .enumerate()
        .filter_map(|(at, (key, _))| Some((key.text.as_str(), EntityId(u16::try_from(at).ok()?))))
        .collect();
    let mut entities = Vec::new();
    let mut loads = Vec::new();
    for (key, node) in declared {
        let (entity, load) = entity::read(key, node, &names, problems);
        entities.push(entity);
        loads.push(load);
    }
    like::resolve(&mut entities, &mut loads, &names, problems);
    entity::link(declared, &names, &loads, &mut entities, problems);
    like::share_relations(&mut entities, &loads, problems);
    let (root, only_with) = entity::root(&entities, &loads, declared, problems)?;
    entity::reach(&mut entities, &loads, problems);
    scope::set(&mut entities, &loads);
    scope::check(&entities, problems);
    certain::check(&entities, problems);
    let schema = Schema::new(entities, root, only_with);
    let mut facts = Vec::new();
    for ((key, node), (id, _)) in declared.iter().zip(schema.entities()) {
        facts::read(key, node, id, &schema, &mut facts, problems);
    }
    like::share_facts(&schema, declared, &loads, &mut facts, problems);
    check_loaded(&schema, problems);
    let mut broken = BTreeSet::new();
    for (((_, node), load), (id, entity)) in declared.iter().zip(&loads).zip(schema.entities()) {
        broken.extend(load.untyped.iter().map(|field| (id, entity[*field].name.clone())));
        let known = |name: &str| {
            entity.field(name).is_some()
                || entity.relation(name).is_some()
                || facts.iter().any(|fact| fact.entity == id && fact.name == name)
        };
        if entity.period.is_none() && node.entries().iter().any(|(key, _)| key.text == "period") {
            broken.insert((id, "active_on".to_owned()));
        }
        let shared = load.shares.iter().map(|name| name.text.as_str());
        broken.extend(members(node).chain(shared).filter(|name| !known(name)).map(|name| (id, name.to_owned())));
    }
    Some(GraphFile { schema, facts, broken })
}

/// The names of the fields, relations and facts that an entity declares.
fn members(entity: &Node) -> impl Iterator<Item = &str> {
    let sections = entity.entries().iter();
    let sections = sections.filter(|(key, _)| matches!(key.text.as_str(), "fields" | "relations" | "facts"));
    let members = sections.flat_map(|(_, section)| section.entries());
    members.map(|(key, _)| key.text.split('(').next().unwrap_or_default())
}

/// Reads only the schema.
///
/// # Errors
/// Every problem of the file, if any is an error.
pub fn schema_of(file: &str, text: &str) -> Result<Arc<Schema>, Vec<Problem>> {
    let mut problems = Vec::new();
    let read = read(file, text, &mut problems);
    match read {
        Some(read) if !problems.iter().any(Problem::is_error) => Ok(read.schema),
        _ => Err(problems),
    }
}

fn check_loaded(schema: &Schema, problems: &mut Vec<Problem>) {
    let order = schema.load_order(Scope::Student);
    for (id, entity) in schema.entities() {
        if entity.scope == Scope::Student && !order.contains(&id) {
            problems.push(
                Problem::new(code::NOT_REACHED, format!("`{}` is reached only through itself", entity.name))
                    .at(entity.place.clone()),
            );
        }
    }
}

/// The type that a word of `graph.yaml` names, and whether a question mark follows it.
fn field_type(word: &str) -> Option<(FieldType, bool)> {
    let (word, nullable) = word.strip_suffix('?').map_or((word, false), |word| (word, true));
    let field_type = match word {
        "text" => FieldType::Text,
        "int" => FieldType::Int,
        "decimal" => FieldType::Decimal,
        "bool" => FieldType::Bool,
        "date" => FieldType::Date,
        "time" => FieldType::Time,
        "datetime" => FieldType::DateTime,
        _ => FieldType::Code(word.strip_prefix("code(")?.strip_suffix(')')?.to_owned()),
    };
    Some((field_type, nullable))
}

const TYPE_WORDS: [&str; 7] = ["text", "int", "decimal", "bool", "date", "time", "datetime"];

/// Names that the rule language keeps for itself; a field of such a name could not be read from a rule.
const RESERVED: &[&str] = &[
    "tag",
    "true",
    "false",
    "let",
    "const",
    "is",
    "if",
    "else",
    "switch",
    "do",
    "while",
    "until",
    "loop",
    "for",
    "in",
    "continue",
    "break",
    "return",
    "throw",
    "try",
    "catch",
    "import",
    "export",
    "as",
    "private",
    "fn",
    "this",
    "Fn",
    "call",
    "curry",
    "eval",
    "type_of",
    "print",
    "debug",
    "is_shared",
    "var",
    "static",
    "shared",
    "goto",
    "exit",
    "match",
    "case",
    "public",
    "protected",
    "new",
    "use",
    "with",
    "module",
    "package",
    "super",
    "thread",
    "spawn",
    "go",
    "sync",
    "async",
    "await",
    "yield",
    "default",
    "void",
    "null",
    "nil",
];

fn check_name(key: &Key, what: &str, problems: &mut Vec<Problem>) {
    let name = key.text.split('(').next().unwrap_or_default();
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if RESERVED.contains(&name) {
        problems.push(
            Problem::new(code::RESERVED_NAME, format!("`{name}` is a word of the rule language"))
                .at(key.place.clone())
                .help(format!("call the {what} something else, such as `{name}_value`")),
        );
    } else if !plain {
        problems.push(
            Problem::new(code::RESERVED_NAME, format!("`{name}` is no name for {what}"))
                .at(key.place.clone())
                .help("names are small letters, digits and underscores, starting with a letter"),
        );
    }
}

fn unknown_entity(name: &str, node: &Node, names: &HashMap<&str, EntityId>) -> Problem {
    unknown_entity_at(name, &node.place, names)
}

fn unknown_entity_at(name: &str, place: &problem::Place, names: &HashMap<&str, EntityId>) -> Problem {
    Problem::new(code::UNKNOWN_ENTITY, format!("no entity is called `{name}`"))
        .at(place.clone())
        .did_you_mean(name, names.keys().copied())
}

/// What an entity says that is linked once every entity is known.
struct Load<'n> {
    root: Option<(&'n Node, String)>,
    reached: Option<(&'n Node, String)>,
    /// The entity that it is like, and what it shares with it.
    like: Option<&'n Scalar>,
    shares: Vec<&'n Scalar>,
    /// Fields whose type could not be read.
    untyped: Vec<FieldId>,
    /// Whether every key of it is known: one that is not may be a misspelt `reached`.
    whole: bool,
}

/// Relation `name` of `entity`, or a problem.
fn relation_of(entity: &Entity, name: &str, node: &Node, problems: &mut Vec<Problem>) -> Option<RelationId> {
    let found = entity.relation(name);
    if found.is_none() {
        problems.push(
            Problem::new(code::UNKNOWN_FIELD, format!("`{}` has no relation `{name}`", entity.name))
                .at(node.place.clone())
                .and_at(entity.place.clone(), "declared here")
                .did_you_mean(name, entity.relations.iter().map(|relation| relation.name.as_str())),
        );
    }
    found
}
