//! The three objects as a Rust programmer would write them who knows the page and the graph: fields looked up once, what elements
//! share worked out once, XML straight into the output, a file for each object. No rules, no checks, no reports.

mod attendance_summary;
mod columns;
mod enrollment;
mod graph_access;
mod organisation;
mod personal;
mod school_enrollment;
mod scores;
mod student;
mod xml;

use graph::{Date, Graph};

use crate::Output;
use crate::district::District;
use columns::Columns;
use enrollment::Enrollment;
use organisation::Organisation;
use student::Student;
use xml::Xml;

/// What holds for the whole run.
pub struct HandWritten {
    columns: Columns,
    organisation: Organisation,
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
        Self { columns, organisation, as_of: district.as_of, school_year, year }
    }

    pub fn write(&self, district: &District, output: &mut Output) {
        for batch in &district.batches {
            self.batch(batch, output);
        }
    }

    fn batch(&self, graph: &Graph, [personal, school_enrollment, attendance_summary]: &mut Output) {
        let enrollments: Vec<Enrollment> =
            graph.each(self.columns.Enrollment.id).map(|row| Enrollment::of(self, graph, row)).collect();
        let students: Vec<Student> =
            graph.each(self.columns.Student.id).map(|row| Student::of(self, graph, row, &enrollments)).collect();
        let mut xml = Xml(personal);
        for student in students.iter().filter(|student| !student.enrollments.is_empty()) {
            personal::write(self, graph, student, &enrollments, &mut xml);
            xml.raw("\n");
        }
        let mut xml = Xml(school_enrollment);
        for enrollment in enrollments.iter().filter(|enrollment| enrollment.reported(&students, &enrollments)) {
            school_enrollment::write(self, graph, enrollment, &students, &mut xml);
            xml.raw("\n");
        }
        attendance_summary::write_all(self, graph, &enrollments, &students, &mut Xml(attendance_summary));
    }
}
