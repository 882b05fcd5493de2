//! Credits, grade point averages, rank, graduation and national tests.

use chrono::Datelike;
use graph::{Date, Decimal, Graph, Row};
use mapper::Standing;

use super::Record;
use super::transcript::Taken;
use crate::hand_written::HandWritten;
use crate::hand_written::graph_access::Read;
use crate::hand_written::scores::{reported, rounded};
use crate::hand_written::xml::{Shown, Text, Xml};

/// The mean of values, each with its weight; only positive weights count.
fn mean(values: impl Iterator<Item = (Option<Decimal>, Option<Decimal>)>) -> Option<Decimal> {
    let (mut sum, mut weights) = (Decimal::ZERO, Decimal::ZERO);
    for (value, weight) in values.filter_map(|(value, weight)| value.zip(weight)) {
        if weight > Decimal::ZERO {
            sum += value * weight;
            weights += weight;
        }
    }
    (!weights.is_zero()).then(|| sum / weights)
}

fn gpa<'t, 'g: 't>(courses: impl Iterator<Item = &'t Taken<'g>>) -> Option<Decimal> {
    mean(courses.map(|course| (course.standard_value, course.weight)))
}

fn credits(name: &'static str, credits: impl Iterator<Item = Option<Decimal>>, xml: &mut impl Xml) {
    xml.element(name, Shown(rounded(credits.flatten().sum(), 3)));
}

/// The number of a grade.
pub fn grade_number(sif_grade: &str) -> Option<i64> {
    match sif_grade {
        "PK" => Some(-1),
        "KG" => Some(0),
        grade => grade.parse().ok(),
    }
}

pub fn history(record: &Record<'_>, xml: &mut impl Xml) {
    let mut grades: Vec<(Option<i64>, usize, &str)> = Vec::new();
    for (at, course) in record.transcript.courses.iter().enumerate().filter(|(_, course)| course.grade.is_some()) {
        if !grades.iter().any(|(.., grade)| *grade == course.sif_grade) {
            grades.push((grade_number(course.sif_grade), at, course.sif_grade));
        }
    }
    if grades.is_empty() {
        return;
    }
    grades.sort_unstable_by_key(|(number, at, _)| (number.is_none(), *number, *at));
    xml.start("AcademicPerformanceHistory");
    for (.., grade) in grades {
        let courses =
            || record.transcript.courses.iter().filter(|course| course.grade.is_some() && course.sif_grade == grade);
        xml.start("TermPerformance");
        xml.start("GradeLevelWhenTaken");
        xml.leaf("Code", grade);
        xml.end("GradeLevelWhenTaken");
        credits("CreditsEarned", courses().map(|course| course.earned), xml);
        if let Some(gpa) = gpa(courses()) {
            xml.element("GPA", Shown(rounded(gpa, 3)));
        }
        xml.end("TermPerformance");
    }
    xml.end("AcademicPerformanceHistory");
}

pub fn write(run: &HandWritten, record: &Record<'_>, standing: Standing, xml: &mut impl Xml) {
    let courses = || record.transcript.courses.iter();
    xml.start("AcademicPerformanceSummary");
    credits("TotalCreditsAttempted", courses().map(|course| course.attempted), xml);
    credits("TotalCreditsEarned", courses().map(|course| course.earned), xml);
    let counting = courses().filter(|course| course.counts());
    credits("CumulativeGPACreditsEarned", counting.map(|course| course.earned), xml);
    credits("CumulativeGradePoints", courses().map(|course| course.standard_value), xml);
    xml.or_nil("CumulativeGPA", gpa(courses()).map(|gpa| Shown(rounded(gpa, 3))));
    let (rank, size) = match standing {
        Standing::Ranked(rank, size) => (Some(rank), Some(size)),
        _ => (None, None),
    };
    xml.or_nil("ClassRank", rank.map(Shown));
    xml.or_nil("ClassTotalNumber", size.map(Shown));
    let (at, graph) = (&run.columns.Graduation, record.graph);
    let year = record.graduation.and_then(|row| graph.int(row, at.cohort_year_nga));
    match year.zip(record.latest).filter(|_| record.has_primary) {
        Some((year, latest)) => {
            let month = latest.calendar.end_date.month();
            xml.element("ProjectedGraduationDate", Shown(format_args!("{year:04}-{month:02}")));
        }
        None => xml.or_nil("ProjectedGraduationDate", None::<Text<'_>>),
    }
    if let Some(row) = record.graduation
        && let Some(date) = graph.date(row, at.diploma_date).filter(|date| *date <= run.as_of)
    {
        xml.date("GraduationDate", date);
        let diploma = graph.text(row, at.diploma_type).and_then(|code| run.directory.diplomas.get(code));
        xml.optional("GraduationDiplomaType", diploma.map(String::as_str));
    }
    xml.end("AcademicPerformanceSummary");
}

/// The scores on national tests.
pub fn assessments(run: &HandWritten, record: &Record<'_>, student: Row, xml: &mut impl Xml) {
    let (at, graph) = (&run.columns.Score, record.graph);
    let test = |row| &run.directory.tests[graph.one(row, at.test).expect("a test").index as usize];
    let mut scores: Vec<(bool, Option<Date>, Row, &str)> = graph
        .linked(student, run.columns.Student.test_scores)
        .filter_map(|row| {
            let date = graph.date(row, at.date);
            Some((date.is_none(), date, row, test(row).listed.as_deref()?))
        })
        .collect();
    if scores.is_empty() {
        return;
    }
    scores.sort_unstable_by_key(|(undated, date, row, _)| (*undated, *date, row.index));
    xml.start("AssessmentPerformanceHistory");
    for (_, date, row, name) in scores {
        xml.start("Assessment");
        xml.leaf("Name", name);
        xml.optional_date("AdministrationDate", date);
        xml.start("StudentGradeLevelWhenAssessed");
        xml.leaf("Code", record.highest_grade);
        xml.end("StudentGradeLevelWhenAssessed");
        xml.optional("SubtestCategory", test(row).subject.as_deref());
        xml.optional("TestScoreType", score_type(run, graph, row));
        xml.optional("TestScore", reported(run, graph, row).as_deref());
        xml.end("Assessment");
    }
    xml.end("AssessmentPerformanceHistory");
}

fn score_type(run: &HandWritten, graph: &Graph, row: Row) -> Option<&'static str> {
    let at = &run.columns.Score;
    let number = |field| graph.decimal(row, field).is_some();
    if number(at.scale_score) || graph.text(row, at.result).is_some() || number(at.raw_score) {
        Some("0499")
    } else if number(at.percentile) {
        Some("0502")
    } else if number(at.percent) {
        Some("9999")
    } else {
        number(at.normal_curve).then_some("0497")
    }
}

pub fn extension(record: &Record<'_>, standing: Standing, xml: &mut impl Xml) {
    let weighted = record.transcript.courses.iter().map(|course| {
        let value = course.gpa_value.map(|value| value + course.bonus.unwrap_or_default());
        (value, course.weight)
    });
    xml.start_extension("StudentAcademicRecordExtensions");
    match mean(weighted) {
        Some(gpa) => xml.element("WeightedGPA", Shown(rounded(gpa.min(Decimal::from(5)), 3))),
        None => xml.empty("WeightedGPA"),
    }
    match standing {
        Standing::Ranked(rank, size) => {
            let percent = Decimal::from(rank) * Decimal::ONE_HUNDRED / Decimal::from(size);
            xml.element("PercentileRank", Shown(rounded(percent.min(Decimal::new(9999, 2)), 2)));
        }
        _ => xml.empty("PercentileRank"),
    }
    xml.end_extension("StudentAcademicRecordExtensions");
}
