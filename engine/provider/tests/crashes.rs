//! Whatever stops in the middle, each event happens once, and in order.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use provider::events::{Action, EventFault, OutgoingEvent, Publisher};
use support::{District, MemoryShelf, Taken, day, sent, today};

/// A district with changes of all kinds that were not looked at.
fn changed() -> District {
    let district = District::generate(10, 5);
    district.tick(today());
    district.sql(
        "UPDATE identity SET lastName = 'Other'; UPDATE course SET active = 0 WHERE courseID = 1;
         UPDATE school SET name = 'Other'; DELETE FROM enrollment WHERE enrollmentID = 1",
    );
    district
}

fn said(events: &[OutgoingEvent]) -> Vec<(&str, Action, &str)> {
    events.iter().map(|event| (event.object.as_str(), event.action, event.xml.as_str())).collect()
}

#[test]
fn a_crash_between_any_two_writes_loses_and_repeats_nothing() {
    let district = changed();
    let (_, expected) = district.copy().tick(today());
    assert!(expected.len() > 10);
    for stops_after in 0.. {
        let district = district.copy();
        let mut taken = Taken::default();
        *district.shelf.writes_left.lock().unwrap() = Some(stops_after);
        let run = |publisher: &mut Publisher, taken: &mut Taken| {
            publisher.tick(today())?;
            publisher.publish(taken)
        };
        let first = run(&mut district.publisher(), &mut taken);
        *district.shelf.writes_left.lock().unwrap() = None;
        let was_stopped = matches!(first, Err(EventFault::Store(_)));
        run(&mut district.publisher(), &mut taken).unwrap();
        assert_eq!(said(&taken.events), said(&expected), "stopped after {stops_after} writes");
        assert_eq!(district.full(today()).1.len(), 0);
        if !was_stopped {
            assert!(stops_after > 1, "nothing was written");
            break;
        }
    }
}

#[test]
fn a_zone_that_takes_no_more_gets_the_rest_later() {
    let district = changed();
    let (_, expected) = district.copy().tick(today());
    for left in [0, 1, 3, expected.len() - 1] {
        let district = district.copy();
        let mut taken = Taken { left: Some(left), ..Taken::default() };
        let mut publisher = district.publisher();
        publisher.tick(today()).unwrap();
        assert!(matches!(publisher.publish(&mut taken), Err(EventFault::Zone(_))));
        // What is found meanwhile comes behind it.
        district.sql("UPDATE district SET url = 'https://other.example'");
        publisher.tick(today()).unwrap();
        taken.left = None;
        publisher.publish(&mut taken).unwrap();
        let again = taken.events.iter().filter(|event| event.object == "LEAInfo").count();
        assert_eq!((again, taken.again), (1, 0));
        let rest: Vec<OutgoingEvent> = taken.events.iter().filter(|event| event.object != "LEAInfo").cloned().collect();
        assert_eq!(said(&rest), said(&expected));
    }
}

/// The zone has an event, and the publisher was stopped before it noted that.
#[test]
fn an_event_that_is_sent_again_has_the_same_id() {
    let district = changed();
    let mut publisher = district.publisher();
    publisher.tick(today()).unwrap();
    let before = district.shelf.copy();
    let mut taken = Taken::default();
    publisher.publish(&mut taken).unwrap();
    let count = taken.events.len();
    let mut stopped = district.copy();
    stopped.shelf = before;
    stopped.publisher().publish(&mut taken).unwrap();
    assert_eq!((taken.events.len(), taken.again), (count, count));
}

/// Back and forth makes events of their own, though the same is said.
#[test]
fn what_changes_back_is_another_event() {
    let district = District::generate(6, 5);
    district.tick(today());
    let mut ids = Vec::new();
    for name in ["A", "B", "A", "B", "A"] {
        district.sql(&format!("UPDATE school SET name = '{name}' WHERE schoolID = 1"));
        ids.extend(district.tick(today()).1.into_iter().map(|event| event.message_id));
    }
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((all, ids.len()), (5, 5));
    assert!(
        ids.iter()
            .all(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()))
    );
}

/// An enrollment that another student gets is deleted before it is added, whichever of the two comes first.
#[test]
fn what_moves_to_another_student_goes_before_it_comes() {
    let district = District::generate(60, 5);
    district.tick(today());
    let student = |sql: &str| district.number(sql);
    let (first, last) = (
        student("SELECT min(personID) FROM enrollment JOIN calendar USING (calendarID) WHERE endYear = 2026"),
        student(
            "SELECT max(personID) FROM enrollment JOIN calendar USING (calendarID) WHERE endYear = 2026 AND NOT exclude",
        ),
    );
    for (from, to) in [(first, last), (last, first)] {
        let district = district.copy();
        let id = district.number(&format!(
            "SELECT min(enrollmentID) FROM enrollment JOIN calendar USING (calendarID) WHERE personID = {from} AND endYear = 2026 AND NOT exclude"
        ));
        let guid = district
            .text(&format!("SELECT upper(replace(enrollmentGUID, '-', '')) FROM enrollment WHERE enrollmentID = {id}"));
        district.sql(&format!("UPDATE enrollment SET personID = {to} WHERE enrollmentID = {id}"));
        let (_, events) = district.tick(today());
        let about: Vec<Action> = events
            .iter()
            .filter(|event| event.object == "StudentSchoolEnrollment" && event.xml.contains(&guid))
            .map(|event| event.action)
            .collect();
        assert_eq!(about, [Action::Delete, Action::Add], "{from} {to}");
    }
}

#[test]
fn a_source_that_fails_changes_nothing() {
    let district = changed();
    let (_, expected) = district.copy().tick(today());
    let mut publisher = district.publisher();
    let aside = district.path().with_extension("aside");
    std::fs::rename(district.path(), &aside).unwrap();
    assert!(matches!(publisher.tick(today()), Err(EventFault::Source(_))));
    assert_eq!(publisher.waiting().unwrap(), 0);
    std::fs::rename(&aside, district.path()).unwrap();
    publisher.tick(today()).unwrap();
    assert_eq!(said(&sent(&mut publisher)), said(&expected));
}

/// The records hold sums and RefIds, and nothing that was mapped.
#[test]
fn nothing_of_a_person_is_kept_once_the_zone_has_it() {
    let district = changed();
    district.tick(today());
    let kept = district.shelf.text();
    assert!(kept.len() > 10_000);
    let connection = district.connection();
    let mut names = connection.prepare("SELECT DISTINCT lastName FROM identity UNION SELECT firstName FROM identity UNION SELECT birthDate FROM identity").unwrap();
    let names: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().filter_map(Result::ok).collect();
    assert!(names.len() > 20);
    for name in names.iter().filter(|name| name.len() > 4) {
        assert!(!kept.contains(name.as_str()), "a name is kept");
    }
    // The same value has another sum in another installation.
    let mut other = changed();
    other.shelf = MemoryShelf::default();
    other.tick(today());
    let lines = |text: &str| {
        text.lines().filter(|line| line.starts_with("published student/")).map(str::to_owned).collect::<Vec<_>>()
    };
    let (one, two) = (lines(&kept), lines(&other.shelf.text()));
    assert_eq!(one.len(), two.len());
    assert!(one.iter().zip(&two).all(|(one, two)| one != two));
}

/// A day that passes changes what asks for the day, and only that is compared.
#[test]
fn a_day_that_passes_is_a_change() {
    let district = District::generate(30, 5);
    district.tick(today());
    // Ends of enrollments are of the past the day after.
    let id = district.number("SELECT min(enrollmentID) FROM enrollment JOIN calendar USING (calendarID) WHERE endYear = 2026 AND NOT exclude");
    district.sql(&format!("UPDATE enrollment SET endDate = '2026-02-03' WHERE enrollmentID = {id}"));
    let (_, events) = district.tick(today());
    assert!(events.iter().any(|event| event.xml.contains("TimeFrame=\"Current\"")), "{events:?}");
    let (report, events) = district.tick(day("2026-02-04"));
    assert!(!report.whole && report.rows == 0 && report.mapped > 0, "{report:?}");
    assert!(
        events.iter().any(|event| event.action == Action::Change && event.xml.contains("TimeFrame=\"Historical\"")),
        "{events:?}"
    );
    let (report, events) = district.tick(day("2026-02-04"));
    assert_eq!((report.mapped, events.len()), (0, 0));
    assert_eq!(district.full(day("2026-02-04")).1.len(), 0);
}

/// So much is found that it is written in several transactions.
#[test]
fn a_crash_in_the_middle_of_a_long_comparison_loses_and_repeats_nothing() {
    let mut district = District::generate(40, 5);
    district.announce = true;
    let (_, expected) = district.copy().tick(today());
    let mut last = 0;
    for stops_after in 1.. {
        let district = district.copy();
        let mut taken = Taken::default();
        let mut publisher = district.publisher();
        *district.shelf.writes_left.lock().unwrap() = Some(stops_after);
        let stopped = publisher.tick(today()).is_err();
        *district.shelf.writes_left.lock().unwrap() = None;
        if !stopped {
            last = stops_after;
            break;
        }
        let mut publisher = district.publisher();
        publisher.publish(&mut taken).unwrap();
        assert_eq!(taken.events.len(), 0, "nothing is sent before a comparison is finished");
        publisher.tick(today()).unwrap();
        publisher.publish(&mut taken).unwrap();
        let (mut found, mut all) = (said(&taken.events), said(&expected));
        let order: Vec<&str> = found.iter().map(|event| event.0).collect();
        assert!(order.chunk_by(|a, b| a == b).count() < 15, "objects in their order");
        found.sort_unstable();
        all.sort_unstable();
        assert!(found == all, "stopped after {stops_after} writes");
    }
    assert!(last > 2, "it is written at once: {last}");
}
