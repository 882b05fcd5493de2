//! 4.6 and 4.7: SIF_Request, and what the zone itself provides.

use super::*;

const LARGE: &str = "<SIF_MaxBufferSize>100000</SIF_MaxBufferSize>";

fn extended(objects: [&str; 3], provider: &str) -> String {
    let [select, from, join] = objects;
    let provider = if provider.is_empty() {
        String::new()
    } else {
        format!("<SIF_DestinationProvider>{provider}</SIF_DestinationProvider>")
    };
    format!(
        "<SIF_Version>2.*</SIF_Version>{LARGE}<SIF_ExtendedQuery>{provider}<SIF_Select Distinct=\"false\" RowCount=\"All\">\
         <SIF_Element ObjectName=\"{select}\">@RefId</SIF_Element></SIF_Select><SIF_From ObjectName=\"{from}\">\
         <SIF_Join Type=\"Inner\"><SIF_JoinOn><SIF_LeftElement ObjectName=\"{from}\">@RefId</SIF_LeftElement>\
         <SIF_RightElement ObjectName=\"{join}\">@RefId</SIF_RightElement></SIF_JoinOn></SIF_Join></SIF_From></SIF_ExtendedQuery>"
    )
}

fn error_of(answer: &Message) -> String {
    let value = |path: &str| answer.value(path).unwrap_or_default();
    format!("{}/{}", value("SIF_Error/SIF_Category"), value("SIF_Error/SIF_Code"))
}

fn asked(bench: &mut Bench, header: &str, body: &str) -> Said {
    let id = bench.guid();
    bench.send_as(&id, "SIF_Request", "Library", header, body)
}

#[test]
fn a_request_goes_to_the_provider_in_its_context() {
    let mut bench = Bench::of(&["Sis", "Food", "Library"]);
    bench.provide("Sis", "StudentPersonal");
    let other = format!("<SIF_Object ObjectName=\"StudentPersonal\">{}</SIF_Object>", contexts(&["Other"]));
    assert_eq!(bench.send("SIF_Provide", "Food", &other), "0");
    let id = bench.request("Library");
    let (_, message) = bench.get("Sis").unwrap();
    assert_eq!((message.header.message_id.as_str(), message.header.source_id.as_str()), (id.as_str(), "Library"));
    assert_eq!(bench.waiting("Food"), 0);
    assert_eq!(asked(&mut bench, &contexts(&["Other"]), &request("StudentPersonal")), "0");
    assert_eq!(bench.waiting("Food"), 1);
    let open = bench.zone.requests();
    assert_eq!(open.len(), 2);
    assert_eq!((open[0].requester.as_str(), open[0].responder.as_str()), ("Library", "Sis"));
}

#[test]
fn a_request_in_an_old_envelope_is_routed() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.provide("Sis", "StudentPersonal");
    bench.version = "2.0r1";
    bench.request("Library");
    bench.version = "2.4";
    assert_eq!(bench.get("Sis").unwrap().1.version.to_string(), "2.0r1");
}

#[test]
fn a_request_goes_where_it_says() {
    let mut bench = Bench::of(&["Sis", "Food", "Library"]);
    bench.provide("Sis", "StudentPersonal");
    let directed = "<SIF_DestinationId>Food</SIF_DestinationId>";
    assert_eq!(asked(&mut bench, directed, &request("StudentPersonal")), "0");
    assert_eq!((bench.waiting("Sis"), bench.waiting("Food")), (0, 1));
}

#[test]
fn a_request_to_nobody_is_refused() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    assert_eq!(asked(&mut bench, "", &request("StudentPersonal")), "8/4");
    let directed = "<SIF_DestinationId>Food</SIF_DestinationId>";
    assert_eq!(asked(&mut bench, directed, &request("StudentPersonal")), "8/4");
}

#[test]
fn an_unknown_object_is_refused() {
    let mut bench = Bench::of(&["Library"]);
    assert_eq!(asked(&mut bench, "", &request("Nonsense")), "8/3");
}

#[test]
fn a_requester_needs_the_right() {
    let mut bench = Bench::with(|config| {
        config.agents.insert("Library".to_owned(), poor("Library", "SchoolInfo", &[Right::Request]));
    });
    ["Sis", "Library"].iter().for_each(|agent| bench.register(agent));
    bench.provide("Sis", "StudentPersonal");
    bench.provide("Sis", "SchoolInfo");
    assert_eq!(asked(&mut bench, "", &request("StudentPersonal")), "4/5");
    assert_eq!(asked(&mut bench, "", &request("SchoolInfo")), "0");
    for objects in [
        ["StudentPersonal", "SchoolInfo", "SchoolInfo"],
        ["SchoolInfo", "StudentPersonal", "SchoolInfo"],
        ["SchoolInfo", "SchoolInfo", "StudentPersonal"],
    ] {
        assert_eq!(asked(&mut bench, "", &extended(objects, "")), "4/5", "{objects:?}");
    }
}

#[test]
fn a_request_has_one_context_that_the_zone_has() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.provide("Sis", "StudentPersonal");
    assert_eq!(asked(&mut bench, &contexts(&["Nowhere"]), &request("StudentPersonal")), "12/4");
    assert_eq!(asked(&mut bench, &contexts(&["SIF_Default", "Other"]), &request("StudentPersonal")), "12/7");
}

#[test]
fn a_responder_needs_the_right() {
    let mut bench = Bench::with(|config| {
        config.agents.insert("Food".to_owned(), poor("Food", "StudentPersonal", &[Right::Request]));
    });
    ["Food", "Library"].iter().for_each(|agent| bench.register(agent));
    let directed = "<SIF_DestinationId>Food</SIF_DestinationId>";
    assert_eq!(asked(&mut bench, directed, &request("StudentPersonal")), "4/6");
}

#[test]
fn an_extended_query_needs_a_responder_that_takes_it() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.provide("Sis", "StudentPersonal");
    let body = extended(["StudentPersonal"; 3], "");
    assert_eq!(asked(&mut bench, "", &body), "8/15");
    let supports = "<SIF_Object ObjectName=\"StudentPersonal\"><SIF_ExtendedQuerySupport>true</SIF_ExtendedQuerySupport></SIF_Object>";
    assert_eq!(bench.send("SIF_Provide", "Sis", supports), "0");
    assert_eq!(asked(&mut bench, "", &body), "0");
    let directed = "<SIF_DestinationId>Sis</SIF_DestinationId>";
    assert_eq!(asked(&mut bench, directed, &body), "0");
}

#[test]
fn an_extended_query_may_name_the_object_whose_provider_is_asked() {
    let mut bench = Bench::of(&["Sis", "Food", "Library"]);
    let supports = |object: &str| {
        format!(
            "<SIF_Object ObjectName=\"{object}\"><SIF_ExtendedQuerySupport>1</SIF_ExtendedQuerySupport></SIF_Object>"
        )
    };
    bench.send("SIF_Provide", "Sis", &supports("StudentPersonal"));
    bench.send("SIF_Provide", "Food", &supports("SchoolInfo"));
    assert_eq!(asked(&mut bench, "", &extended(["StudentPersonal"; 3], "SchoolInfo")), "0");
    assert_eq!((bench.waiting("Sis"), bench.waiting("Food")), (0, 1));
}

#[test]
fn a_responder_must_take_the_version() {
    let mut bench = Bench::of(&["Library"]);
    assert_eq!(bench.send("SIF_Register", "Sis", &registration("Sis", "100000", "2.0r1")), "0");
    bench.provide("Sis", "StudentPersonal");
    assert_eq!(asked(&mut bench, "", &request("StudentPersonal")), "8/7");
}

#[test]
fn a_request_may_not_ask_for_more_than_the_agent_takes() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.provide("Sis", "StudentPersonal");
    assert_eq!(asked(&mut bench, "", &request("StudentPersonal").replace("100000", "1000001")), "8/1");
}

#[test]
fn the_id_of_anothers_request_is_refused() {
    let mut bench = Bench::of(&["Sis", "Library", "Food"]);
    bench.provide("Sis", "StudentPersonal");
    let id = bench.request("Library");
    assert_eq!(bench.send_as(&id, "SIF_Request", "Food", "", &request("StudentPersonal")), "8/1");
}

#[test]
fn a_request_needs_its_parts() {
    let mut bench = Bench::of(&["Library"]);
    let whole = request("StudentPersonal");
    for (part, code) in
        [("<SIF_Version>2.*</SIF_Version>", "1/6"), (LARGE, "1/6"), (" ObjectName=\"StudentPersonal\"", "1/6")]
    {
        assert_eq!(asked(&mut bench, "", &whole.replace(part, "")), code, "{part}");
    }
    assert_eq!(asked(&mut bench, "", &whole.replace("2.*", "two")), "1/4");
}

#[test]
fn a_request_that_the_responder_cannot_take_is_answered_by_the_zone() {
    let mut bench = Bench::of(&["Library", "Clerk"]);
    bench.subscribe("Clerk", "SIF_LogEntry");
    assert_eq!(bench.send("SIF_Register", "Sis", &registration("Sis", "1024", "2.*")), "0");
    bench.provide("Sis", "StudentPersonal");
    let many = "<SIF_Version>2.4</SIF_Version>".repeat(50) + &request("StudentPersonal");
    let id = bench.guid();
    assert_eq!(bench.send_as(&id, "SIF_Request", "Library", "", &many), "0");
    assert_eq!(bench.waiting("Sis"), 0);
    let (_, answer) = bench.get("Library").unwrap();
    assert_eq!(answer.value("SIF_RequestMsgId").as_deref(), Some(id.as_str()));
    assert_eq!(answer.value("SIF_MorePackets").as_deref(), Some("No"));
    assert_eq!(answer.value("SIF_Error/SIF_Category").as_deref(), Some("8"));
    let log = bench.drain("Clerk").remove(0);
    assert_eq!(log.value("SIF_ObjectData/SIF_EventObject/SIF_LogEntry/SIF_Code").as_deref(), Some("2"));
    assert!(bench.zone.requests().is_empty());
}

#[test]
fn a_request_that_asks_for_a_better_channel_is_answered_by_the_zone() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.provide("Sis", "StudentPersonal");
    let security = "<SIF_Security><SIF_SecureChannel><SIF_AuthenticationLevel>0</SIF_AuthenticationLevel>\
                    <SIF_EncryptionLevel>4</SIF_EncryptionLevel></SIF_SecureChannel></SIF_Security>";
    assert_eq!(asked(&mut bench, security, &request("StudentPersonal")), "0");
    let (_, answer) = bench.get("Library").unwrap();
    assert_eq!(error_of(&answer), "10/3");
}

#[test]
fn a_request_that_the_responder_refuses_is_answered_by_the_zone() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.provide("Sis", "StudentPersonal");
    let id = bench.request("Library");
    let (_, message) = bench.get("Sis").unwrap();
    assert_eq!(bench.ack("Sis", &message, "8/9"), "0");
    assert_eq!(bench.waiting("Sis"), 0);
    let (_, answer) = bench.get("Library").unwrap();
    assert_eq!(answer.value("SIF_Error/SIF_Code").as_deref(), Some("9"));
    assert_eq!(bench.respond("Sis", "Library", &id, 1, "No"), "8/10", "the responder's own answer comes too late");
}

#[test]
fn a_full_queue_of_the_responder_refuses_the_request() {
    let mut bench = Bench::with(|config| config.options.max_queue = 1);
    ["Sis", "Library"].iter().for_each(|agent| bench.register(agent));
    bench.provide("Sis", "StudentPersonal");
    bench.request("Library");
    assert_eq!(asked(&mut bench, "", &request("StudentPersonal")), "11/1");
    assert_eq!(bench.zone.requests().len(), 1);
}

#[test]
fn a_hidden_element_may_not_be_tested() {
    let mut bench = Bench::with(|config| {
        let elements = [("StudentPersonal".to_owned(), ["LocalId".to_owned()].into())].into();
        config.agents.insert("Library".to_owned(), AgentConfig { elements, ..agent("Library") });
    });
    ["Sis", "Library"].iter().for_each(|agent| bench.register(agent));
    bench.provide("Sis", "StudentPersonal");
    let with = |element: &str| {
        let condition = format!(
            "</SIF_QueryObject><SIF_ConditionGroup Type=\"None\"><SIF_Conditions Type=\"None\"><SIF_Condition>\
             <SIF_Element>{element}</SIF_Element><SIF_Operator>EQ</SIF_Operator><SIF_Value>17</SIF_Value></SIF_Condition>\
             </SIF_Conditions></SIF_ConditionGroup>"
        );
        request("StudentPersonal").replace("</SIF_QueryObject>", &condition)
    };
    assert_eq!(asked(&mut bench, "", &with("LocalId")), "0");
    assert_eq!(asked(&mut bench, "", &with("StateProvinceId")), "4/5");
}

#[test]
fn the_zone_answers_for_its_status_and_for_rights() {
    let mut bench = Bench::of(&["Library"]);
    for (object, root) in
        [("SIF_ZoneStatus", "SIF_ZoneStatus/@ZoneId"), ("SIF_AgentACL", "SIF_AgentACL/SIF_ProvideAccess")]
    {
        assert_eq!(asked(&mut bench, "", &request(object).replace("100000", "1000000")), "0");
        let answer = bench.drain("Library").remove(0);
        assert_eq!(answer.header.source_id, "Zone");
        assert_eq!(answer.header.destination_id.as_deref(), Some("Library"));
        assert!(answer.value(&format!("SIF_ObjectData/{root}")).is_some(), "{object}");
    }
    let directed = "<SIF_DestinationId>Zone</SIF_DestinationId>";
    assert_eq!(asked(&mut bench, directed, &request("SIF_ZoneStatus")), "0");
    assert_eq!(asked(&mut bench, directed, &request("StudentPersonal")), "8/4");
    assert_eq!(asked(&mut bench, "", &extended(["SIF_ZoneStatus"; 3], "")), "8/15");
    assert!(bench.zone.requests().is_empty());
}

#[test]
fn the_zone_evaluates_conditions_on_its_own_objects() {
    let mut bench = Bench::of(&["Library"]);
    let with = |element: &str, value: &str, inside: &str| {
        let condition = format!(
            "{inside}</SIF_QueryObject><SIF_ConditionGroup Type=\"None\"><SIF_Conditions Type=\"None\"><SIF_Condition>\
             <SIF_Element>{element}</SIF_Element><SIF_Operator>EQ</SIF_Operator><SIF_Value>{value}</SIF_Value></SIF_Condition>\
             </SIF_Conditions></SIF_ConditionGroup>"
        );
        request("SIF_ZoneStatus").replace("</SIF_QueryObject>", &condition)
    };
    assert_eq!(asked(&mut bench, "", &with("@ZoneId", "Zone", "<SIF_Element>SIF_Name</SIF_Element>")), "0");
    let answer = bench.drain("Library").remove(0);
    assert_eq!(answer.value("SIF_ObjectData/SIF_ZoneStatus/SIF_Name").as_deref(), Some("Zone"));
    assert_eq!(answer.value("SIF_ObjectData/SIF_ZoneStatus/SIF_SIFNodes"), None, "only what was asked for");
    assert_eq!(asked(&mut bench, "", &with("@ZoneId", "Elsewhere", "")), "0");
    let answer = bench.drain("Library").remove(0);
    assert_eq!(answer.value("SIF_ObjectData").as_deref(), Some(""), "nothing is found");
    assert_eq!(asked(&mut bench, "", &with("SIF_Name[", "Zone", "")), "0");
    let answer = bench.drain("Library").remove(0);
    assert_eq!(error_of(&answer), "8/9");
}

#[test]
fn an_object_of_the_zone_that_is_too_large_is_not_sent() {
    let mut bench = Bench::of(&["Library"]);
    assert_eq!(asked(&mut bench, "", &request("SIF_AgentACL").replace("100000", "2000")), "0");
    let answer = bench.drain("Library").remove(0);
    assert_eq!(error_of(&answer), "8/8");
}
