//! 4.8 and 4.9: SIF_Response, and streams that are refused.

use super::*;

/// Sis provides, Library has asked: the id of the request.
fn asked() -> (Bench, String) {
    let mut bench = Bench::of(&["Sis", "Library", "Clerk"]);
    bench.provide("Sis", "StudentPersonal");
    bench.subscribe("Clerk", "SIF_LogEntry");
    let id = bench.request("Library");
    bench.drain("Sis");
    (bench, id)
}

/// The codes of the error that Library gets, and its packet.
fn told(bench: &mut Bench) -> (String, String) {
    let answer = bench.drain("Library").pop().expect("the requester is told");
    assert_eq!((answer.header.source_id.as_str(), answer.value("SIF_MorePackets").as_deref()), ("Zone", Some("No")));
    let value = |path: &str| answer.value(path).unwrap();
    (format!("{}/{}", value("SIF_Error/SIF_Category"), value("SIF_Error/SIF_Code")), value("SIF_PacketNumber"))
}

#[test]
fn packets_go_to_the_requester_in_order() {
    let (mut bench, id) = asked();
    assert_eq!(bench.respond("Sis", "Library", &id, 1, "Yes"), "0");
    assert_eq!(bench.respond("Sis", "Library", &id, 2, "No"), "0");
    let packets = bench.drain("Library");
    let numbers: Vec<_> = packets.iter().filter_map(|packet| packet.value("SIF_PacketNumber")).collect();
    assert_eq!(numbers, ["1", "2"]);
    assert_eq!(bench.respond("Sis", "Library", &id, 3, "No"), "8/10", "the last packet has closed it");
    assert!(bench.zone.requests().is_empty());
}

#[test]
fn an_error_of_the_responder_closes_the_request() {
    let (mut bench, id) = asked();
    let error = "<SIF_Error><SIF_Category>8</SIF_Category><SIF_Code>9</SIF_Code><SIF_Desc>no</SIF_Desc></SIF_Error>";
    let body = response(&id, 1, "Yes", "").replace("<SIF_ObjectData></SIF_ObjectData>", error);
    let message = bench.guid();
    let header = "<SIF_DestinationId>Library</SIF_DestinationId>";
    assert_eq!(bench.send_as(&message, "SIF_Response", "Sis", header, &body), "0");
    assert_eq!(bench.drain("Library").len(), 1);
    assert_eq!(bench.respond("Sis", "Library", &id, 2, "No"), "8/10");
}

#[test]
fn an_answer_to_nothing_is_refused() {
    let (mut bench, _) = asked();
    let unknown = bench.guid();
    assert_eq!(bench.respond("Sis", "Library", &unknown, 1, "No"), "8/10");
}

#[test]
fn a_packet_that_is_too_large_ends_the_stream() {
    let (mut bench, _) = asked();
    let id = bench.guid();
    let small = request("StudentPersonal").replace("100000", "700");
    assert_eq!(bench.send_as(&id, "SIF_Request", "Library", "", &small), "0");
    assert_eq!(bench.respond("Sis", "Library", &id, 1, "Yes"), "0");
    bench.drain("Library");
    let message = bench.guid();
    let body = response(&id, 2, "Yes", &STUDENT.repeat(10));
    let header = "<SIF_DestinationId>Library</SIF_DestinationId>";
    assert_eq!(bench.send_as(&message, "SIF_Response", "Sis", header, &body), "8/11");
    assert_eq!(told(&mut bench), ("8/11".to_owned(), "2".to_owned()));
    let log = bench.drain("Clerk").remove(0);
    assert_eq!(log.value("SIF_ObjectData/SIF_EventObject/SIF_LogEntry/SIF_Code").as_deref(), Some("5"));
    assert_eq!(bench.respond("Sis", "Library", &id, 3, "No"), "8/10");
}

#[test]
fn a_packet_for_another_ends_the_stream() {
    let (mut bench, id) = asked();
    assert_eq!(bench.respond("Sis", "Clerk", &id, 1, "No"), "8/14");
    assert_eq!(told(&mut bench), ("8/14".to_owned(), "1".to_owned()));
    assert_eq!(bench.respond("Sis", "Library", &id, 1, "No"), "8/10");
}

#[test]
fn a_packet_in_a_version_that_was_not_asked_for_ends_the_stream() {
    let (mut bench, _) = asked();
    let id = bench.guid();
    let old = request("StudentPersonal").replace("2.*", "2.0r1");
    assert_eq!(bench.send_as(&id, "SIF_Request", "Library", "", &old), "0");
    assert_eq!(bench.respond("Sis", "Library", &id, 1, "No"), "8/13");
    assert_eq!(told(&mut bench), ("8/13".to_owned(), "1".to_owned()));
}

#[test]
fn a_packet_out_of_order_is_refused_and_may_be_sent_again() {
    let (mut bench, id) = asked();
    let said = bench.respond("Sis", "Library", &id, 2, "No");
    assert_eq!(said, "8/12");
    assert_eq!(said.extended, "got packet 2, expected packet 1");
    assert_eq!(bench.respond("Sis", "Library", &id, 1, "Yes"), "0");
    assert_eq!(bench.respond("Sis", "Library", &id, 1, "Yes"), "8/12");
    assert_eq!(bench.respond("Sis", "Library", &id, 2, "No"), "0");
    assert_eq!(bench.drain("Library").len(), 2);
}

#[test]
fn only_who_was_asked_may_answer_and_nobody_else_can_end_it() {
    let (mut bench, id) = asked();
    assert_eq!(bench.respond("Clerk", "Library", &id, 1, "No"), "4/6");
    assert_eq!(bench.respond("Clerk", "Sis", &id, 1, "No"), "8/14");
    assert_eq!(bench.waiting("Library"), 0);
    assert_eq!(bench.respond("Sis", "Library", &id, 1, "No"), "0");
}

#[test]
fn a_packet_that_the_requester_cannot_take_any_more_ends_the_stream() {
    let (mut bench, id) = asked();
    assert_eq!(bench.send("SIF_Register", "Library", &registration("Library", "1024", "2.*")), "0");
    let message = bench.guid();
    let header = "<SIF_DestinationId>Library</SIF_DestinationId>";
    let body = response(&id, 1, "Yes", &STUDENT.repeat(10));
    assert_eq!(bench.send_as(&message, "SIF_Response", "Sis", header, &body), "0");
    assert_eq!(told(&mut bench), ("8/11".to_owned(), "1".to_owned()));
    let log = bench.drain("Clerk").remove(0);
    assert_eq!(log.value("SIF_ObjectData/SIF_EventObject/SIF_LogEntry/SIF_Code").as_deref(), Some("2"));
}

#[test]
fn an_agent_sees_only_its_elements_of_an_answer() {
    let mut bench = Bench::with(|config| {
        let elements = [("StudentPersonal".to_owned(), ["LocalId".to_owned()].into())].into();
        config.agents.insert("Library".to_owned(), AgentConfig { elements, ..agent("Library") });
    });
    ["Sis", "Library"].iter().for_each(|agent| bench.register(agent));
    bench.provide("Sis", "StudentPersonal");
    let id = bench.request("Library");
    let whole = STUDENT.replace("></", "><LocalId>17</LocalId><OnTimeGraduationYear>2026</OnTimeGraduationYear></");
    let message = bench.guid();
    let header = "<SIF_DestinationId>Library</SIF_DestinationId>";
    assert_eq!(bench.send_as(&message, "SIF_Response", "Sis", header, &response(&id, 1, "No", &whole)), "0");
    let text = String::from_utf8(bench.drain("Library")[0].document.to_vec()).unwrap();
    assert!(text.contains("<LocalId>17</LocalId>") && !text.contains("OnTimeGraduationYear"), "{text}");
}

#[test]
fn a_full_queue_of_the_requester_refuses_the_packet() {
    let mut bench = Bench::with(|config| config.options.max_queue = 1);
    ["Sis", "Library"].iter().for_each(|agent| bench.register(agent));
    bench.provide("Sis", "StudentPersonal");
    let id = bench.request("Library");
    assert_eq!(bench.respond("Sis", "Library", &id, 1, "Yes"), "0");
    assert_eq!(bench.respond("Sis", "Library", &id, 2, "No"), "11/1");
    bench.drain("Library");
    assert_eq!(bench.respond("Sis", "Library", &id, 2, "No"), "0");
}
