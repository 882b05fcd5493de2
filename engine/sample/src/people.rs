//! Students as people: identities, races, languages, contacts.

use chrono::NaiveDate;

use crate::codes::{LANGUAGES, UNKNOWN_LANGUAGE};
use crate::draw::Draw;
use crate::names::{BOYS, GIRLS, LAST, NICKNAMES};
use crate::out::Out;
use crate::student::{Student, World};
use crate::tables::{self, row};
use crate::year::{after, date};

/// A name and the day from which it held.
struct Name {
    last: Option<&'static str>,
    first: &'static str,
    middle: Option<&'static str>,
    from: Option<NaiveDate>,
}

/// Writes the student as a person.
pub(crate) fn write(out: &mut Out, draw: &mut Draw, world: &World<'_>, student: &Student<'_>, girl: bool) {
    let names = names(draw, world, student, girl);
    let identities: Vec<i64> = names.iter().map(|_| out.key::<tables::Identity>()).collect();
    // Not always is the latest identity the current one, and not always does the person say which is.
    let current = match draw.weighted(&[870, 110, 20]) {
        0 => identities.last(),
        1 => None,
        _ => identities.first(),
    };
    let number = format!("{}", 300_000 + student.number);
    let state_id = draw.maybe(985, |_| format!("{}", 2_000_000 + student.number * 3));
    row!(
        out,
        Person {
            personID: student.person,
            personGUID: draw.guid(),
            studentNumber: &number,
            stateID: state_id.as_ref(),
            currentIdentityID: current.copied(),
        }
    );
    let demographics = Demographics::draw(draw, world, student, girl);
    for (name, identity) in names.iter().zip(&identities) {
        demographics.write(out, student, name, *identity);
        races(out, draw, student, *identity, demographics.tribe.is_some());
    }
    if draw.chance(900) {
        let email = format!("student{}@school.example.org", student.number);
        let phone = format!("435-555-01{:02}", draw.below(100));
        row!(
            out,
            Contact {
                personID: student.person,
                email: draw.maybe(800, |_| &email),
                cellPhone: draw.maybe(400, |_| &phone),
                workPhone: draw.maybe(30, |_| "435-555-0199"),
                homePhone: draw.maybe(300, |_| "435-555-0198"),
            }
        );
    }
}

fn names(draw: &mut Draw, world: &World<'_>, student: &Student<'_>, girl: bool) -> Vec<Name> {
    let firsts = if girl { GIRLS } else { BOYS };
    let middle = draw.maybe(500, |draw| draw.pick(firsts));
    let entered = date(world.year.end_year - 1 - i32::try_from(student.grade).unwrap_or(0), 8, 1);
    let last = (!student.shows(1)).then_some(student.last);
    let now = |from| Name { last, first: student.first, middle, from };
    if student.shows(2) || draw.chance(15) {
        return vec![
            Name { last: Some(draw.pick(LAST)), first: student.first, middle, from: None },
            Name {
                last: Some(draw.pick(LAST)),
                first: draw.pick(firsts),
                middle: None,
                from: Some(after(entered, 300)),
            },
            now(Some(after(entered, 900))),
        ];
    }
    if draw.chance(285) {
        let before = match draw.weighted(&[60, 25, 15]) {
            0 => Name { last: Some(draw.pick(LAST)), first: student.first, middle, from: Some(entered) },
            1 => Name { last, first: draw.pick(firsts), middle, from: draw.maybe(700, |_| entered) },
            // Only the demographics changed: no other name.
            _ => Name { last, first: student.first, middle, from: Some(entered) },
        };
        return vec![before, now(Some(after(world.year.start, draw.between(-500, 120))))];
    }
    let from = draw.maybe(900, |_| entered);
    vec![now(from)]
}

struct Demographics {
    gender: Option<&'static str>,
    birth: Option<NaiveDate>,
    ssn: Option<String>,
    born_in: Option<(&'static str, Option<&'static str>, &'static str)>,
    hispanic: Option<&'static str>,
    tribe: Option<&'static str>,
    observed: bool,
    language: Option<&'static str>,
    native: Option<&'static str>,
    immigrant: Option<bool>,
    refugee: Option<bool>,
    entered_us: Option<NaiveDate>,
    suffix: Option<&'static str>,
    alias: Option<&'static str>,
}

impl Demographics {
    fn draw(draw: &mut Draw, world: &World<'_>, student: &Student<'_>, girl: bool) -> Self {
        let grade = i32::try_from(student.grade).unwrap_or(0);
        // Five years old in kindergarten, by 1 September.
        let birth = after(date(world.year.end_year - 6 - grade, 8, 31), -draw.between(0, 400));
        let abroad = student.learns_english && draw.chance(500);
        let foreign = |draw: &mut Draw| LANGUAGES[1 + draw.below(LANGUAGES.len() - 1)].0;
        let home = if student.shows(3) {
            Some(UNKNOWN_LANGUAGE)
        } else if student.learns_english || draw.chance(60) {
            Some(foreign(draw))
        } else {
            draw.maybe(940, |_| "EN")
        };
        Self {
            gender: match draw.weighted(&[985, 10, 5]) {
                0 => Some(if girl { "F" } else { "M" }),
                1 => Some("X"),
                _ => None,
            },
            birth: (!student.shows(4)).then_some(birth),
            // A number that is never given to anybody.
            ssn: draw.maybe(300, |_| format!("900{:06}", student.number % 1_000_000)),
            born_in: match (abroad, draw.chance(800)) {
                (true, _) => Some(("Ciudad Nueva", None, "MX")),
                (false, true) => Some(("Alder Springs", Some("UT"), "US")),
                (false, false) => None,
            },
            hispanic: match draw.weighted(&[18, 76, 6]) {
                0 => Some("Y"),
                1 => Some("N"),
                _ => None,
            },
            tribe: if student.shows(5) {
                Some("N")
            } else {
                draw.maybe(12, |draw| draw.pick(&["N", "U", "P", "G", "S"]))
            },
            observed: draw.chance(15),
            language: home,
            native: draw.maybe(if home == Some("EN") { 20 } else { 500 }, foreign),
            immigrant: draw.maybe(900, |draw| abroad || draw.chance(5)),
            refugee: draw.maybe(900, |draw| abroad && draw.chance(200)),
            entered_us: abroad.then(|| after(world.year.start, -draw.between(30, 1500))),
            suffix: draw.maybe(10, |draw| draw.pick(&["Jr", "II", "III"])),
            alias: draw.maybe(60, |draw| draw.pick(NICKNAMES)),
        }
    }

    fn write(&self, out: &mut Out, student: &Student<'_>, name: &Name, identity: i64) {
        row!(
            out,
            Identity {
                identityID: identity,
                personID: student.person,
                effectiveDate: name.from,
                lastName: name.last,
                firstName: name.first,
                middleName: name.middle,
                suffix: self.suffix,
                alias: self.alias,
                gender: self.gender,
                birthDate: self.birth,
                ssn: self.ssn.as_ref(),
                birthCity: self.born_in.map(|(city, _, _)| city),
                stateOfBirth: self.born_in.and_then(|(_, state, _)| state),
                birthCountry: self.born_in.map(|(_, _, country)| country),
                hispanicEthnicity: self.hispanic,
                raceSubcategory: self.tribe,
                raceEthnicityDetermination: self.observed.then_some("03"),
                homePrimaryLanguage: self.language,
                languageAlt: self.native,
                immigrant: self.immigrant,
                refugee: self.refugee,
                dateEnteredUSSchool: self.entered_us,
            }
        );
    }
}

fn races(out: &mut Out, draw: &mut Draw, student: &Student<'_>, identity: i64, tribal: bool) {
    let first = if tribal {
        "1"
    } else if student.shows(6) {
        // No table maps it.
        "6"
    } else {
        draw.pick(&["5", "5", "5", "5", "5", "5", "2", "3", "4", "1"])
    };
    if draw.chance(15) {
        return;
    }
    let second = draw.maybe(60, |draw| draw.pick(&["2", "3", "5"])).filter(|code| *code != first);
    for code in [Some(first), second].into_iter().flatten() {
        let id = out.key::<tables::RaceEthnicity>();
        row!(out, RaceEthnicity { raceEthnicityID: id, identityID: identity, code: code });
    }
}
