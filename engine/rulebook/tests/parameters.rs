//! A file of parameters is read by its name, so that name may mean nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use support::{RULE, rule, small, wrong};

const MOST: &str = "most:\n  doc: x\n  type: int\n  values:\n    2000-07-01: { value: 10, cite: x }\n";

#[test]
fn a_name_that_means_something_else_is_refused_and_sound_rules_stay_sound() {
    for (name, why) in [
        ("student", "`student` is an entity of objects/graph.yaml"),
        ("enrollment", "`enrollment` is an entity of objects/graph.yaml"),
        ("zone", "`zone` is the zone's options"),
        ("as_of", "`as_of` is the date of the run"),
    ] {
        let path = format!("rules/parameters/{name}.yaml");
        let mut files = small("");
        let body =
            "    let enrollment = student.enrollments;\n    zone.school_year + count(enrollment) + year_of(as_of)";
        files.insert(RULE.to_owned(), rule("student.days", "student, as_of, zone", body));
        files.insert(path.clone(), MOST.to_owned());
        let expected = format!(
            "P101 {path}:1:1 {why}, so rules could not read these parameters; give the file another name, such as rules/parameters/{name}_limits.yaml"
        );
        assert_eq!(wrong(files), [expected]);
    }
}

#[test]
fn the_entity_is_shown_beside_it() {
    let mut files = small("    1");
    files.insert("rules/parameters/student.yaml".to_owned(), MOST.to_owned());
    let book = rulebook::Rulebook::new(files);
    let (place, shows) = &book.problems[0].related[0];
    assert_eq!((place.to_string().as_str(), shows.as_str()), ("objects/graph.yaml:2:3", "declared here"));
}

#[test]
fn any_other_name_is_right() {
    let mut files = small("");
    files.insert(RULE.to_owned(), rule("student.days", "limits", "    limits.most"));
    files.insert("rules/parameters/limits.yaml".to_owned(), MOST.to_owned());
    assert_eq!(wrong(files), [""; 0]);
}
