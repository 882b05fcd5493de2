//! What the checker finds in definitions: results that SIF cannot hold, rows answered twice, tables, parameters, value sets, and
//! what nothing reads.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use rulebook::Files;
use support::{EXTENSION, GRAPH, RULE, files, object, rule, unread, wrong};

const OBJECT: &str = "objects/StudentPersonal.yaml";
const GRAPH_FILE: &str = "objects/graph.yaml";
const LIMITS: &str = "rules/parameters/limits.yaml";
const GENDER: &str = "rules/value_sets/gender.yaml";
const GRADES: &str = "rules/value_sets/grades.yaml";
const SHARED: &str = "rules/shared/common.rhai";
const MIGRANT: &str = "rules/StudentPersonal/Migrant.rhai";

const FACTS: &str = "    facts:
      answer:
        type: text
        doc: x
        value: if enrollment.start_date > as_of { \"Yes\" } else { \"No\" }
      share:
        type: decimal?
        doc: x
        given: { most: int }
        value: least(enrollment.credits, most)
      kind:
        type: text?
        doc: x
        table:
          given: [enrollment.graded, enrollment.level, enrollment.person_id]
          rows:
            - [true, A, any, one]
            - [true, any, { to: 5 }, two]
            - [true, any, { from: 6 }, three]
            - [false, [A, B], any, four]
            - [false, any, any, ()]
";

/// A rulebook in which everything is right and read.
fn book() -> Files {
    let graph = GRAPH
        .replace("grade: { type: text?, column: grade }", "grade: { type: text?, column: grade }\n      graded: { type: bool, column: graded }\n      level: { type: code(grades), column: level }")
        .replace("        rule: true\n", "        rule: true\n      first: { type: enrollment?, doc: x, first: student.enrollments, where: enrollment.start_date <= as_of }\n");
    let elements = "  LocalId: { from: student.name, rows: [R1] }\n  Name/@Type: { const: \"04\" }\n  Name/LastName: { const: x }\n  Name/FirstName: { const: x }\n  Demographics/Gender: { from: student.name, codes: gender, rows: [R2] }\n  Demographics/BirthDate: { from: student.born }\n  OnTimeGraduationYear: { from: student.days }\n  IDEA: { from: student.first?.answer }\n  Migrant: { rule: true }\n";
    let extension = "  Kind: { from: student.first?.kind }\n  Share: { from: student.first?.share(limits.most), decimals: 1 }\n  Left: { omitted: x, rows: [R3] }\n";
    files(&[
        (GRAPH_FILE, &format!("{graph}{FACTS}")),
        (OBJECT, &object(elements, extension)),
        ("objects/common/extension.yaml", EXTENSION),
        (GENDER, "doc: x\ncode_set: GenderType\ncodes: [M, F]\notherwise: U\n"),
        (GRADES, "doc: x\ncodes: [A, B, C]\n"),
        (
            LIMITS,
            "most:\n  doc: x\n  type: int\n  values:\n    2000-07-01: { value: 10, cite: x }\n    2010-07-01: { value: 12, cite: x }\n",
        ),
        (SHARED, "fn answer_of(yes, _why) { if yes { \"Yes\" } else { \"No\" } }\n"),
        (
            MIGRANT,
            &rule(
                "StudentPersonal/Migrant",
                "student",
                "    let by_name = student.name == \"x\";\n    if student.born == () { return \"Unknown\"; }\n    answer_of(by_name, 1)",
            ),
        ),
        (
            RULE,
            &rule(
                "student.days",
                "student, as_of",
                "    if student.born == () { return (); }\n    as_of - student.born",
            ),
        ),
    ])
}

fn edited(file: &str, from: &str, to: &str) -> Files {
    let mut files = book();
    let text = files.get_mut(file).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{file}: {from:?}");
    *text = text.replace(from, to);
    files
}

/// Each edit makes one problem of this code, at this place of the file, with these words.
fn each(edits: &[(&str, &str, &str, &str, &str)], find: fn(Files) -> Vec<String>) {
    for (file, from, to, at, words) in edits {
        let (code, place) = at.split_once(' ').unwrap();
        let found = find(edited(file, from, &to.replace('@', "")));
        assert_eq!(found.len(), 1, "{to}\n{found:#?}");
        let place = if place == "@" {
            let marked = edited(file, from, to);
            let text = &marked[*file];
            let before = text.split('@').next().unwrap_or_default();
            // Attributes of the definition hold the sign too.
            let before = if text.matches('@').count() == 1 {
                before
            } else {
                &text[..text.find(to).unwrap() + to.find('@').unwrap()]
            };
            let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
            format!("{file}:{}:{column}", before.matches('\n').count() + 1)
        } else {
            place.to_owned()
        };
        let start = format!("{code} {place} ");
        assert!(found[0].starts_with(&start) && found[0].contains(words), "{to}\n{start}{words}\n{}", found[0]);
    }
}

#[test]
fn the_rulebook_of_these_tests_is_right() {
    assert_eq!(wrong(book()), [""; 0]);
    assert_eq!(unread(book()), [""; 0]);
}

#[test]
fn an_element_is_given_what_sif_lets_it_hold() {
    each(
        &[
            // By a branch, a `return`, a shared function, a fact's value, a table of a fact, a value set.
            (
                MIGRANT,
                "\"Unknown\"",
                "@\"Unknwon\"",
                "D106 @",
                "`Unknwon` is not in the code set `MigrantType` for `Migrant`; did you mean `Unknown`?",
            ),
            (SHARED, "\"No\"", "@\"N\"", "D106 @", "the codes are"),
            (GRAPH_FILE, "\"Yes\"", "@\"yes\"", "D106 @", "did you mean `Yes`?"),
            (
                OBJECT,
                "student.first?.answer",
                "student.first?.kind ?? student.first?.answer",
                "D106 objects/graph.yaml:50:15",
                "so are 3 others",
            ),
            (
                OBJECT,
                "{ from: student.first?.answer }",
                "{ from: student.name, codes: @gender }",
                "D106 @",
                "the value set `gender` gives `M`, which is not in the code set",
            ),
            (
                OBJECT,
                "from: student.name, codes: gender",
                "from: 'lookup(\"grades\", student.name)'",
                "D106 objects/StudentPersonal.yaml:9:33",
                "the value set `grades` gives `A`",
            ),
            // Types, digits, and what is no value.
            (OBJECT, "from: student.born", "from: @student.first?.graded", "D107 @", "holds a date"),
            (
                OBJECT,
                "  Demographics/BirthDate: { from: student.born",
                "  @Demographics/BirthDate: { from: student.name",
                "D107 @",
                "and the value may be any text; declare the field as date",
            ),
            (
                OBJECT,
                "{ from: student.days",
                "{ from: @student.first?.credits",
                "D107 @",
                "round it to a whole number: `round_half_up(…)`",
            ),
            (
                OBJECT,
                "{ from: student.first?.kind",
                "{ from: @student.first",
                "D107 @",
                "holds a value, and this is enrollment?",
            ),
            (OBJECT, "first?.kind }", "first?.kind, decimals: @2 }", "D107 @", "only numbers have decimals"),
            (OBJECT, "  Kind: { from: student.first?.kind", "  @Kind: { from: ()", "D116 @", "is always given nothing"),
        ],
        wrong,
    );
}

#[test]
fn each_row_of_the_requirement_is_answered_once() {
    each(
        &[
            (
                OBJECT,
                "  Demographics/Gender: { from: student.name, codes: gender, rows: [R2]",
                "  @Demographics/Gender: { from: student.name, codes: gender, rows: [R1, R2]",
                "D115 @",
                "`R1` is answered twice; take `R1` out of the `rows:` of one of them",
            ),
            (
                OBJECT,
                "  Left: { omitted: x, rows: [R3]",
                "  @Left: { omitted: x, rows: [R2]",
                "D115 @",
                "`R2` is answered and omitted",
            ),
        ],
        wrong,
    );
}

#[test]
fn a_table_takes_every_case_once() {
    each(
        &[
            (
                GRAPH_FILE,
                "- [true, A, any, one]",
                "- [true, @D, any, one]",
                "R114 @",
                "`D` is no code of the value set `grades`",
            ),
            (
                GRAPH_FILE,
                "            - [false, any, any, ()]\n",
                "            - [false, any, any, ()]\n            - @[any, C, 7, six]\n",
                "D112 @",
                "the rows above take everything",
            ),
            (
                GRAPH_FILE,
                "            - [false, any, any, ()]\n",
                "            - [false, any, any, ()]\n            - @[true, B, 7, six]\n",
                "D112 @",
                "",
            ),
            (
                GRAPH_FILE,
                "            - [false, any, any, ()]\n",
                "",
                "D113 objects/graph.yaml:50:13",
                "no row says what holds for (false, \"C\", any); add a row for it: `[false, \"C\", any, ()]`",
            ),
            (GRAPH_FILE, "{ from: 6 }", "{ from: 7 }", "D113 objects/graph.yaml:50:13", "(true, \"B\", 6)"),
            (GRAPH_FILE, "{ from: 6 }", "@{ from: 4 }", "D114 @", "this range overlaps another with another result"),
        ],
        wrong,
    );
}

#[test]
fn rows_are_ordered_and_told_apart_by_what_can_be() {
    each(
        &[
            (
                GRAPH_FILE,
                "where: enrollment.start_date <= as_of }",
                "order: [student.@enrollments] }",
                "R104 objects/graph.yaml:19:79",
                "[enrollment] has no order; name a field of it",
            ),
            (
                GRAPH_FILE,
                "      first: {",
                "      dates: { type: days, doc: x, days: student.enrollments, date: @enrollment.grade }\n      first: {",
                "R104 @",
                "a set of days is made of dates; this is text?",
            ),
            (
                GRAPH_FILE,
                "      first: {",
                "      other: { type: \"[enrollment]\", doc: x, rows: student.enrollments, distinct: @student.enrollments }\n      first: {",
                "R104 @",
                "is a list, which equals nothing",
            ),
            (
                GRAPH_FILE,
                "type: code(grades)",
                "type: code(@grade)",
                "V102 @",
                "no value set and no code set of SIF is called `grade`; did you mean `grades`?",
            ),
        ],
        wrong,
    );
}

#[test]
fn parameters_and_value_sets_say_each_thing_once() {
    each(
        &[
            (LIMITS, "{ value: 12, cite", "{ value: @10, cite", "P105 @", "the value is the same as from 2000-07-01"),
            (GENDER, "[M, F]", "[M, F, @M]", "V103 @", "`M` stands in the list twice"),
            (GENDER, "otherwise: U", "otherwise: @X", "D106 @", "`X` is no code of GenderType"),
        ],
        wrong,
    );
}

#[test]
fn what_nothing_reads_is_said_once_and_at_its_cause() {
    each(
        &[
            (
                OBJECT,
                "{ from: student.first?.kind }",
                "{ const: x }",
                "G111 objects/graph.yaml:44:7",
                "nothing reads the fact `enrollment.kind`",
            ),
            (
                GRAPH_FILE,
                "least(enrollment.credits, most)",
                "enrollment.credits",
                "G111 objects/graph.yaml:42:24",
                "the fact does not read `most`",
            ),
            (
                OBJECT,
                "share(limits.most)",
                "share(3)",
                "P104 rules/parameters/limits.yaml:1:1",
                "nothing reads the parameter `limits.most`",
            ),
            (
                OBJECT,
                "from: student.name, codes: gender",
                "const: M",
                "V104 rules/value_sets/gender.yaml:1:1",
                "nothing uses the value set `gender`",
            ),
            (
                MIGRANT,
                "answer_of(by_name, 1)",
                "if by_name { \"Yes\" } else { \"No\" }",
                "R119 rules/shared/common.rhai:1:4",
                "nothing calls the function `answer_of`",
            ),
            (
                MIGRANT,
                "value(student)",
                "value(student, @as_of)",
                "R119 @",
                "nothing reads the parameter `as_of`; take it out",
            ),
            (
                MIGRANT,
                "    if student",
                "    let @other = 1;\n    if student",
                "R119 @",
                "nothing reads the variable `other`; take the `let` out",
            ),
            (SHARED, "(yes, _why)", "(yes, @why)", "R119 @", "take it out, here and where it is called"),
        ],
        unread,
    );
}

#[test]
fn what_would_read_a_name_may_be_mistyped_instead() {
    for (file, from, to) in [
        (MIGRANT, "student.name ==", "studnet.name =="),
        (OBJECT, "student.first?.kind", "student.first?.knid"),
        (OBJECT, "codes: gender", "codes: gneder"),
    ] {
        assert_eq!(unread(edited(file, from, to)), [""; 0], "{to}");
    }
}
