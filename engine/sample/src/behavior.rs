//! Incidents: what happened, who took part, and what came of it.

use chrono::NaiveDate;

use crate::codes::{BEHAVIORS, RESOLUTIONS};
use crate::draw::Draw;
use crate::out::Out;
use crate::student::{Student, World};
use crate::tables::{self, row};
use crate::value::Decimal;
use crate::year::after;

/// Writes incidents in which the student offended. `before` is another student who was there.
pub(crate) fn write(out: &mut Out, draw: &mut Draw, world: &World<'_>, student: &Student<'_>, before: Option<i64>) {
    if !(student.shows(90) || student.shows(91) || draw.chance(20)) {
        return;
    }
    let Some(enrolled) = student.main() else { return };
    let days = enrolled.days(world.year.today);
    if days.is_empty() {
        return;
    }
    let day = enrolled.calendar.days[days.start + draw.below(days.len())].0;
    let incident = incident(out, draw, enrolled.calendar.id, &enrolled.school.staff, day);
    for at in 0..1 + draw.weighted(&[80, 15, 5]) {
        event(out, draw, student, before, incident, day, at);
    }
}

fn incident(out: &mut Out, draw: &mut Draw, calendar: i64, staff: &[i64], day: NaiveDate) -> i64 {
    let id = out.key::<tables::BehaviorIncident>();
    let (hour, minute) = (draw.below(7), draw.below(60));
    let minutes = i64::try_from((8 + hour) * 60 + minute).unwrap_or(0);
    let moment = day.and_time(chrono::NaiveTime::MIN) + chrono::TimeDelta::minutes(minutes);
    row!(
        out,
        BehaviorIncident {
            incidentID: id,
            incidentGUID: draw.guid(),
            calendarID: calendar,
            timestamp: moment,
            location: draw.maybe(900, |draw| draw.pick(&["Hallway", "Classroom", "Bus", "Cafeteria", "Parking lot"])),
            damages: draw.maybe(150, |draw| Decimal::new(draw.between(500, 90000), 2)),
            submittedByPersonID: draw.maybe(850, |draw| draw.pick(staff)),
            contextDescription: draw.maybe(600, |_| "Students argued & one pushed the other; \"it was an accident\"."),
            details: draw.maybe(700, |_| "Seen by the hall monitor."),
        }
    );
    id
}

fn event(
    out: &mut Out,
    draw: &mut Draw,
    student: &Student<'_>,
    before: Option<i64>,
    incident: i64,
    day: NaiveDate,
    at: usize,
) {
    let id = out.key::<tables::BehaviorEvent>();
    let armed = (student.shows(90) && at == 0) || draw.chance(120);
    let kind = if armed { 2 } else { i64::try_from(1 + draw.below(BEHAVIORS.len())).unwrap_or(1) };
    row!(
        out,
        BehaviorEvent {
            eventID: id,
            incidentID: incident,
            typeID: kind,
            gangRelated: draw.maybe(700, |draw| draw.chance(60)),
            retaliationRelated: draw.maybe(700, |draw| draw.chance(80)),
        }
    );
    let offender = role(out, draw, id, Some(student.person), "Offender");
    if armed {
        for _ in 0..1 + usize::from(draw.chance(200)) {
            let weapon = out.key::<tables::BehaviorWeapon>();
            row!(
                out,
                BehaviorWeapon {
                    weaponID: weapon,
                    roleID: offender,
                    r#type: draw.pick(&["KN", "KS", "HG", "OB", "OT", "SLING", "PEN"]),
                }
            );
        }
    }
    for turn in 0..draw.weighted(&[15, 65, 20]) {
        resolution(out, draw, offender, day, turn);
    }
    if let Some(other) = before {
        if draw.chance(600) {
            role(out, draw, id, Some(other), "Victim");
        } else if draw.chance(300) {
            role(out, draw, id, Some(other), "Witness");
        } else if draw.chance(200) {
            // A second offender.
            let second = role(out, draw, id, Some(other), "Offender");
            resolution(out, draw, second, day, 0);
        }
    }
    // Somebody from outside.
    if draw.chance(60) {
        role(out, draw, id, None, "Participant");
    }
}

fn role(out: &mut Out, draw: &mut Draw, event: i64, person: Option<i64>, name: &'static str) -> i64 {
    let id = out.key::<tables::BehaviorRole>();
    row!(
        out,
        BehaviorRole {
            roleID: id,
            eventID: event,
            personID: person,
            role: name,
            injury: draw.maybe(500, |draw| draw.pick(&["MIN", "MAJ", "NON"])),
            demerits: draw.maybe(200, |draw| Decimal::new(draw.between(1, 20) * 5, 1)),
        }
    );
    id
}

fn resolution(out: &mut Out, draw: &mut Draw, role: i64, day: NaiveDate, turn: usize) {
    let id = out.key::<tables::BehaviorResolution>();
    let start = after(day, draw.between(0, 4));
    let days = draw.between(0, 6);
    row!(
        out,
        BehaviorResolution {
            resolutionID: id,
            roleID: role,
            resTypeID: i64::try_from(1 + draw.below(RESOLUTIONS.len())).unwrap_or(1),
            startDate: draw.maybe(950, |_| start),
            endDate: draw.maybe(600, |_| after(start, days)),
            schoolDays: draw.maybe(600, |_| Decimal::new(days * 10 + draw_half(turn), 1)),
            additionalActions: draw.maybe(300, |draw| draw.pick(&["1", "2", "1,2", "1, 2"])),
            arrest: draw.maybe(500, |draw| draw.chance(60)),
            auxiliaryCode: draw.maybe(500, |draw| draw.chance(100)),
            lawEnforcement: draw.maybe(500, |draw| draw.chance(100)),
            inconsistentCodeOfConduct: draw.maybe(500, |draw| draw.chance(100)),
        }
    );
}

/// Half a day more for a second resolution.
const fn draw_half(turn: usize) -> i64 {
    if turn == 1 { 5 } else { 0 }
}
