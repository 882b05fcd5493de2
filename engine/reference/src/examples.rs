//! Fixtures as worked examples: what is given and what is expected, as it is written.

use proving::{Suite, Target};
use rulebook::Files;
use rulebook::yaml;

/// The cases of a fixture file.
pub struct Examples {
    /// What they are about.
    pub target: Target,
    /// The file.
    pub file: String,
    /// What all cases share: date, zone, parameters.
    pub shared: String,
    /// The cases.
    pub cases: Vec<Example>,
}

/// A case, or a table of cases, as it is written.
pub struct Example {
    /// Its sentence.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The person whose rows it takes.
    pub person: Option<String>,
}

/// The examples of a suite, in the order of their files.
pub fn of(suite: &Suite, tests: &Files) -> Vec<Examples> {
    let fixtures = suite.fixtures.iter();
    fixtures
        .filter_map(|fixture| {
            let text = tests.get(&fixture.file)?;
            let (shared, cases) = read(&fixture.file, text)?;
            Some(Examples { target: fixture.target.clone(), file: fixture.file.clone(), shared, cases })
        })
        .collect()
}

fn read(file: &str, text: &str) -> Option<(String, Vec<Example>)> {
    let root = yaml::parse(file, text).ok()?;
    let (key, cases) = root.entries().iter().find(|(key, _)| key.text == "cases")?;
    let yaml::Kind::List(items) = &cases.kind else { return None };
    let lines: Vec<&str> = text.lines().collect();
    let before = lines.iter().take(key.place.line.saturating_sub(1) as usize);
    let is_target = |line: &&&str| ["rule:", "fact:", "population:", "object:"].iter().any(|key| line.starts_with(key));
    let shared: Vec<&str> =
        before.filter(|line| !line.starts_with('#') && !line.trim().is_empty() && !is_target(line)).copied().collect();
    let mut examples = Vec::new();
    for item in items {
        let name = crate::declared::text_of(item, "name").unwrap_or_default();
        // The item starts at the hyphen before its first key.
        let first = item.entries().first().map_or(item.place.line, |(key, _)| key.place.line) as usize;
        let column = item.entries().first().map_or(3, |(key, _)| key.place.column) as usize;
        let indent = column.saturating_sub(3);
        let body = crate::declared::excerpt(text, first, indent);
        let person = item
            .entries()
            .iter()
            .find(|(key, _)| key.text == "given")
            .and_then(|(_, given)| crate::declared::text_of(given, "extends"));
        examples.push(Example { name, text: without_name(&body), person });
    }
    Some((shared.join("\n"), examples))
}

/// The lines of an item without its hyphen, and without its name, which stands above it.
fn without_name(body: &str) -> String {
    let mut lines =
        body.lines().map(|line| line.strip_prefix("- ").or_else(|| line.strip_prefix("  ")).unwrap_or(line));
    let mut kept: Vec<&str> = Vec::new();
    if let Some(first) = lines.next() {
        if !first.starts_with("name:") {
            kept.push(first);
        }
        kept.extend(lines);
    }
    kept.join("\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_case_is_shown_as_it_is_written_without_its_name() {
        let text = "# Why.\nrule: X/Y\nas_of: 2026-02-02\ncases:\n  - name: one\n    given: { extends: ana }\n    expect: Y\n  \
                    - name: two\n    why: |\n      because\n    expect: \"\"\n";
        let (shared, cases) = read("tests/x.yaml", text).unwrap_or_default();
        assert_eq!(shared, "as_of: 2026-02-02");
        assert_eq!(cases.len(), 2);
        assert_eq!((cases[0].name.as_str(), cases[0].text.as_str()), ("one", "given: { extends: ana }\nexpect: Y"));
        assert_eq!(cases[0].person.as_deref(), Some("ana"));
        assert_eq!(cases[1].text, "why: |\n  because\nexpect: \"\"");
    }
}
