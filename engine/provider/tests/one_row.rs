//! What a change of one row costs: rows mapped, against those of everything. `SIFTER_STUDENTS=20000` makes the district larger.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::time::Instant;

use support::{District, sent, today};

#[test]
fn a_change_of_one_row_maps_at_most_one_in_a_hundred() {
    let students = std::env::var("SIFTER_STUDENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(300);
    let district = District::generate(students, 5);
    let begun = Instant::now();
    let mut publisher = district.publisher();
    let whole = publisher.tick(today()).unwrap().mapped;
    println!("{students} students: {whole} rows mapped in {:?}", begun.elapsed());
    println!(
        "published (records, bytes): {:?}; sums of rows: {:?}",
        district.shelf.size("published"),
        district.shelf.size("source_rows")
    );
    let student =
        "(SELECT min(personID) FROM enrollment JOIN calendar USING (calendarID) WHERE endYear = 2026 AND NOT exclude)";
    let mut edits = vec![
        ("a student's name", format!("UPDATE identity SET lastName = 'Other' WHERE personID = {student}"), 1),
        ("an enrollment", format!("UPDATE enrollment SET startDate = '2025-08-25' WHERE personID = {student}"), 1),
        (
            "a roster",
            "UPDATE roster SET startDate = '2025-09-02' WHERE rosterID = (SELECT min(rosterID) FROM roster)".to_owned(),
            1,
        ),
        (
            "a new program record",
            format!("INSERT INTO lep SELECT 999999, {student}, 'EL', '2025-09-01', NULL, NULL"),
            1,
        ),
        (
            "an address",
            format!(
                "UPDATE address SET city = 'Other' WHERE addressID = (SELECT min(addressID) FROM householdLocation JOIN householdMember USING (householdID) WHERE personID = {student})"
            ),
            0,
        ),
        (
            "a deleted attendance row",
            "DELETE FROM attendance WHERE attendanceID = (SELECT min(attendanceID) FROM attendance)".to_owned(),
            0,
        ),
        ("a deleted enrollment", format!("DELETE FROM enrollment WHERE personID = {student}"), 1),
    ];
    if students >= 10_000 {
        // What the organisation shares concerns more, so that is only shown; in a small district it concerns everybody.
        edits.push(("a section", "UPDATE section SET distanceCode = 'OTHER' WHERE sectionID = 1".to_owned(), 1));
        edits.push(("a placement", "DELETE FROM sectionPlacement WHERE placementID = 1".to_owned(), 0));
        edits.push(("a course", "UPDATE course SET name = 'Other' WHERE courseID = 1".to_owned(), 1));
        edits.push(("an incident", "UPDATE behaviorIncident SET damages = 1 WHERE incidentID = 1".to_owned(), 0));
    }
    for (what, sql, least) in edits {
        district.sql(&sql);
        let begun = Instant::now();
        let report = publisher.tick(today()).unwrap();
        let events = sent(&mut publisher);
        println!(
            "{what}: {} rows changed, {} mapped, {} events, {:?}",
            report.rows,
            report.mapped,
            events.len(),
            begun.elapsed()
        );
        assert!(report.rows > 0 && events.len() >= least, "{what}");
        let is_shared = ["a section", "a placement", "a course"].contains(&what);
        assert!(is_shared || report.mapped * 100 <= whole, "{what}: {} of {whole}", report.mapped);
    }
}
