//! 4.12: services.

use super::*;

const SERVICE: &str = "serviceSREBroker";

/// SIF_ServiceInput's content.
pub fn input(id: &str, packet: u64, more: &str, inside: &str) -> String {
    let first =
        if packet == 1 { "<SIF_Version>2.*</SIF_Version><SIF_MaxBufferSize>100000</SIF_MaxBufferSize>" } else { "" };
    format!(
        "<SIF_Service>{SERVICE}</SIF_Service><SIF_Operation>GetRecordExchange</SIF_Operation>\
         <SIF_ServiceMsgId>{id}</SIF_ServiceMsgId>{first}<SIF_PacketNumber>{packet}</SIF_PacketNumber>\
         <SIF_MorePackets>{more}</SIF_MorePackets><SIF_Body><GetRecordExchange>{inside}</GetRecordExchange></SIF_Body>"
    )
}

fn send_input(bench: &mut Bench, id: &str, packet: u64, more: &str) -> Said {
    bench.send("SIF_ServiceInput", "Library", &input(id, packet, more, ""))
}

pub fn output(bench: &mut Bench, from: &str, to: &str, id: &str, packet: u64, more: &str) -> Said {
    let message = bench.guid();
    let header = format!("<SIF_DestinationId>{to}</SIF_DestinationId>");
    let body = format!(
        "<SIF_ServiceMsgId>{id}</SIF_ServiceMsgId><SIF_PacketNumber>{packet}</SIF_PacketNumber>\
         <SIF_MorePackets>{more}</SIF_MorePackets><SIF_Body><GetRecordExchangeResponse></GetRecordExchangeResponse></SIF_Body>"
    );
    bench.send_as(&message, "SIF_ServiceOutput", from, &header, &body)
}

/// Whatever came of it.
pub fn announce(bench: &mut Bench, agent: &str) {
    bench.send("SIF_Provision", agent, &provision("SIF_ProvideService", SERVICE));
}

fn provision(list: &str, service: &str) -> String {
    let names = ["Provide", "Subscribe", "PublishAdd", "PublishChange", "PublishDelete", "Request", "Respond"];
    let lists: String = names.iter().map(|name| format!("<SIF_{name}Objects></SIF_{name}Objects>")).collect();
    let list = format!("<{list}><SIF_Service ServiceName=\"{service}\"></SIF_Service></{list}>");
    lists + &list
}

fn provides(bench: &mut Bench, agent: &str, list: &str, service: &str) {
    assert_eq!(bench.send("SIF_Provision", agent, &provision(list, service)), "0");
}

/// Sis provides the service, Clerk gets log entries.
fn provided() -> Bench {
    let mut bench = Bench::of(&["Sis", "Library", "Food", "Clerk"]);
    provides(&mut bench, "Sis", "SIF_ProvideService", SERVICE);
    bench.subscribe("Clerk", "SIF_LogEntry");
    bench
}

/// The same, and Library has sent the whole input.
pub fn invoked() -> (Bench, String) {
    let mut bench = provided();
    let id = bench.guid();
    assert_eq!(send_input(&mut bench, &id, 1, "No"), "0");
    (bench, id)
}

fn error_of(message: &Message) -> String {
    let value = |path: &str| message.value(path).unwrap_or_default();
    format!("{}/{}", value("SIF_Error/SIF_Category"), value("SIF_Error/SIF_Code"))
}

#[test]
fn an_invocation_goes_there_and_back() {
    let mut bench = provided();
    let id = bench.guid();
    assert_eq!(send_input(&mut bench, &id, 1, "Yes"), "0");
    assert_eq!(send_input(&mut bench, &id, 2, "No"), "0");
    assert_eq!(bench.drain("Sis").len(), 2);
    assert_eq!(output(&mut bench, "Sis", "Library", &id, 1, "Yes"), "0");
    assert_eq!(output(&mut bench, "Sis", "Library", &id, 2, "No"), "0");
    assert_eq!(bench.drain("Library").len(), 2);
    assert_eq!(output(&mut bench, "Sis", "Library", &id, 3, "No"), "14/8", "it is over");
}

#[test]
fn an_invoker_needs_the_right() {
    let mut bench = Bench::with(|config| {
        config.agents.insert("Library".to_owned(), poor("Library", "*", &Right::ALL));
    });
    ["Sis", "Library"].iter().for_each(|agent| bench.register(agent));
    provides(&mut bench, "Sis", "SIF_ProvideService", SERVICE);
    let id = bench.guid();
    assert_eq!(send_input(&mut bench, &id, 1, "No"), "14/16");
}

#[test]
fn unknown_services_and_operations_are_refused() {
    let mut bench = provided();
    let id = bench.guid();
    let whole = input(&id, 1, "No", "");
    assert_eq!(bench.send("SIF_ServiceInput", "Library", &whole.replace(SERVICE, "serviceOfNobody")), "14/2");
    let other = whole.replace("GetRecordExchange<", "Dance<").replace("GetRecordExchange>", "Dance>");
    assert_eq!(bench.send("SIF_ServiceInput", "Library", &other), "14/6");
}

#[test]
fn packets_of_an_input_come_in_order() {
    let mut bench = provided();
    let id = bench.guid();
    assert_eq!(send_input(&mut bench, &id, 2, "No"), "14/10");
    assert_eq!(send_input(&mut bench, &id, 1, "Yes"), "0");
    let said = send_input(&mut bench, &id, 3, "No");
    assert_eq!(said, "14/10");
    assert_eq!(said.extended, "got packet 3, expected packet 2");
    assert_eq!(send_input(&mut bench, &id, 2, "No"), "0");
    assert_eq!(send_input(&mut bench, &id, 3, "No"), "14/10", "the last one has come");
}

#[test]
fn a_service_needs_a_provider() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    let id = bench.guid();
    assert_eq!(send_input(&mut bench, &id, 1, "No"), "14/3");
    let directed = |bench: &mut Bench, to: &str| {
        let (message, id) = (bench.guid(), bench.guid());
        let header = format!("<SIF_DestinationId>{to}</SIF_DestinationId>");
        bench.send_as(&message, "SIF_ServiceInput", "Library", &header, &input(&id, 1, "No", ""))
    };
    assert_eq!(directed(&mut bench, "Nobody"), "14/3");
    assert_eq!(directed(&mut bench, "Sis"), "14/17");
    provides(&mut bench, "Sis", "SIF_RespondService", SERVICE);
    assert_eq!(directed(&mut bench, "Sis"), "0");
}

#[test]
fn a_provider_must_take_the_version() {
    let mut bench = Bench::of(&["Library"]);
    assert_eq!(bench.send("SIF_Register", "Sis", &registration("Sis", "100000", "2.5")), "0");
    provides(&mut bench, "Sis", "SIF_ProvideService", SERVICE);
    let id = bench.guid();
    assert_eq!(send_input(&mut bench, &id, 1, "No"), "14/4");
}

#[test]
fn an_input_says_what_output_it_wants() {
    let mut bench = provided();
    let id = bench.guid();
    let whole = input(&id, 1, "No", "");
    for part in ["<SIF_Version>2.*</SIF_Version>", "<SIF_MaxBufferSize>100000</SIF_MaxBufferSize>"] {
        assert_eq!(bench.send("SIF_ServiceInput", "Library", &whole.replace(part, "")), "1/6", "{part}");
    }
    assert_eq!(bench.send("SIF_ServiceInput", "Library", &whole.replace("100000", "1000001")), "14/1");
    assert_eq!(bench.send("SIF_ServiceInput", "Library", &whole), "0");
}

#[test]
fn the_id_of_anothers_invocation_is_refused() {
    let (mut bench, id) = invoked();
    assert_eq!(bench.send("SIF_ServiceInput", "Food", &input(&id, 2, "No", "")), "14/16");
}

#[test]
fn an_input_that_the_provider_cannot_take_ends_the_invocation() {
    let mut bench = provided();
    assert_eq!(bench.send("SIF_Register", "Sis", &registration("Sis", "1200", "2.*")), "0");
    let id = bench.guid();
    assert_eq!(send_input(&mut bench, &id, 1, "Yes"), "0");
    let large = input(&id, 2, "No", &"x".repeat(1000));
    assert_eq!(bench.send("SIF_ServiceInput", "Library", &large), "0");
    let got = bench.drain("Sis");
    assert_eq!(got.len(), 2);
    assert_eq!(error_of(&got[1]), "14/1");
    assert_eq!(got[1].value("SIF_PacketNumber").as_deref(), Some("3"));
    assert_eq!(got[1].value("SIF_Body"), None);
    assert_eq!(error_of(&bench.drain("Library")[0]), "14/1");
    let log = bench.drain("Clerk").remove(0);
    assert_eq!(log.value("SIF_ObjectData/SIF_EventObject/SIF_LogEntry/SIF_Code").as_deref(), Some("2"));
    assert_eq!(send_input(&mut bench, &id, 3, "No"), "14/10");
}

#[test]
fn an_output_is_of_an_open_invocation_and_its_provider() {
    let (mut bench, id) = invoked();
    let unknown = bench.guid();
    assert_eq!(output(&mut bench, "Sis", "Library", &unknown, 1, "No"), "14/8");
    assert_eq!(output(&mut bench, "Food", "Library", &id, 1, "No"), "14/17");
    assert_eq!(output(&mut bench, "Sis", "Library", &id, 2, "No"), "14/10");
    assert_eq!(output(&mut bench, "Sis", "Library", &id, 1, "No"), "0");
}

#[test]
fn an_output_needs_the_right() {
    let mut bench = Bench::with(|config| {
        config.agents.insert("Food".to_owned(), poor("Food", "*", &Right::ALL));
    });
    ["Food", "Library"].iter().for_each(|agent| bench.register(agent));
    let id = bench.guid();
    assert_eq!(output(&mut bench, "Food", "Library", &id, 1, "No"), "14/16");
}

#[test]
fn an_output_for_another_ends_the_invocation() {
    let (mut bench, id) = invoked();
    assert_eq!(output(&mut bench, "Sis", "Food", &id, 1, "No"), "14/12");
    assert_eq!(error_of(&bench.drain("Library")[0]), "14/12");
    let log = bench.drain("Clerk").remove(0);
    assert_eq!(log.value("SIF_ObjectData/SIF_EventObject/SIF_LogEntry/SIF_Code").as_deref(), Some("5"));
    assert_eq!(output(&mut bench, "Sis", "Library", &id, 1, "No"), "14/8");
}

#[test]
fn an_output_that_is_too_large_ends_the_invocation() {
    let mut bench = provided();
    let id = bench.guid();
    let small = input(&id, 1, "No", "").replace("100000", "300");
    assert_eq!(bench.send("SIF_ServiceInput", "Library", &small), "0");
    assert_eq!(output(&mut bench, "Sis", "Library", &id, 1, "No"), "14/9");
    assert_eq!(error_of(&bench.drain("Library")[0]), "14/9");
}

#[test]
fn an_output_in_a_version_that_was_not_asked_for_ends_the_invocation() {
    let (mut bench, id) = {
        let mut bench = provided();
        let id = bench.guid();
        let old = input(&id, 1, "No", "").replace("2.*", "2.5");
        assert_eq!(bench.send("SIF_ServiceInput", "Library", &old), "0");
        (bench, id)
    };
    assert_eq!(output(&mut bench, "Sis", "Library", &id, 1, "No"), "14/11");
    assert_eq!(error_of(&bench.drain("Library")[0]), "14/11");
}

#[test]
fn an_output_that_the_invoker_cannot_take_ends_the_invocation() {
    let (mut bench, id) = invoked();
    assert_eq!(bench.send("SIF_Register", "Library", &registration("Library", "100000", "2.5")), "0");
    assert_eq!(output(&mut bench, "Sis", "Library", &id, 1, "No"), "0");
    let told = bench.drain("Library").remove(0);
    assert_eq!(error_of(&told), "14/11");
    assert_eq!(told.value("SIF_PacketNumber").as_deref(), Some("2"));
}

#[test]
fn an_input_that_the_provider_refuses_is_told_to_the_invoker() {
    let (mut bench, _) = invoked();
    let (_, message) = bench.get("Sis").unwrap();
    assert_eq!(bench.ack("Sis", &message, "14/16"), "0");
    assert_eq!(error_of(&bench.drain("Library")[0]), "14/16");
}

fn notice(id: &str, packet: u64, more: &str) -> String {
    format!(
        "<SIF_Service>serviceAssessmentAdministration</SIF_Service><SIF_Operation>AdministrationScored</SIF_Operation>\
         <SIF_ServiceMsgId>{id}</SIF_ServiceMsgId><SIF_PacketNumber>{packet}</SIF_PacketNumber>\
         <SIF_MorePackets>{more}</SIF_MorePackets><SIF_Body><AdministrationScored></AdministrationScored></SIF_Body>"
    )
}

/// Sis provides the service that notifies, Library subscribes to it.
fn notified() -> Bench {
    let mut bench = Bench::of(&["Sis", "Library", "Food", "Clerk"]);
    provides(&mut bench, "Sis", "SIF_ProvideService", "serviceAssessmentAdministration");
    provides(&mut bench, "Library", "SIF_SubscribeService", "serviceAssessmentAdministration");
    bench.subscribe("Clerk", "SIF_LogEntry");
    bench
}

#[test]
fn a_notice_goes_to_its_subscribers() {
    let mut bench = notified();
    let id = bench.guid();
    assert_eq!(bench.send("SIF_ServiceNotify", "Sis", &notice(&id, 1, "Yes")), "0");
    assert_eq!(bench.send("SIF_ServiceNotify", "Sis", &notice(&id, 2, "No")), "0");
    assert_eq!((bench.waiting("Library"), bench.waiting("Food")), (2, 0));
}

#[test]
fn only_the_provider_notifies() {
    let mut bench = notified();
    let id = bench.guid();
    assert_eq!(bench.send("SIF_ServiceNotify", "Food", &notice(&id, 1, "No")), "4/15");
    let step = bench.zone.set_agent(poor("Food", "*", &Right::ALL), bench.now);
    bench.keep(&step);
    assert_eq!(bench.send("SIF_ServiceNotify", "Food", &notice(&id, 1, "No")), "14/16");
}

#[test]
fn a_notice_out_of_order_is_ended_for_its_subscribers() {
    let mut bench = notified();
    let id = bench.guid();
    assert_eq!(bench.send("SIF_ServiceNotify", "Sis", &notice(&id, 2, "No")), "14/10");
    assert_eq!(bench.waiting("Library"), 0, "nobody has the beginning of it");
    assert_eq!(bench.send("SIF_ServiceNotify", "Sis", &notice(&id, 1, "Yes")), "0");
    assert_eq!(bench.send("SIF_ServiceNotify", "Sis", &notice(&id, 3, "No")), "14/10");
    let got = bench.drain("Library");
    assert_eq!(got.len(), 2);
    assert_eq!((error_of(&got[1]), got[1].value("SIF_PacketNumber").as_deref()), ("14/10".to_owned(), Some("2")));
    assert_eq!(bench.drain("Clerk").len(), 1);
    assert_eq!(bench.send("SIF_ServiceNotify", "Sis", &notice(&id, 2, "No")), "14/10");
}

#[test]
fn a_notice_that_one_cannot_take_goes_to_the_others() {
    let mut bench = notified();
    assert_eq!(bench.send("SIF_Register", "Food", &registration("Food", "100000", "2.5")), "0");
    provides(&mut bench, "Food", "SIF_SubscribeService", "serviceAssessmentAdministration");
    let id = bench.guid();
    assert_eq!(bench.send("SIF_ServiceNotify", "Sis", &notice(&id, 1, "No")), "0");
    assert_eq!((bench.waiting("Library"), bench.waiting("Food")), (1, 0));
    let log = bench.drain("Clerk").remove(0);
    assert_eq!(log.value("SIF_ObjectData/SIF_EventObject/SIF_LogEntry/SIF_Code").as_deref(), Some("4"));
}
