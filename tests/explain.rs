//! `sifter explain`, from the outside: what it says is what `map` sends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::path::Path;
use std::sync::Arc;

use support::{District, Run, instances, problems, sifter, workspace};

/// Explains an instance of a copy of Cedar Ridge, or of Cedar Ridge itself.
fn explain(district: &District, arguments: &[&str]) -> Run {
    let zone = district.zone.display().to_string();
    let mut all = vec!["explain"];
    all.extend(arguments);
    all.extend(["--source", &district.source, "--zone", &zone, "--as-of", &district.as_of]);
    sifter(&all)
}

/// The values that explain says are sent, in order.
fn explained(text: &str) -> Vec<String> {
    let values = text.lines().filter(|line| line.starts_with("  ") && !line.contains("is left out"));
    values
        .filter_map(|line| {
            let (_, rest) = line.split_once(" = \"")?;
            Some(rest.rsplit_once("\"   [")?.0.to_owned())
        })
        .collect()
}

/// The values of an instance, in order: the attributes of each element, then its text.
fn sent(instance: &str) -> Vec<String> {
    fn walk(element: sif::tree::Element<'_>, values: &mut Vec<String>) {
        values.extend(element.attributes().map(|(_, value)| value.to_owned()));
        let mut children = element.children().peekable();
        if children.peek().is_none() && !element.text().is_empty() {
            values.push(element.text().into_owned());
        }
        children.for_each(|child| walk(child, values));
    }
    let whole = format!(
        "<SIF_ObjectData xmlns=\"{}\" xmlns:xsi=\"{}\">{instance}</SIF_ObjectData>",
        sif::NAMESPACE,
        sif::INSTANCE_NAMESPACE
    );
    let tree = sif::xml::read::read(whole.as_bytes(), &Arc::new(sif::tree::Names::new())).unwrap();
    let mut values = Vec::new();
    tree.root().unwrap().children().for_each(|child| walk(child, &mut values));
    values
}

/// The RefId that the row of a table gives.
fn ref_id(table: &str, key: &str) -> String {
    let file = if table == "incident" { "behaviorIncident" } else { table };
    let mut rows = support::table::Table::read(&workspace().join("examples/cedar-ridge"), file);
    let guid = rows.column(&format!("{table}GUID"));
    String::from_utf8(rows.row(&format!("{table}ID"), key)[guid].clone()).unwrap().replace('-', "").to_uppercase()
}

/// The instance of an object that is the row's.
fn instance(out: &Path, object: &str, table: &str, key: &str) -> String {
    // Its own RefId, or that of the student whom it is about.
    let named = format!("RefId=\"{}\"", ref_id(table, key));
    let is_named = |instance: &String| instance.split_once('>').is_some_and(|(tag, _)| tag.contains(&named));
    let mut found = instances(out, object).into_iter().filter(is_named);
    found.next().unwrap_or_else(|| panic!("no {object} of {table} {key} is sent"))
}

#[test]
fn explain_lists_exactly_the_values_that_map_sends() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::cedar_ridge();
    district.map(folder.path(), &[]).ends(0);
    // Everybody in whose instance a part was left out, and some others.
    let mut keys: Vec<(&str, &str, String)> = vec![
        ("CalendarSummary", "calendar", "1".to_owned()),
        ("DisciplineIncident", "incident", "1".to_owned()),
        ("LEAInfo", "district", "1".to_owned()),
        ("SchoolCourseInfo", "course", "1".to_owned()),
        ("SchoolInfo", "school", "1".to_owned()),
        ("SectionInfo", "section", "1".to_owned()),
        ("StudentAcademicRecord", "person", "1047".to_owned()),
        ("StudentDemographicRecord", "person", "1029".to_owned()),
        ("StudentSectionEnrollment", "roster", "1".to_owned()),
        ("TermInfo", "term", "1".to_owned()),
        ("StudentPersonal", "person", "1029".to_owned()),
        ("StudentPersonal", "person", "1033".to_owned()),
        ("StudentSchoolEnrollment", "enrollment", "1".to_owned()),
    ];
    let left_out = problems(folder.path()).into_iter().filter(|problem| problem["code"] == "M104");
    keys.extend(left_out.map(|problem| {
        let object = match problem["object"].as_str() {
            Some("StudentPersonal") => "StudentPersonal",
            Some("StudentDemographicRecord") => "StudentDemographicRecord",
            other => panic!("a part of {other:?} is left out"),
        };
        (object, "person", problem["key"].as_str().unwrap().to_owned())
    }));
    keys.sort();
    keys.dedup();
    assert!(keys.iter().any(|(_, _, key)| key == "1030"), "a part of 1030 is left out");
    for (object, table, key) in keys {
        let run = explain(&district, &[object, &key]).ends(0);
        assert_eq!(explained(&run.stdout), sent(&instance(folder.path(), object, table, &key)), "{object} {key}");
    }
}

#[test]
fn explain_says_why_a_part_is_left_out() {
    let district = District::cedar_ridge();
    let all = explain(&district, &["StudentPersonal", "1030"]).ends(0).stdout;
    let street = all.lines().find(|line| line.contains("/Street/Line1")).unwrap();
    assert!(street.contains("is left out, because ") && street.contains("City"), "{street}");
    let path = street.split_whitespace().next().unwrap();
    let one = explain(&district, &["StudentPersonal", "1030", path]).ends(0).stdout;
    assert!(one.contains("is left out, because "), "{one}");
}

#[test]
fn an_instance_that_map_rejects_is_not_sent_by_explain() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::cedar_ridge_copy(&folder.path().join("district"));
    // The date is mandatory, and the whole instance goes with it.
    support::table::set_cell(&folder.path().join("district"), "enrollment", "1", "startDate", "2026-13-45");
    let out = folder.path().join("out");
    district.map(&out, &[]).ends(1);
    assert!(problems(&out).iter().any(|problem| problem["code"] == "M103" && problem["key"] == "1"), "it is rejected");
    let run = explain(&district, &["StudentSchoolEnrollment", "1"]).ends(1);
    assert!(run.stdout.contains("is not sent"), "{}", run.stdout);
    assert_eq!(explained(&run.stdout), Vec::<String>::new());
}

/// The instances of an object with variants, each with the label of its variant, by the table that the RefId is made of.
fn of_variants(out: &Path) -> Vec<(&'static str, String, String)> {
    let mut district = support::table::Table::read(&workspace().join("examples/cedar-ridge"), "district");
    let guid = district.column("districtGUID");
    let guid = sif::RefId::parse(&String::from_utf8(district.row("districtID", "1")[guid].clone()).unwrap()).unwrap();
    let mut named = Vec::new();
    for (variant, table) in [("S2", "plan"), ("S3", "youthProgram"), ("S4", "section504")] {
        for key in 1..100 {
            let id = sif::RefId::name_based(&guid, &format!("StudentParticipation/{table}:{key}"));
            named.push((variant, key.to_string(), id.to_string()));
        }
    }
    instances(out, "StudentParticipation")
        .into_iter()
        .map(|instance| {
            let found = named.iter().find(|(.., id)| instance.contains(&format!("RefId=\"{id}\""))).unwrap();
            (found.0, found.1.clone(), instance)
        })
        .collect()
}

#[test]
fn a_ref_id_that_is_computed_finds_its_variant() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::cedar_ridge();
    district.map(folder.path(), &["--objects", "StudentParticipation"]);
    let all = of_variants(folder.path());
    for wanted in ["S2", "S3", "S4"] {
        let (variant, key, instance) = all.iter().find(|(variant, ..)| *variant == wanted).expect("there is one");
        let id = instance.split('"').nth(1).unwrap();
        let by_id = explain(&district, &["StudentParticipation", id]).ends(0);
        assert!(by_id.stdout.starts_with(&format!("StudentParticipation/{variant} {key}, as of")), "{}", by_id.stdout);
        assert_eq!(explained(&by_id.stdout), sent(instance), "{variant} {key}");
        let by_key = explain(&district, &[&format!("StudentParticipation/{variant}"), key]).ends(0);
        assert_eq!(by_key.stdout, by_id.stdout);
    }
    explain(&district, &["StudentParticipation", &"F".repeat(32)])
        .ends(3)
        .says(&["Z102", "no StudentParticipation has"]);
}

#[test]
fn a_key_of_several_variants_asks_for_one() {
    let district = District::cedar_ridge();
    let says = "name one: `StudentParticipation/S2 1`, `StudentParticipation/S3 1`, `StudentParticipation/S4 1`";
    explain(&district, &["StudentParticipation", "1"]).ends(3).says(&["plan, youthProgram, section504", says]);
    explain(&district, &["StudentParticipation", "99999"]).ends(3).says(&["no plan, no youth_program, no section504"]);
    explain(&district, &["StudentParticipation/S5", "1"]).ends(3).says(&["did you mean StudentParticipation/S"]);
    explain(&district, &["StudentParticipation/S4", "1", "Autsm"]).ends(3).says(&["did you mean Autism?"]);
}
