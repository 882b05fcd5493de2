//! Mapping itself: order, and going on behind a position.

use std::sync::Arc;

use problem::Problem;
use provider::mapping::{Given, Position, Reading, Take, Wanted};

use crate::support::{cedar_ridge, generated, plan, today, zone_of};

/// Keeps positions.
struct Positions;

impl Take for Positions {
    type Kept = Vec<Position>;

    fn take(&self, given: &Given<'_, '_>, kept: &mut Vec<Position>, _: &mut Vec<Problem>) {
        kept.push(given.position());
    }
}

fn reading(source: &str, object: &str, after: Option<Position>, jobs: usize) -> Reading {
    let wanted = Wanted { objects: vec![Arc::from(object)], after, ..Wanted::default() };
    Reading::start(&plan(), &zone_of(&[2026]), today(), source, &wanted, jobs).unwrap()
}

fn positions(reading: &Reading) -> Vec<Position> {
    let mut all = Vec::new();
    reading
        .run(&Positions, &mut |batch| {
            all.extend(batch.parts.into_iter().flat_map(|part| part.kept));
            Ok(())
        })
        .unwrap();
    all
}

#[test]
fn positions_ascend_whatever_the_object() {
    for object in crate::support::OBJECTS {
        let all = positions(&reading(&cedar_ridge(), object, None, 2));
        assert!(!all.is_empty() && all.is_sorted() && all.windows(2).all(|pair| pair[0] != pair[1]), "{object}");
    }
}

#[test]
fn behind_a_position_comes_the_rest_also_where_batches_meet() {
    let folder = tempfile::tempdir().unwrap();
    let source = generated(folder.path(), 450, 7);
    for object in ["StudentSectionEnrollment", "SectionInfo"] {
        let whole = reading(&source, object, None, 2);
        let all = positions(&whole);
        // In each batch the first and last student's instances, and one in the middle.
        let mut cuts: Vec<usize> = vec![0, all.len() / 2, all.len() - 1];
        for batch in 0..whole.loader().batch_count() {
            let students = whole.loader().batch_students(batch);
            for student in [students.first(), students.last()].into_iter().flatten() {
                let own = |position: &Position| position.owner == *student;
                cuts.extend(all.iter().position(own));
                cuts.extend(all.iter().rposition(own));
            }
        }
        assert!(object == "SectionInfo" || whole.loader().batch_count() > 1);
        for cut in cuts {
            let rest = positions(&reading(&source, object, Some(all[cut]), 1));
            assert_eq!(rest, all[cut + 1..], "{object} behind {cut}");
        }
    }
}

#[test]
fn who_takes_no_more_ends_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let source = generated(folder.path(), 450, 8);
    let reading = reading(&source, "StudentPersonal", None, 2);
    let mut taken = 0;
    let end = reading.run(&Positions, &mut |_| {
        taken += 1;
        Err(Problem::new(problem::code::NOT_FINISHED, "enough"))
    });
    assert_eq!((taken, end.map_err(|problem| problem.message)), (1, Err("enough".to_owned())));
}
