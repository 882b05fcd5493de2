//! "Nothing uses this rule" is said of rules that nothing uses, and of no others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use rulebook::Files;
use support::{EXTENSION, RULE, object, rule, small, wrong};

const OBJECT: &str = "objects/StudentPersonal.yaml";
const ELEMENTS: &str = "  LocalId: { rule: true }\n  Name:\n    group: name\n";
const OWN: &str = "  Own: { rule: true }\n";
const GROUP: &str =
    "doc: x\nelements:\n  \"@Type\": { const: \"04\" }\n  LastName: { rule: true }\n  FirstName: { const: x }\n";

/// The small rulebook with an object whose elements have rules: one at the top, one of a group, one of the extension.
fn with_object() -> Files {
    let mut files = small("    1");
    let mut add = |path: &str, text: String| files.insert(path.to_owned(), text);
    add(OBJECT, object(ELEMENTS, OWN));
    add("objects/common/extension.yaml", EXTENSION.to_owned());
    add("objects/common/name.yaml", GROUP.to_owned());
    for path in ["LocalId", "Name/LastName", "Ours/Own"] {
        let name = format!("StudentPersonal/{path}");
        add(&format!("rules/{name}.rhai"), rule(&name, "student", "    student.name"));
    }
    files
}

fn edited(file: &str, from: &str, to: &str) -> Files {
    let mut files = with_object();
    let text = files.get_mut(file).unwrap();
    assert!(text.contains(from), "{file} has no {from:?}");
    *text = text.replace(from, to);
    files
}

fn orphans(files: Files) -> Vec<String> {
    let found = wrong(files);
    found.into_iter().filter(|line| line.starts_with("R109")).collect()
}

#[test]
fn the_rulebook_of_these_tests_is_right() {
    assert_eq!(wrong(with_object()), [""; 0]);
}

#[test]
fn a_rule_that_nothing_uses_is_reported() {
    let mut files = with_object();
    for path in ["rules/StudentPersonal/Other.rhai", "rules/facts/student/other.rhai", "rules/Nothing/Other.rhai"] {
        files.insert(path.to_owned(), String::new());
    }
    assert_eq!(orphans(files).len(), 3);
}

#[test]
fn a_rule_is_used_although_something_else_does_not_compile() {
    let rule_file = "rules/StudentPersonal/LocalId.rhai";
    for (file, from, to) in [
        // Another rule.
        (rule_file, "student.name", "student.nmae"),
        (rule_file, "    student.name", "    ("),
        ("rules/StudentPersonal/Name/LastName.rhai", "fn value(student)", "fn value(studnet)"),
        (RULE, "    1", "    student.nmae"),
        // Another element, or the object as a whole.
        (OBJECT, "refid(student.guid)", "refid(student.giud)"),
        (OBJECT, "of: student", "of: studnet"),
        (OBJECT, "object: StudentPersonal", "object: StudentPersnal"),
        (OBJECT, "  LocalId: { rule: true }", "  LocalId: { rule: true, const: x }"),
        (OBJECT, "  LocalId: { rule: true }", "  LocalId: { rule: true, when: nothing }"),
        (OBJECT, "    group: name", "    group: nmae"),
        // The element or fact itself, so that nobody knows whether it wants the rule.
        (OBJECT, "  LocalId: { rule: true }", "  LocalId: { rule: yes }"),
        (OBJECT, "  LocalId: { rule", "  LcoalId: { rule"),
        (OBJECT, "elements:", "elements: ["),
        ("objects/common/extension.yaml", "name: Ours", "nmae: Ours"),
        ("objects/common/name.yaml", "elements:", "elmeents:"),
        ("objects/graph.yaml", "        type: int?\n", "        tpye: int?\n"),
        ("objects/graph.yaml", "      days:\n", "      name:\n"),
        ("objects/graph.yaml", "name: { type: text?", "name: { type: txet?"),
        ("objects/graph.yaml", "rule: true", "rule: true\n        value: \"1\""),
    ] {
        let files = edited(file, from, to);
        assert!(!wrong(files.clone()).is_empty(), "{to} is right");
        assert_eq!(orphans(files), [""; 0], "{file}: {to}");
    }
}

#[test]
fn what_a_rule_that_does_not_compile_hides_is_seen_all_the_same() {
    // The extension is compiled although an element is wrong.
    let mut files = edited(OBJECT, "student.guid", "student.giud");
    files.insert(
        "rules/StudentPersonal/Ours/Own.rhai".to_owned(),
        rule("StudentPersonal/Ours/Own", "student", "    student.nmae"),
    );
    let found = wrong(files);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|line| line.starts_with("G103")), "{found:?}");
}
