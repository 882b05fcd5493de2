//! What is hidden is never shown, and everything else is.
#![allow(missing_docs, reason = "tests")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail this way")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;
use sif::message::{Message, names};
use sif::prune::{Visibility, Visible};
use sif::schema::{ObjectSchema, Presence};
use sif::tree::{Element, Tree, ViolationKind, check};
use sif::xml::read::{Limits, read};
use sif::xml::write::write_tree;
use support::random::{Chance, instance};

/// Whether a path is to be seen, by the words of the documentation: named, on the way to what is named, or mandatory there.
fn shown(object: &ObjectSchema, named: &BTreeSet<String>, path: &str) -> bool {
    let below = |path: &str, above: &str| path == above || path.starts_with(&format!("{above}/"));
    let key = object.key.iter().map(|key| (*key).to_owned()).collect::<BTreeSet<_>>();
    if path.is_empty() || named.iter().chain(&key).any(|named| below(path, named) || below(named, path)) {
        return true;
    }
    let (parent, step) = path.rsplit_once('/').unwrap_or(("", path));
    let mandatory = object.find(path).is_some_and(|schema| schema.characteristic.presence == Presence::Mandatory);
    shown(object, named, parent) && (mandatory || step == "@SIF_Action")
}

/// Path and value of every attribute and of every element with text or nothing in it, in order.
fn values(element: Element<'_>, path: &str, out: &mut Vec<(String, String)>) {
    let join = |step: &str| if path.is_empty() { step.to_owned() } else { format!("{path}/{step}") };
    for (name, value) in element.attributes().filter(|(name, _)| !name.starts_with("xmlns")) {
        out.push((join(&format!("@{name}")), value.to_owned()));
    }
    if !element.text().is_empty() {
        out.push((path.to_owned(), element.text().into_owned()));
    }
    element.children().for_each(|child| values(child, &join(child.name()), out));
}

fn all_values(tree: &Tree) -> Vec<(String, String)> {
    let mut out = Vec::new();
    values(tree.root().unwrap(), "", &mut out);
    out
}

fn pruned(visible: &Visible, tree: &Tree) -> (Tree, bool) {
    let mut out = Tree::new(Arc::clone(tree.names()));
    let hidden = visible.prune_element(tree.root().unwrap(), &mut out);
    (out, hidden)
}

fn bytes(tree: &Tree) -> Vec<u8> {
    let mut out = Vec::new();
    assert!(write_tree(tree, &mut out).is_empty());
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_hidden_is_never_shown_and_the_rest_is(seed in any::<u64>(), whole in any::<bool>()) {
        let chance = &mut Chance(seed);
        let objects: Vec<&ObjectSchema> = sif::schema().objects().collect();
        let object = objects[chance.below(objects.len())];
        let mut paths: Vec<String> = object.paths().into_iter().map(|(path, _)| path).collect();
        paths.extend(["X", "X/@a", "X/Y", "x:X"].map(|free| format!("SIF_ExtendedElements/SIF_ExtendedElement/{free}")));
        let count = chance.below(8);
        let mut named: BTreeSet<String> = (0..count).map(|_| paths[chance.below(paths.len())].clone()).collect();
        if object.find("SIF_ExtendedElements").is_none() {
            named.retain(|path| !path.starts_with("SIF_ExtendedElements"));
        }
        let visible = match Visible::new(object.name, &named) {
            Ok(visible) => visible,
            Err(fault) => {
                // Only an attribute whose element has a value that is not seen.
                let element = fault.path.rsplit_once("/@").unwrap().0;
                prop_assert!(object.find(element).unwrap().value.is_some() && !named.contains(element));
                named.retain(|path| !path.contains('@'));
                Visible::new(object.name, &named).unwrap()
            }
        };
        let tree = read(instance(object, whole, chance).as_bytes(), names()).unwrap();
        let (out, hidden) = pruned(&visible, &tree);

        let free = "SIF_ExtendedElements/SIF_ExtendedElement";
        let is_shown = |path: &str| {
            // Text beside free elements is seen with the whole.
            let beside = path == free || path.starts_with(free) && !path.ends_with("/@Name");
            let whole = named.iter().any(|named| path == named || path.starts_with(&format!("{named}/")));
            if beside && !path.contains("@SIF_Action") { whole } else { shown(object, &named, path) }
        };
        let (before, after) = (all_values(&tree), all_values(&out));
        for (path, _) in &after {
            prop_assert!(is_shown(path), "{} shows {path}, with {named:?}", object.name);
            prop_assert!(visible.sees(path) || path.ends_with("@SIF_Action"));
        }
        // Nothing that is to be seen is lost, but with a container that has nothing else left.
        let of = |values: &[(String, String)], path: &str| values.iter().filter(|(other, _)| other == path).count();
        for (path, _) in before.iter().filter(|(path, _)| is_shown(path)) {
            let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
            let may_go = path.contains('@') && !parent.is_empty() && !named.contains(path);
            prop_assert!(of(&before, path) == of(&after, path) || may_go, "{} loses {path}, with {named:?}", object.name);
        }
        prop_assert_eq!(hidden, bytes(&tree) != bytes(&out));

        // A whole instance stays whole, and nothing becomes wrong that was right.
        let wrong = check(object, &tree);
        for violation in check(object, &out) {
            prop_assert!(wrong.contains(&violation), "{} {}", violation.path, violation.why());
        }
        if whole {
            prop_assert!(!check(object, &out).iter().any(|violation| violation.kind == ViolationKind::Missing));
        }

        let (again, hidden) = pruned(&visible, &out);
        prop_assert!(!hidden);
        prop_assert_eq!(bytes(&out), bytes(&again));
    }
}

fn message(inside: &str) -> Message {
    let text = format!(
        "<SIF_Message xmlns=\"{}\" Version=\"2.4\"><!-- c --><SIF_Event><SIF_Header><SIF_MsgId>{}</SIF_MsgId>\
         <SIF_Timestamp>2026-02-02T08:00:00Z</SIF_Timestamp><SIF_SourceId>A &amp; B</SIF_SourceId></SIF_Header>{inside}",
        sif::NAMESPACE,
        "A".repeat(32)
    );
    let kind = if inside.contains("SIF_RequestMsgId") { "SIF_Response" } else { "SIF_Event" };
    let text = format!("{}</{kind}></SIF_Message>", text.replacen("SIF_Event", kind, 1));
    Message::read(&Bytes::from(text), &Limits::default()).unwrap_or_else(|refusal| panic!("{}", refusal.description))
}

fn visibility(object: &str, paths: &[&str]) -> Visibility {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    Visibility::new(&BTreeMap::from([(object.to_owned(), paths)])).unwrap()
}

fn text(visibility: &Visibility, message: &Message) -> Option<String> {
    let document = visibility.prune(message)?;
    // What is sent can be read.
    Message::read(&document, &Limits::default()).unwrap();
    Some(String::from_utf8(document.to_vec()).unwrap())
}

fn event(action: &str, inside: &str) -> Message {
    message(&format!(
        "<SIF_ObjectData><SIF_EventObject ObjectName=\"StudentPersonal\" Action=\"{action}\">\
         <StudentPersonal RefId=\"{}\">{inside}</StudentPersonal></SIF_EventObject></SIF_ObjectData>",
        "B".repeat(32)
    ))
}

const NAME_AND_ID: &str = "<ProjectedGraduationYear>2017</ProjectedGraduationYear><Name Type=\"04\"><LastName>Li</LastName><MiddleName>M</MiddleName></Name>";

#[test]
fn an_event_keeps_its_header_and_loses_what_is_hidden() {
    let message = event("Add", NAME_AND_ID);
    let sent = text(&visibility("StudentPersonal", &["Name"]), &message).unwrap();
    assert!(sent.contains("<SIF_SourceId>A &amp; B</SIF_SourceId>") && sent.contains("Action=\"Add\""), "{sent}");
    assert!(sent.contains("<MiddleName>M</MiddleName>") && !sent.contains("2017"), "{sent}");
    let sent = text(&visibility("StudentPersonal", &["ProjectedGraduationYear"]), &message).unwrap();
    assert!(sent.contains("<LastName>Li</LastName>") && !sent.contains("Middle"), "a mandatory element stays: {sent}");
    // Who may see all of it gets the same bytes, with the comment.
    for whole in [visibility("SchoolInfo", &["SchoolURL"]), Visibility::default()] {
        assert_eq!(whole.prune(&message).unwrap(), message.document);
    }
    let enough = visibility("StudentPersonal", &["ProjectedGraduationYear", "Name"]);
    assert_eq!(enough.prune(&message).unwrap(), message.document);
    assert!(visibility("StudentPersonal", &["Name"]).of("StudentPersonal").unwrap().prune(&message).is_some());
}

#[test]
fn a_change_of_hidden_elements_only_is_not_sent() {
    let hidden = visibility("StudentPersonal", &["PhoneNumberList"]);
    assert!(text(&hidden, &event("Change", "<ProjectedGraduationYear>2017</ProjectedGraduationYear>")).is_none());
    assert!(
        text(&hidden, &event("Delete", "<ProjectedGraduationYear>2017</ProjectedGraduationYear>")).is_some(),
        "whoever knows it must hear of its end"
    );
    assert!(text(&hidden, &event("Add", "<ProjectedGraduationYear>2017</ProjectedGraduationYear>")).is_some());
    assert!(text(&hidden, &event("Change", "")).is_some(), "nothing was hidden");
    let phone = "<PhoneNumberList><PhoneNumber Type=\"0096\" SIF_Action=\"Delete\"/></PhoneNumberList>";
    let sent =
        text(&hidden, &event("Change", &format!("<ProjectedGraduationYear>2017</ProjectedGraduationYear>{phone}")))
            .unwrap();
    assert!(sent.contains("SIF_Action=\"Delete\"") && !sent.contains("2017"), "{sent}");
}

#[test]
fn every_instance_of_a_response_is_cut_down() {
    let students: String = (0..3)
        .map(|_| {
            format!("<s:StudentPersonal RefId=\"{}\"><s:ProjectedGraduationYear>2017</s:ProjectedGraduationYear></s:StudentPersonal>", "B".repeat(32))
        })
        .collect();
    let message = message(&format!(
        "<SIF_RequestMsgId>{}</SIF_RequestMsgId><SIF_PacketNumber>1</SIF_PacketNumber><SIF_MorePackets>No</SIF_MorePackets>\
         <SIF_ObjectData xmlns:s=\"{}\">{students}</SIF_ObjectData>",
        "C".repeat(32),
        sif::NAMESPACE
    ));
    let sent = text(&visibility("StudentPersonal", &["Name"]), &message).unwrap();
    assert_eq!(sent.matches("<StudentPersonal").count(), 3, "{sent}");
    assert!(
        !sent.contains("ProjectedGraduationYear") && sent.contains("<SIF_MorePackets>No</SIF_MorePackets>"),
        "{sent}"
    );
}

#[test]
fn hidden_columns_of_an_extended_query_are_empty() {
    let header = |path: &str| format!("<SIF_Element ObjectName=\"StudentPersonal\">{path}</SIF_Element>");
    let headers: String =
        ["ProjectedGraduationYear", "Name", "", "@RefId", "PhoneNumberList/PhoneNumber[Extension='1']", "*"]
            .map(header)
            .concat();
    let cells = [
        "<ProjectedGraduationYear>2017</ProjectedGraduationYear>",
        "<Name Type=\"04\"><LastName>Li</LastName><MiddleName>M</MiddleName></Name>",
        "<StudentPersonal RefId=\"B\"><ProjectedGraduationYear>2018</ProjectedGraduationYear></StudentPersonal>",
        "ref",
        "<PhoneNumber Type=\"0096\"><Number>555</Number></PhoneNumber>",
        "star",
        "one too many",
    ];
    let cells: String = cells.iter().map(|cell| format!("<C>{cell}</C>")).collect();
    let message = message(&format!(
        "<SIF_RequestMsgId>{}</SIF_RequestMsgId><SIF_PacketNumber>1</SIF_PacketNumber><SIF_MorePackets>No</SIF_MorePackets>\
         <SIF_ExtendedQueryResults><SIF_ColumnHeaders>{headers}</SIF_ColumnHeaders><SIF_Rows><R>{cells}</R></SIF_Rows>\
         </SIF_ExtendedQueryResults>",
        "C".repeat(32)
    ));
    let sent = text(&visibility("StudentPersonal", &["PhoneNumberList/PhoneNumber/Number"]), &message).unwrap();
    let row = sent.split_once("<R>").unwrap().1.split_once("</R>").unwrap().0;
    assert_eq!(
        row,
        "<C/><C><Name Type=\"04\"><LastName>Li</LastName></Name></C><C><StudentPersonal RefId=\"B\"/></C>\
         <C>ref</C><C/><C/><C/>"
    );
}

#[test]
fn objects_inside_a_log_entry_are_cut_down() {
    let message = message(
        "<SIF_ObjectData><SIF_EventObject ObjectName=\"SIF_LogEntry\" Action=\"Add\"><SIF_LogEntry Source=\"Agent\" LogLevel=\"Error\">\
         <SIF_Desc>d</SIF_Desc><SIF_LogObjects><SIF_LogObject ObjectName=\"StudentPersonal\"><StudentPersonal RefId=\"B\">\
         <ProjectedGraduationYear>2017</ProjectedGraduationYear></StudentPersonal></SIF_LogObject></SIF_LogObjects></SIF_LogEntry></SIF_EventObject></SIF_ObjectData>",
    );
    let sent = text(&visibility("StudentPersonal", &[]), &message).unwrap();
    assert!(sent.contains("<SIF_Desc>d</SIF_Desc>") && !sent.contains("ProjectedGraduationYear"), "{sent}");
}

#[test]
fn wrong_paths_are_told_with_what_may_be_meant() {
    let fault =
        |object: &str, path: &str| Visible::new(object, &BTreeSet::from([path.to_owned()])).unwrap_err().to_string();
    assert_eq!(fault("StudentPersonel", "Name"), "SIF 2.4 has no object `StudentPersonel`");
    assert_eq!(fault("StudentPersonal", "RefId"), "`StudentPersonal` has no `RefId`; did you mean `@RefId`?");
    assert_eq!(fault("StudentPersonal", ""), "`StudentPersonal` has no ``");
    assert_eq!(fault("StudentPersonal", "Name/@Type/x"), "`StudentPersonal/Name` has no `@Type`");
    assert_eq!(
        fault("StudentPersonal", "AddressList/Address/Country/Coed"),
        "`StudentPersonal/AddressList/Address/Country` has no `Coed`"
    );
    let fault = fault("StudentPersonal", "EmailList/Email/@Type/");
    assert!(fault.contains("has no"), "{fault}");
}

#[test]
fn an_attribute_is_not_seen_without_the_value_that_it_belongs_to() {
    let paths = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect::<BTreeSet<_>>();
    let object = "DisciplineIncident";
    let fault = Visible::new(object, &paths(&["IncidentLocationRefId/@SIF_RefObject"])).unwrap_err();
    assert_eq!(fault.meant(), Some("IncidentLocationRefId"));
    assert!(Visible::new(object, &paths(&["IncidentLocationRefId", "IncidentLocationRefId/@SIF_RefObject"])).is_ok());
    assert!(Visible::new(object, &paths(&["IncidentLocation/@Type"])).is_ok(), "mandatory, so it is seen anyway");
}
