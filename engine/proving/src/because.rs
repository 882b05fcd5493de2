//! What a case claims about why: what was read, what was not, and which line of the rule gave the value.

use std::collections::BTreeSet;

use mapper::trace::Read;
use problem::{Problem, code};
use rulebook::places::Outcome;
use rulebook::plan::{Plan, Rule};
use rulebook::yaml::{Node, Reader, Scalar};

use crate::fixture::Target;
use crate::run::{Run, Taken};

/// Why a value is what it is, as a case claims.
#[derive(Clone, Debug, Default)]
pub struct Because {
    /// Fields, facts and parameters that must have been read.
    pub reads: Vec<String>,
    /// Those that must not.
    pub not_reads: Vec<String>,
    /// The lines of the rule, one of which must have given the value.
    pub returns: Option<Returns>,
}

/// A line of a rule that gives its value.
#[derive(Clone, Debug)]
pub struct Returns {
    file: String,
    /// As the case says it: a text on the line, or its number.
    said: String,
    lines: Vec<u32>,
    /// The lines of the file, for messages.
    text: String,
}

/// Reads what stands after `because`. What is wrong is added to `problems`.
pub fn read(plan: &Plan, target: &Target, node: &Node, problems: &mut Vec<Problem>) -> Because {
    let mut reader = Reader::new(node, "what a case claims about why", problems);
    let reads = reader.get("reads").map(|node| node.texts("a field, fact or parameter", problems)).unwrap_or_default();
    let not =
        reader.get("not_reads").map(|node| node.texts("a field, fact or parameter", problems)).unwrap_or_default();
    let returns = reader.get("returns").and_then(|node| node.scalar("a line of the rule, or a text on it", problems));
    reader.finish(problems);
    let returns = returns.and_then(|scalar| lines_of(plan, target, scalar, problems));
    let mut names = |scalars: Vec<&Scalar>| -> Vec<String> {
        scalars.into_iter().filter(|scalar| known(plan, scalar, problems)).map(|scalar| scalar.text.clone()).collect()
    };
    Because { reads: names(reads), not_reads: names(not), returns }
}

/// The rule whose cases these are, if a file holds it.
fn rule<'p>(plan: &'p Plan, target: &Target) -> Option<&'p Rule> {
    let file = match target {
        Target::Fact(fact) => {
            let fact = &plan.facts[*fact];
            let of = |entity| format!("rules/facts/{}/{}.rhai", plan.schema[entity].name, fact.name);
            let own = of(fact.entity);
            // A fact that is shared has the original's rule.
            match plan.schema[fact.entity].like {
                Some(original) if !plan.rules.iter().any(|rule| *rule.file == own) => of(original),
                _ => own,
            }
        }
        Target::Element(object, path) => format!("rules/{object}/{path}.rhai").replace("/@", "/"),
        Target::Population(_) | Target::Object(_) => return None,
    };
    plan.rules.iter().find(|rule| *rule.file == file)
}

/// The lines of the rule that a case means.
fn lines_of(plan: &Plan, target: &Target, scalar: &Scalar, problems: &mut Vec<Problem>) -> Option<Returns> {
    let wrong = |message: String| Problem::new(code::BAD_FIXTURE, message).at(scalar.start.clone());
    let Some(rule) = rule(plan, target) else {
        let message = "`returns` names a line of a rule file, and no file holds this one".to_owned();
        problems.push(wrong(message).help("say what was read: `reads:`, `not_reads:`"));
        return None;
    };
    let numbered = (1_u32..).zip(rule.text.lines());
    let said = scalar.text.trim();
    let lines: Vec<u32> = match said.parse::<u32>() {
        Ok(number) if scalar.plain => numbered.map(|(line, _)| line).filter(|line| *line == number).collect(),
        _ => numbered.filter(|(_, text)| text.contains(said)).map(|(line, _)| line).collect(),
    };
    if lines.is_empty() {
        let texts: Vec<&str> = rule.text.lines().map(str::trim).collect();
        problems.push(wrong(format!("{} has no such line", rule.file)).did_you_mean(said, texts));
        return None;
    }
    let text = rule.text.to_string();
    Some(Returns { file: rule.file.to_string(), said: said.to_owned(), lines, text })
}

/// Everything that can be read: fields and facts as `entity.name`, parameters as `group.name`.
fn readable(plan: &Plan) -> impl Iterator<Item = String> {
    let fields = plan
        .schema
        .entities()
        .flat_map(|(_, entity)| entity.fields.iter().map(|field| format!("{}.{}", entity.name, field.name)));
    let facts = plan.facts.iter().map(|fact| format!("{}.{}", plan.schema[fact.entity].name, fact.name));
    let parameters = plan.parameters.iter().map(|parameter| format!("{}.{}", parameter.group, parameter.name));
    fields.chain(facts).chain(parameters)
}

fn known(plan: &Plan, scalar: &Scalar, problems: &mut Vec<Problem>) -> bool {
    if readable(plan).any(|name| name == scalar.text) {
        return true;
    }
    let names: Vec<String> = readable(plan).collect();
    let message = format!("nothing that a rule reads is called `{}`", scalar.text);
    let problem = Problem::new(code::BAD_FIXTURE, message)
        .at(scalar.start.clone())
        .help("name a field or fact as `lep.exit_date`, or a parameter as `membership.cap`")
        .did_you_mean(&scalar.text, names.iter().map(String::as_str));
    problems.push(problem);
    false
}

/// The names of everything that was read, however deep.
#[must_use]
pub fn names(plan: &Plan, reads: &[Read]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    add(plan, reads, &mut names);
    names
}

fn add(plan: &Plan, reads: &[Read], names: &mut BTreeSet<String>) {
    for read in reads {
        match read {
            Read::Field(row, field) => {
                let entity = &plan.schema[row.entity];
                names.insert(format!("{}.{}", entity.name, entity[*field].name));
            }
            Read::Parameter(parameter) => {
                let parameter = &plan.parameters[*parameter];
                names.insert(format!("{}.{}", parameter.group, parameter.name));
            }
            Read::Fact(fact, _, _, inner) => {
                let fact = &plan.facts[*fact];
                names.insert(format!("{}.{}", plan.schema[fact.entity].name, fact.name));
                add(plan, inner, names);
            }
        }
    }
}

impl Because {
    /// What of it does not hold; nothing, if all does: what was claimed, and what is.
    #[must_use]
    pub fn differs(&self, read: &BTreeSet<String>) -> Option<(String, String)> {
        let missing: Vec<&str> = self.reads.iter().filter(|name| !read.contains(*name)).map(String::as_str).collect();
        let unwanted: Vec<&str> =
            self.not_reads.iter().filter(|name| read.contains(*name)).map(String::as_str).collect();
        let claim = |word: &str, names: &[&str]| match names {
            [] => None,
            names => Some(format!("because it {word} {}", names.join(", "))),
        };
        let claimed: Vec<String> =
            [claim("reads", &missing), claim("does not read", &unwanted)].into_iter().flatten().collect();
        if claimed.is_empty() {
            return None;
        }
        let read: Vec<&str> = read.iter().map(String::as_str).collect();
        let read = if read.is_empty() { "nothing".to_owned() } else { read.join(", ") };
        Some((claimed.join("; "), format!("it read {read}")))
    }

    /// What was claimed of the line that gave the value, and what is, if it is another.
    pub(crate) fn returned_elsewhere(&self, run: &Run<'_>, taken: &[Taken]) -> Option<(String, String)> {
        let claim = self.returns.as_ref()?;
        let places = run.places();
        let given: BTreeSet<u32> = taken
            .iter()
            .filter(|(_, outcome)| *outcome == Outcome::Gave)
            .filter_map(|(spot, outcome)| places.find(*spot, *outcome))
            .map(|found| &places.decisions()[found])
            .filter(|decision| *decision.file == claim.file)
            .map(|decision| decision.at.line)
            .collect();
        if claim.lines.iter().any(|line| given.contains(line)) {
            return None;
        }
        let shown: Vec<String> = given
            .iter()
            .map(|line| {
                let text = claim.text.lines().nth(*line as usize - 1).unwrap_or_default();
                format!("{}:{line}: {}", claim.file, text.trim())
            })
            .collect();
        let shown = if shown.is_empty() { "no line of the rule gave a value".to_owned() } else { shown.join("\n") };
        Some((format!("because `{}` gave the value", claim.said), shown))
    }
}
