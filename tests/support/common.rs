//! What the tests of the program and those of its crates share.

/// The fourteen objects.
pub const OBJECTS: [&str; 14] = [
    "CalendarSummary",
    "DisciplineIncident",
    "LEAInfo",
    "SchoolCourseInfo",
    "SchoolInfo",
    "SectionInfo",
    "StudentAcademicRecord",
    "StudentAttendanceSummary",
    "StudentDemographicRecord",
    "StudentParticipation",
    "StudentPersonal",
    "StudentSchoolEnrollment",
    "StudentSectionEnrollment",
    "TermInfo",
];

/// Says that a test was skipped. On the CI server everything is installed, so there it is a failure.
pub fn skip(why: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "on CI nothing may be skipped: {why}");
    println!("skipped: {why}");
}
