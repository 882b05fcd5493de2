//! T01 to T21 and T41 to T43: what is the organisation's.

use super::*;
use Action::{Add, Change, Delete};

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
