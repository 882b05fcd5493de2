//! StudentAcademicRecord.

mod current;
pub mod directory;
mod history;
mod marks;
mod schools;
mod summary;
mod transcript;

use std::cmp::Reverse;

use graph::{Graph, Row};
use mapper::Standing;
use sif::RefId;

use self::current::TermMark;
use self::directory::{Calendar, District, Term};
use self::transcript::{Place, Transcript};
use super::HandWritten;
use super::enrollment::Enrollment;
use super::graph_access::Read;
use super::student::Student;
use super::xml::{Guid, Text, Xml};

/// What several parts of a record need.
struct Record<'g> {
    graph: &'g Graph,
    district: &'g District,
    /// The current enrollment, its calendar and its grade.
    current: &'g Enrollment<'g>,
    calendar: &'g Calendar,
    grade: &'g str,
    /// Every enrollment, reported or not.
    enrolled: Vec<&'g Enrollment<'g>>,
    latest: Option<&'g Enrollment<'g>>,
    has_primary: bool,
    highest_grade: &'g str,
    graduation: Option<Row>,
    term: Option<&'g Term>,
    term_marks: Vec<TermMark<'g>>,
    transcript: Transcript<'g>,
    /// The RefId of each place of the transcript.
    place_ids: Vec<String>,
}

impl Record<'_> {
    /// The RefId of the school of the current enrollment.
    fn current_school(&self) -> &str {
        &self.district.schools[self.current.calendar.school as usize]
    }
}

impl HandWritten {
    /// The SIF code of a grade, by its Standard Code or else by its name.
    fn sif_grade<'r>(&'r self, standard_code: Option<&str>, name: Option<&str>) -> &'r str {
        let codes = &self.organisation.grade_level;
        match (standard_code, name) {
            (Some(code), _) => codes.get_or(Some(code), "UN"),
            (None, Some(name)) => match name.trim().parse::<i64>() {
                Ok(number) => codes.get_or(Some(&format!("{number:02}")), "UN"),
                Err(_) => codes.get_or(Some(name), "UN"),
            },
            (None, None) => "UN",
        }
    }

    fn grade_of<'r>(&'r self, graph: &Graph, enrollment: &Enrollment<'_>) -> &'r str {
        let level = enrollment.grade_level;
        let standard_code = level.and_then(|level| graph.text(level, self.columns.GradeLevel.standard_code));
        self.sif_grade(standard_code, graph.text(enrollment.row, self.columns.Enrollment.grade))
    }
}

/// Writes the record of a student who has one.
pub fn write(
    run: &HandWritten,
    graph: &Graph,
    student: &Student<'_>,
    enrollments: &[Enrollment<'_>],
    xml: &mut impl Xml,
) {
    let reported = || student.enrollments.iter().map(|index| &enrollments[*index as usize]);
    let in_high_school =
        |enrollment: &Enrollment<'_>| matches!(run.grade_of(graph, enrollment), "09" | "10" | "11" | "12");
    let Some(current) = student.current_enrollment.map(|index| &enrollments[index as usize]) else { return };
    if graph.many(student.row, run.columns.Student.transcript).is_empty() || !reported().any(in_high_school) {
        return;
    }
    let directory = &run.directory;
    let calendar = graph.one(current.row, run.columns.Enrollment.calendar).expect("a calendar");
    let calendar = &directory.calendars[calendar.index as usize];
    let district = &directory.districts[directory.schools[calendar.school as usize].district as usize];
    let transcript = Transcript::of(run, graph, student.row);
    let term = current::term(run, calendar);
    let own = graph.many(student.row, run.columns.Student.enrollments).iter();
    let enrolled: Vec<&Enrollment<'_>> = own.map(|index| &enrollments[*index as usize]).collect();
    let highest = enrolled.iter().max_by_key(|enrollment| {
        let number = summary::grade_number(run.grade_of(graph, enrollment));
        (number, enrollment.start, Reverse(enrollment.row.index))
    });
    let record = Record {
        graph,
        district,
        current,
        calendar,
        grade: run.grade_of(graph, current),
        latest: reported().max_by_key(|enrollment| {
            let open = enrollment.end.is_none();
            (enrollment.start, enrollment.primary, open, enrollment.end, Reverse(enrollment.row.index))
        }),
        has_primary: reported().any(|enrollment| enrollment.primary),
        highest_grade: highest.map_or("UN", |enrollment| run.grade_of(graph, enrollment)),
        enrolled,
        graduation: graph.one(student.row, run.columns.Student.graduation),
        term,
        term_marks: current::term_marks(run, graph, student.row, term),
        place_ids: transcript.places.iter().map(|place| place_id(district, place)).collect(),
        transcript,
    };
    record.write(run, student, xml);
    xml.line();
}

/// As much of a course's title as is reported.
fn title(name: &str) -> &str {
    name.char_indices().nth(20).map_or(name, |(end, _)| &name[..end])
}

fn place_id(district: &District, place: &Place<'_>) -> String {
    match place {
        Place::Ours(school) => district.schools[*school as usize].clone(),
        Place::Outside { district: lea, number, name } => {
            let [lea, number, name] = [lea, number, name].map(|text| text.unwrap_or_default());
            district.naming.ref_id(&format!("SchoolAttended/{lea}|{number}|{name}")).to_string()
        }
    }
}

impl Record<'_> {
    fn write(&self, run: &HandWritten, student: &Student<'_>, xml: &mut impl Xml) {
        let standing = run.standing(self.graph.key(student.row));
        let guid = RefId::parse(student.guid).map(|guid| guid.canonical()).unwrap_or_default();
        let ref_id = self.district.naming.ref_id(&format!("StudentAcademicRecord/person:{guid}"));
        xml.begin("StudentAcademicRecord");
        xml.attribute("RefId", Text(&ref_id.to_string()));
        xml.attribute("SIF_RefId", Guid(student.guid));
        xml.attribute("SIF_RefObject", Text("StudentPersonal"));
        xml.within();
        xml.date("ReportingDate", run.as_of);
        xml.begin("StudentSchoolEnrollmentData");
        xml.attribute("SchoolAttendedRefId", Text(self.current_school()));
        xml.within();
        xml.start("GradeLevel");
        xml.leaf("Code", self.grade);
        xml.other_code(self.graph.text(self.current.row, run.columns.Enrollment.grade).unwrap_or_default());
        xml.end("GradeLevel");
        xml.end("StudentSchoolEnrollmentData");
        schools::write(run, self, xml);
        schools::enrollments(run, self, xml);
        current::write(run, self, student.row, xml);
        history::write(run, self, xml);
        summary::history(self, xml);
        summary::write(run, self, standing, xml);
        summary::assessments(run, self, student.row, xml);
        summary::extension(self, standing, xml);
        xml.end("StudentAcademicRecord");
    }
}

impl HandWritten {
    /// The student's place, which the pass over everybody has found.
    fn standing(&self, student: i64) -> Standing {
        self.standings.of(self.school_year as i32, self.ranking, student).unwrap_or(Standing::NotRanked)
    }
}
