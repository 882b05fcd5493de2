//! What the zone's options do.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::support::table::set_cell;
use crate::support::{District, attribute, edit, instances};

/// Maps Cedar Ridge with edits of its zone file.
fn map_with(folder: &Path, name: &str, edits: &[(&str, &str)]) -> PathBuf {
    let district = District::cedar_ridge_copy(&folder.join(format!("{name}-district")));
    for (from, to) in edits {
        edit(&district.zone, from, to);
    }
    map(&district, folder, name)
}

fn map(district: &District, folder: &Path, name: &str) -> PathBuf {
    let out = folder.join(name);
    district.map(&out, &[]).ends(0);
    out
}

fn has(out: &Path, object: &str, text: &str) -> bool {
    instances(out, object).iter().any(|instance| instance.contains(text))
}

/// A GUID as a RefId.
fn ref_id(guid: &str) -> String {
    guid.replace('-', "").to_uppercase()
}

#[test]
fn years_stand_one_after_the_other_and_each_ref_id_is_sent_once() {
    let folder = tempfile::tempdir().unwrap();
    let out = map_with(folder.path(), "both", &[("[2026]", "[2025, 2026]")]);
    let years: Vec<u32> = instances(&out, "StudentSchoolEnrollment")
        .iter()
        .map(|instance| attribute(instance, "SchoolYear").unwrap().parse().unwrap())
        .collect();
    assert!(years.is_sorted(), "{years:?}");
    assert_eq!((years.first(), years.last()), (Some(&2025), Some(&2026)));
    for object in ["SchoolInfo", "StudentPersonal", "StudentSchoolEnrollment"] {
        let found = instances(&out, object);
        let ids: HashSet<&str> = found.iter().map(|instance| attribute(instance, "RefId").unwrap()).collect();
        assert_eq!(ids.len(), found.len(), "{object} holds a RefId twice");
    }
}

#[test]
fn social_security_numbers_are_sent_only_when_the_zone_asks_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::cedar_ridge_copy(&folder.path().join("district"));
    let mut identities = crate::support::table::Table::read(&folder.path().join("district"), "identity");
    let column = identities.column("ssn");
    identities.row("personID", "1001")[column] = b"900123456".to_vec();
    identities.write();
    assert!(!has(&map(&district, folder.path(), "off"), "StudentPersonal", "900123456"));
    edit(&district.zone, "publish_ssn: false", "publish_ssn: true");
    assert!(has(&map(&district, folder.path(), "on"), "StudentPersonal", "900123456"));
}

#[test]
fn empty_elements_can_be_stripped() {
    let folder = tempfile::tempdir().unwrap();
    let out = map_with(folder.path(), "kept", &[]);
    let empty = |out: &Path| {
        ["StudentPersonal", "StudentSchoolEnrollment", "SchoolInfo"]
            .iter()
            .flat_map(|object| instances(out, object))
            .map(|instance| instance.matches("/>").count() + instance.matches("></").count())
            .sum::<usize>()
    };
    assert!(empty(&out) > 0, "some element is sent empty");
    let stripped =
        map_with(folder.path(), "stripped", &[("strip_empty_elements: false", "strip_empty_elements: true")]);
    assert!(empty(&stripped) < empty(&out));
}

#[test]
fn an_excluded_calendar_takes_its_enrollments_out() {
    let folder = tempfile::tempdir().unwrap();
    let enrollment = ref_id("144b579a-6847-5441-89d0-a9b282ff1835");
    assert!(has(&map_with(folder.path(), "all", &[]), "StudentSchoolEnrollment", &enrollment));
    let out = map_with(folder.path(), "less", &[("excluded_calendars: []", "excluded_calendars: [1]")]);
    assert!(!has(&out, "StudentSchoolEnrollment", &enrollment));
}

#[test]
fn each_switch_takes_out_the_enrollment_that_it_names() {
    let folder = tempfile::tempdir().unwrap();
    let all = map_with(folder.path(), "all", &[]);
    // No-show 1008, excluded from state reports 1009, not Primary 1017.
    for (switch, guid) in [
        ("exclude_no_show", "efc7624c-659e-59d0-af79-ab29f8481d51"),
        ("exclude_state_exclude", "74526c5d-0806-5af1-9d4f-7dbeb1196f06"),
        ("exclude_non_primary", "b11bb05d-5c7b-5b09-a936-c9fc9ecb7655"),
    ] {
        assert!(has(&all, "StudentSchoolEnrollment", &ref_id(guid)), "{switch} has something to take out");
        let out = map_with(folder.path(), switch, &[(&format!("{switch}: false"), &format!("{switch}: true"))]);
        assert!(!has(&out, "StudentSchoolEnrollment", &ref_id(guid)), "{switch}");
    }
}

#[test]
fn a_school_without_a_calendar_is_sent_unless_the_zone_says_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::cedar_ridge_copy(&folder.path().join("district"));
    // The middle school's only calendar becomes one of another year.
    set_cell(&folder.path().join("district"), "calendar", "2", "endYear", "2024");
    assert_eq!(instances(&map(&district, folder.path(), "with"), "SchoolInfo").len(), 3);
    edit(&district.zone, "exclude_schools_without_calendar: false", "exclude_schools_without_calendar: true");
    assert_eq!(instances(&map(&district, folder.path(), "without"), "SchoolInfo").len(), 2);
}
