//! What happens because time passes.

use super::*;

const DAY: u64 = 24 * 3600;

#[test]
fn a_request_times_out() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.provide("Sis", "StudentPersonal");
    let id = bench.request("Library");
    bench.wait(DAY - 1);
    assert_eq!((bench.waiting("Sis"), bench.waiting("Library")), (1, 0));
    bench.wait(1);
    assert_eq!(bench.waiting("Sis"), 0);
    let told = bench.drain("Library").remove(0);
    assert_eq!(told.value("SIF_RequestMsgId").as_deref(), Some(id.as_str()));
    assert_eq!(told.value("SIF_Error/SIF_Category").as_deref(), Some("8"));
    assert_eq!(told.value("SIF_Error/SIF_Code").as_deref(), Some("16"));
    assert_eq!(bench.respond("Sis", "Library", &id, 1, "No"), "8/16");
    bench.wait(DAY);
    assert_eq!(bench.respond("Sis", "Library", &id, 1, "No"), "8/10", "that it was there is forgotten");
    assert!(bench.memory.records("request").is_empty());
}

#[test]
fn an_invocation_times_out() {
    let (mut bench, id) = services::invoked();
    bench.wait(DAY);
    assert_eq!(bench.waiting("Sis"), 0);
    let told = bench.drain("Library").remove(0);
    assert_eq!(told.value("SIF_Error/SIF_Category").as_deref(), Some("14"));
    assert_eq!(told.value("SIF_Error/SIF_Code").as_deref(), Some("13"));
    assert_eq!(services::output(&mut bench, "Sis", "Library", &id, 1, "No"), "14/13");
    bench.wait(DAY);
    assert_eq!(services::output(&mut bench, "Sis", "Library", &id, 1, "No"), "14/8");
    assert!(bench.memory.records("service").is_empty());
}

#[test]
fn a_deadline_is_due_when_it_says() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.provide("Sis", "StudentPersonal");
    bench.wait(0);
    assert_eq!(bench.zone.next_due(bench.now), Some(bench.now.after(600)), "only forgetting");
    bench.zone.config.options.request_seconds = 60;
    bench.request("Library");
    assert_eq!(bench.zone.next_due(bench.now), Some(bench.now.after(60)));
}

#[test]
fn ids_are_forgotten_after_a_time() {
    let mut bench = Bench::of(&["Sis"]);
    let id = bench.guid();
    let body = event("StudentPersonal", "Add", STUDENT);
    assert_eq!(bench.send_as(&id, "SIF_Event", "Sis", "", &body), "0");
    bench.wait(7 * DAY - 600);
    assert_eq!(bench.send_as(&id, "SIF_Event", "Sis", "", &body), "7");
    bench.wait(1200);
    assert_eq!(bench.zone.status().remembered, 0);
    assert_eq!(bench.send_as(&id, "SIF_Event", "Sis", "", &body), "0");
}

#[test]
fn what_waits_is_not_forgotten() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.subscribe("Library", "StudentPersonal");
    bench.event("Sis");
    bench.wait(30 * DAY);
    bench.wait(30 * DAY);
    assert!(bench.get("Library").is_some());
    bench.drain("Library");
    bench.wait(600);
    assert!(bench.memory.messages.is_empty());
}

#[test]
fn the_number_of_ids_is_bounded() {
    let mut seen = super::super::seen::Seen::bounded(1000);
    for number in 0..1100_u64 {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        seen.add(super::super::seen::MessageKey { source: 0, id: super::super::seen::Id::Guid(bytes) }, 0);
    }
    assert_eq!(seen.len(), 1000);
}
