//! Reads fixture files.

use graph::{Cell, Date, FieldType};
use problem::{Code, Place, Problem, code};
use rulebook::plan::Plan;
use rulebook::yaml::{self, Node, Reader};

use crate::expectation::Expectation;

/// What the cases of a file are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An element: object and path.
    Element(String, String),
    /// A fact, by its number in the plan.
    Fact(usize),
    /// Which rows an object has.
    Population(String),
    /// Whole instances of an object.
    Object(String),
}

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
    /// Parameters that the case sets: name and value, as written.
    pub parameters: Vec<(yaml::Key, Node)>,
    /// The rows, as written.
    pub given: Vec<(yaml::Key, Node)>,
    /// What is expected.
    pub expect: Option<Expectation>,
    /// A problem that is expected.
    pub expect_problem: Option<Code>,
}

/// Reads a fixture file. What is wrong is added to `problems`.
pub fn read(plan: &Plan, file: &str, text: &str, problems: &mut Vec<Problem>) -> Option<Fixture> {
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
    let parameters = reader.get("parameters").map(|node| entries(node, problems)).unwrap_or_default();
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
    let target = target(plan, key, &name, target_node, problems)?;
    let mut cases = Vec::new();
    let listed = cases_node?.list("cases", problems)?;
    if let (true, Some(node)) = (listed.is_empty(), cases_node) {
        problems.push(Problem::new(code::BAD_FIXTURE, "a fixture has at least one case").at(node.place.clone()));
    }
    for node in listed {
        cases.extend(case(plan, &target, node, as_of, zone.as_ref(), &parameters, problems));
    }
    Some(Fixture { file: file.to_owned(), name, target, cases })
}

fn entries(node: &Node, problems: &mut Vec<Problem>) -> Vec<(yaml::Key, Node)> {
    node.map("names with values", problems).map(<[_]>::to_vec).unwrap_or_default()
}

fn date(node: &Node, problems: &mut Vec<Problem>) -> Option<Date> {
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

fn target(plan: &Plan, key: &str, name: &str, node: &Node, problems: &mut Vec<Problem>) -> Option<Target> {
    let objects = || plan.objects.iter().map(|object| &*object.name);
    let unknown = |message: String, near: Option<&str>, problems: &mut Vec<Problem>| {
        let mut problem = Problem::new(code::BAD_FIXTURE, message).at(node.place.clone());
        if let Some(near) = near {
            problem = problem.help(format!("did you mean `{near}`?"));
        }
        problems.push(problem);
    };
    if key == "fact" {
        let (entity, fact) = name.split_once('.').unwrap_or((name, ""));
        let found = plan.schema.entity(entity).and_then(|id| plan.fact_names.get(&(id, fact.to_owned())).copied());
        if let Some(found) = found {
            return Some(Target::Fact(found));
        }
        let names: Vec<String> =
            plan.facts.iter().map(|fact| format!("{}.{}", plan.schema[fact.entity].name, fact.name)).collect();
        let near = problem::nearest(name, names.iter().map(String::as_str));
        unknown(format!("no fact is called `{name}`"), near, problems);
        return None;
    }
    let (object, path) = if key == "rule" { name.split_once('/').unwrap_or((name, "")) } else { (name, "") };
    let Some(found) = plan.object(object) else {
        unknown(format!("the rulebook has no object `{object}`"), problem::nearest(object, objects()), problems);
        return None;
    };
    match key {
        "population" => Some(Target::Population(object.to_owned())),
        "object" => Some(Target::Object(object.to_owned())),
        _ => {
            if mapper::chain(found, path).is_some() && !path.is_empty() {
                return Some(Target::Element(object.to_owned(), path.to_owned()));
            }
            let paths: Vec<String> = found.nodes().iter().map(|node| format!("{object}/{}", node.path)).collect();
            let near = problem::nearest(name, paths.iter().map(String::as_str));
            unknown(format!("{object} has no element `{path}`"), near, problems);
            None
        }
    }
}

fn case(
    plan: &Plan,
    target: &Target,
    node: &Node,
    as_of: Option<Date>,
    zone: Option<&Node>,
    parameters: &[(yaml::Key, Node)],
    problems: &mut Vec<Problem>,
) -> Option<Case> {
    let mut reader = Reader::new(node, "a case", problems);
    let name = reader.need("name", problems).and_then(|node| node.scalar("a sentence", problems));
    reader.text("why", problems);
    let own_date = reader.get("as_of").and_then(|node| date(node, problems));
    let own_zone = reader.get("zone").cloned();
    let own_parameters = reader.get("parameters").map(|node| entries(node, problems));
    let given = reader.get("given").map(|node| entries(node, problems)).unwrap_or_default();
    let expect = reader.get("expect");
    let expect_problem_node = reader.get("expect_problem");
    reader.finish(problems);
    let name = name?;
    let expect_problem = match expect_problem_node {
        None => None,
        Some(node) => {
            let scalar = node.scalar("a code", problems)?;
            let found = Code::find(&scalar.text);
            if found.is_none() {
                problems.push(
                    Problem::new(code::BAD_FIXTURE, format!("no problem has the code {}", scalar.text))
                        .at(node.place.clone())
                        .did_you_mean(&scalar.text, code::ALL.iter().map(|code| code.name())),
                );
            }
            found
        }
    };
    if expect.is_none() && expect_problem.is_none() {
        problems
            .push(Problem::new(code::MISSING_KEY, "a case needs `expect` or `expect_problem`").at(node.place.clone()));
        return None;
    }
    let Some(as_of) = own_date.or(as_of) else {
        problems.push(
            Problem::new(code::MISSING_KEY, "a case needs a date: `as_of` of the case or of the file")
                .at(node.place.clone()),
        );
        return None;
    };
    // A case whose expectation cannot be read is not run.
    let expect = match expect {
        Some(node) => Some(Expectation::read(plan, target, node, problems)?),
        None => None,
    };
    let mut all = parameters.to_vec();
    all.extend(own_parameters.unwrap_or_default());
    Some(Case {
        name: name.text.clone(),
        place: name.start.clone(),
        as_of,
        zone: own_zone.or_else(|| zone.cloned()),
        parameters: all,
        given,
        expect,
        expect_problem,
    })
}
