//! A small rulebook with one of each kind of place, and what its fixtures reach and notice.

use std::collections::BTreeSet;
use std::sync::Arc;

use problem::Problem;
use proving::coverage::{self, Coverage, Missed};
use proving::mutation::{self, Covering, Fate, Mutant, Outcomes};
use proving::{Fixture, RecordedCase, Verdict, fixture, run};
use rulebook::places::Places;
use rulebook::plan::Plan;
use rulebook::{Files, Rulebook};

const GRAPH: &str = r#"entities:
  school:
    doc: A school.
    table: school
    key: school_id
    fields:
      school_id: { type: int, column: schoolID }
      school_guid: { type: text, column: schoolGUID, unique: true }
      name: { type: text, column: name }
      url: { type: text?, column: url }
      opened: { type: date?, column: opened }
      level: { type: int, column: level }
      kind: { type: text?, column: kind }
      open: { type: bool, column: open }
      big: { type: bool, column: big }
    relations:
      rooms: { many: room, by: school_id }
    facts:
      is_old:
        type: bool
        doc: Whether it was opened before today.
        value: school.opened != () && school.opened < as_of
      is_busy:
        type: bool
        doc: Whether it is open or big.
        value: school.open || school.big
      word:
        type: text
        doc: A word for the school.
        rule: true
      best_room:
        type: room?
        doc: The largest of the rooms that count.
        first: school.rooms
        where: room.size > 10 && room.floor != ()
        order: [room.size desc, room.wing, room.room_id]
      best_floor:
        type: int?
        doc: The floor of the best room.
        value: school.best_room?.floor
      kind_word:
        type: text
        doc: What kind of school it is.
        codes: { from: school.kind, set: kinds }
      band:
        type: text?
        doc: How high the level is.
        table:
          given: [school.open, school.level]
          rows:
            - [true, 1, low]
            - [true, { from: 2, to: 5 }, middle]
            - [any, any, shut]
      listed:
        type: bool
        doc: Whether the kind is one of two.
        value: school.kind in ["P", "S"]
      closed:
        type: bool
        doc: Whether it is not open.
        value: "!school.open"
      next_level:
        type: int
        doc: The level after this one.
        value: school.level + 1
      wings:
        type: "[room]"
        doc: One room of each wing.
        rows: school.rooms
        distinct: room.wing
        otherwise: school.spare_rooms
      spare_rooms:
        type: "[room]"
        doc: Rooms that are taken instead.
        rows: school.rooms
      open_room:
        type: bool
        doc: Whether an open school has a large room.
        any: school.rooms
        where: school.open && room.size > 10
      kindless:
        type: bool
        doc: Whether it has no kind.
        value: is_other(school.kind, "none")
  room:
    doc: A room.
    table: room
    key: room_id
    fields:
      room_id: { type: int, column: roomID }
      school_id: { type: int, column: schoolID }
      size: { type: int, column: size }
      floor: { type: int?, column: floor }
      wing: { type: text, column: wing }
  student:
    doc: A person who has an enrollment.
    table: person
    root: enrollments
    key: person_id
    fields:
      person_id: { type: int, column: personID }
    relations:
      enrollments: { many: enrollment, by: person_id }
  enrollment:
    doc: An enrollment.
    table: enrollment
    reached: student.enrollments
    key: enrollment_id
    fields:
      enrollment_id: { type: int, column: enrollmentID }
      person_id: { type: int, column: personID }
  annex:
    doc: A part of a school.
    like: school
    shares: [best_room, word]
    relations:
      rooms: { many: annex_room, by: school_id }
  annex_room:
    doc: A room of a part of a school.
    like: room
"#;

const OBJECT: &str = r#"object: SchoolInfo
of: school
doc: A school.
events: true
key: ["@RefId"]
population:
  - { rules: [], keep: school.level > 0, doc: "Schools that have a level." }
warn: { when: school.kind == (), say: "has no kind" }
elements:
  "@RefId": { is: M, from: refid(school.school_guid) }
  LocalId: { is: O, from: to_decimal(school.level), decimals: 2 }
  StateProvinceId: { is: O, from: school.kind, codes: kinds }
  NCESId: { is: O, const: "Yes", when: school.open, otherwise: "No" }
  SchoolName: { is: M, from: school.name }
  SchoolURL: { is: O, from: school.url, when: school.is_old }
  PrincipalInfo: { is: O, when: school.big }
  PrincipalInfo/ContactName: { is: M, from: school.url }
  PhoneNumberList: { is: O }
  PhoneNumberList/PhoneNumber: { is: MR, each: school.rooms, take: 1 }
  PhoneNumberList/PhoneNumber/@Type: { is: M, const: "0096" }
  PhoneNumberList/PhoneNumber/Number: { is: M, from: room.wing }
"#;

const RULE: &str = "//! school.word
//! Reports: x.
//! Source: x.
//! Inputs: x.
//! Absent: x.

fn value(school, limits) {
    if school.level == 3 {
        return \"three\";
    }
    if school.level > limits.high { \"high\" } else { kind_or(school.kind, \"none\") }
}
";

const SHARED: &str =
    "fn kind_or(kind, other) {\n    kind ?? other\n}\n\nfn is_other(kind, other) {\n    (kind ?? other) == other\n}\n";

const LIMITS: &str = "high:
  doc: From here on a level is high.
  type: int
  values:
    2000-07-01: { value: 5, cite: x }
    2025-07-01: { value: 7, cite: x }
";

const KINDS: &str = "doc: Kinds.\ncodes: { P: primary, S: secondary }\notherwise: other\nblank: none\n";

/// The files of the small rulebook.
pub fn files() -> Files {
    [
        ("objects/graph.yaml", GRAPH),
        ("objects/SchoolInfo.yaml", OBJECT),
        ("rules/facts/school/word.rhai", RULE),
        ("rules/shared/kinds.rhai", SHARED),
        ("rules/parameters/limits.yaml", LIMITS),
        ("rules/value_sets/kinds.yaml", KINDS),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .into()
}

/// A rulebook with fixtures that were run.
pub struct Small {
    pub plan: Arc<Plan>,
    pub fixtures: Vec<Fixture>,
    pub cases: Vec<(usize, RecordedCase)>,
}

/// Runs fixtures, each given as the line that says what it is about and its cases; all of them pass.
#[track_caller]
pub fn small(fixtures: &[(&str, &[&str])]) -> Small {
    let book = Rulebook::new(files());
    let shown: Vec<String> = book.problems.iter().map(ToString::to_string).collect();
    let plan = book.plan.unwrap_or_else(|| panic!("{shown:#?}"));
    let texts: Vec<String> = fixtures
        .iter()
        .map(|(about, cases)| {
            let cases: String = cases.iter().map(|case| format!("  - {{ name: x, {case} }}\n")).collect();
            format!("{about}\nas_of: 2026-02-02\ncases:\n{cases}")
        })
        .collect();
    let made = Arc::clone(&plan);
    let (read, cases) = super::with_stack(move || {
        let mut problems: Vec<Problem> = Vec::new();
        let read: Vec<Fixture> = texts
            .iter()
            .filter_map(|text| fixture::read(&made, &proving::People::default(), "small.yaml", text, &mut problems))
            .collect();
        assert!(problems.is_empty(), "{problems:#?}");
        let cases: Vec<(usize, RecordedCase)> = (0..)
            .zip(&read)
            .flat_map(|(at, fixture)| {
                run::run_recorded(&made, fixture, &|_| true, true).into_iter().map(move |case| (at, case))
            })
            .collect();
        (read, cases)
    });
    for (_, case) in &cases {
        assert!(matches!(case.result.verdict, Verdict::Passed), "{:#?}", case.result);
    }
    Small { plan, fixtures: read, cases }
}

impl Small {
    pub fn coverage(&self) -> (Coverage, Vec<Missed>) {
        let places = Places::of(&self.plan);
        let coverage = Coverage::new(&places, self.cases.iter().map(|(_, case)| case.taken.as_slice()));
        let missed = coverage::missed(&self.plan, &places, &coverage, self.fixtures[0].cases[0].as_of);
        (coverage, missed)
    }

    /// What was reached: file, line, what decides, and the outcome.
    pub fn reached(&self) -> BTreeSet<String> {
        let (coverage, missed) = self.coverage();
        let json = coverage::json(&coverage, &missed);
        let mut reached = BTreeSet::new();
        for file in json["files"].as_array().unwrap() {
            for place in file["places"].as_array().unwrap() {
                for outcome in place["outcomes"].as_array().unwrap() {
                    if outcome["cases"] != 0 {
                        let name = file["file"].as_str().unwrap().rsplit('/').next().unwrap();
                        let (what, outcome) = (place["what"].as_str().unwrap(), outcome["outcome"].as_str().unwrap());
                        reached.insert(format!("{name}:{}:{} {what} {outcome}", place["line"], place["column"]));
                    }
                }
            }
        }
        reached
    }

    pub fn mutate(self) -> (Vec<Mutant>, Outcomes) {
        super::with_stack(move || {
            let as_of = self.fixtures[0].cases[0].as_of;
            let mutants = mutation::mutants(&self.plan, as_of);
            let covering = Covering::new(&self.fixtures, &self.cases);
            let outcomes = mutation::run(&self.plan, &mutants, &covering, 2, &|| true);
            (mutants, outcomes)
        })
    }

    /// What became of the change that says this, at a place.
    #[track_caller]
    pub fn fate(self, place: &str, says: &str) -> Fate {
        let (mutants, outcomes) = self.mutate();
        let found: Vec<Fate> = mutants
            .iter()
            .zip(&outcomes.fates)
            .filter(|(mutant, _)| {
                let at = format!("{}:{}:{}", mutant.file, mutant.at.line, mutant.at.column);
                at.ends_with(place) && mutant.says == says
            })
            .map(|(_, fate)| *fate)
            .collect();
        let all: Vec<String> = mutants
            .iter()
            .map(|mutant| format!("{}:{}:{} {}", mutant.file, mutant.at.line, mutant.at.column, mutant.says))
            .collect();
        let [fate] = found[..] else { panic!("not one change says {says:?} at {place}: {all:#?}") };
        fate
    }
}
