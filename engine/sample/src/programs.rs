//! What programs students are in.

use crate::draw::Draw;
use crate::out::Out;
use crate::student::{Student, World, span};
use crate::tables::{self, row};
use crate::year::after;

/// Writes the student's program records.
pub(crate) fn write(out: &mut Out, draw: &mut Draw, world: &World<'_>, student: &Student<'_>) {
    if student.learns_english {
        english_learner(out, draw, world, student);
    }
    homeless(out, draw, world, student);
    migrant(out, draw, world, student);
    title1(out, draw, world, student);
    gifted(out, draw, world, student);
    section504(out, draw, world, student);
    meals(out, draw, world, student);
    youth_in_care(out, draw, world, student);
    other(out, draw, world, student);
}

fn english_learner(out: &mut Out, draw: &mut Draw, world: &World<'_>, student: &Student<'_>) {
    let status = match draw.weighted(&[65, 20, 8, 7]) {
        0 => "EL",
        1 => "Exited EL",
        2 => "Not EL",
        _ => "Pending",
    };
    let status = if student.shows(70) { "EL" } else { status };
    let identified = after(world.year.start, -draw.between(0, 1500));
    let exit = match status {
        "Exited EL" => Some(after(world.year.today, -draw.between(0, 900)).max(identified)),
        "EL" => draw.maybe(50, |draw| after(world.year.today, draw.between(0, 90))),
        _ => None,
    };
    let lep = out.key::<tables::Lep>();
    row!(
        out,
        Lep {
            lepID: lep,
            personID: student.person,
            programStatus: status,
            identifiedDate: draw.maybe(970, |_| identified),
            exitDate: exit,
            parentDeclinedDate: draw.maybe(50, |draw| after(identified, draw.between(1, 200))),
        }
    );
    if matches!(status, "EL" | "Exited EL") {
        // The parents of one refuse all services.
        let refuse_all = student.shows(70) || draw.chance(40);
        for _ in 0..draw.weighted(&[10, 55, 25, 10]) {
            service(out, draw, world, lep, identified, refuse_all);
        }
        if refuse_all {
            service(out, draw, world, lep, identified, true);
        }
    }
    // An earlier record, of another district.
    if draw.chance(80) {
        let earlier = out.key::<tables::Lep>();
        row!(
            out,
            Lep {
                lepID: earlier,
                personID: student.person,
                programStatus: "EL",
                identifiedDate: after(identified, -700),
                exitDate: after(identified, -100),
            }
        );
    }
}

fn service(out: &mut Out, draw: &mut Draw, world: &World<'_>, lep: i64, identified: chrono::NaiveDate, refuse: bool) {
    let id = out.key::<tables::LepService>();
    let kind = i64::try_from(1 + draw.weighted(&[15, 30, 20, 8, 15, 7, 5])).unwrap_or(1);
    let start = after(identified, draw.between(0, 40));
    row!(
        out,
        LepService {
            lepServiceID: id,
            lepID: lep,
            lepServiceTypeID: if refuse { kind.min(4) } else { kind },
            startDate: draw.maybe(960, |_| start),
            endDate: if refuse {
                None
            } else {
                draw.maybe(250, |draw| after(world.year.today, draw.between(-200, 200)))
            },
            dateRefused: if refuse {
                Some(after(start, 5))
            } else {
                draw.maybe(40, |draw| after(world.year.today, draw.between(-90, 60)))
            },
        }
    );
}

fn homeless(out: &mut Out, draw: &mut Draw, world: &World<'_>, student: &Student<'_>) {
    if student.shows(71) || draw.chance(18) {
        let id = out.key::<tables::Homeless>();
        let (start, end) = span(draw, world.year);
        row!(
            out,
            Homeless {
                homelessID: id,
                personID: student.person,
                startDate: start,
                endDate: end,
                primaryNight: draw.maybe(930, |draw| draw.pick(&["1", "2", "3", "4", "5"])),
                unaccompaniedYouth: draw.maybe(900, |draw| draw.pick(&["1", "2"])),
            }
        );
    }
}

fn migrant(out: &mut Out, draw: &mut Draw, world: &World<'_>, student: &Student<'_>) {
    let border = student.shows(72) || student.shows(73);
    if border || draw.chance(15) {
        let id = out.key::<tables::Migrant>();
        let today = world.year.today;
        let three_years = today.checked_sub_months(chrono::Months::new(36)).unwrap_or(today);
        // On the last day that counts, a day too early, or somewhere.
        let arrival = if student.shows(72) {
            Some(three_years)
        } else if student.shows(73) {
            Some(after(three_years, -1))
        } else {
            draw.maybe(950, |draw| after(today, -draw.between(-20, 1400)))
        };
        row!(
            out,
            Migrant {
                migrantID: id,
                personID: student.person,
                lastQualifyingArrivalDate: arrival,
                coeStatusIndicator: if border {
                    Some("A")
                } else {
                    draw.pick(&[Some("A"), Some("A"), Some("P"), Some("D"), None])
                },
                startDate: after(world.year.start, -200),
            }
        );
    }
}

fn title1(out: &mut Out, draw: &mut Draw, world: &World<'_>, student: &Student<'_>) {
    if student.grade > 8 || !(student.shows(74) || draw.chance(80)) {
        return;
    }
    let id = out.key::<tables::Title1>();
    let (start, end) = span(draw, world.year);
    let services = list(draw, &["MATH", "ELA", "SCI", "HLTH", "GUID", "SOC", "VOC", "PARA"], "ROBO", 4);
    row!(
        out,
        Title1 {
            title1ID: id,
            personID: student.person,
            startDate: start,
            endDate: end,
            title1Services: if student.shows(74) { Some("MATH, ELA,,SCI") } else { services.as_deref() },
        }
    );
}

/// Some of the codes as a list in one text; seldom with one that nothing maps, or empty.
fn list(draw: &mut Draw, codes: &[&'static str], unknown: &'static str, most: usize) -> Option<String> {
    let mut chosen: Vec<&str> = Vec::new();
    for _ in 0..1 + draw.below(most) {
        let code = draw.pick(codes);
        if !chosen.contains(&code) {
            chosen.push(code);
        }
    }
    if draw.chance(30) {
        chosen.push(unknown);
    }
    draw.maybe(950, |_| chosen.join(","))
}

fn gifted(out: &mut Out, draw: &mut Draw, world: &World<'_>, student: &Student<'_>) {
    if draw.chance(60) {
        let id = out.key::<tables::Gifted>();
        let (start, end) = span(draw, world.year);
        row!(out, Gifted { giftedID: id, personID: student.person, startDate: start, endDate: end });
    }
}

fn section504(out: &mut Out, draw: &mut Draw, world: &World<'_>, student: &Student<'_>) {
    if student.shows(75) || draw.chance(25) {
        let id = out.key::<tables::Section504>();
        let (start, end) = span(draw, world.year);
        let disability = list(draw, &["AU", "BI", "HI", "LI", "BF", "ME", "MH", "OI", "OT"], "QQ", 3);
        row!(
            out,
            Section504 {
                section504ID: id,
                personID: student.person,
                startDate: start,
                endDate: end,
                exitReason: end.and_then(|_| draw.maybe(800, |draw| draw.pick(&["1", "2", "3"]))),
                disability: disability.as_ref(),
            }
        );
    }
}

fn meals(out: &mut Out, draw: &mut Draw, world: &World<'_>, student: &Student<'_>) {
    if draw.chance(480) {
        let (id, year) = (out.key::<tables::PosEligibility>(), world.year);
        let current = draw.chance(880);
        row!(
            out,
            PosEligibility {
                eligibilityID: id,
                personID: student.person,
                endYear: if current { year.end_year } else { year.end_year - 1 },
                eligibility: draw.maybe(990, |draw| draw.pick(&["F", "F", "R", "S"])),
                startDate: if current { after(year.start, draw.between(-30, 60)) } else { after(year.start, -350) },
                endDate: if current { draw.maybe(600, |_| after(year.end, 30)) } else { Some(after(year.start, -50)) },
            }
        );
    }
}

fn youth_in_care(out: &mut Out, draw: &mut Draw, world: &World<'_>, student: &Student<'_>) {
    if student.shows(76) || draw.chance(8) {
        let id = out.key::<tables::YouthProgram>();
        let (start, end) = span(draw, world.year);
        row!(
            out,
            YouthProgram {
                youthProgramID: id,
                personID: student.person,
                startDate: start,
                endDate: end,
                environment: draw.maybe(850, |draw| draw.pick(&["ISI-1", "ISI-2", "YIC-3", "RTC"])),
                exitReason: end.and_then(|_| draw.maybe(800, |draw| draw.pick(&["1", "2", "3"]))),
                timeCode: draw.maybe(850, |draw| draw.pick(&["A", "B", "C"])),
                custodyType: draw.maybe(850, |draw| draw.pick(&["DCFS", "JJS"])),
                excludeMembership: draw.chance(150),
                facility: draw.maybe(200, |draw| draw.pick(&["F01", "F02"])),
                rtcFacility: draw.maybe(150, |_| "R01"),
                neglectedDelinquent: draw.maybe(500, |draw| draw.pick(&["N", "D"])),
            }
        );
    }
}

fn other(out: &mut Out, draw: &mut Draw, world: &World<'_>, student: &Student<'_>) {
    if student.grade >= 7 && draw.chance(25) {
        let id = out.key::<tables::Mesa>();
        let (start, end) = span(draw, world.year);
        row!(
            out,
            Mesa {
                mesaID: id,
                personID: student.person,
                startDate: start,
                endDate: end,
                participationLevel: draw.maybe(950, |draw| draw.pick(&["1", "2", "3"])),
            }
        );
    }
    if draw.chance(15) {
        let id = out.key::<tables::Nclb>();
        let (start, end) = span(draw, world.year);
        row!(
            out,
            Nclb {
                nclbID: id,
                personID: student.person,
                startDate: start,
                endDate: end,
                languageSupport: draw.maybe(700, |draw| draw.pick(&["L1", "L2"])),
                mathSupport: draw.maybe(700, |draw| draw.pick(&["M1", "M2"])),
            }
        );
    }
    if draw.chance(30) {
        let id = out.key::<tables::SupplementalServices>();
        let (start, end) = span(draw, world.year);
        row!(
            out,
            SupplementalServices {
                supplementalServicesID: id,
                personID: student.person,
                startDate: start,
                endDate: end,
                supplementalService1: draw.maybe(900, |draw| draw.chance(500)),
                supplementalService2: draw.maybe(900, |draw| draw.chance(500)),
            }
        );
    }
}
