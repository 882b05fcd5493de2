//! A law that holds for many inputs.
//!
//! If there are few enough inputs every one is tried, else so many are drawn, with the ends of each range often among them. The
//! draw is the same each time. An input that breaks the law is made smaller, as long as a smaller one breaks it too.

mod domain;

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;

use graph::Date;
use mapper::Sent;
use mapper::value::Value;
use problem::{Problem, code};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use rulebook::expression;
use rulebook::plan::{Body, Plan};
use rulebook::types::{Kind, Type};
use rulebook::yaml::{Key, Node, Reader};

use crate::fixture::{Case, Fixture, Target};
use crate::given::Argument;
use crate::path::GivenPath;
use crate::run::setting::{Came, Setting, fault_problem};
use crate::run::{Failure, Taken, Verdict, judge as judging};
use crate::{merge, text};
use domain::{Border, Domain};

/// How many inputs are tried, if the property does not say.
const TRIES: u32 = 100;
/// How many a property may ask for.
const MOST_TRIES: u32 = 10_000;

/// A law over the inputs of a rule.
#[derive(Clone, Debug)]
pub struct Property {
    inputs: Vec<(Input, Domain)>,
    holds: Body,
    written: String,
    /// The names that the law uses beside `value`: those of the rows that the case gives.
    rows: Vec<String>,
    tries: u32,
}

/// What is drawn.
#[derive(Clone, Debug)]
enum Input {
    AsOf,
    Given(GivenPath),
}

impl Property {
    /// Reads what stands after `property`. What is wrong is added to `problems`.
    pub fn read(plan: &Plan, target: &Target, node: &Node, case: &Case, problems: &mut Vec<Problem>) -> Option<Self> {
        let mut reader = Reader::new(node, "a property", problems);
        let for_any = reader.need("for_any", problems);
        let holds = reader.need("holds", problems);
        let tries = reader.get("tries");
        reader.finish(problems);
        let mut inputs = Vec::new();
        for (key, node) in for_any?.map("inputs with what they may be", problems)? {
            let (input, field_type) = if key.text == "as_of" {
                (Input::AsOf, Some(graph::FieldType::Date))
            } else {
                let path = GivenPath::read(plan, target, key, problems)?;
                let field_type = path.field_type.clone();
                (Input::Given(path), field_type)
            };
            inputs.push((input, Domain::read(field_type.as_ref(), node, problems)?));
        }
        let tries = match tries {
            None => TRIES,
            Some(node) => {
                let tries = node.scalar("how many inputs are tried", problems)?.text.parse().ok();
                let Some(tries) = tries.filter(|tries| (1..=MOST_TRIES).contains(tries)) else {
                    let message = format!("from 1 to {MOST_TRIES} inputs can be tried");
                    problems.push(Problem::new(code::BAD_FIXTURE, message).at(node.place.clone()));
                    return None;
                };
                tries
            }
        };
        let mut names = vec![("value".to_owned(), value_type(plan, target, node, problems)?)];
        for (key, _) in &case.given {
            if let Some(entity) = plan.schema.entity(&key.text) {
                names.push((key.text.clone(), Type::of(Kind::Row(entity))));
            }
        }
        let scalar = holds?.scalar("an expression that is true or false", problems)?;
        let body = expression::compile(plan, &names, scalar, problems)?;
        if body.expr.ty.kind != Kind::Bool || body.expr.ty.optional {
            let message = format!("a law is true or false, and this is {}", body.expr.ty.words(&plan.schema));
            problems.push(Problem::new(code::WRONG_TYPE, message).at(scalar.start.clone()));
            return None;
        }
        let rows = names.into_iter().skip(1).map(|(name, _)| name).collect();
        Some(Self { inputs, holds: body, written: scalar.text.trim().to_owned(), rows, tries })
    }

    /// Whether the date is one of its inputs.
    #[must_use]
    pub fn gives_date(&self) -> bool {
        self.inputs.iter().any(|(input, _)| matches!(input, Input::AsOf))
    }

    /// How many different inputs there are.
    fn size(&self) -> u64 {
        self.inputs.iter().fold(1, |size: u64, (_, domain)| size.saturating_mul(domain.size()))
    }

    /// What is given when each input has the value at its place in its domain.
    fn given(&self, plan: &Plan, case: &Case, at: &[i64]) -> (Vec<(Key, Node)>, Date) {
        let (mut given, mut as_of) = (case.given.clone(), case.as_of);
        for ((input, domain), at) in self.inputs.iter().zip(at) {
            match input {
                Input::AsOf => as_of = domain.date(*at).unwrap_or(as_of),
                Input::Given(path) => {
                    // What is wrong with the path was said when it was read; what is not there to be changed, by the case's run.
                    given = merge::over(plan, &given, &[path.give(domain.node(*at))], &mut Vec::new());
                }
            }
        }
        (given, as_of)
    }
}

/// The type that `value` has in the law.
fn value_type(plan: &Plan, target: &Target, node: &Node, problems: &mut Vec<Problem>) -> Option<Type> {
    match target {
        Target::Element(..) => Some(Type { kind: Kind::Text, optional: true }),
        Target::Fact(fact) => Some(plan.facts[*fact].ty),
        Target::Population(_) => Some(Type::of(Kind::Bool)),
        Target::Object(_) => {
            let message = "a property is about a rule, a fact or a population, not about whole instances";
            problems.push(Problem::new(code::BAD_FIXTURE, message).at(node.place.clone()));
            None
        }
    }
}

/// How one input went.
enum Tried {
    Holds,
    /// What came, and what was reported.
    Fails(String, Vec<String>),
    Broken(Vec<Problem>),
}

/// Tries a law.
pub fn judge(
    plan: &Arc<Plan>,
    fixture: &Fixture,
    case: &Case,
    law: &Property,
    recorded: Option<&mut Vec<Taken>>,
) -> Verdict {
    let taken = recorded.is_some().then(RefCell::default);
    let verdict = tried(plan, fixture, case, law, taken.as_ref());
    if let (Some(recorded), Some(taken)) = (recorded, taken) {
        let mut known = HashSet::new();
        *recorded = taken.into_inner().into_iter().filter(|one| known.insert(*one)).collect();
    }
    verdict
}

fn tried(
    plan: &Arc<Plan>,
    fixture: &Fixture,
    case: &Case,
    law: &Property,
    taken: Option<&RefCell<Vec<Taken>>>,
) -> Verdict {
    let attempt = |at: &[i64]| attempt(plan, fixture, case, law, at, taken);
    let smallest = if law.size() <= u64::from(law.tries) {
        (0..law.size()).map(|number| law.place_of(number)).find(|at| !matches!(attempt(at), Tried::Holds))
    } else {
        drawn(law, &attempt)
    };
    let Some(at) = smallest else { return Verdict::Passed };
    match attempt(&at) {
        Tried::Holds => Verdict::Passed,
        Tried::Broken(problems) => Verdict::Broken(problems),
        Tried::Fails(came, problems) => {
            let (given, as_of) = law.given(plan, case, &at);
            let inputs: Vec<String> =
                law.inputs.iter().zip(&at).map(|((input, domain), at)| input.shown(domain, *at)).collect();
            Verdict::Failed(Failure {
                given: inputs.join("\n"),
                expected: law.written.clone(),
                paste: Some(paste(case, &given, as_of, &came)),
                actual: came,
                problems,
                replacement: Err("a property expects no single value".to_owned()),
            })
        }
    }
}

impl Input {
    fn shown(&self, domain: &Domain, at: i64) -> String {
        let name = match self {
            Self::AsOf => "as_of",
            Self::Given(path) => &path.key.text,
        };
        format!("{name}: {}", text::shown(&domain.node(at)))
    }
}

impl Property {
    /// The input with this number, where they are counted through.
    fn place_of(&self, mut number: u64) -> Vec<i64> {
        let mut at: Vec<i64> = Vec::new();
        for (_, domain) in self.inputs.iter().rev() {
            at.push(i64::try_from(number % domain.size()).unwrap_or(0));
            number /= domain.size();
        }
        at.reverse();
        at
    }
}

/// The smallest input found that breaks a law, drawn the same way each time.
fn drawn(law: &Property, attempt: &dyn Fn(&[i64]) -> Tried) -> Option<Vec<i64>> {
    let config = Config {
        cases: law.tries,
        max_shrink_iters: 2000,
        max_shrink_time: 0,
        failure_persistence: None,
        verbose: 0,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let borders: Vec<Border> = law.inputs.iter().map(|(_, domain)| Border::new(domain.size())).collect();
    let outcome = runner.run(&borders, |at| match attempt(&at) {
        Tried::Holds => Ok(()),
        _ => Err(TestCaseError::fail("the law does not hold")),
    });
    match outcome {
        Err(TestError::Fail(_, at)) => Some(at),
        _ => None,
    }
}

fn attempt(
    plan: &Arc<Plan>,
    fixture: &Fixture,
    case: &Case,
    law: &Property,
    at: &[i64],
    taken: Option<&RefCell<Vec<Taken>>>,
) -> Tried {
    let (given, as_of) = law.given(plan, case, at);
    let mut setting = match Setting::new(plan, &fixture.target, case, &given, as_of) {
        Ok(setting) => setting,
        Err(problems) => return Tried::Broken(problems),
    };
    if taken.is_some() {
        setting.evaluation.record();
    }
    let mut problems = Vec::new();
    let came = setting.came(&mut problems);
    if let Some(taken) = taken {
        taken.borrow_mut().extend(setting.evaluation.take_recorded());
    }
    let came = match came {
        Ok(came) => came,
        Err(message) => {
            return Tried::Broken(vec![Problem::new(code::BAD_FIXTURE, message).at(case.place.clone())]);
        }
    };
    let shown = judging::texts(&setting, &came).join(", ");
    let reported = |problems: &[Problem]| problems.iter().map(ToString::to_string).collect();
    if problems.iter().any(|problem| judging::is_fault(problem.code)) {
        return Tried::Fails(shown, reported(&problems));
    }
    let value = match came {
        Came::Sent(Sent::Text(text)) => Value::text(&text),
        Came::Sent(Sent::Empty) => Value::text(""),
        Came::Sent(Sent::Elements) => Value::text("present"),
        Came::Value(value) => value,
        Came::Inside(inside) => Value::Bool(inside),
        Came::Sent(Sent::Absent | Sent::Nil) | Came::Instances(_) | Came::Fault => Value::Absent,
    };
    let mut frame = vec![value];
    for name in &law.rows {
        let row = setting.arguments.iter().find_map(|(found, argument)| match argument {
            Argument::Row(key) if found == name => setting.place(key),
            _ => None,
        });
        frame.push(row.map_or(Value::Absent, Value::Row));
    }
    match setting.evaluation.body(&law.holds, &mut frame) {
        Ok(Value::Bool(true)) => Tried::Holds,
        Ok(_) => Tried::Fails(shown, reported(&problems)),
        Err(fault) => {
            problems.push(fault_problem(&fault));
            Tried::Fails(shown, reported(&problems))
        }
    }
}

/// The failing input as a case.
fn paste(case: &Case, given: &[(Key, Node)], as_of: Date, came: &str) -> String {
    let mut lines = vec![format!("  - name: {}", text::scalar(&format!("{}, as found", case.name)))];
    lines.push(format!("    as_of: {as_of}"));
    if let Some(zone) = &case.zone {
        lines.push(format!("    zone: {}", text::flow(zone)));
    }
    lines.push("    given:".to_owned());
    lines.extend(given.iter().map(|(key, node)| format!("      {}: {}", key.text, text::flow(node))));
    lines.push(format!("    expect: {}   # what came; write what should", text::scalar(came)));
    lines.join("\n") + "\n"
}
