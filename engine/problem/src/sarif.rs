//! Problems as SARIF 2.1.0, the format that code scanners and editors read.

use serde_json::{Value, json};

use crate::{Place, Problem, Severity, code};

/// A log of one run with these problems. Files are named relative to the rulebook's folder, which is `ROOT` in the log.
///
/// ```
/// use problem::{Place, Problem, code, sarif};
/// let problem = Problem::new(code::UNKNOWN_KEY, "unknown key `typ`").at(Place::new("objects/graph.yaml", 2, 6, 3));
/// let log = sarif::log(&[problem], "0.1.0", "");
/// assert_eq!(log["runs"][0]["results"][0]["ruleId"], "Y102");
/// ```
///
/// `folder` is where the rulebook stands in the repository: empty, or with a slash at its end.
#[must_use]
pub fn log(problems: &[Problem], version: &str, folder: &str) -> Value {
    let mut rules: Vec<code::Code> = Vec::new();
    for problem in problems {
        if !rules.contains(&problem.code) {
            rules.push(problem.code);
        }
    }
    let results: Vec<Value> = problems.iter().map(|problem| result(problem, &rules, folder)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "sifter",
                "semanticVersion": version,
                "rules": rules.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn rule(code: code::Code) -> Value {
    json!({
        "id": code.name(),
        "shortDescription": { "text": code.title() },
        "fullDescription": { "text": code.explanation() },
        "help": { "text": code.explanation() },
        "defaultConfiguration": { "level": level(code.severity()) },
    })
}

fn result(problem: &Problem, rules: &[code::Code], folder: &str) -> Value {
    let mut text = crate::render::full_message(problem);
    if let Some(help) = &problem.help {
        text.push_str(&format!("\nhelp: {help}"));
    }
    let mut result = json!({
        "ruleId": problem.code.name(),
        "ruleIndex": rules.iter().position(|code| *code == problem.code),
        "level": level(problem.severity),
        "message": { "text": text },
        "locations": problem.place.iter().map(|place| location(place, folder)).collect::<Vec<_>>(),
    });
    if !problem.related.is_empty() {
        let related = problem.related.iter().enumerate().map(|(at, (place, shows))| {
            let mut location = location(place, folder);
            location["id"] = (at + 1).into();
            location["message"] = json!({ "text": shows });
            location
        });
        result["relatedLocations"] = related.collect();
    }
    if let Some(suggestion) = &problem.suggestion {
        result["fixes"] = json!([{
            "description": { "text": problem.help.as_deref().unwrap_or("replace it") },
            "artifactChanges": [{
                "artifactLocation": artifact(&suggestion.place, folder),
                "replacements": [{
                    "deletedRegion": region(&suggestion.place),
                    "insertedContent": { "text": suggestion.put },
                }],
            }],
        }]);
    }
    result
}

fn location(place: &Place, folder: &str) -> Value {
    json!({ "physicalLocation": { "artifactLocation": artifact(place, folder), "region": region(place) } })
}

fn artifact(place: &Place, folder: &str) -> Value {
    json!({ "uri": uri(&format!("{folder}{}", place.file)) })
}

fn region(place: &Place) -> Value {
    json!({
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.line,
        "endColumn": place.column.saturating_add(place.length),
    })
}

/// A path as a relative reference: what a reference may not hold is written as bytes.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-~@=+,!$&'()*;".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_reference() {
        assert_eq!(uri("rules/a b/ü[1].rhai"), "rules/a%20b/%C3%BC%5B1%5D.rhai");
    }
}
