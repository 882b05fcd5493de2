//! People whom several fixtures share: `tests/people/<name>.yaml`.

use std::collections::BTreeMap;

use problem::{Problem, code};
use rulebook::Files;
use rulebook::plan::Plan;
use rulebook::types::{Kind, Type};
use rulebook::yaml::{self, Key, Node, Reader};

use crate::given::Given;

/// A person whom cases extend.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their file.
    pub file: String,
    /// Who they are.
    pub who: String,
    /// Why they exist.
    pub why: String,
    /// Their rows, as written.
    pub given: Vec<(Key, Node)>,
    /// Whether something is wrong with them, which has been said.
    broken: bool,
}

/// The people of a rulebook's tests, by name.
#[derive(Clone, Debug, Default)]
pub struct People(BTreeMap<String, Person>);

impl People {
    /// Reads their files: path and text. Each is checked here, so that what is wrong is said once and not by every case. What is
    /// wrong is added to `problems`.
    #[must_use]
    pub fn read(plan: &Plan, files: &Files, problems: &mut Vec<Problem>) -> Self {
        let mut people = BTreeMap::new();
        for (file, text) in files {
            let name = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".yaml").to_owned();
            let before = problems.len();
            let mut person = person(&name, file, text, problems);
            if problems.len() == before {
                problems.extend(check(plan, &person));
            }
            person.broken = problems.len() > before;
            people.insert(name, person);
        }
        Self(people)
    }

    /// The person that a node names; none if there is none, or if they are wrong themselves. A name that nobody has is added to
    /// `problems`.
    pub fn find(&self, node: &Node, problems: &mut Vec<Problem>) -> Option<&Person> {
        let name = &node.scalar("the name of a person of tests/people/", problems)?.text;
        let Some(found) = self.0.get(name) else {
            let problem = Problem::new(code::BAD_FIXTURE, format!("tests/people/ has no `{name}`"))
                .at(node.place.clone())
                .did_you_mean(name, self.0.keys().map(String::as_str));
            problems.push(problem);
            return None;
        };
        (!found.broken).then_some(found)
    }

    /// Every person with their name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Person)> {
        self.0.iter().map(|(name, person)| (name.as_str(), person))
    }
}

fn person(name: &str, file: &str, text: &str, problems: &mut Vec<Problem>) -> Person {
    let mut person =
        Person { file: file.to_owned(), who: String::new(), why: String::new(), given: Vec::new(), broken: false };
    let node = match yaml::parse(file, text) {
        Ok(node) => node,
        Err(problem) => {
            problems.push(problem);
            return person;
        }
    };
    let mut reader = Reader::new(&node, "a person", problems);
    let own_name = reader.need("person", problems);
    let who = reader.need("who", problems);
    let why = reader.need("why", problems);
    let given = reader.need("given", problems);
    reader.finish(problems);
    if let Some(node) = own_name
        && let Some(scalar) = node.scalar("a name", problems)
        && scalar.text != name
    {
        let message = format!("the file is named for `{name}`, and the person is `{}`", scalar.text);
        problems.push(Problem::new(code::BAD_FIXTURE, message).at(node.place.clone()));
    }
    for (node, text) in [(who, &mut person.who), (why, &mut person.why)] {
        if let Some(scalar) = node.and_then(|node| node.scalar("a sentence", problems)) {
            text.clone_from(&scalar.text);
        }
    }
    if let Some(entries) = given.and_then(|node| node.map("rows by the name of their entity", problems)) {
        person.given = entries.to_vec();
    }
    person
}

/// What is wrong with the rows of a person.
fn check(plan: &Plan, person: &Person) -> Vec<Problem> {
    let mut given = Given::new(plan);
    let mut problems = Vec::new();
    for (key, node) in &person.given {
        match plan.schema.entity(&key.text) {
            Some(entity) => {
                given.argument(Type::of(Kind::Row(entity)), node);
            }
            None => problems.push(unknown_entity(plan, key)),
        }
    }
    match given.finish() {
        Ok(_) => problems,
        Err(found) => problems.into_iter().chain(found).collect(),
    }
}

/// The problem that nothing has the name of a given row.
pub fn unknown_entity(plan: &Plan, key: &Key) -> Problem {
    let names: Vec<&str> = plan.schema.entities().map(|(_, entity)| entity.name.as_str()).collect();
    Problem::new(code::UNKNOWN_ENTITY, format!("nothing is called `{}` here", key.text))
        .at(key.place.clone())
        .did_you_mean(&key.text, names)
}
