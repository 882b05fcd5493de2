//! An object with variants: one plan for each, under one name.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use rulebook::{Files, Rulebook};
use support::small;

/// The small rulebook with an object of two variants over students, whose files are these.
fn with(variants: &str) -> Files {
    let mut files = small("    1");
    let head = "object: StudentParticipation\nevents: true\nkey: [\"@RefId\"]\nvariants:\n";
    files.insert("objects/StudentParticipation.yaml".to_owned(), format!("{head}{variants}"));
    files
}

const ELEMENTS: &str = "    of: student\n    elements:\n      \"@RefId\": { is: M, const: \"11111111222253338444000000000002\" }\n      \"@StudentPersonalRefId\": { is: M, const: \"11111111222253338444000000000001\" }\n      StudentParticipationAsOfDate: { is: M, from: as_of }\n      ProgramType: { is: M }\n      ProgramType/Code: { is: M, const: \"0270\" }\n";

#[test]
fn each_variant_is_a_plan_of_its_own_under_the_name_of_the_object() {
    let book = Rulebook::new(with(&format!("  A:\n{ELEMENTS}  B:\n{ELEMENTS}")));
    let plan = book.plan.unwrap();
    let labels: Vec<&str> = plan.labels().filter(|label| label.starts_with("StudentParticipation")).collect();
    assert_eq!(labels, ["StudentParticipation/A", "StudentParticipation/B"]);
    let variants = plan.variants("StudentParticipation");
    assert_eq!(variants.iter().map(|variant| variant.variant.as_deref()).collect::<Vec<_>>(), [Some("A"), Some("B")]);
    assert_eq!(plan.object_names().iter().filter(|name| ****name == *"StudentParticipation").count(), 1);
    assert!(plan.object("StudentParticipation").is_none(), "which variant is not said");
    for (name, label, path) in [
        ("StudentParticipation/B", "StudentParticipation/B", ""),
        ("StudentParticipation/B/ProgramType/Code", "StudentParticipation/B", "ProgramType/Code"),
    ] {
        let (object, rest) = plan.object_and_path(name).unwrap();
        assert_eq!((&*object.label, rest), (label, path));
    }
    for name in ["StudentParticipation", "StudentParticipation/C", "StudentParticipation/ProgramType", ""] {
        assert!(plan.object_and_path(name).is_none(), "{name}");
    }
}

#[test]
fn a_rule_of_a_variant_stands_in_its_folder() {
    let rule = support::rule("StudentParticipation/B/ProgramExitDate", "as_of", "    as_of");
    let mut files = with(&format!("  A:\n{ELEMENTS}  B:\n{ELEMENTS}      ProgramExitDate: {{ is: O, rule: true }}\n"));
    files.insert("rules/StudentParticipation/B/ProgramExitDate.rhai".to_owned(), rule);
    assert_eq!(support::wrong(files.clone()), [""; 0]);
    // In the folder of the object it would belong to no variant.
    let rule = files.remove("rules/StudentParticipation/B/ProgramExitDate.rhai").unwrap();
    files.insert("rules/StudentParticipation/ProgramExitDate.rhai".to_owned(), rule);
    let found = support::wrong(files);
    assert!(found.iter().any(|problem| problem.starts_with("R110 objects/StudentParticipation.yaml")), "{found:?}");
}
