//! The five objects as a Rust programmer would write them who knows the page and the graph: fields looked up once, what elements
//! share worked out once, XML as it goes, a file for each object. No rules, no checks, no reports.

mod academic_record;
mod attendance_summary;
mod columns;
mod enrollment;
mod graph_access;
mod organisation;
mod personal;
mod school_enrollment;
mod scores;
mod section_enrollment;
mod student;
mod xml;

use std::sync::Arc;

use academic_record::directory::Directory;
use graph::{Date, Graph};
use mapper::Standings;

use crate::district::District;
use crate::{OBJECTS, Output};
use columns::Columns;
use enrollment::Enrollment;
use organisation::Organisation;
use student::Student;
use xml::Xml;
pub use xml::{Appended, Events};

/// What holds for the whole run.
pub struct HandWritten {
    columns: Columns,
    organisation: Organisation,
    directory: Directory,
    /// The students' places in their classes, and the ranking that they come of.
    standings: Arc<Standings>,
    ranking: usize,
    as_of: Date,
    school_year: i64,
    year: (Date, Date),
}

impl HandWritten {
    pub fn new(district: &District) -> Self {
        let columns = Columns::of(&district.plan.schema);
        let school_year = i64::from(district.school_year());
        let organisation = Organisation::of(&columns, &district.organisation, school_year);
        let year = district.zone.school_year_starts.span(district.school_year()).expect("a year");
        let directory = Directory::of(&columns, &district.organisation);
        Self {
            columns,
            organisation,
            directory,
            standings: Arc::clone(&district.standings),
            ranking: district.ranking(),
            as_of: district.as_of,
            school_year,
            year,
        }
    }

    /// Writes everything in one of the two ways to write XML.
    pub fn write<X: Xml>(&self, district: &District, output: &mut Output) {
        let mut xml = output.each_mut().map(|out| X::onto(std::mem::take(out)));
        for batch in &district.batches {
            self.batch(batch, &mut xml);
        }
        *output = xml.map(X::done);
    }

    fn batch<X: Xml>(
        &self,
        graph: &Graph,
        [personal, enrolled, attendance, sections, records]: &mut [X; OBJECTS.len()],
    ) {
        let enrollments: Vec<Enrollment> =
            graph.each(self.columns.Enrollment.id).map(|row| Enrollment::of(self, graph, row)).collect();
        let students: Vec<Student> =
            graph.each(self.columns.Student.id).map(|row| Student::of(self, graph, row, &enrollments)).collect();
        for student in students.iter().filter(|student| !student.enrollments.is_empty()) {
            personal::write(self, graph, student, &enrollments, personal);
            personal.line();
        }
        for enrollment in enrollments.iter().filter(|enrollment| enrollment.reported(&students, &enrollments)) {
            school_enrollment::write(self, graph, enrollment, &students, enrolled);
            enrolled.line();
        }
        attendance_summary::write_all(self, graph, &enrollments, &students, attendance);
        for student in &students {
            section_enrollment::write_all(self, graph, student, &enrollments, sections);
            academic_record::write(self, graph, student, &enrollments, records);
        }
    }
}
