//! StudentAttendanceSummary.

use std::collections::HashSet;

use graph::{Date, Days, Decimal, Graph, Row};
use rust_decimal::RoundingStrategy;

use super::HandWritten;
use super::enrollment::Enrollment;
use super::graph_access::Read;
use super::organisation::Slot;
use super::student::Student;
use super::xml::{Guid, Shown, Xml};

/// The days of an unbroken run of unexcused absences that still count.
pub const UNEXCUSED_LIMIT: u32 = 10;
const MOST_DAYS: i64 = 180;

pub fn write_all(
    run: &HandWritten,
    graph: &Graph,
    enrollments: &[Enrollment<'_>],
    students: &[Student<'_>],
    xml: &mut impl Xml,
) {
    let mut keys = HashSet::new();
    let mut schedule = Schedule::default();
    for enrollment in enrollments.iter().filter(|enrollment| enrollment.reported(students, enrollments)) {
        let (days, last_day) = (&enrollment.calendar.instructional, enrollment.last_day(run.as_of));
        let (Some(first), Some(last)) = (days.first(enrollment.start, last_day), days.last(enrollment.start, last_day))
        else {
            continue;
        };
        // SIF knows a summary by these; of two the first counts.
        if keys.insert((enrollment.student, enrollment.calendar.school, enrollment.calendar.end_year, first, last)) {
            let student = &students[enrollment.student as usize];
            schedule.of(run, graph, student.row);
            write(run, graph, enrollment, student, (first, last), &mut schedule, xml);
            xml.line();
        }
    }
}

fn write(
    run: &HandWritten,
    graph: &Graph,
    enrollment: &Enrollment<'_>,
    student: &Student<'_>,
    (first, last): (Date, Date),
    schedule: &mut Schedule,
    xml: &mut impl Xml,
) {
    let (at, calendar) = (&run.columns.Enrollment, enrollment.calendar);
    let days = &calendar.instructional;
    let counts = Absences::of(run, graph, enrollment, student.row, schedule);
    let instructional = i64::from(days.count(first, last));

    xml.begin("StudentAttendanceSummary");
    xml.attribute("StudentPersonalRefId", Guid(student.guid));
    xml.attribute("SchoolInfoRefId", Guid(&calendar.school_guid));
    xml.attribute("SchoolYear", Shown(calendar.end_year));
    xml.within();
    xml.date("StartDate", first);
    xml.number("StartDay", i64::from(days.ordinal(first).unwrap_or(0)));
    xml.date("EndDate", last);
    xml.number("EndDay", i64::from(days.ordinal(last).unwrap_or(0)));
    let resident = graph.text(enrollment.row, at.resident_district);
    xml.leaf(
        "Resident",
        match resident {
            None => "Unknown",
            Some(district) if Some(district) == calendar.district_number.as_deref() => "Yes",
            Some(_) => "No",
        },
    );
    let unexcused = i64::try_from(counts.unexcused.len()).unwrap_or(0);
    xml.number("DaysAttended", instructional - counts.full);
    xml.number("ExcusedAbsences", counts.full - unexcused);
    xml.number("UnexcusedAbsences", unexcused);
    xml.number("DaysTardy", counts.tardy);
    let beyond = if counts.unexcused.len() > UNEXCUSED_LIMIT as usize {
        days.beyond_runs(&Days::new(counts.unexcused), UNEXCUSED_LIMIT)
    } else {
        Days::default()
    };
    let start_status = graph.one(enrollment.row, at.start_status_type);
    let part_time = matches!(
        start_status.and_then(|status| graph.text(status, run.columns.StartStatusType.state_code)),
        Some("01" | "02" | "03")
    );
    let membership = if part_time {
        let counted =
            calendar.days.iter().filter(|(date, _)| first <= *date && *date <= last && !beyond.contains(*date));
        let sum: Decimal = counted.map(|(date, rotation)| schedule.share(enrollment, *date, *rotation)).sum();
        let rounded = sum.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        i64::try_from(rounded).unwrap_or(0)
    } else {
        instructional - i64::from(beyond.len())
    };
    xml.number("DaysInMembership", membership.min(MOST_DAYS));
    let guid = graph.text(enrollment.row, at.enrollment_guid).unwrap_or_default();
    xml.element("StudentSchoolEnrollmentRefId", Guid(guid));
    xml.start_extension("StudentAttendanceSummaryExtensions");
    xml.element("AbsencesDueToSuspension", Shown(format_args!("{:03}", (counts.suspended_halves + 1) / 2)));
    xml.end_extension("StudentAttendanceSummaryExtensions");
    xml.end("StudentAttendanceSummary");
}

/// What the attendance rows during an enrollment come to.
#[derive(Default)]
struct Absences {
    full: i64,
    unexcused: Vec<Date>,
    tardy: i64,
    suspended_halves: i64,
}

impl Absences {
    fn of(
        run: &HandWritten,
        graph: &Graph,
        enrollment: &Enrollment<'_>,
        student: Row,
        schedule: &mut Schedule,
    ) -> Self {
        let (columns, calendar) = (&run.columns, enrollment.calendar);
        let at = &columns.AttendanceDay;
        let last_day = enrollment.last_day(run.as_of);
        let mut counts = Self::default();
        let mut marks = Vec::new();
        for day in graph.linked(student, columns.Student.attendance_days) {
            let Some(date) = graph.date(day, at.date) else { continue };
            let during = enrollment.start <= date && date <= last_day;
            if !during || graph.int(day, at.calendar_id) != Some(calendar.key) || !calendar.instructional.contains(date)
            {
                continue;
            }
            marks.clear();
            marks.extend(graph.linked(day, at.rows).map(|row| Mark::of(run, graph, row)));
            counts.tardy += i64::from(marks.iter().any(|mark| mark.tardy));
            let minutes: i64 = marks.iter().filter(|mark| mark.suspended).map(|mark| mark.minutes).sum();
            if minutes != 0 {
                counts.suspended_halves += suspended_halves(run, graph, enrollment, minutes);
            }
            if !marks.iter().any(|mark| mark.absent) {
                continue;
            }
            let rotation = graph.one(day, at.day).and_then(|day| graph.int(day, columns.Day.period_schedule_id));
            let (mut full, mut unexcused) = (false, true);
            for slot in schedule.on(enrollment, date, rotation) {
                let mut here = marks.iter().filter(|mark| mark.absent && mark.period == slot.period).peekable();
                full = here.peek().is_some();
                if !full {
                    break;
                }
                unexcused &= here.any(|mark| mark.unexcused);
            }
            if full {
                counts.full += 1;
                if unexcused {
                    counts.unexcused.push(date);
                }
            }
        }
        counts.unexcused.sort_unstable();
        counts.unexcused.dedup();
        counts
    }
}

fn suspended_halves(run: &HandWritten, graph: &Graph, enrollment: &Enrollment<'_>, minutes: i64) -> i64 {
    let at = &run.columns.GradeLevel;
    let reaches =
        |field| enrollment.grade_level.and_then(|level| graph.int(level, field)).is_some_and(|limit| minutes >= limit);
    if reaches(at.whole_day_absence) { 2 } else { i64::from(reaches(at.half_day_absence)) }
}

/// What one attendance row says.
pub struct Mark {
    pub period: u32,
    minutes: i64,
    absent: bool,
    pub unexcused: bool,
    tardy: bool,
    suspended: bool,
}

impl Mark {
    pub fn of(run: &HandWritten, graph: &Graph, row: Row) -> Self {
        let (at, excuses, periods) = (&run.columns.Attendance, &run.columns.Excuse, &run.columns.Period_);
        let kind = graph.one(row, at.excuse_type);
        let (status, excuse) = match kind {
            Some(kind) => (graph.text(kind, excuses.status), graph.text(kind, excuses.excuse)),
            None => (graph.text(row, at.status), graph.text(row, at.excuse)),
        };
        let excuse = excuse.unwrap_or("K");
        let suspended = kind.is_some_and(|kind| graph.text(kind, excuses.state_code) == Some("SUSP"));
        let period = graph.one(row, at.period).expect("a period");
        let minutes = || {
            let times = graph.time(period, periods.start_time).zip(graph.time(period, periods.end_time));
            times.map_or(0, |(start, end)| (end - start).num_minutes().max(0))
        };
        let absent = status == Some("A") && excuse != "X";
        Self {
            period: period.index,
            minutes: if suspended { minutes() } else { 0 },
            absent,
            unexcused: absent && matches!(excuse, "U" | "K"),
            tardy: status == Some("T") && excuse != "X" && !graph.is(period, periods.non_instructional),
            suspended,
        }
    }
}

/// The periods into which a student is scheduled. One is used again and again.
#[derive(Default)]
struct Schedule {
    slots: Vec<Slot>,
    today: Vec<Slot>,
}

impl Schedule {
    fn of(&mut self, run: &HandWritten, graph: &Graph, student: Row) {
        self.slots.clear();
        let at = &run.columns.Roster;
        for roster in graph.linked(student, run.columns.Student.rosters) {
            let section = graph.one(roster, at.section).expect("a section").index as usize;
            let start = graph.date(roster, at.start_date).unwrap_or(Date::MIN);
            let end = graph.date(roster, at.end_date).unwrap_or(Date::MAX);
            let slots = run.organisation.sections[section].slots.iter();
            self.slots.extend(slots.map(|slot| Slot { from: slot.from.max(start), to: slot.to.min(end), ..*slot }));
        }
    }

    /// The periods of a day; without a schedule, every instructional one that meets.
    fn on(&mut self, enrollment: &Enrollment<'_>, date: Date, rotation: Option<i64>) -> &[Slot] {
        self.today.clear();
        for slot in self.slots.iter().filter(|slot| slot.meets(enrollment.calendar.key, date, rotation)) {
            if !self.today.iter().any(|known| known.period == slot.period) {
                self.today.push(*slot);
            }
        }
        if self.today.is_empty() {
            let meeting =
                enrollment.calendar.periods.iter().filter(|slot| slot.meets(enrollment.calendar.key, date, rotation));
            self.today.extend(meeting);
        }
        &self.today
    }

    /// The part of the day that a part-time student belongs to school.
    fn share(&mut self, enrollment: &Enrollment<'_>, date: Date, rotation: Option<i64>) -> Decimal {
        let whole = enrollment.calendar.student_day;
        let minutes: Option<i64> = self.on(enrollment, date, rotation).iter().map(|slot| slot.minutes).sum();
        match minutes {
            Some(minutes) if minutes > 0 && whole > 0 => {
                (Decimal::from(minutes) / Decimal::from(whole)).min(Decimal::ONE)
            }
            _ => Decimal::ONE,
        }
    }
}
