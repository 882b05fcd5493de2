//! Another rulebook, other options of the zone, places among all students.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use provider::events::{Action, EventFault};
use support::{District, compiled, files, sent, today};

/// The rulebook with a text of one of its files replaced.
fn edited(file: &str, find: &str, put: &str) -> std::sync::Arc<rulebook::plan::Plan> {
    let mut files = files();
    let text = files.get_mut(file).unwrap();
    assert!(text.contains(find), "{file} has no {find}");
    *text = text.replacen(find, put, 1);
    compiled(files)
}

#[test]
fn another_generation_reports_what_it_maps_otherwise() {
    let mut district = District::generate(10, 5);
    district.tick(today());
    let mut publisher = district.publisher();
    let plan = edited(
        "objects/TermInfo.yaml",
        "Description: { is: O, from: term.name",
        "Description: { is: O, from: \"term.name + \\\"!\\\"\"",
    );
    publisher.swap(std::sync::Arc::clone(&plan));
    let report = publisher.tick(today()).unwrap();
    let events = sent(&mut publisher);
    assert!(report.whole && !events.is_empty());
    assert!(events.iter().all(|event| event.object == "TermInfo"
        && event.action == Action::Change
        && event.xml.contains("!</Description>")));
    district.plan = plan;
    assert_eq!(district.tick(today()).0.mapped, 0, "the new generation is known now");
}

#[test]
fn an_object_that_raises_no_events_any_more_goes_in_silence() {
    let mut district = District::generate(10, 5);
    district.tick(today());
    district.plan = edited("objects/TermInfo.yaml", "events: true", "events: false");
    let (report, events) = district.tick(today());
    assert!(report.whole);
    assert_eq!(events.len(), 0);
    district.plan = support::plan();
    let (_, events) = district.tick(today());
    assert!(!events.is_empty() && events.iter().all(|event| event.object == "TermInfo" && event.action == Action::Add));
}

#[test]
fn other_options_of_the_zone_report_what_they_change() {
    let mut district = District::generate(30, 5);
    district.tick(today());
    let school = district.text("SELECT number FROM school WHERE schoolID = 1");
    district.zone.schools = Some(vec![school]);
    // Whole schools go: that waits for somebody who says that it is meant.
    let mut publisher = district.publisher();
    let Err(EventFault::Deletions(held)) = publisher.tick(today()) else { panic!("it is not held back") };
    publisher.allow(&held.token).unwrap();
    publisher.tick(today()).unwrap();
    let events = sent(&mut publisher);
    let schools: Vec<Action> =
        events.iter().filter(|event| event.object == "SchoolInfo").map(|event| event.action).collect();
    assert!(!schools.is_empty() && schools.iter().all(|action| *action == Action::Delete));
}

/// With a place among all students in an object that raises events, one student's grade changes what others report.
#[test]
fn whose_place_changes_is_reported_though_nothing_of_theirs_changed() {
    let mut district = District::generate(120, 5);
    district.plan = edited(
        "objects/StudentPersonal.yaml",
        "OnTimeGraduationYear: { is: O, from: student.graduation?.cohort_year_nclb,",
        "OnTimeGraduationYear: { is: O, from: \"2000 + (student.class_rank ?? 0)\",",
    );
    let mut publisher = district.publisher();
    publisher.tick(today()).unwrap();
    sent(&mut publisher);
    let before = district.number("SELECT count(*) FROM transcriptCourse");
    assert!(before > 0);
    let student = district.number("SELECT personID FROM transcriptCourse WHERE gpaValue IS NOT NULL GROUP BY personID ORDER BY avg(gpaValue) DESC LIMIT 1");
    district.sql(&format!("UPDATE transcriptCourse SET gpaValue = 0, bonusPoints = 0 WHERE personID = {student}"));
    let report = publisher.tick(today()).unwrap();
    let events = sent(&mut publisher);
    assert!(report.ranked > 0 && !report.whole);
    let about: Vec<_> = events.iter().filter(|event| event.object == "StudentPersonal").collect();
    assert!(about.len() > 1, "{events:?}");
    assert!(report.mapped < 60, "only those whose place changed: {}", report.mapped);
    publisher.full(today()).unwrap();
    assert_eq!(sent(&mut publisher).len(), 0);
}
