//! 4.0: what is asked of every message, in order.

use super::*;
use sif::message::error;

#[test]
fn what_is_not_well_formed_is_refused() {
    let mut bench = Bench::of(&["Sis"]);
    let before = bench.memory.clone();
    for document in ["", "<SIF_Message", "<a></b>", "<!DOCTYPE a><a/>", "\u{1}", "<a>&amp;&unknown;</a>"] {
        assert_eq!(bench.post(document), "1/2", "{document}");
    }
    assert_eq!(bench.memory.records, before.records);
}

#[test]
fn a_message_that_is_too_large_is_refused() {
    let mut bench = Bench::of(&["Sis"]);
    let text = bench.text("X", "SIF_Event", "Sis", "", &"<a/>".repeat(100));
    let limits = Limits { size: 200, ..Limits::default() };
    let refusal = Message::read(&Bytes::from(text), &limits).err().unwrap();
    let step = bench.zone.refuse(&refusal, bench.now);
    assert_eq!(said(step), "1/1");
}

#[test]
fn another_root_is_refused() {
    let mut bench = Bench::of(&["Sis"]);
    assert_eq!(bench.post("<SIF_Ack xmlns=\"http://www.sifinfo.org/infrastructure/2.x\"/>"), "1/3");
}

#[test]
fn another_namespace_is_refused() {
    let mut bench = Bench::of(&["Sis"]);
    let text = bench.text("X", "SIF_Unregister", "Sis", "", "").replace("infrastructure/2.x", "uk/infrastructure/2.x");
    assert_eq!(bench.post(&text), "12/3");
}

#[test]
fn versions_from_2_0_to_2_7_are_taken_and_no_others() {
    for version in ["2.0", "2.0r1", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7"] {
        let mut bench = Bench::of(&["Sis"]);
        bench.version = version;
        let said = bench.control("Sis", "<SIF_Ping></SIF_Ping>");
        assert_eq!(said, "0", "{version}");
        assert_eq!(said.step.answer.unwrap().version.to_string(), version);
    }
    for version in ["1.5r1", "2.8", "3.0"] {
        let mut bench = Bench::of(&["Sis"]);
        bench.version = version;
        let said = bench.control("Sis", "<SIF_Ping></SIF_Ping>");
        assert_eq!(said, "12/3", "{version}");
        assert_eq!(said.step.answer.unwrap().version.to_string(), "2.7", "the highest that the zone takes");
    }
}

#[test]
fn an_unknown_message_is_refused() {
    let mut bench = Bench::of(&["Sis"]);
    assert_eq!(bench.send("SIF_Evnt", "Sis", ""), "12/2");
}

#[test]
fn services_are_unknown_before_2_4() {
    let mut bench = Bench::of(&["Sis"]);
    bench.version = "2.3";
    for kind in ["SIF_ServiceInput", "SIF_ServiceOutput", "SIF_ServiceNotify"] {
        assert_eq!(bench.send(kind, "Sis", ""), "12/2", "{kind}");
    }
}

#[test]
fn a_header_needs_its_ids() {
    let mut bench = Bench::of(&["Sis"]);
    let whole = bench.text("C".repeat(32).as_str(), "SIF_SystemControl", "Sis", "", "");
    let without_id = whole.replace(&format!("<SIF_MsgId>{}</SIF_MsgId>", "C".repeat(32)), "");
    assert_eq!(bench.post(&without_id), "1/6");
    assert_eq!(bench.post(&whole.replace("<SIF_SourceId>Sis</SIF_SourceId>", "")), "1/6");
    assert_eq!(bench.post(&whole), "1/6", "nothing to control");
}

#[test]
fn what_could_be_read_is_answered_to() {
    let mut bench = Bench::of(&["Sis"]);
    let id = bench.guid();
    let answer = bench.send_as(&id, "SIF_Nonsense", "Sis", "", "").step.answer.unwrap();
    let original = answer.original.unwrap();
    assert_eq!(original.message_id.as_deref(), Some(id.as_str()));
    assert_eq!(original.source_id.as_deref(), Some("Sis"));
    assert!(bench.post("<nonsense").step.answer.unwrap().original.is_none());
}

#[test]
fn who_is_not_registered_is_told_so() {
    let mut bench = Bench::with(|config| config.options.validate = false);
    for kind in [
        "SIF_Unregister",
        "SIF_Provision",
        "SIF_Provide",
        "SIF_Unprovide",
        "SIF_Subscribe",
        "SIF_Unsubscribe",
        "SIF_Event",
        "SIF_Request",
        "SIF_Response",
        "SIF_Ack",
        "SIF_SystemControl",
        "SIF_ServiceInput",
        "SIF_ServiceOutput",
        "SIF_ServiceNotify",
    ] {
        let said = bench.send(kind, "Sis", "");
        assert_eq!(said, "4/9", "{kind}");
        assert!(said.step.changes.is_empty(), "{kind}");
    }
}

#[test]
fn ids_of_agents_differ_by_case() {
    let mut bench = Bench::of(&["Sis"]);
    assert_eq!(bench.control("SIS", "<SIF_Ping></SIF_Ping>"), "4/9");
}

#[test]
fn a_zone_that_sleeps_says_so_to_everybody() {
    let mut bench = Bench::of(&["Sis"]);
    let step = bench.zone.sleep_zone(true);
    bench.keep(&step);
    assert_eq!(bench.control("Sis", "<SIF_Ping></SIF_Ping>"), "8");
    assert_eq!(bench.event("Sis"), "8");
    assert_eq!(bench.send("SIF_Register", "Library", &registration("Library", "1000000", "2.*")), "8");
    assert_eq!(bench.control("Library", "<SIF_Ping></SIF_Ping>"), "4/9", "who it is comes first");
    let step = bench.zone.sleep_zone(false);
    bench.keep(&step);
    assert_eq!(bench.event("Sis"), "0");
}

#[test]
fn a_message_that_comes_twice_happens_once() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.subscribe("Library", "StudentPersonal");
    let id = bench.guid();
    let body = event("StudentPersonal", "Add", STUDENT);
    assert_eq!(bench.send_as(&id, "SIF_Event", "Sis", "", &body), "0");
    let again = bench.send_as(&id, "SIF_Event", "Sis", "", &body);
    assert_eq!(again, "7");
    assert!(again.step.changes.is_empty());
    assert_eq!(bench.waiting("Library"), 1);
    assert_eq!(bench.send_as(&id, "SIF_Event", "Library", "", &body), "0", "another sender may have used the same id");
    let id = bench.guid();
    let provide = "<SIF_Object ObjectName=\"SchoolInfo\"></SIF_Object>";
    assert_eq!(bench.send_as(&id, "SIF_Provide", "Sis", "", provide), "0");
    assert_eq!(bench.send_as(&id, "SIF_Unprovide", "Sis", "", provide), "7", "whatever it is");
    assert!(bench.zone.provider("SchoolInfo", "SIF_Default").is_some());
}

#[test]
fn the_id_of_a_refused_message_may_be_used_again() {
    let mut bench = Bench::of(&["Sis"]);
    let id = bench.guid();
    assert_eq!(bench.send_as(&id, "SIF_Event", "Sis", "", &event("Nonsense", "Add", "<Nonsense/>")), "9/3");
    assert_eq!(bench.send_as(&id, "SIF_Event", "Sis", "", &event("StudentPersonal", "Add", STUDENT)), "0");
}

#[test]
fn a_poll_that_comes_twice_is_answered_twice() {
    let mut bench = Bench::of(&["Sis"]);
    let id = bench.guid();
    let ping = "<SIF_SystemControlData><SIF_Ping></SIF_Ping></SIF_SystemControlData>";
    assert_eq!(bench.send_as(&id, "SIF_SystemControl", "Sis", "", ping), "0");
    assert_eq!(bench.send_as(&id, "SIF_SystemControl", "Sis", "", ping), "0");
}

#[test]
fn bad_messages_change_nothing() {
    for validate in [true, false] {
        change_nothing(validate);
    }
}

fn change_nothing(validate: bool) {
    let mut bench = Bench::with(|config| config.options.validate = validate);
    ["Sis", "Library"].iter().for_each(|agent| bench.register(agent));
    bench.subscribe("Library", "StudentPersonal");
    let before = bench.memory.clone();
    let bad = [
        ("SIF_Register", "<SIF_Mode>Push</SIF_Mode>"),
        ("SIF_Provide", "<SIF_Object></SIF_Object>"),
        ("SIF_Provide", ""),
        ("SIF_Event", "<SIF_ObjectData></SIF_ObjectData>"),
        ("SIF_Request", "<SIF_Version>two</SIF_Version>"),
        ("SIF_Request", "<SIF_Version>2.*</SIF_Version><SIF_MaxBufferSize>-1</SIF_MaxBufferSize>"),
        ("SIF_Response", "<SIF_PacketNumber>1</SIF_PacketNumber>"),
        ("SIF_Ack", ""),
        ("SIF_SystemControl", "<SIF_SystemControlData><SIF_Dance></SIF_Dance></SIF_SystemControlData>"),
        ("SIF_ServiceInput", "<SIF_Service>x</SIF_Service>"),
    ];
    for (kind, body) in bad {
        let said = bench.send(kind, "Sis", body);
        assert!(said.code.contains('/'), "{kind} {body}");
        assert!(said.step.changes.is_empty(), "{kind} {body}");
    }
    assert_eq!(bench.memory.records, before.records);
    assert_eq!(bench.memory.queues, before.queues);
}

#[test]
fn codes_are_those_of_the_version() {
    let at = |code, version: &str| crate::zone::receive::known(code, Version::parse(version).unwrap());
    assert_eq!(at(error::ENCODING_UNSUPPORTED, "2.0r1"), error::REGISTRATION);
    assert_eq!(at(error::ENCODING_UNSUPPORTED, "2.1"), error::ENCODING_UNSUPPORTED);
    assert_eq!(at(error::REQUEST_CANCELLED, "2.0"), error::REQUEST_GENERIC);
    assert_eq!(at(error::MAY_NOT_INVOKE, "2.3"), error::ACCESS);
}
