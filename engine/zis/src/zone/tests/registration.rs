//! 4.1 and 4.2: SIF_Register and SIF_Unregister.

use super::*;

fn register(bench: &mut Bench, agent: &str, body: &str) -> Said {
    bench.send("SIF_Register", agent, body)
}

#[test]
fn an_agent_registers_and_learns_its_rights() {
    let mut bench = Bench::new();
    let said = register(&mut bench, "Sis", &registration("SIS", "4096", "2.*"));
    assert_eq!(said, "0");
    let Some(AnswerData::AgentAcl(acl)) = said.data else { panic!("no rights") };
    assert!(acl.contains("<SIF_ProvideAccess><SIF_Object ObjectName=\"AccountingPeriod\">"), "{acl}");
    let view = bench.zone.agents().into_iter().find(|agent| agent.id == "Sis").unwrap();
    assert!(view.registered && view.approved);
    assert_eq!((view.name.as_deref(), view.buffer), (Some("SIS"), 4096));
}

#[test]
fn an_unknown_agent_is_refused_and_shown() {
    let mut bench = Bench::new();
    let said = register(&mut bench, "Stranger", &registration("Stranger", "4096", "2.*"));
    assert_eq!(said, "4/2");
    let view = bench.zone.agents().into_iter().find(|agent| agent.id == "Stranger").unwrap();
    assert!(!view.known && !view.approved && !view.registered);
    assert_eq!(view.asked_at, Some(bench.now.0));
    assert_eq!(bench.zone.status().asking, 1);
    let again = register(&mut bench, "Stranger", &registration("Stranger", "4096", "2.*"));
    assert!(again.step.changes.is_empty(), "who asks again and again makes no work");
}

#[test]
fn an_agent_that_is_approved_may_register() {
    let mut bench = Bench::with(|config| {
        config.agents.insert("New".to_owned(), AgentConfig { approved: false, ..agent("New") });
    });
    assert_eq!(register(&mut bench, "New", &registration("New", "4096", "2.*")), "4/2");
    let step = bench.zone.approve("New", true, bench.now).unwrap();
    bench.keep(&step);
    assert_eq!(register(&mut bench, "New", &registration("New", "4096", "2.*")), "0");
}

#[test]
fn strangers_are_remembered_up_to_a_bound() {
    let mut bench = Bench::new();
    for number in 0..1100 {
        assert_eq!(register(&mut bench, &format!("S{number}"), &registration("S", "4096", "2.*")), "4/2");
    }
    assert_eq!(bench.zone.status().asking, 1000);
}

#[test]
fn a_zone_may_take_everybody_without_rights() {
    let mut bench = Bench::with(|config| config.options.accept_unknown_agents = true);
    let said = register(&mut bench, "Stranger", &registration("Stranger", "4096", "2.*"));
    assert_eq!(said, "0");
    let Some(AnswerData::AgentAcl(acl)) = said.data else { panic!("no rights") };
    assert!(acl.contains("<SIF_ProvideAccess></SIF_ProvideAccess>"));
    assert_eq!(bench.event("Stranger"), "4/10");
}

#[test]
fn an_id_that_no_agent_may_have_is_refused() {
    let mut bench = Bench::with(|config| config.options.accept_unknown_agents = true);
    assert_eq!(register(&mut bench, "Zone", &registration("Zone", "4096", "2.*")), "5/2");
    bench.zone.config.options.validate = false;
    assert_eq!(register(&mut bench, &"x".repeat(65), &registration("x", "4096", "2.*")), "5/2");
}

#[test]
fn a_version_must_be_common() {
    for (version, code) in [
        ("2.*", "0"),
        ("*", "0"),
        ("2.0r1", "0"),
        ("2.0r*", "0"),
        ("2.4", "0"),
        ("1.*", "5/4"),
        ("3.*", "5/4"),
        ("2.4r1", "5/4"),
    ] {
        let mut bench = Bench::new();
        assert_eq!(register(&mut bench, "Sis", &registration("SIS", "4096", version)), code, "{version}");
    }
    let mut bench = Bench::new();
    assert_eq!(register(&mut bench, "Sis", &registration("SIS", "4096", "*").replace(">*<", ">two<")), "1/4");
}

#[test]
fn a_buffer_that_is_too_small_is_refused() {
    let mut bench = Bench::new();
    assert_eq!(register(&mut bench, "Sis", &registration("SIS", "1023", "2.*")), "5/6");
    assert_eq!(register(&mut bench, "Sis", &registration("SIS", "1024", "2.*")), "0");
    assert_eq!(register(&mut bench, "Sis", &registration("SIS", "much", "2.*")), "1/4");
}

#[test]
fn push_mode_needs_an_address() {
    let mut bench = Bench::new();
    let push = registration("SIS", "4096", "2.*").replace("Pull", "Push");
    assert_eq!(register(&mut bench, "Sis", &push), "1/6");
    let protocol = "<SIF_Protocol Type=\"HTTP\" Secure=\"No\"></SIF_Protocol>";
    assert_eq!(register(&mut bench, "Sis", &format!("{push}{protocol}")), "1/6");
}

#[test]
fn protocols_other_than_http_are_refused() {
    let mut bench = Bench::new();
    let good = push_registration("SIS", "http://agents.test/sif");
    assert_eq!(register(&mut bench, "Sis", &good.replace("\"HTTP\"", "\"SMTP\"")), "5/3");
    assert_eq!(register(&mut bench, "Sis", &good.replace("\"HTTP\"", "\"HTTPS\"")), "5/3", "the address is not secure");
    assert_eq!(register(&mut bench, "Sis", &good), "0");
}

#[test]
fn addresses_that_the_zone_does_not_allow_are_refused() {
    let mut bench = Bench::new();
    assert_eq!(register(&mut bench, "Sis", &push_registration("SIS", "http://169.254.169.254/latest")), "5/1");
    let mut bench = Bench::with(|config| {
        config.agents.get_mut("Sis").unwrap().url = Some("http://sis.test:8080/a".to_owned());
    });
    assert_eq!(register(&mut bench, "Sis", &push_registration("SIS", "http://agents.test/sif")), "5/1");
    assert_eq!(register(&mut bench, "Sis", &push_registration("SIS", "http://sis.test:8080/a")), "0");
}

#[test]
fn a_mode_that_is_not_the_agents_is_refused() {
    let mut bench = Bench::with(|config| config.agents.get_mut("Sis").unwrap().mode = Some(crate::Mode::Pull));
    assert_eq!(register(&mut bench, "Sis", &push_registration("SIS", "http://agents.test/sif")), "5/1");
    bench.register("Sis");
}

#[test]
fn a_secure_zone_takes_only_secure_agents() {
    let mut bench = Bench::with(|config| config.options.require_secure = true);
    assert_eq!(register(&mut bench, "Sis", &registration("SIS", "4096", "2.*")), "5/7");
    bench.channel.secure = true;
    assert_eq!(register(&mut bench, "Sis", &registration("SIS", "4096", "2.*")), "0");
    assert_eq!(register(&mut bench, "Sis", &push_registration("SIS", "http://agents.test/sif")), "5/7");
    assert_eq!(register(&mut bench, "Sis", &push_registration("SIS", "https://agents.test/sif")), "0");
}

#[test]
fn an_encoding_must_be_one_that_can_be_sent() {
    let property = |value: &str| {
        let property = format!(
            "<SIF_Property><SIF_Name>Accept-Encoding</SIF_Name><SIF_Value>{value}</SIF_Value></SIF_Property></SIF_Protocol>"
        );
        push_registration("SIS", "http://agents.test/sif").replace("</SIF_Protocol>", &property)
    };
    let mut bench = Bench::new();
    assert_eq!(register(&mut bench, "Sis", &property("compress, *;q=0")), "5/10");
    assert_eq!(register(&mut bench, "Sis", &property("gzip;q=1.0, identity;q=0.5, *;q=0")), "0");
    assert!(bench.zone.push_target("Sis").unwrap().accept_gzip);
    assert_eq!(register(&mut bench, "Sis", &property("identity")), "0");
    assert!(!bench.zone.push_target("Sis").unwrap().accept_gzip);
}

#[test]
fn registering_again_keeps_what_there_is_and_wakes() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.subscribe("Library", "StudentPersonal");
    bench.event("Sis");
    bench.event("Sis");
    let (number, first) = bench.get("Library").unwrap();
    assert_eq!(bench.ack("Library", &first, "2"), "0");
    assert_eq!(bench.control("Library", "<SIF_Sleep></SIF_Sleep>"), "0");
    bench.register("Library");
    let (again, _) = bench.get("Library").expect("awake, and not blocked");
    assert_eq!(again, number);
    assert_eq!(bench.waiting("Library"), 2);
    bench.event("Sis");
    assert_eq!(bench.waiting("Library"), 3, "the subscription is there");
}

#[test]
fn what_does_not_fit_after_registering_again_is_a_dead_letter() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.subscribe("Library", "StudentPersonal");
    let large = STUDENT.replace("></", &format!("><LocalId>{}</LocalId></", "1".repeat(3000)));
    assert_eq!(bench.send("SIF_Event", "Sis", &event("StudentPersonal", "Add", &large)), "0");
    bench.event("Sis");
    assert_eq!(register(&mut bench, "Library", &registration("Library", "2000", "2.*")), "0");
    assert_eq!(bench.waiting("Library"), 1);
    assert_eq!(bench.memory.dead.len(), 1);
}

#[test]
fn unregistering_takes_everything_away() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.provide("Sis", "StudentPersonal");
    bench.subscribe("Library", "StudentPersonal");
    bench.event("Sis");
    assert_eq!(bench.send("SIF_Unregister", "Library", ""), "0");
    assert!(bench.memory.queues["Library"].is_empty());
    assert_eq!(bench.control("Library", "<SIF_Ping></SIF_Ping>"), "4/9");
    bench.register("Library");
    bench.event("Sis");
    assert!(bench.get("Library").is_none(), "neither queue nor subscription come back");
    assert_eq!(bench.send("SIF_Unregister", "Sis", ""), "0");
    bench.provide("Library", "StudentPersonal");
}

#[test]
fn requests_of_an_agent_that_left_are_closed() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.provide("Sis", "StudentPersonal");
    let id = bench.request("Library");
    bench.send("SIF_Unregister", "Library", "");
    assert_eq!(bench.respond("Sis", "Library", &id, 1, "No"), "8/10");
    assert_eq!(bench.waiting("Sis"), 0, "nobody waits for the answer");
}

#[test]
fn requests_to_an_agent_that_left_are_answered() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.provide("Sis", "StudentPersonal");
    let id = bench.request("Library");
    bench.send("SIF_Unregister", "Sis", "");
    let (_, answer) = bench.get("Library").unwrap();
    assert_eq!(answer.value("SIF_RequestMsgId"), Some(id));
    assert_eq!(answer.value("SIF_Error/SIF_Code").as_deref(), Some("4"));
}
