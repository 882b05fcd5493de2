//! What a case or a file says of parameters.

use graph::{Cell, Date, FieldType};
use problem::{Problem, code};
use rulebook::parameters::constant;
use rulebook::plan::{Const, Plan};
use rulebook::yaml::{Key, Kind, Node};

/// A parameter that a case sets: which, and its values by their first day; one without a day holds always. No value: it has none.
#[derive(Clone, Debug)]
pub struct Override {
    /// Which, by its number in the plan.
    pub parameter: usize,
    values: Vec<(Option<Date>, Option<Const>)>,
}

impl Override {
    /// Its value on a day.
    #[must_use]
    pub fn on(&self, date: Date) -> Option<&Const> {
        let begun = self.values.iter().rev().find(|(from, _)| from.is_none_or(|from| from <= date));
        begun.and_then(|(_, value)| value.as_ref())
    }
}

/// Reads what stands after `parameters:`. What is wrong is added to `problems`.
pub fn read(plan: &Plan, node: &Node, problems: &mut Vec<Problem>) -> Vec<Override> {
    let entries = node.map("parameters with their values", problems).unwrap_or_default();
    entries.iter().filter_map(|(name, node)| one(plan, name, node, problems)).collect()
}

fn one(plan: &Plan, name: &Key, node: &Node, problems: &mut Vec<Problem>) -> Option<Override> {
    let full: Vec<String> =
        plan.parameters.iter().map(|parameter| format!("{}.{}", parameter.group, parameter.name)).collect();
    let Some(parameter) = full.iter().position(|known| *known == name.text) else {
        problems.push(
            Problem::new(code::UNKNOWN_PARAMETER, format!("no parameter is called `{}`", name.text))
                .at(name.place.clone())
                .did_you_mean(&name.text, full.iter().map(String::as_str)),
        );
        return None;
    };
    let Kind::Map(dated) = &node.kind else {
        let value = value(plan, parameter, node, problems)?;
        return Some(Override { parameter, values: vec![(None, value)] });
    };
    let mut values = Vec::new();
    for (key, node) in dated {
        let Ok(Cell::Date(from)) = Cell::parse(&FieldType::Date, &key.text) else {
            problems.push(
                Problem::new(code::BAD_FIXTURE, format!("`{}` is no date from which a value holds", key.text))
                    .at(key.place.clone())
                    .help("write it as 2026-02-02"),
            );
            return None;
        };
        values.push((Some(from), value(plan, parameter, node, problems)?));
    }
    values.sort_by_key(|(from, _)| *from);
    Some(Override { parameter, values })
}

fn value(plan: &Plan, parameter: usize, node: &Node, problems: &mut Vec<Problem>) -> Option<Option<Const>> {
    let kind = plan.parameters[parameter].ty.kind;
    let value = match &node.kind {
        Kind::Scalar(scalar) if scalar.plain && scalar.text == "absent" => return Some(None),
        Kind::Scalar(scalar) => constant(scalar, kind),
        _ => None,
    };
    if value.is_none() {
        let message = "the value is not of the parameter's type";
        let declared = &plan.parameters[parameter];
        problems.push(
            Problem::new(code::BAD_FIXTURE, message)
                .at(node.place.clone())
                .and_at(declared.place.clone(), "declared here"),
        );
    }
    value.map(Some)
}
