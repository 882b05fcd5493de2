//! Reads fixture files.

mod case;
mod table;
mod target;

use graph::{Cell, Date, FieldType};
use problem::{Place, Problem, code};
use rulebook::plan::Plan;
use rulebook::yaml::{self, Node, Reader};

use crate::because::Because;
use crate::expectation::Expectation;
use crate::expected_problem::ExpectedProblem;
use crate::parameters::{self, Override};
use crate::people::People;
use crate::property::Property;
pub use target::Target;

/// A fixture file.
#[derive(Clone, Debug)]
pub struct Fixture {
    /// Its path.
    pub file: String,
    /// What its cases are about, as written.
    pub name: String,
    /// What its cases are about.
    pub target: Target,
    /// Its cases.
    pub cases: Vec<Case>,
}

/// A case.
#[derive(Clone, Debug)]
pub struct Case {
    /// A sentence about what happens.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// The date.
    pub as_of: Date,
    /// The zone, as written.
    pub zone: Option<Node>,
    /// Parameters that the case or its file sets; the last of several of one parameter holds.
    pub parameters: Vec<Override>,
    /// The rows, laid over those of the person that the case extends.
    pub given: Vec<(yaml::Key, Node)>,
    /// The rows as the case itself writes them.
    pub written: Vec<(yaml::Key, Node)>,
    /// The file of the person that the case extends.
    pub person: Option<String>,
    /// What is expected.
    pub expect: Option<Expectation>,
    /// Where that stands.
    pub expect_at: Option<Node>,
    /// The problems that are expected: exactly these. Without any word of them, a case only fails for a rule that fails.
    pub expect_problems: Option<Vec<ExpectedProblem>>,
    /// What it claims about why.
    pub because: Option<Because>,
    /// A law that holds for many inputs, instead of an expectation.
    pub property: Option<Property>,
}

/// What the cases of a file share.
struct Shared<'a> {
    plan: &'a Plan,
    people: &'a People,
    target: Target,
    as_of: Option<Date>,
    zone: Option<Node>,
    parameters: Vec<Override>,
}

/// Reads a fixture file. What is wrong is added to `problems`.
pub fn read(plan: &Plan, people: &People, file: &str, text: &str, problems: &mut Vec<Problem>) -> Option<Fixture> {
    let node = match yaml::parse(file, text) {
        Ok(node) => node,
        Err(problem) => {
            problems.push(problem);
            return None;
        }
    };
    let mut reader = Reader::new(&node, "a fixture", problems);
    let targets = ["rule", "fact", "population", "object"].map(|key| (key, reader.get(key)));
    let as_of = reader.get("as_of").and_then(|node| date(node, problems));
    let zone = reader.get("zone").cloned();
    let parameters = reader.get("parameters").map(|node| parameters::read(plan, node, problems)).unwrap_or_default();
    let cases_node = reader.need("cases", problems);
    reader.finish(problems);
    let mut given = targets.iter().filter_map(|(key, node)| node.map(|node| (*key, node)));
    let (Some((key, target_node)), None) = (given.next(), given.next()) else {
        problems.push(
            Problem::new(code::BAD_FIXTURE, "a fixture is about exactly one `rule`, `fact`, `population` or `object`")
                .at(node.place.clone()),
        );
        return None;
    };
    let name = target_node.scalar("a name", problems)?.text.clone();
    let target = target::target(plan, key, &name, target_node, problems)?;
    let listed = cases_node?.list("cases", problems)?;
    if let (true, Some(node)) = (listed.is_empty(), cases_node) {
        problems.push(Problem::new(code::BAD_FIXTURE, "a fixture has at least one case").at(node.place.clone()));
    }
    let shared = Shared { plan, people, target, as_of, zone, parameters };
    let cases = listed.iter().flat_map(|node| shared.cases(node, problems)).collect();
    Some(Fixture { file: file.to_owned(), name, target: shared.target, cases })
}

/// A date. What is wrong is added to `problems`.
pub(crate) fn date(node: &Node, problems: &mut Vec<Problem>) -> Option<Date> {
    let scalar = node.scalar("a date", problems)?;
    match Cell::parse(&FieldType::Date, &scalar.text) {
        Ok(Cell::Date(date)) => Some(date),
        _ => {
            problems.push(
                Problem::new(code::BAD_FIXTURE, format!("`{}` is no date", scalar.text))
                    .at(node.place.clone())
                    .help("write it as 2026-02-02"),
            );
            None
        }
    }
}
