//! What is worth knowing of the organisation, worked out once: calendars, sections, tests, local codes.

use std::collections::HashMap;

use graph::{Date, Days, Decimal, Graph, Row, Time};
use sif::schema::CodeSet;

use super::columns::Columns;
use super::graph_access::Read;

/// What a period of a section's schedule asks of a day.
#[derive(Clone, Copy)]
pub struct Slot {
    pub period: u32,
    pub calendar: i64,
    pub rotation: Option<i64>,
    pub minutes: Option<i64>,
    pub from: Date,
    pub to: Date,
}

impl Slot {
    pub fn meets(&self, calendar: i64, date: Date, rotation: Option<i64>) -> bool {
        self.calendar == calendar
            && self.from <= date
            && date <= self.to
            && (self.rotation.is_none() || rotation.is_none() || self.rotation == rotation)
    }
}

pub struct Calendar {
    pub key: i64,
    pub guid: String,
    pub school: u32,
    pub school_guid: String,
    pub school_number: Option<String>,
    pub district_number: Option<String>,
    pub end_year: i64,
    pub end_date: Date,
    pub student_day: i64,
    pub summer: bool,
    /// In the year of the zone, and not excluded.
    pub open: bool,
    pub instructional: Days,
    /// Each instructional date once, with the rotation of its first day.
    pub days: Vec<(Date, Option<i64>)>,
    /// The instructional periods: what a student without a schedule is scheduled into.
    pub periods: Vec<Slot>,
}

/// The place of an instructional period in a schedule, to find the first.
pub type Earliest = (Option<i64>, Option<Time>, Date, i64);

/// A grading task of a course that is reported to the state.
pub struct Task {
    pub key: i64,
    pub credit: Decimal,
    /// The scores that pass.
    pub passing: Vec<String>,
}

pub struct Section {
    pub key: i64,
    pub course: u32,
    pub guid: String,
    pub end_year: i64,
    /// Whether places in it are reported.
    pub reported: bool,
    pub career_technical: bool,
    pub at_campus: bool,
    pub tasks: Vec<Task>,
    /// Periods in which it meets, and the dates of each.
    pub meetings: Vec<(u32, Days)>,
    /// The instructional dates on which it meets.
    pub dates: Days,
    pub calendar: i64,
    pub active: bool,
    pub homeroom: bool,
    pub room: Option<String>,
    pub first_day: Option<Date>,
    pub last_day: Option<Date>,
    pub by_attendance: bool,
    pub by_learner: bool,
    pub program_type: Option<String>,
    pub slots: Vec<Slot>,
    pub earliest: Option<Earliest>,
}

/// What a test is for, as bits: programs, each in any window, in the fall, in the middle and at the end of the year.
pub mod test {
    pub const ROGL: u16 = 1;
    pub const ENS: u16 = 1 << 4;
    pub const WIDA: u16 = 1 << 8;
    /// An EL proficiency test.
    pub const EL: u16 = 1 << 12;
    pub const FALL: u16 = 1;
    pub const MIDDLE: u16 = 2;
    pub const SPRING: u16 = 3;

    /// The program's bit in a window.
    pub const fn during(program: u16, window: u16) -> u16 {
        program << window
    }
}

/// What local codes map to.
pub struct Codes {
    map: HashMap<String, String>,
}

impl Codes {
    pub fn get(&self, code: Option<&str>) -> Option<&str> {
        self.map.get(code?).map(String::as_str)
    }

    pub fn get_or<'c>(&'c self, code: Option<&str>, otherwise: &'c str) -> &'c str {
        self.get(code).unwrap_or(otherwise)
    }
}

pub struct Organisation {
    pub calendars: Vec<Calendar>,
    pub sections: Vec<Section>,
    /// Tasks that are reported to the state, and final.
    pub final_tasks: Vec<i64>,
    /// By row: the bits of the test and its parent.
    pub tests: Vec<u16>,
    pub grade_level: Codes,
    pub title1_service: Codes,
    pub hispanic: Codes,
    pub military_status: Codes,
    pub part_time_grade: Codes,
    pub gender: Codes,
    pub meal_eligibility: Codes,
    pub coe_status: Codes,
    pub race: Codes,
    pub country: Codes,
    pub biliteracy_seal: Codes,
    pub countries: &'static CodeSet,
    pub languages: &'static CodeSet,
}

impl Organisation {
    pub fn of(columns: &Columns, graph: &Graph, school_year: i64) -> Self {
        let codes = |attribute: &str, codes: &[(&str, &str)]| Codes::of(columns, graph, attribute, codes);
        let attendance_type = codes("course.wblCourseType", &[("A", "A"), ("L", "L")]);
        Self {
            calendars: graph.each(columns.Calendar.id).map(|row| calendar(columns, graph, row, school_year)).collect(),
            sections: graph
                .each(columns.Section.id)
                .map(|row| section(columns, graph, row, &attendance_type))
                .collect(),
            final_tasks: graph
                .each(columns.GradingTask.id)
                .filter(|task| {
                    let at = &columns.GradingTask;
                    graph.is(*task, at.state_reported) && graph.is(*task, at.is_final)
                })
                .map(|task| graph.key(task))
                .collect(),
            tests: graph
                .each(columns.Test.id)
                .map(|row| {
                    let el = matches!(graph.text(row, columns.Test.assessment_type), Some("LID" | "LPF"));
                    let parent =
                        graph.one(row, columns.Test.parent).map_or(0, |parent| purpose(columns, graph, parent));
                    purpose(columns, graph, row) | parent | if el { test::EL } else { 0 }
                })
                .collect(),
            grade_level: codes(
                "gradeLevel.standardCode",
                &["PK", "KG", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "PG", "UN"]
                    .map(|code| (code, code))
                    .into_iter()
                    .chain([("0K", "KG")])
                    .collect::<Vec<_>>(),
            ),
            title1_service: codes(
                "title1.title1Services",
                &[
                    ("MATH", "Title1Math"),
                    ("ELA", "Title1ELA"),
                    ("SCI", "Title1Science"),
                    ("HLTH", "Title1Health"),
                    ("GUID", "Title1AcademicGuidance"),
                    ("SOC", "Title1SocialStudies"),
                    ("VOC", "Title1Vocational"),
                    ("PARA", "Title1ParaPros"),
                ],
            ),
            hispanic: codes("identity.hispanicEthnicity", &[("Y", "Yes"), ("N", "No")]),
            military_status: codes(
                "impactAidEmployment.militaryStatus",
                &["AD", "NG", "RA", "DV"].map(|code| (code, "covered")),
            ),
            part_time_grade: codes("gradeLevel.gradeCode", &[("A", "PartTime"), ("C", "PartTime")]),
            gender: codes("identity.gender", &[("M", "M"), ("F", "F")]),
            meal_eligibility: codes("posEligibility.eligibility", &[("F", "disadvantaged"), ("R", "disadvantaged")]),
            coe_status: codes("migrant.coeStatusIndicator", &[("A", "approved")]),
            race: codes(
                "raceEthnicity.code",
                &[("1", "0998"), ("2", "0999"), ("3", "1000"), ("4", "1001"), ("5", "1002")],
            ),
            country: codes(
                "identity.birthCountry",
                &[("USA", "US"), ("United States", "US"), ("United States of America", "US")],
            ),
            biliteracy_seal: codes("graduationSeal.stateSeal", &[("1", "1")]),
            countries: sif::schema().code_set("CountryType").expect("a code set"),
            languages: sif::schema().code_set("NISOZ3953LanguageCodesType").expect("a code set"),
        }
    }
}

impl Codes {
    /// The source's dictionary wins over `codes`, and its first row over its others.
    fn of(columns: &Columns, graph: &Graph, attribute: &str, codes: &[(&str, &str)]) -> Self {
        let at = &columns.Dictionary;
        let mut map = HashMap::new();
        for row in graph.each(at.id).filter(|row| graph.text(*row, at.attribute) == Some(attribute)) {
            if let (Some(code), Some(mapped)) = (graph.text(row, at.code), graph.text(row, at.sif_code)) {
                map.entry(code.to_owned()).or_insert_with(|| mapped.to_owned());
            }
        }
        for (code, mapped) in codes {
            map.entry((*code).to_owned()).or_insert_with(|| (*mapped).to_owned());
        }
        Self { map }
    }
}

fn calendar(columns: &Columns, graph: &Graph, row: Row, school_year: i64) -> Calendar {
    let at = &columns.Calendar;
    let school = graph.one(row, at.school).expect("a school");
    let district = graph.one(school, columns.School.district).expect("a district");
    let key = graph.key(row);
    let mut days: Vec<(Date, Option<i64>)> = graph
        .linked(row, at.days)
        .filter(|day| graph.is(*day, columns.Day.school_day) && graph.is(*day, columns.Day.instruction))
        .filter_map(|day| Some((graph.date(day, columns.Day.date)?, graph.int(day, columns.Day.period_schedule_id))))
        .collect();
    days.dedup_by_key(|(date, _)| *date);
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let end_year = graph.int(row, at.end_year).expect("a year");
    Calendar {
        key,
        guid: owned(graph.text(row, at.calendar_guid)).unwrap_or_default(),
        school: school.index,
        school_guid: owned(graph.text(school, columns.School.school_guid)).unwrap_or_default(),
        school_number: owned(graph.text(school, columns.School.number)),
        district_number: owned(graph.text(district, columns.District.number)),
        end_year,
        end_date: graph.date(row, at.end_date).expect("a date"),
        student_day: graph.int(row, at.student_day).unwrap_or(0),
        summer: graph.is(row, at.summer_school),
        open: end_year == school_year && !graph.is(row, at.exclude),
        instructional: Days::new(days.iter().map(|(date, _)| *date)),
        days,
        periods: graph
            .linked(row, at.periods)
            .filter(|period| !graph.is(*period, columns.Period_.non_instructional))
            .map(|period| slot(columns, graph, period, Date::MIN, Date::MAX))
            .collect(),
    }
}

fn slot(columns: &Columns, graph: &Graph, period: Row, from: Date, to: Date) -> Slot {
    let at = &columns.Period_;
    let minutes = graph
        .time(period, at.start_time)
        .zip(graph.time(period, at.end_time))
        .map(|(start, end)| (end - start).num_minutes());
    Slot {
        period: period.index,
        calendar: graph.int(period, at.calendar_id).unwrap_or_default(),
        rotation: graph.int(period, at.period_schedule_id),
        minutes: minutes.filter(|minutes| *minutes > 0),
        from,
        to,
    }
}

fn section(columns: &Columns, graph: &Graph, row: Row, attendance_type: &Codes) -> Section {
    let at = &columns.Section;
    let course = graph.one(row, at.course).expect("a course");
    let wbl = graph.text(course, columns.Course.wbl_course_type);
    let active = graph.one(row, at.trial).is_some_and(|trial| graph.is(trial, columns.Trial.active));
    let (mut first_day, mut last_day, mut earliest, mut slots) = (None, None, None, Vec::new());
    let (mut meetings, mut dates) = (Vec::new(), Vec::new());
    let placed = graph.linked(row, at.placements).next().is_some();
    for placement in graph.linked(row, at.placements) {
        let term = graph.one(placement, columns.Placement.term).expect("a term");
        let period = graph.one(placement, columns.Placement.period).expect("a period");
        let start = graph.date(term, columns.Term.start_date).expect("a date");
        let end = graph.date(term, columns.Term.end_date).expect("a date");
        first_day = Some(first_day.map_or(start, |first: Date| first.min(start)));
        last_day = Some(last_day.map_or(end, |last: Date| last.max(end)));
        if graph.is(period, columns.Period_.non_instructional) {
            continue;
        }
        let slot = slot(columns, graph, period, start, end);
        if active {
            let calendar = graph.one(period, columns.Period_.calendar).expect("a calendar");
            let meets = |day: &Row| {
                let rotation = graph.int(*day, columns.Day.period_schedule_id);
                graph.date(*day, columns.Day.date).is_some_and(|date| slot.meets(slot.calendar, date, rotation))
            };
            let days: Vec<Row> = graph.linked(calendar, columns.Calendar.days).filter(meets).collect();
            let is_instructional =
                |day: &&Row| graph.is(**day, columns.Day.school_day) && graph.is(**day, columns.Day.instruction);
            let date = |day: &Row| graph.date(*day, columns.Day.date);
            dates.extend(days.iter().filter(is_instructional).filter_map(date));
            meetings.push((period.index, Days::new(days.iter().filter_map(date))));
        }
        slots.push(slot);
        let place: Earliest = (
            graph.int(period, columns.Period_.seq),
            graph.time(period, columns.Period_.start_time),
            start,
            graph.key(placement),
        );
        if earliest.is_none_or(|best| is_before(place, best)) {
            earliest = Some(place);
        }
    }
    let special_code = graph.text(course, columns.Course.special_code);
    let state_code = graph.text(course, columns.Course.state_code).unwrap_or_default();
    let area = state_code.get(..2).unwrap_or(state_code);
    let calendar = graph.one(course, columns.Course.calendar).expect("a calendar");
    Section {
        key: graph.key(row),
        course: course.index,
        guid: graph.text(row, at.section_guid).unwrap_or_default().to_owned(),
        end_year: graph.int(calendar, columns.Calendar.end_year).expect("a year"),
        reported: active
            && placed
            && graph.is(course, columns.Course.active)
            && !graph.is(course, columns.Course.state_exclude),
        career_technical: graph.text(row, at.alt_school_code).or(special_code).is_some()
            || CAREER_TECHNICAL.contains(&area),
        at_campus: graph.text(row, at.distance_code).or(graph.text(course, columns.Course.distance_code)).is_some(),
        tasks: graph
            .linked(course, columns.Course.grading_task_credits)
            .filter_map(|row| task(columns, graph, row))
            .collect(),
        meetings,
        dates: Days::new(dates),
        calendar: graph.int(course, columns.Course.calendar_id).unwrap_or_default(),
        active,
        homeroom: graph.is(row, at.homeroom),
        room: graph.one(row, at.room).and_then(|room| graph.text(room, columns.Room.room_guid)).map(str::to_owned),
        first_day,
        last_day,
        by_attendance: attendance_type.get(Some(wbl.unwrap_or("A"))) == Some("A"),
        by_learner: attendance_type.get(wbl) == Some("L"),
        program_type: graph.text(course, columns.Course.program_type).map(str::to_owned),
        slots: if active { slots } else { Vec::new() },
        earliest,
    }
}

/// Areas of career and technical education.
const CAREER_TECHNICAL: [&str; 10] = ["30", "32", "34", "35", "36", "37", "38", "39", "40", "41"];

fn task(columns: &Columns, graph: &Graph, row: Row) -> Option<Task> {
    let at = &columns.TaskCredit;
    let task = graph.one(row, at.grading_task)?;
    if !graph.is(task, columns.GradingTask.state_reported) {
        return None;
    }
    let items =
        graph.one(row, at.score_group).into_iter().flat_map(|group| graph.linked(group, columns.ScoreGroup.items));
    let passing = items.filter(|item| graph.is(*item, columns.ScoreItem.passing_score));
    Some(Task {
        key: graph.key(task),
        credit: graph.decimal(row, at.credit).unwrap_or_default(),
        passing: passing.filter_map(|item| graph.text(item, columns.ScoreItem.score)).map(str::to_owned).collect(),
    })
}

/// What is blank comes last.
pub fn is_before(a: Earliest, b: Earliest) -> bool {
    let key = |(seq, time, start, id): Earliest| (seq.is_none(), seq, time.is_none(), time, start, id);
    key(a) < key(b)
}

fn purpose(columns: &Columns, graph: &Graph, row: Row) -> u16 {
    let at = &columns.Test;
    if graph.text(row, at.r#type) != Some("S") {
        return 0;
    }
    let program = match graph.text(row, at.standard_code) {
        Some("ROGL") => test::ROGL,
        Some("ENS") => test::ENS,
        Some("WIDA") => test::WIDA,
        _ => return 0,
    };
    program
        | match graph.text(row, at.state_value) {
            Some("Fall") => test::during(program, test::FALL),
            Some("Mid-Year") => test::during(program, test::MIDDLE),
            Some("Spring") => test::during(program, test::SPRING),
            _ => 0,
        }
}
