//! 4.3 and 4.4: SIF_Provision, SIF_Provide, SIF_Unprovide, SIF_Subscribe, SIF_Unsubscribe.

use super::*;

const LISTS: [&str; 7] = [
    "SIF_ProvideObjects",
    "SIF_SubscribeObjects",
    "SIF_PublishAddObjects",
    "SIF_PublishChangeObjects",
    "SIF_PublishDeleteObjects",
    "SIF_RequestObjects",
    "SIF_RespondObjects",
];

/// SIF_Provision with items in some of its lists.
fn provision(items: &[(&str, &str)], services: &str) -> String {
    let list = |name: &str| {
        let items: String = items.iter().filter(|(own, _)| *own == name).map(|(_, items)| *items).collect();
        format!("<{name}>{items}</{name}>")
    };
    LISTS.iter().map(|name| list(name)).collect::<String>() + services
}

fn object(name: &str, inside: &str) -> String {
    format!("<SIF_Object ObjectName=\"{name}\">{inside}</SIF_Object>")
}

#[test]
fn a_provision_takes_the_place_of_the_one_before() {
    let mut bench = Bench::of(&["Sis"]);
    let first = provision(
        &[("SIF_ProvideObjects", &object("StudentPersonal", "")), ("SIF_SubscribeObjects", &object("SchoolInfo", ""))],
        "",
    );
    assert_eq!(bench.send("SIF_Provision", "Sis", &first), "0");
    assert_eq!(bench.zone.provider("StudentPersonal", "SIF_Default"), Some("Sis"));
    let second = provision(&[("SIF_ProvideObjects", &object("SchoolInfo", &contexts(&["SIF_Default", "Other"])))], "");
    assert_eq!(bench.send("SIF_Provision", "Sis", &second), "0");
    assert_eq!(bench.zone.provider("StudentPersonal", "SIF_Default"), None);
    assert_eq!(bench.zone.provider("SchoolInfo", "Other"), Some("Sis"));
    assert!(bench.zone.subscribers_of("SchoolInfo", &["SIF_Default"]).is_empty());
}

#[test]
fn a_provision_is_taken_whole_or_not_at_all() {
    let mut bench = Bench::of(&["Sis"]);
    bench.provide("Sis", "SchoolInfo");
    let before = bench.memory.records.clone();
    let bad = provision(
        &[("SIF_ProvideObjects", &object("StudentPersonal", "")), ("SIF_SubscribeObjects", &object("Nonsense", ""))],
        "",
    );
    assert_eq!(bench.send("SIF_Provision", "Sis", &bad), "7/3");
    assert_eq!(bench.memory.records, before);
    assert_eq!(bench.zone.provider("StudentPersonal", "SIF_Default"), None);
    assert_eq!(bench.zone.provider("SchoolInfo", "SIF_Default"), Some("Sis"));
}

#[test]
fn each_list_needs_its_right() {
    let codes = ["4/3", "4/4", "4/10", "4/11", "4/12", "4/5", "4/6"];
    for ((list, right), code) in LISTS.into_iter().zip(Right::ALL).zip(codes) {
        let others: Vec<Right> = Right::ALL.into_iter().filter(|own| *own != right).collect();
        let mut bench = Bench::with(|config| {
            config.agents.insert("Poor".to_owned(), poor("Poor", "StudentPersonal", &others));
            config.agents.insert("Rich".to_owned(), poor("Rich", "StudentPersonal", &[right]));
        });
        bench.register("Poor");
        bench.register("Rich");
        let body = provision(&[(list, &object("StudentPersonal", ""))], "");
        assert_eq!(bench.send("SIF_Provision", "Poor", &body), code, "{list}");
        assert_eq!(bench.send("SIF_Provision", "Rich", &body), "0", "{list}");
    }
}

#[test]
fn a_right_for_an_object_wins_over_that_for_all() {
    let mut bench = Bench::with(|config| {
        let rights = &mut config.agents.get_mut("Sis").unwrap().rights;
        rights.insert("SchoolInfo".to_owned(), [Right::Request].into());
    });
    bench.register("Sis");
    assert_eq!(bench.send("SIF_Provide", "Sis", &object("SchoolInfo", "")), "4/3");
    assert_eq!(bench.send("SIF_Provide", "Sis", &object("StudentPersonal", "")), "0");
}

#[test]
fn services_of_a_provision_need_their_rights() {
    let service = "<SIF_Service ServiceName=\"serviceSREBroker\"></SIF_Service>";
    let lists = [
        ("SIF_ProvideService", "4/15"),
        ("SIF_RespondService", "4/15"),
        ("SIF_RequestService", "4/14"),
        ("SIF_SubscribeService", "4/13"),
    ];
    for (list, code) in lists {
        let mut bench = Bench::with(|config| {
            config.agents.insert("Poor".to_owned(), poor("Poor", "StudentPersonal", &[]));
        });
        bench.register("Poor");
        bench.register("Sis");
        let body = provision(&[], &format!("<{list}>{service}</{list}>"));
        assert_eq!(bench.send("SIF_Provision", "Poor", &body), code, "{list}");
        assert_eq!(bench.send("SIF_Provision", "Sis", &body), "0", "{list}");
    }
    let mut bench = Bench::of(&["Sis", "Library"]);
    let provide = provision(&[], &format!("<SIF_ProvideService>{service}</SIF_ProvideService>"));
    assert_eq!(bench.send("SIF_Provision", "Sis", &provide), "0");
    assert_eq!(bench.send("SIF_Provision", "Library", &provide), "6/4");
    let unknown = provide.replace("serviceSREBroker", "serviceOfNobody");
    assert_eq!(bench.send("SIF_Provision", "Sis", &unknown), "14/2");
    let context = provide.replace("\"></SIF_Service>", &format!("\">{}</SIF_Service>", contexts(&["Nowhere"])));
    assert_eq!(bench.send("SIF_Provision", "Sis", &context), "12/4");
    bench.version = "2.5";
    assert_eq!(bench.send("SIF_Provision", "Sis", &unknown), "0", "from 2.5 on any name may be used");
}

#[test]
fn an_unknown_object_is_refused() {
    let mut bench = Bench::of(&["Sis"]);
    for (kind, code) in [("SIF_Provide", "6/3"), ("SIF_Subscribe", "7/3")] {
        assert_eq!(bench.send(kind, "Sis", &object("Nonsense", "")), code);
    }
    assert_eq!(bench.send("SIF_Subscribe", "Sis", &object("StudentLocator", "")), "7/3", "it has no events");
    bench.version = "2.5";
    for kind in ["SIF_Provide", "SIF_Subscribe"] {
        assert_eq!(bench.send(kind, "Sis", &object("Nonsense", "")), "0", "from 2.5 on any name may be used");
    }
}

#[test]
fn an_unknown_context_is_refused() {
    let mut bench = Bench::of(&["Sis"]);
    for kind in ["SIF_Provide", "SIF_Subscribe"] {
        assert_eq!(bench.send(kind, "Sis", &object("SchoolInfo", &contexts(&["SIF_Default", "Nowhere"]))), "12/4");
    }
    assert_eq!(bench.zone.provider("SchoolInfo", "SIF_Default"), None);
}

#[test]
fn rights_hold_in_the_contexts_of_the_agent() {
    let mut bench = Bench::with(|config| {
        config.agents.insert("Sis".to_owned(), AgentConfig { contexts: vec!["Other".to_owned()], ..agent("Sis") });
        config.agents.insert("Library".to_owned(), AgentConfig { contexts: Vec::new(), ..agent("Library") });
    });
    bench.register("Sis");
    bench.register("Library");
    assert_eq!(bench.send("SIF_Provide", "Sis", &object("SchoolInfo", "")), "4/3");
    assert_eq!(bench.send("SIF_Provide", "Sis", &object("SchoolInfo", &contexts(&["Other"]))), "0");
    assert_eq!(bench.send("SIF_Subscribe", "Library", &object("SchoolInfo", &contexts(&["Other"]))), "4/4");
    assert_eq!(bench.send("SIF_Subscribe", "Library", &object("SchoolInfo", "")), "0", "none means the default one");
}

#[test]
fn an_object_has_one_provider_in_a_context() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.provide("Sis", "StudentPersonal");
    bench.provide("Sis", "StudentPersonal");
    assert_eq!(bench.send("SIF_Provide", "Library", &object("StudentPersonal", "")), "6/4");
    assert_eq!(bench.send("SIF_Provide", "Library", &object("StudentPersonal", &contexts(&["Other"]))), "0");
    let both = object("SchoolInfo", "") + &object("StudentPersonal", "");
    assert_eq!(bench.send("SIF_Provide", "Library", &both), "6/4");
    assert_eq!(bench.zone.provider("SchoolInfo", "SIF_Default"), None, "all or nothing");
    let body = provision(&[("SIF_ProvideObjects", &object("StudentPersonal", ""))], "");
    assert_eq!(bench.send("SIF_Provision", "Library", &body), "6/4");
}

#[test]
fn nobody_else_provides_what_the_zone_provides() {
    let mut bench = Bench::of(&["Sis"]);
    assert_eq!(bench.send("SIF_Provide", "Sis", &object("SIF_ZoneStatus", "")), "4/3");
    let status = event("SIF_ZoneStatus", "Change", "<SIF_ZoneStatus ZoneId=\"Zone\"></SIF_ZoneStatus>");
    assert_eq!(bench.send("SIF_Event", "Sis", &status), "4/11", "nor reports it");
}

#[test]
fn giving_up_what_one_does_not_have_is_no_fault() {
    let mut bench = Bench::of(&["Sis"]);
    for kind in ["SIF_Unprovide", "SIF_Unsubscribe"] {
        let said = bench.send(kind, "Sis", &object("StudentPersonal", ""));
        assert_eq!(said, "0", "{kind}");
    }
}

#[test]
fn unproviding_stops_new_requests_only() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    assert_eq!(bench.send("SIF_Provide", "Sis", &object("StudentPersonal", &contexts(&["SIF_Default", "Other"]))), "0");
    let id = bench.request("Library");
    assert_eq!(bench.send("SIF_Unprovide", "Sis", &object("StudentPersonal", "")), "0");
    assert_eq!(bench.send("SIF_Request", "Library", &request("StudentPersonal")), "8/4");
    assert_eq!(bench.get("Sis").unwrap().1.header.message_id, id);
    assert_eq!(bench.respond("Sis", "Library", &id, 1, "No"), "0");
    assert_eq!(bench.zone.provider("StudentPersonal", "Other"), Some("Sis"), "the other context is left");
}

#[test]
fn events_that_wait_are_delivered_after_unsubscribing() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.subscribe("Library", "StudentPersonal");
    bench.subscribe("Library", "StudentPersonal");
    bench.event("Sis");
    assert_eq!(bench.send("SIF_Unsubscribe", "Library", &object("StudentPersonal", "")), "0");
    bench.event("Sis");
    assert_eq!(bench.drain("Library").len(), 1);
}

#[test]
fn a_message_without_objects_is_refused() {
    let mut bench = Bench::of(&["Sis"]);
    for kind in ["SIF_Provide", "SIF_Unprovide", "SIF_Subscribe", "SIF_Unsubscribe"] {
        assert_eq!(bench.send(kind, "Sis", ""), "1/6", "{kind}");
    }
}
