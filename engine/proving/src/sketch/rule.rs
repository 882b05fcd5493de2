//! A rule for an element: its line in the object's file, the rule's file with its header, and a fixture.

use std::fmt::Write;

use graph::{Date, EntityId};
use problem::{Place, Problem, code};
use rulebook::object_file::{self, ElementDefinition, ExtensionFile, ObjectDefinition, Tier};
use rulebook::plan::{AbsentPolicy, Node, ObjectPlan, Plan};
use rulebook::{Files, rule_path};
use sif::schema::ElementSchema;

use super::{Result, Sketch, at_hand, compile, fixture, insert};

/// So many codes of a code set are named in a header.
const CODES_NAMED: usize = 12;

/// Begins the rule of an element, such as `StudentPersonal/Demographics/Gender`, `StudentPersonal/UTExtensions/RefugeeStudent` or, of a
/// variant, `StudentParticipation/S2/ProgramExitDate`. An element
/// that the object's file does not list yet is put into it, in schema order.
///
/// # Errors
/// What is wrong: no such object or element, one that has a value already, or a rulebook that does not check.
pub fn rule(files: &Files, name: &str, as_of: Date) -> Result<Sketch> {
    let (object, path) = name.split_once('/').unwrap_or((name, ""));
    let file = format!("objects/{object}.yaml");
    let Some(text) = files.get(&file) else {
        let known = files.keys().filter_map(|path| path.strip_prefix("objects/")?.strip_suffix(".yaml"));
        let objects: Vec<&str> =
            known.filter(|name| !name.contains('/') && !["graph", "requirements"].contains(name)).collect();
        let message = format!("the rulebook has no object `{object}`: there is no {file}");
        return Err(vec![Problem::new(code::UNKNOWN_OBJECT, message).did_you_mean(object, objects)]);
    };
    let mut problems = Vec::new();
    let Some(definitions) = object_file::read(&file, text, &mut problems) else { return Err(problems) };
    let (definition, path) = of_variant(&definitions, path)?;
    let object = &*definition.label();
    let mut place = Spot { files, file: &file, text, definition, path };
    let mut sketch = Sketch::default();
    if let Some(changed) = place.listed()? {
        sketch.next.push(format!("say in {file} which requirement rows the element answers: `rows: [R…]`"));
        sketch.files.push((file.clone(), changed));
    }
    let rule_file = format!("rules/{}.rhai", rule_path(object, path));
    if files.contains_key(&rule_file) {
        let message = format!("the element has its rule already: {rule_file}");
        return Err(vec![Problem::new(code::CONTRADICTING_KEYS, message).at(Place::new(rule_file, 1, 1, 1))]);
    }
    // The plan says what the header tells; a rule that gives nothing is enough for it.
    sketch.files.push((rule_file.clone(), text_of(name, "x", "x", "x", "x", "", "")));
    let plan = compile(files, &sketch.files)?;
    let Some((plan_of, chain)) = plan.object(object).and_then(|plan| Some((plan, mapper::chain(plan, path)?))) else {
        return Err(vec![Problem::new(code::UNKNOWN_PATH, format!("{object} has no element `{path}`"))]);
    };
    let entity = entity_of(plan_of, &chain);
    let node = chain.last().copied().unwrap_or(&plan_of.root);
    let row = &plan.schema[entity];
    let header = text_of(
        name,
        &reports(node.schema, path),
        "(the paragraph of the requirement, in your own words)",
        &format!("{}: {}", row.name, row.doc.trim_end_matches('.')),
        &absent(node),
        &row.name,
        &at_hand(&plan, entity, "    // "),
    );
    if let Some((_, text)) = sketch.files.last_mut() {
        *text = header;
    }
    let plan = compile(files, &sketch.files)?;
    sketch.fixture = fixture::of_element(&plan, object, path, entity, as_of);
    sketch.next.insert(0, format!("write the rule in {rule_file}, and its cases in {}", sketch.fixture.0));
    sketch.next.push("run `sifter check` and `sifter test`".to_owned());
    Ok(sketch)
}

/// The definition that a path belongs to, and the path in it: of an object with variants, it begins with one of them.
fn of_variant<'d, 'p>(definitions: &'d [ObjectDefinition], path: &'p str) -> Result<(&'d ObjectDefinition, &'p str)> {
    let (variant, inside) = path.split_once('/').unwrap_or((path, ""));
    let names = || definitions.iter().filter_map(|definition| Some(definition.variant.as_ref()?.text.as_str()));
    let found = definitions.iter().find_map(|definition| match &definition.variant {
        None => Some((definition, path)),
        Some(name) => (name.text == variant).then_some((definition, inside)),
    });
    found.ok_or_else(|| {
        let names = names().collect::<Vec<_>>();
        let message = format!("name a variant before the element's path: one of {}", names.join(", "));
        vec![Problem::new(code::UNKNOWN_PATH, message).did_you_mean(variant, names)]
    })
}

/// The element's place in the object's file.
struct Spot<'s> {
    files: &'s Files,
    file: &'s str,
    text: &'s str,
    definition: &'s ObjectDefinition,
    path: &'s str,
}

impl Spot<'_> {
    /// The file's text with the element in it; none if it is listed and waits for its rule.
    fn listed(&mut self) -> Result<Option<String>> {
        let extension = self.extension_name();
        let of_extension = extension.as_deref().and_then(|name| self.path.strip_prefix(&format!("{name}/")));
        let mut all = self.definition.elements.iter();
        let found = match of_extension {
            Some(name) => self.definition.extension.iter().find(|element| element.path.text == name),
            None => all.find(|element| element.path.text == self.path),
        };
        if let Some(element) = found {
            return self.waits(element).map(|()| None);
        }
        match of_extension {
            Some(name) => self.put_into_extension(name).map(Some),
            None => self.put_into_elements(extension.as_deref()).map(Some),
        }
    }

    fn extension_name(&self) -> Option<String> {
        let file = "objects/common/extension.yaml";
        match object_file::read_extension(file, self.files.get(file)?, &mut Vec::new()) {
            ExtensionFile::Read(extension) => Some(extension.name),
            ExtensionFile::Missing | ExtensionFile::Unreadable => None,
        }
    }

    /// Whether a listed element says that a rule gives its value.
    fn waits(&self, element: &ElementDefinition) -> Result<()> {
        let tier = element.tiers.first().map(|tier| match tier {
            Tier::Rule => "rule",
            Tier::From(_) => "from",
            Tier::Const(_) => "const",
            Tier::Table(_) => "table",
            Tier::Omitted(_) => "omitted",
        });
        match tier {
            Some("rule") => Ok(()),
            Some(word) => Err(vec![
                Problem::new(code::CONTRADICTING_KEYS, format!("the element gets its value by `{word}` already"))
                    .at(element.path.place.clone())
                    .help(format!("write `rule: true` instead of `{word}: …`, and run this again")),
            ]),
            None => Err(vec![
                Problem::new(code::NO_VALUE_GIVEN, "the element holds others, so it has no value of its own")
                    .at(element.path.place.clone())
                    .help("name the element inside it"),
            ]),
        }
    }

    fn put_into_extension(&self, name: &str) -> Result<String> {
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
        if !is_name {
            let message = format!("`{name}` is no name of an element: letters, digits, `_`, `-` and `.`");
            return Err(vec![Problem::new(code::UNKNOWN_PATH, message)]);
        }
        let line = format!("{}{name}: {{ rule: true }}\n", self.indent());
        Ok(match (self.definition.extension.last(), &self.definition.variant) {
            (Some(last), _) => insert::lines(self.text, insert::behind(self.text, &last.path.place), &line),
            (None, Some(variant)) => {
                let indent = " ".repeat(self.indent().len().saturating_sub(2));
                let lines = format!("{indent}extension:\n{line}");
                insert::lines(self.text, insert::behind(self.text, &variant.place), &lines)
            }
            (None, None) => format!("{}\nextension:\n{line}", self.text.trim_end()),
        })
    }

    /// What an element's line begins with, as those that are there do.
    fn indent(&self) -> String {
        let first = self.definition.elements.first().or_else(|| self.definition.extension.first());
        let column = first.map_or(3, |element| usize::try_from(element.path.place.column).unwrap_or(3));
        " ".repeat(column.saturating_sub(1))
    }

    fn put_into_elements(&self, extension: Option<&str>) -> Result<String> {
        let object = &self.definition.object.text;
        let unknown =
            |message: String| Err(vec![Problem::new(code::UNKNOWN_PATH, message).at(Place::new(self.file, 1, 1, 1))]);
        let Some(schema) = sif::schema().object(object) else {
            return unknown(format!("SIF 2.4 has no object `{object}`"));
        };
        let Some(element) = schema.find(self.path) else {
            let known: Vec<String> = schema.paths().into_iter().map(|(path, _)| path).collect();
            let near = problem::nearest(self.path, known.iter().map(String::as_str));
            let also = extension.map_or_else(String::new, |name| format!("; one of the state's own is {name}/<name>"));
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return unknown(format!("{object} has no element or attribute `{}` in SIF 2.4{near}{also}", self.path));
        };
        if element.value.is_none() {
            return unknown(format!("`{}` holds other elements, so it has no value of its own", self.path));
        }
        let mut lines = String::new();
        let mut path = String::new();
        for step in self.path.split('/') {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(step);
            if self.definition.elements.iter().any(|element| element.path.text == path) {
                continue;
            }
            let letters = schema.find(&path).map_or("O", |element| element.characteristic.letters());
            let key = if path.starts_with('@') { format!("\"{path}\"") } else { path.clone() };
            let rule = if path == self.path { ", rule: true" } else { "" };
            let _ = writeln!(lines, "{}{key}: {{ is: {letters}{rule} }}", self.indent());
        }
        let order = element.order();
        let before = self.definition.elements.iter().rev().find(|other| {
            let plain: Vec<&str> =
                other.path.text.split('/').map(|step| step.split(['[', '#']).next().unwrap_or(step)).collect();
            schema.position(&plain.join("/")).is_some_and(|position| position < order)
        });
        Ok(match before {
            Some(before) => insert::lines(self.text, insert::behind(self.text, &before.path.place), &lines),
            None => {
                let first = self.definition.elements.first().map_or(self.text.lines().count(), |first| {
                    usize::try_from(first.path.place.line).unwrap_or(1).saturating_sub(1)
                });
                insert::lines(self.text, first, &lines)
            }
        })
    }
}

/// The row that a rule is about: the innermost repeated one around the element, else the object's.
fn entity_of(object: &ObjectPlan, chain: &[&Node]) -> EntityId {
    chain.iter().rev().find_map(|node| node.each.as_ref()).map_or(object.entity, |each| each.entity)
}

/// What an element holds, in words.
fn reports(schema: Option<&ElementSchema>, path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path).trim_start_matches('@');
    let Some(schema) = schema else { return format!("(what {name} says)") };
    if let Some(set) = schema.code_set() {
        let codes = set.codes();
        let named = codes.iter().take(CODES_NAMED).copied().collect::<Vec<_>>().join(", ");
        let more = if codes.len() > CODES_NAMED { ", …" } else { "" };
        return format!("(what {name} says); one of the {} codes of {}: {named}{more}", codes.len(), set.name());
    }
    let kind = schema.value.map(|kind| format!("{kind:?}")).unwrap_or_default();
    format!("(what {name} says); of SIF's type {kind}")
}

/// What happens when the rule gives nothing, in words.
fn absent(node: &Node) -> String {
    let said = match node.leaf.as_ref().map(|leaf| leaf.absent) {
        Some(AbsentPolicy::Empty) => "sent empty",
        Some(AbsentPolicy::Nil) => "sent as nil",
        Some(AbsentPolicy::Reject) => "what it is a part of is left out",
        Some(AbsentPolicy::Omit) | None => "left out",
    };
    format!("{said} when (say when)")
}

/// A rule's text.
fn text_of(
    name: &str,
    reports: &str,
    source: &str,
    inputs: &str,
    absent: &str,
    parameter: &str,
    hints: &str,
) -> String {
    format!(
        "//! {name}\n//!\n//! Reports: {reports}\n//! Source:  {source}\n//! Inputs:  {inputs}\n//! Absent:  {absent}\nfn value({parameter}) {{\n{hints}    ()\n}}\n"
    )
}

/// The header and the body of a rule that gives a fact.
pub(super) fn of_fact(plan: &Plan, name: &str, entity: EntityId, value: &str) -> String {
    let row = &plan.schema[entity];
    let absent = if value == "()" { "when (say when)" } else { "never" };
    let text = text_of(
        name,
        "(what the fact says)",
        "(the paragraph of the requirement, in your own words)",
        &format!("{}: {}", row.name, row.doc.trim_end_matches('.')),
        absent,
        &row.name,
        &at_hand(plan, entity, "    // "),
    );
    text.replace("    ()\n}", &format!("    {value}\n}}"))
}
