//! Grades: a mean lies between what it is made of, and ranks follow the values.

use std::collections::HashMap;
use std::path::Path;

use proptest::prelude::*;

use crate::few;
use crate::support::table::Table;
use crate::support::{District, attribute, element, instances};

/// A course of a transcript, as far as GPAs read it.
struct Course {
    unweighted: Option<f64>,
    weighted: Option<f64>,
}

/// The courses with a weight, by the GUID of their student.
fn courses(folder: &Path) -> HashMap<String, Vec<Course>> {
    let people = Table::read(folder, "person");
    let text = |row: &[Vec<u8>], at: usize| String::from_utf8(row[at].clone()).unwrap();
    let (id, guid) = (people.column("personID"), people.column("personGUID"));
    let guids: HashMap<String, String> =
        people.rows.iter().map(|row| (text(row, id), text(row, guid).replace('-', "").to_uppercase())).collect();
    let transcript = Table::read(folder, "transcriptCourse");
    let number = |row: &[Vec<u8>], name: &str| text(row, transcript.column(name)).parse::<f64>().ok();
    let mut courses: HashMap<String, Vec<Course>> = HashMap::new();
    for row in &transcript.rows {
        if number(row, "gpaWeight").is_some_and(|weight| weight > 0.0) {
            let gpa = number(row, "gpaValue");
            let course = Course {
                unweighted: number(row, "unweightedGPAValue").or(gpa),
                weighted: gpa.map(|gpa| gpa + number(row, "bonusPoints").unwrap_or(0.0)),
            };
            courses.entry(guids[&text(row, transcript.column("personID"))].clone()).or_default().push(course);
        }
    }
    courses
}

/// The students of one school and grade: weighted GPA, rank, how many are ranked.
type Class = Vec<(f64, u32, u32)>;

/// The least and the greatest.
fn span(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |span, value| {
        span.map_or(Some((value, value)), |(least, greatest): (f64, f64)| Some((least.min(value), greatest.max(value))))
    })
}

fn number(instance: &str, name: &str) -> Option<f64> {
    element(instance, name).map(|text| text.parse().unwrap())
}

/// A GPA has three decimals, so it may lie half a thousandth outside.
const HALF: f64 = 0.000_5;

proptest! {
    #![proptest_config(few(8))]

    #[test]
    fn a_gpa_lies_between_the_values_that_it_is_made_of(seed in 0_u64..1_000_000) {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("district");
        let district = District::generated(&source, 150, seed);
        let out = folder.path().join("out");
        district.map(&out, &["--objects", "StudentAcademicRecord"]);
        let courses = courses(&source);
        let records = instances(&out, "StudentAcademicRecord");
        prop_assert!(!records.is_empty());
        let mut gpas = 0;
        for record in records {
            let student = courses.get(attribute(&record, "SIF_RefId").unwrap());
            let of = |value: fn(&Course) -> Option<f64>| span(student.into_iter().flatten().filter_map(value));
            let gpa = number(&record, "CumulativeGPA");
            match (gpa, of(|course| course.unweighted)) {
                (Some(gpa), Some((least, greatest))) => {
                    gpas += 1;
                    prop_assert!((least - HALF..=greatest + HALF).contains(&gpa), "{} {}: {}", least, greatest, record);
                }
                (gpa, span) => prop_assert_eq!(gpa.is_some(), span.is_some(), "{}", record),
            }
            if let Some(gpa) = number(&record, "WeightedGPA") {
                let (least, greatest) = of(|course| course.weighted).unwrap();
                let (least, greatest) = (least.min(5.0), greatest.min(5.0));
                prop_assert!((least - HALF..=greatest + HALF).contains(&gpa), "{} {}: {}", least, greatest, record);
            }
        }
        prop_assert!(gpas > 0, "the district has no GPA");
    }

    #[test]
    fn ranks_follow_the_values_and_ties_share_one(seed in 0_u64..1_000_000, jobs in 1_u32..4) {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("district");
        let district = District::generated(&source, 400, seed);
        let out = folder.path().join("out");
        district.map(&out, &["--objects", "StudentAcademicRecord", "--jobs", &jobs.to_string()]);
        // By school and grade, as they are sent.
        let mut classes: HashMap<(String, String), Class> = HashMap::new();
        for record in instances(&out, "StudentAcademicRecord") {
            let Some(gpa) = number(&record, "WeightedGPA") else {
                prop_assert!(element(&record, "ClassRank").is_none_or(str::is_empty), "{}", record);
                continue;
            };
            let enrolled = &record[record.find("<StudentSchoolEnrollmentData").unwrap()..];
            let school = attribute(enrolled, "SchoolAttendedRefId").unwrap().to_owned();
            let grade = element(enrolled, "Code").unwrap().to_owned();
            let whole = |name: &str| element(&record, name).unwrap().parse::<u32>().unwrap();
            classes.entry((school, grade)).or_default().push((gpa, whole("ClassRank"), whole("ClassTotalNumber")));
        }
        prop_assert!(classes.values().any(|class| class.len() > 3));
        for mut class in classes.into_values() {
            class.sort_by_key(|(_, rank, _)| *rank);
            let mut least = f64::INFINITY;
            for (at, (gpa, rank, total)) in class.iter().enumerate() {
                prop_assert_eq!(*total as usize, class.len());
                // The first of those with a rank stands at its place: 1, 2, 2, 4.
                let first = class.iter().position(|(_, other, _)| other == rank).unwrap();
                prop_assert_eq!(*rank as usize, first + 1, "{:?}", class);
                prop_assert!(*gpa <= least, "{:?}", class);
                prop_assert!(first == at || class[first].0 == *gpa, "{:?}", class);
                least = *gpa;
            }
        }
    }
}
