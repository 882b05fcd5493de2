//! Every row of the requirement's list of event triggers, by its id: what is done to the source, and what is reported.
//!
//! A trigger is what somebody does on a screen; what is reported is what it changes in the object. An edit that no element shows is no event.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../support/mod.rs"]
mod support;

mod organisation;
mod students;

use std::sync::OnceLock;

use provider::events::{Action, OutgoingEvent};
use support::{District, today};

/// A student with an enrollment, a place in a section, a household, a contact.
const STUDENT: i64 = 1_000_004;
const ENROLLMENT: i64 = 3;
const ROSTER: i64 = 1;
const SECTION: i64 = 1;
const COURSE: i64 = 1;
/// An incident with one state-coded event, one offender and one resolution; and its calendar.
const INCIDENT: i64 = 1;
const OFFENDER: i64 = 1_000_094;

/// A district of which everything was noted as published.
struct Case(District);

impl Case {
    fn new() -> Self {
        Self::with(|_| {})
    }

    /// The same with other options of the zone.
    fn with(options: impl FnOnce(&mut District)) -> Self {
        static BASE: OnceLock<District> = OnceLock::new();
        let base = BASE.get_or_init(|| {
            let mut district = District::generate(60, 5);
            district.guard.max_deleted_share = 1.0;
            district.tick(today());
            district
        });
        let mut district = base.copy();
        options(&mut district);
        Self(district)
    }

    /// Does something that is not what the test is about.
    fn given(self, sql: &str) -> Self {
        self.0.sql(sql);
        self.0.tick(today());
        self
    }

    /// Does something, and gives what is reported.
    fn when(&self, sql: &str) -> Said {
        self.0.sql(sql);
        let (report, events) = self.0.tick(today());
        assert!(report.rows > 0, "nothing was changed by {sql}");
        let (_, left) = self.0.full(today());
        assert!(left.is_empty(), "a comparison of everything finds more: {left:?}");
        Said(events)
    }

    /// A row like another, with some columns that differ.
    fn like(&self, table: &str, row: i64, columns: &[(&str, &str)]) -> String {
        let connection = self.0.connection();
        let mut statement = connection.prepare(&format!("SELECT name FROM pragma_table_info('{table}')")).unwrap();
        let names: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let cells = names.iter().map(|name| {
            let other = columns.iter().find(|(column, _)| column == name);
            other.map_or_else(|| format!("\"{name}\""), |(_, value)| (*value).to_owned())
        });
        let cells: Vec<String> = cells.collect();
        format!("INSERT INTO {table} SELECT {} FROM {table} WHERE {} = {row};", cells.join(", "), names[0])
    }

    fn new_school(&self) -> String {
        self.like(
            "school",
            1,
            &[("schoolID", "90"), ("schoolGUID", GUID_1), ("number", "'990'"), ("standardCode", "NULL")],
        )
    }

    fn new_calendar(&self, exclude: &str) -> String {
        let columns = [("calendarID", "90"), ("calendarGUID", GUID_2), ("schoolID", "90"), ("exclude", exclude)];
        self.like("calendar", 1, &columns)
    }

    fn new_course(&self, active: &str) -> String {
        self.like("course", COURSE, &[("courseID", "9000"), ("courseGUID", GUID_1), ("active", active)])
    }

    fn new_section(&self) -> String {
        self.like("section", SECTION, &[("sectionID", "9000"), ("sectionGUID", GUID_1)])
    }

    fn new_placement(&self) -> String {
        self.like("sectionPlacement", 1, &[("placementID", "900000"), ("sectionID", "9000")])
    }

    fn new_enrollment(&self, columns: &[(&str, &str)]) -> String {
        let own = [("enrollmentID", "9000"), ("enrollmentGUID", GUID_1)];
        self.like("enrollment", ENROLLMENT, &own.iter().chain(columns).copied().collect::<Vec<_>>())
    }

    fn new_incident(&self, role: &str, event_type: &str) -> String {
        [
            self.like("behaviorIncident", INCIDENT, &[("incidentID", "90"), ("incidentGUID", GUID_1)]),
            self.like("behaviorEvent", 1, &[("eventID", "90"), ("incidentID", "90"), ("typeID", event_type)]),
            self.like("behaviorRole", 1, &[("roleID", "90"), ("eventID", "90"), ("role", role)]),
        ]
        .concat()
    }
}

const GUID_1: &str = "'00000000-0000-4000-8000-000000000001'";
const GUID_2: &str = "'00000000-0000-4000-8000-000000000002'";

/// What was reported.
struct Said(Vec<OutgoingEvent>);

impl Said {
    fn of(&self, object: &str) -> Vec<&OutgoingEvent> {
        self.0.iter().filter(|event| event.object == object).collect()
    }

    /// Exactly one event of the object, this one; gives its element.
    #[track_caller]
    fn one(&self, object: &str, action: Action) -> &str {
        match &self.of(object)[..] {
            [event] if event.action == action => &event.xml,
            other => panic!("not one {action} of {object}: {other:?} among {:?}", self.0),
        }
    }

    /// Events of the object, all of this kind.
    #[track_caller]
    fn some(&self, object: &str, action: Action) {
        let events = self.of(object);
        assert!(
            !events.is_empty() && events.iter().all(|event| event.action == action),
            "{object} {action}: {events:?}"
        );
    }

    /// No event of the object.
    #[track_caller]
    fn none(&self, object: &str) {
        assert!(self.of(object).is_empty(), "{:?}", self.of(object));
    }

    /// An event of the object about this RefId or with this text.
    #[track_caller]
    fn has(&self, object: &str, action: Action, text: &str) {
        let about = |event: &&OutgoingEvent| event.action == action && event.xml.contains(text);
        assert!(self.of(object).iter().any(about), "no {action} of {object} with {text}: {:?}", self.of(object));
    }
}

fn guid(text: &str) -> String {
    text.trim_matches('\'').replace('-', "").to_uppercase()
}
