//! A student's test scores: which of them the objects ask for, found in one walk.

use std::borrow::Cow;

use graph::{Date, Decimal, Graph, Row};
use rust_decimal::RoundingStrategy;

use super::HandWritten;
use super::graph_access::Read;
use super::organisation::test::{EL, ENS, FALL, MIDDLE, ROGL, SPRING, WIDA, during};
use super::xml::Xml;

/// The latest so far, with its date.
#[derive(Default)]
struct Latest(Option<(Date, Row)>);

impl Latest {
    fn offer(&mut self, date: Date, row: Row) {
        self.0 = self.0.max(Some((date, row)));
    }

    fn row(&self) -> Option<Row> {
        self.0.map(|(_, row)| row)
    }
}

/// The latest scores of the zone year, by program and window.
pub struct Scores {
    pub reading: [Option<Row>; 3],
    pub numeracy: [Option<Row>; 3],
    pub reading_intervention: Option<Row>,
    pub numeracy_intervention: Option<Row>,
    pub wida: Option<(Date, Row)>,
    pub el_assessment: bool,
}

impl Scores {
    pub fn of(run: &HandWritten, graph: &Graph, student: Row) -> Self {
        let at = &run.columns.Score;
        let (mut reading, mut numeracy) = (<[Latest; 3]>::default(), <[Latest; 3]>::default());
        let (mut reading_intervention, mut numeracy_intervention) = (Latest::default(), Latest::default());
        let (mut wida, mut el_assessment) = (Latest::default(), false);
        for row in graph.linked(student, run.columns.Student.test_scores) {
            let Some(date) = graph.date(row, at.date) else { continue };
            let purpose = run.organisation.tests[graph.one(row, at.test).expect("a test").index as usize];
            if purpose & WIDA != 0 && date <= run.as_of {
                wida.offer(date, row);
            }
            if date < run.year.0 || date > run.year.1 {
                continue;
            }
            el_assessment |= purpose & EL != 0;
            for (program, latest, intervention) in
                [(ROGL, &mut reading, &mut reading_intervention), (ENS, &mut numeracy, &mut numeracy_intervention)]
            {
                for (window, latest) in [FALL, MIDDLE, SPRING].into_iter().zip(latest) {
                    if purpose & during(program, window) != 0 {
                        latest.offer(date, row);
                    }
                }
                if purpose & program != 0 && graph.text(row, at.modification2).is_some() {
                    intervention.offer(date, row);
                }
            }
        }
        Self {
            reading: reading.map(|latest| latest.row()),
            numeracy: numeracy.map(|latest| latest.row()),
            reading_intervention: reading_intervention.row(),
            numeracy_intervention: numeracy_intervention.row(),
            wida: wida.0,
            el_assessment,
        }
    }

    pub fn write(&self, run: &HandWritten, graph: &Graph, xml: &mut impl Xml) {
        let at = &run.columns.Score;
        let text = |row: Option<Row>, field| row.and_then(|row| graph.text(row, field));
        let level = |row: Option<Row>| {
            let row = row?;
            let passed = if graph.is(row, at.passed) { "Y" } else { "N" };
            Some(graph.text(row, at.non_participation_reason).unwrap_or(passed))
        };
        let [fall, middle, spring] = self.reading;
        xml.always("ReadGradeLevel", level(middle));
        xml.always("ReadGradeLevelFall", level(fall));
        xml.always("ReadGradeLevelSpring", level(spring));
        for (name, row) in [
            ("BeginYearROGLCompositeScore", fall),
            ("MidYearROGLCompositeScore", middle),
            ("EndYearROGLCompositeScore", spring),
        ] {
            xml.always(name, row.and_then(|row| reported(run, graph, row)).as_deref());
        }
        xml.always("ReadingIntervention", text(self.reading_intervention, at.modification2));
        for (name, row) in
            ["EarlyNumeracyStatusBOY", "EarlyNumeracyStatusMOY", "EarlyNumeracyStatusEOY"].iter().zip(self.numeracy)
        {
            xml.always(name, text(row, at.modification1));
        }
        xml.always("EarlyNumeracyIntervention", text(self.numeracy_intervention, at.modification2));
    }
}

/// The first score that is there.
pub fn reported<'g>(run: &HandWritten, graph: &'g Graph, row: Row) -> Option<Cow<'g, str>> {
    let at = &run.columns.Score;
    let number = |field| graph.decimal(row, field).map(|number| Cow::Owned(number.normalize().to_string()));
    number(at.scale_score)
        .or_else(|| graph.text(row, at.result).map(Cow::Borrowed))
        .or_else(|| [at.raw_score, at.percentile, at.percent, at.normal_curve].into_iter().find_map(number))
}

/// With one decimal, where it is a number.
pub fn screener(run: &HandWritten, graph: &Graph, row: Row) -> Option<String> {
    let text = reported(run, graph, row)?;
    match Decimal::from_str_exact(text.trim()) {
        Ok(number) => Some(fixed(number, 1)),
        Err(_) => Some(text.into_owned()),
    }
}

pub fn fixed(number: Decimal, places: u32) -> String {
    rounded(number, places).to_string()
}

/// Rounded half up, with exactly so many decimals.
pub fn rounded(number: Decimal, places: u32) -> Decimal {
    let mut rounded = number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(places);
    rounded
}
