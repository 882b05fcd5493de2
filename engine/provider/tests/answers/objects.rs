//! Each object, whole: what `map` gives, in packets.

use agent::{Query, Request};

use crate::support::answer::{all_of, ask, ask_all, items};
use crate::support::life::config;
use crate::support::{OBJECTS, assert_valid, cedar_ridge, mapped, zone_of};

#[test]
fn each_of_the_fourteen_objects_is_what_map_gives() {
    let requests: Vec<_> = OBJECTS.iter().map(|object| ("Library", all_of(object))).collect();
    let answers = ask_all(config(&cedar_ridge()), &requests);
    for (object, answer) in OBJECTS.iter().zip(&answers) {
        let wanted = mapped(&cedar_ridge(), object);
        assert!(!wanted.is_empty());
        assert_eq!(answer.items(), wanted, "{object}");
    }
    let packets: Vec<String> = answers.into_iter().flat_map(|answer| answer.packets).collect();
    assert_valid(&packets);
}

#[test]
fn packets_fit_the_buffer_and_are_filled() {
    let wanted = mapped(&cedar_ridge(), "StudentPersonal");
    let buffers: Vec<u32> = (0..40).map(|step| 9_000 + step * 37).collect();
    let sized = |buffer: &u32| ("Library", Request { max_buffer_size: *buffer, ..all_of("StudentPersonal") });
    let answers = ask_all(config(&cedar_ridge()), &buffers.iter().map(sized).collect::<Vec<_>>());
    let mut room: Vec<usize> = Vec::new();
    for (buffer, answer) in buffers.iter().zip(&answers) {
        let buffer = *buffer as usize;
        assert_eq!(answer.items(), wanted, "the zone has refused what does not fit");
        for pair in answer.packets.windows(2) {
            let next = items(&pair[1])[0].len();
            assert!(pair[0].len() <= buffer && pair[0].len() + next > buffer, "{} + {next} > {buffer}", pair[0].len());
            assert!(pair[0].contains("<SIF_MorePackets>Yes</SIF_MorePackets>"));
            room.push(buffer - pair[0].len());
        }
        assert!(answer.packets.len() > 10);
    }
    assert!(room.iter().any(|room| *room < 60), "some packets leave hardly a byte");
    assert_valid(&answers[0].packets);
}

#[test]
fn the_configured_buffer_bounds_packets_too() {
    let config = provider::ProviderConfig { max_buffer: 16_384, ..config(&cedar_ridge()) };
    let answer = ask(config, "Library", &all_of("StudentPersonal"));
    assert!(answer.packets.iter().all(|packet| packet.len() <= 16_384));
    assert_eq!(answer.items(), mapped(&cedar_ridge(), "StudentPersonal"));
}

#[test]
fn no_match_is_one_empty_packet() {
    let none = crate::support::answer::such_that("StudentPersonal", "Name/LastName EQ Nobody");
    let answer = ask(config(&cedar_ridge()), "Library", &none);
    assert_eq!(answer.packets.len(), 1);
    assert!(answer.packets[0].contains("<SIF_MorePackets>No</SIF_MorePackets><SIF_ObjectData></SIF_ObjectData>"));
    assert_valid(&answer.packets);
}

#[test]
fn only_the_wanted_elements_come() {
    let query = Query {
        elements: vec!["Name/LastName".to_owned(), "LocalId".to_owned(), "Name/NoSuch".to_owned()],
        ..Query::new("StudentPersonal")
    };
    let answer = ask(config(&cedar_ridge()), "Library", &Request::of(query));
    let items = answer.items();
    assert_eq!(items.len(), mapped(&cedar_ridge(), "StudentPersonal").len(), "it is no condition");
    let wanted = "<StudentPersonal RefId=\"";
    for item in &items {
        assert!(item.starts_with(wanted) && item.contains("<LocalId") && item.contains("<LastName"), "{item}");
        assert!(!item.contains("FirstName") && !item.contains("SIF_ExtendedElements"), "{item}");
    }
    assert_valid(&answer.packets);
}

#[test]
fn several_years_come_student_by_student_each_row_once() {
    let config = provider::ProviderConfig { zone: zone_of(&[2025, 2026]), ..config(&cedar_ridge()) };
    let answer = ask(config, "Library", &all_of("StudentSchoolEnrollment"));
    let mut items = answer.items();
    let count = items.len();
    let student = |item: &String| item.split_once("StudentPersonalRefId=\"").map(|(_, rest)| rest[..32].to_owned());
    let mut students: Vec<Option<String>> = items.iter().map(student).collect();
    students.dedup();
    let together = students.len();
    students.sort();
    students.dedup();
    assert_eq!(students.len(), together, "what belongs to a student stands together");
    assert!(items.iter().any(|item| item.contains("SchoolYear=\"2025\"")), "there are two years");
    items.sort();
    items.dedup();
    assert_eq!(items.len(), count);
    assert!(count > mapped(&cedar_ridge(), "StudentSchoolEnrollment").len());
}

#[test]
fn problems_of_the_data_are_log_entries_without_values() {
    let answer = ask(config(&cedar_ridge()), "Library", &all_of("StudentPersonal"));
    let entries: Vec<&String> = answer.events.iter().filter(|event| event.contains("<SIF_LogEntry ")).collect();
    assert!(!entries.is_empty() && entries.len() <= 100);
    for entry in &entries {
        assert!(entry.contains("Source=\"Agent\"") && entry.contains("<SIF_OriginalHeader>"), "{entry}");
    }
    assert_valid(&answer.events);
}
