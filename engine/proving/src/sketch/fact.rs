//! A fact that a rule computes: its declaration in graph.yaml, the rule's file with its header, and a fixture. Or one that ranks,
//! which needs no rule.

use graph::{Date, EntityId};
use problem::{Place, Problem, code};
use rulebook::Files;
use rulebook::graph_file::GRAPH_FILE;
use rulebook::types::{Kind, Type};
use rulebook::yaml;

use super::{Result, Sketch, compile, fixture, insert, rule};

/// How a fact that is begun gets its value.
#[derive(Clone, Copy, Debug)]
pub enum How<'h> {
    /// By a rule that gives a value of this type, in the words of graph.yaml.
    Rule(&'h str),
    /// It is the student's place among all by this number.
    Rank(&'h str),
}

/// Begins a fact, such as `student.is_senior`.
///
/// # Errors
/// What is wrong: no such entity, a name that is taken, a type that a rule cannot give, a ranking of something else than
/// students, or a rulebook that does not check.
pub fn fact(files: &Files, name: &str, how: How<'_>, as_of: Date) -> Result<Sketch> {
    let plan = compile(files, &[])?;
    let schema = &plan.schema;
    let (entity_name, fact_name) = name.split_once('.').unwrap_or((name, ""));
    let Some(entity) = schema.entity(entity_name) else {
        let names = schema.entities().map(|(_, entity)| entity.name.as_str());
        let message = format!("nothing is called `{entity_name}`; a fact is named <entity>.<name>");
        return Err(vec![Problem::new(code::UNKNOWN_ENTITY, message).did_you_mean(entity_name, names)]);
    };
    let declared = &schema[entity];
    let taken = declared.field(fact_name).map(|field| declared[field].place.clone());
    let taken = taken.or_else(|| declared.relation(fact_name).map(|relation| declared[relation].place.clone()));
    let known = plan.fact_names.get(&(entity, fact_name.to_owned())).map(|fact| plan.facts[*fact].place.clone());
    if let Some(place) = taken.or(known) {
        let message = format!("`{entity_name}` has a `{fact_name}` already");
        return Err(vec![Problem::new(code::NAME_TWICE, message).at(place)]);
    }
    let type_word = match how {
        How::Rule(type_word) => type_word,
        How::Rank(of) => return rank(files, (entity_name, fact_name), entity, of, as_of),
    };
    let value = match Type::parse(type_word, schema) {
        Some(Type { optional: true, .. }) => "()",
        Some(Type { kind: Kind::Bool, .. }) => "false",
        Some(Type { kind: Kind::Int, .. }) => "0",
        Some(Type { kind: Kind::Decimal, .. }) => "0.0",
        Some(Type { kind: Kind::Text, .. }) => "\"\"",
        _ => {
            let message = format!("a rule that gives nothing yet cannot be of the type `{type_word}`");
            return Err(vec![Problem::new(code::UNKNOWN_TYPE, message).help(
                "the type is text, int, decimal, bool, or any with a question mark; `--rank` begins a place among all students; rows, days and others are written in objects/graph.yaml by hand (its top says how)",
            )]);
        }
    };
    let lines = format!(
        "      {fact_name}:\n        type: \"{type_word}\"\n        doc: (what the fact says, in a sentence)\n        rule: true\n"
    );
    let changed = declaring(files, entity_name, &lines)?;
    let rule_file = format!("rules/facts/{entity_name}/{fact_name}.rhai");
    if files.contains_key(&rule_file) {
        let message = format!("there is a rule that nothing uses: {rule_file}");
        return Err(vec![Problem::new(code::ORPHAN_RULE, message).at(Place::new(rule_file, 1, 1, 1))]);
    }
    let rule = rule::of_fact(&plan, name, entity, value);
    let changes = vec![(GRAPH_FILE.to_owned(), changed), (rule_file.clone(), rule)];
    let plan = compile(files, &changes)?;
    let fixture = fixture::of_fact(&plan, name, entity, as_of);
    let next = vec![
        format!("write the rule in {rule_file}, and its cases in {}", fixture.0),
        format!("say in {GRAPH_FILE} what the fact means"),
        "run `sifter check` and `sifter test`".to_owned(),
    ];
    Ok(Sketch { files: changes, fixture, next })
}

/// Begins a place among all students, which needs no rule.
fn rank(files: &Files, (entity, fact): (&str, &str), id: EntityId, of: &str, as_of: Date) -> Result<Sketch> {
    let lines = format!(
        "      {fact}:\n        type: int?\n        scope: population\n        doc: (what the fact says, in a sentence)\n        rank:\n          \
         who: true\n          by: []\n          of: {}\n",
        serde_json::Value::from(of)
    );
    let changes = vec![(GRAPH_FILE.to_owned(), declaring(files, entity, &lines)?)];
    let plan = compile(files, &changes)?;
    let fixture = fixture::of_fact(&plan, &format!("{entity}.{fact}"), id, as_of);
    let next = vec![
        format!(
            "say in {GRAPH_FILE} what the fact means, who is ranked (`who`), and what those ranked together agree in (`by`)"
        ),
        format!("write its cases in {}: the first student of a case is the one who is asked about", fixture.0),
        "run `sifter check` and `sifter test`".to_owned(),
    ];
    Ok(Sketch { files: changes, fixture, next })
}

/// The text of graph.yaml with the lines of a new fact of an entity.
fn declaring(files: &Files, entity: &str, lines: &str) -> Result<String> {
    let text = files.get(GRAPH_FILE).map(String::as_str).unwrap_or_default();
    let node = yaml::parse(GRAPH_FILE, text).map_err(|problem| vec![problem])?;
    let entry = |of: &yaml::Node, name: &str| {
        of.entries().iter().find(|(key, _)| key.text == name).map(|(key, node)| (key.place.clone(), node.clone()))
    };
    let found = entry(&node, "entities").and_then(|(_, entities)| entry(&entities, entity));
    let Some((place, body)) = found else {
        return Err(vec![Problem::new(code::UNKNOWN_ENTITY, format!("nothing is called `{entity}`"))]);
    };
    Ok(match entry(&body, "facts") {
        Some((facts, _)) => insert::lines(text, insert::behind(text, &facts), lines),
        None => insert::lines(text, insert::behind(text, &place), &format!("    facts:\n{lines}")),
    })
}
