//! 4.10: SIF_SystemControl.

use super::*;

#[test]
fn ping_is_answered() {
    let mut bench = Bench::of(&["Sis"]);
    assert_eq!(bench.control("Sis", "<SIF_Ping></SIF_Ping>"), "0");
}

#[test]
fn nothing_waits() {
    let mut bench = Bench::of(&["Sis"]);
    assert_eq!(bench.control("Sis", "<SIF_GetMessage></SIF_GetMessage>"), "9");
}

#[test]
fn a_message_is_given_until_it_is_acknowledged() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.subscribe("Library", "StudentPersonal");
    bench.event("Sis");
    bench.event("Sis");
    let (first, message) = bench.get("Library").unwrap();
    assert_eq!(bench.get("Library").unwrap().0, first);
    assert_eq!(bench.ack("Library", &message, "1"), "0");
    assert!(bench.get("Library").unwrap().0 > first);
}

#[test]
fn what_is_not_kept_yet_is_not_given() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.subscribe("Library", "StudentPersonal");
    bench.zone.durable = 0;
    let text = bench.text(&"A".repeat(32), "SIF_Event", "Sis", "", &event("StudentPersonal", "Add", STUDENT));
    let message = Message::read(&Bytes::from(text), &Limits::default()).unwrap();
    let step = bench.zone.receive(&message, &Channel::default(), bench.now);
    assert!(bench.zone.next_for("Library", sif::message::Security::default()).is_none());
    assert!(bench.zone.durable(0).is_empty());
    assert_eq!(bench.zone.durable(1), ["Library"]);
    assert!(bench.zone.next_for("Library", sif::message::Security::default()).is_some());
    bench.memory.apply(&step.changes);
}

#[test]
fn an_agent_in_push_mode_may_not_ask() {
    let mut bench = Bench::new();
    bench.register_push("Sis");
    assert_eq!(bench.control("Sis", "<SIF_GetMessage></SIF_GetMessage>"), "5/9");
}

#[test]
fn an_agent_that_sleeps_gets_nothing_and_loses_nothing() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.subscribe("Library", "StudentPersonal");
    assert_eq!(bench.control("Library", "<SIF_Sleep></SIF_Sleep>"), "0");
    assert_eq!(bench.event("Sis"), "0", "senders are not refused");
    assert!(bench.get("Library").is_none());
    let said = bench.control("Library", "<SIF_Wakeup></SIF_Wakeup>");
    assert_eq!(said, "0");
    assert_eq!(said.step.wake, ["Library"]);
    assert!(bench.get("Library").is_some());
}

#[test]
fn waking_up_without_sleeping_is_fine() {
    let mut bench = Bench::of(&["Sis"]);
    assert_eq!(bench.control("Sis", "<SIF_Wakeup></SIF_Wakeup>"), "0");
}

#[test]
fn status_and_rights_are_told() {
    let mut bench = Bench::of(&["Sis"]);
    let said = bench.control("Sis", "<SIF_GetZoneStatus></SIF_GetZoneStatus>");
    assert_eq!(said, "0");
    assert!(matches!(said.data, Some(AnswerData::ZoneStatus(_))));
    let said = bench.control("Sis", "<SIF_GetAgentACL></SIF_GetAgentACL>");
    assert_eq!(said, "0");
    assert!(matches!(said.data, Some(AnswerData::AgentAcl(_))));
}

#[test]
fn an_unknown_control_is_refused() {
    let mut bench = Bench::of(&["Sis"]);
    let said = bench.control("Sis", "<SIF_Dance></SIF_Dance>");
    assert!(said == "12/2" || said == "1/3", "{said:?}");
    assert_eq!(bench.control("Sis", ""), "1/6");
}

fn cancel(bench: &mut Bench, agent: &str, kind: &str, ids: &[&str]) -> Said {
    let ids: String = ids.iter().map(|id| format!("<SIF_RequestMsgId>{id}</SIF_RequestMsgId>")).collect();
    bench.control(
        agent,
        &format!(
            "<SIF_CancelRequests><SIF_NotificationType>{kind}</SIF_NotificationType>\
             <SIF_RequestMsgIds>{ids}</SIF_RequestMsgIds></SIF_CancelRequests>"
        ),
    )
}

#[test]
fn a_request_is_cancelled_with_notice() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.provide("Sis", "StudentPersonal");
    let id = bench.request("Library");
    bench.drain("Sis");
    let other = bench.request("Library");
    assert_eq!(bench.respond("Sis", "Library", &id, 1, "Yes"), "0");
    assert_eq!(cancel(&mut bench, "Library", "Standard", &[&id]), "0");
    let answers = bench.drain("Library");
    assert_eq!(answers.len(), 1, "the packet that waited is dropped");
    assert_eq!(answers[0].value("SIF_PacketNumber").as_deref(), Some("2"));
    assert_eq!(answers[0].value("SIF_Error/SIF_Code").as_deref(), Some("18"));
    assert_eq!(bench.respond("Sis", "Library", &id, 2, "No"), "8/18");
    assert_eq!(bench.respond("Sis", "Library", &other, 1, "No"), "0");
}

#[test]
fn a_request_is_cancelled_in_silence() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.provide("Sis", "StudentPersonal");
    let (first, second) = (bench.request("Library"), bench.request("Library"));
    assert_eq!(cancel(&mut bench, "Library", "None", &[&first, &second]), "0");
    assert_eq!((bench.waiting("Library"), bench.waiting("Sis")), (0, 0));
    assert_eq!(bench.respond("Sis", "Library", &first, 1, "No"), "8/18");
}

#[test]
fn only_ones_own_requests_are_cancelled() {
    let mut bench = Bench::of(&["Sis", "Library", "Food"]);
    bench.provide("Sis", "StudentPersonal");
    let id = bench.request("Library");
    let unknown = bench.guid();
    assert_eq!(cancel(&mut bench, "Food", "Standard", &[&id, &unknown]), "0");
    assert_eq!((bench.waiting("Sis"), bench.waiting("Food"), bench.waiting("Library")), (1, 0, 0));
    assert_eq!(bench.respond("Sis", "Library", &id, 1, "No"), "0");
}

#[test]
fn cancelling_needs_its_parts_and_its_version() {
    let mut bench = Bench::of(&["Library"]);
    let id = bench.guid();
    assert_eq!(cancel(&mut bench, "Library", "Loud", &[&id]), "1/4");
    assert_eq!(cancel(&mut bench, "Library", "None", &[]), "1/6");
    bench.version = "2.0r1";
    assert_eq!(cancel(&mut bench, "Library", "None", &[&id]), "12/2");
}

#[test]
fn an_invocation_is_cancelled() {
    let (mut bench, id) = services::invoked();
    let cancel = |bench: &mut Bench, agent: &str, kind: &str| {
        bench.control(
            agent,
            &format!(
                "<SIF_CancelServiceInputs><SIF_NotificationType>{kind}</SIF_NotificationType><SIF_ServiceMsgIds>\
                 <SIF_ServiceMsgId>{id}</SIF_ServiceMsgId></SIF_ServiceMsgIds></SIF_CancelServiceInputs>"
            ),
        )
    };
    assert_eq!(cancel(&mut bench, "Sis", "Standard"), "0");
    assert_eq!(bench.waiting("Sis"), 1, "only the invoker's own");
    assert_eq!(cancel(&mut bench, "Library", "Standard"), "0");
    assert_eq!(bench.waiting("Sis"), 0);
    let told = bench.drain("Library").remove(0);
    assert_eq!(told.value("SIF_Error/SIF_Category").as_deref(), Some("14"));
    assert_eq!(told.value("SIF_Error/SIF_Code").as_deref(), Some("15"));
    assert_eq!(services::output(&mut bench, "Sis", "Library", &id, 1, "No"), "14/15");
    bench.version = "2.3";
    assert_eq!(cancel(&mut bench, "Library", "None"), "12/2");
}

#[test]
fn a_responder_that_works_on_a_request_is_told_if_the_zone_does_that() {
    for forward in [false, true] {
        let mut bench = Bench::with(|config| config.options.forward_cancel = forward);
        bench.register("Library");
        bench.register_push("Sis");
        bench.provide("Sis", "StudentPersonal");
        let (first, second) = (bench.request("Library"), bench.request("Library"));
        let delivery = bench.next_push("Sis").unwrap();
        bench.pushed("Sis", &delivery, "1");
        assert_eq!(cancel(&mut bench, "Library", "None", &[&first, &second]), "0");
        let told = bench.next_push("Sis");
        assert_eq!(told.as_ref().map(|told| told.kind.name()), forward.then_some("SIF_SystemControl"));
        let Some(told) = told else { continue };
        let document = bench.memory.document("Sis", told.number).unwrap();
        let message = Message::read(&document, &Limits::default()).unwrap();
        let path = "SIF_SystemControlData/SIF_CancelRequests/SIF_RequestMsgIds/SIF_RequestMsgId";
        assert_eq!(message.value(path), Some(first));
        bench.pushed("Sis", &told, "12/2");
        assert!(bench.next_push("Sis").is_none(), "the other one never reached it");
    }
}
