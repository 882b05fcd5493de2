//! A source that is half empty for a while deletes nothing, unless somebody says that it is right.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use provider::events::{Action, EventFault, Guard};
use support::{District, sent, today};

/// The places in sections, of which there are some hundreds.
const OBJECT: &str = "StudentSectionEnrollment";

/// A district of which everything is published, more than a hundred places among it.
fn published(guard: Guard) -> District {
    let mut district = District::generate(40, 5);
    district.guard = guard;
    district.tick(today());
    district
}

/// Takes every place away, and gives them back.
const EMPTY: &str = "CREATE TABLE kept AS SELECT * FROM roster; DELETE FROM roster";
const FILL: &str = "INSERT INTO roster SELECT * FROM kept; DROP TABLE kept";

fn refuse(district: &District) {
    let before = district.shelf.text();
    let mut publisher = district.publisher();
    for _ in 0..2 {
        let faults = [publisher.tick(today()), publisher.full(today())];
        for fault in faults {
            let Err(EventFault::Deletions(found)) = fault else { panic!("{fault:?}") };
            let [found] = &found.objects[..] else { panic!("{found:?}") };
            assert_eq!((found.object.as_str(), found.deleted), (OBJECT, found.published));
            assert!(found.published > 100);
        }
    }
    assert!(sent(&mut publisher).is_empty());
    assert_eq!(district.shelf.text(), before, "something was kept of it");
}

#[test]
fn too_many_deletes_wait_until_they_are_confirmed() {
    let district = published(Guard::default());
    district.sql(EMPTY);
    refuse(&district);
    let mut publisher = district.publisher();
    let Err(EventFault::Deletions(held)) = publisher.tick(today()) else { panic!("it is not held back") };
    publisher.allow(&held.token).unwrap();
    let deleted = publisher.tick(today()).unwrap().deleted;
    let events = sent(&mut publisher);
    let deletes = events.iter().filter(|event| event.object == OBJECT && event.action == Action::Delete).count();
    assert!(deletes > 100 && deleted >= deletes as u64);
    // What was confirmed is done; what comes again is not many.
    assert_eq!(publisher.tick(today()).unwrap().events(), 0);
    district.sql(FILL);
    publisher.tick(today()).unwrap();
    let added = sent(&mut publisher).iter().filter(|event| event.object == OBJECT).count();
    assert_eq!(added, deletes);
}

#[test]
fn a_source_that_is_whole_again_makes_no_events() {
    let district = published(Guard::default());
    district.sql(EMPTY);
    refuse(&district);
    district.sql(FILL);
    let (report, events) = district.tick(today());
    assert_eq!((report.events(), events.len()), (0, 0));
    assert_eq!(district.full(today()).1.len(), 0);
}

/// Without memory to keep it, it is compared twice: with the same result.
#[test]
fn what_is_too_much_to_keep_is_counted_first() {
    let district = published(Guard { held_bytes: 0, ..Guard::default() });
    let change = "UPDATE identity SET lastName = 'Other'; UPDATE school SET name = 'Other'; DELETE FROM enrollment WHERE enrollmentID = 1";
    district.sql(change);
    let mut other = district.copy();
    other.guard = Guard::default();
    let (small, large) = (district.tick(today()), other.tick(today()));
    let said = |(_, events): &(_, Vec<provider::events::OutgoingEvent>)| {
        events.iter().map(|event| (event.message_id.clone(), event.xml.clone())).collect::<Vec<_>>()
    };
    assert_eq!(said(&small), said(&large));
    assert!(small.1.len() > 10);
    assert_eq!(district.shelf.text(), other.shelf.text());
    district.sql(EMPTY);
    refuse(&district);
}

#[test]
fn a_share_that_is_allowed_is_deleted() {
    let district = published(Guard { max_deleted_share: 1.0, ..Guard::default() });
    district.sql(EMPTY);
    assert!(district.tick(today()).1.len() > 100);
    let district = published(Guard { max_deleted_share: 0.0, ..Guard::default() });
    // Fewer than a hundred are never too many.
    district.sql("DELETE FROM roster WHERE rosterID IN (SELECT rosterID FROM roster LIMIT 5)");
    district.tick(today());
}
