//! 4.13 and 4.14: Change events of what the zone itself provides.

use super::*;

/// The objects of the Change events that wait for an agent, as text.
fn changes(bench: &mut Bench, agent: &str, object: &str) -> Vec<String> {
    let messages = bench.drain(agent);
    messages
        .iter()
        .map(|message| {
            assert_eq!(message.header.source_id, bench.zone.name());
            let text = String::from_utf8(message.document.to_vec()).unwrap();
            let event = format!("<SIF_EventObject ObjectName=\"{object}\" Action=\"Change\"><{object}");
            assert!(text.contains(&event), "{text}");
            text
        })
        .collect()
}

#[test]
fn subscribers_of_the_zones_status_hear_when_it_changes() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.subscribe("Library", "SIF_ZoneStatus");
    let told = changes(&mut bench, "Library", "SIF_ZoneStatus");
    assert!(matches!(&told[..], [one] if one.contains("<SIF_Subscriber SourceId=\"Library\">")), "{told:?}");

    bench.register("Food");
    let told = changes(&mut bench, "Library", "SIF_ZoneStatus");
    assert!(matches!(&told[..], [one] if one.contains("<SIF_SourceId>Food</SIF_SourceId>")), "{told:?}");
    bench.wait(5);
    bench.register("Food");
    assert_eq!(bench.waiting("Library"), 0, "it registered as it had before");
    assert_eq!(bench.send("SIF_Register", "Food", &registration("Kitchen", "1000000", "2.*")), "0");
    let told = changes(&mut bench, "Library", "SIF_ZoneStatus");
    assert!(matches!(&told[..], [one] if one.contains("<SIF_Name>Kitchen</SIF_Name>")), "{told:?}");

    bench.provide("Sis", "StudentPersonal");
    let told = changes(&mut bench, "Library", "SIF_ZoneStatus");
    assert!(matches!(&told[..], [one] if one.contains("<SIF_Provider SourceId=\"Sis\">")), "{told:?}");
    bench.provide("Sis", "StudentPersonal");
    assert_eq!(bench.waiting("Library"), 0, "nothing changed");

    assert_eq!(bench.send("SIF_Unregister", "Food", ""), "0");
    let told = changes(&mut bench, "Library", "SIF_ZoneStatus");
    assert!(matches!(&told[..], [one] if !one.contains("Food")), "{told:?}");
    assert_eq!(bench.waiting("Sis"), 0, "who does not subscribe hears nothing");
}

#[test]
fn what_an_administrator_changes_of_the_status_is_told_with_the_next_tick() {
    let mut bench = Bench::of(&["Food", "Library"]);
    bench.subscribe("Library", "SIF_ZoneStatus");
    bench.drain("Library");
    bench.wait(0);
    assert!(bench.zone.next_due(bench.now) > Some(bench.now), "nothing is due");
    let step = bench.zone.remove_agent("Food", None, bench.now).unwrap();
    bench.keep(&step);
    assert_eq!(bench.zone.next_due(bench.now), Some(bench.now));
    bench.wait(0);
    let told = changes(&mut bench, "Library", "SIF_ZoneStatus");
    assert!(matches!(&told[..], [one] if !one.contains("Food")), "{told:?}");
    bench.wait(1);
    assert_eq!(bench.waiting("Library"), 0, "once");
}

#[test]
fn the_status_has_the_version_of_each_subscriber() {
    let mut bench = Bench::of(&["Library"]);
    assert_eq!(bench.send("SIF_Register", "Food", &registration("Food", "1000000", "2.0")), "0");
    bench.subscribe("Library", "SIF_ZoneStatus");
    bench.subscribe("Food", "SIF_ZoneStatus");
    bench.drain("Library");
    bench.drain("Food");
    bench.register("Sis");
    let versions =
        |messages: Vec<Message>| messages.iter().map(|message| message.version.to_string()).collect::<Vec<_>>();
    assert_eq!(versions(bench.drain("Library")), ["2.4"]);
    assert_eq!(versions(bench.drain("Food")), ["2.0"]);
}

#[test]
fn an_agent_hears_of_its_own_rights_and_of_nobody_elses() {
    let mut bench = Bench::of(&["Library", "Food"]);
    bench.subscribe("Library", "SIF_AgentACL");
    bench.subscribe("Food", "SIF_AgentACL");
    let mut config = bench.zone.config().agents["Library"].clone();
    config.rights = BTreeMap::from([
        ("SIF_AgentACL".to_owned(), BTreeSet::from([Right::Subscribe])),
        ("BusInfo".to_owned(), BTreeSet::from([Right::Request])),
    ]);
    let step = bench.zone.set_agent(config.clone(), bench.now);
    bench.keep(&step);
    let told = changes(&mut bench, "Library", "SIF_AgentACL");
    let bus = "<SIF_RequestAccess><SIF_Object ObjectName=\"BusInfo\">";
    assert!(matches!(&told[..], [one] if one.contains(bus) && !one.contains("StudentPersonal")), "{told:?}");
    assert_eq!(bench.waiting("Food"), 0, "another agent's rights are no business of its");
    let step = bench.zone.set_agent(config, bench.now);
    bench.keep(&step);
    assert_eq!(bench.waiting("Library"), 0, "nothing changed");

    // The zone's file gives all rights again.
    let file = super::config(ZoneOptions::default());
    let step = bench.zone.configure(file, Vec::new(), bench.now);
    bench.keep(&step);
    let told = changes(&mut bench, "Library", "SIF_AgentACL");
    assert!(matches!(&told[..], [one] if one.contains("StudentPersonal")), "{told:?}");
    assert_eq!(bench.waiting("Food"), 0);

    let mut config = bench.zone.config().agents["Library"].clone();
    config.rights.clear();
    let step = bench.zone.set_agent(config, bench.now);
    bench.keep(&step);
    assert_eq!(bench.waiting("Library"), 0, "it may not subscribe any more");
}

#[test]
fn who_cannot_take_an_event_of_the_zone_is_left_out() {
    let mut bench = Bench::of(&["Library"]);
    assert_eq!(bench.send("SIF_Register", "Food", &registration("Food", "1024", "2.*")), "0");
    bench.subscribe("Library", "SIF_ZoneStatus");
    bench.subscribe("Food", "SIF_ZoneStatus");
    bench.drain("Library");
    bench.register("Sis");
    assert_eq!(bench.waiting("Library"), 1);
    assert_eq!(bench.waiting("Food"), 0, "the status is larger than it takes");
}
