//! Where students live and with whom: households that siblings share, addresses, guardians.

use chrono::NaiveDate;

use crate::addresses;
use crate::draw::{Draw, Stream};
use crate::names::{BOYS, GIRLS, LAST};
use crate::out::Out;
use crate::student::{Student, World};
use crate::tables::{self, row};
use crate::year::after;

/// A family that was written, for the sibling that comes next.
#[derive(Clone)]
pub(crate) struct Family {
    pub(crate) last: &'static str,
    /// Households that the children belong to.
    homes: Vec<Home>,
    parents: Vec<Parent>,
}

/// A household that children belong to.
#[derive(Clone)]
struct Home {
    household: i64,
    secondary: bool,
    start: Option<NaiveDate>,
    end: Option<NaiveDate>,
}

/// Somebody who is related to the children.
#[derive(Clone)]
struct Parent {
    person: i64,
    /// What the children call the parent.
    name: &'static str,
    guardian: bool,
    /// Contact sequence.
    seq: Option<i64>,
    /// When the relationship ended.
    end: Option<NaiveDate>,
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
    let homes = homes(out, draw, world, number, last, &parents);
    Family { last, homes, parents }
}

fn parents(
    out: &mut Out,
    draw: &mut Draw,
    world: &World<'_>,
    number: u64,
    last: &'static str,
    people: &mut i64,
) -> Vec<Parent> {
    let count = match draw.weighted(&[55, 35, 8, 2]) {
        0 => 2,
        1 => 1,
        2 => 3,
        _ => 0,
    };
    let mut parents = Vec::<Parent>::new();
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
        if parents.iter().any(|other| other.person == person) {
            continue;
        }
        let end = draw.maybe(30, |draw| after(world.year.today, -draw.between(10, 600)));
        let seq = draw.maybe(920, |_| at + 1);
        parents.push(Parent { person, name, guardian: at < 2 && draw.chance(950), seq, end });
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
    row!(out, Person { personID: person, personGUID: draw.guid(), currentIdentityID: draw.maybe(900, |_| identity) });
    row!(
        out,
        Identity {
            identityID: identity,
            personID: person,
            lastName: if draw.chance(850) { last } else { draw.pick(LAST) },
            firstName: draw.pick(if woman { GIRLS } else { BOYS }),
            gender: if woman { "F" } else { "M" },
        }
    );
    if draw.chance(850) {
        let email = format!("parent{person}@mail.example.org");
        row!(
            out,
            Contact {
                personID: person,
                email: draw.maybe(800, |_| &email),
                cellPhone: "435-555-0150",
                workPhone: draw.maybe(300, |_| "435-555-0151"),
            }
        );
    }
    person
}

fn military(out: &mut Out, draw: &mut Draw, world: &World<'_>, person: i64) {
    let id = out.key::<tables::ImpactAidEmployment>();
    let start = draw.maybe(800, |draw| after(world.year.start, draw.between(-900, 250)));
    row!(
        out,
        ImpactAidEmployment {
            impactAidEmploymentID: id,
            personID: person,
            militaryStatus: draw.maybe(960, |draw| draw.pick(&["AD", "AD", "NG", "RA", "DV", "CV"])),
            startDate: start,
            endDate: start.and_then(|start| draw.maybe(200, |draw| after(start, draw.between(30, 800)))),
        }
    );
}

fn homes(
    out: &mut Out,
    draw: &mut Draw,
    world: &World<'_>,
    number: u64,
    last: &'static str,
    parents: &[Parent],
) -> Vec<Home> {
    let start = |draw: &mut Draw| draw.maybe(750, |draw| after(world.year.start, -draw.between(0, 2500)));
    let mut homes = Vec::new();
    match draw.weighted(&[75, 15, 6, 4]) {
        0 => {
            let home = household(out, draw, world, number, last);
            homes.push(Home { household: home, secondary: false, start: start(draw), end: None });
            members(out, draw, home, parents);
        }
        // Two homes: the second parent lives in the other one.
        1 => {
            let (home, other) =
                (household(out, draw, world, number, last), household(out, draw, world, number + 1, last));
            homes.push(Home { household: home, secondary: false, start: start(draw), end: None });
            homes.push(Home { household: other, secondary: true, start: start(draw), end: None });
            members(out, draw, home, &parents[..parents.len().min(1)]);
            members(out, draw, other, &parents[parents.len().min(1)..]);
        }
        // Moved this year.
        2 => {
            let (before, home) =
                (household(out, draw, world, number, last), household(out, draw, world, number + 1, last));
            let moved = after(world.year.today, -draw.between(5, 160));
            homes.push(Home { household: before, secondary: false, start: None, end: Some(after(moved, -1)) });
            homes.push(Home { household: home, secondary: false, start: Some(moved), end: None });
            members(out, draw, home, parents);
        }
        _ => {}
    }
    homes
}

fn household(out: &mut Out, draw: &mut Draw, world: &World<'_>, number: u64, last: &str) -> i64 {
    let id = out.key::<tables::Household>();
    let phone = format!("435-555-01{:02}", draw.below(100));
    row!(out, Household { householdID: id, name: last, phone: draw.maybe(850, |_| &phone) });
    addresses::write(out, draw, world, number, id);
    id
}

fn members(out: &mut Out, draw: &mut Draw, household: i64, parents: &[Parent]) {
    for parent in parents {
        if draw.chance(950) {
            let id = out.key::<tables::HouseholdMember>();
            row!(
                out,
                HouseholdMember { memberID: id, householdID: household, personID: parent.person, secondary: false }
            );
        }
    }
}

/// Makes the student a member of the family.
pub(crate) fn join(out: &mut Out, draw: &mut Draw, student: &Student<'_>, family: &Family) {
    for home in &family.homes {
        let id = out.key::<tables::HouseholdMember>();
        row!(
            out,
            HouseholdMember {
                memberID: id,
                householdID: home.household,
                personID: student.person,
                secondary: home.secondary,
                startDate: home.start,
                endDate: home.end,
            }
        );
    }
    for parent in &family.parents {
        let id = out.key::<tables::RelatedPair>();
        row!(
            out,
            RelatedPair {
                relatedPairID: id,
                personID1: student.person,
                personID2: parent.person,
                name: draw.maybe(980, |_| parent.name),
                guardian: parent.guardian,
                seq: parent.seq,
                startDate: parent.end.map(|end| after(end, -1000)),
                endDate: parent.end,
            }
        );
    }
}
