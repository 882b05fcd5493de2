//! What cannot be run at all: code 3, and a message that helps.

use std::path::Path;

use crate::support::{District, edit};

fn out() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn from(source: &str) -> District {
    District { source: source.to_owned(), ..District::cedar_ridge() }
}

#[test]
fn an_unknown_object_is_answered_with_the_nearest_one() {
    let run = District::cedar_ridge().map(out().path(), &["--objects", "StudentPersonel"]);
    run.ends(3).says(&["StudentPersonel", "did you mean StudentPersonal?"]);
}

#[test]
fn several_objects_do_not_go_to_standard_output() {
    crate::support::run(&mut District::cedar_ridge().command(&[])).ends(3).says(&["--objects", "--out"]);
}

#[test]
fn a_wrong_zone_key_is_shown_with_its_line_and_the_right_key() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::cedar_ridge_copy(folder.path());
    edit(&district.zone, "publish_ssn", "publish_snn");
    let run = district.map(out().path(), &[]);
    run.ends(3).says(&["zone.yaml:9:1", "publish_snn: false", "^^^^^^^^^^^", "did you mean `publish_ssn`?"]);
}

#[test]
fn a_zone_file_that_is_missing_is_named() {
    let district = District { zone: Path::new("/nowhere/zone.yaml").to_owned(), ..District::cedar_ridge() };
    district.map(out().path(), &[]).ends(3).says(&["/nowhere/zone.yaml"]);
}

#[test]
fn a_source_that_is_missing_is_named() {
    from("csv:/nowhere").map(out().path(), &[]).ends(3).says(&["S101", "/nowhere"]);
    from("sqlite:/nowhere/sis.db").map(out().path(), &[]).ends(3).says(&["S101", "/nowhere/sis.db"]);
    from("postgres://root@127.0.0.1:1/sis").map(out().path(), &[]).ends(3).says(&["S101"]);
}

#[test]
fn a_wrong_kind_of_source_is_answered_with_the_right_one() {
    from("sqlit:sis.db").map(out().path(), &[]).ends(3).says(&["S101", "did you mean `sqlite`?"]);
    from("sis.db").map(out().path(), &[]).ends(3).says(&["S101", "sqlite:PATH"]);
}

#[test]
fn a_column_that_the_rules_read_and_the_source_lacks_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::cedar_ridge_copy(folder.path());
    edit(&folder.path().join("enrollment.csv"), ",startDate,", ",beginDate,");
    district.map(out().path(), &[]).ends(3).says(&["S201", "enrollment", "startDate"]);
}

#[test]
fn a_folder_without_enrollments_has_no_students_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::cedar_ridge_copy(folder.path());
    std::fs::remove_file(folder.path().join("enrollment.csv")).unwrap();
    let out = out();
    district.map(out.path(), &[]).ends(3).says(&["error[S201]", "enrollment.csv"]);
    assert!(!out.path().join("StudentPersonal.xml").exists(), "nothing is written");
    // The students come from it, whatever object is asked for.
    district.map(out.path(), &["--objects", "StudentPersonal"]).ends(3).says(&["error[S201]", "enrollment.csv"]);
}

#[test]
fn a_folder_without_the_table_of_an_object_cannot_give_that_object() {
    for (file, object) in [("school.csv", "SchoolInfo"), ("person.csv", "StudentPersonal")] {
        let folder = tempfile::tempdir().unwrap();
        let district = District::cedar_ridge_copy(folder.path());
        std::fs::remove_file(folder.path().join(file)).unwrap();
        district.map(out().path(), &["--objects", object]).ends(3).says(&["error[S201]", file]);
    }
}

#[test]
fn a_folder_may_lack_every_other_table_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let district = District::cedar_ridge_copy(folder.path());
    std::fs::remove_file(folder.path().join("mesa.csv")).unwrap();
    district.map(out().path(), &[]).ends(0).says(&["info[S202]", "mesa.csv"]);
    // Schools need no students.
    std::fs::remove_file(folder.path().join("person.csv")).unwrap();
    std::fs::remove_file(folder.path().join("enrollment.csv")).unwrap();
    district.map(out().path(), &["--objects", "SchoolInfo"]).ends(0);
}

#[test]
fn a_shard_that_is_none_is_refused() {
    District::cedar_ridge().map(out().path(), &["--shard", "4/3"]).ends(3).says(&["1/3"]);
}

#[test]
fn an_output_that_cannot_be_written_has_a_code_of_its_own() {
    let district = District::cedar_ridge();
    let folder = out();
    // The folder is a file; a file of it is a folder.
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    district.map(&file, &[]).ends(3).says(&["error[O101]"]);
    let taken = folder.path().join("out");
    std::fs::create_dir_all(taken.join("SchoolInfo.xml").join("inside")).unwrap();
    district.map(&taken, &[]).ends(3).says(&["error[O101]"]);
    // Standard output that is full.
    if let Ok(full) = std::fs::File::options().write(true).open("/dev/full") {
        let mut command = district.command(&["--objects", "SchoolInfo"]);
        let run = command.stdout(full).output().unwrap();
        let told = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.code() == Some(3) && told.contains("error[O101]"), "{told}");
    }
    for url in ["csv:", "sqlite:"].map(|kind| format!("{kind}{}", taken.display())) {
        crate::support::sifter(&["generate", "--students", "1", "--out", &url]).ends(3).says(&["error[O101]"]);
    }
    let man = file.display().to_string();
    crate::support::sifter(&["man", "--out", &man]).ends(3).says(&["error[O101]"]);
}
