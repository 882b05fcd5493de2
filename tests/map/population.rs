//! Facts of the whole population: the same places whatever part of the district is mapped, by however many threads.

use std::path::{Path, PathBuf};

use crate::support::{District, assert_same, copy_rulebook, edit, element, instances, outputs, run, sifter};

/// The rulebook, changed so that a student's state identifier says: place, size, school, grade, weighted GPA.
fn rulebook(folder: &Path) -> String {
    let book = folder.join("book");
    copy_rulebook(&book);
    edit(
        &book.join("objects/StudentPersonal.yaml"),
        "StateProvinceId: { is: O, from: student.state_id, rows: [R449] }",
        "StateProvinceId: { is: O, rule: true, rows: [R449] }",
    );
    let rule = "\
//! StudentPersonal/StateProvinceId
//!
//! Reports: where the student stands
//! Source:  this test
//! Inputs:  student.class_rank, student.class_size and what they are made of
//! Absent:  when the student is not ranked
fn value(student) {
    let rank = student.class_rank;
    let size = student.class_size;
    let enrollment = student.current_enrollment;
    let gpa = student.weighted_gpa_uncapped;
    if rank == () || size == () || enrollment == () || gpa == () {
        return ();
    }
    to_text(rank) + \" \" + to_text(size) + \" \" + to_text(enrollment.calendar.school_id) + \" \" + enrollment.sif_grade + \" \" + to_text(gpa)
}
";
    let file = book.join("rules/StudentPersonal/StateProvinceId.rhai");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, rule).unwrap();
    book.display().to_string()
}

/// A district of several batches, mapped with these arguments.
struct Mapped {
    folder: tempfile::TempDir,
    district: District,
    book: String,
}

impl Mapped {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let district = District::generated(&folder.path().join("district"), 1200, 11);
        let book = rulebook(folder.path());
        Self { folder, district, book }
    }

    fn map(&self, name: &str, more: &[&str]) -> PathBuf {
        let out = self.folder.path().join(name);
        let arguments = [&["--rulebook", &self.book, "--objects", "StudentPersonal"], more].concat();
        let mapped = self.district.map(&out, &arguments).says(&["first pass over all 1200 students"]);
        // Generated data has its flaws, which a run may find.
        assert!(mapped.code <= 1, "{}", mapped.stderr);
        out
    }
}

/// What the state identifiers say: place, size, group, weighted GPA.
fn places(out: &Path) -> Vec<(usize, usize, String, String)> {
    let read = |instance: &String| {
        let words: Vec<String> = element(instance, "StateProvinceId")?.split(' ').map(str::to_owned).collect();
        let [rank, size, school, grade, gpa] = &words[..] else { panic!("{words:?}") };
        Some((rank.parse().unwrap(), size.parse().unwrap(), format!("{school} {grade}"), gpa.clone()))
    };
    instances(out, "StudentPersonal").iter().filter_map(read).collect()
}

#[test]
fn places_follow_the_weighted_gpa_within_school_and_grade() {
    let district = Mapped::new();
    let places = places(&district.map("whole", &[]));
    let groups: std::collections::BTreeSet<&String> = places.iter().map(|(_, _, group, _)| group).collect();
    assert!(places.len() > 100 && groups.len() > 3, "{} ranked in {} groups", places.len(), groups.len());
    let number = |text: &str| -> f64 { text.parse().unwrap() };
    for (rank, size, group, gpa) in &places {
        let of_group = || places.iter().filter(|(_, _, other, _)| other == group);
        let better = of_group().filter(|(_, _, _, other)| other != gpa && number(other) > number(gpa)).count();
        assert_eq!((*rank, *size), (better + 1, of_group().count()), "{group} {gpa}");
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let district = Mapped::new();
    let one = district.map("one", &["--jobs", "1"]);
    for jobs in ["2", "5"] {
        assert_same(&one, &district.map(jobs, &["--jobs", jobs]));
    }
}

#[test]
fn a_shard_and_a_student_alone_stand_where_they_stand_among_all() {
    let district = Mapped::new();
    let whole = instances(&district.map("whole", &[]), "StudentPersonal");
    let mut shards: Vec<String> = Vec::new();
    for part in 1..=3 {
        let out = district.map(&format!("part {part}"), &["--shard", &format!("{part}/3")]);
        shards.extend(instances(&out, "StudentPersonal"));
    }
    let mut sorted = whole.clone();
    sorted.sort();
    shards.sort();
    assert!(shards == sorted, "the shards differ from the whole");
    let student = whole.iter().find(|instance| instance.contains("<StateProvinceId>")).unwrap();
    let number = element(student, "LocalId").unwrap();
    let table = std::fs::read_to_string(district.folder.path().join("district/person.csv")).unwrap();
    let (header, rows) = table.split_once('\n').unwrap();
    let at = |name: &str| header.trim_end().split(',').position(|column| column == name).unwrap();
    let (key, local) = (at("personID"), at("studentNumber"));
    let row = rows.lines().find(|row| row.split(',').nth(local) == Some(number)).unwrap();
    let alone = district.map("alone", &["--students", row.split(',').nth(key).unwrap()]);
    assert_eq!(instances(&alone, "StudentPersonal"), std::slice::from_ref(student));
}

#[test]
fn explain_says_where_a_student_stands_and_why() {
    let district = Mapped::new();
    let whole = instances(&district.map("whole", &[]), "StudentPersonal");
    let student = whole.iter().find(|instance| instance.contains("<StateProvinceId>")).unwrap();
    let id = crate::support::attribute(student, "RefId").unwrap();
    let (source, zone) = (&district.district.source, district.district.zone.display().to_string());
    let arguments = ["explain", "StudentPersonal", id, "StateProvinceId", "--source", source, "--zone", &zone];
    let shown = sifter(&[&arguments[..], &["--as-of", "2026-02-02", "--rulebook", &district.book]].concat()).ends(0);
    let words: Vec<&str> = element(student, "StateProvinceId").unwrap().split(' ').collect();
    let place = format!("among all students: place {} of {} in the group", words[0], words[1]);
    for text in
        ["student.class_rank = ", &place, "student.weighted_gpa_uncapped = ", "student.in_academic_record = true"]
    {
        assert!(shown.stdout.contains(text), "nothing says {text:?} in: {}", shown.stdout);
    }
}

#[test]
fn who_needs_no_place_pays_for_none() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let arguments = ["--objects", "StudentPersonal"];
    let seen = run(District::cedar_ridge().command(&arguments).arg("--out").arg(&out)).ends(0);
    assert!(!seen.stderr.contains("first pass"), "{}", seen.stderr);
    assert!(outputs(&out).contains_key("StudentPersonal.xml"));
}
