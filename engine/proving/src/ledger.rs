//! The ledger: how each row and population rule of the requirement is answered, where, and by how many cases it is proved.

mod answers;
mod cases;
mod human;
mod json;

use std::collections::BTreeMap;
use std::sync::Arc;

use problem::{Place, Problem, code};
use rulebook::Requirements;
use rulebook::plan::Plan;
use rulebook::requirements::{RequiredRow, RequiredRule};

use crate::Suite;
use answers::{Answers, Likeness};

/// How many cases a row needs that decides something.
const CASES: usize = 3;

/// The kinds of rows that decide something.
const DECIDING: [&str; 5] = ["conditional", "aggregate", "date_math", "code_map", "list"];

/// How the requirement is answered.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// Every row, in the order of the list.
    pub rows: Vec<LedgerRow>,
    /// Every population rule, in the order of the list.
    pub rules: Vec<LedgerRule>,
    /// What is missing or wrong.
    pub problems: Vec<Problem>,
}

/// A row of the requirement.
#[derive(Clone, Debug)]
pub struct LedgerRow {
    /// Its id.
    pub id: String,
    /// The label of its object.
    pub object: String,
    /// What kind of rule it states.
    pub kind: String,
    /// The path of its element, as the list has it.
    pub path: String,
    /// What answers it: one, if all is well.
    pub answers: Vec<Answer>,
    /// How many cases are about its element, an element around it, or the same element of a shared group elsewhere.
    pub cases: usize,
}

impl LedgerRow {
    /// Whether it decides something, so that it needs cases. What is not sent by decision needs none.
    #[must_use]
    pub fn needs_cases(&self) -> bool {
        DECIDING.contains(&self.kind.as_str()) && self.answers.iter().any(|answer| answer.how != answers::OMITTED)
    }
}

/// What answers a row.
#[derive(Clone, Debug)]
pub struct Answer {
    /// How, in a word: const, from, codes, table, fact, rule; rows (one for each of some rows) and elements (it holds others) of
    /// an element without a value; omitted.
    pub how: &'static str,
    /// The shared group whose element it is.
    pub group: Option<String>,
    /// The label of its object.
    pub object: String,
    /// Its path in the rulebook.
    pub path: String,
    /// Why it is not sent, of one that is omitted.
    pub reason: Option<String>,
    /// Where it is declared.
    pub place: Place,
}

/// A population rule of the requirement.
#[derive(Clone, Debug)]
pub struct LedgerRule {
    /// Its id.
    pub id: String,
    /// The label of its object.
    pub object: String,
    /// Whether it speaks of agents' rights, which the zone checks.
    pub of_rights: bool,
    /// Where its conditions stand.
    pub places: Vec<Place>,
    /// Whether its conditions keep every row, so that there is nobody to exclude.
    pub always: bool,
    /// How many cases it excludes.
    pub excluding: usize,
    /// How many cases it keeps.
    pub including: usize,
}

impl Ledger {
    /// The ledger of a rulebook with its fixtures. Of the fixtures only those about populations are run.
    #[must_use]
    pub fn of(plan: &Arc<Plan>, suite: &Suite, requirements: &Requirements) -> Self {
        let answers = Answers::of(plan);
        let counted = cases::Counted::of(plan, suite);
        let mut problems = Vec::new();
        let rows: Vec<LedgerRow> = requirements
            .rows
            .iter()
            .map(|required| {
                let (answers, cases) = answers.of_row(&required.id, &counted);
                let row = LedgerRow {
                    id: required.id.clone(),
                    object: required.object.clone(),
                    kind: required.kind.clone(),
                    path: required.path.clone(),
                    answers,
                    cases,
                };
                check_row(plan, &row, required, &mut problems);
                row
            })
            .collect();
        let rules: Vec<LedgerRule> = requirements
            .rules
            .iter()
            .map(|required| {
                let rule = cases::rule(plan, required, &counted);
                check_rule(&rule, required, &mut problems);
                rule
            })
            .collect();
        unknown(plan, &answers, requirements, &mut problems);
        Self { rows, rules, problems }
    }

    /// How many rows each object has, and how many of them are answered in each way, in the order of the list.
    #[must_use]
    pub fn summary(&self) -> Vec<Summary<'_>> {
        let mut objects: Vec<Summary<'_>> = Vec::new();
        for row in &self.rows {
            let known = objects.iter().position(|summary| summary.object == row.object);
            let at = known.unwrap_or_else(|| {
                objects.push(Summary { object: &row.object, rows: 0, ways: BTreeMap::new(), unanswered: 0 });
                objects.len() - 1
            });
            let summary = &mut objects[at];
            summary.rows += 1;
            match row.answers.first() {
                Some(answer) => *summary.ways.entry(answer.how).or_default() += 1,
                None => summary.unanswered += 1,
            }
        }
        objects
    }
}

/// The rows of an object, counted.
#[derive(Clone, Debug)]
pub struct Summary<'l> {
    /// The object's label.
    pub object: &'l str,
    /// How many rows.
    pub rows: usize,
    /// How many of them are answered in each way.
    pub ways: BTreeMap<&'static str, usize>,
    /// How many are not.
    pub unanswered: usize,
}

fn check_row(plan: &Plan, row: &LedgerRow, required: &RequiredRow, problems: &mut Vec<Problem>) {
    let what = format!("`{}` ({}/{})", row.id, row.object, row.path);
    let Some(answer) = row.answers.first() else {
        let problem = Problem::new(code::NOT_ANSWERED, format!("nothing answers {what}"));
        problems.push(
            problem
                .at(required.place.clone())
                .help(format!("name it in `rows:` of the element that it is about, in {}", file_of(&row.object))),
        );
        return;
    };
    for other in &row.answers[1..] {
        let problem = Problem::new(code::ROW_ANSWERED_TWICE, format!("{what} is answered twice"));
        problems.push(problem.at(other.place.clone()).and_at(answer.place.clone(), "the other answer"));
    }
    let found = format!("{}/{}", answer.object, answer.path);
    let likeness = match plan.object(&row.object).filter(|object| *object.label == *answer.object) {
        None => Likeness::Another,
        Some(object) => {
            let exists = |path: &str| path.starts_with("UTExtensions") || object.schema.find(path).is_some();
            answers::likeness(&row.path, &answer.path, &exists)
        }
    };
    let problem = match likeness {
        Likeness::Same => None,
        Likeness::Elsewhere => Some(Problem::new(code::OTHER_PATH, format!("{what} is answered at {found}"))),
        Likeness::Another => Some(
            Problem::new(code::WRONG_REQUIREMENT, format!("{what} is answered by another element, {found}"))
                .help("name the row in `rows:` of the element that it is about"),
        ),
    };
    problems.extend(problem.map(|problem| problem.at(answer.place.clone()).and_at(required.place.clone(), "the row")));
    // Cases of another element say nothing.
    if likeness != Likeness::Another && row.needs_cases() && row.cases < CASES {
        let message =
            format!("{what} is of the kind {} and has {} of at least {CASES} cases", row.kind, counted(row.cases));
        problems.push(
            Problem::new(code::TOO_FEW_CASES, message)
                .at(answer.place.clone())
                .help(format!("write cases with `rule: {found}`, or of an element around it")),
        );
    }
}

fn check_rule(rule: &LedgerRule, required: &RequiredRule, problems: &mut Vec<Problem>) {
    if rule.of_rights {
        return;
    }
    let what = format!("the population rule `{}` of {}", rule.id, rule.object);
    let Some(place) = rule.places.first() else {
        problems.push(
            Problem::new(code::NOT_ANSWERED, format!("nothing answers {what}"))
                .at(required.place.clone())
                .help(format!("name it in `rules:` below `population:` in {}", file_of(&rule.object))),
        );
        return;
    };
    let missing = match (rule.excluding, rule.including) {
        (0, 0) if !rule.always => "no case that it excludes, and none that it keeps",
        (0, _) if !rule.always => "no case that it excludes",
        (_, 0) => "no case that it keeps",
        _ => return,
    };
    problems.push(
        Problem::new(code::TOO_FEW_CASES, format!("{what} has {missing}"))
            .at(place.clone())
            .help(format!("write it in a fixture with `population: {}`", rule.object)),
    );
}

/// Reports ids of the rulebook that the list does not have.
fn unknown(plan: &Plan, answers: &Answers<'_>, requirements: &Requirements, problems: &mut Vec<Problem>) {
    let ids = || requirements.rows.iter().map(|row| row.id.as_str());
    let wrong = |id: &str, place: &Place, near: Vec<&str>| {
        let message = format!("the list of requirements has no `{id}`");
        Problem::new(code::WRONG_REQUIREMENT, message).at(place.clone()).did_you_mean(id, near)
    };
    for (id, place) in answers.all() {
        if !ids().any(|known| known == id) {
            problems.push(wrong(id, place, ids().collect()));
        }
    }
    // An object may follow a rule of another one too.
    let rules: Vec<&str> = requirements.rules.iter().map(|rule| rule.id.as_str()).collect();
    for (ids, keep) in plan.objects.iter().flat_map(|object| &object.population) {
        for id in ids.iter().filter(|id| !rules.contains(&id.as_str())) {
            problems.push(wrong(id, &cases::place(keep), rules.clone()));
        }
    }
}

/// The file of an object with this label.
fn file_of(label: &str) -> String {
    format!("objects/{}.yaml", label.split('/').next().unwrap_or(label))
}

fn counted(number: usize) -> String {
    if number == 0 { "none".to_owned() } else { number.to_string() }
}
