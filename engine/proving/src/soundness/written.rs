//! Rules that nobody would write: expressions and bodies made up over a small graph, most of them nearly right.
//!
//! The writer knows the types and mostly keeps to them; whether something may be absent it hardly minds. The checker refuses many of
//! its rules. What it accepts must run without a fault of its own.

use std::sync::Arc;

use proptest::prelude::Rng;
use rulebook::plan::Plan;
use rulebook::{Files, Rulebook};

/// The graph that the rules are written over.
pub const GRAPH: &str = include_str!("graph.yaml");

/// A rule that was written: the type that its fact declares, and its text.
#[derive(Clone, Debug)]
pub struct Written {
    ty: &'static str,
    /// An expression, or the body of a rule's function.
    text: String,
    is_body: bool,
}

/// The rules that the checker accepted, as one plan, and how many it did not.
pub struct Accepted {
    /// The plan.
    pub plan: Arc<Plan>,
    /// The rules that are in it, by the name of their fact.
    pub rules: Vec<(String, Written)>,
    /// How many were refused.
    pub refused: usize,
}

/// Writes `count` rules; `scripts`: also such as only the rule language's own engine can run.
pub fn write(random: impl Rng, count: usize, scripts: bool) -> Vec<Written> {
    let mut writer = Writer { random, depth: 0, scripts };
    (0..count).map(|_| writer.rule()).collect()
}

/// Compiles the rules that the checker accepts, each as a fact of the student. `guarded`: whether the checker asks what may be absent.
///
/// # Errors
/// What the checker said that is about none of the rules.
pub fn accept(written: Vec<Written>, guarded: bool) -> Result<Accepted, String> {
    let mut rules: Vec<(String, Written)> =
        written.into_iter().enumerate().map(|(at, rule)| (format!("made_{at}"), rule)).collect();
    let all = rules.len();
    loop {
        let (files, lines) = files(&rules);
        let book = if guarded { Rulebook::new(files) } else { Rulebook::without_absence_check(files) };
        if let Some(plan) = book.plan {
            return Ok(Accepted { plan, refused: all - rules.len(), rules });
        }
        let before = rules.len();
        rules.retain(|(name, _)| {
            let line = lines.iter().find(|(of, _)| of == name).map(|(_, line)| *line);
            !book.problems.iter().filter(|problem| problem.is_error()).any(|problem| {
                problem.place.as_ref().is_some_and(|place| {
                    (&*place.file == "objects/graph.yaml" && Some(place.line) == line)
                        || place.file.ends_with(&format!("/{name}.rhai"))
                })
            })
        });
        if rules.len() == before {
            return Err(book.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
        }
    }
}

/// The rulebook with these rules, and the line of graph.yaml that declares each.
fn files(rules: &[(String, Written)]) -> (Files, Vec<(String, u32)>) {
    const BEFORE: &str = "      school_name:\n";
    let mut files = Files::new();
    let mut lines = Vec::new();
    let (head, tail) = GRAPH.split_once(BEFORE).unwrap_or((GRAPH, ""));
    let mut graph = head.to_owned();
    for (name, rule) in rules {
        lines.push((name.clone(), u32::try_from(graph.lines().count()).unwrap_or(0) + 1));
        let value = if rule.is_body {
            let header = format!(
                "//! student.{name}\n//! Reports: made\n//! Source:  made\n//! Inputs:  made\n//! Absent:  made\n\nfn value(student, as_of, zone, limits) {{\n"
            );
            files.insert(format!("rules/facts/student/{name}.rhai"), format!("{header}{}\n}}\n", rule.text));
            "rule: true".to_owned()
        } else {
            format!("value: {}", serde_json::Value::from(rule.text.as_str()))
        };
        graph.push_str(&format!("      {name}: {{ type: \"{}\", doc: Made., {value} }}\n", rule.ty));
    }
    graph.push_str(BEFORE);
    graph.push_str(tail);
    files.insert("objects/graph.yaml".to_owned(), graph);
    files.insert(
        "rules/parameters/limits.yaml".to_owned(),
        "days: { doc: Days., type: int, unit: days, values: { 0001-01-01: { value: 10, cite: made } } }\n\
         share: { doc: Share., type: decimal, unit: share, values: { 0001-01-01: { value: 0.5, cite: made } } }\n"
            .to_owned(),
    );
    files.insert(
        "rules/value_sets/subject.yaml".to_owned(),
        "doc: Subjects.\ncodes: { M: Mathematics, L: Languages, \"?\": Other }\n".to_owned(),
    );
    (files, lines)
}

/// What an expression is to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Bool,
    Int,
    Decimal,
    Text,
    Date,
}

const ALL: [Wanted; 5] = [Wanted::Bool, Wanted::Int, Wanted::Decimal, Wanted::Text, Wanted::Date];

struct Writer<R> {
    random: R,
    depth: u32,
    scripts: bool,
}

/// How deep expressions go.
const DEEPEST: u32 = 4;

impl<R: Rng> Writer<R> {
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.random.next_u64() % bound.max(1) as u64).unwrap_or(0)
    }

    fn one_of<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn rule(&mut self) -> Written {
        let wanted = ALL[self.below(ALL.len())];
        let optional = self.below(2) == 0;
        let ty = match (wanted, optional) {
            (Wanted::Bool, false) => "bool",
            (Wanted::Bool, true) => "bool?",
            (Wanted::Int, false) => "int",
            (Wanted::Int, true) => "int?",
            (Wanted::Decimal, false) => "decimal",
            (Wanted::Decimal, true) => "decimal?",
            (Wanted::Text, false) => "text",
            (Wanted::Text, true) => "text?",
            (Wanted::Date, false) => "date",
            (Wanted::Date, true) => "date?",
        };
        let is_body = self.below(2) == 0;
        let text = if is_body { self.body(wanted, optional) } else { self.expression(wanted) };
        Written { ty, text, is_body }
    }

    /// Statements, the last of which gives the value.
    fn body(&mut self, wanted: Wanted, optional: bool) -> String {
        let mut lines = Vec::new();
        for at in 0..self.below(3) {
            let kind = ALL[self.below(ALL.len())];
            let line = match self.below(if self.scripts { 8 } else { 5 }) {
                0 | 1 => format!("    let held_{at} = {};", self.expression(kind)),
                2 => format!("    if {} {{ return {}; }}", self.expression(Wanted::Bool), self.expression(wanted)),
                // Early return, of nothing too.
                3 if optional => format!("    if {} {{ return (); }}", self.expression(Wanted::Bool)),
                3 | 4 => {
                    let path = self.path(kind);
                    format!(
                        "    if {path} == () {{ return {}; }}\n    let held_{at} = {path};",
                        self.expression(wanted)
                    )
                }
                5 => format!(
                    "    let sum_{at} = 0;\n    for lesson in {} {{ sum_{at} += lesson.minutes; }}",
                    self.one_of(&["student.lessons", "student.good_lessons"])
                ),
                6 => format!("    let made_{at} = [{}, {}];", self.expression(kind), self.expression(kind)),
                _ => format!(
                    "    let found_{at} = student.lessons.filter(|lesson| {});",
                    self.one_of(&[
                        "lesson.mark > 1.0",
                        "lesson.minutes > 3",
                        "lesson.subject == \"M\"",
                        "lesson.mark != ()"
                    ])
                ),
            };
            lines.push(line);
        }
        let last = match self.below(4) {
            0 if self.scripts => {
                let over = self.expression(Wanted::Text);
                let (a, b, c) = (self.expression(wanted), self.expression(wanted), self.expression(wanted));
                format!("    switch {over} {{ \"M\" => {a}, \"L\" | \"?\" => {b}, _ => {c} }}")
            }
            1 => {
                let path = self.path(wanted);
                format!("    if {path} != () {{ {path} }} else {{ {} }}", self.expression(wanted))
            }
            _ => format!("    {}", self.expression(wanted)),
        };
        lines.push(last);
        lines.join("\n")
    }

    fn expression(&mut self, wanted: Wanted) -> String {
        // Now and then something of another type: that must be refused.
        let wanted = if self.below(40) == 0 { ALL[self.below(ALL.len())] } else { wanted };
        if self.depth >= DEEPEST {
            return self.leaf(wanted);
        }
        self.depth += 1;
        let text = match self.below(10) {
            0..=2 => self.leaf(wanted),
            3 => format!("({} ?? {})", self.path(wanted), self.expression(wanted)),
            4 => format!(
                "if {} {{ {} }} else {{ {} }}",
                self.expression(Wanted::Bool),
                self.expression(wanted),
                self.expression(wanted)
            ),
            5 => {
                let path = self.path(wanted);
                format!("if {path} != () {{ {} }} else {{ {} }}", self.using(wanted, &path), self.expression(wanted))
            }
            _ => match wanted {
                Wanted::Bool => self.condition(),
                Wanted::Int => self.int(),
                Wanted::Decimal => self.decimal(),
                Wanted::Text => self.text(),
                Wanted::Date => self.date(),
            },
        };
        self.depth -= 1;
        text
    }

    /// An expression that uses a path that is known to be there.
    fn using(&mut self, wanted: Wanted, path: &str) -> String {
        match wanted {
            Wanted::Bool => format!("{path} && {}", self.expression(Wanted::Bool)),
            Wanted::Int => format!("{path} + {}", self.expression(Wanted::Int)),
            Wanted::Decimal => format!("{path} * {}", self.expression(Wanted::Decimal)),
            Wanted::Text => format!("{path} + {}", self.expression(Wanted::Text)),
            Wanted::Date => format!("{path} + {}", self.expression(Wanted::Int)),
        }
    }

    fn leaf(&mut self, wanted: Wanted) -> String {
        if self.below(3) > 0 {
            return self.path(wanted);
        }
        match wanted {
            Wanted::Bool => self.one_of(&["true", "false", "zone.publish_ssn", "zone.all_schools"]),
            Wanted::Int => self.one_of(&["0", "1", "12", "limits.days", "zone.school_year"]),
            Wanted::Decimal => self.one_of(&["0.5", "4.0", "limits.share"]),
            Wanted::Text => self.one_of(&["\"M\"", "\"\"", "\"a b\"", "\"12\""]),
            Wanted::Date => self.one_of(&["as_of", "zone.year_start", "zone.year_end"]),
        }
        .to_owned()
    }

    /// A field, of the student or of a row that is not far, through dots that may or may not be right.
    fn path(&mut self, wanted: Wanted) -> String {
        let paths: &[&str] = match wanted {
            Wanted::Bool => &["student.active", "student.consent", "student.school.charter"],
            Wanted::Int => &[
                "student.grade",
                "student.person_id",
                "student.mentor.load",
                "student.mentor?.load",
                "student.first_lesson.minutes",
                "student.first_lesson?.minutes",
            ],
            Wanted::Decimal => &[
                "student.credits",
                "student.fee",
                "student.first_lesson.mark",
                "student.first_lesson?.mark",
                "student.first_lesson?.weight",
            ],
            Wanted::Text => &[
                "student.name",
                "student.nickname",
                "student.school.name",
                "student.school.level",
                "student.mentor.name",
                "student.mentor?.name",
                "student.first_lesson?.subject",
                "student.first_lesson?.school.name",
                "student.first_lesson?.student.nickname",
                "student.school_name",
                "student.school.calendar_name",
            ],
            Wanted::Date => &[
                "student.born",
                "student.school.opened",
                "student.mentor?.since",
                "student.first_lesson?.begins",
                "student.first_lesson.ends",
                "student.first_lesson?.ends",
            ],
        };
        self.one_of(paths).to_owned()
    }

    fn rows(&mut self) -> &'static str {
        self.one_of(&["student.lessons", "student.good_lessons", "student.school.days"])
    }

    fn condition(&mut self) -> String {
        match self.below(13) {
            0 | 1 => {
                let kind = ALL[self.below(ALL.len())];
                let compare = self.one_of(&["==", "!=", "<", "<=", ">", ">="]);
                // Two types now and then: silent in Rhai.
                let other = if self.below(12) == 0 { ALL[self.below(ALL.len())] } else { kind };
                format!("{} {compare} {}", self.expression(kind), self.expression(other))
            }
            2 => format!("!({})", self.expression(Wanted::Bool)),
            3 => format!("({}) && ({})", self.expression(Wanted::Bool), self.expression(Wanted::Bool)),
            4 => format!("({}) || ({})", self.expression(Wanted::Bool), self.expression(Wanted::Bool)),
            5 => {
                let path = self.path(Wanted::Date);
                format!("{path} != () && {path} < {}", self.expression(Wanted::Date))
            }
            6 => {
                let path = self.path(Wanted::Int);
                format!("{path} == () || {path} > {}", self.expression(Wanted::Int))
            }
            7 => format!("any({})", self.rows()),
            8 => format!("student.school.active_on({})", self.expression(Wanted::Date)),
            9 => format!("(student.first_lesson?.active_on({}) ?? false)", self.expression(Wanted::Date)),
            10 => format!("has_text({}, {})", self.expression(Wanted::Text), self.expression(Wanted::Text)),
            11 => format!("student.school.open_days.contains({})", self.expression(Wanted::Date)),
            _ => format!("at_least({}, {})", self.expression(Wanted::Decimal), self.expression(Wanted::Int)),
        }
    }

    fn int(&mut self) -> String {
        match self.below(12) {
            0 | 1 => {
                let operator = self.one_of(&["+", "-", "*", "/", "%"]);
                format!("({} {operator} {})", self.expression(Wanted::Int), self.expression(Wanted::Int))
            }
            2 => format!("({} - {})", self.expression(Wanted::Date), self.expression(Wanted::Date)),
            3 => format!("count({})", self.rows()),
            4 => format!("year_of({})", self.expression(Wanted::Date)),
            5 => format!("(parse_int({}) ?? 0)", self.expression(Wanted::Text)),
            6 => format!("round_half_up({})", self.expression(Wanted::Decimal)),
            7 => "student.school.open_days.size()".to_owned(),
            8 => format!("student.school.open_days.ordinal({})", self.expression(Wanted::Date)),
            9 => format!("least({}, {})", self.expression(Wanted::Int), self.expression(Wanted::Int)),
            10 => "minutes_between(student.school.begins, student.school.begins)".to_owned(),
            _ => format!(
                "student.school.open_days.count({}, {})",
                self.expression(Wanted::Date),
                self.expression(Wanted::Date)
            ),
        }
    }

    fn decimal(&mut self) -> String {
        match self.below(7) {
            0 | 1 => {
                let operator = self.one_of(&["+", "-", "*", "/"]);
                format!("({} {operator} {})", self.expression(Wanted::Decimal), self.expression(Wanted::Decimal))
            }
            2 => format!("({} * {})", self.expression(Wanted::Int), self.expression(Wanted::Decimal)),
            3 => {
                let value = self.one_of(&["mark", "weight", "minutes", "subject", "nothing"]);
                let weight = self.one_of(&["weight", "mark", "minutes"]);
                format!("(weighted_mean({}, \"{value}\", \"{weight}\") ?? 0.0)", self.rows())
            }
            4 => format!("to_decimal({})", self.expression(Wanted::Int)),
            5 => format!("round_half_up({}, {})", self.expression(Wanted::Decimal), self.expression(Wanted::Int)),
            _ => format!("greatest({}, {})", self.expression(Wanted::Decimal), self.expression(Wanted::Int)),
        }
    }

    fn text(&mut self) -> String {
        match self.below(9) {
            0 => format!("({} + {})", self.expression(Wanted::Text), self.expression(Wanted::Text)),
            1 => format!("left({}, {})", self.expression(Wanted::Text), self.expression(Wanted::Int)),
            2 => format!("join(\" \", {}, {})", self.path(Wanted::Text), self.expression(Wanted::Text)),
            3 => format!("to_text({})", self.expression(Wanted::Int)),
            4 => format!("fixed_decimals({}, {})", self.expression(Wanted::Decimal), self.expression(Wanted::Int)),
            5 => format!("lookup(\"subject\", {})", self.expression(Wanted::Text)),
            6 => format!("padded({}, {})", self.expression(Wanted::Int), self.expression(Wanted::Int)),
            7 => format!("(last_word({}) ?? \"none\")", self.expression(Wanted::Text)),
            _ => format!("before({}, {})", self.expression(Wanted::Text), self.expression(Wanted::Text)),
        }
    }

    fn date(&mut self) -> String {
        match self.below(7) {
            0 => format!("({} + {})", self.expression(Wanted::Date), self.expression(Wanted::Int)),
            1 => format!("({} - {})", self.expression(Wanted::Date), self.expression(Wanted::Int)),
            2 => format!("add_days({}, {})", self.path(Wanted::Date), self.expression(Wanted::Int)),
            3 => format!("add_months({}, {})", self.path(Wanted::Date), self.expression(Wanted::Int)),
            4 => format!("earliest({}, {})", self.path(Wanted::Date), self.expression(Wanted::Date)),
            5 => format!("latest({}, {})", self.path(Wanted::Date), self.path(Wanted::Date)),
            _ => format!(
                "student.school.open_days.first({}, {})",
                self.expression(Wanted::Date),
                self.expression(Wanted::Date)
            ),
        }
    }
}
