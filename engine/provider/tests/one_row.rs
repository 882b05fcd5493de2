//! What a change of one row costs: rows mapped, against those of everything. `SIFTER_STUDENTS=20000` makes the district larger.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::time::Instant;

use provider::events::{Publisher, Report};
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
    let edits = [
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
        ("an incident", "UPDATE behaviorIncident SET damages = 1 WHERE incidentID = 1".to_owned(), 0),
        (
            "a course's name",
            "UPDATE course SET name = 'Other' WHERE courseID = (SELECT min(courseID) FROM course WHERE active)".to_owned(),
            0,
        ),
        (
            "a calendar's name",
            "UPDATE calendar SET name = 'Other' WHERE calendarID = (SELECT min(calendarID) FROM calendar WHERE endYear = 2026)".to_owned(),
            1,
        ),
        ("a deleted enrollment", format!("DELETE FROM enrollment WHERE personID = {student}"), 1),
    ];
    for (what, sql, least) in edits {
        let report = look(&mut publisher, &district, what, &sql, least);
        assert!(report.mapped * 100 <= whole, "{what}: {} of {whole}", report.mapped);
    }

    // What many share concerns them all, and no others: the places and enrollments of those who are in the section, or in one of the
    // course. These are as many in any district, so that a small one is no measure of the share.
    let largest = "(SELECT sectionID FROM roster JOIN section USING (sectionID) JOIN course USING (courseID) JOIN calendar USING (calendarID) WHERE endYear = 2026 AND NOT calendar.exclude GROUP BY sectionID ORDER BY count(*) DESC, sectionID LIMIT 1)";
    let course = format!("(SELECT courseID FROM section WHERE sectionID = {largest})");
    let of_section = format!("SELECT {largest}");
    let of_course = format!("SELECT sectionID FROM section WHERE courseID = {course}");
    let placement = format!("(SELECT min(placementID) FROM sectionPlacement WHERE sectionID = {largest})");
    let edits = [
        ("a section", format!("UPDATE section SET distanceCode = 'OTHER' WHERE sectionID = {largest}"), 1, &of_section),
        ("a placement", format!("DELETE FROM sectionPlacement WHERE placementID = {placement}"), 0, &of_section),
        (
            "a course that is taught elsewhere",
            format!("UPDATE course SET distanceCode = 'OTHER' WHERE courseID = {course}"),
            1,
            &of_course,
        ),
    ];
    for (what, sql, least, sections) in edits {
        let theirs = format!("WHERE personID IN (SELECT personID FROM roster WHERE sectionID IN ({sections}))");
        let most: u64 = ["roster", "enrollment"]
            .map(|table| format!("SELECT count(*) FROM {table} {theirs}"))
            .into_iter()
            .chain([format!("SELECT 1 + count(*) FROM section WHERE sectionID IN ({sections})")])
            .map(|sql| u64::try_from(district.number(&sql)).unwrap())
            .sum();
        let report = look(&mut publisher, &district, what, &sql, least);
        assert!(report.mapped <= most, "{what}: {} of {most}", report.mapped);
        assert!(students < 10_000 || report.mapped * 100 <= whole, "{what}: {} of {whole}", report.mapped);
    }

    // These truly concern a whole school, each for its reason; so there is no bound, and they are only shown.
    let edits = [
        (
            "a day: the days of membership of all in the school",
            "UPDATE day SET instruction = 0 WHERE dayID = (SELECT min(dayID) FROM day WHERE instruction AND date > '2025-10-01')",
        ),
        (
            "a term: it bounds the places in all its sections",
            "UPDATE term SET endDate = '2026-05-20' WHERE termID = (SELECT min(termID) FROM term)",
        ),
        (
            "a period: it names when all its sections meet",
            "UPDATE period SET name = 'Other' WHERE periodID = (SELECT min(periodID) FROM period)",
        ),
    ];
    for (what, sql) in edits {
        look(&mut publisher, &district, what, sql, 0);
    }
}

/// Changes the source, and looks what is found by it: at least so many events.
fn look(publisher: &mut Publisher, district: &District, what: &str, sql: &str, least: usize) -> Report {
    district.sql(sql);
    let begun = Instant::now();
    let report = publisher.tick(today()).unwrap();
    let events = sent(publisher);
    let (rows, mapped) = (report.rows, report.mapped);
    println!("{what}: {rows} rows changed, {mapped} mapped, {} events, {:?}", events.len(), begun.elapsed());
    assert!(report.rows > 0 && events.len() >= least, "{what}: {} events", events.len());
    report
}
