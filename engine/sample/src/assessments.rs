//! Tests, and what students score on them.

use chrono::NaiveDate;

use crate::draw::Draw;
use crate::out::Out;
use crate::student::{Student, World};
use crate::tables::{self, row};
use crate::value::Decimal;
use crate::year::{Year, after, date};

/// A test: parent (by its place in this list), name, type, subject, national code, state code with value and standard code, and
/// assessment type.
type Line = (
    Option<i64>,
    &'static str,
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
    Option<State>,
    Option<&'static str>,
);
type State = (&'static str, &'static str, &'static str);

const READING_FALL: State = ("ROGLF", "Fall", "ROGL");
const READING_MIDDLE: State = ("ROGLM", "Mid-Year", "ROGL");
const READING_SPRING: State = ("ROGLS", "Spring", "ROGL");

const TESTS: &[Line] = &[
    (None, "Reading on grade level, fall", "S", Some("Reading"), None, Some(READING_FALL), None),
    (Some(1), "Composite, fall", "S", Some("Reading"), None, None, None),
    (None, "Reading on grade level, mid-year", "S", Some("Reading"), None, Some(READING_MIDDLE), None),
    (None, "Reading on grade level, spring", "S", Some("Reading"), None, Some(READING_SPRING), None),
    (None, "Early numeracy, fall", "S", Some("Mathematics"), None, Some(("ENSF", "Fall", "ENS")), None),
    (None, "Early numeracy, mid-year", "S", Some("Mathematics"), None, Some(("ENSM", "Mid-Year", "ENS")), None),
    (None, "Early numeracy, spring", "S", Some("Mathematics"), None, Some(("ENSS", "Spring", "ENS")), None),
    (None, "Language screener", "S", Some("English"), None, Some(("WIDA", "Screener", "WIDA")), None),
    (None, "Language identification", "D", Some("English"), None, None, Some("LID")),
    (None, "Language proficiency", "D", Some("English"), None, None, Some("LPF")),
    (None, "ACT", "N", None, Some("ACT"), None, None),
    (Some(11), "ACT Mathematics", "N", Some("Mathematics"), None, None, None),
    (None, "SAT", "N", None, Some("SAT"), None, None),
    (Some(13), "SAT Reading", "N", Some("Reading"), Some("SATR"), None, None),
    (None, "AP Biology", "N", Some("Science"), Some("AP"), None, None),
    (None, "District writing", "D", Some("Writing"), None, None, None),
    (None, "Civics exam", "S", Some("Civics"), None, Some(("CIV1", "Civics", "CIV")), None),
    (None, "Civics exam, alternative", "S", Some("Civics"), None, Some(("CIV2", "Civics", "CIV")), None),
    (None, "State mathematics", "S", Some("Mathematics"), None, Some(("RISEM", "Spring", "RISE")), None),
    (None, "Practice exam", "N", None, Some("PRAC"), None, None),
];

/// Writes the tests.
pub(crate) fn tests(out: &mut Out) {
    for (parent, name, kind, subject, national, state, assessment) in TESTS {
        let id = out.key::<tables::Test>();
        row!(
            out,
            Test {
                testID: id,
                parentID: *parent,
                name: *name,
                r#type: *kind,
                subject: *subject,
                nationalCode: *national,
                stateCode: state.map(|(code, _, _)| code),
                stateValue: state.map(|(_, value, _)| value),
                standardCode: state.map(|(_, _, standard)| standard),
                assessmentType: *assessment,
            }
        );
    }
}

/// A score that waits: a real system's rows lie in the order of days.
pub(crate) struct Waiting {
    date: Option<NaiveDate>,
    person: i64,
    test: i64,
    points: Points,
    passed: Option<bool>,
    reading: Option<&'static str>,
    explanation: Option<&'static str>,
    intervention: Option<&'static str>,
}

/// The forms of a score.
#[derive(Default)]
struct Points {
    scale: Option<Decimal>,
    result: Option<&'static str>,
    raw: Option<Decimal>,
    percentile: Option<Decimal>,
    percent: Option<Decimal>,
    normal_curve: Option<Decimal>,
}

/// Writes what waits, day after day.
pub(crate) fn flush(out: &mut Out, waiting: &mut Vec<Waiting>) {
    waiting.sort_by_key(|row| (row.date, row.test, row.person));
    for row in waiting.drain(..) {
        let id = out.key::<tables::TestScore>();
        let Points { scale, result, raw, percentile, percent, normal_curve } = row.points;
        row!(
            out,
            TestScore {
                scoreID: id,
                testID: row.test,
                personID: row.person,
                date: row.date,
                scaleScore: scale,
                result: result,
                rawScore: raw,
                percentile: percentile,
                percent: percent,
                normalCurve: normal_curve,
                passed: row.passed,
                nonParticipationReason: row.reading,
                modification1: row.explanation,
                modification2: row.intervention,
            }
        );
    }
}

/// Draws the student's scores.
pub(crate) fn write(draw: &mut Draw, world: &World<'_>, student: &Student<'_>, waiting: &mut Vec<Waiting>) {
    let year = world.year;
    if student.grade <= 3 {
        early_grades(draw, year, student, waiting);
    }
    if student.learns_english {
        for (test, chance) in [(8, 700), (9, 200), (10, 400)] {
            if draw.chance(chance) {
                let day = after(year.start, draw.between(-200, 160));
                let scale = Some(Decimal::new(draw.between(10, 60), 1));
                put(draw, student, test, day, Points { scale, ..Points::default() }, waiting);
            }
        }
    }
    if (3..=8).contains(&student.grade) && draw.chance(700) {
        let day = date(year.end_year - 1, 4, 20);
        let points = any_points(draw);
        put(draw, student, 19, day, points, waiting);
    }
    if student.grade >= 10 {
        upper_grades(draw, year, student, waiting);
    }
    if draw.chance(100) {
        let points = any_points(draw);
        let day = after(year.start, draw.between(0, 160));
        put(draw, student, 16, day, points, waiting);
    }
}

fn early_grades(draw: &mut Draw, year: &Year, student: &Student<'_>, waiting: &mut Vec<Waiting>) {
    let windows = [date(year.end_year - 1, 9, 10), date(year.end_year, 1, 14), date(year.end_year, 5, 6)];
    // The fall's score stands on a part of the test now and then; spring is entered for a few ahead of time.
    for (at, day) in windows.into_iter().enumerate() {
        let chance = [850, 800, 120][at];
        let all = student.shows(80);
        let reading = [if draw.chance(300) { 2 } else { 1 }, 3, 4][at];
        if all || draw.chance(chance) {
            let taken = after(day, draw.between(0, 9));
            score_with_codes(draw, student, reading, taken, waiting);
        }
        if all || draw.chance(chance * 7 / 10) {
            let test = [5, 6, 7][at];
            let taken = after(day, draw.between(0, 9));
            score_with_codes(draw, student, test, taken, waiting);
        }
    }
    // A window of the year before.
    if draw.chance(80) {
        score_with_codes(draw, student, 1, after(windows[0], -365), waiting);
    }
}

fn score_with_codes(draw: &mut Draw, student: &Student<'_>, test: i64, day: NaiveDate, waiting: &mut Vec<Waiting>) {
    let points = any_points(draw);
    put(draw, student, test, day, points, waiting);
    let reading = draw.maybe(500, |draw| draw.pick(&["Y", "N", "U", "E"]));
    let explanation = draw.maybe(600, |draw| draw.pick(&["Y", "N", "U", "E", "M", "AY", "AN", "S"]));
    let intervention = draw.maybe(350, |draw| draw.pick(&["Y", "N"]));
    if let Some(row) = waiting.last_mut() {
        row.reading = reading;
        row.explanation = explanation;
        row.intervention = intervention;
    }
}

fn upper_grades(draw: &mut Draw, year: &Year, student: &Student<'_>, waiting: &mut Vec<Waiting>) {
    let lines: [(i64, usize, i64, i64); 6] = [
        (11, 500, 12, 36),
        (12, 500, 10, 36),
        (13, 150, 800, 1600),
        (14, 100, 300, 800),
        (15, 200, 1, 5),
        (20, 50, 1, 99),
    ];
    for (test, chance, low, high) in lines {
        if draw.chance(chance) {
            let scale = Some(Decimal::new(draw.between(low, high), 0));
            let day = after(year.today, -draw.between(0, 500));
            put(draw, student, test, day, Points { scale, ..Points::default() }, waiting);
        }
    }
    // Passed, failed, and failed before.
    if draw.chance(600) {
        for _ in 0..1 + draw.below(2) {
            let raw = draw.between(20, 50);
            let points = Points { raw: Some(Decimal::new(raw, 0)), ..Points::default() };
            let day = after(year.today, -draw.between(1, 700));
            put(draw, student, 17, day, points, waiting);
            if let Some(row) = waiting.last_mut() {
                row.passed = Some(raw >= 35);
            }
        }
    }
    if student.shows(60) || student.shows(61) || draw.chance(100) {
        // Just enough, and just not.
        let raw = if student.shows(60) {
            35
        } else if student.shows(61) {
            34
        } else {
            draw.between(20, 50)
        };
        let points = Points { raw: Some(Decimal::new(raw, 0)), ..Points::default() };
        put(draw, student, 18, after(year.today, -30), points, waiting);
    }
}

fn any_points(draw: &mut Draw) -> Points {
    let mut points = Points::default();
    match draw.weighted(&[50, 15, 10, 8, 7, 5, 5]) {
        0 => points.scale = Some(Decimal::new(draw.between(100, 600), 0)),
        1 => points.result = Some(draw.pick(&["Proficient", "Below", "Above"])),
        2 => points.raw = Some(Decimal::new(draw.between(0, 500), 1)),
        3 => points.percentile = Some(Decimal::new(draw.between(1, 99), 0)),
        4 => points.percent = Some(Decimal::new(draw.between(0, 10000), 2)),
        5 => points.normal_curve = Some(Decimal::new(draw.between(10, 990), 1)),
        // Not taken.
        _ => {}
    }
    points
}

fn put(draw: &mut Draw, student: &Student<'_>, test: i64, day: NaiveDate, points: Points, waiting: &mut Vec<Waiting>) {
    waiting.push(Waiting {
        date: draw.maybe(980, |_| day),
        person: student.person,
        test,
        points,
        passed: draw.maybe(500, |draw| draw.chance(700)),
        reading: None,
        explanation: None,
        intervention: None,
    });
}
