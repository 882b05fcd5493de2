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

/// Every case as JUnit XML.
#[must_use]
pub fn junit(results: &[CaseResult]) -> String {
    let (_, failed) = counts(results);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"sifter\" tests=\"{}\" failures=\"{failed}\">\n",
        results.len()
    );
    for result in results {
        text.push_str(&format!(
            "<testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\"",
            escaped(&result.target),
            escaped(&result.name),
            escaped(&result.file),
            result.line
        ));
        let body = match &result.verdict {
            Verdict::Passed => None,
            Verdict::Failed(failure) => Some(format!("expected {}, actual {}", failure.expected, failure.actual)),
            Verdict::Broken(problems) => Some(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
        };
        match body {
            None => text.push_str("/>\n"),
            Some(body) => text.push_str(&format!("><failure>{}</failure></testcase>\n", escaped(&body))),
        }
    }
    text.push_str("</testsuite>\n</testsuites>\n");
    text
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
