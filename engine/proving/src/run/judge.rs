//! Whether what came is what a case expects.

use graph::Row;
use mapper::value::Value;
use mapper::{Evaluation, Sent};
use problem::{Code, Problem, code};
use rulebook::plan::Plan;

use super::setting::{Came, Setting};
use super::{Failure, Replacement, Run, Taken, Verdict, xml};
use crate::expectation::Expectation;
use crate::fixture::{Case, Fixture};
use crate::{because, expected_problem, text};

/// Runs a case and judges it.
pub fn judge(run: &Run<'_>, fixture: &Fixture, case: &Case, recorded: Option<&mut Vec<Taken>>) -> Verdict {
    let mut setting = match Setting::new(run.plan, &fixture.target, case, &case.given, case.as_of) {
        Ok(setting) => setting,
        Err(problems) => return Verdict::Broken(problems),
    };
    setting.evaluation.set_tracing(case.because.is_some());
    let returns = case.because.as_ref().is_some_and(|because| because.returns.is_some());
    if recorded.is_some() || returns {
        setting.evaluation.record();
    }
    let mut problems = Vec::new();
    let came = setting.came(&mut problems);
    let taken = setting.evaluation.take_recorded();
    let verdict = match came {
        Ok(came) => compared(run, fixture, case, &setting, &came, &problems, &taken),
        Err(message) => broken(case, message),
    };
    if let Some(recorded) = recorded {
        *recorded = taken;
    }
    verdict
}

fn compared(
    run: &Run<'_>,
    fixture: &Fixture,
    case: &Case,
    setting: &Setting<'_>,
    came: &Came,
    problems: &[Problem],
    taken: &[Taken],
) -> Verdict {
    let mut failure = Failure {
        given: shown_given(case),
        expected: String::new(),
        actual: String::new(),
        problems: problems.iter().map(ToString::to_string).collect(),
        replacement: Err("what is wrong is not the expected value".to_owned()),
        paste: None,
    };
    if let Some((expected, actual)) = differing_problems(case, problems) {
        failure.replacement = Err("other problems came than it expects".to_owned());
        return Verdict::Failed(Failure { expected, actual, ..failure });
    }
    let differs = match differing_value(setting, case, came, problems) {
        Ok(differs) => differs,
        Err(problem) => return Verdict::Broken(vec![problem]),
    };
    if let Some((expected, actual)) = differs {
        failure.replacement = replacement(setting, run.plan, fixture, came);
        return Verdict::Failed(Failure { expected, actual, ..failure });
    }
    if let Some(because) = &case.because {
        let reads = setting.evaluation.trace.borrow_mut().take();
        let wrong = because.differs(&because::names(run.plan, &reads));
        let wrong = wrong.or_else(|| because.returned_elsewhere(run, taken));
        if let Some((expected, actual)) = wrong {
            failure.replacement = Err("the value is right, and what it claims of why is not".to_owned());
            return Verdict::Failed(Failure { expected, actual, ..failure });
        }
    }
    Verdict::Passed
}

fn broken(case: &Case, message: String) -> Verdict {
    Verdict::Broken(vec![Problem::new(code::BAD_FIXTURE, message).at(case.place.clone())])
}

/// What a case gives, as it writes it.
fn shown_given(case: &Case) -> String {
    let lines: Vec<String> =
        case.written.iter().map(|(name, node)| format!("{}: {}", name.text, text::shown(node))).collect();
    lines.join("\n")
}

/// The problems that were expected and those that came, if they are not the same.
fn differing_problems(case: &Case, problems: &[Problem]) -> Option<(String, String)> {
    let Some(expected) = &case.expect_problems else {
        let fault = problems.iter().find(|problem| is_fault(problem.code))?;
        return Some((case.expect.as_ref().map(Expectation::text).unwrap_or_default(), fault.to_string()));
    };
    let (missing, unexpected) = expected_problem::differences(expected, problems);
    if missing.is_empty() && unexpected.is_empty() {
        return None;
    }
    let list = |texts: Vec<String>| match texts.len() {
        0 => "no problem".to_owned(),
        1 => format!("the problem {}", texts.concat()),
        _ => format!("the problems\n{}", texts.join("\n")),
    };
    let all = expected.iter().map(expected_problem::ExpectedProblem::text).collect();
    Some((list(all), list(problems.iter().map(expected_problem::shown).collect())))
}

/// Problems that no case may pass over in silence.
pub fn is_fault(code: Code) -> bool {
    [code::RULE_FAILED, code::RULE_STOPPED, code::READS_WHAT_IS_NOT_GIVEN, code::NO_PARAMETER_VALUE, code::SWITCHED_OFF]
        .contains(&code)
}

/// What was expected and what came, if they differ.
fn differing_value(
    setting: &Setting<'_>,
    case: &Case,
    came: &Came,
    problems: &[Problem],
) -> Result<Option<(String, String)>, Problem> {
    let unreadable = |message: String, place| Problem::new(code::BAD_FIXTURE, message).at(place);
    Ok(match &case.expect {
        None => None,
        // What a failed rule is expected to give: nothing that can be compared.
        Some(_) if matches!(came, Came::Fault) && problems.iter().any(|problem| is_fault(problem.code)) => None,
        Some(Expectation::Texts(expected)) => {
            let actual = texts(setting, came);
            (!same(expected, &actual)).then(|| (expected.join(", "), actual.join(", ")))
        }
        Some(Expectation::Rows(entity, rows)) => {
            let mut expected = Vec::new();
            for (name, place) in rows {
                let Some(key) = setting.key(*entity, name) else {
                    let entity = &setting.evaluation.plan.schema[*entity].name;
                    let message =
                        format!("no row of `{entity}` is called `{name}` here, and no key is no whole number");
                    return Err(unreadable(message, place.clone()));
                };
                expected.push(key.to_string());
            }
            let actual = texts(setting, came);
            let shown = |keys: &[String]| {
                let name = |key: &String| key.parse().ok().and_then(|key| setting.name(*entity, key));
                keys.iter().map(|key| name(key).unwrap_or_else(|| key.clone())).collect::<Vec<_>>().join(", ")
            };
            (expected != actual).then(|| (shown(&expected), shown(&actual)))
        }
        Some(Expectation::Instances(text, place)) => {
            let Came::Instances(actual) = came else { return Ok(None) };
            let expected = xml::pretty(text)
                .map_err(|why| unreadable(format!("the expected XML cannot be read: {why}"), place.clone()))?;
            match xml::pretty(actual) {
                Ok(actual) => xml::difference(&expected, &actual),
                Err(why) => Some(("well-formed XML".to_owned(), why)),
            }
        }
    })
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

/// What came, as texts: rows by their keys.
pub fn texts(setting: &Setting<'_>, came: &Came) -> Vec<String> {
    match came {
        Came::Sent(Sent::Absent) => vec!["absent".to_owned()],
        Came::Sent(Sent::Empty) => vec![String::new()],
        Came::Sent(Sent::Nil) => vec!["nil".to_owned()],
        Came::Sent(Sent::Text(text)) => vec![text.clone()],
        Came::Sent(Sent::Elements) => vec!["present".to_owned()],
        Came::Inside(inside) => vec![inside.to_string()],
        Came::Instances(xml) => vec![xml.clone()],
        Came::Fault => vec!["fault".to_owned()],
        Came::Value(value) => texts_of(&setting.evaluation, value),
    }
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

/// What could stand after `expect` for this to pass.
fn replacement(setting: &Setting<'_>, plan: &Plan, fixture: &Fixture, came: &Came) -> Result<Replacement, String> {
    let row = |entity: graph::EntityId, key: i64| {
        let name = setting.name(entity, key);
        let entity = &plan.schema[entity].name;
        name.map(|name| format!("{{ {entity}: {name} }}")).ok_or_else(|| {
            format!(
                "the row that came has neither a key nor a name in the case: add `called:` to that row of `{entity}`"
            )
        })
    };
    let graph = &setting.evaluation.graph;
    Ok(match came {
        Came::Fault => return Err("the rule failed, and gives no value".to_owned()),
        Came::Instances(xml) if xml.trim().is_empty() => Replacement::Value("absent".to_owned()),
        Came::Instances(xml) => Replacement::Block(xml::laid_out(xml)?),
        Came::Value(Value::Row(found)) => Replacement::Value(row(found.entity, graph.key(*found))?),
        Came::Value(Value::Rows(rows)) => {
            let entity = rows.entity();
            let keys =
                rows.indexes(graph).iter().map(|index| graph.key(Row { entity, index: *index })).collect::<Vec<_>>();
            let rows = keys.into_iter().map(|key| row(entity, key)).collect::<Result<Vec<_>, _>>()?;
            Replacement::Value(format!("[{}]", rows.join(", ")))
        }
        Came::Value(Value::Days(_)) => Replacement::Value(format!("[{}]", texts(setting, came).join(", "))),
        _ => {
            let [only] = &texts(setting, came)[..] else { return Err(format!("{} has no single value", fixture.name)) };
            Replacement::Value(text::scalar(only))
        }
    })
}
