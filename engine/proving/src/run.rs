//! Runs the cases of fixtures.

use std::sync::Arc;

use graph::Row;
use mapper::value::Value;
use mapper::{Evaluation, Mapper, RunContext, Sent, YearStart, Zone};
use problem::{Code, Problem, code};
use rulebook::parameters::constant;
use rulebook::places::{Outcome, Spot};
use rulebook::plan::{Const, Plan};
use rulebook::script::Limits;
use rulebook::yaml::{Kind, Node, Reader};

use crate::expectation::Expectation;
use crate::fixture::{Case, Fixture, Target};
use crate::given::{Argument, Given, RowKey};

/// What came of a case.
#[derive(Clone, Debug)]
pub struct CaseResult {
    /// The fixture's file.
    pub file: String,
    /// What the case is about.
    pub target: String,
    /// The case's name.
    pub name: String,
    /// Its line.
    pub line: u32,
    /// What came of it.
    pub verdict: Verdict,
}

/// What came of a case.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// As expected.
    Passed,
    /// Not as expected.
    Failed(Failure),
    /// The case itself is wrong.
    Broken(Vec<Problem>),
}

/// How a case failed.
#[derive(Clone, Debug, Default)]
pub struct Failure {
    /// What was given, as written.
    pub given: String,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub actual: String,
    /// The problems that came with it.
    pub problems: Vec<String>,
}

/// Runs every case of a fixture that `wanted` wants.
#[must_use]
pub fn run(plan: &Arc<Plan>, fixture: &Fixture, wanted: &dyn Fn(&Case) -> bool) -> Vec<CaseResult> {
    fixture
        .cases
        .iter()
        .filter(|case| wanted(case))
        .map(|case| CaseResult {
            file: fixture.file.clone(),
            target: fixture.name.clone(),
            name: case.name.clone(),
            line: case.place.line,
            verdict: verdict(plan, fixture, case, None),
        })
        .collect()
}

/// Runs one case.
#[must_use]
pub fn one(plan: &Arc<Plan>, fixture: &Fixture, case: &Case) -> Verdict {
    verdict(plan, fixture, case, None)
}

/// Runs every case of a fixture that `wanted` wants, and tells which decisions each has taken, if they are recorded.
#[must_use]
pub fn run_recorded(
    plan: &Arc<Plan>,
    fixture: &Fixture,
    wanted: &dyn Fn(&Case) -> bool,
    record: bool,
) -> Vec<RecordedCase> {
    let cases = fixture.cases.iter().enumerate().filter(|(_, case)| wanted(case));
    cases
        .map(|(number, case)| {
            let mut taken = Vec::new();
            let verdict = verdict(plan, fixture, case, record.then_some(&mut taken));
            let result = CaseResult {
                file: fixture.file.clone(),
                target: fixture.name.clone(),
                name: case.name.clone(),
                line: case.place.line,
                verdict,
            };
            RecordedCase { result, number, taken }
        })
        .collect()
}

/// What came of a case, and which decisions it has taken.
#[derive(Clone, Debug)]
pub struct RecordedCase {
    /// What came of it.
    pub result: CaseResult,
    /// Its number in the fixture, from 0.
    pub number: usize,
    /// The decisions, each once, in the order in which they were taken first.
    pub taken: Vec<Taken>,
}

/// A decision that was taken: where in the plan, and what came of it.
pub type Taken = (Spot, Outcome);

fn verdict(plan: &Arc<Plan>, fixture: &Fixture, case: &Case, recorded: Option<&mut Vec<Taken>>) -> Verdict {
    let mut given = Given::new(plan);
    let zone = match zone(case) {
        Ok(zone) => Arc::new(zone),
        Err(problems) => return Verdict::Broken(problems),
    };
    let mut arguments: Vec<(String, Argument)> = Vec::new();
    for (name, node) in &case.given {
        let ty = match fixture.target {
            Target::Fact(fact) => {
                let declared = &plan.facts[fact];
                declared.given.iter().find(|(given, _)| *given == name.text).map(|(_, ty)| *ty)
            }
            _ => None,
        };
        let ty = ty.or_else(|| {
            plan.schema.entity(&name.text).map(|entity| rulebook::types::Type::of(rulebook::types::Kind::Row(entity)))
        });
        let Some(ty) = ty else {
            let names: Vec<&str> = plan.schema.entities().map(|(_, entity)| entity.name.as_str()).collect();
            return Verdict::Broken(vec![
                Problem::new(code::UNKNOWN_ENTITY, format!("nothing is called `{}` here", name.text))
                    .at(name.place.clone())
                    .did_you_mean(&name.text, names),
            ]);
        };
        let items: &[Node] = match &node.kind {
            Kind::List(items) => items,
            _ => std::slice::from_ref(node),
        };
        for item in items {
            if let Some(argument) = given.argument(ty, item) {
                arguments.push((name.text.clone(), argument));
            }
        }
    }
    let problems = given.take_problems();
    if !problems.is_empty() {
        return Verdict::Broken(problems);
    }
    let made = match given.finish() {
        Ok(made) => made,
        Err(problems) => return Verdict::Broken(problems),
    };
    let context =
        RunContext { plan: Arc::clone(plan), zone: Arc::clone(&zone), as_of: case.as_of, limits: Limits::default() };
    let mut mapper = Mapper::new(context.clone());
    let school_year = zone.school_years.last().copied().unwrap_or_else(|| zone.school_year_starts.year_of(case.as_of));
    let mut evaluation = Evaluation::new(
        Arc::clone(plan),
        Arc::clone(&made.graph),
        zone,
        school_year,
        case.as_of,
        mapper::Scripts::new(plan, context.limits),
        mapper::evaluation::Kept::default(),
    );
    evaluation.only_given(made.given);
    for (fact, row, value) in made.facts {
        evaluation.give(fact, row, value);
    }
    for (name, node) in &case.parameters {
        match parameter(plan, name, node) {
            Ok((parameter, value)) => evaluation.set_parameter(parameter, value),
            Err(problem) => return Verdict::Broken(vec![problem]),
        }
    }
    if recorded.is_some() {
        evaluation.record();
    }
    let evaluation = std::rc::Rc::new(evaluation);
    evaluation.scripts().begin(&evaluation);
    let place = |key: &RowKey| made.graph.find(key.0, key.1);
    let mut problems = Vec::new();
    let verdict = judge(plan, fixture, case, &evaluation, &mut mapper, &arguments, &place, &mut problems);
    evaluation.scripts().end();
    if let Some(recorded) = recorded {
        *recorded = evaluation.take_recorded();
    }
    verdict
}

#[expect(clippy::too_many_arguments, reason = "everything that a case is judged by, read once")]
fn judge(
    plan: &Arc<Plan>,
    fixture: &Fixture,
    case: &Case,
    evaluation: &Evaluation,
    mapper: &mut Mapper,
    arguments: &[(String, Argument)],
    place: &dyn Fn(&RowKey) -> Option<Row>,
    problems: &mut Vec<Problem>,
) -> Verdict {
    let rows: Vec<Row> = arguments
        .iter()
        .filter_map(|(_, argument)| match argument {
            Argument::Row(key) => place(key),
            Argument::Value(_) => None,
        })
        .collect();
    let broken =
        |message: String| Verdict::Broken(vec![Problem::new(code::BAD_FIXTURE, message).at(case.place.clone())]);
    let actual = match &fixture.target {
        Target::Fact(fact) => {
            let declared = &plan.facts[*fact];
            let entity = &plan.schema[declared.entity].name;
            let own = arguments.iter().find_map(|(name, argument)| match argument {
                Argument::Row(key) if name == entity => place(key),
                _ => None,
            });
            let Some(row) = own else {
                return broken(format!("the case gives no `{entity}`, whose fact this is"));
            };
            let mut values = Vec::new();
            for (name, ty) in &declared.given {
                match arguments.iter().find(|(given, _)| given == name) {
                    Some((_, Argument::Value(value))) => values.push(value.clone()),
                    Some((_, Argument::Row(key))) => {
                        let Some(row) = place(key) else { return broken("a row is missing".to_owned()) };
                        values.push(Value::Row(row));
                    }
                    None if ty.optional => values.push(Value::Absent),
                    None => return broken(format!("the case gives no `{name}`, which the fact needs")),
                }
            }
            match evaluation.fact_with(*fact, row, &values) {
                Ok(value) => texts_of(evaluation, &value),
                Err(mapper::fault::Stop::Fault(fault)) => {
                    problems.push(fault_problem(&fault));
                    vec!["fault".to_owned()]
                }
                Err(mapper::fault::Stop::Return(value)) => texts_of(evaluation, &value),
            }
        }
        Target::Element(object, path) => {
            let Some(object) = plan.object(object) else { return broken("the object is missing".to_owned()) };
            match mapper.element(evaluation, object, path, &rows, problems) {
                Some(Sent::Absent) => vec!["absent".to_owned()],
                Some(Sent::Empty) => vec![String::new()],
                Some(Sent::Nil) => vec!["nil".to_owned()],
                Some(Sent::Text(text)) => vec![text],
                Some(Sent::Elements) => vec!["present".to_owned()],
                None => return broken("the object has no such element".to_owned()),
            }
        }
        Target::Population(object) => {
            let Some(object) = plan.object(object) else { return broken("the object is missing".to_owned()) };
            let Some(row) = rows.iter().find(|row| row.entity == object.entity) else {
                return broken(format!("the case gives no `{}`", plan.schema[object.entity].name));
            };
            vec![mapper.in_population(evaluation, object, *row, problems).to_string()]
        }
        Target::Object(object) => {
            let Some(object) = plan.object(object) else { return broken("the object is missing".to_owned()) };
            let mut xml = Vec::new();
            mapper.map(evaluation, object, &|_| true, problems, &mut |instance| {
                sif::xml::write::write_tree(instance.tree, &mut xml);
                xml.push(b'\n');
            });
            return whole(case, &String::from_utf8_lossy(&xml), problems);
        }
    };
    if let Some(expected) = case.expect_problem
        && !problems.iter().any(|problem| problem.code == expected)
    {
        return failed(case, format!("the problem {}", expected.name()), actual.join(", "), problems);
    }
    if case.expect_problem.is_none()
        && let Some(fault) = problems.iter().find(|problem| is_fault(problem.code))
    {
        return failed(case, expected_text(case), fault.to_string(), problems);
    }
    match &case.expect {
        Some(Expectation::Texts(expected)) if !same(expected, &actual) => {
            failed(case, expected.join(", "), actual.join(", "), problems)
        }
        _ => Verdict::Passed,
    }
}

/// Problems that no case may pass over in silence.
fn is_fault(code: Code) -> bool {
    [code::RULE_FAILED, code::RULE_STOPPED, code::READS_WHAT_IS_NOT_GIVEN, code::NO_PARAMETER_VALUE, code::SWITCHED_OFF]
        .contains(&code)
}

fn fault_problem(fault: &mapper::Fault) -> Problem {
    match fault {
        mapper::Fault::NotGiven(name) => {
            Problem::new(code::READS_WHAT_IS_NOT_GIVEN, format!("it reads `{name}`, which the case does not give"))
        }
        mapper::Fault::Stopped(_, why) => Problem::new(code::RULE_STOPPED, *why),
        mapper::Fault::SwitchedOff(_) => Problem::new(code::SWITCHED_OFF, "the rule was stopped too often"),
        mapper::Fault::Script(_, why, line) => Problem::new(code::RULE_FAILED, format!("{why} (line {line})")),
        mapper::Fault::NoParameter(_) => {
            Problem::new(code::NO_PARAMETER_VALUE, "a parameter has no value on this date")
        }
        mapper::Fault::Operation(why) | mapper::Fault::Data(why) => Problem::new(code::RULE_FAILED, *why),
        mapper::Fault::Bad(..) => Problem::new(code::RULE_FAILED, "it reads a value that cannot be read"),
        mapper::Fault::Dangling(..) => {
            Problem::new(code::RULE_FAILED, "it needs a related row that the case does not give")
        }
    }
}

fn failed(case: &Case, expected: String, actual: String, problems: &[Problem]) -> Verdict {
    Verdict::Failed(Failure {
        given: case
            .given
            .iter()
            .map(|(name, node)| format!("{}: {}", name.text, show(node)))
            .collect::<Vec<_>>()
            .join("\n"),
        expected,
        actual,
        problems: problems.iter().map(ToString::to_string).collect(),
    })
}

fn show(node: &Node) -> String {
    match &node.kind {
        Kind::Null => "absent".to_owned(),
        Kind::Scalar(scalar) => scalar.text.clone(),
        Kind::List(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", ")),
        Kind::Map(entries) => {
            let shown: Vec<String> =
                entries.iter().map(|(key, node)| format!("{}: {}", key.text, show(node))).collect();
            format!("{{ {} }}", shown.join(", "))
        }
    }
}

fn expected_text(case: &Case) -> String {
    case.expect.as_ref().map(Expectation::text).unwrap_or_default()
}

/// Numbers are equal whatever their trailing zeros.
fn same(expected: &[String], actual: &[String]) -> bool {
    if let ([expected], [actual]) = (expected, actual)
        && expected == "present"
    {
        return actual != "absent";
    }
    expected.len() == actual.len()
        && expected.iter().zip(actual).all(|(expected, actual)| {
            expected == actual
                || match (
                    rust_decimal::Decimal::from_str_exact(expected),
                    rust_decimal::Decimal::from_str_exact(actual),
                ) {
                    (Ok(a), Ok(b)) => {
                        a == b && expected.contains('.') == actual.contains('.') && expected.contains('.')
                    }
                    _ => false,
                }
        })
}

fn texts_of(evaluation: &Evaluation, value: &Value) -> Vec<String> {
    match value {
        Value::Absent => vec!["absent".to_owned()],
        Value::Row(row) => vec![evaluation.graph.key(*row).to_string()],
        Value::Rows(rows) => {
            let entity = rows.entity();
            rows.indexes(&evaluation.graph)
                .iter()
                .map(|index| evaluation.graph.key(Row { entity, index: *index }).to_string())
                .collect()
        }
        Value::Days(days) => days.iter().map(|date| date.to_string()).collect(),
        other => vec![evaluation.show(other).unwrap_or_default()],
    }
}

/// Compares whole instances, element by element.
fn whole(case: &Case, actual: &str, problems: &[Problem]) -> Verdict {
    if let Some(expected) = case.expect_problem
        && !problems.iter().any(|problem| problem.code == expected)
    {
        return failed(case, format!("the problem {}", expected.name()), actual.to_owned(), problems);
    }
    if case.expect_problem.is_none()
        && let Some(fault) = problems.iter().find(|problem| is_fault(problem.code))
    {
        return failed(case, expected_text(case), fault.to_string(), problems);
    }
    let Some(Expectation::Instances(text, place)) = &case.expect else { return Verdict::Passed };
    match (pretty(text), pretty(actual)) {
        (Ok(expected), Ok(actual)) if expected == actual => Verdict::Passed,
        (Ok(expected), Ok(actual)) => {
            let (mut left, mut right): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
            let (a, b): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), actual.lines().collect());
            let common = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
            left.extend(a.iter().skip(common).take(12));
            right.extend(b.iter().skip(common).take(12));
            failed(
                case,
                format!(
                    "from line {}:\n{}",
                    common + 1,
                    left.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
                ),
                format!(
                    "from line {}:\n{}",
                    common + 1,
                    right.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
                ),
                problems,
            )
        }
        (Err(why), _) => Verdict::Broken(vec![
            Problem::new(code::BAD_FIXTURE, format!("the expected XML cannot be read: {why}")).at(place.clone()),
        ]),
        (_, Err(why)) => failed(case, "well-formed XML".to_owned(), why, problems),
    }
}

/// Elements one a line, indented, so that they can be compared and shown.
pub(crate) fn pretty(xml: &str) -> Result<String, String> {
    let wrapped = format!(
        "<SIF_ObjectData xmlns=\"{}\" xmlns:xsi=\"{}\">{xml}</SIF_ObjectData>",
        sif::NAMESPACE,
        sif::INSTANCE_NAMESPACE
    );
    let names = Arc::new(sif::tree::Names::new());
    let tree = sif::xml::read::read(wrapped.as_bytes(), &names).map_err(|error| error.to_string())?;
    let mut out = String::new();
    if let Some(root) = tree.root() {
        for child in root.children() {
            print(child, 0, &mut out);
        }
    }
    Ok(out)
}

fn print(element: sif::tree::Element<'_>, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    out.push_str(&format!("{indent}<{}", element.name()));
    for (name, value) in element.attributes() {
        out.push_str(&format!(" {name}=\"{value}\""));
    }
    if element.is_nil() {
        out.push_str(" xsi:nil=\"true\"");
    }
    out.push('>');
    let children: Vec<_> = element.children().collect();
    if children.is_empty() {
        out.push_str(element.text().trim());
        out.push('\n');
        return;
    }
    out.push('\n');
    for child in children {
        print(child, depth + 1, out);
    }
}

fn parameter(plan: &Plan, name: &rulebook::yaml::Key, node: &Node) -> Result<(usize, Const), Problem> {
    let full: Vec<String> =
        plan.parameters.iter().map(|parameter| format!("{}.{}", parameter.group, parameter.name)).collect();
    let Some(found) = full.iter().position(|known| *known == name.text) else {
        return Err(Problem::new(code::UNKNOWN_PARAMETER, format!("no parameter is called `{}`", name.text))
            .at(name.place.clone())
            .did_you_mean(&name.text, full.iter().map(String::as_str)));
    };
    let value = match &node.kind {
        Kind::Scalar(scalar) => constant(scalar, plan.parameters[found].ty.kind),
        _ => None,
    };
    match value {
        Some(value) => Ok((found, value)),
        None => Err(Problem::new(code::BAD_FIXTURE, "the value is not of the parameter's type").at(node.place.clone())),
    }
}

fn zone(case: &Case) -> Result<Zone, Vec<Problem>> {
    let mut zone = Zone::of_year("fixture", YearStart::default().year_of(case.as_of));
    let Some(node) = &case.zone else { return Ok(zone) };
    let years_given = matches!(&node.kind, Kind::Map(keys) if keys.iter().any(|(key, _)| key.text == "school_years"));
    let mut problems = Vec::new();
    let mut reader = Reader::new(node, "the zone of a fixture", &mut problems);
    zone.read_options(&mut reader, &mut problems);
    reader.finish(&mut problems);
    if !years_given {
        zone.school_years = vec![zone.school_year_starts.year_of(case.as_of)];
    }
    if problems.is_empty() { Ok(zone) } else { Err(problems) }
}
