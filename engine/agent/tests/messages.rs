//! Every message that an agent writes is valid by the standard's own schema, which another program checks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use agent::{
    Action, Agent, Body, Condition, Conditions, Control, Delivered, Event, Group, Notify, Offered, OfferedService,
    Packet, Provision, Query, Question, Registration, Request,
};
use sif::message::{Outcome, Security, Status, Version, VersionPattern, error};
use support::{Script, read};

const REF_ID: &str = "<SchoolInfo RefId=\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"/>";

fn offered() -> Vec<Offered> {
    let contexts = vec!["SIF_Default".to_owned(), "Special".to_owned()];
    vec![Offered { extended_query: true, contexts, ..Offered::new("SchoolInfo") }, Offered::new("LEAInfo")]
}

fn conditions() -> Query {
    let both =
        vec![Condition::parse("Name/LastName EQ O'Neil & <Sons>").unwrap(), Condition::parse("@RefId ge A").unwrap()];
    let one = vec![Condition::parse("StateProvinceId ne 5").unwrap()];
    let mut query = Query::new("StudentPersonal").such_that(Group::And, both);
    query.conditions.push(Conditions { group: Group::And, conditions: one });
    query.group = Group::Or;
    query.elements = vec!["Name/FirstName".to_owned(), "@RefId".to_owned()];
    query
}

const EXTENDED: &str = "<SIF_ExtendedQuery><SIF_Select Distinct=\"false\" RowCount=\"All\">\
    <SIF_Element ObjectName=\"SchoolInfo\">SchoolName</SIF_Element></SIF_Select><SIF_From ObjectName=\"SchoolInfo\"/>\
    </SIF_ExtendedQuery>";

async fn all(script: &Arc<Script>) {
    let agent = Agent::new("Library", Arc::<Script>::clone(script))
        .with_security(Security { authentication: 1, encryption: 2 });
    let mut registration = Registration::push("The library", "https://library.example.org/sif?a=1&b=2");
    registration.versions =
        ["*", "2.*", "2.0r*", "2.4"].iter().map(|text| VersionPattern::parse(text).unwrap()).collect();
    agent.register(&registration).await.unwrap();
    agent.register(&Registration::pull("The library")).await.unwrap();
    agent.unregister().await.unwrap();
    let service = OfferedService {
        service: "serviceAgencyStudentIdRequest".to_owned(),
        contexts: vec!["SIF_Default".to_owned()],
        operations: vec!["RequestIdentifier".to_owned()],
    };
    let provision = Provision {
        provide: offered(),
        subscribe: offered(),
        publish_add: offered(),
        publish_change: offered(),
        publish_delete: offered(),
        request: offered(),
        respond: offered(),
        provide_services: vec![service.clone()],
        respond_services: vec![service.clone()],
        request_services: vec![service.clone()],
        subscribe_services: vec![service],
    };
    agent.provision(&provision).await.unwrap();
    agent.provision(&Provision::default()).await.unwrap();
    agent.provide(&offered()).await.unwrap();
    agent.unprovide(&offered()).await.unwrap();
    agent.subscribe(&offered()).await.unwrap();
    agent.unsubscribe(&offered()).await.unwrap();
    for action in [Action::Add, Action::Change, Action::Delete] {
        let mut event = Event::new("SchoolInfo", action, REF_ID);
        event.contexts = vec!["SIF_Default".to_owned(), "Special".to_owned()];
        agent.publish(&event).await.unwrap();
    }
    let mut request = Request::of(conditions());
    request.destination = Some("Sis".to_owned());
    agent.request(&request).await.unwrap();
    agent.request(&Request::of(Query::new("SchoolInfo"))).await.unwrap();
    agent.request(&Request::asking(Question::Extended(EXTENDED.to_owned()))).await.unwrap();
    let results = "<SIF_ExtendedQueryResults><SIF_ColumnHeaders><SIF_Element ObjectName=\"SchoolInfo\">SchoolName\
        </SIF_Element></SIF_ColumnHeaders><SIF_Rows><R><C>Cedar</C></R></SIF_Rows></SIF_ExtendedQueryResults>";
    let refused = Body::Error {
        code: error::UNSUPPORTED_QUERY,
        description: "x".repeat(2000),
        extended: Some("more".to_owned()),
    };
    for body in
        [Body::Objects(String::new()), Body::Objects(REF_ID.repeat(2)), Body::Results(results.to_owned()), refused]
    {
        agent.respond(&Packet::only("C".repeat(32), "Library", body)).await.unwrap();
    }
    let delivered = Delivered::new("Other", "B".repeat(32));
    agent.acknowledge(&delivered, &Outcome::Status(Status::Final)).await.unwrap();
    agent.acknowledge(&delivered, &Outcome::error(error::TRANSPORT)).await.unwrap();
    let unread = Delivered { source_id: None, message_id: None };
    agent.acknowledge(&unread, &Outcome::error(error::XML_GENERIC)).await.unwrap();
    let ids = vec!["D".repeat(32), "E".repeat(32)];
    for control in [
        Control::Ping,
        Control::Sleep,
        Control::Wakeup,
        Control::GetMessage,
        Control::GetZoneStatus,
        Control::GetAgentAcl,
        Control::CancelRequests(Notify::Standard, ids.clone()),
        Control::CancelServiceInputs(Notify::None, ids),
    ] {
        agent.control(&control).await.unwrap();
    }
}

#[tokio::test]
async fn every_message_is_valid() {
    let script = Script::of([]);
    all(&script).await;
    let sent = script.sent.lock().unwrap().clone();
    assert_eq!(sent.len(), 30);
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (at, document) in sent.iter().enumerate() {
        let kind = read(document).kind.name();
        let file = folder.path().join(format!("{at:02}-{kind}.xml"));
        std::fs::write(&file, document).unwrap();
        files.push(file);
    }
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/sif24/SIF_Message.xsd.xml");
    if !schema.exists() {
        return skip("there is no folder ../shared");
    }
    match Command::new("xmllint").arg("--noout").arg("--schema").arg(&schema).args(&files).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => skip("xmllint is not installed"),
    }
}

fn skip(why: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "on CI nothing may be skipped: {why}");
    println!("skipped: {why}");
}

#[tokio::test]
async fn versions_decide_what_is_written() {
    let script = Script::of([]);
    let agent = Agent::new("Library", Arc::<Script>::clone(&script)).with_version(Version::parse("2.0r1").unwrap());
    agent.register(&Registration::push("Library", "http://library/")).await.unwrap();
    let service = OfferedService { service: "serviceX".to_owned(), ..OfferedService::default() };
    agent.provision(&Provision { provide_services: vec![service], ..Provision::default() }).await.unwrap();
    let sent = script.messages();
    assert_eq!(sent[0].version.to_string(), "2.0r1");
    assert_eq!(sent[0].value("SIF_Protocol/SIF_URL").as_deref(), Some("http://library/"));
    assert_eq!(sent[0].value("SIF_Protocol/SIF_Property/SIF_Name"), None);
    assert!(sent[1].body().at("SIF_ProvideService").is_empty());
}

#[tokio::test]
async fn ids_and_times_can_be_fixed() {
    let script = Script::of([]);
    let moment = chrono::DateTime::from_timestamp_millis(1_770_019_200_123).unwrap();
    let agent = Agent::new("Library", Arc::<Script>::clone(&script))
        .with_ids(Arc::new(|| "7".repeat(32)))
        .with_clock(Arc::new(move || moment));
    agent.ping().await.unwrap();
    let mut event = Event::new("SchoolInfo", Action::Add, REF_ID);
    event.message_id = Some("8".repeat(32));
    agent.publish(&event).await.unwrap();
    let sent = script.messages();
    assert_eq!(
        (sent[0].header.message_id.as_str(), sent[1].header.message_id.as_str()),
        (&*"7".repeat(32), &*"8".repeat(32))
    );
    assert_eq!(sent[0].header.timestamp, "2026-02-02T08:00:00.123Z");
}
