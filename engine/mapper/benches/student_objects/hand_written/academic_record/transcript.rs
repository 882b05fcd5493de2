//! A student's transcript, sorted and grouped once.

use graph::{Date, Decimal, Graph, Row};

use super::directory::{Calendar, Course, Directory};
use super::marks::Mark;
use crate::hand_written::HandWritten;
use crate::hand_written::graph_access::Read;

/// Where a course was taken.
#[derive(Clone, Copy, PartialEq)]
pub enum Place<'g> {
    /// At a school of ours.
    Ours(u32),
    /// At another, known by the numbers of district and school and its name.
    Outside { district: Option<&'g str>, number: Option<&'g str>, name: Option<&'g str> },
}

pub struct Taken<'g> {
    pub row: Row,
    /// Its place among the places.
    pub place: usize,
    pub year: Option<i64>,
    pub start: Option<Date>,
    pub end: Option<Date>,
    pub term_name: Option<&'g str>,
    pub term_number: Option<i64>,
    pub session_type: &'static str,
    pub grade: Option<&'g str>,
    pub sif_grade: &'g str,
    pub mark: Option<Mark<'g>>,
    pub group: Option<u32>,
    pub attempted: Option<Decimal>,
    pub earned: Option<Decimal>,
    pub weight: Option<Decimal>,
    pub gpa_value: Option<Decimal>,
    pub standard_value: Option<Decimal>,
    pub bonus: Option<Decimal>,
}

pub struct Transcript<'g> {
    pub courses: Vec<Taken<'g>>,
    pub places: Vec<Place<'g>>,
    /// Courses by year, first and last day and id.
    pub order: Vec<usize>,
}

impl<'g> Transcript<'g> {
    pub fn of(run: &'g HandWritten, graph: &'g Graph, student: Row) -> Self {
        let mut places = Vec::new();
        let courses: Vec<Taken<'g>> = graph
            .linked(student, run.columns.Student.transcript)
            .map(|row| Taken::of(run, graph, row, &mut places))
            .collect();
        let mut order: Vec<usize> = (0..courses.len()).collect();
        // Within one term by id, as they stand.
        order.sort_by_key(|at| {
            let course = &courses[*at];
            (
                (course.year.is_none(), course.year),
                (course.start.is_none(), course.start),
                (course.end.is_none(), course.end),
            )
        });
        Self { courses, places, order }
    }

    /// The courses of each term, earliest first.
    pub fn terms(&self) -> Vec<Vec<&Taken<'g>>> {
        let mut terms: Vec<Vec<&Taken<'g>>> = Vec::new();
        let days = |course: &Taken<'_>| (course.year, course.start, course.end);
        let mut begun = 0;
        for course in self.order.iter().map(|at| &self.courses[*at]) {
            if terms.last().is_some_and(|term| days(term[0]) != days(course)) {
                begun = terms.len();
            }
            match terms[begun..].iter_mut().find(|term| term[0].same_term(course)) {
                Some(term) => term.push(course),
                None => terms.push(vec![course]),
            }
        }
        terms
    }

    /// The places, each by the first day of its first course.
    pub fn places_in_order(&self) -> Vec<usize> {
        let mut first: Vec<(bool, Option<Date>, usize, usize)> = Vec::new();
        for (at, course) in self.courses.iter().enumerate() {
            let key = (course.start.is_none(), course.start, at, course.place);
            match first.iter_mut().find(|known| known.3 == course.place) {
                Some(known) => *known = key.min(*known),
                None => first.push(key),
            }
        }
        first.sort_unstable();
        first.into_iter().map(|(.., place)| place).collect()
    }
}

impl<'g> Taken<'g> {
    fn of(run: &'g HandWritten, graph: &'g Graph, row: Row, places: &mut Vec<Place<'g>>) -> Self {
        let (at, directory) = (&run.columns.Transcript, &run.directory);
        let own = if graph.text(row, at.source) == Some("1") { graph.one(row, at.course) } else { None };
        let own: Option<&'g Course> = own.map(|course| &directory.courses[course.index as usize]);
        let calendar: Option<&'g Calendar> = own.map(|course| &directory.calendars[course.calendar as usize]);
        let number = graph.int(row, at.actual_term);
        let term = calendar
            .filter(|_| number.is_some())
            .and_then(|calendar| calendar.terms.iter().find(|term| term.seq == number));
        let place = place(run, graph, row, calendar, directory);
        let place = places.iter().position(|known| *known == place).unwrap_or_else(|| {
            places.push(place);
            places.len() - 1
        });
        let grade = graph.text(row, at.grade);
        let level = calendar.and_then(|calendar| calendar.grades.iter().find(|(name, _)| Some(name.as_str()) == grade));
        let (score, percent) = (graph.text(row, at.score), graph.decimal(row, at.percent));
        let (mut attempted, mut earned) = (None, None);
        for credit in graph.linked(row, at.credits) {
            let columns = &run.columns.TranscriptCredit;
            add(&mut attempted, graph.decimal(credit, columns.credits_attempted));
            add(&mut earned, graph.decimal(credit, columns.credits_earned));
        }
        let gpa_value = graph.decimal(row, at.gpa_value);
        Self {
            row,
            place,
            year: calendar.map(|calendar| calendar.end_year).or_else(|| graph.int(row, at.end_year)),
            start: term.map(|term| term.start).or_else(|| graph.date(row, at.term_start_date)),
            end: term.map(|term| term.end).or_else(|| graph.date(row, at.term_end_date)),
            term_name: term.map(|term| term.name.as_str()),
            term_number: number,
            session_type: calendar.map_or("9999", |calendar| calendar.session_type),
            grade,
            sif_grade: run.sif_grade(level.and_then(|(_, code)| code.as_deref()), grade),
            mark: Mark::of(score, percent),
            group: own.zip(score).and_then(|(course, score)| {
                let listed = |group: &&u32| directory.groups[**group as usize].scores.iter().any(|item| item == score);
                course.groups.iter().find(listed).copied()
            }),
            attempted,
            earned,
            weight: graph.decimal(row, at.gpa_weight),
            gpa_value,
            standard_value: graph.decimal(row, at.unweighted_gpa_value).or(gpa_value),
            bonus: graph.decimal(row, at.bonus_points),
        }
    }

    /// Of two courses with the same year and days.
    fn same_term(&self, other: &Self) -> bool {
        let code =
            |course: &Self| (course.term_name, if course.term_name.is_some() { None } else { course.term_number });
        self.place == other.place && self.session_type == other.session_type && code(self) == code(other)
    }

    /// Whether it counts for the GPA.
    pub fn counts(&self) -> bool {
        self.standard_value.is_some() && self.weight.is_some_and(|weight| weight > Decimal::ZERO)
    }
}

fn add(sum: &mut Option<Decimal>, number: Option<Decimal>) {
    if let Some(number) = number {
        *sum = Some(sum.unwrap_or_default() + number);
    }
}

fn place<'g>(
    run: &HandWritten,
    graph: &'g Graph,
    row: Row,
    calendar: Option<&Calendar>,
    directory: &Directory,
) -> Place<'g> {
    let at = &run.columns.Transcript;
    if let Some(calendar) = calendar {
        return Place::Ours(calendar.school);
    }
    if let Some(school) = graph.one(row, at.school) {
        return Place::Ours(school.index);
    }
    let district = graph.text(row, at.district_number);
    if let Some(namesake) = graph.one(row, at.numbered_school) {
        let own = directory.schools[namesake.index as usize].district;
        // Schools of two districts may have one number.
        if district.is_none() || district == directory.districts[own as usize].number.as_deref() {
            return Place::Ours(namesake.index);
        }
    }
    Place::Outside { district, number: graph.text(row, at.school_number), name: graph.text(row, at.school_name) }
}
