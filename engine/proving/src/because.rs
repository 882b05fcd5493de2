//! What a case claims about why: what was read, and what was not.

use std::collections::BTreeSet;

use mapper::trace::Read;
use problem::{Problem, code};
use rulebook::plan::Plan;
use rulebook::yaml::{Node, Reader, Scalar};

/// Why a value is what it is, as a case claims.
#[derive(Clone, Debug, Default)]
pub struct Because {
    /// Fields, facts and parameters that must have been read.
    pub reads: Vec<String>,
    /// Those that must not.
    pub not_reads: Vec<String>,
}

/// Reads what stands after `because`. What is wrong is added to `problems`.
pub fn read(plan: &Plan, node: &Node, problems: &mut Vec<Problem>) -> Because {
    let mut reader = Reader::new(node, "what a case claims about why", problems);
    let reads = reader.get("reads").map(|node| node.texts("a field, fact or parameter", problems)).unwrap_or_default();
    let not = reader.get("not_reads").map(|node| node.texts("a field, fact or parameter", problems)).unwrap_or_default();
    reader.finish(problems);
    let mut names = |scalars: Vec<&Scalar>| -> Vec<String> {
        scalars.into_iter().filter(|scalar| known(plan, scalar, problems)).map(|scalar| scalar.text.clone()).collect()
    };
    Because { reads: names(reads), not_reads: names(not) }
}

/// Everything that can be read: fields and facts as `entity.name`, parameters as `group.name`.
fn readable(plan: &Plan) -> impl Iterator<Item = String> {
    let fields = plan.schema.entities().flat_map(|(_, entity)| {
        entity.fields.iter().map(|field| format!("{}.{}", entity.name, field.name))
    });
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
    let mut problem = Problem::new(code::BAD_FIXTURE, message).at(scalar.start.clone());
    problem = match problem::nearest(&scalar.text, names.iter().map(String::as_str)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help("name a field or fact as `lep.exit_date`, or a parameter as `membership.cap`"),
    };
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
}
