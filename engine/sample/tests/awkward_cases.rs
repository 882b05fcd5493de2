//! Each awkward case is in a district of two thousand students: a query for each that must find a row.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use common::generate;
use rusqlite::Connection;

/// What the case is, and a query that finds it.
const CASES: &[(&str, &str)] = &[
    ("three identities", "SELECT 1 FROM identity WHERE personID > 1000000 GROUP BY personID HAVING count(*) = 3"),
    (
        "no current identity",
        "SELECT 1 FROM person p JOIN enrollment USING (personID) WHERE p.currentIdentityID IS NULL",
    ),
    (
        "a current identity that is not the latest",
        "SELECT 1 FROM person p JOIN identity c ON c.identityID = p.currentIdentityID
        JOIN identity l ON l.personID = p.personID WHERE l.effectiveDate > c.effectiveDate",
    ),
    ("no last name", "SELECT 1 FROM identity WHERE lastName IS NULL"),
    ("no birth date", "SELECT 1 FROM identity JOIN enrollment USING (personID) WHERE birthDate IS NULL"),
    ("two races", "SELECT 1 FROM raceEthnicity GROUP BY identityID HAVING count(*) = 2"),
    ("a race that nothing maps", "SELECT 1 FROM raceEthnicity WHERE code = '6'"),
    ("a tribe", "SELECT 1 FROM identity WHERE raceSubcategory IS NOT NULL"),
    ("race by an observer", "SELECT 1 FROM identity WHERE raceEthnicityDetermination = '03'"),
    (
        "a language without SIF code",
        "SELECT 1 FROM identity JOIN language ON homePrimaryLanguage = code WHERE sifCode IS NULL",
    ),
    (
        "a language that is in no table",
        "SELECT 1 FROM identity WHERE homePrimaryLanguage NOT IN (SELECT code FROM language)",
    ),
    ("text that XML must escape", "SELECT 1 FROM behaviorIncident WHERE contextDescription LIKE '%&%'"),
    ("a letter outside ASCII", "SELECT 1 FROM identity WHERE firstName = 'Chloë' OR lastName = 'Čapek'"),
    (
        "siblings in one household",
        "SELECT 1 FROM householdMember h JOIN enrollment e USING (personID) GROUP BY householdID
        HAVING count(DISTINCT personID) = 2",
    ),
    ("two homes", "SELECT 1 FROM householdMember WHERE secondary = 1"),
    ("a membership that is over", "SELECT 1 FROM householdMember WHERE endDate < '2026-02-02'"),
    ("a membership without start", "SELECT 1 FROM householdMember WHERE startDate IS NULL AND endDate IS NULL"),
    (
        "a P.O. box beside a house",
        "SELECT 1 FROM householdLocation JOIN address USING (addressID) GROUP BY householdID
        HAVING max(postOfficeBox) = 1 AND min(postOfficeBox) = 0",
    ),
    (
        "a P.O. box alone",
        "SELECT 1 FROM householdLocation JOIN address USING (addressID) GROUP BY householdID HAVING min(postOfficeBox) = 1",
    ),
    ("a secondary location", "SELECT 1 FROM householdLocation WHERE secondary = 1"),
    ("an address without city", "SELECT 1 FROM address WHERE city IS NULL"),
    ("an address without zip", "SELECT 1 FROM address WHERE zip IS NULL"),
    ("coordinates that are no numbers", "SELECT 1 FROM address WHERE latitude = 'unknown'"),
    ("a household without phone", "SELECT 1 FROM household WHERE phone IS NULL"),
    (
        "a household without address",
        "SELECT 1 FROM household WHERE householdID NOT IN (SELECT householdID FROM householdLocation)",
    ),
    (
        "a student without household",
        "SELECT 1 FROM enrollment WHERE personID NOT IN (SELECT personID FROM householdMember)",
    ),
    ("a guardian without sequence", "SELECT 1 FROM relatedPair WHERE guardian = 1 AND seq IS NULL"),
    ("a relationship that is over", "SELECT 1 FROM relatedPair WHERE endDate < '2026-02-02'"),
    (
        "a guardian who works in the district",
        "SELECT 1 FROM relatedPair JOIN sectionStaffHistory ON personID = personID2",
    ),
    (
        "a military guardian",
        "SELECT 1 FROM impactAidEmployment JOIN relatedPair ON personID2 = personID WHERE guardian = 1
        AND militaryStatus = 'AD'",
    ),
    ("a military connection without start", "SELECT 1 FROM impactAidEmployment WHERE startDate IS NULL"),
    ("a military status that is not covered", "SELECT 1 FROM impactAidEmployment WHERE militaryStatus = 'CV'"),
    (
        "a move to another school on the next day",
        "SELECT 1 FROM enrollment a JOIN calendar ca USING (calendarID)
        JOIN enrollment b ON b.personID = a.personID AND b.startDate = date(a.endDate, '+1 day')
        JOIN calendar cb ON cb.calendarID = b.calendarID WHERE ca.schoolID <> cb.schoolID AND ca.endYear = cb.endYear",
    ),
    (
        "back to the same school on the next day",
        "SELECT 1 FROM enrollment a JOIN enrollment b ON b.personID = a.personID
        AND b.calendarID = a.calendarID AND b.startDate = date(a.endDate, '+1 day')",
    ),
    (
        "a partial enrollment beside the primary one",
        "SELECT 1 FROM enrollment a JOIN enrollment b USING (personID, calendarID)
        WHERE a.serviceType = 'P' AND b.serviceType = 'S'",
    ),
    (
        "two primary enrollments in one school",
        "SELECT 1 FROM enrollment a JOIN calendar ca USING (calendarID) JOIN enrollment b
        ON b.personID = a.personID AND b.enrollmentID > a.enrollmentID JOIN calendar cb ON cb.calendarID = b.calendarID
        WHERE ca.schoolID = cb.schoolID AND ca.endYear = cb.endYear AND a.serviceType = 'P' AND b.serviceType = 'P'
        AND a.endDate IS NULL",
    ),
    (
        "no primary enrollment",
        "SELECT 1 FROM enrollment GROUP BY personID HAVING sum(serviceType = 'P') = 0 AND count(*) > 1",
    ),
    (
        "special education services only",
        "SELECT 1 FROM enrollment GROUP BY personID HAVING min(serviceType) = 'N' AND max(serviceType) = 'N'",
    ),
    ("a no-show", "SELECT 1 FROM enrollment WHERE noShow = 1"),
    ("a state-excluded enrollment", "SELECT 1 FROM enrollment WHERE stateExclude = 1"),
    ("a start in the future", "SELECT 1 FROM enrollment WHERE startDate > '2026-02-02'"),
    (
        "an end in the future",
        "SELECT 1 FROM enrollment JOIN calendar USING (calendarID) WHERE enrollment.endDate > '2026-02-02'",
    ),
    (
        "part time from home school",
        "SELECT 1 FROM enrollment JOIN startStatusType ON startStatus = code WHERE stateCode = '01'",
    ),
    (
        "part time from private school",
        "SELECT 1 FROM enrollment JOIN startStatusType ON startStatus = code WHERE stateCode = '02'",
    ),
    ("part time, other", "SELECT 1 FROM enrollment JOIN startStatusType ON startStatus = code WHERE stateCode = '03'"),
    (
        "a start status that nothing maps",
        "SELECT 1 FROM enrollment JOIN startStatusType ON startStatus = code WHERE stateCode IS NULL",
    ),
    (
        "an enrollment of an earlier year",
        "SELECT 1 FROM enrollment JOIN calendar USING (calendarID) WHERE endYear = 2025",
    ),
    (
        "an excluded grade level",
        "SELECT 1 FROM enrollment JOIN gradeLevel ON name = grade AND gradeLevel.calendarID = enrollment.calendarID
        WHERE excludeSIF = 1",
    ),
    ("an excluded calendar", "SELECT 1 FROM enrollment JOIN calendar USING (calendarID) WHERE exclude = 1"),
    ("a summer calendar", "SELECT 1 FROM enrollment JOIN calendar USING (calendarID) WHERE summerSchool = 1"),
    ("a calendar without sequence", "SELECT 1 FROM calendar WHERE sequence IS NULL"),
    (
        "two open calendars in a school",
        "SELECT 1 FROM calendar WHERE endYear = 2026 AND NOT exclude AND NOT summerSchool
        GROUP BY schoolID HAVING count(*) = 2",
    ),
    ("kindergarten 0K", "SELECT 1 FROM gradeLevel JOIN enrollment ON grade = name WHERE standardCode = '0K'"),
    ("a grade without Standard Code", "SELECT 1 FROM gradeLevel WHERE standardCode IS NULL"),
    (
        "a schedule of one term",
        "SELECT 1 FROM term JOIN termSchedule USING (termScheduleID) WHERE isPrimary GROUP BY termScheduleID HAVING count(*) = 1",
    ),
    ("a schedule of two terms", "SELECT 1 FROM term GROUP BY termScheduleID HAVING count(*) = 2"),
    ("a schedule of three terms", "SELECT 1 FROM term GROUP BY termScheduleID HAVING count(*) = 3"),
    ("a schedule of four terms", "SELECT 1 FROM term GROUP BY termScheduleID HAVING count(*) = 4"),
    ("A and B days", "SELECT 1 FROM day GROUP BY calendarID HAVING count(DISTINCT periodScheduleID) = 2"),
    ("a day on which all periods meet", "SELECT 1 FROM day WHERE periodScheduleID IS NULL AND instruction"),
    ("a school day without instruction", "SELECT 1 FROM day WHERE schoolDay AND NOT instruction"),
    ("a period without times", "SELECT 1 FROM period WHERE startTime IS NULL"),
    ("attendance without code", "SELECT 1 FROM attendance WHERE excuseID IS NULL AND status = 'A' AND excuse IS NULL"),
    (
        "attendance of every code",
        "SELECT count(*) FROM attendance JOIN attendanceExcuse USING (excuseID) HAVING count(DISTINCT code) = 9",
    ),
    (
        "attendance before the enrollment",
        "SELECT 1 FROM attendance a JOIN enrollment e USING (personID, calendarID)
        GROUP BY a.attendanceID HAVING a.date < min(e.startDate)",
    ),
    ("attendance in the future", "SELECT 1 FROM attendance WHERE date > '2026-02-02'"),
    ("a day of suspension", "SELECT 1 FROM attendance JOIN attendanceExcuse USING (excuseID) WHERE stateCode = 'SUSP'"),
    (
        "two homerooms",
        "SELECT 1 FROM roster JOIN section USING (sectionID) WHERE homeroom = 1 AND endDate IS NULL GROUP BY personID
        HAVING count(*) = 2 AND count(DISTINCT startDate) = 1",
    ),
    ("a roster without start", "SELECT 1 FROM roster WHERE startDate IS NULL"),
    (
        "a change of section",
        "SELECT 1 FROM roster a JOIN roster b ON b.personID = a.personID AND b.startDate = date(a.endDate, '+1 day')",
    ),
    (
        "a section without placement",
        "SELECT 1 FROM section WHERE sectionID NOT IN (SELECT sectionID FROM sectionPlacement)",
    ),
    ("a section of an inactive plan", "SELECT 1 FROM section JOIN trial USING (trialID) WHERE NOT active"),
    ("an inactive course", "SELECT 1 FROM course WHERE NOT active"),
    ("a course of no subject area", "SELECT 1 FROM course WHERE scedSubjectArea IS NULL"),
    ("a section with four teachers", "SELECT 1 FROM sectionStaffHistory GROUP BY sectionID HAVING count(*) = 4"),
    (
        "a section without teacher",
        "SELECT 1 FROM section WHERE sectionID NOT IN (SELECT sectionID FROM sectionStaffHistory)",
    ),
    ("a teacher who is not reported", "SELECT 1 FROM sectionStaffHistory WHERE role = 'NR'"),
    (
        "a teacher without state id",
        "SELECT 1 FROM sectionStaffHistory JOIN person USING (personID) WHERE staffStateID IS NULL",
    ),
    ("a weight of zero", "SELECT 1 FROM transcriptCourse WHERE gpaWeight = 0"),
    (
        "no weights at all",
        "SELECT 1 FROM transcriptCourse GROUP BY personID HAVING count(gpaWeight) = 0 AND count(*) > 3",
    ),
    (
        "no unweighted values at all",
        "SELECT 1 FROM transcriptCourse GROUP BY personID HAVING count(unweightedGPAValue) = 0 AND count(gpaValue) > 3",
    ),
    ("bonus points", "SELECT 1 FROM transcriptCourse WHERE bonusPoints > 0"),
    ("courses of each source", "SELECT count(*) FROM transcriptCourse HAVING count(DISTINCT source) = 3"),
    ("two credits of a course", "SELECT 1 FROM transcriptCredit GROUP BY transcriptID HAVING count(*) = 2"),
    ("no ninth grade date", "SELECT 1 FROM graduation WHERE grade9Date IS NULL AND cohortYearNGA IS NULL"),
    ("a diploma of today", "SELECT 1 FROM graduation WHERE diplomaDate = '2026-02-02'"),
    (
        "two seals of biliteracy",
        "SELECT 1 FROM graduationSeal WHERE stateSeal = '1' GROUP BY personID HAVING count(*) = 2",
    ),
    (
        "civics by a score that is just enough",
        "SELECT 1 FROM testScore JOIN test USING (testID) JOIN programParticipation USING (personID)
        WHERE stateCode = 'CIV2' AND rawScore = 35 AND programID = 2",
    ),
    (
        "civics by a score that is just too low",
        "SELECT 1 FROM testScore JOIN test USING (testID) JOIN programParticipation USING (personID)
        WHERE stateCode = 'CIV2' AND rawScore = 34 AND programID = 2",
    ),
    (
        "reading in all windows",
        "SELECT 1 FROM testScore s JOIN test t USING (testID) LEFT JOIN test p ON p.testID = t.parentID
        WHERE coalesce(t.standardCode, p.standardCode) = 'ROGL' AND s.date > '2025-07-01'
        GROUP BY personID HAVING count(DISTINCT coalesce(t.stateValue, p.stateValue)) = 3",
    ),
    ("a score on a part of a state test", "SELECT 1 FROM testScore JOIN test USING (testID) WHERE parentID = 1"),
    ("a WIDA score", "SELECT 1 FROM testScore JOIN test USING (testID) WHERE standardCode = 'WIDA'"),
    (
        "an EL proficiency test",
        "SELECT 1 FROM testScore JOIN test USING (testID) WHERE assessmentType IN ('LID', 'LPF')",
    ),
    ("a score without date", "SELECT 1 FROM testScore WHERE date IS NULL"),
    (
        "a score of each kind",
        "SELECT count(*) FROM testScore HAVING count(scaleScore) AND count(result) AND count(rawScore)
        AND count(percentile) AND count(percent) AND count(normalCurve)",
    ),
    ("each EL status", "SELECT count(*) FROM lep HAVING count(DISTINCT programStatus) = 4"),
    (
        "all EL services refused",
        "SELECT 1 FROM lepService JOIN lep USING (lepID) WHERE programStatus = 'EL' GROUP BY lepID
        HAVING count(*) = count(dateRefused)",
    ),
    ("EL declined by parents", "SELECT 1 FROM lep WHERE parentDeclinedDate IS NOT NULL"),
    (
        "EL software",
        "SELECT 1 FROM lepService JOIN lepServiceType USING (lepServiceTypeID) WHERE stateServiceType = 'ELSS'",
    ),
    ("EL without identified date", "SELECT 1 FROM lep WHERE identifiedDate IS NULL"),
    (
        "a migrant on the last day that counts",
        "SELECT 1 FROM migrant WHERE lastQualifyingArrivalDate = '2023-02-02' AND coeStatusIndicator = 'A'",
    ),
    (
        "a migrant one day too late",
        "SELECT 1 FROM migrant WHERE lastQualifyingArrivalDate = '2023-02-01' AND coeStatusIndicator = 'A'",
    ),
    ("a list with blanks and an empty code", "SELECT 1 FROM title1 WHERE title1Services = 'MATH, ELA,,SCI'"),
    ("a list with an unknown code", "SELECT 1 FROM title1 WHERE title1Services LIKE '%ROBO'"),
    (
        "Section 504 beside special education",
        "SELECT 1 FROM section504 JOIN plan USING (personID) WHERE specialEdStatus = '1'",
    ),
    ("a draft plan", "SELECT 1 FROM plan WHERE NOT locked"),
    ("two plans", "SELECT 1 FROM plan GROUP BY personID HAVING count(*) = 2"),
    ("a disability of a local code", "SELECT 1 FROM enrollment WHERE disability1 = 'AUT'"),
    ("youth in care without membership", "SELECT 1 FROM youthProgram WHERE excludeMembership"),
    ("a program record without start", "SELECT 1 FROM gifted WHERE startDate IS NULL"),
    ("a program record that is over", "SELECT 1 FROM gifted WHERE endDate < '2026-02-02'"),
    ("an incident with a weapon", "SELECT 1 FROM behaviorWeapon"),
    (
        "an incident without state code",
        "SELECT 1 FROM behaviorIncident JOIN behaviorEvent USING (incidentID) JOIN behaviorType USING (typeID)
        GROUP BY incidentID HAVING count(stateEventCode) = 0",
    ),
    ("a victim", "SELECT 1 FROM behaviorRole WHERE role = 'Victim'"),
    ("a participant from outside", "SELECT 1 FROM behaviorRole WHERE personID IS NULL"),
    ("an alternative placement", "SELECT 1 FROM behaviorResolution WHERE additionalActions LIKE '1%'"),
];

#[test]
fn each_awkward_case_occurs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("district.db");
    generate(2000, 1, &format!("sqlite:{}", path.display()));
    let connection = Connection::open(&path).unwrap();
    let missing: Vec<&str> = CASES
        .iter()
        .filter(|(name, query)| {
            !connection.prepare(query).unwrap_or_else(|error| panic!("{name}: {error}")).exists([]).unwrap()
        })
        .map(|(name, _)| *name)
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

/// Runs of ten and of eleven instructional days with an unexcused absence in every period that meets.
#[test]
fn long_runs_of_unexcused_days_occur() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("district.db");
    generate(2000, 1, &format!("sqlite:{}", path.display()));
    let connection = Connection::open(&path).unwrap();
    let query = "
        WITH taught AS (SELECT dayID, calendarID, date, periodScheduleID,
                row_number() OVER (PARTITION BY calendarID ORDER BY date) AS place FROM day WHERE instruction),
            wanted AS (SELECT dayID, count(*) AS periods FROM taught t JOIN period p ON p.calendarID = t.calendarID AND NOT p.nonInstructional
                AND (p.periodScheduleID IS NULL OR t.periodScheduleID IS NULL OR p.periodScheduleID = t.periodScheduleID) GROUP BY dayID),
            missed AS (SELECT a.personID, t.dayID, t.calendarID, t.place, count(*) AS periods FROM attendance a
                JOIN taught t ON t.calendarID = a.calendarID AND t.date = a.date LEFT JOIN attendanceExcuse x USING (excuseID)
                WHERE coalesce(x.status, a.status) = 'A' AND coalesce(x.excuse, a.excuse, 'K') IN ('U', 'K') GROUP BY 1, 2),
            whole AS (SELECT personID, calendarID, place - row_number() OVER (PARTITION BY personID, calendarID ORDER BY place) AS run
                FROM missed JOIN wanted USING (dayID) WHERE missed.periods = wanted.periods)
        SELECT count(*) AS length FROM whole GROUP BY personID, calendarID, run HAVING length >= 10 ORDER BY length";
    let mut statement = connection.prepare(query).unwrap();
    let lengths: Vec<i64> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(lengths.contains(&10) && lengths.contains(&11) && lengths.iter().any(|length| *length > 11), "{lengths:?}");
}
