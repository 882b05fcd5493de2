//! Prints what came of cases: for people, for programs, for CI systems.

use problem::render;

use crate::run::{CaseResult, Verdict};

/// How many cases passed, and how many did not.
#[must_use]
pub fn counts(results: &[CaseResult]) -> (usize, usize) {
    let passed = results.iter().filter(|result| matches!(result.verdict, Verdict::Passed)).count();
    (passed, results.len() - passed)
}

/// The failures, each with its place, what was given, expected and came.
#[must_use]
pub fn human(results: &[CaseResult], sources: &dyn render::Sources, colour: bool) -> String {
    let mut text = String::new();
    for result in results {
        let head = format!("{}:{}: {}: {}\n", result.file, result.line, result.target, result.name);
        match &result.verdict {
            Verdict::Passed => {}
            Verdict::Failed(failure) => {
                text.push_str("FAILED ");
                text.push_str(&head);
                for (word, value) in
                    [("given", &failure.given), ("expected", &failure.expected), ("actual", &failure.actual)]
                {
                    let value = if value.is_empty() { "(empty)" } else { value };
                    let mut lines = value.lines();
                    text.push_str(&format!("  {word:>8}  {}\n", lines.next().unwrap_or_default()));
                    for line in lines {
                        text.push_str(&format!("  {:>8}  {line}\n", ""));
                    }
                }
                for problem in &failure.problems {
                    text.push_str(&format!("  {:>8}  {problem}\n", "problem"));
                }
                if let Some(paste) = &failure.paste {
                    text.push_str(&format!("  {:>8}  the smallest input found, as a case:\n{paste}", ""));
                }
            }
            Verdict::Broken(problems) => {
                text.push_str("BROKEN ");
                text.push_str(&head);
                for problem in problems {
                    text.push_str(&render::human(problem, sources, colour));
                }
            }
        }
    }
    text
}

/// Every case as JSON.
#[must_use]
pub fn json(results: &[CaseResult]) -> serde_json::Value {
    results
        .iter()
        .map(|result| {
            let (verdict, expected, actual, problems) = match &result.verdict {
                Verdict::Passed => ("passed", None, None, Vec::new()),
                Verdict::Failed(failure) => {
                    ("failed", Some(&failure.expected), Some(&failure.actual), failure.problems.clone())
                }
                Verdict::Broken(problems) => ("broken", None, None, problems.iter().map(ToString::to_string).collect()),
            };
            serde_json::json!({
                "file": result.file, "line": result.line, "target": result.target, "name": result.name,
                "verdict": verdict, "expected": expected, "actual": actual, "problems": problems,
            })
        })
        .collect()
}

/// Every case as JUnit XML: a suite for each fixture file, as Jenkins, GitLab and GitHub's reporters read it. A case that fails
/// has a `failure`, one that is wrong itself an `error`. Times are 0, so that the same results are the same bytes.
#[must_use]
pub fn junit(results: &[CaseResult]) -> String {
    let totals = |results: &[CaseResult]| {
        let failed = results.iter().filter(|result| matches!(result.verdict, Verdict::Failed(_))).count();
        let broken = results.iter().filter(|result| matches!(result.verdict, Verdict::Broken(_))).count();
        format!("tests=\"{}\" failures=\"{failed}\" errors=\"{broken}\" time=\"0\"", results.len())
    };
    let mut text =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"sifter\" {}>\n", totals(results));
    for suite in results.chunk_by(|a, b| a.file == b.file) {
        let file = suite.first().map(|first| escaped(&first.file)).unwrap_or_default();
        text.push_str(&format!("<testsuite name=\"{file}\" {} skipped=\"0\">\n", totals(suite)));
        suite.iter().for_each(|result| test_case(result, &mut text));
        text.push_str("</testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn test_case(result: &CaseResult, text: &mut String) {
    text.push_str(&format!(
        "<testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\" time=\"0\"",
        escaped(&result.target),
        escaped(&result.name),
        escaped(&result.file),
        result.line
    ));
    let (element, kind, message, body) = match &result.verdict {
        Verdict::Passed => {
            text.push_str("/>\n");
            return;
        }
        Verdict::Failed(failure) => {
            let mut body = format!(
                "{}:{}\ngiven:\n{}\nexpected:\n{}\nactual:\n{}\n",
                result.file, result.line, failure.given, failure.expected, failure.actual
            );
            failure.problems.iter().for_each(|problem| body.push_str(&format!("problem: {problem}\n")));
            body.push_str(failure.paste.as_deref().unwrap_or_default());
            let first = |text: &str| text.lines().next().unwrap_or_default().to_owned();
            let message = format!("expected {}, actual {}", first(&failure.expected), first(&failure.actual));
            ("failure", "failed", message, body)
        }
        Verdict::Broken(problems) => {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            ("error", "broken", lines.first().cloned().unwrap_or_default(), lines.join("\n"))
        }
    };
    // In an attribute the end of a line is a space to who reads it.
    let message = escaped(&message).replace(['\n', '\r', '\t'], " ");
    text.push_str(&format!(
        "><{element} message=\"{message}\" type=\"{kind}\">{}</{element}></testcase>\n",
        escaped(&body)
    ));
}

fn escaped(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '"' => "&quot;".to_owned(),
            '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => character.to_string(),
            _ => '\u{fffd}'.to_string(),
        })
        .collect()
}
