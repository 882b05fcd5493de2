//! Parameters: values that change by date, each with the source that it is cited from. `rules/parameters/<group>.yaml`.

use graph::{Cell, Date, Decimal, FieldType, Schema};
use problem::{Place, Problem, code};

use crate::broken::Broken;
use crate::plan::Const;
use crate::types::{Kind, Type};
use crate::yaml::{self, Node, Reader, Scalar};

/// A parameter, read as `<group>.<name>`.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The file's name without `.yaml`.
    pub group: String,
    /// Its name.
    pub name: String,
    /// What it means.
    pub doc: String,
    /// Its unit, for the reader.
    pub unit: Option<String>,
    /// Its type.
    pub ty: Type,
    /// Its values by the date from which they hold, earliest first.
    pub values: Vec<Dated>,
    /// Where it is declared.
    pub place: Place,
}

/// A value with the date from which it holds.
#[derive(Clone, Debug)]
pub struct Dated {
    /// First day.
    pub from: Date,
    /// The value.
    pub value: Const,
    /// Where it is written down.
    pub cite: String,
    /// Where it is declared.
    pub place: Place,
}

impl Parameter {
    /// The value on a date; none before the first.
    #[must_use]
    pub fn on(&self, date: Date) -> Option<&Const> {
        let after = self.values.partition_point(|dated| dated.from <= date);
        after.checked_sub(1).map(|at| &self.values[at].value)
    }
}

/// Whether a file of parameters may have this name, by which rules read it.
pub fn may_be_called(group: &str, file: &str, schema: &Schema, problems: &mut Vec<Problem>) -> bool {
    let entity = schema.entity(group).map(|entity| &schema[entity].place);
    let what = match group {
        "zone" => "the zone's options",
        "as_of" => "the date of the run",
        _ if entity.is_some() => "an entity of objects/graph.yaml",
        _ => return true,
    };
    let message = format!("`{group}` is {what}, so rules could not read these parameters");
    let mut problem = Problem::new(code::BAD_PARAMETER, message)
        .at(Place::new(file, 1, 1, 0))
        .help(format!("give the file another name, such as rules/parameters/{group}_limits.yaml"));
    if let Some(entity) = entity {
        problem = problem.and_at(entity.clone(), "declared here");
    }
    problems.push(problem);
    false
}

/// Reads one file of parameters.
pub fn read(
    group: &str,
    file: &str,
    text: &str,
    parameters: &mut Vec<Parameter>,
    broken: &mut Broken,
    problems: &mut Vec<Problem>,
) {
    let node = yaml::parse(file, text).map_err(|problem| problems.push(problem)).ok();
    let Some(declared) = node.as_ref().and_then(|node| node.map("parameters by name", problems)) else {
        broken.groups.insert(group.to_owned());
        return;
    };
    for (key, node) in declared {
        let mut reader = Reader::new(node, "a parameter", problems);
        let doc = reader.need("doc", problems).and_then(|node| node.scalar("a text", problems));
        let type_node = reader.need("type", problems);
        let unit = reader.text("unit", problems).map(|unit| unit.text.clone());
        let values_node = reader.need("values", problems);
        reader.finish(problems);
        let kind = type_node.and_then(|node| {
            let word = node.scalar("a type", problems)?;
            let kind = match word.text.as_str() {
                "int" => Kind::Int,
                "decimal" => Kind::Decimal,
                "bool" => Kind::Bool,
                "text" => Kind::Text,
                "date" => Kind::Date,
                other => {
                    problems.push(
                        Problem::new(code::UNKNOWN_TYPE, format!("`{other}` is no type of a parameter"))
                            .at(node.place.clone())
                            .did_you_mean(other, ["int", "decimal", "bool", "text", "date"]),
                    );
                    return None;
                }
            };
            Some(kind)
        });
        let (Some(kind), Some(values_node)) = (kind, values_node) else {
            broken.parameters.insert((group.to_owned(), key.text.clone()));
            continue;
        };
        let mut values: Vec<Dated> = Vec::new();
        for (from, node) in values_node.map("values by date", problems).unwrap_or_default() {
            let Ok(Cell::Date(date)) = Cell::parse(&FieldType::Date, &from.text) else {
                problems.push(
                    Problem::new(code::BAD_PARAMETER, format!("`{}` is no date", from.text))
                        .at(from.place.clone())
                        .help("write the first day on which the value holds, such as 2025-07-01"),
                );
                continue;
            };
            if let Some(value) = read_value(date, kind, node, type_node, problems) {
                if values.iter().any(|other| other.from == date) {
                    problems.push(
                        Problem::new(code::BAD_PARAMETER, "two values start on the same day").at(from.place.clone()),
                    );
                }
                values.push(value);
            }
        }
        values.sort_by_key(|dated| dated.from);
        for pair in values.windows(2) {
            if let [before, after] = pair
                && before.value == after.value
                && before.from != after.from
            {
                problems.push(
                    Problem::new(code::NOTHING_CHANGES, format!("the value is the same as from {}", before.from))
                        .at(after.place.clone())
                        .and_at(before.place.clone(), "the value before it")
                        .help("correct the value, or take this date out"),
                );
            }
        }
        if values.is_empty() {
            problems.push(
                Problem::new(code::BAD_PARAMETER, format!("`{}` has no value", key.text))
                    .at(key.place.clone())
                    .help("write below `values` from which day on it has which value, and where that is written"),
            );
        }
        parameters.push(Parameter {
            group: group.to_owned(),
            name: key.text.clone(),
            doc: doc.map(|doc| doc.text.trim().to_owned()).unwrap_or_default(),
            unit,
            ty: Type::of(kind),
            values,
            place: key.place.clone(),
        });
    }
}

fn read_value(
    from: Date,
    kind: Kind,
    node: &Node,
    type_node: Option<&Node>,
    problems: &mut Vec<Problem>,
) -> Option<Dated> {
    let mut reader = Reader::new(node, "a parameter's value", problems);
    let value_node = reader.need("value", problems);
    let cite = reader.need("cite", problems).and_then(|node| node.scalar("a text", problems));
    reader.finish(problems);
    let value_node = value_node?;
    let scalar = value_node.scalar("a value", problems)?;
    let value = constant(scalar, kind);
    if value.is_none() {
        let problem = Problem::new(code::BAD_PARAMETER, format!("`{}` is not of the parameter's type", scalar.text))
            .at(value_node.place.clone())
            .help("write a value of this type, or declare another");
        let declared = type_node.map(|node| node.place.clone());
        problems.push(declared.map_or(problem.clone(), |place| problem.and_at(place, "declared here")));
    }
    Some(Dated { from, value: value?, cite: cite?.text.clone(), place: value_node.place.clone() })
}

/// Reads a scalar as a constant of a kind.
#[must_use]
pub fn constant(scalar: &Scalar, kind: Kind) -> Option<Const> {
    let text = scalar.text.as_str();
    Some(match kind {
        Kind::Int => Const::Int(text.parse().ok()?),
        Kind::Decimal => Const::Decimal(Decimal::from_str_exact(text).ok()?),
        Kind::Bool if scalar.plain => Const::Bool(match text {
            "true" => true,
            "false" => false,
            _ => return None,
        }),
        Kind::Text => Const::Text(text.into()),
        Kind::Date => match Cell::parse(&FieldType::Date, text) {
            Ok(Cell::Date(date)) => Const::Date(date),
            _ => return None,
        },
        _ => return None,
    })
}
