//! What a case expects, read by what the fixture is about.

use graph::{Cell, EntityId, FieldType};
use problem::{Place, Problem, code};
use rulebook::plan::Plan;
use rulebook::types::Kind;
use rulebook::yaml::{Kind as Yaml, Node};

use crate::fixture::Target;

/// What a case expects.
#[derive(Clone, Debug)]
pub enum Expectation {
    /// A single value as a text, `absent`, `present` or `nil`; a row by its key; several of either.
    Texts(Vec<String>),
    /// Rows of an entity, each by its key or name, and where it stands.
    Rows(EntityId, Vec<(String, Place)>),
    /// Whole instances as XML, and where it stands; nothing, if none is expected.
    Instances(String, Place),
}

impl Expectation {
    /// Reads what stands after `expect`. What is wrong is added to `problems`.
    pub fn read(plan: &Plan, target: &Target, node: &Node, problems: &mut Vec<Problem>) -> Option<Self> {
        let texts = match target {
            Target::Object(_) => {
                let text = &node.scalar("the XML of the instances, or `absent`", problems)?.text;
                let text = if text == "absent" { "" } else { text };
                return Some(Self::Instances(text.to_owned(), node.place.clone()));
            }
            Target::Population(_) => {
                let scalar = node.scalar("true or false", problems)?;
                if !["true", "false"].contains(&scalar.text.as_str()) {
                    problems.push(
                        Problem::new(code::WRONG_KIND, format!("expected true or false, found `{}`", scalar.text))
                            .at(node.place.clone()),
                    );
                    return None;
                }
                vec![scalar.text.clone()]
            }
            Target::Element(..) => vec![single(node, problems)?],
            Target::Fact(fact) => match plan.facts[*fact].ty.kind {
                _ if is_absent(node) => vec!["absent".to_owned()],
                Kind::Row(entity) => return Some(Self::Rows(entity, vec![row(plan, entity, node, problems)?])),
                Kind::Rows(entity) => {
                    let what = format!("a list of rows such as `{{ {}: 1 }}`", plan.schema[entity].name);
                    let rows = node.list(&what, problems)?;
                    let rows = rows.iter().map(|item| row(plan, entity, item, problems)).collect::<Option<_>>()?;
                    return Some(Self::Rows(entity, rows));
                }
                Kind::Days => {
                    let days = node.list("a list of dates", problems)?;
                    days.iter().map(|item| date(item, problems)).collect::<Option<_>>()?
                }
                _ => vec![single(node, problems)?],
            },
        };
        Some(Self::Texts(texts))
    }

    /// What is expected, in a few words.
    pub fn text(&self) -> String {
        match self {
            Self::Texts(texts) => texts.join(", "),
            Self::Rows(_, rows) => rows.iter().map(|(row, _)| row.as_str()).collect::<Vec<_>>().join(", "),
            Self::Instances(text, _) => text.clone(),
        }
    }
}

fn is_absent(node: &Node) -> bool {
    matches!(&node.kind, Yaml::Scalar(scalar) if scalar.plain && scalar.text == "absent")
}

fn single(node: &Node, problems: &mut Vec<Problem>) -> Option<String> {
    node.scalar("a single value or `absent`", problems).map(|scalar| scalar.text.clone())
}

fn date(node: &Node, problems: &mut Vec<Problem>) -> Option<String> {
    let scalar = node.scalar("a date", problems)?;
    if let Ok(Cell::Date(_)) = Cell::parse(&FieldType::Date, &scalar.text) {
        return Some(scalar.text.clone());
    }
    problems.push(
        Problem::new(code::BAD_FIXTURE, format!("`{}` is no date", scalar.text))
            .at(node.place.clone())
            .help("write it as 2026-02-02"),
    );
    None
}

/// A row of an entity, written `{ entity: key }` or `{ entity: name }`.
fn row(plan: &Plan, entity: EntityId, node: &Node, problems: &mut Vec<Problem>) -> Option<(String, Place)> {
    let name = plan.schema[entity].name.as_str();
    let before = problems.len();
    let entries = node.map(&format!("a row such as `{{ {name}: 1 }}`"), problems)?;
    let mut found = None;
    for (key, value) in entries {
        if key.text != name {
            let message = format!("a row of `{name}` is expected here, not `{}`", key.text);
            problems
                .push(Problem::new(code::UNKNOWN_KEY, message).at(key.place.clone()).did_you_mean(&key.text, [name]));
        } else if let Some(scalar) = value.scalar("the row's key or name", problems) {
            found = Some((scalar.text.clone(), value.place.clone()));
        }
    }
    if problems.len() > before {
        return None;
    }
    if found.is_none() {
        problems.push(
            Problem::new(code::MISSING_KEY, format!("a row is expected as `{{ {name}: 1 }}`")).at(node.place.clone()),
        );
    }
    found
}
