//! What the checker finds in a rule beyond names and types: each mistake with its code, at the very token, with what to do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use rulebook::plan::{Op, Value};
use rulebook::{Files, Rulebook};
use support::{BODY, GRAPH, RULE, files, rule, wrong};

const GRADES: &str = "doc: x\ncodes: { A: one, B: two, C: three }\n";
const LIMITS: &str = "most:\n  doc: x\n  type: int\n  values:\n    2000-07-01: { value: 10, cite: x }\n";
const STATUS: &str = "doc: x\ncodes: { A: one, B: two }\notherwise: none\nblank: none\n";

/// The small rulebook with coded fields, a value set, a shared function and a parameter, and a body of its rule.
fn book(body: &str) -> Files {
    let graph = GRAPH
        .replace("name: { type: text?, column: name }", "name: { type: text?, column: name }\n      level: { type: code(grades), column: level }\n      track: { type: code(grades)?, column: track }\n      active: { type: bool, column: active }\n      minutes: { type: int, column: minutes }\n      age: { type: int?, column: age }")
        .replace("    facts:\n", "    facts:\n      status:\n        type: text\n        doc: x\n        codes: { from: student.name, set: status }\n");
    let parameters = "student, as_of, limits";
    files(&[
        ("objects/graph.yaml", &graph),
        ("rules/value_sets/grades.yaml", GRADES),
        ("rules/value_sets/status.yaml", STATUS),
        ("rules/parameters/limits.yaml", LIMITS),
        ("rules/shared/common.rhai", "fn half(number, by) { if by == 0 { return (); } number / by }\n"),
        (RULE, &rule("student.days", parameters, body)),
    ])
}

/// What is wrong, without remarks.
fn errors(body: &str) -> Vec<String> {
    wrong(book(body)).into_iter().filter(|line| !is_remark(line)).collect()
}

fn is_remark(line: &str) -> bool {
    line.starts_with("R112")
}

/// Each body is wrong at `@`, and nowhere else.
fn all_wrong(cases: &[(&str, &str, &str)]) {
    for (body, code, words) in cases {
        let (line, text) = (BODY..).zip(body.lines()).find(|(_, text)| text.contains('@')).expect("a body without @");
        let column = text.split('@').next().unwrap().chars().count() + 1;
        let found = errors(&body.replace('@', ""));
        assert_eq!(found.len(), 1, "{body}\n{found:#?}");
        let start = format!("{code} {RULE}:{line}:{column} ");
        assert!(found[0].starts_with(&start) && found[0].contains(words), "{body}\n{start}{words}\n{}", found[0]);
    }
}

fn all_right(bodies: &[&str]) {
    for body in bodies {
        assert_eq!(errors(body), [""; 0], "{body}");
    }
}

#[test]
fn what_may_be_zero_is_tested_before_it_divides() {
    all_wrong(&[
        (
            "    100 / @student.minutes",
            "R113",
            "`student.minutes` may be zero here, and nothing can be divided by zero; test it before: `if student.minutes == 0 { return (); }`",
        ),
        ("    100 % @student.minutes", "R113", ""),
        ("    let n = student.minutes;\n    if n >= 0 { 100 / @n } else { 1 }", "R113", "if n == 0"),
        ("    if student.minutes != 0 { 1 } else { 100 / @student.minutes }", "R113", ""),
        ("    100 / @0", "R113", "nothing can be divided by zero"),
        ("    100 / (@student.minutes - 1)", "R113", "give it a name with `let`"),
        // Another value of the same name.
        (
            "    let n = student.minutes;\n    if n != 0 { let n = student.person_id; return 100 / @n; }\n    1",
            "R113",
            "",
        ),
    ]);
    all_right(&[
        "    if student.minutes == 0 { return (); }\n    100 / student.minutes",
        "    if student.minutes != 0 { 100 / student.minutes } else { () }",
        "    if student.minutes > 0 && 100 / student.minutes > 3 { 1 } else { 2 }",
        "    if 0 < student.minutes { round_half_up(1.5 / student.minutes) } else { 2 }",
        "    if student.minutes <= 0 { return 1; }\n    100 % student.minutes",
        "    100 / greatest(student.minutes, 1) + 100 / limits.most + 100 / -7",
        "    let n = student.minutes - 1;\n    if n == 0 { return 0; }\n    round_half_up(to_decimal(7) / to_decimal(n))",
        "    half(student.minutes, student.person_id)",
    ]);
}

#[test]
fn a_value_that_is_known_to_be_there_is_not_another_of_the_same_name() {
    all_wrong(&[(
        "    let d = student.born;\n    if d != () {\n        let d = any_date(student);\n        return @d - as_of;\n    }\n    1\n}\nfn any_date(student) {\n    student.born",
        "R107",
        "`d` may be absent here",
    )]);
}

#[test]
fn a_code_must_be_one_of_its_list() {
    all_wrong(&[
        (
            "    if student.level == @\"a\" { 1 } else { 2 }",
            "R114",
            "`a` is no code of the value set `grades`, so this is never true; did you mean `A`?",
        ),
        ("    if @\"Z\" != student.track { 1 } else { 2 }", "R114", "the codes are `A`, `B`, `C`"),
        ("    if student.level in [\"A\", @\"D\"] { 1 } else { 2 }", "R114", ""),
        (
            "    if student.status == @\"oen\" { 1 } else { 2 }",
            "R114",
            "no code of the results of the value set `status`, so this is never true; did you mean `one`?",
        ),
        ("    if lookup(\"status\", student.name) == @\"tow\" { 1 } else { 2 }", "R114", "did you mean `two`?"),
        ("    let own = student.level;\n    if own == @\"E\" { 1 } else { 2 }", "R114", ""),
        ("    if (student.track ?? \"?\") == @\"E\" { 1 } else { 2 }", "R114", "the codes are `A`, `B`, `C`, `?`"),
        ("    switch student.level { \"A\" => 1, @\"x\" => 2, _ => 3 }", "R114", "the codes are"),
    ]);
    all_right(&[
        "    if student.level == \"A\" || student.status in [\"one\", \"none\"] || (student.track ?? \"?\") == \"?\" { 1 } else { 2 }",
    ]);
}

#[test]
fn a_switch_says_what_to_do_in_every_case_and_each_arm_is_reached() {
    all_wrong(&[
        (
            "    @switch student.level { \"A\" => 1, \"B\" => 2 }",
            "R117",
            "no arm says what to do for `\"C\"`; add an arm: `\"C\" => …`",
        ),
        ("    @switch student.track { \"A\" => 1, \"B\" | \"C\" => 2 }", "R117", "add an arm: `() => …`"),
        (
            "    @switch student.status { \"one\" => 1 }",
            "R117",
            "for `\"two\"`, `\"none\"`; add an arm for the rest: `_ => ()`",
        ),
        ("    @switch student.active { true => 1 }", "R117", "add an arm: `false => …`"),
        (
            "    @switch student.name { \"x\" => 1, () => 2 }",
            "R117",
            "the arms do not name every value that there can be",
        ),
        ("    @switch student.minutes { 0 => 2, 1..=5 => 1 }", "R117", ""),
        ("    @switch student.level { \"A\" => 1, \"B\" => 2, \"C\" if student.active => 3 }", "R117", "`\"C\"`"),
        (
            "    switch student.level { \"A\" => 1, \"B\" | @\"A\" => 2, _ => 3 }",
            "R116",
            "an arm before this one takes this already",
        ),
        ("    switch student.minutes { 1..=5 => 1, @2..4 => 2, _ => 3 }", "R116", ""),
        ("    switch student.level { @() => 1, _ => 3 }", "R116", "never absent here"),
        ("    switch student.level { @1 => 1, _ => 3 }", "R111", "the value is text, which this never equals"),
        ("    switch student.minutes { @\"1\" => 1, _ => 3 }", "R111", ""),
        ("    switch student.level { \"A\" => 1, _ => @as_of }", "R104", "the arms before give int, this one date"),
        ("    switch student.level { \"A\" => student.@nmae, _ => 1 }", "G103", "did you mean `name`?"),
        ("    switch student.level { \"A\" if @student.born > as_of => 1, _ => 1 }", "R107", ""),
        ("    switch @student.born - as_of { 1 => 1, _ => 1 }", "R107", ""),
        ("    1 + @switch student.level { \"A\" => 1, \"B\" => 2, \"C\" => 3 }", "R107", "may be absent here"),
    ]);
    all_right(&[
        "    switch student.level { \"A\" => 1, \"B\" => 2, \"C\" => 3 }",
        "    switch student.track { \"A\" => 1, \"B\" | \"C\" => 2, () => 3 }",
        "    1 + switch student.status { \"one\" => 1, \"two\" => 2, \"none\" => 3 }",
        "    1 + switch student.active { true => 1, false => { let n = 2; n } }",
        "    switch student.born { () => 0, _ => student.born - as_of }",
        "    switch student.minutes { // `{ =>` in a comment\n        0 | 1 => 2, -3..0 => 1, 2..=9 if student.active => { 3 }\n        _ => { switch student.level { \"A\" => 1, _ => 2 } }\n    }",
        "    switch student.name { \"=> }, |\" if student.active => 1, \"a\" | \"b\" => 2, _ => () }",
        "    switch student.level { \"A\" if student.active => 1, \"A\" => 2, _ => 3 }",
    ]);
}

#[test]
fn a_switch_has_steps() {
    let book = Rulebook::new(book("    switch student.level { \"A\" | \"B\" if student.active => 1, _ => 2 }"));
    let plan = book.plan.unwrap();
    let fact = plan.facts.iter().find(|fact| &*fact.name == "days").unwrap();
    let Value::Body(body) = &fact.value else { panic!("a script") };
    assert!(format!("{:?}", body.expr).contains("Switch("));
    assert!(matches!(&body.expr.op, Op::Block(_)));
}

#[test]
fn what_reads_in_two_ways_has_brackets() {
    all_wrong(&[
        (
            "    if student.name @?? \"x\" == \"y\" { 1 } else { 2 }",
            "R118",
            "`??` is taken before `==`; without brackets it reads as if it were not; write `(student.name ?? \"x\")`",
        ),
        ("    if \"y\" == student.name @?? \"x\" { 1 } else { 2 }", "R118", "write `(student.name ?? \"x\")`"),
        ("    if student.age @?? 1 < 3 { 1 } else { 2 }", "R118", "before `<`"),
        ("    if student.name @?? \"x\" in [\"y\"] { 1 } else { 2 }", "R118", "before `in`"),
        ("    student.age ?? 1 @+ 2", "R118", "write `(1 + 2)`"),
        ("    student.minutes @+ student.age ?? 1", "R118", "write `student.minutes + (student.age ?? 1)`"),
        ("    if @!student.active == (1 > 2) { 1 } else { 2 }", "R118", "write `!(student.active == (1 > 2))`"),
        ("    if @!student.name == \"x\" { 1 } else { 2 }", "R118", "write `!(student.name == \"x\")`"),
        ("    if @!student.level in [\"A\"] { 1 } else { 2 }", "R118", "`!` is taken before `in`"),
        (
            "    if 1 < student.minutes @< 5 { 1 } else { 2 }",
            "R118",
            "write `1 < student.minutes && student.minutes < 5`",
        ),
        ("    if student.minutes @& 1 != 0 { 1 } else { 2 }", "R118", "works on bits, which rules do not have"),
        ("    if student.active @| student.born != () { 1 } else { 2 }", "R118", "write `||` to join conditions"),
    ]);
    all_right(&[
        "    if (student.name ?? \"x\") == \"y\" || \"y\" != (student.name ?? \"(\") { 1 } else { 2 }",
        "    (student.age ?? 1) + (student.age ?? (1 + 2))",
        "    if (!student.active) == (student.minutes > 2) || !(student.level == \"A\") || !(student.level in [\"B\"]) { 1 } else { 2 }",
        "    if !student.active && student.level == \"A\" || student.minutes + 1 < 2 * 3 { 1 } else { 2 }",
        "    half(student.age ?? 3, 4) ?? student.minutes",
    ]);
}

#[test]
fn a_condition_that_is_decided_already_is_a_mistake() {
    all_wrong(&[
        ("    if @student.minutes != () { 1 } else { 2 }", "R115", "`student.minutes` is never absent here"),
        ("    if student.born == () { return 1; }\n    if @student.born != () { 2 } else { 3 }", "R115", ""),
        ("    if @1 == 1 { 1 } else { 2 }", "R115", "both sides are constants"),
        ("    if @true { 1 } else { 2 }", "R115", "always true"),
        (
            "    if student.active { if @student.active { 1 } else { 2 } } else { 3 }",
            "R115",
            "a condition before this one has decided it: here it is always true",
        ),
        ("    if student.active { 1 } else { if @!student.active { 1 } else { 2 } }", "R115", "always true"),
        ("    if student.level == \"A\" && @student.level == \"B\" { 1 } else { 2 }", "R115", "always false"),
        ("    if student.level != \"A\" || @student.level == \"A\" { 1 } else { 2 }", "R115", "always true"),
        (
            "    if student.active { return 1; }\n    if student.minutes > 1 && @student.active { 2 } else { 3 }",
            "R115",
            "always false",
        ),
        ("    if @student.level == student.level { 1 } else { 2 }", "R115", "both sides are the same"),
        (
            "    if student.enrollments @== student.enrollments { 1 } else { 2 }",
            "R111",
            "write `any(student.enrollments)`",
        ),
        ("    if student.enrollments @!= () { 1 } else { 2 }", "R111", "write `any(student.enrollments)`"),
        (
            "    student.minutes ?? @1",
            "R120",
            "`student.minutes` is always there, so this default is never used; take `??` and the default out",
        ),
        ("    return 1;\n    @student.minutes", "R116", "has returned before"),
        ("    if student.active { return 1; } else { return 2; }\n    @3", "R116", ""),
        ("    if student.active { return 1; @2; }\n    3", "R116", ""),
    ]);
    all_right(&[
        "    if student.active { 1 } else { 2 };\n    if student.active { 1 } else { 2 }",
        "    if student.level == \"A\" || student.level == \"B\" { 1 } else { 2 }",
        "    if student.level != \"A\" && student.level != \"B\" { 1 } else { 2 }",
        "    if student.active { 1 } else { if student.level == \"A\" { 1 } else { 2 } }",
        // A shared function is right for other arguments.
        "    half(100, 5)",
    ]);
}
