//! What administrators do.

use super::*;
use crate::zone::AdminFault;

/// Sis provides, Library subscribes and has asked.
fn busy() -> (Bench, String) {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.provide("Sis", "StudentPersonal");
    bench.subscribe("Library", "StudentPersonal");
    bench.event("Sis");
    let id = bench.request("Library");
    (bench, id)
}

#[test]
fn a_request_is_removed() {
    let (mut bench, id) = busy();
    bench.drain("Library");
    let step = bench.zone.cancel_request(&id, bench.now).unwrap();
    bench.keep(&step);
    assert_eq!(bench.waiting("Sis"), 0);
    let told = bench.drain("Library").remove(0);
    assert_eq!(told.value("SIF_Error/SIF_Code").as_deref(), Some("17"));
    assert_eq!(bench.respond("Sis", "Library", &id, 1, "No"), "8/17");
    assert_eq!(bench.zone.cancel_request(&id, bench.now), Err(AdminFault::UnknownRequest));
}

#[test]
fn an_invocation_is_removed() {
    let (mut bench, id) = services::invoked();
    let step = bench.zone.cancel_request(&id, bench.now).unwrap();
    bench.keep(&step);
    assert_eq!(bench.drain("Library")[0].value("SIF_Error/SIF_Code").as_deref(), Some("14"));
    assert_eq!(services::output(&mut bench, "Sis", "Library", &id, 1, "No"), "14/14");
}

#[test]
fn an_approval_is_withdrawn() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.subscribe("Library", "StudentPersonal");
    let step = bench.zone.approve("Library", false, bench.now).unwrap();
    bench.keep(&step);
    assert_eq!(bench.control("Library", "<SIF_Ping></SIF_Ping>"), "4/1");
    bench.event("Sis");
    assert_eq!(bench.waiting("Library"), 0);
    assert_eq!(bench.zone.approve("Nobody", true, bench.now).unwrap_err(), AdminFault::UnknownAgent);
}

#[test]
fn a_stranger_is_approved_without_rights() {
    let mut bench = Bench::new();
    assert_eq!(bench.send("SIF_Register", "Stranger", &registration("S", "4096", "2.*")), "4/2");
    let step = bench.zone.approve("Stranger", true, bench.now).unwrap();
    bench.keep(&step);
    bench.register("Stranger");
    assert_eq!(bench.event("Stranger"), "4/10");
    assert_eq!(bench.memory.records("agent_config").len(), 1);
}

#[test]
fn provisions_go_with_their_rights() {
    let (mut bench, _) = busy();
    let step = bench.zone.set_agent(poor("Sis", "SchoolInfo", &[Right::Provide]), bench.now);
    bench.keep(&step);
    assert_eq!(bench.send("SIF_Request", "Library", &request("StudentPersonal")), "8/4");
    bench.provide("Library", "StudentPersonal");
}

#[test]
fn an_agent_is_removed() {
    let (mut bench, _) = busy();
    let step = bench.zone.remove_agent("Library", None, bench.now).unwrap();
    bench.keep(&step);
    assert_eq!(bench.control("Library", "<SIF_Ping></SIF_Ping>"), "4/9");
    assert_eq!(bench.send("SIF_Register", "Library", &registration("L", "4096", "2.*")), "4/2");
    assert_eq!(bench.waiting("Sis"), 0, "its request is gone");
    let step = bench.zone.remove_agent("Sis", Some(agent("Sis")), bench.now).unwrap();
    bench.keep(&step);
    bench.register("Sis");
    assert_eq!(bench.zone.remove_agent("Nobody", None, bench.now).unwrap_err(), AdminFault::UnknownAgent);
}

#[test]
fn an_agent_is_put_to_sleep_and_woken() {
    let (mut bench, _) = busy();
    let step = bench.zone.sleep_agent("Library", true).unwrap();
    bench.keep(&step);
    assert!(bench.get("Library").is_none());
    let step = bench.zone.sleep_agent("Library", false).unwrap();
    bench.keep(&step);
    assert!(bench.get("Library").is_some());
    assert_eq!(bench.zone.sleep_agent("Food", true).unwrap_err(), AdminFault::UnknownAgent);
}

#[test]
fn a_queue_is_emptied_and_requests_in_it_are_answered() {
    let (mut bench, id) = busy();
    let step = bench.zone.purge_queue("Sis", bench.now).unwrap();
    bench.keep(&step);
    assert_eq!(bench.waiting("Sis"), 0);
    let told = bench.drain("Library").pop().unwrap();
    assert_eq!(told.value("SIF_RequestMsgId"), Some(id));
    assert_eq!(told.value("SIF_Error/SIF_Code").as_deref(), Some("17"));
    let step = bench.zone.purge_queue("Library", bench.now).unwrap();
    bench.keep(&step);
    assert!(bench.memory.queues["Library"].is_empty());
    assert_eq!(bench.zone.purge_queue("Nobody", bench.now).unwrap_err(), AdminFault::UnknownAgent);
}

#[test]
fn one_message_is_taken_out() {
    let (mut bench, _) = busy();
    bench.event("Sis");
    let first = bench.zone.queue("Library", 1)[0].number;
    let step = bench.zone.remove_message("Library", first, bench.now).unwrap();
    bench.keep(&step);
    assert_eq!(bench.waiting("Library"), 1);
    assert_eq!(bench.zone.remove_message("Library", first, bench.now).unwrap_err(), AdminFault::NotQueued);
    assert!(bench.memory.hops.iter().any(|hop| hop.what == "purged" && hop.message == first));
}

/// Library has a dead letter.
fn buried() -> (Bench, Number, Message) {
    let (mut bench, _) = busy();
    let (number, message) = bench.get("Library").unwrap();
    for _ in 0..10 {
        bench.ack("Library", &message, "10/1");
    }
    assert_eq!(bench.waiting("Library"), 0);
    (bench, number, message)
}

#[test]
fn a_dead_letter_is_sent_again() {
    let (mut bench, number, message) = buried();
    bench.event("Sis");
    let step = bench.zone.resend("Library", number, &message, bench.now).unwrap();
    bench.keep(&step);
    let numbers: Vec<Number> = bench.zone.queue("Library", 9).iter().map(|waiting| waiting.number).collect();
    assert_eq!(numbers.len(), 2);
    assert_eq!(numbers[1], number, "at the end");
    assert_eq!(bench.zone.resend("Library", number, &message, bench.now).unwrap_err(), AdminFault::AlreadyQueued);
    let got = bench.drain("Library");
    assert_eq!(got[1].header.message_id, message.header.message_id);
    assert!(bench.memory.dead.is_empty());
}

#[test]
fn a_dead_letter_that_does_not_fit_stays() {
    let (mut bench, number, message) = buried();
    assert_eq!(bench.send("SIF_Register", "Library", &registration("L", "4096", "2.0r1")), "0");
    let fault = bench.zone.resend("Library", number, &message, bench.now).unwrap_err();
    assert_eq!(fault.to_string(), "the agent cannot take the message: the agent does not support its version");
    assert_eq!(bench.zone.resend("Food", number, &message, bench.now).unwrap_err(), AdminFault::UnknownAgent);
    assert_eq!(bench.memory.dead.len(), 1);
}

#[test]
fn a_dead_letter_is_dropped() {
    let (mut bench, number, _) = buried();
    let step = bench.zone.drop_dead("Library", number, bench.now);
    bench.keep(&step);
    assert!(bench.memory.dead.is_empty());
}

#[test]
fn a_zones_file_is_read_again() {
    let (mut bench, _) = busy();
    let mut file = config(ZoneOptions::default());
    file.name = "Another".to_owned();
    file.agents.insert("Sis".to_owned(), poor("Sis", "SchoolInfo", &[]));
    let changed = vec![agent("Sis")];
    let step = bench.zone.configure(file.clone(), changed, bench.now);
    bench.keep(&step);
    assert_eq!(bench.zone.name(), "Zone", "a zone keeps its name");
    assert!(bench.zone.provider("StudentPersonal", "SIF_Default").is_some(), "what an administrator changed counts");
    let step = bench.zone.configure(file, Vec::new(), bench.now);
    bench.keep(&step);
    assert!(bench.zone.provider("StudentPersonal", "SIF_Default").is_none());
}

#[test]
fn figures_are_right() {
    let (bench, _) = busy();
    let status = bench.zone.status();
    assert_eq!((status.agents, status.registered, status.asking), (4, 2, 0));
    assert_eq!((status.waiting, status.requests, status.last_number), (2, 1, 2));
    let queue = bench.zone.queues().into_iter().find(|queue| queue.agent == "Library").unwrap();
    assert_eq!((queue.waiting, queue.in_flight, queue.sleeping), (1, None, false));
    assert!(queue.bytes > 100);
    assert!(bench.zone.has_right("Sis", Right::Provide, "StudentPersonal"));
    assert!(bench.zone.rights_of("Sis").starts_with("<SIF_AgentACL>"));
}

#[test]
fn an_input_that_is_taken_out_is_told_to_the_invoker() {
    let (mut bench, _) = services::invoked();
    let step = bench.zone.purge_queue("Sis", bench.now).unwrap();
    bench.keep(&step);
    assert_eq!(bench.drain("Library")[0].value("SIF_Error/SIF_Code").as_deref(), Some("14"));
}
