//! Where a household lives: houses, post-office boxes, the address before.

use crate::draw::Draw;
use crate::names::{CITIES, STREETS, TAGS};
use crate::out::Out;
use crate::student::World;
use crate::tables::{self, row};
use crate::year::after;

/// Writes the addresses of a household.
pub(crate) fn write(out: &mut Out, draw: &mut Draw, world: &World<'_>, number: u64, household: i64) {
    let start = draw.maybe(700, |draw| after(world.year.start, -draw.between(0, 2500)));
    let location = |out: &mut Out, address: i64, secondary: bool, mailing: bool, start, end| {
        let id = out.key::<tables::HouseholdLocation>();
        row!(
            out,
            HouseholdLocation {
                locationID: id,
                householdID: household,
                addressID: address,
                secondary: secondary,
                mailing: mailing,
                startDate: start,
                endDate: end,
            }
        );
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
    row!(
        out,
        Address {
            addressID: id,
            postOfficeBox: false,
            number: draw.maybe(990, |_| &house),
            prefix: draw.maybe(400, |draw| draw.pick(&["N", "S", "E", "W"])),
            street: draw.pick(STREETS),
            tag: draw.maybe(900, |draw| draw.pick(TAGS)),
            dir: draw.maybe(50, |draw| draw.pick(&["N", "S"])),
            apt: apartment.as_ref(),
            city: (number % 400 != 21 && draw.chance(990)).then_some(city),
            county: draw.maybe(700, |_| county),
            state: "UT",
            zip: draw.maybe(990, |_| zip),
            latitude: place.as_ref().map(|(latitude, _)| latitude),
            longitude: place.as_ref().map(|(_, longitude)| longitude),
            locationCode: draw.maybe(100, |_| "4900177"),
        }
    );
    id
}

fn post_box(out: &mut Out, draw: &mut Draw) -> i64 {
    let id = out.key::<tables::Address>();
    let (city, county, zip) = draw.pick(CITIES);
    let number = format!("{}", draw.between(1, 999));
    row!(
        out,
        Address {
            addressID: id,
            postOfficeBox: true,
            number: &number,
            city: city,
            county: county,
            state: "UT",
            zip: zip,
        }
    );
    id
}
