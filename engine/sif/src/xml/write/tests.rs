#![allow(clippy::unwrap_used, reason = "tests may fail this way")]

use std::sync::Arc;

use super::*;
use crate::tree::Names;

fn tree(attribute: &str, text: &str) -> Tree {
    let mut names = Names::new();
    let (a, b, c) = (names.intern("a"), names.intern("b"), names.intern("c"));
    let mut tree = Tree::new(Arc::new(names));
    tree.open(a);
    tree.open(b);
    tree.attribute(c, attribute);
    tree.text(text);
    tree.close();
    tree.close();
    tree
}

fn written(attribute: &str, text: &str) -> (String, Replaced) {
    let mut out = Vec::new();
    let replaced = write_tree(&tree(attribute, text), &mut out);
    (String::from_utf8(out).unwrap(), replaced)
}

#[test]
fn markup_characters_are_escaped() {
    let (xml, replaced) = written("<&>\"'", "<&>\"' ]]>");
    assert_eq!(xml, "<a><b c=\"&lt;&amp;&gt;&quot;'\">&lt;&amp;&gt;\"' ]]&gt;</b></a>");
    assert!(replaced.is_empty());
}

#[test]
fn white_space_survives_reading() {
    let (xml, _) = written("\t\r\n", "\t\r\n");
    assert_eq!(xml, "<a><b c=\"&#9;&#13;&#10;\">\t&#13;\n</b></a>");
}

#[test]
fn what_xml_cannot_carry_is_replaced_and_reported() {
    let (xml, replaced) = written("a\u{0}", "b\u{ffff}\u{fffe}\u{b}");
    assert_eq!(xml, "<a><b c=\"a\u{fffd}\">b\u{fffd}\u{fffd}\u{fffd}</b></a>");
    assert_eq!(replaced.paths, ["a/b/@c", "a/b"]);
}

#[test]
fn other_characters_that_begin_with_the_same_byte_stay() {
    let (xml, replaced) = written("\u{fffd}", "\u{f000}\u{feff}ﬁ");
    assert_eq!(xml, "<a><b c=\"\u{fffd}\">\u{f000}\u{feff}ﬁ</b></a>");
    assert!(replaced.is_empty());
}

#[test]
fn writing_appends() {
    let mut out = b"before".to_vec();
    write_tree(&tree("", ""), &mut out);
    assert_eq!(out, b"before<a><b c=\"\"/></a>");
}
