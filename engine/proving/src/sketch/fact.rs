//! A fact that a rule computes: its declaration in graph.yaml, the rule's file with its header, and a fixture.

use graph::Date;
use problem::{Place, Problem, code};
use rulebook::Files;
use rulebook::graph_file::GRAPH_FILE;
use rulebook::types::{Kind, Type};
use rulebook::yaml;

use super::{Result, Sketch, compile, fixture, insert, rule};

/// Begins a fact, such as `student.is_senior`, of a type in the words of graph.yaml.
///
/// # Errors
/// What is wrong: no such entity, a name that is taken, a type that a rule cannot give, or a rulebook that does not check.
pub fn fact(files: &Files, name: &str, type_word: &str, as_of: Date) -> Result<Sketch> {
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
    let value = match Type::parse(type_word, schema) {
        Some(Type { optional: true, .. }) => "()",
        Some(Type { kind: Kind::Bool, .. }) => "false",
        Some(Type { kind: Kind::Int, .. }) => "0",
        Some(Type { kind: Kind::Decimal, .. }) => "0.0",
        Some(Type { kind: Kind::Text, .. }) => "\"\"",
        _ => {
            let message = format!("a rule that gives nothing yet cannot be of the type `{type_word}`");
            return Err(vec![Problem::new(code::UNKNOWN_TYPE, message).help(
                "the type is text, int, decimal, bool, or any with a question mark; rows, days and others are written in objects/graph.yaml by hand (its top says how)",
            )]);
        }
    };
    let text = files.get(GRAPH_FILE).map(String::as_str).unwrap_or_default();
    let lines = format!(
        "      {fact_name}:\n        type: \"{type_word}\"\n        doc: (what the fact says, in a sentence)\n        rule: true\n"
    );
    let node = yaml::parse(GRAPH_FILE, text).map_err(|problem| vec![problem])?;
    let entry = |of: &yaml::Node, name: &str| {
        of.entries().iter().find(|(key, _)| key.text == name).map(|(key, node)| (key.place.clone(), node.clone()))
    };
    let found = entry(&node, "entities").and_then(|(_, entities)| entry(&entities, entity_name));
    let Some((place, body)) = found else {
        return Err(vec![Problem::new(code::UNKNOWN_ENTITY, format!("nothing is called `{entity_name}`"))]);
    };
    let changed = match entry(&body, "facts") {
        Some((facts, _)) => insert::lines(text, insert::behind(text, &facts), &lines),
        None => insert::lines(text, insert::behind(text, &place), &format!("    facts:\n{lines}")),
    };
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
