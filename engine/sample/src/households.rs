//! Where students live and with whom: households that siblings share, addresses, guardians.

use chrono::NaiveDate;

use crate::draw::{Draw, Stream};
use crate::names::{BOYS, CITIES, GIRLS, LAST, STREETS, TAGS};
use crate::out::Out;
use crate::student::{Student, World};
use crate::tables::{self, row};
use crate::year::after;

/// A family that was written, for the sibling that comes next.
#[derive(Clone)]
pub(crate) struct Family {
    pub(crate) last: &'static str,
    /// Households that the children belong to, each with whether it is the secondary one.
    households: Vec<(i64, bool, Option<NaiveDate>, Option<NaiveDate>)>,
    /// Parents: person, what they are called, whether they are a guardian, contact sequence, end of the relationship.
    parents: Vec<(i64, &'static str, bool, Option<i64>, Option<NaiveDate>)>,
}

/// Whether the student has the same family as the student before. Students come in threes: of every second three the first two are
/// siblings.
pub(crate) fn follows_sibling(seed: u64, number: u64) -> bool {
    number % 3 == 2 && Draw::new(seed, Stream::Siblings(number / 3)).chance(500)
}

/// Writes a new family; `people` is the last person id.
pub(crate) fn family(out: &mut Out, draw: &mut Draw, world: &World<'_>, number: u64, people: &mut i64) -> Family {
    let last = draw.pick(LAST);
    let parents = parents(out, draw, world, number, last, people);
    let households = households(out, draw, world, number, last, &parents);
    Family { last, households, parents }
}

type Parents = Vec<(i64, &'static str, bool, Option<i64>, Option<NaiveDate>)>;

fn parents(out: &mut Out, draw: &mut Draw, world: &World<'_>, number: u64, last: &'static str, people: &mut i64) -> Parents {
    let count = match draw.weighted(&[55, 35, 8, 2]) {
        0 => 2,
        1 => 1,
        2 => 3,
        _ => 0,
    };
    let mut parents = Parents::new();
    for at in 0..count {
        let (name, woman) = match at {
            0 if draw.chance(850) => ("Mother", true),
            0 => ("Guardian", false),
            1 => ("Father", false),
            _ => ("Grandparent", true),
        };
        // Some parents work in the district.
        let person = if draw.chance(10) {
            draw.pick(&world.group.schools[0].staff)
        } else {
            parent(out, draw, last, woman, people)
        };
        if parents.iter().any(|(other, ..)| *other == person) {
            continue;
        }
        let end = draw.maybe(30, |draw| after(world.year.today, -draw.between(10, 600)));
        let seq = draw.maybe(920, |_| at + 1);
        parents.push((person, name, at < 2 && draw.chance(950), seq, end));
        if (number % 400 == 10 && at == 0) || draw.chance(18) {
            military(out, draw, world, person);
        }
    }
    parents
}

fn parent(out: &mut Out, draw: &mut Draw, last: &'static str, woman: bool, people: &mut i64) -> i64 {
    *people += 1;
    let person = *people;
    let identity = out.key::<tables::Identity>();
    row!(out, Person {
        personID: person, personGUID: draw.guid(), currentIdentityID: draw.maybe(900, |_| identity),
    });
    row!(out, Identity {
        identityID: identity, personID: person, lastName: if draw.chance(850) { last } else { draw.pick(LAST) },
        firstName: draw.pick(if woman { GIRLS } else { BOYS }), gender: if woman { "F" } else { "M" },
    });
    if draw.chance(850) {
        let email = format!("parent{person}@mail.example.org");
        row!(out, Contact {
            personID: person, email: draw.maybe(800, |_| &email), cellPhone: "435-555-0150", workPhone: draw.maybe(300, |_| "435-555-0151"),
        });
    }
    person
}

fn military(out: &mut Out, draw: &mut Draw, world: &World<'_>, person: i64) {
    let id = out.key::<tables::ImpactAidEmployment>();
    let start = draw.maybe(800, |draw| after(world.year.start, draw.between(-900, 250)));
    row!(out, ImpactAidEmployment {
        impactAidEmploymentID: id, personID: person, militaryStatus: draw.maybe(960, |draw| draw.pick(&["AD", "AD", "NG", "RA", "DV", "CV"])),
        startDate: start, endDate: start.and_then(|start| draw.maybe(200, |draw| after(start, draw.between(30, 800)))),
    });
}

type Households = Vec<(i64, bool, Option<NaiveDate>, Option<NaiveDate>)>;

fn households(out: &mut Out, draw: &mut Draw, world: &World<'_>, number: u64, last: &'static str, parents: &Parents) -> Households {
    let start = |draw: &mut Draw| draw.maybe(750, |draw| after(world.year.start, -draw.between(0, 2500)));
    let mut households = Vec::new();
    match draw.weighted(&[75, 15, 6, 4]) {
        0 => {
            let home = household(out, draw, world, number, last);
            households.push((home, false, start(draw), None));
            members(out, draw, home, parents);
        }
        // Two homes: the second parent lives in the other one.
        1 => {
            let (home, other) = (household(out, draw, world, number, last), household(out, draw, world, number + 1, last));
            households.push((home, false, start(draw), None));
            households.push((other, true, start(draw), None));
            members(out, draw, home, &parents[..parents.len().min(1)]);
            members(out, draw, other, &parents[parents.len().min(1)..]);
        }
        // Moved this year.
        2 => {
            let (before, home) = (household(out, draw, world, number, last), household(out, draw, world, number + 1, last));
            let moved = after(world.year.today, -draw.between(5, 160));
            households.push((before, false, None, Some(after(moved, -1))));
            households.push((home, false, Some(moved), None));
            members(out, draw, home, parents);
        }
        _ => {}
    }
    households
}

fn household(out: &mut Out, draw: &mut Draw, world: &World<'_>, number: u64, last: &str) -> i64 {
    let id = out.key::<tables::Household>();
    let phone = format!("435-555-01{:02}", draw.below(100));
    row!(out, Household { householdID: id, name: last, phone: draw.maybe(850, |_| &phone) });
    locations(out, draw, world, number, id);
    id
}

fn members(out: &mut Out, draw: &mut Draw, household: i64, parents: &[(i64, &'static str, bool, Option<i64>, Option<NaiveDate>)]) {
    for (person, ..) in parents {
        if draw.chance(950) {
            let id = out.key::<tables::HouseholdMember>();
            row!(out, HouseholdMember { memberID: id, householdID: household, personID: *person, secondary: false });
        }
    }
}

fn locations(out: &mut Out, draw: &mut Draw, world: &World<'_>, number: u64, household: i64) {
    let start = draw.maybe(700, |draw| after(world.year.start, -draw.between(0, 2500)));
    let location = |out: &mut Out, address: i64, secondary: bool, mailing: bool, start, end| {
        let id = out.key::<tables::HouseholdLocation>();
        row!(out, HouseholdLocation {
            locationID: id, householdID: household, addressID: address, secondary: secondary, mailing: mailing, startDate: start,
            endDate: end,
        });
    };
    match draw.weighted(&[78, 7, 6, 4, 2, 3]) {
        0 => {
            let home = street(out, draw, number);
            location(out, home, false, draw.chance(300), start, None);
        }
        // A house, and a box for the mail.
        1 => {
            let (home, mail) = (street(out, draw, number), post_box(out, draw));
            location(out, home, false, false, start, None);
            location(out, mail, false, true, start, None);
        }
        // The address before.
        2 => {
            let (before, home) = (street(out, draw, number), street(out, draw, number + 1));
            let moved = after(world.year.today, -draw.between(5, 300));
            location(out, before, false, true, None, Some(after(moved, -1)));
            location(out, home, false, true, Some(moved), None);
        }
        3 => {
            let (home, other) = (street(out, draw, number), street(out, draw, number + 1));
            location(out, home, false, true, start, None);
            location(out, other, true, false, start, None);
        }
        4 => {
            let mail = post_box(out, draw);
            location(out, mail, false, true, start, None);
        }
        _ => {}
    }
}

fn street(out: &mut Out, draw: &mut Draw, number: u64) -> i64 {
    let id = out.key::<tables::Address>();
    let (city, county, zip) = draw.pick(CITIES);
    let house = format!("{}", draw.between(1, 9900));
    let apartment = draw.maybe(80, |draw| format!("{}", draw.between(1, 40)));
    // Coordinates near the middle of nowhere.
    let place = draw.maybe(500, |draw| {
        (format!("39.{:04}", draw.between(1000, 9000)), format!("-113.{:04}", draw.between(1000, 9000)))
    });
    let place = if number % 400 == 20 { Some(("unknown".to_owned(), "-113.2".to_owned())) } else { place };
    row!(out, Address {
        addressID: id, postOfficeBox: false, number: draw.maybe(990, |_| &house),
        prefix: draw.maybe(400, |draw| draw.pick(&["N", "S", "E", "W"])), street: draw.pick(STREETS),
        tag: draw.maybe(900, |draw| draw.pick(TAGS)), dir: draw.maybe(50, |draw| draw.pick(&["N", "S"])), apt: apartment.as_ref(),
        city: (number % 400 != 21 && draw.chance(990)).then_some(city), county: draw.maybe(700, |_| county), state: "UT",
        zip: draw.maybe(990, |_| zip), latitude: place.as_ref().map(|(latitude, _)| latitude),
        longitude: place.as_ref().map(|(_, longitude)| longitude), locationCode: draw.maybe(100, |_| "4900177"),
    });
    id
}

fn post_box(out: &mut Out, draw: &mut Draw) -> i64 {
    let id = out.key::<tables::Address>();
    let (city, county, zip) = draw.pick(CITIES);
    let number = format!("{}", draw.between(1, 999));
    row!(out, Address {
        addressID: id, postOfficeBox: true, number: &number, city: city, county: county, state: "UT", zip: zip,
    });
    id
}

/// Makes the student a member of the family.
pub(crate) fn join(out: &mut Out, draw: &mut Draw, student: &Student<'_>, family: &Family) {
    for (household, secondary, start, end) in &family.households {
        let id = out.key::<tables::HouseholdMember>();
        row!(out, HouseholdMember {
            memberID: id, householdID: *household, personID: student.person, secondary: *secondary, startDate: *start,
            endDate: *end,
        });
    }
    for (parent, name, guardian, seq, end) in &family.parents {
        let id = out.key::<tables::RelatedPair>();
        row!(out, RelatedPair {
            relatedPairID: id, personID1: student.person, personID2: *parent, name: draw.maybe(980, |_| *name), guardian: *guardian,
            seq: *seq, startDate: end.map(|end| after(end, -1000)), endDate: *end,
        });
    }
}
