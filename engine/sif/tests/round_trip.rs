//! Whatever text stands in a tree: the XML is well-formed, and reads as the same tree.
#![allow(missing_docs, reason = "tests")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail this way")]

mod support;

use std::sync::Arc;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use sif::tree::{Names, Tree};
use sif::xml::{read::read, write::write_tree};

fn tree(attribute: &str, text: &str, tail: &str) -> Tree {
    let mut names = Names::new();
    let (object, inner, kind) = (names.intern("SIF_ExtendedElement"), names.intern("X"), names.intern("Name"));
    let mut tree = Tree::new(Arc::new(names));
    tree.open(object);
    tree.attribute(kind, attribute);
    tree.text(text);
    tree.open(inner);
    tree.text(text);
    tree.close();
    tree.text(tail);
    tree.close();
    tree
}

/// As a document of its own.
fn document(tree: &Tree) -> (Vec<u8>, usize) {
    let mut out =
        format!("<SIF_Message xmlns=\"{}\" xmlns:xsi=\"{}\">", sif::NAMESPACE, sif::INSTANCE_NAMESPACE).into_bytes();
    let replaced = write_tree(tree, &mut out);
    out.extend_from_slice(b"</SIF_Message>");
    (out, replaced.paths.len())
}

fn carried(text: &str) -> String {
    let is_char = |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    text.chars().map(|character| if is_char(character) { character } else { '\u{fffd}' }).collect()
}

/// Any Unicode, with much of what is special to XML.
fn any_text() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![
        "&", "<", ">", "]]>", "\"", "'", "\t", "\n", "\r", "\r\n", "\0", "\u{b}", "\u{fffe}", "\u{ffff}", "\u{85}",
        "\u{2028}", "&amp;", "<!--", "\u{feff}", "é", "😀", " ",
    ]);
    prop::collection::vec(
        prop_oneof![special.prop_map(str::to_owned), any::<char>().prop_map(String::from), "[a-z ]{0,4}"],
        0..12,
    )
    .prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_survives(attribute in any_text(), text in any_text(), tail in any_text()) {
        let (document, replaced) = document(&tree(&attribute, &text, &tail));
        let read = read(&document, &Arc::new(Names::new())).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let element = read.root().and_then(|root| root.children().next()).unwrap();
        prop_assert_eq!(element.attribute("Name").unwrap(), carried(&attribute));
        prop_assert_eq!(element.text(), carried(&text) + &carried(&tail));
        prop_assert_eq!(element.find("X").next().unwrap(), carried(&text));
        let clean = carried(&attribute) == attribute && carried(&text) == text && carried(&tail) == tail;
        prop_assert_eq!(replaced == 0, clean);
    }

    #[test]
    fn no_document_makes_the_reader_panic(document in any_text(), bytes in any::<Vec<u8>>()) {
        let names = Arc::new(Names::new());
        let _ = read(&bytes, &names);
        let _ = read(document.as_bytes(), &names);
        let _ = read(format!("<a b='{document}'>{document}</a>").as_bytes(), &names);
    }
}

#[test]
fn xmllint_takes_what_we_write() {
    if !support::has_xmllint() {
        return;
    }
    // One document with very many texts, since starting a program for each is slow.
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut all =
        format!("<SIF_Message xmlns=\"{}\" xmlns:xsi=\"{}\">", sif::NAMESPACE, sif::INSTANCE_NAMESPACE).into_bytes();
    for _ in 0..3000 {
        let mut text = || any_text().new_tree(&mut runner).unwrap().current();
        write_tree(&tree(&text(), &text(), &text()), &mut all);
    }
    for code in (0..=0x10_FFFF).filter_map(char::from_u32) {
        if (code as u32).is_multiple_of(97) || (code as u32) < 0x300 || (0xFD00..0x1_0010).contains(&(code as u32)) {
            write_tree(&tree(&code.to_string(), &code.to_string(), ""), &mut all);
        }
    }
    all.extend_from_slice(b"</SIF_Message>");
    assert!(support::is_well_formed(&all));
}

/// What we take, xmllint takes: small documents made of markup.
#[test]
fn xmllint_takes_what_we_read() {
    if !support::has_xmllint() {
        return;
    }
    let part = prop::sample::select(vec![
        "<a>",
        "</a>",
        "<a/>",
        "<b c='d'>",
        "</b>",
        "<?p q?>",
        "<!-- x -->",
        "<![CDATA[x]]>",
        "&amp;",
        "&#65;",
        "x",
        " ",
        "<a b='&lt;' c=\"'\"/>",
        "]]",
        ">",
        "<p:a xmlns:p='u' p:b=''/>",
        "<?xml version='1.0'?>",
        "--",
        "'",
        "<",
        "&",
        "/",
        "=",
    ]);
    let documents = prop::collection::vec(part, 1..9).prop_map(|parts| parts.concat());
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (names, mut taken) = (Arc::new(Names::new()), 0);
    for _ in 0..20_000 {
        let document = documents.new_tree(&mut runner).unwrap().current();
        if document.len() > 8 && read(document.as_bytes(), &names).is_ok() {
            assert!(support::is_well_formed(document.as_bytes()), "{document}");
            taken += 1;
        }
    }
    assert!(taken > 20, "{taken} documents are too few to say anything");
}
