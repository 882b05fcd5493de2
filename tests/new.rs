//! `sifter new`: what it begins checks and passes as it is, and stands where it belongs.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::path::Path;

use support::{Run, copy_rulebook, program, run};

fn sifter_in(folder: &Path, arguments: &[&str]) -> Run {
    run(program().args(arguments).arg("--rulebook").arg(folder))
}

fn text(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join(path)).unwrap()
}

/// The line before the first line with this text, and the one after.
fn around(text: &str, line: &str) -> (String, String) {
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|other| other.contains(line)).unwrap();
    (lines[at - 1].to_owned(), lines[at + 1].to_owned())
}

fn checks_and_passes(folder: &Path, fixture: &str) {
    sifter_in(folder, &["check"]).ends(0);
    let tested = sifter_in(folder, &["test", &folder.join(fixture).display().to_string()]).ends(0);
    assert!(tested.stdout.contains("1 passed, 0 failed"), "{}", tested.stdout);
}

#[test]
fn a_rule_of_the_extension_is_begun() {
    let folder = tempfile::tempdir().unwrap();
    copy_rulebook(folder.path());
    let begun = sifter_in(folder.path(), &["new", "rule", "StudentPersonal/UTExtensions/BusRider"]).ends(0);
    for path in [
        "changed: objects/StudentPersonal.yaml",
        "written: rules/StudentPersonal/UTExtensions/BusRider.rhai",
        "written: tests/rules/StudentPersonal/UTExtensions/BusRider.yaml",
    ] {
        assert!(begun.stdout.contains(path), "{}", begun.stdout);
    }
    let (before, _) = around(&format!("{}\n", text(folder.path(), "objects/StudentPersonal.yaml") + "end"), "BusRider");
    assert!(before.contains("GeoCode"), "the last element of the extension stands before it: {before}");
    let rule = text(folder.path(), "rules/StudentPersonal/UTExtensions/BusRider.rhai");
    assert!(rule.contains("//! StudentPersonal/UTExtensions/BusRider\n"), "{rule}");
    assert!(rule.contains("student relations:") && rule.contains("enrollments ([enrollment])"), "{rule}");
    checks_and_passes(folder.path(), "tests/rules/StudentPersonal/UTExtensions/BusRider.yaml");
}

#[test]
fn a_rule_of_the_schema_stands_in_schema_order_with_what_it_stands_in() {
    let folder = tempfile::tempdir().unwrap();
    copy_rulebook(folder.path());
    sifter_in(
        folder.path(),
        &["new", "rule", "StudentPersonal/Demographics/CountriesOfCitizenship/CountryOfCitizenship"],
    )
    .ends(0);
    let object = text(folder.path(), "objects/StudentPersonal.yaml");
    let (before, after) = around(&object, "  Demographics/CountriesOfCitizenship: { is: O }");
    assert!(before.contains("Demographics/") && after.contains("CountryOfCitizenship: { is:"), "{before}\n{after}");
    let rule =
        text(folder.path(), "rules/StudentPersonal/Demographics/CountriesOfCitizenship/CountryOfCitizenship.rhai");
    assert!(rule.contains("codes of"), "the header names the code set: {rule}");
    sifter_in(folder.path(), &["check"]).ends(0);
}

#[test]
fn a_fact_is_begun() {
    let folder = tempfile::tempdir().unwrap();
    copy_rulebook(folder.path());
    for (name, ty) in [("student.is_senior", "bool"), ("room.wing", "text?")] {
        sifter_in(folder.path(), &["new", "fact", name, "--type", ty]).ends(0);
        checks_and_passes(folder.path(), &format!("tests/rules/facts/{}.yaml", name.replace('.', "/")));
    }
    sifter_in(folder.path(), &["new", "fact", "student.is_senior"])
        .ends(1)
        .says(&["G104", "has a `is_senior` already"]);
}

#[test]
fn a_place_among_all_students_is_begun() {
    let folder = tempfile::tempdir().unwrap();
    copy_rulebook(folder.path());
    let of = "count(student.enrollments)";
    sifter_in(folder.path(), &["new", "fact", "student.place", "--rank", of]).ends(0);
    checks_and_passes(folder.path(), "tests/rules/facts/student/place.yaml");
    assert!(text(folder.path(), "objects/graph.yaml").contains(&format!("of: \"{of}\"")));
    sifter_in(folder.path(), &["new", "fact", "school.place", "--rank", "school.school_id"]).ends(1).says(&["Y105"]);
    sifter_in(folder.path(), &["new", "fact", "student.other", "--rank", "student.nothing"]).ends(1).says(&["G103"]);
}

#[test]
fn a_fixture_of_what_is_there_is_begun() {
    let folder = tempfile::tempdir().unwrap();
    copy_rulebook(folder.path());
    sifter_in(folder.path(), &["new", "fixture", "student.military_child"]).ends(0);
    checks_and_passes(folder.path(), "tests/rules/facts/student/military_child.yaml");
}

#[test]
fn what_cannot_be_begun_says_why_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    copy_rulebook(folder.path());
    let before = text(folder.path(), "objects/StudentPersonal.yaml");
    for (path, says) in [
        ("StudentPersonal/Demographics/Gendr", "did you mean `Demographics/Gender`?"),
        ("StudentPersonal/Demographics/Gender", "the element gets its value by `from` already"),
        ("StudentPersonal/UTExtensions/LimitedEnglish", "the element has its rule already"),
        ("StudentPersonal/Demographics", "the element holds others"),
        ("StudentPersonl/Name", "did you mean"),
        ("StudentPersonal/UTExtensions/Not a name", "is no name of an element"),
    ] {
        sifter_in(folder.path(), &["new", "rule", path]).ends(1).says(&[says, "nothing was written"]);
    }
    assert_eq!(text(folder.path(), "objects/StudentPersonal.yaml"), before);
    assert!(!folder.path().join("tests").exists());
}

#[test]
fn a_rule_of_a_variant_stands_in_that_variant() {
    let folder = tempfile::tempdir().unwrap();
    copy_rulebook(folder.path());
    let new = |path: &str| sifter_in(folder.path(), &["new", "rule", path]);
    new("StudentParticipation/S3/ProgramPlanDate").ends(0);
    new("StudentParticipation/S4/UTExtensions/PlanOnPaper").ends(0);
    let object = text(folder.path(), "objects/StudentParticipation.yaml");
    let (before, after) = around(&object, "      ProgramPlanDate: { is: O, rule: true }");
    assert!(before.contains("omitted:") && after.contains("youth_program.start_date"), "{before}\n{after}");
    let (before, _) = around(&format!("{object}end"), "      PlanOnPaper: { rule: true }");
    assert!(before.contains("OtherImpairment"), "{before}");
    let rule = text(folder.path(), "rules/StudentParticipation/S3/ProgramPlanDate.rhai");
    assert!(
        rule.contains("//! StudentParticipation/S3/ProgramPlanDate\n") && rule.contains("value(youth_program)"),
        "{rule}"
    );
    checks_and_passes(folder.path(), "tests/rules/StudentParticipation/S3/ProgramPlanDate.yaml");
    checks_and_passes(folder.path(), "tests/rules/StudentParticipation/S4/UTExtensions/PlanOnPaper.yaml");
    for (path, says) in [
        ("StudentParticipation/ProgramPlanDate", "one of S2, S3, S4"),
        ("StudentParticipation/S1/ProgramPlanDate", "did you mean `S2`?"),
        ("StudentParticipation/S2/ProgramExitDat", "did you mean `ProgramExitDate`?"),
    ] {
        new(path).ends(1).says(&[says, "nothing was written"]);
    }
}
