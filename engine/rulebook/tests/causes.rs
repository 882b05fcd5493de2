//! One mistake is one problem: what follows from it is not reported, and causes stand before what others did wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use rulebook::Files;
use support::{EXTENSION, GRAPH, RULE, files, object, rule, wrong};

const OBJECT: &str = "objects/StudentPersonal.yaml";
const LIMITS: &str = "rules/parameters/limits.yaml";
const GRADES: &str = "rules/value_sets/grades.yaml";
const SHARED: &str = "rules/shared/words.rhai";
const NAME: &str = "objects/common/name.yaml";

const FACTS: &str = "    facts:
      ended:
        type: bool
        doc: x
        value: end_date != () && enrollment_id > 0 && start_date < as_of
      level:
        type: text?
        doc: x
        codes: { from: enrollment.grade, set: grades }
      within:
        type: bool
        doc: x
        given: { most: int }
        value: most < limits.most
";

/// A rulebook in which everything is read by something else.
fn book() -> Files {
    let body = "    let first = student.enrollments;\n    if student.born != () && has_list(limits.list) { limits.least + count(first) } else { short(student.name) }";
    let shared = "fn has_list(text) { text != \"\" }\nfn short(text) { if text == () { 1 } else { 2 } }\n";
    let limit = |name: &str, kind: &str, value: &str| {
        format!("{name}:\n  doc: x\n  type: {kind}\n  values:\n    2000-07-01: {{ value: {value}, cite: x }}\n")
    };
    let limits = [limit("most", "int", "1"), limit("least", "int", "2"), limit("list", "text", "a")].concat();
    let elements = "  LocalId: { from: student.name }\n  Name:\n    group: name\n  Demographics/Gender: { from: \"lookup(\\\"grades\\\", student.name)\" }\n";
    let extension = "  Born: { from: student.born, when: \"limits.most > 3\" }\n  Level: { from: student.level }\n  Days: { from: student.days }\n";
    let first = "      level: { type: \"text?\", doc: x, first: student.enrollments, then: enrollment.level }\n      late: { type: bool, doc: x, any: student.enrollments, where: enrollment.within(3) }\n";
    let graph = GRAPH
        .replace("        rule: true\n", &format!("        rule: true\n{first}"))
        .replace("int?\n        doc: Days", "int\n        doc: Days");
    files(&[
        ("objects/graph.yaml", &format!("{graph}{FACTS}")),
        (OBJECT, &object(elements, extension)),
        (
            NAME,
            "doc: x\nelements:\n  \"@Type\": { const: \"04\" }\n  LastName: { from: student.name }\n  FirstName: { const: x }\n",
        ),
        ("objects/common/extension.yaml", EXTENSION),
        (LIMITS, &limits),
        (GRADES, "doc: x\ncodes: { a: M }\n"),
        (SHARED, shared),
        (RULE, &rule("student.days", "student, limits", body)),
    ])
}

fn edit(files: &mut Files, (file, from, to): (&str, &str, &str)) {
    let text = files.get_mut(file).unwrap();
    assert!(text.contains(from), "{file} has no {from:?}");
    *text = text.replacen(from, to, 1);
}

const G: &str = "objects/graph.yaml";

/// One mistake each, in something that others read: the edit, and the only problem.
const MISTAKES: &[((&str, &str, &str), &str)] = &[
    ((G, "born: { type: date?", "born: { type: dtae?"), "G101"),
    ((G, "end_date: { type: date?", "end_date: { type: dtae?"), "G101"),
    ((G, "start_date: { type: date", "start_date: { typ: date"), "Y102"),
    ((G, "grade: { type: text?", "grade: { type: itn"), "G101"),
    // The key, by which rows are found and joined.
    ((G, "person_id: { type: int", "person_id: { type: itn"), "G101"),
    ((G, "enrollment_id: { type: int", "enrollment_id: { type: itn"), "G101"),
    // A fact that others read.
    ((G, "        type: text?\n", "        type: txet?\n"), "G101"),
    ((G, "given: { most: int }", "given: { most: itn }"), "G101"),
    ((G, "        value: most", "        vlaue: most"), "Y102"),
    ((LIMITS, "type: int", "type: itn"), "G101"),
    ((LIMITS, "  values:", "  vlaues:"), "Y102"),
    ((LIMITS, "most:", "most: ["), "Y101"),
    ((GRADES, "codes: {", "codes: ["), "Y101"),
    ((SHARED, "text == ()", "text == ("), "R101"),
    ((NAME, "elements:", "elements: ["), "Y101"),
    ((OBJECT, "  Demographics/Gender:", "  Demographics/Gneder:"), "D102"),
    ((NAME, "  LastName:", "  LsatName:"), "D102"),
    ((OBJECT, "  Name:\n", "  Nmae:\n"), "D102"),
];

#[test]
fn the_rulebook_of_these_tests_is_right() {
    assert_eq!(wrong(book()), [""; 0]);
}

#[test]
fn what_only_follows_from_a_mistake_is_not_reported() {
    for (mistake, codes) in MISTAKES {
        let mut files = book();
        edit(&mut files, *mistake);
        let found = wrong(files);
        let places = found.iter().all(|line| line[5..].starts_with(mistake.0));
        let found_codes: Vec<&str> = found.iter().map(|line| &line[..4]).collect();
        assert!(places && found_codes.join(" ") == *codes, "{mistake:?}\n{found:#?}");
    }
}

#[test]
fn a_mistake_of_its_own_is_still_reported() {
    let mut files = book();
    edit(&mut files, (G, "end_date: { type: date?", "end_date: { type: dtae?"));
    edit(&mut files, (OBJECT, "from: student.name", "from: student.nmae"));
    edit(&mut files, (LIMITS, "type: int", "type: itn"));
    edit(&mut files, (RULE, "limits.least", "limits.lesat"));
    let codes: Vec<String> = wrong(files).iter().map(|line| line[..4].to_owned()).collect();
    assert_eq!(codes, ["G101", "G101", "P102", "G103"]);
}

#[test]
fn causes_come_first_the_graph_before_values_before_rules_before_objects() {
    let mut files = book();
    for mistake in [
        (OBJECT, "from: student.name", "form: student.name"),
        (NAME, "from: student.name", "from: student.nmae"),
        (RULE, "student.born", "student.bron"),
        (SHARED, "text == ()", "text == ("),
        (GRADES, "codes:", "cods:"),
        (LIMITS, "type: int", "type: itn"),
        (G, "end_date: { type: date?", "end_date: { type: dtae?"),
    ] {
        edit(&mut files, mistake);
    }
    let other = "rules/StudentPersonal/Other.rhai";
    files.insert(other.to_owned(), String::new());
    edit(&mut files, (OBJECT, "  Demographics/Gender: {", "  Other: {"));
    let mut order: Vec<String> = Vec::new();
    for line in wrong(files) {
        let file = line[5..].split(':').next().unwrap().to_owned();
        if order.last() != Some(&file) {
            order.push(file);
        }
    }
    assert_eq!(order, [G, LIMITS, GRADES, SHARED, RULE, NAME, OBJECT]);
}
