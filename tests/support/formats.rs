//! Checks of what `check` prints for programs: JSON with suggestions, and SARIF 2.1.0.

use std::path::Path;

use serde_json::Value;

/// Makes the change that a problem of `check --format json` suggests. Whether it suggests one.
pub fn apply_suggestion(folder: &Path, problem: &Value) -> bool {
    let suggestion = &problem["suggestion"];
    let Some(file) = suggestion["file"].as_str() else { return false };
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let number = |key: &str| usize::try_from(suggestion["range"][key].as_u64().unwrap()).unwrap();
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let characters: Vec<char> = lines[number("line") - 1].chars().collect();
    let (from, length) = (number("column") - 1, number("length"));
    let found: String = characters[from..from + length].iter().collect();
    assert_eq!(found, suggestion["find"].as_str().unwrap(), "what is to be replaced stands in its range: {problem:#}");
    let before: String = characters[..from].iter().collect();
    let after: String = characters[from + length..].iter().collect();
    lines[number("line") - 1] = format!("{before}{}{after}", suggestion["text"].as_str().unwrap());
    std::fs::write(path, lines.join("\n")).unwrap();
    true
}

/// What is wrong with a SARIF log: the members that the standard requires, and how they agree with each other.
pub fn sarif_faults(log: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            faults.push(format!("SARIF: {what}"));
        }
    };
    must(log["version"] == "2.1.0", "the version is 2.1.0");
    let Some([run]) = log["runs"].as_array().map(Vec::as_slice) else {
        return vec!["SARIF: there is one run".to_owned()];
    };
    let driver = &run["tool"]["driver"];
    must(driver["name"].is_string(), "the tool has a name");
    must(run["columnKind"] == "unicodeCodePoints", "columns count characters");
    let rules = driver["rules"].as_array().cloned().unwrap_or_default();
    for rule in &rules {
        must(rule["id"].is_string(), "a rule has an id");
        for text in ["shortDescription", "fullDescription", "help"] {
            must(rule[text]["text"].as_str().is_some_and(|text| !text.is_empty()), "a rule explains itself");
        }
        must(is_level(&rule["defaultConfiguration"]["level"]), "a rule has a level");
    }
    for result in run["results"].as_array().unwrap() {
        must(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()), "a result has a message");
        must(is_level(&result["level"]), "a result has a level");
        let index = result["ruleIndex"].as_u64().and_then(|index| rules.get(usize::try_from(index).ok()?));
        must(index.is_some_and(|rule| rule["id"] == result["ruleId"]), "a result's index is that of its rule");
        for location in result["locations"].as_array().unwrap() {
            must(is_location(location), "a location has a file and a region");
        }
        let mut ids = Vec::new();
        for location in result["relatedLocations"].as_array().into_iter().flatten() {
            must(is_location(location), "a related location has a file and a region");
            must(location["message"]["text"].is_string(), "a related location says what it shows");
            must(!ids.contains(&&location["id"]), "a related location has an id of its own");
            ids.push(&location["id"]);
        }
        for fix in result["fixes"].as_array().into_iter().flatten() {
            let changes = fix["artifactChanges"].as_array().unwrap();
            must(!changes.is_empty(), "a fix changes something");
            for change in changes {
                must(is_reference(&change["artifactLocation"]["uri"]), "a fix names a file");
                let replacements = change["replacements"].as_array().unwrap();
                must(!replacements.is_empty(), "a fix replaces something");
                for replacement in replacements {
                    must(is_region(&replacement["deletedRegion"]), "a fix replaces a region");
                    must(replacement["insertedContent"]["text"].is_string(), "a fix says what it puts there");
                }
            }
        }
    }
    faults
}

fn is_level(level: &Value) -> bool {
    ["error", "warning", "note"].iter().any(|word| level == word)
}

fn is_location(location: &Value) -> bool {
    let place = &location["physicalLocation"];
    is_reference(&place["artifactLocation"]["uri"]) && is_region(&place["region"])
}

fn is_reference(uri: &Value) -> bool {
    uri.as_str().is_some_and(|uri| {
        !uri.is_empty() && uri.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte))
    })
}

fn is_region(region: &Value) -> bool {
    let number = |key: &str| region[key].as_u64().unwrap_or(0);
    number("startLine") > 0
        && number("startColumn") > 0
        && number("endLine") == number("startLine")
        && number("endColumn") >= number("startColumn")
}
