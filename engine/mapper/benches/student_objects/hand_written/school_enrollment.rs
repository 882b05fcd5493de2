//! StudentSchoolEnrollment.

use graph::{Date, Graph, Row};

use super::HandWritten;
use super::enrollment::Enrollment;
use super::graph_access::Read;
use super::organisation::{Section, is_before};
use super::student::Student;
use super::xml::{Guid, Shown, Text, Xml};

const TITLE1: [&str; 8] = [
    "Title1Math",
    "Title1ELA",
    "Title1Science",
    "Title1Health",
    "Title1AcademicGuidance",
    "Title1SocialStudies",
    "Title1Vocational",
    "Title1ParaPros",
];

pub fn write(
    run: &HandWritten,
    graph: &Graph,
    enrollment: &Enrollment<'_>,
    students: &[Student<'_>],
    xml: &mut impl Xml,
) {
    let (columns, calendar, row) = (&run.columns, enrollment.calendar, enrollment.row);
    let at = &columns.Enrollment;
    let student = &students[enrollment.student as usize];
    let courses = Courses::of(run, graph, enrollment, student.row);

    let membership = if calendar.summer {
        "Summer"
    } else if enrollment.primary {
        "Home"
    } else {
        "Concurrent"
    };
    let time_frame = if run.as_of < enrollment.start {
        "Future"
    } else if enrollment.end.is_none_or(|end| run.as_of <= end) {
        "Current"
    } else {
        "Historical"
    };
    xml.begin("StudentSchoolEnrollment");
    xml.attribute("RefId", Guid(graph.text(row, at.enrollment_guid).unwrap_or_default()));
    xml.attribute("StudentPersonalRefId", Guid(student.guid));
    xml.attribute("SchoolInfoRefId", Guid(&calendar.school_guid));
    xml.attribute("MembershipType", Text(membership));
    xml.attribute("TimeFrame", Text(time_frame));
    xml.attribute("SchoolYear", Shown(calendar.end_year));
    xml.within();
    xml.date("EntryDate", enrollment.start);
    xml.start("EntryType");
    xml.leaf("Code", "9999");
    xml.end("EntryType");
    xml.start("GradeLevel");
    let grade = graph.text(row, at.grade);
    let standard_code = enrollment.grade_level.and_then(|level| graph.text(level, columns.GradeLevel.standard_code));
    xml.leaf("Code", run.organisation.grade_level.get_or(standard_code.or(grade), "UN"));
    xml.other_code(grade.unwrap_or_default());
    xml.end("GradeLevel");
    if let Some(room) = courses.homeroom.and_then(|section| section.room.as_deref()) {
        xml.start_with("Homeroom", "SIF_RefObject", "RoomInfo");
        xml.content(Guid(room));
        xml.end("Homeroom");
    }
    xml.start_with("Calendar", "SIF_RefObject", "CalendarSummary");
    xml.content(Guid(&calendar.guid));
    xml.end("Calendar");
    xml.optional_date("ExitDate", enrollment.reported_end);
    if graph.text(row, at.end_status).is_some() {
        xml.start("ExitType");
        xml.leaf("Code", "9999");
        let status = graph.one(row, at.end_status_type);
        if let Some(code) = status.and_then(|status| graph.text(status, columns.EndStatusType.state_code)) {
            xml.other_code(code);
        }
        xml.end("ExitType");
    }
    let grade_code = enrollment.grade_level.and_then(|level| graph.text(level, columns.GradeLevel.grade_code));
    xml.leaf("FTPTStatus", run.organisation.part_time_grade.get_or(grade_code, "FullTime"));

    xml.start_extension("StudentSchoolEnrollmentExtensions");
    let start_status =
        graph.one(row, at.start_status_type).and_then(|status| graph.text(status, columns.StartStatusType.state_code));
    xml.always(
        "PartTimeHomeSchool",
        match start_status {
            Some("01") => Some("H"),
            Some("02") => Some("P"),
            Some("03") => Some("S"),
            _ => None,
        },
    );
    let kindergarten =
        enrollment.grade_level.is_some_and(|level| graph.text(level, columns.GradeLevel.state_grade) == Some("00"));
    xml.always(
        "KindergartenType",
        courses.first.filter(|_| kindergarten).and_then(|section| section.program_type.as_deref()),
    );
    let services = title1_services(run, graph, enrollment, student.row);
    for (name, there) in TITLE1.iter().zip(services) {
        xml.mark(name, there);
    }
    let (poverty, after_school) = grants(run, graph, enrollment, student.row);
    xml.mark("IntergenerationalPovertyGrant", poverty);
    xml.mark("AfterSchool21CCLC", after_school);
    let sif_grade = enrollment.grade_level.map(|_| run.organisation.grade_level.get_or(standard_code, "UN"));
    let early = matches!(sif_grade, Some("KG" | "01" | "02" | "03"));
    xml.mark("ELStateSoftware", student.el_software && !early);
    xml.mark("EarlyChildhoodReadingStateSoftware", student.el_software && early);
    xml.always(
        "EnrollmentValidationType",
        match (courses.by_attendance, courses.by_learner) {
            (true, true) => Some("B"),
            (true, false) => Some("A"),
            (false, true) => Some("L"),
            (false, false) => None,
        },
    );
    xml.end_extension("StudentSchoolEnrollmentExtensions");
    xml.end("StudentSchoolEnrollment");
}

/// What is asked of the student's sections during an enrollment, in one walk.
#[derive(Default)]
struct Courses<'r> {
    homeroom: Option<&'r Section>,
    /// The section of the earliest instructional period.
    first: Option<&'r Section>,
    by_attendance: bool,
    by_learner: bool,
}

impl<'r> Courses<'r> {
    fn of(run: &'r HandWritten, graph: &Graph, enrollment: &Enrollment<'_>, student: Row) -> Self {
        let at = &run.columns.Roster;
        let mut courses = Self::default();
        let (mut best, mut earliest) = (None, None);
        let until = enrollment.end.unwrap_or(enrollment.calendar.end_date);
        for roster in graph.linked(student, run.columns.Student.rosters) {
            let section = &run.organisation.sections[graph.one(roster, at.section).expect("a section").index as usize];
            if section.calendar != enrollment.calendar.key || !section.active {
                continue;
            }
            let end = graph.date(roster, at.end_date);
            let first_day = graph.date(roster, at.start_date).or(section.first_day);
            let last_day = end.or(section.last_day);
            if first_day.unwrap_or(enrollment.start) > until || last_day.is_some_and(|last| last < enrollment.start) {
                continue;
            }
            courses.by_attendance |= section.by_attendance;
            courses.by_learner |= section.by_learner;
            if section.homeroom {
                let today =
                    first_day.is_none_or(|first| first <= run.as_of) && last_day.is_none_or(|last| last >= run.as_of);
                let rank = (today, first_day, end.is_none(), end, roster.index);
                if best.is_none_or(|best| rank > best) {
                    best = Some(rank);
                    courses.homeroom = Some(section);
                }
            }
            if let Some(place) = section.earliest
                && earliest.is_none_or(|earliest| is_before(place, earliest))
            {
                earliest = Some(place);
                courses.first = Some(section);
            }
        }
        courses
    }
}

fn overlaps(run: &HandWritten, enrollment: &Enrollment<'_>, start: Option<Date>, end: Option<Date>) -> bool {
    start.is_some_and(|start| start <= run.as_of && start <= enrollment.end.unwrap_or(run.as_of))
        && end.is_none_or(|end| end >= enrollment.start)
}

fn title1_services(run: &HandWritten, graph: &Graph, enrollment: &Enrollment<'_>, student: Row) -> [bool; 8] {
    let at = &run.columns.Title1;
    let mut found = [false; 8];
    for record in graph.linked(student, run.columns.Student.title1_records) {
        if !overlaps(run, enrollment, graph.date(record, at.start_date), graph.date(record, at.end_date)) {
            continue;
        }
        for local in graph.text(record, at.title1_services).unwrap_or_default().split(',') {
            let service = run.organisation.title1_service.get(Some(local.trim()));
            if let Some(index) = TITLE1.iter().position(|name| Some(*name) == service) {
                found[index] = true;
            }
        }
    }
    found
}

fn grants(run: &HandWritten, graph: &Graph, enrollment: &Enrollment<'_>, student: Row) -> (bool, bool) {
    let at = &run.columns.Supplemental;
    graph
        .linked(student, run.columns.Student.supplemental_services)
        .filter(|record| {
            overlaps(run, enrollment, graph.date(*record, at.start_date), graph.date(*record, at.end_date))
        })
        .fold((false, false), |(poverty, after_school), record| {
            (
                poverty || graph.is(record, at.supplemental_service1),
                after_school || graph.is(record, at.supplemental_service2),
            )
        })
}
