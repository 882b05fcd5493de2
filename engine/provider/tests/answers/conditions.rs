//! Conditions, held against a filter that knows nothing of how they are answered.

use std::sync::OnceLock;

use agent::{Condition, Conditions, Group, Operator, Query, Request};
use proptest::prelude::*;
use proptest::sample::Index;
use sif::tree::{Names, Tree};

use crate::support::answer::ask_all;
use crate::support::life::config;
use crate::support::{cedar_ridge, mapped};

/// Objects with paths, and whether a path's values are numbers.
const PATHS: &[(&str, &[(&str, bool)])] = &[
    (
        "StudentPersonal",
        &[
            ("@RefId", false),
            ("LocalId", false),
            ("Name/LastName", false),
            ("Demographics/BirthDate", false),
            ("Demographics/RaceList/Race/Code", false),
            ("ProjectedGraduationYear", false),
            ("PhoneNumberList/PhoneNumber/Number", false),
        ],
    ),
    (
        "StudentSchoolEnrollment",
        &[
            ("@RefId", false),
            ("@StudentPersonalRefId", false),
            ("@SchoolInfoRefId", false),
            ("@TimeFrame", false),
            ("EntryDate", false),
            ("ExitDate", false),
            ("FTE", true),
            ("GradeLevel/Code", false),
        ],
    ),
    (
        "StudentAttendanceSummary",
        &[("@StudentPersonalRefId", false), ("@SchoolYear", false), ("DaysInMembership", true)],
    ),
    ("StudentParticipation", &[("@RefId", false), ("@StudentPersonalRefId", false)]),
    ("StudentDemographicRecord", &[("@SIF_RefId", false), ("StudentPersonalData/LocalId", false)]),
    ("StudentSectionEnrollment", &[("@StudentPersonalRefId", false), ("@SectionInfoRefId", false)]),
    ("SectionInfo", &[("@RefId", false), ("LocalId", false)]),
];

struct Known {
    xml: String,
    tree: Tree,
}

/// All instances of an object of the list above.
fn all(object: usize) -> &'static [Known] {
    static ALL: OnceLock<Vec<Vec<Known>>> = OnceLock::new();
    &ALL.get_or_init(|| {
        let names = std::sync::Arc::new(Names::new());
        let known = |xml: String| {
            let wrapped = xml.replacen('>', " xmlns=\"http://www.sifinfo.org/infrastructure/2.x\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">", 1);
            let tree = sif::xml::read::read(wrapped.as_bytes(), &names).unwrap();
            Known { xml, tree }
        };
        PATHS.iter().map(|(object, _)| mapped(&cedar_ridge(), object).into_iter().map(known).collect()).collect()
    })[object]
}

fn values(known: &Known, path: &str) -> Vec<String> {
    let root = known.tree.root().unwrap();
    let nil =
        |path: &str| path.split('/').all(|step| !step.starts_with('@')) && root.at(path).iter().any(|e| e.is_nil());
    if nil(path) { Vec::new() } else { root.find(path).map(std::borrow::Cow::into_owned).collect() }
}

/// What a condition means, said once more.
fn holds(known: &Known, condition: &Condition, number: bool) -> bool {
    values(known, &condition.element).iter().any(|value| {
        let ordering = if number {
            let parse = |text: &str| text.trim().parse::<f64>().ok();
            let (Some(left), Some(right)) = (parse(value), parse(&condition.value)) else { return false };
            left.partial_cmp(&right).unwrap()
        } else if value.is_empty() && condition.element.ends_with("Date") {
            return false;
        } else {
            value.as_str().cmp(condition.value.as_str())
        };
        match condition.operator {
            Operator::Eq => ordering.is_eq(),
            Operator::Ne => ordering.is_ne(),
            Operator::Lt => ordering.is_lt(),
            Operator::Le => ordering.is_le(),
            Operator::Gt => ordering.is_gt(),
            Operator::Ge => ordering.is_ge(),
        }
    })
}

type Drawn = (Index, Index, Index);

/// A condition on an object, with a value that some instance has.
fn condition(object: usize, (path, operator, instance): &Drawn) -> (Condition, bool) {
    let (element, number) = *path.get(PATHS[object].1);
    let having: Vec<String> =
        all(object).iter().flat_map(|known| values(known, element)).filter(|value| !value.trim().is_empty()).collect();
    // Equality is what leads to students.
    let operators = [&Operator::ALL[..], &[Operator::Eq, Operator::Eq, Operator::Eq]].concat();
    let value = if having.is_empty() { "2026".to_owned() } else { instance.get(&having).clone() };
    (Condition { element: element.to_owned(), operator: *operator.get(&operators), value }, number)
}

fn group(flag: bool) -> Group {
    if flag { Group::And } else { Group::Or }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, max_shrink_iters: 30, ..ProptestConfig::default() })]

    /// Many queries at a time, since each is a request to a provider.
    #[test]
    fn an_answer_is_what_a_naive_filter_leaves(drawn in prop::collection::vec(
        (0..PATHS.len(), any::<bool>(), prop::collection::vec((any::<bool>(), prop::collection::vec(any::<Drawn>(), 1..4)), 1..3)),
        8,
    )) {
        let mut requests = Vec::new();
        let mut expected: Vec<Vec<String>> = Vec::new();
        for (object, outer, parts) in &drawn {
            let mut query = Query { group: group(*outer), ..Query::new(PATHS[*object].0) };
            let mut naive: Vec<(bool, Vec<(Condition, bool)>)> = Vec::new();
            for (inner, conditions) in parts {
                let conditions: Vec<_> = conditions.iter().map(|drawn| condition(*object, drawn)).collect();
                let plain = conditions.iter().map(|(condition, _)| condition.clone()).collect();
                query.conditions.push(Conditions { group: group(*inner), conditions: plain });
                naive.push((*inner, conditions));
            }
            requests.push(("Library", Request::of(query)));
            let all_or_any = |all: bool, results: Vec<bool>| if all { results.iter().all(|r| *r) } else { results.iter().any(|r| *r) };
            let wanted = |known: &&Known| {
                let parts = naive.iter().map(|(inner, conditions)| {
                    all_or_any(*inner, conditions.iter().map(|(condition, number)| holds(known, condition, *number)).collect())
                });
                all_or_any(*outer, parts.collect())
            };
            expected.push(all(*object).iter().filter(wanted).map(|known| known.xml.clone()).collect());
        }
        let answers = ask_all(config(&cedar_ridge()), &requests);
        for ((answer, expected), (_, request)) in answers.iter().zip(&expected).zip(&requests) {
            prop_assert_eq!(answer.error(), None);
            prop_assert_eq!(&answer.items(), expected, "{:?}", request.question);
        }
    }
}

/// The conditions that lead to students do: of a source whose other students cannot be mapped nobody hears.
#[test]
fn a_condition_that_names_a_student_maps_nobody_else() {
    let ref_id = values(&all(0)[3], "@RefId").remove(0);
    let local_id = values(&all(0)[3], "LocalId").remove(0);
    for (object, path, value) in [
        ("StudentPersonal", "@RefId", &ref_id),
        ("StudentPersonal", "LocalId", &local_id),
        ("StudentSchoolEnrollment", "@StudentPersonalRefId", &ref_id),
        ("StudentParticipation", "@StudentPersonalRefId", &ref_id),
        ("StudentDemographicRecord", "@SIF_RefId", &ref_id),
    ] {
        let asked = crate::support::answer::such_that(object, &format!("{path} EQ {value}"));
        let (answer, everything) = {
            let all = crate::support::answer::all_of(object);
            let mut answers = ask_all(config(&cedar_ridge()), &[("Library", asked)]);
            let whole = ask_all(config(&cedar_ridge()), &[("Library", all)]).remove(0);
            (answers.remove(0), whole)
        };
        let wanted: Vec<String> = everything.items().into_iter().filter(|item| item.contains(value.as_str())).collect();
        assert_eq!(answer.items(), wanted, "{object}/{path}");
        // Problems of other students would be told if they were mapped.
        let told = |answer: &crate::support::answer::Answer| answer.events.len();
        assert!(told(&answer) < told(&everything) || told(&everything) == 0, "{object}/{path}");
    }
}
