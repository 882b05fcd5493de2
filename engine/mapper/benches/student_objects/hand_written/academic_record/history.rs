//! The courses of the transcript, term by term.

use super::transcript::Taken;
use super::{Record, title};
use crate::hand_written::HandWritten;
use crate::hand_written::graph_access::Read;
use crate::hand_written::scores::rounded;
use crate::hand_written::xml::{Shown, Text, Xml};

pub fn write(run: &HandWritten, record: &Record<'_>, xml: &mut impl Xml) {
    xml.start("CourseHistory");
    for courses in record.transcript.terms() {
        let term = courses[0];
        xml.start("Term");
        xml.begin("TermInfoData");
        xml.attribute("SchoolAttendedRefId", Text(&record.place_ids[term.place]));
        xml.within();
        if let Some(year) = term.year {
            xml.number("SchoolYear", year);
        }
        xml.optional_date("StartDate", term.start);
        xml.optional_date("EndDate", term.end);
        match (term.term_name, term.term_number) {
            (Some(name), _) => xml.leaf("TermCode", name),
            (None, Some(number)) => xml.number("TermCode", number),
            (None, None) => {}
        }
        span(term, xml);
        xml.end("TermInfoData");
        xml.start("Courses");
        for taken in courses {
            course(run, record, taken, xml);
        }
        xml.end("Courses");
        xml.end("Term");
    }
    xml.end("CourseHistory");
}

fn span(taken: &Taken<'_>, xml: &mut impl Xml) {
    xml.start("TermSpan");
    xml.leaf("Code", taken.session_type);
    xml.end("TermSpan");
}

fn course(run: &HandWritten, record: &Record<'_>, taken: &Taken<'_>, xml: &mut impl Xml) {
    let (at, graph) = (&run.columns.Transcript, record.graph);
    let text = |field| graph.text(taken.row, field);
    xml.start("Course");
    xml.leaf("SchoolAttendedRefId", &record.place_ids[taken.place]);
    xml.unless_empty("SchoolCourseInfoData", |xml| {
        xml.optional("CourseCode", text(at.course_number));
        xml.optional("StateCourseCode", text(at.state_code));
        xml.optional("DistrictCourseCode", text(at.course_number));
        xml.optional("CourseTitle", text(at.course_name).map(title));
    });
    xml.optional_date("StartDate", taken.start);
    xml.optional_date("EndDate", taken.end);
    xml.start("MarkingPeriods");
    xml.start("MarkingPeriod");
    xml.start("TermInfoData");
    span(taken, xml);
    xml.end("TermInfoData");
    if taken.grade.is_some() {
        xml.start("GradeLevelWhenTaken");
        xml.leaf("Code", taken.sif_grade);
        xml.end("GradeLevelWhenTaken");
    }
    if let Some(mark) = &taken.mark {
        mark.write(record.district, taken.group, xml);
    }
    for (name, credits) in [("CourseCreditsAttempted", taken.attempted), ("CourseCreditsEarned", taken.earned)] {
        if let Some(credits) = credits {
            xml.element(name, Shown(rounded(credits, 3)));
        }
    }
    xml.leaf("CreditType", "0585");
    xml.end("MarkingPeriod");
    xml.end("MarkingPeriods");
    xml.end("Course");
}
