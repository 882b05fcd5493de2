//! Section 6: who is at the other end, and what channels must reach.

use super::*;
use sif::message::error;

fn with_certificate(certificate: Option<&str>) -> Channel {
    Channel {
        secure: true,
        authentication: 2,
        encryption: 4,
        certificate: certificate.map(str::to_owned),
        ..Channel::default()
    }
}

#[test]
fn a_connection_must_be_authenticated_as_far_as_the_zone_asks() {
    let mut bench = Bench::with(|config| config.options.min_authentication = 2);
    let register = registration("Sis", "4096", "2.*");
    assert_eq!(bench.send("SIF_Register", "Sis", &register), "3/3");
    let shortfalls = [
        (error::AUTHENTICATION_MISSING, "3/3"),
        (error::AUTHENTICATION_INVALID, "3/4"),
        (error::AUTHENTICATION_UNTRUSTED, "3/5"),
        (error::AUTHENTICATION_EXPIRED, "3/6"),
    ];
    for (shortfall, code) in shortfalls {
        bench.channel = Channel { authentication: 1, shortfall: Some(shortfall), ..Channel::default() };
        assert_eq!(bench.send("SIF_Register", "Sis", &register), code);
    }
    bench.channel = with_certificate(None);
    assert_eq!(bench.send("SIF_Register", "Sis", &register), "0");
    bench.channel = Channel::default();
    assert_eq!(bench.event("Sis"), "3/3", "asked of every message");
    bench.channel = Channel { internal: true, ..Channel::default() };
    assert_eq!(bench.event("Sis"), "0", "parts of the server need none");
}

#[test]
fn an_agent_with_a_certificate_must_show_it() {
    let mut bench = Bench::with(|config| {
        config.agents.get_mut("Sis").unwrap().certificate = Some("ab12".to_owned());
    });
    let register = registration("Sis", "4096", "2.*");
    bench.channel = with_certificate(None);
    assert_eq!(bench.send("SIF_Register", "Sis", &register), "3/3");
    bench.channel = with_certificate(Some("cd34"));
    assert_eq!(bench.send("SIF_Register", "Sis", &register), "3/5");
    assert_eq!(bench.send("SIF_Register", "Library", &register), "0", "another agent needs none");
    bench.channel = with_certificate(Some("AB12"));
    assert_eq!(bench.send("SIF_Register", "Sis", &register), "0");
}

#[test]
fn a_secure_zone_refuses_plain_connections() {
    let mut bench = Bench::with(|config| config.options.require_secure = true);
    bench.channel = with_certificate(None);
    bench.register("Sis");
    bench.channel = Channel::default();
    assert_eq!(bench.event("Sis"), "10/3");
}

#[test]
fn a_message_goes_through_no_channel_that_is_weaker_than_it_asks() {
    for authentication in 0..=3_u8 {
        for encryption in 0..=4_u8 {
            let mut bench = Bench::of(&["Sis"]);
            bench.channel = Channel { authentication: 3, encryption: 4, secure: true, ..Channel::default() };
            bench.register("Library");
            bench.subscribe("Library", "StudentPersonal");
            let security = format!(
                "<SIF_Security><SIF_SecureChannel><SIF_AuthenticationLevel>{authentication}</SIF_AuthenticationLevel>\
                 <SIF_EncryptionLevel>{encryption}</SIF_EncryptionLevel></SIF_SecureChannel></SIF_Security>"
            );
            let id = bench.guid();
            assert_eq!(
                bench.send_as(&id, "SIF_Event", "Sis", &security, &event("StudentPersonal", "Add", STUDENT)),
                "0"
            );
            assert_eq!(bench.event("Sis"), "0");
            for reached_authentication in 0..=3 {
                for reached_encryption in 0..=4 {
                    let channel = Channel {
                        authentication: reached_authentication,
                        encryption: reached_encryption,
                        ..Channel::default()
                    };
                    bench.channel = channel;
                    let (_, message) = bench.get("Library").expect("the other event asks for nothing");
                    let reached = reached_authentication >= authentication && reached_encryption >= encryption;
                    assert_eq!(message.header.message_id == id, reached);
                }
            }
        }
    }
}

#[test]
fn a_push_waits_for_a_channel_that_is_good_enough() {
    let mut bench = Bench::of(&["Sis"]);
    let body = push_registration("Library", "https://agents.test/sif");
    assert_eq!(bench.send("SIF_Register", "Library", &body), "0");
    bench.subscribe("Library", "StudentPersonal");
    let security = "<SIF_Security><SIF_SecureChannel><SIF_AuthenticationLevel>3</SIF_AuthenticationLevel>\
                    <SIF_EncryptionLevel>4</SIF_EncryptionLevel></SIF_SecureChannel></SIF_Security>";
    let id = bench.guid();
    assert_eq!(bench.send_as(&id, "SIF_Event", "Sis", security, &event("StudentPersonal", "Add", STUDENT)), "0");
    assert!(bench.next_push("Library").is_none());
    let channel = Channel { secure: true, authentication: 3, encryption: 4, ..Channel::default() };
    assert_eq!(bench.zone.next_push("Library", &channel, bench.now).unwrap().message_id, id);
}

#[test]
fn a_message_that_a_weaker_channel_holds_back_is_told_of_once() {
    let mut bench = Bench::of(&["Sis", "Food"]);
    bench.subscribe("Food", "SIF_LogEntry");
    let register = |bench: &mut Bench, url: &str| {
        assert_eq!(bench.send("SIF_Register", "Library", &push_registration("Library", url)), "0");
    };
    register(&mut bench, "https://agents.test/sif");
    bench.subscribe("Library", "StudentPersonal");
    let security = "<SIF_Security><SIF_SecureChannel><SIF_AuthenticationLevel>3</SIF_AuthenticationLevel>\
                    <SIF_EncryptionLevel>4</SIF_EncryptionLevel></SIF_SecureChannel></SIF_Security>";
    let id = bench.guid();
    assert_eq!(bench.send_as(&id, "SIF_Event", "Sis", security, &event("StudentPersonal", "Add", STUDENT)), "0");
    assert_eq!(bench.event("Sis"), "0");
    register(&mut bench, "https://agents.test/other");
    assert_eq!(bench.waiting("Food"), 0, "it is as good");
    register(&mut bench, "http://agents.test/sif");
    register(&mut bench, "http://agents.test/sif");
    let told = bench.drain("Food");
    let text = String::from_utf8(told[0].document.to_vec()).unwrap();
    assert_eq!(told.len(), 1, "once, and nothing of the message that asks for nothing");
    assert!(text.contains("<SIF_Category>4</SIF_Category><SIF_Code>3</SIF_Code>"), "{text}");
    assert!(text.contains(&id) && text.contains("Library"), "{text}");
    assert!(bench.memory.hops.iter().any(|hop| hop.what == "held" && hop.agent == "Library" && hop.code == "4/3"));
    assert_eq!(bench.waiting("Library"), 2, "both wait");
    let delivery = bench.next_push("Library").unwrap();
    assert_ne!(delivery.message_id, id);
    bench.pushed("Library", &delivery, "1");
    assert!(bench.next_push("Library").is_none(), "the channel is still too weak");
    register(&mut bench, "https://agents.test/sif");
    let channel = Channel { secure: true, authentication: 3, encryption: 4, ..Channel::default() };
    assert_eq!(bench.zone.next_push("Library", &channel, bench.now).unwrap().message_id, id);
}

#[test]
fn security_of_other_messages_means_nothing() {
    let mut bench = Bench::of(&["Sis"]);
    let security = "<SIF_Security><SIF_SecureChannel><SIF_AuthenticationLevel>3</SIF_AuthenticationLevel>\
                    <SIF_EncryptionLevel>4</SIF_EncryptionLevel></SIF_SecureChannel></SIF_Security>";
    let id = bench.guid();
    let body = "<SIF_Object ObjectName=\"StudentPersonal\"></SIF_Object>";
    assert_eq!(bench.send_as(&id, "SIF_Provide", "Sis", security, body), "0");
}

#[test]
fn a_message_waits_for_no_agent_whose_channel_is_weaker_than_it_asks() {
    let levels =
        || (0..=3_u8).flat_map(|authentication| (0..=4_u8).map(move |encryption| (authentication, encryption)));
    for (authentication, encryption) in levels() {
        let mut bench = Bench::new();
        bench.channel = Channel { authentication, encryption, secure: true, ..Channel::default() };
        bench.register("Library");
        for (asked_authentication, asked_encryption) in levels() {
            let asked = sif::message::Security { authentication: asked_authentication, encryption: asked_encryption };
            let reached = authentication >= asked_authentication && encryption >= asked_encryption;
            assert_eq!(bench.zone.fits("Library", Version::V2_4, asked, 100).is_ok(), reached);
        }
    }
}
