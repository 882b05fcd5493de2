//! 4.11: SIF_Ack from an agent, and selective message blocking.

use super::*;

/// Sis and Library, with an event, an event and a request for Library.
fn waiting() -> Bench {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.subscribe("Library", "StudentPersonal");
    bench.provide("Library", "StudentPersonal");
    bench.event("Sis");
    bench.event("Sis");
    bench.request("Sis");
    bench
}

#[test]
fn a_transport_error_keeps_the_message() {
    let mut bench = waiting();
    let (number, message) = bench.get("Library").unwrap();
    assert_eq!(bench.ack("Library", &message, "10/4"), "0");
    assert_eq!(bench.get("Library").unwrap().0, number);
}

#[test]
fn transport_errors_end_as_a_dead_letter() {
    let mut bench = waiting();
    let (number, message) = bench.get("Library").unwrap();
    for _ in 0..10 {
        assert_eq!(bench.ack("Library", &message, "10/1"), "0");
    }
    assert!(bench.get("Library").unwrap().0 > number);
    assert!(bench.memory.dead[&("Library".to_owned(), number)].0.starts_with("10 deliveries failed"));
}

#[test]
fn another_error_removes_the_message() {
    let mut bench = waiting();
    let (number, message) = bench.get("Library").unwrap();
    assert_eq!(bench.ack("Library", &message, "9/3"), "0");
    assert!(bench.get("Library").unwrap().0 > number);
    let unknown = bench.guid();
    assert_eq!(bench.ack_of("Library", "Sis", &unknown, "9/3"), "0", "whether it is there or not");
}

#[test]
fn an_immediate_acknowledgement_removes_the_message() {
    let mut bench = waiting();
    let (number, message) = bench.get("Library").unwrap();
    assert_eq!(bench.ack("Library", &message, "1"), "0");
    assert!(bench.get("Library").unwrap().0 > number);
    assert_eq!(bench.ack("Library", &message, "1"), "12/6");
    assert_eq!(bench.ack_of("Library", "Nobody", &message.header.message_id, "1"), "12/6");
    let hops: Vec<&str> = bench.memory.hops.iter().map(|hop| hop.what.as_str()).collect();
    assert_eq!(hops, ["delivered", "acknowledged"]);
}

#[test]
fn the_source_of_the_acknowledged_message_counts() {
    let mut bench = waiting();
    let (_, message) = bench.get("Library").unwrap();
    assert_eq!(bench.ack_of("Library", "Zone", &message.header.message_id, "1"), "12/6");
    assert_eq!(bench.waiting("Library"), 3);
}

#[test]
fn an_agent_that_had_the_message_already_removes_it() {
    let mut bench = waiting();
    let (_, message) = bench.get("Library").unwrap();
    assert_eq!(bench.ack("Library", &message, "7"), "0");
    assert_eq!(bench.waiting("Library"), 2);
}

#[test]
fn an_agent_that_sleeps_keeps_the_message() {
    let mut bench = waiting();
    let (_, message) = bench.get("Library").unwrap();
    assert_eq!(bench.ack("Library", &message, "8"), "0");
    assert_eq!(bench.waiting("Library"), 3);
}

#[test]
fn anything_else_is_a_protocol_error() {
    let mut bench = waiting();
    let (_, message) = bench.get("Library").unwrap();
    for says in ["0", "9", "42"] {
        let said = bench.ack("Library", &message, says);
        assert!(said == "12/5" || said.code.starts_with("1/"), "{says}: {said:?}");
    }
    assert_eq!(bench.ack("Library", &message, "0"), "12/5");
    assert_eq!(bench.waiting("Library"), 3);
}

#[test]
fn an_intermediate_acknowledgement_freezes_events_and_nothing_else() {
    let mut bench = waiting();
    let (number, message) = bench.get("Library").unwrap();
    assert_eq!(bench.ack("Library", &message, "2"), "0");
    assert_eq!(bench.ack("Library", &message, "2"), "0", "again");
    let (_, request) = bench.get("Library").unwrap();
    assert_eq!(request.kind.name(), "SIF_Request");
    assert_eq!(bench.ack("Library", &request, "1"), "0");
    assert!(bench.get("Library").is_none(), "only frozen events are left");
    assert_eq!(bench.ack("Library", &message, "3"), "0");
    assert!(bench.get("Library").unwrap().0 > number, "thawed");
    assert_eq!(bench.ack("Library", &message, "3"), "13/4", "gone");
}

#[test]
fn an_intermediate_acknowledgement_is_for_events_that_wait() {
    let mut bench = waiting();
    let unknown = bench.guid();
    assert_eq!(bench.ack_of("Library", "Sis", &unknown, "2"), "12/6");
    let (_, first) = bench.get("Library").unwrap();
    bench.ack("Library", &first, "1");
    let (_, second) = bench.get("Library").unwrap();
    bench.ack("Library", &second, "1");
    let (_, request) = bench.get("Library").unwrap();
    assert_eq!(bench.ack("Library", &request, "2"), "13/2");
}

#[test]
fn one_event_is_worked_on_at_a_time() {
    let mut bench = waiting();
    let (_, first) = bench.get("Library").unwrap();
    let second = bench.zone.queue("Library", 2).remove(1);
    assert_eq!(bench.ack("Library", &first, "2"), "0");
    assert_eq!(bench.ack_of("Library", "Sis", &second.message_id, "2"), "13/1");
    assert_eq!(bench.ack_of("Library", "Sis", &second.message_id, "3"), "13/4");
}

#[test]
fn a_final_acknowledgement_needs_an_event_that_is_worked_on() {
    let mut bench = waiting();
    let (_, message) = bench.get("Library").unwrap();
    assert_eq!(bench.ack("Library", &message, "3"), "13/4");
    assert_eq!(bench.waiting("Library"), 3);
}

#[test]
fn waking_up_ends_the_blocking() {
    let mut bench = waiting();
    let (number, message) = bench.get("Library").unwrap();
    bench.ack("Library", &message, "2");
    assert_eq!(bench.control("Library", "<SIF_Wakeup></SIF_Wakeup>"), "0");
    assert_eq!(bench.get("Library").unwrap().0, number, "the event is delivered again");
    assert_eq!(bench.ack("Library", &message, "3"), "13/4");
}

#[test]
fn removing_the_event_that_is_worked_on_ends_the_blocking() {
    let mut bench = waiting();
    let (number, message) = bench.get("Library").unwrap();
    bench.ack("Library", &message, "2");
    assert_eq!(bench.ack("Library", &message, "1"), "0");
    assert!(bench.get("Library").unwrap().0 > number);
    assert_eq!(bench.zone.queues().into_iter().find(|queue| queue.agent == "Library").unwrap().blocked, None);
}

#[test]
fn an_agent_in_push_mode_only_sends_final_acknowledgements() {
    let mut bench = Bench::of(&["Sis"]);
    bench.register_push("Library");
    bench.subscribe("Library", "StudentPersonal");
    bench.event("Sis");
    let delivery = bench.next_push("Library").unwrap();
    bench.pushed("Library", &delivery, "2");
    for says in ["0", "1", "2", "7", "8", "9/3"] {
        assert_eq!(bench.ack_of("Library", "Sis", &delivery.message_id, says), "13/3", "{says}");
    }
    assert_eq!(bench.ack_of("Library", "Sis", &delivery.message_id, "3"), "0");
    assert_eq!(bench.waiting("Library"), 0);
}
