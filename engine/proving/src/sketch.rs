//! New rules, facts and fixtures, begun: the files that they need, from the graph and from the element.
//!
//! Nothing is written here: a [`Sketch`] holds the texts. What it begins checks and passes as it is.

mod fact;
mod fixture;
mod insert;
mod rule;

use std::fmt::Write;
use std::sync::Arc;

use graph::{Date, EntityId};
use problem::Problem;
use rulebook::plan::Plan;
use rulebook::types::Type;
use rulebook::{Files, Rulebook};

pub use fact::{How, fact};
pub use fixture::fixture;
pub use rule::rule;

/// Files that are new, or new texts of files, by path; and what is left to do.
#[derive(Clone, Debug, Default)]
pub struct Sketch {
    /// The rulebook's files that change: path, whole text.
    pub files: Vec<(String, String)>,
    /// The fixture's path and text.
    pub fixture: (String, String),
    /// What to do next, a sentence each.
    pub next: Vec<String>,
}

/// What is wrong, so that nothing is begun.
pub type Result<T> = std::result::Result<T, Vec<Problem>>;

/// The plan of the rulebook with these files in it.
fn compile(files: &Files, changes: &[(String, String)]) -> Result<Arc<Plan>> {
    let mut files = files.clone();
    files.extend(changes.iter().cloned());
    let book = Rulebook::new(files);
    book.plan.ok_or_else(|| book.problems.into_iter().filter(Problem::is_error).collect())
}

/// What a rule about a row can read, in lines of a comment.
fn at_hand(plan: &Plan, entity: EntityId, start: &str) -> String {
    let declared = &plan.schema[entity];
    let fields = declared
        .fields
        .iter()
        .map(|field| format!("{} ({}{})", field.name, field.field_type.word(), if field.nullable { "?" } else { "" }));
    let relations = declared.relations.iter().map(|relation| {
        let target = &plan.schema[relation.target].name;
        let word = match (relation.many, relation.optional) {
            (true, _) => format!("[{target}]"),
            (false, true) => format!("{target}?"),
            (false, false) => target.clone(),
        };
        format!("{} ({word})", relation.name)
    });
    let facts = plan.facts.iter().filter(|fact| fact.entity == entity).map(|fact| {
        let given: Vec<&str> = fact.given.iter().map(|(name, _)| name.as_str()).collect();
        let given = if given.is_empty() { String::new() } else { format!("({})", given.join(", ")) };
        format!("{}{given} ({})", fact.name, fact.ty.words(&plan.schema))
    });
    let mut text = String::new();
    for (what, names) in
        [("fields", fields.collect::<Vec<_>>()), ("relations", relations.collect()), ("facts", facts.collect())]
    {
        if names.is_empty() {
            continue;
        }
        let mut line = format!("{start}{} {what}:", declared.name);
        for (at, name) in names.iter().enumerate() {
            let comma = if at + 1 < names.len() { "," } else { "" };
            if line.chars().count() + name.len() + 2 > WIDTH {
                let _ = writeln!(text, "{line}");
                line = format!("{start}   ");
            }
            let _ = write!(line, " {name}{comma}");
        }
        let _ = writeln!(text, "{line}");
    }
    text
}

/// How wide comments are.
const WIDTH: usize = 120;

/// A type in the words of graph.yaml.
fn words(plan: &Plan, ty: Type) -> String {
    ty.words(&plan.schema).to_string()
}

/// A date as fixtures write it.
fn written(date: Date) -> String {
    date.format("%Y-%m-%d").to_string()
}
