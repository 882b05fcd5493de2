//! The message of a file, whole.
#![allow(missing_docs, reason = "tests")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail this way")]

mod support;

use std::sync::Arc;

use chrono::NaiveDate;
use sif::message::{MessageFault, Response, instances};
use sif::tree::{Names, check_element};
use support::instance::{Variant, instance};

fn message(zone: &str, object: &str, parts: &[String]) -> Vec<u8> {
    let response = Response { zone, object, as_of: NaiveDate::from_ymd_opt(2026, 1, 31).unwrap() };
    let mut out = response.prefix();
    for part in parts {
        out.extend_from_slice(part.as_bytes());
        out.push(b'\n');
    }
    out.extend_from_slice(response.suffix());
    out
}

#[test]
fn the_header_says_what_it_must() {
    let names = Arc::new(Names::new());
    let tree = sif::xml::read::read(&message("Provo & Co", "TermInfo", &[]), &names).unwrap();
    let value = |path: &str| tree.find(&format!("SIF_Response/{path}")).next().unwrap().into_owned();
    assert_eq!(tree.find("@Version").next().unwrap(), "2.4");
    assert_eq!(value("SIF_Header/SIF_Timestamp"), "2026-01-31T00:00:00Z");
    assert_eq!(value("SIF_Header/SIF_SourceId"), "Provo & Co");
    assert_eq!(value("SIF_Header/SIF_DestinationId"), "file");
    assert_eq!(value("SIF_PacketNumber"), "1");
    assert_eq!(value("SIF_MorePackets"), "No");
    assert_ne!(value("SIF_Header/SIF_MsgId"), value("SIF_RequestMsgId"));
    assert!(instances(&tree).unwrap().is_empty());
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(message("a", "TermInfo", &[]), message("a", "TermInfo", &[]));
    assert_ne!(message("a", "TermInfo", &[]), message("b", "TermInfo", &[]));
}

#[test]
fn messages_are_valid_with_and_without_instances() {
    let Some(folder) = support::published_schema() else {
        return;
    };
    if !support::has_xmllint() {
        return;
    }
    for object in sif::schema().objects().filter(|object| object.name != "StudentRecordExchange") {
        for count in [0, 1, 3] {
            let parts = vec![instance(object, "", Variant::Good); count];
            let (lines, said) =
                support::invalid_lines(&folder.join("sif24-strict.xsd"), &message("zone", object.name, &parts));
            assert!(lines.is_empty(), "{said}");
        }
    }
}

#[test]
fn instances_are_found_in_the_message() {
    let object = sif::schema().object("StudentPersonal").unwrap();
    let names = Arc::new(Names::new());
    let document = message("zone", object.name, &vec![instance(object, "Demographics/Gender", Variant::Good); 2]);
    let tree = sif::xml::read::read(&document, &names).unwrap();
    let found = instances(&tree).unwrap();
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|found| check_element(found.object, found.element).is_empty()));
}

#[test]
fn objects_that_are_unknown_or_mixed_are_refused() {
    let names = Arc::new(Names::new());
    let fault = |parts: &[&str]| {
        let parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
        let tree = sif::xml::read::read(&message("zone", "TermInfo", &parts), &names).unwrap();
        instances(&tree).err()
    };
    assert_eq!(fault(&["<TermInfo/>", "<TermInfo/>"]), None);
    assert_eq!(fault(&["<TermInfo/>", "<SchoolInfo/>"]), Some(MessageFault::MixedObjects));
    assert_eq!(fault(&["<Nothing/>"]), Some(MessageFault::UnknownObject));
    assert_eq!(fault(&["<TermInfo xmlns=\"urn:x\"/>"]), Some(MessageFault::UnknownObject));
}
