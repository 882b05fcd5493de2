//! Facts of the whole population: a place among all students, and how many share the group.

use graph::Schema;
use problem::{Problem, code};

use super::{FactDeclaration, FactTier};
use crate::yaml::{Key, Node, Reader, Scalar};

/// A place among all students, as `graph.yaml` declares it.
#[derive(Clone, Debug)]
pub struct Ranking {
    /// Who is ranked.
    pub who: Scalar,
    /// What those of one group agree in.
    pub by: Vec<Scalar>,
    /// The value, highest first.
    pub of: Scalar,
}

/// Reads `rank: { who, by, of }`.
pub(super) fn read_rank(node: &Node, problems: &mut Vec<Problem>) -> Option<Ranking> {
    let mut reader = Reader::new(node, "rank", problems);
    let who = reader.need("who", problems).and_then(|node| node.scalar("a condition", problems));
    let by = reader.need("by", problems).map(|node| node.texts("expressions", problems));
    let of = reader.need("of", problems).and_then(|node| node.scalar("an expression", problems));
    reader.finish(problems);
    Some(Ranking { who: who?.clone(), by: by?.into_iter().cloned().collect(), of: of?.clone() })
}

/// What is of the whole population says so, and only that.
pub(super) fn check_scope(
    fact: &Key,
    scope: Option<&Node>,
    tier: &FactTier,
    has_given: bool,
    problems: &mut Vec<Problem>,
) -> Option<()> {
    let of_population = match scope {
        None => false,
        Some(node) => {
            let word = node.scalar("`population`", problems)?;
            if word.text != "population" {
                let message = format!("`{}` is no scope; the only one is `population`", word.text);
                let problem = Problem::new(code::WRONG_KIND, message).at(node.place.clone());
                problems.push(problem.did_you_mean(&word.text, ["population"]));
                return None;
            }
            true
        }
    };
    let ranks = matches!(tier, FactTier::Rank(_) | FactTier::Size(_));
    let problem = match (of_population, ranks) {
        (true, true) if has_given => Problem::new(
            code::CONTRADICTING_KEYS,
            "a fact of the whole population is about the student alone, and takes nothing else",
        )
        .help("take `given` out"),
        (false, true) => {
            Problem::new(code::MISSING_KEY, "`rank` and `size` need all students, which `scope: population` says")
                .help("add `scope: population`")
        }
        (true, false) => Problem::new(code::CONTRADICTING_KEYS, "only `rank` and `size` are of the whole population")
            .help("take `scope` out: a fact of the student's own rows needs none"),
        _ => return Some(()),
    };
    problems.push(problem.at(fact.place.clone()));
    None
}

/// Only students are a population. Whether the fact may stay.
pub(super) fn check_entity(fact: &FactDeclaration, schema: &Schema, problems: &mut Vec<Problem>) -> bool {
    let root = schema.root();
    if fact.entity == root || !matches!(fact.tier, FactTier::Rank(_) | FactTier::Size(_)) {
        return true;
    }
    let message = format!("only facts of `{}` may be of the whole population", schema[root].name);
    problems.push(
        Problem::new(code::CONTRADICTING_KEYS, message)
            .at(fact.place.clone())
            .help(format!("declare it there, and read it from here as a fact of the {}", schema[root].name)),
    );
    false
}
