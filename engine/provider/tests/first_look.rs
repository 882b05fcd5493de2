//! The first comparison, and one without a change.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use provider::events::Action;
use support::{District, today};

#[test]
fn the_first_comparison_notes_what_there_is_and_reports_nothing() {
    let district = District::generate(30, 5);
    let begun = std::time::Instant::now();
    let (report, events) = district.tick(today());
    println!("{:?} mapped {} {:?}", begun.elapsed(), report.mapped, district.shelf.size("published"));
    assert!(report.whole && report.mapped > 30);
    assert_eq!((events.len(), report.events()), (0, 0));
    let begun = std::time::Instant::now();
    let (report, events) = district.tick(today());
    println!("{:?}", begun.elapsed());
    assert_eq!((events.len(), report.mapped, report.rows), (0, 0, 0));
    let (report, events) = district.full(today());
    assert!(report.whole && report.mapped > 30);
    assert_eq!(events.len(), 0, "{:?}", events.first());
}

#[test]
fn a_first_comparison_that_announces_adds_everything_in_order() {
    let mut district = District::generate(8, 5);
    district.announce = true;
    let (report, events) = district.tick(today());
    assert_eq!(report.added, report.events());
    assert_eq!(events.len() as u64, report.added);
    assert!(events.iter().all(|event| event.action == Action::Add));
    let mut objects: Vec<&str> = events.iter().map(|event| event.object.as_str()).collect();
    objects.dedup();
    let place = |object: &str| objects.iter().position(|own| *own == object).unwrap();
    for (before, after) in [
        ("LEAInfo", "SchoolInfo"),
        ("SchoolInfo", "CalendarSummary"),
        ("SchoolInfo", "SchoolCourseInfo"),
        ("TermInfo", "SectionInfo"),
        ("SchoolCourseInfo", "SectionInfo"),
        ("StudentPersonal", "StudentSchoolEnrollment"),
        ("CalendarSummary", "StudentSchoolEnrollment"),
        ("SectionInfo", "StudentSectionEnrollment"),
        ("StudentPersonal", "StudentSectionEnrollment"),
    ] {
        assert!(place(before) < place(after), "{objects:?}");
    }
    assert_eq!(district.full(today()).1.len(), 0);
}
