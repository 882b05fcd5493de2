#![allow(clippy::unwrap_used, reason = "tests may fail this way")]

use std::sync::Arc;

use proptest::prelude::*;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::name::QName;

use super::*;
use crate::tree::{Content, Element, Names};

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

/// A step of building a tree.
#[derive(Clone, Debug)]
enum Step {
    Open(usize),
    Attribute(usize, String),
    Text(String),
    Nil,
    Close,
}

fn any_step() -> impl Strategy<Value = Step> {
    let special = prop::sample::select(vec![
        "&", "<", ">", "]]>", "\"", "'", "\t", "\n", "\r", "\0", "\u{b}", "\u{1f}", "\u{7f}", "\u{85}", "\u{fffd}",
        "\u{fffe}", "\u{ffff}", "\u{feff}", "\u{f000}", "é", "😀", " ", "plain", "",
    ]);
    let part = prop_oneof![special.prop_map(str::to_owned), any::<char>().prop_map(String::from), "[a-z ]{0,20}"];
    let text = prop::collection::vec(part, 0..4).prop_map(|parts| parts.concat());
    prop_oneof![
        3 => (0..NAMES.len()).prop_map(Step::Open),
        2 => (0..NAMES.len(), text.clone()).prop_map(|(name, text)| Step::Attribute(name, text)),
        2 => text.prop_map(Step::Text),
        1 => Just(Step::Nil),
        3 => Just(Step::Close),
    ]
}

const NAMES: [&str; 4] = ["StudentPersonal", "a", "é:ü", ""];

/// The tree of `steps`, in an element of its own; it may still be open.
fn tree_of(steps: &[Step]) -> Tree {
    let mut names = Names::new();
    let ids: Vec<_> = NAMES.iter().map(|name| names.intern(name)).collect();
    let mut tree = Tree::new(Arc::new(names));
    tree.open(ids[0]);
    let mut depth = 1;
    for step in steps {
        match step {
            Step::Open(name) => {
                tree.open(ids[*name]);
                depth += 1;
            }
            Step::Attribute(name, text) => {
                tree.attribute(ids[*name], text);
            }
            Step::Text(text) => tree.text(text),
            Step::Nil => tree.nil(),
            Step::Close if depth > 1 => {
                tree.close();
                depth -= 1;
            }
            Step::Close => {}
        }
    }
    tree
}

/// What quick-xml makes of an element: slow and plain.
fn write_plainly(
    element: Element<'_>,
    path: &str,
    writer: &mut quick_xml::Writer<Vec<u8>>,
    replaced: &mut Vec<String>,
) {
    let mut start = BytesStart::new(element.name());
    if element.is_nil() {
        start.push_attribute(("xsi:nil", "true"));
    }
    for (name, value) in element.attributes() {
        let escaped = escape_plainly(value, true, replaced, || format!("{path}/@{name}"));
        start.push_attribute(Attribute { key: QName(name), value: escaped.into() });
    }
    if element.contents().next().is_none() {
        writer.write_event(Event::Empty(start)).unwrap();
        return;
    }
    writer.write_event(Event::Start(start)).unwrap();
    for content in element.contents() {
        match content {
            Content::Text(text) => {
                let escaped = escape_plainly(text, false, replaced, || path.to_owned());
                writer.write_event(Event::Text(BytesText::from_escaped(escaped))).unwrap();
            }
            Content::Element(child) => {
                write_plainly(child, &format!("{path}/{}", child.name()), writer, replaced);
            }
        }
    }
    writer.write_event(Event::End(BytesEnd::new(element.name()))).unwrap();
}

/// What quick-xml escapes of its own accord, but for the quotes that may stand, and what XML cannot carry.
fn escape_plainly(value: &str, attribute: bool, replaced: &mut Vec<String>, path: impl Fn() -> String) -> String {
    let carried: String =
        value.chars().map(|character| if is_char(character) { character } else { '\u{fffd}' }).collect();
    if carried != value {
        replaced.push(path());
    }
    let escaped = quick_xml::escape::escape(&carried).replace("&apos;", "'").replace('\r', "&#13;");
    if attribute { escaped.replace('\t', "&#9;").replace('\n', "&#10;") } else { escaped.replace("&quot;", "\"") }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_tree_is_written_as_quick_xml_writes_it(steps in prop::collection::vec(any_step(), 0..30)) {
        let tree = tree_of(&steps);
        let mut out = Vec::new();
        let replaced = write_tree(&tree, &mut out);
        let (mut writer, mut paths) = (quick_xml::Writer::new(Vec::new()), Vec::new());
        let root = tree.root().unwrap();
        write_plainly(root, root.name(), &mut writer, &mut paths);
        prop_assert_eq!(String::from_utf8(out).unwrap(), String::from_utf8(writer.into_inner()).unwrap());
        prop_assert_eq!(replaced.paths, paths);
    }
}
