//! 4.6, 4.15: the zone keeps what is posted as SIF_LogEntry and answers for it.

use super::*;

/// An agent's entry about a message of another, with the object of a child.
fn posted(description: &str) -> String {
    let header = |name: &str, source: &str| {
        format!(
            "<{name}><SIF_Header><SIF_MsgId>D3E34B359D75101A8C3D00AA001A1652</SIF_MsgId>\
             <SIF_Timestamp>2026-02-02T08:00:00Z</SIF_Timestamp><SIF_SourceId>{source}</SIF_SourceId></SIF_Header></{name}>"
        )
    };
    let entry = format!(
        "<SIF_LogEntry Source=\"Agent\" LogLevel=\"Warning\">{}{}<SIF_Category>3</SIF_Category><SIF_Code>2</SIF_Code>\
         <SIF_Desc>{description}</SIF_Desc><SIF_LogObjects><SIF_LogObject ObjectName=\"StudentPersonal\">{STUDENT}\
         </SIF_LogObject></SIF_LogObjects></SIF_LogEntry>",
        header("SIF_LogEntryHeader", "Sis"),
        header("SIF_OriginalHeader", "Food"),
    );
    event("SIF_LogEntry", "Add", &entry)
}

/// Makes the zone post an entry: an agent cannot take the version of an event.
fn provoke(bench: &mut Bench) {
    assert_eq!(bench.send("SIF_Register", "Library", &registration("Library", "1024", "2.0r1")), "0");
    bench.subscribe("Library", "StudentPersonal");
    assert_eq!(bench.event("Sis"), "0");
}

fn ask(bench: &mut Bench, header: &str, body: &str) -> Said {
    let id = bench.guid();
    bench.send_as(&id, "SIF_Request", "Clerk", header, body)
}

/// What a whole answer holds, as text, and in how many packets it came.
fn answer(bench: &mut Bench, body: &str) -> (String, usize) {
    assert_eq!(ask(bench, "", body), "0");
    let packets = bench.drain("Clerk");
    for (at, packet) in packets.iter().enumerate() {
        assert_eq!(packet.header.source_id, "Zone");
        assert_eq!(packet.value("SIF_PacketNumber"), Some((at + 1).to_string()));
        let more = if at + 1 < packets.len() { "Yes" } else { "No" };
        assert_eq!(packet.value("SIF_MorePackets").as_deref(), Some(more));
    }
    let texts = packets.iter().map(|packet| String::from_utf8(packet.document.to_vec()).unwrap());
    (texts.collect(), packets.len())
}

fn entries(text: &str) -> usize {
    text.matches("<SIF_LogEntry ").count()
}

fn conditions(element: &str, value: &str, inside: &str) -> String {
    let condition = format!(
        "{inside}</SIF_QueryObject><SIF_ConditionGroup Type=\"None\"><SIF_Conditions Type=\"None\"><SIF_Condition>\
         <SIF_Element>{element}</SIF_Element><SIF_Operator>EQ</SIF_Operator><SIF_Value>{value}</SIF_Value></SIF_Condition>\
         </SIF_Conditions></SIF_ConditionGroup>"
    );
    request("SIF_LogEntry").replace("</SIF_QueryObject>", &condition)
}

/// A zone with an entry of its own and one of Sis.
fn two() -> Bench {
    let mut bench = Bench::of(&["Sis", "Library", "Clerk"]);
    provoke(&mut bench);
    bench.now = bench.now.after(1);
    assert_eq!(bench.send("SIF_Event", "Sis", &posted("a business rule")), "0");
    bench
}

#[test]
fn the_zone_answers_for_what_was_posted_though_nobody_subscribed() {
    let mut bench = two();
    let (text, packets) = answer(&mut bench, &request("SIF_LogEntry"));
    assert_eq!((entries(&text), packets), (2, 1), "{text}");
    let (own, posted) = text.split_at(text.rfind("<SIF_LogEntry ").unwrap());
    assert!(
        own.contains("Source=\"ZIS\"") && own.contains("<SIF_Code>4</SIF_Code>") && own.contains("Library"),
        "{own}"
    );
    assert!(posted.contains("Source=\"Agent\"") && posted.contains("a business rule"), "the oldest first: {posted}");
    assert!(!text.contains("SIF_LogObjects") && !text.contains("StudentPersonal RefId"), "no child is in the log");
}

#[test]
fn a_restored_zone_answers_the_same() {
    let mut bench = two();
    let (before, _) = answer(&mut bench, &request("SIF_LogEntry"));
    let state = bench.memory.state(0);
    let config = config(ZoneOptions::default());
    bench.zone = Zone::restore(config, Box::new(Counting(1000)), state, |space| bench.memory.records(space)).unwrap();
    let (after, _) = answer(&mut bench, &request("SIF_LogEntry"));
    let objects = |text: &str| text.split_once("<SIF_ObjectData>").unwrap().1.to_owned();
    assert_eq!(objects(&after), objects(&before));
    assert_eq!(entries(&after), 2);
}

#[test]
fn conditions_and_elements_of_the_log_are_followed() {
    let mut bench = two();
    let of_zone =
        conditions("SIF_LogEntryHeader/SIF_Header/SIF_SourceId", "Zone", "<SIF_Element>SIF_Code</SIF_Element>");
    let (text, _) = answer(&mut bench, &of_zone);
    assert!(entries(&text) == 1 && text.contains("<SIF_Code>4</SIF_Code>") && !text.contains("SIF_Category"), "{text}");
    let (text, packets) = answer(&mut bench, &conditions("@LogLevel", "Info", ""));
    assert_eq!((entries(&text), packets), (0, 1), "no match is one packet without objects");
    assert!(text.contains("<SIF_ObjectData>"), "{text}");
    let (text, _) = answer(&mut bench, &conditions("SIF_Code[", "4", ""));
    assert!(text.contains("<SIF_Category>8</SIF_Category><SIF_Code>9</SIF_Code>"), "{text}");
    assert_eq!(ask(&mut bench, "", &request("SIF_LogEntry").replace("SIF_Query", "SIF_Qu")), "1/3");
}

#[test]
fn an_answer_comes_in_packets_that_fit() {
    let mut bench = Bench::of(&["Sis", "Clerk"]);
    for number in 1..=9 {
        bench.now = bench.now.after(1);
        assert_eq!(bench.send("SIF_Event", "Sis", &posted(&format!("entry {number}."))), "0");
    }
    for buffer in (1800..4000).step_by(50) {
        let asking = request("SIF_LogEntry").replace("100000", &buffer.to_string());
        assert_eq!(ask(&mut bench, "", &asking), "0");
        let sizes: Vec<u64> = bench.zone.queue("Clerk", 99).iter().map(|waiting| waiting.size).collect();
        assert!(sizes.iter().all(|size| *size <= buffer), "{buffer}: {sizes:?}");
        bench.drain("Clerk");
    }
    let (text, packets) = answer(&mut bench, &request("SIF_LogEntry").replace("100000", "3500"));
    assert_eq!(entries(&text), 9);
    assert!(packets > 1 && packets < 9, "{packets}");
    let places: Vec<usize> = (1..=9).map(|number| text.find(&format!("entry {number}.")).unwrap()).collect();
    assert!(places.is_sorted(), "none twice, none left out, the oldest first: {places:?}");
    let (text, _) = answer(&mut bench, &request("SIF_LogEntry").replace("100000", "1100"));
    assert!(entries(&text) == 0 && text.contains("<SIF_Category>8</SIF_Category><SIF_Code>8</SIF_Code>"), "{text}");
}

#[test]
fn a_log_is_of_its_context_and_for_who_may_ask() {
    let mut bench = Bench::with(|config| {
        config.agents.insert("Food".to_owned(), poor("Food", "SchoolInfo", &[Right::Request]));
    });
    ["Sis", "Clerk", "Food"].iter().for_each(|agent| bench.register(agent));
    let id = bench.guid();
    assert_eq!(bench.send_as(&id, "SIF_Event", "Sis", &contexts(&["Other"]), &posted("elsewhere")), "0");
    let (text, _) = answer(&mut bench, &request("SIF_LogEntry"));
    assert_eq!(entries(&text), 0, "{text}");
    assert_eq!(ask(&mut bench, &contexts(&["Other"]), &request("SIF_LogEntry")), "0");
    let told = bench.drain("Clerk").remove(0);
    assert_eq!(told.value("SIF_ObjectData/SIF_LogEntry/SIF_Desc").as_deref(), Some("elsewhere"));
    assert_eq!(bench.send("SIF_Request", "Food", &request("SIF_LogEntry")), "4/5");
}

#[test]
fn an_agent_that_provides_the_log_goes_before_the_zone() {
    let mut bench = two();
    bench.provide("Sis", "SIF_LogEntry");
    assert_eq!(ask(&mut bench, "", &request("SIF_LogEntry")), "0");
    assert_eq!((bench.waiting("Sis"), bench.waiting("Clerk")), (1, 0));
    assert_eq!(ask(&mut bench, "<SIF_DestinationId>Zone</SIF_DestinationId>", &request("SIF_LogEntry")), "0");
    assert_eq!(bench.waiting("Clerk"), 1, "who names the zone asks the zone");
    assert_eq!(ask(&mut bench, &contexts(&["Other"]), &request("SIF_LogEntry")), "0");
    assert_eq!((bench.waiting("Sis"), bench.waiting("Clerk")), (1, 2), "it provides in another context only");
    let body = "<SIF_Object ObjectName=\"SIF_LogEntry\"></SIF_Object>";
    assert_eq!(bench.send("SIF_Unprovide", "Sis", body), "0");
    assert_eq!(ask(&mut bench, "", &request("SIF_LogEntry")), "0");
    assert_eq!(bench.waiting("Clerk"), 3);
}

#[test]
fn who_posts_much_leaves_the_entries_of_others_alone() {
    let mut bench = Bench::with(|config| config.options.log_entries = 4);
    ["Sis", "Library", "Clerk"].iter().for_each(|agent| bench.register(agent));
    provoke(&mut bench);
    for number in 1..=9 {
        assert_eq!(bench.send("SIF_Event", "Sis", &posted(&format!("entry {number}."))), "0");
    }
    let (text, _) = answer(&mut bench, &request("SIF_LogEntry"));
    assert_eq!(entries(&text), 4);
    assert!(text.contains("Source=\"ZIS\"") && text.contains("entry 7.") && text.contains("entry 9."), "{text}");
    assert_eq!(bench.memory.records("log_entry").len(), 4, "what has gone is not kept");
    let large = posted(&"long ".repeat(4000)).replace("SIF_Desc>", "SIF_ExtendedDesc>");
    let large = large.replace("<SIF_ExtendedDesc>", "<SIF_Desc>large</SIF_Desc><SIF_ExtendedDesc>");
    assert_eq!(bench.send("SIF_Event", "Sis", &large), "0");
    let (text, _) = answer(&mut bench, &request("SIF_LogEntry"));
    assert!(entries(&text) == 4 && !text.contains("large"), "it would fill the memory of all");
}

#[test]
fn entries_are_kept_for_a_time() {
    let mut bench = two();
    bench.wait(30 * 24 * 3600);
    let (text, _) = answer(&mut bench, &request("SIF_LogEntry"));
    assert!(entries(&text) == 1 && text.contains("a business rule"), "the first is a second older: {text}");
    bench.wait(1200);
    assert_eq!(entries(&answer(&mut bench, &request("SIF_LogEntry")).0), 0);
    assert!(bench.memory.records("log_entry").is_empty() && bench.zone.log_entries(None, 9).is_empty());
}

#[test]
fn a_zone_that_keeps_no_entries_does_not_answer_for_them() {
    let mut bench = Bench::with(|config| config.options.log_entries = 0);
    ["Sis", "Library", "Clerk"].iter().for_each(|agent| bench.register(agent));
    provoke(&mut bench);
    assert!(bench.memory.records("log_entry").is_empty());
    assert_eq!(ask(&mut bench, "", &request("SIF_LogEntry")), "8/4");
}

#[test]
fn administrators_see_who_posted_about_what_and_not_what_agents_say() {
    let bench = two();
    let entries = bench.zone.log_entries(None, 9);
    let [posted, own] = &entries[..] else { panic!("{entries:?}") };
    assert_eq!((posted.sender.as_str(), posted.code.as_str(), posted.level.as_str()), ("Sis", "3/2", "Warning"));
    assert_eq!((posted.about_source.as_deref(), posted.description.as_deref()), (Some("Food"), None));
    assert_eq!((own.sender.as_str(), own.code.as_str(), own.about_source.as_deref()), ("Zone", "4/4", Some("Sis")));
    assert!(own.description.as_deref().is_some_and(|said| said.contains("Library")), "{own:?}");
    assert_eq!(bench.zone.log_entries(Some(posted.number), 9), *std::slice::from_ref(own));
    assert_eq!(bench.zone.log_entries(None, 1), *std::slice::from_ref(posted));
}
