//! T22 to T40: what is a student's, and what raises no events.

use super::*;
use Action::{Add, Change, Delete};

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
        (format!("INSERT INTO migrant VALUES (900, {p}, '2025-09-01', 'A', '2025-09-01', NULL)"), "Migrant"),
        (format!("INSERT INTO title1 VALUES (900, {p}, '2025-09-01', NULL, 'MATH')"), "Title1"),
        (format!("INSERT INTO gifted VALUES (900, {p}, '2025-09-01', NULL)"), "GiftedTalented"),
        (format!("INSERT INTO section504 VALUES (900, {p}, '2025-09-01', NULL, NULL, NULL)"), "Section504"),
        (format!("INSERT INTO mesa VALUES (900, {p}, '2025-09-01', NULL, 'A')"), "MESAProgram"),
        (format!("INSERT INTO nclb VALUES (900, {p}, '2025-09-01', NULL, 'Y', 'Y')"), "NCLBSuppServLang"),
        (
            format!(
                "INSERT INTO youthProgram (youthProgramID, personID, startDate, excludeMembership, neglectedDelinquent) SELECT 900, {p}, '2025-09-01', 0, 1"
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
    let base = Case::new();
    let about = guid(&base.0.text(&format!("SELECT personGUID FROM person WHERE personID = {p}")));
    let mut missing = Vec::new();
    for (edit, shown) in edits {
        let said = Case(base.0.copy()).when(&edit);
        let is_said =
            |event: &&OutgoingEvent| event.action == Change && event.xml.contains(&about) && event.xml.contains(shown);
        if said.of("StudentPersonal").into_iter().find(is_said).is_none() {
            missing.push(edit);
        }
    }
    assert!(missing.is_empty(), "no event: {missing:#?}");
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
