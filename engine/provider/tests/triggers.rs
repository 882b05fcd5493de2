//! Every row of the requirement's list of event triggers, by its id: what is done to the source, and what is reported.
//!
//! A trigger is what somebody does on a screen; what is reported is what it changes in the object. An edit that no element shows is no event.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::sync::OnceLock;

use provider::events::{Action, OutgoingEvent};
use support::{District, today};

use Action::{Add, Change, Delete};

/// A student with an enrollment, a place in a section, a household, a contact.
const STUDENT: i64 = 1_000_004;
const ENROLLMENT: i64 = 3;
const CALENDAR: i64 = 1;
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
            let district = District::generate(60, 5);
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

#[test]
fn t01_a_new_calendar() {
    let case = Case::new();
    let school = case.new_school();
    let case = case.given(&school);
    let kept_out = Case(case.0.copy());
    case.when(&case.new_calendar("0")).one("CalendarSummary", Add);
    kept_out.when(&kept_out.new_calendar("1")).none("CalendarSummary");
}

#[test]
fn t02_a_calendar_is_edited() {
    let said = Case::new().when("UPDATE calendar SET name = 'Other' WHERE calendarID = 1");
    let xml = said.one("CalendarSummary", Change);
    assert!(xml.contains("<Description>Other</Description>") && xml.contains("<DaysInSession>"), "{xml}");
    assert!(
        !xml.contains("StartDate") && !xml.contains("GradeLevels"),
        "only what changed and what must be there: {xml}"
    );
    // The second calendar is kept out.
    Case::new().when("UPDATE calendar SET name = 'Other' WHERE calendarID = 2").none("CalendarSummary");
}

#[test]
fn t03_a_calendar_is_deleted_or_kept_out() {
    let case = Case::new();
    let rows = [case.new_school(), case.new_calendar("0")].concat();
    let case = case.given(&rows);
    let deleted = Case(case.0.copy());
    let xml = deleted.when("DELETE FROM calendar WHERE calendarID = 90").one("CalendarSummary", Delete).to_owned();
    assert!(xml.contains(&format!("RefId=\"{}\"", guid(GUID_2))), "{xml}");
    case.when("UPDATE calendar SET exclude = 1 WHERE calendarID = 90").one("CalendarSummary", Delete);
    case.when("UPDATE calendar SET exclude = 0 WHERE calendarID = 90").one("CalendarSummary", Add);
}

#[test]
fn t04_a_state_coded_event_comes_to_an_incident() {
    let case = Case::new();
    let rows = case.new_incident("'Offender'", "5");
    let case = case.given(&rows);
    let event = [
        case.like("behaviorEvent", 1, &[("eventID", "91"), ("incidentID", "90")]),
        case.like("behaviorRole", 1, &[("roleID", "91"), ("eventID", "91")]),
    ]
    .concat();
    case.when(&event).one("DisciplineIncident", Add);
}

#[test]
fn t05_a_participant_becomes_an_offender() {
    let case = Case::new();
    let rows = case.new_incident("'Witness'", "1");
    let case = case.given(&rows);
    case.when("UPDATE behaviorRole SET role = 'Offender' WHERE roleID = 90").one("DisciplineIncident", Add);
}

#[test]
fn t06_a_state_coded_event_or_its_incident_is_edited() {
    for (edit, shown) in [
        ("UPDATE behaviorEvent SET retaliationRelated = 1 WHERE eventID = 1", "Retaliation"),
        ("UPDATE behaviorEvent SET gangRelated = 1 WHERE eventID = 1", "RelatedToList"),
        ("UPDATE behaviorIncident SET timestamp = '2025-09-24 11:00:00' WHERE incidentID = 1", "2025-09-24"),
        ("UPDATE behaviorIncident SET location = '10' WHERE incidentID = 1", "IncidentLocation"),
        ("UPDATE behaviorIncident SET damages = 12.5 WHERE incidentID = 1", "IncidentCost"),
        ("UPDATE behaviorIncident SET contextDescription = 'Other' WHERE incidentID = 1", "IncidentDescription"),
        ("UPDATE behaviorIncident SET submittedByPersonID = 1000005 WHERE incidentID = 1", "StaffPersonal"),
        ("UPDATE behaviorRole SET injury = 'MAJ' WHERE roleID = 2", "VictimList"),
        ("DELETE FROM behaviorRole WHERE roleID = 2", "VictimList"),
        ("INSERT INTO behaviorWeapon VALUES (1, 1, 'KN')", "WeaponTypeList"),
    ] {
        let said = Case::new().when(edit);
        let xml = said.one("DisciplineIncident", Change);
        assert!(xml.contains(shown) && xml.contains("OffenderList"), "{edit}: {xml}");
    }
}

#[test]
fn t07_a_resolution_is_edited() {
    let given = "UPDATE behaviorResolution SET startDate = '2025-09-25', endDate = '2025-09-26', schoolDays = 2";
    let case = Case::new().given(given);
    let said = case.when("UPDATE behaviorResolution SET schoolDays = 1");
    assert!(said.one("DisciplineIncident", Change).contains("<Duration>1</Duration>"));
    case.when("UPDATE behaviorResolution SET arrest = 1").one("DisciplineIncident", Change);
}

#[test]
fn t08_a_state_coded_event_is_deleted() {
    let case = Case::new();
    let second = [
        case.like("behaviorEvent", 1, &[("eventID", "91")]),
        case.like("behaviorRole", 1, &[("roleID", "91"), ("eventID", "91"), ("injury", "'MAJ'")]),
    ]
    .concat();
    let several = Case(case.0.copy()).given(&second);
    case.when("DELETE FROM behaviorEvent WHERE eventID = 1").one("DisciplineIncident", Delete);
    // While another one with an offender is left, the incident is.
    several.when("DELETE FROM behaviorEvent WHERE eventID = 91").one("DisciplineIncident", Change);
    // An incident without an offender is none, and one whose offender is not enrolled there.
    several.when("UPDATE behaviorRole SET role = 'Witness' WHERE roleID = 1").one("DisciplineIncident", Delete);
    let left = format!("DELETE FROM enrollment WHERE personID = {OFFENDER}");
    Case::new().when(&left).one("DisciplineIncident", Delete);
}

#[test]
fn t09_the_district_is_edited() {
    let said = Case::new().when("UPDATE district SET url = 'https://other.example'");
    let xml = said.one("LEAInfo", Change);
    assert!(xml.contains("LEAURL") && xml.contains("LEAName") && !xml.contains("AddressList"), "{xml}");
}

#[test]
fn t10_a_course_comes_or_comes_to_qualify() {
    let case = Case::new();
    case.when(&case.new_course("1")).one("SchoolCourseInfo", Add);
    let case = Case::new();
    let inactive = case.new_course("0");
    let case = case.given(&inactive);
    case.when("UPDATE course SET active = 1 WHERE courseID = 9000").one("SchoolCourseInfo", Add);
    let case = Case::new();
    let excluded = case.new_course("1").replace("\"stateExclude\"", "1");
    case.when(&excluded).none("SchoolCourseInfo");
    case.when("UPDATE course SET stateExclude = 0 WHERE courseID = 9000").one("SchoolCourseInfo", Add);
}

#[test]
fn t11_a_course_is_edited_or_qualifies_no_more() {
    let said = Case::new().when("UPDATE course SET name = 'Other' WHERE courseID = 1");
    assert!(said.one("SchoolCourseInfo", Change).contains("<CourseTitle>Other</CourseTitle>"));
    Case::new().when("UPDATE course SET stateExclude = 1 WHERE courseID = 1").one("SchoolCourseInfo", Delete);
    Case::new().when("UPDATE trial SET active = 0 WHERE trialID = 3").some("SchoolCourseInfo", Delete);
}

#[test]
fn t12_a_course_is_deleted() {
    let case = Case::new();
    let course = case.new_course("1");
    case.given(&course).when("DELETE FROM course WHERE courseID = 9000").one("SchoolCourseInfo", Delete);
}

#[test]
fn t13_a_school_comes() {
    let case = Case::new();
    case.when(&case.new_school()).one("SchoolInfo", Add);
    // With the zone's option it comes with its first calendar.
    let case = Case::with(|district| district.zone.exclude_schools_without_calendar = true);
    let school = case.new_school();
    case.when(&school).none("SchoolInfo");
    case.when(&case.new_calendar("0")).one("SchoolInfo", Add);
}

#[test]
fn t14_a_school_is_edited() {
    for (edit, shown) in [
        ("UPDATE school SET name = 'Other' WHERE schoolID = 1", "<SchoolName>Other</SchoolName>"),
        ("UPDATE school SET principalName = 'Other Name' WHERE schoolID = 1", "Other Name"),
        ("UPDATE school SET url = 'https://other.example' WHERE schoolID = 1", "https://other.example"),
        ("UPDATE school SET phone = '8015550100' WHERE schoolID = 1", "555"),
        ("UPDATE school SET physicalAddress = '1 Other Street' WHERE schoolID = 1", "Other"),
    ] {
        let said = Case::new().when(edit);
        let xml = said.one("SchoolInfo", Change);
        assert!(xml.contains(shown) && xml.contains("SchoolName"), "{edit}: {xml}");
    }
}

#[test]
fn t15_a_school_is_deleted() {
    let case = Case::new();
    let school = case.new_school();
    let said = case.given(&school).when("DELETE FROM school WHERE schoolID = 90");
    assert!(said.one("SchoolInfo", Delete).contains(&guid(GUID_1)));
}

#[test]
fn t16_a_section_comes() {
    let case = Case::new();
    case.when(&[case.new_section(), case.new_placement()].concat()).one("SectionInfo", Add);
    // Nothing of a course that is kept out.
    let case = Case::new().given("UPDATE course SET stateExclude = 1 WHERE courseID = 1");
    case.when(&[case.new_section(), case.new_placement()].concat()).none("SectionInfo");
}

#[test]
fn t17_the_first_placement_of_a_section() {
    let case = Case::new();
    case.when(&case.new_section()).none("SectionInfo");
    case.when(&case.new_placement()).one("SectionInfo", Add);
}

#[test]
fn t18_a_course_with_sections_is_active_or_not() {
    let case = Case::new();
    case.when("UPDATE course SET active = 0 WHERE courseID = 1").some("SectionInfo", Delete);
    case.when("UPDATE course SET active = 1 WHERE courseID = 1").some("SectionInfo", Add);
}

#[test]
fn t19_a_section_is_edited() {
    let said = Case::new().when("UPDATE section SET number = '77' WHERE sectionID = 1");
    assert!(said.one("SectionInfo", Change).contains("<LocalId>77</LocalId>"));
    // What its roster shows of it is reported too.
    let said = Case::new().when("UPDATE section SET distanceCode = 'ORM' WHERE sectionID = 1");
    said.one("SectionInfo", Change);
    said.some("StudentSectionEnrollment", Change);
}

#[test]
fn t20_a_placement_is_edited_or_the_last_one_goes() {
    let case = Case::new();
    let period =
        case.0.number("SELECT periodID FROM period WHERE calendarID = 1 AND periodID <> 1 AND name IS NOT NULL");
    case.when(&format!("UPDATE sectionPlacement SET periodID = {period} WHERE placementID = 1"))
        .one("SectionInfo", Change);
    case.when("DELETE FROM sectionPlacement WHERE sectionID = 1").one("SectionInfo", Delete);
}

#[test]
fn t21_a_section_is_deleted() {
    let case = Case::new();
    let said = case.when("DELETE FROM section WHERE sectionID = 1");
    said.one("SectionInfo", Delete);
    said.some("StudentSectionEnrollment", Delete);
}

/// A comparison of everything, after all kinds of edits and as if nothing had ever been published, reports nothing of an object.
fn never(object: &str, edits: &[&str]) {
    let case = Case::new();
    for edit in edits {
        case.0.sql(edit);
        let (_, events) = case.0.tick(today());
        assert!(events.iter().all(|event| event.object != object), "{edit}");
    }
    let mut fresh = District::generate(6, 5);
    fresh.announce = true;
    let (_, events) = fresh.tick(today());
    assert!(!events.is_empty() && events.iter().all(|event| event.object != object));
}

#[test]
fn t22_student_academic_record_has_no_events() {
    never("StudentAcademicRecord", &["UPDATE transcriptCourse SET score = 'A'", "DELETE FROM transcriptCredit"]);
}

#[test]
fn t23_student_attendance_summary_has_no_events() {
    never("StudentAttendanceSummary", &["DELETE FROM attendance", "UPDATE enrollment SET endDate = '2026-01-15'"]);
}

#[test]
fn t24_student_demographic_record_has_no_events() {
    never("StudentDemographicRecord", &["UPDATE identity SET lastName = 'Other'", "DELETE FROM address"]);
}

#[test]
fn t25_student_participation_has_no_events() {
    never("StudentParticipation", &["UPDATE plan SET time = 'B'", "DELETE FROM plan"]);
}

fn new_student(case: &Case) -> String {
    [
        case.like("person", STUDENT, &[("personID", "9000000"), ("personGUID", GUID_2), ("currentIdentityID", "NULL")]),
        case.like(
            "identity",
            case.0.number("SELECT max(identityID) FROM identity"),
            &[("identityID", "9000000"), ("personID", "9000000")],
        ),
    ]
    .concat()
}

#[test]
fn t26_a_student_comes() {
    let case = Case::new();
    // Somebody without an enrollment is no student of the zone.
    case.when(&new_student(&case)).none("StudentPersonal");
    let said = case.when(&case.new_enrollment(&[("personID", "9000000")]));
    assert!(said.one("StudentPersonal", Add).contains(&guid(GUID_2)));
    said.one("StudentSchoolEnrollment", Add);
}

#[test]
fn t27_an_enrollment_of_the_student_is_edited() {
    for (column, shown) in [("residentDistrict", "DistrictOfResidence"), ("stateAid", "ResidentStatus")] {
        let said =
            Case::new().when(&format!("UPDATE enrollment SET {column} = '05' WHERE enrollmentID = {ENROLLMENT}"));
        assert!(said.one("StudentPersonal", Change).contains(shown), "{column}");
    }
}

#[test]
fn t28_demographics_are_edited() {
    let edit = format!("UPDATE identity SET firstName = 'Other', lastName = 'Name' WHERE personID = {STUDENT}");
    let said = Case::new().when(&edit);
    let xml = said.one("StudentPersonal", Change);
    assert!(xml.contains("<FirstName>Other</FirstName>") && !xml.contains("AddressList"), "{xml}");
}

/// Edits on the other tabs that StudentPersonal shows, each with what it shows. Early Learning and Foster Care are not in the source.
#[test]
fn t29_other_tabs_are_edited() {
    let p = STUDENT;
    let edits = [
        (
            format!(
                "INSERT INTO posEligibility VALUES (9000, {p}, 2026, 'F', '2025-09-01', '2026-06-30'); UPDATE posEligibility SET endDate = '2025-12-01' WHERE personID = {p}"
            ),
            "EconomicDisadvantage",
        ),
        (format!("INSERT INTO graduation (personID, cohortYearNCLB) SELECT {p}, 2038"), "OnTimeGraduationYear"),
        (format!("INSERT INTO lep VALUES (900, {p}, 'EL', '2025-09-01', NULL, NULL)"), "ELL"),
        (format!("INSERT INTO homeless VALUES (900, {p}, '2025-09-01', NULL, '1', 'U')"), "Homeless"),
        (format!("INSERT INTO migrant VALUES (900, {p}, '2025-09-01', 'D', '2025-09-01', NULL)"), "Migrant"),
        (format!("INSERT INTO title1 VALUES (900, {p}, '2025-09-01', NULL, 'MATH')"), "Title1"),
        (format!("INSERT INTO gifted VALUES (900, {p}, '2025-09-01', NULL)"), "GiftedTalented"),
        (format!("INSERT INTO section504 VALUES (900, {p}, '2025-09-01', NULL, NULL, NULL)"), "Section504"),
        (format!("INSERT INTO mesa VALUES (900, {p}, '2025-09-01', NULL, 'A')"), "MESAProgram"),
        (format!("INSERT INTO nclb VALUES (900, {p}, '2025-09-01', NULL, 'Y', 'Y')"), "NCLBSuppServLang"),
        (
            format!(
                "INSERT INTO youthProgram (youthProgramID, personID, startDate, neglectedDelinquent) SELECT 900, {p}, '2025-09-01', 1"
            ),
            "NeglectedDelinquent",
        ),
        (format!("INSERT INTO graduationSeal VALUES (900, {p}, '1', '2025-09-01', 'ES')"), "Biliteracy1Language"),
        (format!("UPDATE contact SET email = 'other@example.org' WHERE personID = {p}"), "EmailList"),
        (
            format!(
                "UPDATE household SET phone = '8015550100' WHERE householdID IN (SELECT householdID FROM householdMember WHERE personID = {p})"
            ),
            "PhoneNumberList",
        ),
        (
            format!(
                "UPDATE address SET city = 'Other' WHERE addressID IN (SELECT addressID FROM householdLocation JOIN householdMember USING (householdID) WHERE personID = {p})"
            ),
            "AddressList",
        ),
        (
            format!(
                "INSERT INTO relatedPair VALUES (9000, {p}, 1000005, 'Mother', 1, 1, '2025-09-01', NULL); INSERT INTO impactAidEmployment VALUES (900, 1000005, 'RA', '2023-08-12', NULL)"
            ),
            "MilitaryChild",
        ),
        (
            format!(
                "INSERT INTO testScore (scoreID, testID, personID, date, scaleScore) SELECT 90000, 1, {p}, '2025-09-20', 401"
            ),
            "BeginYearROGLCompositeScore",
        ),
    ];
    let case = Case::new();
    let base = Case(case.0.copy());
    for (edit, shown) in edits {
        let case = Case(base.0.copy());
        let said = case.when(&edit);
        let about = guid(&case.0.text(&format!("SELECT personGUID FROM person WHERE personID = {p}")));
        said.has("StudentPersonal", Change, &about);
        said.has("StudentPersonal", Change, shown);
    }
}

#[test]
fn t30_a_student_is_deleted() {
    let said = Case::new().when(&format!("DELETE FROM person WHERE personID = {STUDENT}"));
    said.one("StudentPersonal", Delete);
    said.some("StudentSchoolEnrollment", Delete);
    said.some("StudentSectionEnrollment", Delete);
    let order: Vec<&str> = said.0.iter().map(|event| event.object.as_str()).collect();
    let last = order.iter().rposition(|object| *object != "StudentPersonal").unwrap();
    let first = order.iter().position(|object| *object == "StudentPersonal").unwrap();
    assert!(last < first, "what refers to the student goes first: {order:?}");
    // Who has no enrollment left is gone too.
    let said = Case::new().when(&format!("DELETE FROM enrollment WHERE personID = {STUDENT}"));
    said.one("StudentPersonal", Delete);
    let said = Case::new().when(&format!("UPDATE enrollment SET calendarID = 2 WHERE personID = {STUDENT}"));
    said.one("StudentPersonal", Delete);
}

#[test]
fn t31_an_enrollment_comes() {
    let case = Case::new();
    let said = case.when(&case.new_enrollment(&[("calendarID", "4"), ("startDate", "'2026-01-05'")]));
    said.has("StudentSchoolEnrollment", Add, &guid(GUID_1));
}

fn excluding() -> Case {
    let case = Case::with(|district| {
        district.zone.exclude_state_exclude = true;
        district.zone.exclude_no_show = true;
    });
    // Other options are another zone.
    case.0.tick(today());
    case
}

#[test]
fn t32_state_exclude_or_no_show_is_unchecked() {
    for column in ["stateExclude", "noShow"] {
        let set = |value: u8| format!("UPDATE enrollment SET {column} = {value} WHERE enrollmentID = {ENROLLMENT}");
        let case = excluding().given(&set(1));
        case.when(&set(0)).one("StudentSchoolEnrollment", Add);
    }
}

#[test]
fn t33_an_enrollment_of_the_zone_is_edited() {
    let edit = format!("UPDATE enrollment SET startDate = '2025-08-20' WHERE enrollmentID = {ENROLLMENT}");
    let said = Case::new().when(&edit);
    let xml = said.one("StudentSchoolEnrollment", Change);
    assert!(xml.contains("<EntryDate>2025-08-20</EntryDate>") && xml.contains("TimeFrame="), "{xml}");
    assert!(!xml.contains("GradeLevel"), "{xml}");
}

#[test]
fn t34_the_enrollment_record_is_edited() {
    let set = |value: &str| format!("UPDATE enrollment SET endDate = {value} WHERE enrollmentID = {ENROLLMENT}");
    let case = Case::new();
    assert!(
        case.when(&set("'2026-01-30'"))
            .one("StudentSchoolEnrollment", Change)
            .contains("<ExitDate>2026-01-31</ExitDate>")
    );
    // What is gone is reported as nil.
    let said = case.when(&set("NULL"));
    assert!(said.one("StudentSchoolEnrollment", Change).contains("<ExitDate xsi:nil=\"true\"/>"), "{:?}", said.0);
}

#[test]
fn t35_tabs_that_the_enrollment_shows_are_edited() {
    for edit in [
        format!("INSERT INTO title1 VALUES (900, {STUDENT}, '2025-09-01', NULL, 'MATH,ELA,GUID,SOC')"),
        format!("INSERT INTO supplementalServices VALUES (900, {STUDENT}, '2025-09-01', NULL, 1, 1)"),
        format!(
            "INSERT INTO lep VALUES (900, {STUDENT}, 'EL', '2025-09-01', NULL, NULL); INSERT INTO lepService VALUES (900, 900, 5, '2025-09-01', NULL, NULL)"
        ),
        format!("DELETE FROM roster WHERE personID = {STUDENT}"),
    ] {
        let said = Case::new().when(&edit);
        said.some("StudentSchoolEnrollment", Change);
    }
}

#[test]
fn t36_an_enrollment_is_deleted() {
    let said = Case::new().when(&format!("DELETE FROM enrollment WHERE enrollmentID = {ENROLLMENT}"));
    assert!(said.one("StudentSchoolEnrollment", Delete).contains("StudentPersonalRefId="));
}

#[test]
fn t37_state_exclude_or_no_show_is_checked_or_another_enrollment_overlaps() {
    for column in ["stateExclude", "noShow"] {
        let case = excluding();
        let edit = format!("UPDATE enrollment SET {column} = 1 WHERE enrollmentID = {ENROLLMENT}");
        case.when(&edit).one("StudentSchoolEnrollment", Delete);
    }
    // A partial enrollment goes when a primary one overlaps it in the same school.
    let primary = format!("UPDATE enrollment SET serviceType = 'S' WHERE enrollmentID = {ENROLLMENT}");
    let case = Case::new().given(&primary);
    let said = case.when(&case.new_enrollment(&[("serviceType", "'P'")]));
    said.has("StudentSchoolEnrollment", Add, &guid(GUID_1));
    let about = case.0.text(&format!("SELECT enrollmentGUID FROM enrollment WHERE enrollmentID = {ENROLLMENT}"));
    said.has("StudentSchoolEnrollment", Delete, &guid(&about));
}

#[test]
fn t38_the_course_of_a_place_is_active_or_not() {
    let case = Case::new();
    case.when("UPDATE course SET active = 0 WHERE courseID = 1").some("StudentSectionEnrollment", Delete);
    case.when("UPDATE course SET active = 1 WHERE courseID = 1").some("StudentSectionEnrollment", Add);
}

#[test]
fn t39_the_active_checkbox_is_edited() {
    let case = Case::new();
    // As many places go as the course has, and the same come back.
    let gone = case.when("UPDATE course SET active = 0 WHERE courseID = 1");
    let back = case.when("UPDATE course SET active = 1 WHERE courseID = 1");
    let places = |said: &Said| said.of("StudentSectionEnrollment").len();
    assert!(places(&gone) > 0 && places(&gone) == places(&back));
}

#[test]
fn t40_the_roster_is_edited() {
    let case = Case::new();
    let edit = format!("UPDATE roster SET startDate = '2025-09-03', endDate = '2026-01-30' WHERE rosterID = {ROSTER}");
    let said = case.when(&edit);
    let xml = said.one("StudentSectionEnrollment", Change);
    assert!(xml.contains("<EntryDate>2025-09-03</EntryDate>") && xml.contains("ExitDate"), "{xml}");
    let score = format!("INSERT INTO gradingScore VALUES (90000, {STUDENT}, {SECTION}, 3, 1, 'A', 95, '2026-01-20')");
    assert!(case.when(&score).one("StudentSectionEnrollment", Change).contains("GradeEarned"));
    let row = case.like("roster", ROSTER, &[("rosterID", "90000"), ("rosterGUID", GUID_1), ("sectionID", "2")]);
    case.when(&row).one("StudentSectionEnrollment", Add);
    case.when("DELETE FROM roster WHERE rosterID = 90000").one("StudentSectionEnrollment", Delete);
}

#[test]
fn t41_a_term_comes() {
    let case = Case::new();
    let row = case.like("term", 1, &[("termID", "9000"), ("termGUID", GUID_1), ("seq", "9")]);
    case.when(&row).has("TermInfo", Add, &guid(GUID_1));
}

#[test]
fn t42_a_term_is_edited() {
    let said = Case::new().when("UPDATE term SET name = 'Other' WHERE termID = 1");
    assert!(said.one("TermInfo", Change).contains("<Description>Other</Description>"));
}

#[test]
fn t43_a_term_is_deleted() {
    let case = Case::new();
    let row = case.like("term", 1, &[("termID", "9000"), ("termGUID", GUID_1), ("seq", "9")]);
    case.given(&row).when("DELETE FROM term WHERE termID = 9000").has("TermInfo", Delete, &guid(GUID_1));
}
