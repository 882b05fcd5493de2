//! The small world of a case: its graph, its zone, its date, its parameters.

use std::rc::Rc;
use std::sync::Arc;

use graph::{Date, EntityId, Graph, Row};
use mapper::value::Value;
use mapper::{Evaluation, Everybody, Fault, Mapper, RunContext, Sent, YearStart, Zone};
use problem::{Problem, code};
use rulebook::plan::Plan;
use rulebook::script::Limits;
use rulebook::types::{Kind as TypeKind, Type};
use rulebook::yaml::{Key, Kind, Node, Reader};

use crate::fixture::{Case, Target};
use crate::given::{Argument, FIRST_MADE_UP, Given, RowKey};
use crate::people;

/// What a case's target gives.
#[derive(Debug)]
pub enum Came {
    /// An element.
    Sent(Sent),
    /// The value of a fact.
    Value(Value),
    /// Whether a row is in the population.
    Inside(bool),
    /// Whole instances.
    Instances(String),
    /// Nothing, since a rule failed.
    Fault,
}

/// The world of a case.
pub struct Setting<'p> {
    plan: &'p Arc<Plan>,
    target: &'p Target,
    pub evaluation: Rc<Evaluation>,
    mapper: Mapper,
    given: Given<'p>,
    pub arguments: Vec<(String, Argument)>,
}

impl<'p> Setting<'p> {
    /// The world in which a case gives these rows on this day.
    ///
    /// # Errors
    /// What is wrong with the case.
    pub fn new(
        plan: &'p Arc<Plan>,
        target: &'p Target,
        case: &Case,
        rows: &[(Key, Node)],
        as_of: Date,
    ) -> Result<Self, Vec<Problem>> {
        let zone = Arc::new(zone(case, as_of)?);
        let mut given = Given::new(plan);
        let arguments = arguments(plan, target, &mut given, rows)?;
        let made = given.finish()?;
        let context = RunContext {
            plan: Arc::clone(plan),
            zone: Arc::clone(&zone),
            as_of,
            limits: Limits::default(),
            everybody: Everybody::InTheGraph,
        };
        let mapper = Mapper::new(context.clone());
        let own_year = zone.school_year_starts.year_of(as_of);
        let school_year = zone.school_years.last().copied().unwrap_or(own_year);
        let year = zone.school_year_starts.span(school_year).unwrap_or((as_of, as_of));
        let mut evaluation = Evaluation::new(
            Arc::clone(plan),
            Arc::clone(&made.graph),
            zone,
            school_year,
            as_of,
            mapper::Scripts::new(plan, context.limits),
            mapper::evaluation::Kept::default(),
        );
        evaluation.only_given(made.given);
        for (fact, row, value) in made.facts {
            evaluation.give(fact, row, value);
        }
        for set in &case.parameters {
            // As for the rulebook's own values: a year that has ended is mapped by what held at its end.
            evaluation.set_parameter(set.parameter, set.on(as_of.clamp(year.0, year.1)).cloned());
        }
        let evaluation = Rc::new(evaluation);
        evaluation.scripts().begin(&evaluation);
        Ok(Self { plan, target, evaluation, mapper, given, arguments })
    }

    fn graph(&self) -> &Graph {
        &self.evaluation.graph
    }

    /// The place of a given row.
    pub fn place(&self, key: &RowKey) -> Option<Row> {
        self.graph().find(key.0, key.1)
    }

    fn rows(&self) -> Vec<Row> {
        let row = |(_, argument): &(String, Argument)| match argument {
            Argument::Row(key) => self.place(key),
            Argument::Value(_) => None,
        };
        self.arguments.iter().filter_map(row).collect()
    }

    /// The key of a row that is named by its key or name.
    pub fn key(&self, entity: EntityId, name: &str) -> Option<i64> {
        self.given.key_called(entity, name).or_else(|| name.parse().ok())
    }

    /// How a row can be spoken of in the case: by its name, or by its key, if that was not made up.
    pub fn name(&self, entity: EntityId, key: i64) -> Option<String> {
        let named = self.given.name_of(entity, key).map(str::to_owned);
        named.or_else(|| (key <= FIRST_MADE_UP).then(|| key.to_string()))
    }

    /// What the target gives. What is reported on the way is added to `problems`.
    ///
    /// # Errors
    /// What the case does not give.
    pub fn came(&mut self, problems: &mut Vec<Problem>) -> Result<Came, String> {
        let rows = self.rows();
        let plan = Arc::clone(self.plan);
        let object = |name: &str| plan.object(name).ok_or_else(|| "the object is missing".to_owned());
        match self.target {
            Target::Fact(fact) => self.fact(*fact, problems),
            Target::Element(name, path) => {
                let sent = self.mapper.element(&self.evaluation, object(name)?, path, &rows, problems);
                sent.map(Came::Sent).ok_or_else(|| "the object has no such element".to_owned())
            }
            Target::Population(name) => {
                let object = object(name)?;
                let Some(row) = rows.iter().find(|row| row.entity == object.entity) else {
                    return Err(format!("the case gives no `{}`", plan.schema[object.entity].name));
                };
                Ok(Came::Inside(self.mapper.in_population(&self.evaluation, object, *row, problems)))
            }
            Target::Object(name) => {
                let mut xml = Vec::new();
                let variants = match plan.object(name) {
                    Some(object) => vec![object],
                    None => plan.variants(name),
                };
                self.mapper.map(&self.evaluation, &variants, &|_, _| true, problems, &mut |instance| {
                    sif::xml::write::write_tree(instance.tree, &mut xml);
                    xml.push(b'\n');
                });
                Ok(Came::Instances(String::from_utf8_lossy(&xml).into_owned()))
            }
        }
    }

    fn fact(&self, fact: usize, problems: &mut Vec<Problem>) -> Result<Came, String> {
        let declared = &self.plan.facts[fact];
        let entity = &self.plan.schema[declared.entity].name;
        let own = self.arguments.iter().find_map(|(name, argument)| match argument {
            Argument::Row(key) if name == entity => self.place(key),
            _ => None,
        });
        let row = own.ok_or_else(|| format!("the case gives no `{entity}`, whose fact this is"))?;
        let mut values = Vec::new();
        for (name, ty) in &declared.given {
            match self.arguments.iter().find(|(given, _)| given == name) {
                Some((_, Argument::Value(value))) => values.push(value.clone()),
                Some((_, Argument::Row(key))) => {
                    values.push(Value::Row(self.place(key).ok_or_else(|| "a row is missing".to_owned())?));
                }
                None if ty.optional => values.push(Value::Absent),
                None => return Err(format!("the case gives no `{name}`, which the fact needs")),
            }
        }
        Ok(match self.evaluation.settled(self.evaluation.fact_with(fact, row, &values)) {
            Ok(value) => Came::Value(value),
            Err(fault) => {
                problems.push(fault_problem(&fault));
                Came::Fault
            }
        })
    }
}

impl Drop for Setting<'_> {
    fn drop(&mut self) {
        self.evaluation.scripts().end();
    }
}

/// The rows and values that a case gives by name.
fn arguments(
    plan: &Plan,
    target: &Target,
    given: &mut Given<'_>,
    rows: &[(Key, Node)],
) -> Result<Vec<(String, Argument)>, Vec<Problem>> {
    let mut arguments: Vec<(String, Argument)> = Vec::new();
    // What is spoken of by its name stands elsewhere, so it comes last.
    let by_name = |node: &Node| matches!(node.kind, Kind::Scalar(_));
    let ordered = rows.iter().filter(|(_, node)| !by_name(node)).chain(rows.iter().filter(|(_, node)| by_name(node)));
    for (name, node) in ordered {
        let of_fact = match target {
            Target::Fact(fact) => plan.facts[*fact].given.iter().find(|(given, _)| *given == name.text),
            _ => None,
        };
        let entity = || plan.schema.entity(&name.text).map(|entity| Type::of(TypeKind::Row(entity)));
        let Some(ty) = of_fact.map(|(_, ty)| *ty).or_else(entity) else {
            return Err(vec![people::unknown_entity(plan, name)]);
        };
        let items: &[Node] = match &node.kind {
            // A list is several values, but a set of dates is one.
            Kind::List(items) if ty.kind != TypeKind::Days => items,
            _ => std::slice::from_ref(node),
        };
        for item in items {
            if let Some(argument) = given.argument(ty, item) {
                arguments.push((name.text.clone(), argument));
            }
        }
    }
    let problems = given.take_problems();
    if problems.is_empty() { Ok(arguments) } else { Err(problems) }
}

fn zone(case: &Case, as_of: Date) -> Result<Zone, Vec<Problem>> {
    let mut zone = Zone::of_year("fixture", YearStart::default().year_of(as_of));
    let Some(node) = &case.zone else { return Ok(zone) };
    let years_given = matches!(&node.kind, Kind::Map(keys) if keys.iter().any(|(key, _)| key.text == "school_years"));
    let mut problems = Vec::new();
    let mut reader = Reader::new(node, "the zone of a fixture", &mut problems);
    zone.read_options(&mut reader, &mut problems);
    reader.finish(&mut problems);
    if !years_given {
        zone.school_years = vec![zone.school_year_starts.year_of(as_of)];
    }
    if problems.is_empty() { Ok(zone) } else { Err(problems) }
}

/// Why a rule failed, as a problem.
pub fn fault_problem(fault: &Fault) -> Problem {
    match fault {
        Fault::NotGiven(name) => {
            Problem::new(code::READS_WHAT_IS_NOT_GIVEN, format!("it reads `{name}`, which the case does not give"))
        }
        Fault::Stopped(_, why) => Problem::new(code::RULE_STOPPED, *why),
        Fault::SwitchedOff(_) => Problem::new(code::SWITCHED_OFF, "the rule was stopped too often"),
        Fault::Script(_, why, line) => Problem::new(code::RULE_FAILED, format!("{why} (line {line})")),
        Fault::NoParameter(_) => Problem::new(code::NO_PARAMETER_VALUE, "a parameter has no value on this date"),
        Fault::Operation(why) | Fault::Data(why) => Problem::new(code::RULE_FAILED, *why),
        Fault::Bad(..) => Problem::new(code::RULE_FAILED, "it reads a value that cannot be read"),
        Fault::Dangling(..) => Problem::new(code::RULE_FAILED, "it needs a related row that the case does not give"),
    }
}
