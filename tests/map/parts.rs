//! Parts of a district: shards, single objects, standard output.

use crate::support::{District, OBJECTS, instances};

#[test]
fn three_shards_together_hold_the_instances_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::cedar_ridge();
    let whole = folder.path().join("whole");
    district.map(&whole, &[]).ends(0);
    let shards: Vec<_> = (1..=3)
        .map(|part| {
            let out = folder.path().join(part.to_string());
            district.map(&out, &["--shard", &format!("{part}/3")]).ends(0);
            out
        })
        .collect();
    for object in OBJECTS {
        let mut expected = instances(&whole, object);
        let mut found: Vec<String> = shards.iter().flat_map(|out| instances(out, object)).collect();
        expected.sort();
        found.sort();
        assert!(expected == found, "{object} differs");
    }
}

#[test]
fn one_object_alone_equals_its_file_of_the_whole_run() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::cedar_ridge();
    let (whole, alone) = (folder.path().join("whole"), folder.path().join("alone"));
    district.map(&whole, &[]).ends(0);
    for object in OBJECTS {
        let expected = std::fs::read(whole.join(format!("{object}.xml"))).unwrap();
        let printed = district.command(&["--objects", object]).output().unwrap().stdout;
        assert!(printed == expected, "{object} on standard output differs");
    }
    district.map(&alone, &["--objects", "SchoolInfo,StudentPersonal"]).ends(0);
    for object in ["SchoolInfo", "StudentPersonal"] {
        let file = format!("{object}.xml");
        assert!(
            std::fs::read(alone.join(&file)).unwrap() == std::fs::read(whole.join(&file)).unwrap(),
            "{file} differs"
        );
    }
    assert!(!alone.join("StudentSchoolEnrollment.xml").exists());
}

#[test]
fn students_can_be_named() {
    let out = tempfile::tempdir().unwrap();
    District::cedar_ridge().map(out.path(), &["--students", "1001,1002"]).ends(0);
    assert_eq!(instances(out.path(), "StudentPersonal").len(), 2);
}
