//! The people who work in a school.

use crate::draw::Draw;
use crate::names::{BOYS, GIRLS, LAST};
use crate::out::Out;
use crate::tables::{self, row};
use crate::year::{after, date};

/// How many people work in a school.
pub(crate) const STAFF_OF_SCHOOL: usize = 36;

/// Writes the staff of a school, and gives their person ids; the first leads the school and goes by the name given too.
pub(crate) fn write(out: &mut Out, draw: &mut Draw, next: &mut i64, end_year: i32) -> (Vec<i64>, String) {
    let mut staff = Vec::with_capacity(STAFF_OF_SCHOOL);
    let mut principal = String::new();
    for at in 0..STAFF_OF_SCHOOL {
        *next += 1;
        let person = *next;
        let woman = draw.chance(600);
        let (first, last) = (draw.pick(if woman { GIRLS } else { BOYS }), draw.pick(LAST));
        if at == 0 {
            principal = format!("{first} {last}");
        }
        let identity = out.key::<tables::Identity>();
        // A few people have no state id yet.
        let state_id = draw.maybe(970, |_| format!("S{person:06}"));
        row!(
            out,
            Person {
                personID: person,
                personGUID: draw.guid(),
                staffStateID: state_id.as_ref(),
                currentIdentityID: identity,
            }
        );
        let born = after(date(end_year - 60, 1, 1), draw.between(0, 365 * 36));
        row!(
            out,
            Identity {
                identityID: identity,
                personID: person,
                effectiveDate: date(end_year - 3, 7, 1),
                lastName: last,
                firstName: first,
                gender: if woman { "F" } else { "M" },
                birthDate: born,
            }
        );
        let email = format!("staff{person}@district.example.org");
        row!(out, Contact { personID: person, email: &email, workPhone: "435-555-0102" });
        staff.push(person);
    }
    (staff, principal)
}
