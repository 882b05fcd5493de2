//! A rule that has no steps runs as a script. What the checker finds in it is what it finds in any other rule.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use rulebook::plan::Value;
use rulebook::{Files, Rulebook};
use support::{BODY, RULE, is_unread, rule, small, wrong};

/// Bodies of scripts, and what must be said of each where `@` stands: code and words.
const WRONG: &[(&str, &[(&str, &str)])] = &[
    (
        "    let n = 0;\n    for row in student.enrollments { if row.@strat_date < as_of { n += 1; } }\n    n",
        &[("G103", "did you mean `start_date`?")],
    ),
    (
        "    let n = 0;\n    for row in student.enrollments { if @row.end_date > as_of { n += 1; } }\n    n",
        &[("R107", "`row.end_date` may be absent here; test it")],
    ),
    ("    while student.@brn != () { break; }\n    1", &[("G103", "did you mean `born`?")]),
    ("    loop { break; }\n    @student.born - as_of", &[("R107", "`student.born` may be absent here")]),
    // Both, each in its own statement.
    (
        "    for row in student.@enrolments { }\n    if @student.born > as_of { return 1; }\n    0",
        &[("G103", "did you mean `enrollments`?"), ("R107", "may be absent here")],
    ),
    ("    let a = [1];\n    a.push(student.@nmae);\n    a.len()", &[("G103", "did you mean `name`?")]),
    ("    let a = [student.@nmae];\n    a.len()", &[("G103", "did you mean `name`?")]),
    ("    let a = #{ x: student.@nmae };\n    a.x", &[("G103", "did you mean `name`?")]),
    ("    let a = [1];\n    a[student.@prson_id]", &[("G103", "did you mean `person_id`?")]),
    ("    switch student.@nmae { \"a\" => 1, _ => 2 }", &[("G103", "did you mean `name`?")]),
    ("    switch 1 { 1 => student.@nmae, _ => 2 }", &[("G103", "did you mean `name`?")]),
    ("    do { student.@nmae; } while false;\n    1", &[("G103", "did you mean `name`?")]),
    ("    try { student.@nmae; } catch { }\n    1", &[("G103", "did you mean `name`?")]),
    // What an unknown value is compared with, or added to, must still be there.
    ("    let a = [as_of];\n    if @student.born < a[0] { 1 } else { 2 }", &[("R107", "may be absent here")]),
    (
        "    let sum = 0.0;\n    for row in student.enrollments { sum += @row.credits; }\n    1",
        &[("R107", "`row.credits` may be absent here")],
    ),
    ("    for i in 0..@student.days { }\n    1", &[("R107", "`student.days` may be absent here")]),
    // A name that is not there, and one that only a rule with steps may use without asking for it.
    ("    loop { break; }\n    @studnet.name", &[("R102", "did you mean `student`?")]),
    ("    loop { break; }\n    @zone.school_year", &[("R102", "add `zone` to the parameters of `value`")]),
    ("    loop { break; }\n    @born != ()", &[("R102", "add `born` to the parameters of `value`")]),
    // A variable that is given other values holds what they are together.
    (
        "    let last = ();\n    for row in student.enrollments { last = row.start_date; }\n    @last - as_of",
        &[("R107", "`last` may be absent here")],
    ),
    (
        "    let d = student.born;\n    if d == () { return 1; }\n    for row in student.enrollments { d = row.end_date; }\n    @d - as_of",
        &[("R107", "`d` may be absent here")],
    ),
    (
        "    let row = ();\n    for other in student.enrollments { row = other; }\n    if row == () { return 1; }\n    row.@strat_date - as_of",
        &[("G103", "did you mean `start_date`?")],
    ),
    // A function of the library takes what it is given, and values that stand for each other have one type.
    (
        "    student.enrollments.@filter(|row| row.start_date > as_of).len()",
        &[("R103", "`filter` does not work on [enrollment]; go through the rows with `for`")],
    ),
    ("    loop { break; }\n    as_of.@to_upper();\n    1", &[("R103", "`to_upper` does not work on date")]),
    ("    loop { break; }\n    student.@name.to_upper();\n    1", &[("R107", "`student.name` may be absent here")]),
    (
        "    loop { break; }\n    if @student.born == () { 1 } else { \"x\" }",
        &[("R104", "one branch gives int, the other text")],
    ),
    (
        "    loop { break; }\n    student.days ?? @student.name;\n    1",
        &[("R104", "both sides of `??` should have one type; these are int? and text?")],
    ),
    // What lists hold, and what closures are given of it.
    (
        "    let a = [student.enrollments];\n    let b = [];\n    for row in student.enrollments { b.push(row); }\n    b[0].@strat_date",
        &[("G103", "did you mean `start_date`?")],
    ),
    (
        "    let a = [];\n    for row in student.enrollments { a.push(row); }\n    for row in a { row.@strat_date; }\n    1",
        &[("G103", "did you mean `start_date`?")],
    ),
    (
        "    let a = [];\n    for row in student.enrollments { a.push(row); }\n    a.filter(|row| @row.end_date > as_of).len()",
        &[("R107", "`row.end_date` may be absent here")],
    ),
    (
        "    let a = [];\n    for row in student.enrollments { a.push(row); }\n    let b = a.filter(|row| row.start_date > as_of);\n    b.map(|row| row.@strat_date).len()",
        &[("G103", "did you mean `start_date`?")],
    ),
    (
        "    let a = [];\n    for row in student.enrollments { a.push(row.grade); }\n    @a[0] + \"x\"",
        &[("R107", "may be absent here")],
    ),
    ("    let a = [1, 2];\n    a.map(|n| 1 % @n).len()", &[("R113", "`n` may be zero here")]),
    ("    let d = as_of;\n    @d += \"x\";\n    1", &[("R104", "`+=` does not work on date and text")]),
    (
        "    let n = 0;\n    for row in student.enrollments { n += 1; }\n    100 % @n",
        &[("R113", "`n` may be zero here")],
    ),
    ("    let n = 10;\n    while n > 0 { n -= 1; 100 % @n; }\n    1", &[("R113", "`n` may be zero here")]),
    ("    loop { break; }\n    return 1;\n    @2", &[("R116", "has returned before")]),
    // In a function of the file.
    (
        "    helper(student.enrollments)\n}\nfn helper(rows) {\n    for row in rows { row.@strat_date; }\n    1",
        &[("G103", "did you mean `start_date`?")],
    ),
    (
        "    loop { break; }\n    helper(student.enrollments)\n}\nfn helper(rows) {\n    for row in rows { @as_of; }\n    1",
        &[("R102", "add `as_of` to the parameters")],
    ),
];

/// Bodies of scripts that are right.
const RIGHT: &[&str] = &[
    "    let n = 0;\n    for row in student.enrollments { n += 1; }\n    if n == 0 { return (); }\n    100 % n",
    "    let d = student.born;\n    for row in student.enrollments { d = row.start_date; d - as_of; }\n    if d == () { 1 } else { d - as_of }",
    "    let n = 0;\n    for row in student.enrollments { if row.start_date < as_of { n += 1; } }\n    n",
    "    let n = 0;\n    for row in student.enrollments {\n        if row.end_date == () { continue; }\n        if row.end_date > as_of { n += 1; }\n    }\n    n",
    "    for row in student.enrollments {\n        if row.end_date != () { if row.end_date > as_of { break; } } else { continue; }\n        row.end_date > as_of;\n    }\n    1",
    "    let last = ();\n    for row in student.enrollments { if last == () || row.start_date > last { last = row.start_date; } }\n    if last == () { return (); }\n    last - as_of",
    "    let row = ();\n    for other in student.enrollments { row = other; }\n    if row == () { () } else { row.start_date - as_of }",
    "    let sum = 0.0;\n    for row in student.enrollments { sum += row.credits ?? 0.0; }\n    round_half_up(sum)",
    "    let a = [];\n    for row in student.enrollments { a.push(row.grade ?? \"\"); }\n    a[0].len",
    "    let a = [#{ x: 1 }];\n    a[0].x + a[a[0].x - 1].x",
    "    let texts = [];\n    let name = student.name ?? \"\";\n    texts += student.name;\n    if name.contains(\"x\") || \"a\" in name { name.len() } else { name.len }",
    "    let a = [3, 1];\n    let limit = 2;\n    let found = a.filter(|x| x > limit);\n    a.map(|x| x + 1);\n    found.len()",
    "    let n = 0;\n    for (row, at) in student.enrollments { n += at; }\n    for i in 0..=3 { n += i; }\n    \"n\" + 1;\n    n",
    "    let text = `{ ${student.days} and ${`}`} }`; // }\n    for row in student.enrollments { text += `{${row.start_date}`; }\n    text.len()",
    "    try { throw \"x\"; } catch (error) { error; }\n    1",
    "    let n = student.born;\n    while n == () { n = as_of; }\n    n - as_of",
    "    loop { break; }\n    switch student.born { () => 0, _ => student.born - as_of }",
    "    if student.born == () { throw \"x\"; }\n    loop { break; }\n    student.born - as_of",
    "    helper(student.enrollments, 3)\n}\nfn helper(rows, left) {\n    for row in rows { row.start_date; }\n    if left < 1 { 0 } else { helper(rows, left - 1) }",
];

#[test]
fn what_is_wrong_in_a_script_is_said_as_in_any_rule() {
    for (body, expected) in WRONG {
        let found = wrong(small(&body.replace('@', "")));
        let mut places = Vec::new();
        for (line, text) in (BODY..).zip(body.lines()) {
            places.extend(text.find('@').map(|at| format!("{RULE}:{line}:{}", at + 1)));
        }
        assert_eq!(found.len(), expected.len(), "{body}\n{found:#?}");
        for (((code, words), place), found) in expected.iter().zip(places).zip(&found) {
            let start = format!("{code} {place} ");
            assert!(found.starts_with(&start) && found.contains(words), "{body}\n{start} {words}\n{found}");
        }
    }
}

#[test]
fn a_right_script_has_no_problem_and_stays_a_script() {
    for body in RIGHT {
        let book = Rulebook::new(small(body));
        assert!(book.problems.iter().all(is_unread), "{body}\n{:?}", book.problems);
        let plan = book.plan.unwrap();
        assert!(matches!(plan.facts[0].value, Value::Script(..)), "{body}");
    }
}

#[test]
fn a_script_says_what_the_same_rule_with_steps_says() {
    for fault in ["student.nmae", "student.born - as_of", "studnet.name", "yaer_of(as_of)"] {
        let with_steps = wrong(small(&format!("    {fault};\n    1")));
        let script = wrong(small(&format!("    {fault}; loop {{ break; }}\n    1")));
        let late = wrong(small(&format!("    if true {{ {fault}; }}\n    loop {{ break; }} 1")));
        assert_eq!(with_steps.len(), 1, "{with_steps:?}");
        assert_eq!(with_steps, script);
        assert_eq!(late.len(), 1, "{late:?}");
    }
}

#[test]
fn a_group_of_parameters_is_known_in_a_script_that_asks_for_it() {
    let parameters = "most:\n  doc: x\n  type: int\n  values:\n    2000-07-01: { value: 10, cite: x }\n";
    let with = |body: &str| -> Files {
        let mut files = small("");
        files.insert("rules/parameters/limits.yaml".to_owned(), parameters.to_owned());
        files.insert(RULE.to_owned(), rule("student.days", "limits, zone", body));
        files
    };
    assert_eq!(wrong(with("    loop { break; }\n    limits.most + zone.school_year")), [""; 0]);
    assert_eq!(wrong(with("    loop { break; }\n    let own = limits;\n    own.most")), [""; 0]);
    let found = wrong(with("    loop { break; }\n    limits.msot"));
    assert!(found[0].starts_with("P102") && found[0].contains("did you mean `most`?"), "{found:?}");
}

#[test]
fn what_a_script_gives_is_of_the_declared_type() {
    for (body, gives) in [
        ("    loop { break; }\n    \"x\"", "text"),
        ("    let d = student.born;\n    for row in student.enrollments { d = row.start_date; }\n    d", "date?"),
        ("    for row in student.enrollments { if row.start_date > as_of { return row.grade; } }\n    ()", "text?"),
        ("    let t = `a`;\n    t += \"b\";\n    t", "text"),
    ] {
        let expected = format!("R104 objects/graph.yaml:16:15 the fact is declared as int? and gives {gives}");
        let found = wrong(small(body));
        assert!(found.len() == 1 && found[0].starts_with(&expected), "{body}\n{found:?}");
    }
    assert_eq!(wrong(small("    let n = 0;\n    for row in student.enrollments { n += 1; }\n    n")), [""; 0]);
}
