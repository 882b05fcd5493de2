//! 4.13 to 4.15: SIF_ZoneStatus, SIF_AgentACL, SIF_LogEntry.

use super::*;

fn zone_status(bench: &mut Bench, agent: &str) -> String {
    match bench.control(agent, "<SIF_GetZoneStatus></SIF_GetZoneStatus>").data {
        Some(AnswerData::ZoneStatus(xml)) => xml,
        other => panic!("no status: {other:?}"),
    }
}

fn rights(bench: &mut Bench, agent: &str) -> String {
    match bench.control(agent, "<SIF_GetAgentACL></SIF_GetAgentACL>").data {
        Some(AnswerData::AgentAcl(xml)) => xml,
        other => panic!("no rights: {other:?}"),
    }
}

#[test]
fn status_says_who_does_what() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.zone.config.options.administration_url = Some("https://zone.test/".to_owned());
    bench.register_push("Food");
    bench.control("Food", "<SIF_Sleep></SIF_Sleep>");
    let provide = "<SIF_Object ObjectName=\"StudentPersonal\"><SIF_ExtendedQuerySupport>true</SIF_ExtendedQuerySupport></SIF_Object>\
                   <SIF_Object ObjectName=\"StudentPersonal\"><SIF_Contexts><SIF_Context>Other</SIF_Context></SIF_Contexts></SIF_Object>";
    assert_eq!(bench.send("SIF_Provide", "Sis", provide), "0");
    bench.subscribe("Library", "StudentPersonal");
    let status = zone_status(&mut bench, "Sis");
    for part in [
        "<SIF_ZoneStatus ZoneId=\"Zone\"><SIF_Name>Zone</SIF_Name>",
        "<SIF_Provider SourceId=\"Sis\"><SIF_ObjectList><SIF_Object ObjectName=\"StudentPersonal\">\
         <SIF_ExtendedQuerySupport>true</SIF_ExtendedQuerySupport><SIF_Contexts><SIF_Context>SIF_Default</SIF_Context>\
         </SIF_Contexts></SIF_Object><SIF_Object ObjectName=\"StudentPersonal\">\
         <SIF_ExtendedQuerySupport>false</SIF_ExtendedQuerySupport><SIF_Contexts><SIF_Context>Other</SIF_Context>",
        "<SIF_Provider SourceId=\"Zone\"><SIF_ObjectList><SIF_Object ObjectName=\"SIF_AgentACL\">",
        "<SIF_Subscriber SourceId=\"Library\"><SIF_ObjectList><SIF_Object ObjectName=\"StudentPersonal\"><SIF_Contexts>",
        "<SIF_SourceId>Food</SIF_SourceId><SIF_Mode>Push</SIF_Mode><SIF_Protocol Type=\"HTTP\" Secure=\"No\">\
         <SIF_URL>http://agents.test/sif</SIF_URL>",
        "<SIF_Sleeping>Yes</SIF_Sleeping>",
        "<SIF_Value>gzip, identity</SIF_Value>",
        "<SIF_Version>2.0</SIF_Version><SIF_Version>2.0r1</SIF_Version>",
        "<SIF_AdministrationURL>https://zone.test/</SIF_AdministrationURL><SIF_Contexts><SIF_Context>SIF_Default</SIF_Context>\
         <SIF_Context>Other</SIF_Context></SIF_Contexts>",
    ] {
        assert!(status.contains(part), "{part}\nin\n{status}");
    }
    assert!(!status.contains("SIF_AddPublishers"), "empty lists are left out");
}

#[test]
fn services_are_told_from_2_4_on() {
    let (mut bench, _) = services::invoked();
    assert!(zone_status(&mut bench, "Sis").contains("<SIF_ServiceProvider SourceId=\"Sis\">"));
    assert!(rights(&mut bench, "Sis").contains("<SIF_Service ServiceName=\"serviceSREBroker\">"));
    bench.version = "2.3";
    assert!(!zone_status(&mut bench, "Sis").contains("Service"));
    assert!(!rights(&mut bench, "Sis").contains("Service"));
}

#[test]
fn rights_are_told_with_their_contexts() {
    let mut bench = Bench::with(|config| {
        let mut library = poor("Library", "StudentPersonal", &[Right::Request, Right::Subscribe]);
        library.contexts = vec!["Other".to_owned(), "Nowhere".to_owned()];
        config.agents.insert("Library".to_owned(), library);
    });
    bench.register("Library");
    let own = "<SIF_Object ObjectName=\"StudentPersonal\"><SIF_Contexts><SIF_Context>Other</SIF_Context></SIF_Contexts></SIF_Object>";
    let status = own.replace("StudentPersonal", "SIF_ZoneStatus");
    let acl = own.replace("StudentPersonal", "SIF_AgentACL");
    assert_eq!(
        rights(&mut bench, "Library"),
        format!(
            "<SIF_AgentACL><SIF_ProvideAccess></SIF_ProvideAccess><SIF_SubscribeAccess>{own}</SIF_SubscribeAccess>\
             <SIF_PublishAddAccess></SIF_PublishAddAccess><SIF_PublishChangeAccess></SIF_PublishChangeAccess>\
             <SIF_PublishDeleteAccess></SIF_PublishDeleteAccess><SIF_RequestAccess>{acl}{status}{own}</SIF_RequestAccess>\
             <SIF_RespondAccess></SIF_RespondAccess><SIF_ProvideService></SIF_ProvideService>\
             <SIF_RespondService></SIF_RespondService><SIF_RequestService></SIF_RequestService>\
             <SIF_SubscribeService></SIF_SubscribeService></SIF_AgentACL>"
        )
    );
}

#[test]
fn a_right_for_all_objects_is_written_out() {
    let mut bench = Bench::of(&["Sis"]);
    let acl = rights(&mut bench, "Sis");
    let list = |name: &str| {
        let start = acl.split(&format!("<{name}>")).nth(1).unwrap();
        start.split(&format!("</{name}>")).next().unwrap().matches("<SIF_Object ").count()
    };
    assert_eq!(["SIF_ProvideAccess", "SIF_SubscribeAccess", "SIF_RequestAccess"].map(list), [131, 104, 133]);
}

/// What is told can be done: rights and checks are the same.
#[test]
fn what_is_told_holds() {
    let mut bench = Bench::with(|config| {
        let mut library = poor("Library", "StudentPersonal", &[Right::Provide, Right::Subscribe]);
        library.rights.insert("*".to_owned(), [Right::Subscribe].into());
        library.rights.insert("SchoolInfo".to_owned(), [Right::Provide].into());
        config.agents.insert("Library".to_owned(), library);
    });
    bench.register("Library");
    let acl = rights(&mut bench, "Library");
    for (list, kind) in [("SIF_ProvideAccess", "SIF_Provide"), ("SIF_SubscribeAccess", "SIF_Subscribe")] {
        let told = acl.split(&format!("<{list}>")).nth(1).unwrap().split(&format!("</{list}>")).next().unwrap();
        for object in super::super::objects::all() {
            let said = bench.send(kind, "Library", &format!("<SIF_Object ObjectName=\"{object}\"></SIF_Object>"));
            let is_told = told.contains(&format!("ObjectName=\"{object}\""));
            assert_eq!(said == "0", is_told, "{list} {object}: {said:?}");
        }
    }
}

#[test]
fn a_log_entry_needs_a_subscriber() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    assert_eq!(bench.send("SIF_Register", "Library", &registration("Library", "1024", "2.0r1")), "0");
    bench.subscribe("Library", "StudentPersonal");
    let said = bench.event("Sis");
    assert_eq!(said, "0");
    assert_eq!(bench.memory.messages.len(), 1, "nobody wants to have it");
    assert!(said.step.log.iter().any(|line| line.what == "log entry" && line.code == "4/4"));
}

#[test]
fn agents_send_log_entries_as_events() {
    let mut bench = Bench::of(&["Sis", "Clerk"]);
    bench.subscribe("Clerk", "SIF_LogEntry");
    let entry = "<SIF_LogEntry Source=\"Agent\" LogLevel=\"Error\"><SIF_LogEntryHeader><SIF_Header>\
                 <SIF_MsgId>D3E34B359D75101A8C3D00AA001A1652</SIF_MsgId><SIF_Timestamp>2026-02-02T08:00:00Z</SIF_Timestamp>\
                 <SIF_SourceId>Sis</SIF_SourceId></SIF_Header></SIF_LogEntryHeader><SIF_Category>4</SIF_Category>\
                 <SIF_Code>1</SIF_Code><SIF_Desc>out of memory</SIF_Desc></SIF_LogEntry>";
    assert_eq!(bench.send("SIF_Event", "Sis", &event("SIF_LogEntry", "Add", entry)), "0");
    assert_eq!(bench.waiting("Clerk"), 1);
}
