//! What the zone does not take holds nothing else up, and is not lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use provider::events::{Action, NotTaken, OutgoingEvent, Outlet, Publisher};
use support::{District, check, today};

/// Why an event is not taken, if it is not.
type Answers<'z> = Box<dyn FnMut(&OutgoingEvent) -> Option<NotTaken> + 'z>;

/// A zone that answers events as it is told to, and keeps those that it takes.
struct Zone<'z> {
    answers: Answers<'z>,
    taken: Vec<OutgoingEvent>,
    refused: usize,
}

impl Outlet for Zone<'_> {
    fn publish(&mut self, event: OutgoingEvent) -> Result<(), NotTaken> {
        check(&event);
        if let Some(why) = (self.answers)(&event) {
            self.refused += 1;
            return Err(why);
        }
        self.taken.push(event);
        Ok(())
    }
}

/// What a zone takes that answers so, and how many events it refuses.
fn publish<'z>(
    publisher: &mut Publisher,
    answers: impl FnMut(&OutgoingEvent) -> Option<NotTaken> + 'z,
) -> (Vec<OutgoingEvent>, usize) {
    let mut zone = Zone { answers: Box::new(answers), taken: Vec::new(), refused: 0 };
    publisher.publish(&mut zone).unwrap();
    (zone.taken, zone.refused)
}

fn all(publisher: &mut Publisher) -> Vec<OutgoingEvent> {
    let (taken, refused) = publish(publisher, |_| None);
    assert_eq!((refused, publisher.waiting().unwrap()), (0, 0));
    assert!(publisher.refusals().unwrap().iter().all(|refusal| !refusal.waits));
    taken
}

fn barred(object: &'static str, action: Action) -> impl FnMut(&OutgoingEvent) -> Option<NotTaken> {
    move |event| {
        let is_it = event.object == object && event.action == action;
        is_it.then(|| NotTaken::Barred("error 4/10".to_owned()))
    }
}

fn wrong(object: &'static str, action: Action) -> impl FnMut(&OutgoingEvent) -> Option<NotTaken> {
    move |event| {
        let is_it = event.object == object && event.action == action;
        is_it.then(|| NotTaken::Never("error 9/3".to_owned()))
    }
}

fn ids(events: &[OutgoingEvent]) -> Vec<&str> {
    events.iter().map(|event| event.message_id.as_str()).collect()
}

fn actions(events: &[OutgoingEvent], object: &str) -> Vec<Action> {
    events.iter().filter(|event| event.object == object).map(|event| event.action).collect()
}

const ENROLLMENT: &str = "StudentSchoolEnrollment";

/// An enrollment that events are raised of.
const ENROLLED: &str =
    "(SELECT min(enrollmentID) FROM enrollment JOIN calendar USING (calendarID) WHERE endYear = 2026 AND NOT exclude)";

fn district() -> District {
    let district = District::generate(10, 5);
    district.tick(today());
    district
}

/// Takes an enrollment out of the source; the other puts it back.
fn enrollment_goes(district: &District) {
    district.sql(&format!(
        "CREATE TABLE gone AS SELECT * FROM enrollment WHERE enrollmentID = {ENROLLED};
         DELETE FROM enrollment WHERE enrollmentID IN (SELECT enrollmentID FROM gone)"
    ));
}

fn enrollment_comes(district: &District) {
    district.sql("INSERT INTO enrollment SELECT * FROM gone; DROP TABLE gone");
}

#[test]
fn what_there_is_no_right_to_waits_in_order_and_the_others_go() {
    let district = district();
    district.sql("UPDATE identity SET lastName = 'Other'; UPDATE school SET name = 'Other'");
    let (_, expected) = district.copy().tick(today());
    let schools: Vec<OutgoingEvent> = expected.iter().filter(|event| event.object == "SchoolInfo").cloned().collect();
    let others: Vec<OutgoingEvent> = expected.iter().filter(|event| event.object != "SchoolInfo").cloned().collect();
    assert!(schools.len() > 1 && !others.is_empty());

    let mut publisher = district.publisher();
    publisher.tick(today()).unwrap();
    let (taken, refused) = publish(&mut publisher, barred("SchoolInfo", Action::Change));
    assert_eq!((ids(&taken), refused), (ids(&others), 1));
    // Nothing of it is found again, and one event is tried each time, also after a start.
    let mut publisher = district.publisher();
    for _ in 0..3 {
        assert_eq!(publisher.tick(today()).unwrap().events(), 0);
        let (taken, refused) = publish(&mut publisher, barred("SchoolInfo", Action::Change));
        assert_eq!((taken.len(), refused), (0, 1));
        let [refusal] = &publisher.refusals().unwrap()[..] else { panic!("one sort of events waits") };
        assert_eq!((refusal.object.as_str(), refusal.action.as_str()), ("SchoolInfo", "Change"));
        assert_eq!((refusal.events, refusal.waits), (schools.len() as u64, true));
    }
    // What comes behind it is sent behind it.
    district.sql("UPDATE school SET name = 'Third'");
    publisher.tick(today()).unwrap();
    let taken = all(&mut publisher);
    assert_eq!(ids(&taken)[..schools.len()], ids(&schools));
    assert_eq!(taken.len(), 2 * schools.len());
    assert!(taken[schools.len()..].iter().all(|event| event.xml.contains("Third")));
    assert_eq!(publisher.full(today()).unwrap().events(), 0);
}

#[test]
fn what_comes_back_waits_for_its_delete_that_there_is_no_right_to() {
    let district = district();
    let mut publisher = district.publisher();
    let no_deletes = || barred(ENROLLMENT, Action::Delete);
    enrollment_goes(&district);
    publisher.tick(today()).unwrap();
    let (taken, refused) = publish(&mut publisher, no_deletes());
    assert_eq!((actions(&taken, ENROLLMENT), refused), (vec![], 1));
    enrollment_comes(&district);
    publisher.tick(today()).unwrap();
    let (taken, _) = publish(&mut publisher, no_deletes());
    assert_eq!(actions(&taken, ENROLLMENT), [], "subscribers would delete what has come back");
    assert_eq!(actions(&all(&mut publisher), ENROLLMENT), [Action::Delete, Action::Add]);
}

#[test]
fn a_delete_that_the_zone_finds_wrong_is_tried_once_a_generation_unless_what_it_deletes_comes_back() {
    let district = district();
    let mut publisher = district.publisher();
    enrollment_goes(&district);
    publisher.tick(today()).unwrap();
    let no_deletes = || wrong(ENROLLMENT, Action::Delete);
    assert_eq!(publish(&mut publisher, no_deletes()).1, 1);
    assert_eq!(publish(&mut publisher, no_deletes()).1, 0, "it was tried");
    assert_eq!(publisher.refusals().unwrap()[0].events, 1);
    let mut after_a_start = district.publisher();
    assert_eq!(publish(&mut after_a_start, no_deletes()).1, 1);
    publisher.swap(std::sync::Arc::clone(&district.plan));
    assert_eq!(actions(&all(&mut publisher), ENROLLMENT), [Action::Delete]);

    enrollment_comes(&district);
    publisher.tick(today()).unwrap();
    all(&mut publisher);
    enrollment_goes(&district);
    publisher.tick(today()).unwrap();
    publish(&mut publisher, no_deletes());
    enrollment_comes(&district);
    publisher.tick(today()).unwrap();
    let mut deletes = 0;
    let (taken, _) = publish(&mut publisher, |event| {
        deletes += usize::from(event.object == ENROLLMENT && event.action == Action::Delete);
        no_deletes()(event)
    });
    assert_eq!(actions(&taken, ENROLLMENT), [Action::Add]);
    assert_eq!((deletes, publisher.waiting().unwrap()), (1, 0), "nothing deletes what has come back");
}

#[test]
fn an_add_that_the_zone_finds_wrong_is_an_add_again() {
    let district = district();
    let mut publisher = district.publisher();
    enrollment_goes(&district);
    publisher.tick(today()).unwrap();
    all(&mut publisher);
    enrollment_comes(&district);
    publisher.tick(today()).unwrap();
    assert_eq!(publish(&mut publisher, wrong(ENROLLMENT, Action::Add)).1, 1);
    assert_eq!(publisher.waiting().unwrap(), 0);
    assert_eq!(publisher.refusals().unwrap()[0].why, "error 9/3");
    assert_eq!(publisher.tick(today()).unwrap().events(), 0, "nothing was done about it");
    // The row changes: what it is for subscribers is new.
    district.sql(&format!("UPDATE enrollment SET startDate = '2025-08-25' WHERE enrollmentID = {ENROLLED}"));
    publisher.tick(today()).unwrap();
    assert_eq!(actions(&all(&mut publisher), ENROLLMENT), [Action::Add]);
    assert_eq!(publisher.full(today()).unwrap().events(), 0);
}

#[test]
fn what_a_wrong_change_says_is_said_by_the_next_one_also_what_is_gone() {
    let district = district();
    district.sql(&format!(
        "UPDATE enrollment SET endDate = '2025-12-01', endStatus = NULL WHERE enrollmentID = {ENROLLED}"
    ));
    let mut publisher = district.publisher();
    publisher.tick(today()).unwrap();
    all(&mut publisher);
    district.sql(&format!("UPDATE enrollment SET endDate = NULL WHERE enrollmentID = {ENROLLED}"));
    publisher.tick(today()).unwrap();
    let mut said = Vec::new();
    let (_, refused) = publish(&mut publisher, |event| {
        said.push(event.xml.clone());
        wrong(ENROLLMENT, Action::Change)(event)
    });
    let gone = "<ExitDate xsi:nil=\"true\"/>";
    assert_eq!(refused, 1);
    assert!(said.iter().any(|xml| xml.contains(gone)), "{said:?}");
    district.sql(&format!("UPDATE enrollment SET startDate = '2025-08-25' WHERE enrollmentID = {ENROLLED}"));
    publisher.tick(today()).unwrap();
    let taken = all(&mut publisher);
    let change = taken.iter().find(|event| event.object == ENROLLMENT).unwrap();
    assert_eq!(change.action, Action::Change);
    assert!(change.xml.contains(gone) && change.xml.contains("2025-08-25"), "{}", change.xml);
    assert_eq!(publisher.full(today()).unwrap().events(), 0);
}

#[test]
fn what_waits_behind_a_wrong_event_is_not_sent_without_it_and_found_at_once() {
    let district = district();
    let mut publisher = district.publisher();
    enrollment_goes(&district);
    publisher.tick(today()).unwrap();
    all(&mut publisher);
    // The zone is away, so an Add and a Change of the same wait.
    enrollment_comes(&district);
    publisher.tick(today()).unwrap();
    district.sql(&format!("UPDATE enrollment SET startDate = '2025-08-25' WHERE enrollmentID = {ENROLLED}"));
    publisher.tick(today()).unwrap();
    let (taken, refused) = publish(&mut publisher, wrong(ENROLLMENT, Action::Add));
    assert_eq!((actions(&taken, ENROLLMENT), refused), (vec![], 1), "subscribers do not know what changed");
    assert_eq!(publisher.waiting().unwrap(), 0);
    let mut publisher = district.publisher();
    assert!(publisher.tick(today()).unwrap().whole);
    let taken = all(&mut publisher);
    assert_eq!(actions(&taken, ENROLLMENT), [Action::Add]);
    assert!(taken.iter().any(|event| event.xml.contains("2025-08-25")));
    let report = publisher.tick(today()).unwrap();
    assert!(!report.whole && report.events() == 0);
}
