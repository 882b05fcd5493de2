//! A fixture, begun: one case that passes, and what the others will need.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use graph::{Date, EntityId, FieldType};
use problem::{Problem, code};
use rulebook::plan::Plan;
use rulebook::{Files, rule_path};

use super::{Result, Sketch, at_hand, compile, words, written};
use crate::run::{Verdict, run};

/// How many fields a first case may have to give.
const MOST_GIVEN: usize = 40;

/// Begins the fixture of an element (`StudentPersonal/Name/LastName`) or of a fact (`student.is_senior`).
///
/// # Errors
/// What is wrong: no such element or fact, or a rulebook that does not check.
pub fn fixture(files: &Files, name: &str, as_of: Date) -> Result<Sketch> {
    let plan = compile(files, &[])?;
    let fixture = if name.contains('/') {
        let found = plan.object_and_path(name).filter(|(_, path)| !path.is_empty());
        let found = found.and_then(|(object, path)| Some((object, path, mapper::chain(object, path)?)));
        let Some((of, path, chain)) = found else {
            let paths: Vec<String> = plan
                .objects
                .iter()
                .flat_map(|object| object.nodes().into_iter().map(|node| format!("{}/{}", object.label, node.path)))
                .collect();
            let message = format!("no element of the rulebook is called `{name}`");
            let problem = Problem::new(code::UNKNOWN_PATH, message);
            return Err(vec![problem.did_you_mean(name, paths.iter().map(String::as_str))]);
        };
        let entity = chain.iter().rev().find_map(|node| node.each.as_ref()).map_or(of.entity, |each| each.entity);
        of_element(&plan, &of.label, path, entity, as_of)
    } else {
        let (entity, fact) = name.split_once('.').unwrap_or((name, ""));
        let known = |entity: EntityId| plan.fact_names.contains_key(&(entity, fact.to_owned())).then_some(entity);
        let Some(entity) = plan.schema.entity(entity).and_then(known) else {
            let facts = plan.facts.iter().map(|fact| format!("{}.{}", plan.schema[fact.entity].name, fact.name));
            let names: Vec<String> = facts.collect();
            let message = format!("no fact is called `{name}`; an element is named <Object>/<path>");
            let problem = Problem::new(code::UNKNOWN_FIELD, message);
            return Err(vec![problem.did_you_mean(name, names.iter().map(String::as_str))]);
        };
        of_fact(&plan, name, entity, as_of)
    };
    let next = vec![format!("write the cases in {}", fixture.0), "run `sifter test`".to_owned()];
    Ok(Sketch { files: Vec::new(), fixture, next })
}

/// The fixture of an element: path and text.
pub(super) fn of_element(
    plan: &Arc<Plan>,
    object: &str,
    path: &str,
    entity: EntityId,
    as_of: Date,
) -> (String, String) {
    let file = format!("tests/rules/{}.yaml", rule_path(object, path));
    let text = text(plan, &file, &format!("rule: {}", quoted(&format!("{object}/{path}"))), entity, as_of);
    (file, text)
}

/// The fixture of a fact: path and text.
pub(super) fn of_fact(plan: &Arc<Plan>, name: &str, entity: EntityId, as_of: Date) -> (String, String) {
    let file = format!("tests/rules/facts/{}.yaml", name.replace('.', "/"));
    let mut text = text(plan, &file, &format!("fact: {name}"), entity, as_of);
    let declared = name.split_once('.').and_then(|(_, fact)| plan.fact_names.get(&(entity, fact.to_owned())));
    if let Some(fact) = declared.map(|fact| &plan.facts[*fact]) {
        for (given, ty) in &fact.given {
            let _ = writeln!(text, "  # It also needs `{given}` ({}).", words(plan, *ty));
        }
    }
    (file, text)
}

/// The whole text: a first case that passes, and hints for the others.
fn text(plan: &Arc<Plan>, file: &str, target: &str, entity: EntityId, as_of: Date) -> String {
    let name = &plan.schema[entity].name;
    let mut given: BTreeMap<String, String> = BTreeMap::new();
    let mut expect = "absent".to_owned();
    for _ in 0..MOST_GIVEN {
        let text = case(target, name, &given, &expect, as_of);
        match first_case(plan, file, &text) {
            Tried::Passed => return format!("{text}{}", hints(plan, entity, name)),
            Tried::Gave(actual) if actual != expect => expect = actual,
            Tried::Reads(field) if !given.contains_key(&field) => {
                let sample = sample(plan, entity, &field, as_of);
                given.insert(field, sample);
            }
            Tried::Gave(_) | Tried::Reads(_) | Tried::Broken => break,
        }
    }
    // A case that needs rows around it is the analyst's to write.
    let commented: String = case(target, name, &given, &expect, as_of)
        .lines()
        .map(|line| {
            if line.starts_with("  ") {
                format!("  # {}\n", line.trim_start_matches("  "))
            } else {
                format!("{line}\n")
            }
        })
        .collect();
    format!("{}{}", commented.replace("cases:\n", "cases: []\n"), hints(plan, entity, name))
}

enum Tried {
    Passed,
    /// It gave this instead.
    Gave(String),
    /// It reads a field of the row that the case does not give.
    Reads(String),
    Broken,
}

fn first_case(plan: &Arc<Plan>, file: &str, text: &str) -> Tried {
    let mut problems = Vec::new();
    let Some(fixture) = crate::fixture::read(plan, &crate::People::default(), file, text, &mut problems) else {
        return Tried::Broken;
    };
    if !problems.is_empty() {
        return Tried::Broken;
    }
    match run(plan, &fixture, &|_| true).into_iter().next().map(|result| result.verdict) {
        Some(Verdict::Passed) => Tried::Passed,
        Some(Verdict::Failed(failure)) => {
            let about = failure.problems.iter().chain([&failure.actual]).find_map(|text| text.split_once("reads `"));
            match about.and_then(|(_, rest)| rest.split_once('`')).and_then(|(name, _)| name.split_once('.')) {
                Some((_, field)) => Tried::Reads(field.to_owned()),
                None => Tried::Gave(failure.actual),
            }
        }
        Some(Verdict::Broken(_)) | None => Tried::Broken,
    }
}

fn case(target: &str, entity: &str, given: &BTreeMap<String, String>, expect: &str, as_of: Date) -> String {
    let row = if given.is_empty() {
        "{}".to_owned()
    } else {
        let fields: Vec<String> = given.iter().map(|(field, value)| format!("{field}: {value}")).collect();
        format!("{{ {} }}", fields.join(", "))
    };
    let expect = if expect == "absent" { expect.to_owned() } else { quoted(expect) };
    let article = if entity.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!(
        "{target}\nas_of: {}\ncases:\n  - name: {article} {} of whom nothing else is known\n    given: {{ {entity}: {row} }}\n    expect: {expect}\n",
        written(as_of),
        entity.replace('_', " "),
    )
}

fn hints(plan: &Plan, entity: EntityId, name: &str) -> String {
    format!(
        "  # Then the common case, both sides of each border, and each input absent:\n  # - name: (a sentence that a registrar understands)\n  #   given: {{ {name}: {{ … }} }}\n  #   expect: …\n{}",
        at_hand(plan, entity, "  # ")
    )
}

/// Some value of a field.
fn sample(plan: &Plan, entity: EntityId, field: &str, as_of: Date) -> String {
    let declared = &plan.schema[entity];
    match declared.field(field).map(|field| &declared[field].field_type) {
        Some(FieldType::Int) => "1".to_owned(),
        Some(FieldType::Decimal) => "1.0".to_owned(),
        Some(FieldType::Bool) => "false".to_owned(),
        Some(FieldType::Date) => written(as_of),
        Some(FieldType::Time) => "\"08:00\"".to_owned(),
        Some(FieldType::DateTime) => format!("\"{} 08:00:00\"", written(as_of)),
        Some(FieldType::Text | FieldType::Code(_)) | None => "A".to_owned(),
    }
}

/// A text as YAML takes it for a text.
fn quoted(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '.'))
        && !["absent", "true", "false", "null", "yes", "no", "y", "n"].contains(&text.to_lowercase().as_str());
    if plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}
