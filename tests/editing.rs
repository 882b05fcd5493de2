//! Analysts edit; nothing is built. A right edit changes the next run, a wrong one is shown where it stands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::path::{Path, PathBuf};

use support::{District, copy_rulebook, edit, element, instance_with, instances, sifter};

/// Persons of Cedar Ridge, each with what the tests need.
const TEN_DAYS: &str = "1018";
const TITLE1: &str = "1038";

/// Maps Cedar Ridge by the rulebook after an edit of one of its files.
fn map_after(folder: &Path, file: &str, from: &str, to: &str) -> PathBuf {
    let book = folder.join("book");
    copy_rulebook(&book);
    edit(&book.join(file), from, to);
    let out = folder.join("edited");
    District::cedar_ridge().map(&out, &["--rulebook", &book.display().to_string()]).ends(0);
    out
}

fn map_unedited(folder: &Path) -> PathBuf {
    let out = folder.join("unedited");
    District::cedar_ridge().map(&out, &[]).ends(0);
    out
}

/// The RefId of a person.
fn ref_id(person: &str) -> String {
    let mut people = support::table::Table::read(&support::workspace().join("examples/cedar-ridge"), "person");
    let guid = people.column("personGUID");
    String::from_utf8(people.row("personID", person)[guid].clone()).unwrap().replace('-', "").to_uppercase()
}

fn count(out: &Path, object: &str, text: &str) -> usize {
    instances(out, object).iter().map(|instance| instance.matches(text).count()).sum()
}

#[test]
fn a_changed_parameter_changes_the_days_that_it_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let before = map_unedited(folder.path());
    let after = map_after(folder.path(), "rules/parameters/membership.yaml", "{ value: 10,", "{ value: 5,");
    let days = |out: &Path| -> i32 {
        let summary = instance_with(out, "StudentAttendanceSummary", &ref_id(TEN_DAYS));
        element(&summary, "DaysInMembership").unwrap().parse().unwrap()
    };
    // Ten unexcused days in a row: with a limit of five, the last five are no membership.
    assert_eq!(days(&before) - days(&after), 5);
}

#[test]
fn a_changed_rule_changes_its_element() {
    let folder = tempfile::tempdir().unwrap();
    let before = map_unedited(folder.path());
    let after = map_after(
        folder.path(),
        "rules/StudentAttendanceSummary/Resident.rhai",
        "{ \"Yes\" } else { \"No\" }",
        "{ \"No\" } else { \"Yes\" }",
    );
    let (yes, no) = ("<Resident>Yes<", "<Resident>No<");
    let object = "StudentAttendanceSummary";
    assert!(count(&before, object, yes) > 0);
    assert_eq!(count(&after, object, no), count(&before, object, yes));
    assert_eq!(count(&after, object, yes), count(&before, object, no));
}

#[test]
fn a_changed_constant_changes_its_element() {
    let folder = tempfile::tempdir().unwrap();
    let before = map_unedited(folder.path());
    let after = map_after(folder.path(), "objects/common/SchoolContact.yaml", "const: \"Yes\"", "const: \"No\"");
    assert_eq!(count(&before, "SchoolInfo", "<PublishInDirectory>Yes<"), 3);
    assert_eq!(count(&after, "SchoolInfo", "<PublishInDirectory>No<"), 3);
}

#[test]
fn a_changed_condition_of_a_fact_changes_what_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let before = map_unedited(folder.path());
    let condition = "where: title1.active_on(as_of)";
    let after = map_after(folder.path(), "objects/graph.yaml", condition, "where: \"!title1.active_on(as_of)\"");
    let title1 = |out: &Path| {
        let student = instance_with(out, "StudentPersonal", &format!("RefId=\"{}\"", ref_id(TITLE1)));
        element(&student, "Title1").unwrap().to_owned()
    };
    assert_eq!((title1(&before).as_str(), title1(&after).as_str()), ("Yes", "No"));
}

#[test]
fn a_changed_value_set_changes_the_codes_that_it_gives() {
    let folder = tempfile::tempdir().unwrap();
    let before = map_unedited(folder.path());
    let after = map_after(folder.path(), "rules/value_sets/gender.yaml", "\"M\": \"M\"", "\"M\": \"F\"");
    assert!(count(&before, "StudentPersonal", "<Gender>M<") > 0);
    assert_eq!(count(&after, "StudentPersonal", "<Gender>M<"), 0);
}

/// A mistake: what is mistyped in which file, and what the checker must say.
struct Mistake {
    file: &'static str,
    from: &'static str,
    to: &'static str,
    /// The wrong word, which the carets must stand under.
    wrong: &'static str,
    says: &'static [&'static str],
}

const MISTAKES: &[Mistake] = &[
    Mistake {
        file: "objects/graph.yaml",
        from: "number: { type: text?, column: number }\n      name: { type: text, column: name }\n      nces_district_id",
        to: "number: { type: txet?, column: number }\n      name: { type: text, column: name }\n      nces_district_id",
        wrong: "txet?",
        says: &["error[G101]", "did you mean `text`?"],
    },
    Mistake {
        file: "objects/graph.yaml",
        from: "doc: The district (LEA).",
        to: "dco: The district (LEA).",
        wrong: "dco",
        says: &["error[Y102]", "did you mean `doc`?"],
    },
    Mistake {
        file: "objects/graph.yaml",
        from: "value: left(identity.middle_name, 1)",
        to: "value: left(identity.midle_name, 1)",
        wrong: "midle_name",
        says: &["error[G103]", "did you mean `middle_name`?"],
    },
    Mistake {
        file: "objects/SchoolInfo.yaml",
        from: "  SchoolName:",
        to: "  SchoolNmae:",
        wrong: "SchoolNmae",
        says: &["error[D102]", "did you mean `SchoolName`?"],
    },
    Mistake {
        file: "objects/SchoolInfo.yaml",
        from: "from: school.name,",
        to: "form: school.name,",
        wrong: "form",
        says: &["error[Y102]", "did you mean `from`?"],
    },
    Mistake {
        file: "rules/StudentAttendanceSummary/DaysAttended.rhai",
        from: "enrollment.instructional_days - ",
        to: "enrolment.instructional_days - ",
        wrong: "enrolment",
        says: &["error[R102]", "did you mean `enrollment`?"],
    },
    Mistake {
        file: "rules/shared/membership.rhai",
        from: "    least(round_half_up(days), ",
        to: "    leats(round_half_up(days), ",
        wrong: "leats",
        says: &["error[R103]", "did you mean `least`?"],
    },
    Mistake {
        file: "rules/parameters/membership.yaml",
        from: "type: int\n  unit: days\n  values:\n    2000-07-01: { value: 10,",
        to: "type: itn\n  unit: days\n  values:\n    2000-07-01: { value: 10,",
        wrong: "itn",
        says: &["error[G101]", "did you mean `int`?"],
    },
    Mistake {
        file: "rules/value_sets/gender.yaml",
        from: "\"M\": \"M\"",
        to: "\"M\": \"Male\"",
        wrong: "\"Male\"",
        says: &["error[D106]", "GenderType"],
    },
];

/// `line:column` of the first place of a word.
fn place_of(text: &str, word: &str) -> String {
    let (before, _) = text.split_once(word).unwrap();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    format!("{line}:{column}")
}

#[test]
fn a_typing_mistake_is_shown_where_it_stands_with_the_right_name() {
    for mistake in MISTAKES {
        let folder = tempfile::tempdir().unwrap();
        copy_rulebook(folder.path());
        let file = folder.path().join(mistake.file);
        edit(&file, mistake.from, mistake.to);
        let text = std::fs::read_to_string(&file).unwrap();
        let place = format!("{}:{}", mistake.file, place_of(&text, mistake.wrong));
        let line = text.lines().find(|line| line.contains(mistake.wrong)).unwrap();
        let carets = "^".repeat(mistake.wrong.chars().count());
        let run = sifter(&["check", "--rulebook", &folder.path().display().to_string()]).ends(2);
        run.says(&[&place, line, &carets]).says(mistake.says);
    }
}

#[test]
fn facts_that_need_each_other_are_shown_as_a_circle() {
    let folder = tempfile::tempdir().unwrap();
    copy_rulebook(folder.path());
    let graph = folder.path().join("objects/graph.yaml");
    edit(&graph, "value: school.address != ()", "value: school.has_physical_address");
    edit(&graph, "value: school.physical_address != ()", "value: school.has_mailing_address");
    let run = sifter(&["check", "--rulebook", &folder.path().display().to_string()]).ends(2);
    run.says(&["error[G105]", "school.has_mailing_address → school.has_physical_address → school.has_mailing_address"]);
}

#[test]
fn a_name_declared_twice_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    copy_rulebook(folder.path());
    let relation = "rooms: { many: room, by: school_id }";
    edit(&folder.path().join("objects/graph.yaml"), relation, &relation.replace("rooms", "number"));
    let run = sifter(&["check", "--rulebook", &folder.path().display().to_string()]).ends(2);
    run.says(&["error[G104]", "number"]);
}

#[test]
fn a_mistyped_fixture_key_is_shown_with_the_right_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("full_name.yaml");
    let text = "fact: identity.full_name\nas_of: 2026-02-02\ncases:\n  - nmae: nothing entered\n    given: { identity: {} }\n    expect: absent\n";
    std::fs::write(&file, text).unwrap();
    let run = sifter(&["test", &file.display().to_string()]);
    assert!([1, 3].contains(&run.code), "{}", run.code);
    let all = format!("{}{}", run.stdout, run.stderr);
    for part in ["full_name.yaml:4:5", "did you mean `name`?"] {
        assert!(all.contains(part), "nothing says {part:?} in: {all}");
    }
}
