//! 4.5: SIF_Event.

use super::*;

#[test]
fn an_event_without_subscribers_is_kept() {
    let mut bench = Bench::of(&["Sis"]);
    assert_eq!(bench.event("Sis"), "0");
    assert_eq!(bench.memory.messages.len(), 1);
    let message = bench.memory.messages.values().next().unwrap();
    assert_eq!((message.kind.as_str(), message.object.as_deref()), ("SIF_Event", Some("StudentPersonal")));
}

#[test]
fn each_subscriber_gets_the_senders_own_bytes_and_the_message_is_kept_once() {
    let mut bench = Bench::of(&["Sis", "Library", "Food"]);
    bench.subscribe("Library", "StudentPersonal");
    bench.subscribe("Food", "StudentPersonal");
    let id = bench.guid();
    let text = bench.text(&id, "SIF_Event", "Sis", "", &event("StudentPersonal", "Add", STUDENT));
    let said = bench.post(&format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- a --> {text}"));
    assert_eq!(said, "0");
    assert_eq!(bench.memory.messages.len(), 1);
    for agent in ["Library", "Food"] {
        assert_eq!(bench.get(agent).unwrap().1.document, text.as_bytes());
    }
    assert!(bench.get("Sis").is_none());
}

#[test]
fn a_publisher_that_subscribes_gets_its_own_events() {
    let mut bench = Bench::of(&["Sis"]);
    bench.subscribe("Sis", "StudentPersonal");
    bench.event("Sis");
    assert!(bench.get("Sis").is_some());
}

#[test]
fn a_publisher_need_not_be_the_provider_nor_have_announced_it() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.provide("Library", "StudentPersonal");
    assert_eq!(bench.event("Sis"), "0");
}

#[test]
fn a_zone_may_ask_for_announcement() {
    let mut bench = Bench::with(|config| config.options.events_must_be_announced = true);
    bench.register("Sis");
    assert_eq!(bench.event("Sis"), "4/7");
    let lists = "<SIF_ProvideObjects/><SIF_SubscribeObjects/><SIF_PublishAddObjects><SIF_Object ObjectName=\"StudentPersonal\"/>\
                 </SIF_PublishAddObjects><SIF_PublishChangeObjects/><SIF_PublishDeleteObjects/><SIF_RequestObjects/>\
                 <SIF_RespondObjects/>";
    assert_eq!(bench.send("SIF_Provision", "Sis", lists), "0");
    assert_eq!(bench.event("Sis"), "0");
}

#[test]
fn each_action_needs_its_right() {
    let actions = [
        ("Add", Right::PublishAdd, "4/10"),
        ("Change", Right::PublishChange, "4/11"),
        ("Delete", Right::PublishDelete, "4/12"),
    ];
    for (action, right, code) in actions {
        let others: Vec<Right> = Right::ALL.into_iter().filter(|own| *own != right).collect();
        let mut bench = Bench::with(|config| {
            config.agents.insert("Poor".to_owned(), poor("Poor", "StudentPersonal", &others));
        });
        bench.register("Poor");
        let body = event("StudentPersonal", action, STUDENT);
        let said = bench.send("SIF_Event", "Poor", &body);
        assert_eq!(said, code);
        assert!(said.step.changes.is_empty());
        bench.register("Sis");
        assert_eq!(bench.send("SIF_Event", "Sis", &body), "0");
    }
}

#[test]
fn an_event_that_makes_no_sense_is_refused() {
    for validate in [true, false] {
        no_sense(validate);
    }
}

fn no_sense(validate: bool) {
    let mut bench = Bench::with(|config| config.options.validate = validate);
    bench.register("Sis");
    let school = "<SchoolInfo RefId=\"D3E34B359D75101A8C3D00AA001A1652\"></SchoolInfo>";
    for body in [
        String::new(),
        "<SIF_ObjectData></SIF_ObjectData>".to_owned(),
        event("StudentPersonal", "Replace", STUDENT),
        event("StudentPersonal", "Add", ""),
        event("StudentPersonal", "Add", school),
        event("StudentPersonal", "Add", &STUDENT.repeat(2)),
        event("StudentLocator", "Add", "<StudentLocator></StudentLocator>"),
        event("Nonsense", "Add", "<Nonsense></Nonsense>"),
        event("StudentPersonal", "Add", STUDENT).replace(" ObjectName=\"StudentPersonal\"", ""),
    ] {
        let said = bench.send("SIF_Event", "Sis", &body);
        assert!(said == "9/3" || (validate && said.code.starts_with("1/")), "{body}: {said:?}");
    }
    assert!(bench.memory.messages.is_empty());
}

#[test]
fn an_object_that_is_not_the_named_one_is_refused() {
    let mut bench = Bench::of(&["Sis"]);
    let school = "<SchoolInfo RefId=\"D3E34B359D75101A8C3D00AA001A1652\"></SchoolInfo>";
    assert_eq!(bench.send("SIF_Event", "Sis", &event("StudentPersonal", "Change", school)), "9/3");
}

fn in_contexts(bench: &mut Bench, names: &[&str]) -> Said {
    let id = bench.guid();
    let header = if names.is_empty() { String::new() } else { contexts(names) };
    bench.send_as(&id, "SIF_Event", "Sis", &header, &event("StudentPersonal", "Add", STUDENT))
}

#[test]
fn an_event_goes_to_subscribers_of_any_of_its_contexts_once() {
    let mut bench = Bench::of(&["Sis", "Library", "Food", "Clerk"]);
    let subscribe =
        |names: &[&str]| format!("<SIF_Object ObjectName=\"StudentPersonal\">{}</SIF_Object>", contexts(names));
    bench.send("SIF_Subscribe", "Library", &subscribe(&["Other"]));
    bench.send("SIF_Subscribe", "Food", &subscribe(&["SIF_Default", "Other"]));
    bench.send("SIF_Subscribe", "Clerk", &subscribe(&["SIF_Default"]));
    assert_eq!(in_contexts(&mut bench, &["SIF_Default", "Other"]), "0");
    assert_eq!(["Library", "Food", "Clerk"].map(|agent| bench.drain(agent).len()), [1, 1, 1]);
    assert_eq!(in_contexts(&mut bench, &["Other"]), "0");
    assert_eq!(["Library", "Food", "Clerk"].map(|agent| bench.drain(agent).len()), [1, 1, 0]);
    assert_eq!(in_contexts(&mut bench, &[]), "0");
    assert_eq!(["Library", "Food", "Clerk"].map(|agent| bench.drain(agent).len()), [0, 1, 1]);
    assert_eq!(in_contexts(&mut bench, &["SIF_Default", "Nowhere"]), "12/4");
}

/// Sis and Library, and Clerk who subscribes to log entries.
fn with_log() -> Bench {
    let mut bench = Bench::of(&["Sis", "Library", "Clerk"]);
    bench.subscribe("Clerk", "SIF_LogEntry");
    bench
}

/// The category and code of the one log entry that Clerk gets, and which message it is about.
fn entry(bench: &mut Bench) -> (String, String) {
    let entries = bench.drain("Clerk");
    assert_eq!(entries.len(), 1);
    let entry = &entries[0];
    assert_eq!(entry.header.source_id, "Zone");
    let value = |path: &str| entry.value(&format!("SIF_ObjectData/SIF_EventObject/SIF_LogEntry/{path}")).unwrap();
    assert_eq!(value("@Source"), "ZIS");
    assert_eq!(value("SIF_LogEntryHeader/SIF_Header/SIF_MsgId"), entry.header.message_id);
    (format!("{}/{}", value("SIF_Category"), value("SIF_Code")), value("SIF_OriginalHeader/SIF_Header/SIF_MsgId"))
}

#[test]
fn an_event_that_is_too_large_for_one_goes_to_the_others() {
    let mut bench = with_log();
    assert_eq!(bench.send("SIF_Register", "Food", &registration("Food", "1024", "2.*")), "0");
    bench.subscribe("Library", "StudentPersonal");
    bench.subscribe("Food", "StudentPersonal");
    let large = STUDENT.replace("></", &format!("><LocalId>{}</LocalId></", "1".repeat(1000)));
    let id = bench.guid();
    assert_eq!(bench.send_as(&id, "SIF_Event", "Sis", "", &event("StudentPersonal", "Add", &large)), "0");
    assert_eq!(entry(&mut bench), ("4/2".to_owned(), id));
    assert_eq!((bench.waiting("Library"), bench.waiting("Food")), (1, 0));
    assert!(bench.memory.hops.iter().any(|hop| hop.what == "skipped" && hop.agent == "Food" && hop.code == "4/2"));
}

#[test]
fn an_event_of_a_version_that_one_does_not_take_goes_to_the_others() {
    let mut bench = with_log();
    assert_eq!(bench.send("SIF_Register", "Food", &registration("Food", "1000000", "2.0r1")), "0");
    bench.subscribe("Library", "StudentPersonal");
    bench.subscribe("Food", "StudentPersonal");
    bench.event("Sis");
    assert_eq!(entry(&mut bench).0, "4/4");
    assert_eq!((bench.waiting("Library"), bench.waiting("Food")), (1, 0));
}

#[test]
fn an_event_that_asks_for_a_better_channel_goes_to_who_has_one() {
    let mut bench = with_log();
    bench.subscribe("Library", "StudentPersonal");
    bench.channel = Channel { secure: true, authentication: 2, encryption: 4, ..Channel::default() };
    bench.register("Food");
    bench.subscribe("Food", "StudentPersonal");
    let security = "<SIF_Security><SIF_SecureChannel><SIF_AuthenticationLevel>2</SIF_AuthenticationLevel>\
                    <SIF_EncryptionLevel>4</SIF_EncryptionLevel></SIF_SecureChannel></SIF_Security>";
    let id = bench.guid();
    assert_eq!(bench.send_as(&id, "SIF_Event", "Sis", security, &event("StudentPersonal", "Add", STUDENT)), "0");
    assert_eq!((bench.waiting("Library"), bench.waiting("Food")), (0, 1));
    assert_eq!(entry(&mut bench), ("4/3".to_owned(), id));
}

#[test]
fn an_agent_sees_only_its_elements() {
    let mut bench = Bench::with(|config| {
        let elements = [("StudentPersonal".to_owned(), ["LocalId".to_owned()].into())].into();
        config.agents.insert("Food".to_owned(), AgentConfig { elements, ..agent("Food") });
    });
    for agent in ["Sis", "Library", "Food"] {
        bench.register(agent);
    }
    bench.subscribe("Library", "StudentPersonal");
    bench.subscribe("Food", "StudentPersonal");
    let whole = STUDENT.replace("></", "><LocalId>17</LocalId><OnTimeGraduationYear>2026</OnTimeGraduationYear></");
    assert_eq!(bench.send("SIF_Event", "Sis", &event("StudentPersonal", "Change", &whole)), "0");
    let text = |message: &Message| String::from_utf8(message.document.to_vec()).unwrap();
    assert!(text(&bench.get("Library").unwrap().1).contains("OnTimeGraduationYear"));
    let pruned = bench.drain("Food").remove(0);
    assert!(!text(&pruned).contains("OnTimeGraduationYear"));
    assert!(text(&pruned).contains("<LocalId>17</LocalId>"));
    let hidden = STUDENT.replace("></", "><OnTimeGraduationYear>2026</OnTimeGraduationYear></");
    assert_eq!(bench.send("SIF_Event", "Sis", &event("StudentPersonal", "Change", &hidden)), "0");
    assert_eq!(bench.waiting("Food"), 0, "nothing that it may see has changed");
    assert_eq!(bench.waiting("Library"), 2);
}

#[test]
fn a_queue_that_is_full_takes_no_more_and_loses_nothing() {
    let mut bench = Bench::with(|config| config.options.max_queue = 2);
    ["Sis", "Library", "Food"].iter().for_each(|agent| bench.register(agent));
    bench.subscribe("Library", "StudentPersonal");
    bench.subscribe("Food", "StudentPersonal");
    assert_eq!(bench.event("Sis"), "0");
    assert_eq!(bench.event("Sis"), "0");
    bench.drain("Food");
    let said = bench.event("Sis");
    assert_eq!(said, "11/1");
    assert!(said.step.changes.is_empty());
    assert_eq!((bench.waiting("Library"), bench.waiting("Food")), (2, 0));
    bench.drain("Library");
    assert_eq!(bench.event("Sis"), "0");
}

#[test]
fn a_right_that_is_taken_back_holds_from_the_next_message_on() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.subscribe("Library", "StudentPersonal");
    bench.event("Sis");
    let step = bench.zone.set_agent(poor("Library", "SchoolInfo", &[Right::Subscribe]), bench.now);
    bench.keep(&step);
    bench.event("Sis");
    assert_eq!(bench.waiting("Library"), 1);
}

#[test]
fn an_event_goes_to_its_destination_if_the_zone_follows_that() {
    for (directed, version, food) in [(false, "2.5", 1), (true, "2.4", 1), (true, "2.5", 0)] {
        let mut bench = Bench::with(|config| config.options.directed_events = directed);
        ["Sis", "Library", "Food"].iter().for_each(|agent| bench.register(agent));
        bench.subscribe("Library", "StudentPersonal");
        bench.subscribe("Food", "StudentPersonal");
        bench.version = version;
        let id = bench.guid();
        let header = "<SIF_DestinationId>Library</SIF_DestinationId>";
        assert_eq!(bench.send_as(&id, "SIF_Event", "Sis", header, &event("StudentPersonal", "Add", STUDENT)), "0");
        assert_eq!((bench.waiting("Library"), bench.waiting("Food")), (1, food), "{directed} {version}");
    }
    let mut bench = Bench::with(|config| config.options.directed_events = true);
    bench.register("Sis");
    bench.version = "2.5";
    let id = bench.guid();
    let header = "<SIF_DestinationId>Nobody</SIF_DestinationId>";
    assert_eq!(bench.send_as(&id, "SIF_Event", "Sis", header, &event("StudentPersonal", "Add", STUDENT)), "9/1");
}
