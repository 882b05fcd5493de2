#![allow(clippy::unwrap_used, reason = "tests may fail this way")]

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::schema::{SimpleType, schema};
use crate::tree::{Content, Names};

/// Makes an instance that is right for the most part; `dice` says where it is not.
struct Maker<'d> {
    tree: Tree,
    dice: std::iter::Cycle<std::slice::Iter<'d, u8>>,
}

impl Maker<'_> {
    /// True once in `times`.
    fn rarely(&mut self, times: usize) -> bool {
        self.roll(times) == 0
    }

    /// A number below `sides`.
    fn roll(&mut self, sides: usize) -> usize {
        usize::from(*self.dice.next().unwrap()) % sides
    }

    fn element(&mut self, schema: &ElementSchema) {
        let unknown = self.tree.intern("Unknown");
        let name = if self.rarely(60) { unknown } else { schema.name_id() };
        self.tree.open(name);
        for attribute in schema.attributes().iter().filter(|attribute| !attribute.name.starts_with("xml")) {
            let times = if self.rarely(20) { self.roll(3) } else { usize::from(attribute.required) };
            for _ in 0..times {
                let value = self.value(attribute);
                self.tree.attribute(attribute.name_id(), value);
            }
        }
        if self.rarely(80) {
            self.tree.attribute(unknown, "");
        }
        let value = if schema.value.is_some() || self.rarely(40) { self.value(schema) } else { "" };
        self.tree.text(value);
        if self.rarely(40) {
            self.tree.nil();
        }
        let mut children: Vec<_> = schema.elements().iter().collect();
        if children.len() > 1 && self.rarely(10) {
            children.swap(0, 1);
        }
        for child in children {
            let sent = if child.required { !self.rarely(20) } else { self.rarely(4) };
            let again = self.rarely(if child.characteristic.repeatable { 2 } else { 20 });
            for _ in 0..if sent { 1 + usize::from(again) } else { 0 } {
                self.element(child);
            }
        }
        if self.rarely(40) {
            self.tree.open(unknown);
            self.tree.text(" ");
            self.tree.close();
            self.tree.text("x");
        }
        self.tree.close();
    }

    fn value(&mut self, schema: &ElementSchema) -> &'static str {
        if self.rarely(20) {
            return ["", " ", "x", "\n2026 ", "4294967296"][self.roll(5)];
        }
        if let Some(set) = schema.code_set() {
            return set.codes()[self.roll(set.codes().len())];
        }
        match schema.value {
            _ if schema.facets.guid => "0123456789ABCDEF0123456789ABCDEF",
            Some(SimpleType::Date | SimpleType::PartialDate) => "2024-02-29",
            Some(SimpleType::Year) => "2026",
            Some(SimpleType::Time) => "13:05:00",
            Some(SimpleType::DateTime) => "2026-01-31T13:05:00Z",
            _ => "1",
        }
    }
}

fn violation(path: &str, step: &str, kind: ViolationKind) -> Violation {
    let slash = if path.is_empty() || step.is_empty() { "" } else { "/" };
    Violation { path: format!("{path}{slash}{step}"), kind }
}

/// What the check is to find: slow and plain, from what the crate shows to everyone.
fn plainly(schema: &ElementSchema, element: Element<'_>, path: &str, found: &mut Vec<Violation>) {
    let mut seen: Vec<&str> = Vec::new();
    for (name, value) in element.attributes() {
        let step = format!("@{name}");
        let Some(attribute) = schema.child(&step) else {
            found.push(violation(path, &step, ViolationKind::Unknown));
            continue;
        };
        if seen.contains(&name) {
            found.push(violation(path, &step, ViolationKind::TooMany));
        }
        seen.push(name);
        found.extend(
            attribute.check_value(value).err().map(|fault| violation(path, &step, ViolationKind::Value(fault))),
        );
    }
    for missing in schema.attributes().iter().filter(|attribute| attribute.required && !seen.contains(&attribute.name))
    {
        found.push(violation(path, &missing.step(), ViolationKind::Missing));
    }
    if element.is_nil() {
        if !schema.nillable {
            found.push(violation(path, "", ViolationKind::NotNillable));
        } else if element.contents().next().is_some() {
            found.push(violation(path, "", ViolationKind::NilWithContent));
        }
    } else if schema.any_content {
    } else if schema.value.is_some() {
        for child in element.children() {
            found.push(violation(path, child.name(), ViolationKind::Unknown));
        }
        let fault = schema.check_value(&element.text()).err();
        found.extend(fault.map(|fault| violation(path, "", ViolationKind::Value(fault))));
    } else {
        plainly_inside(schema, element, path, found);
    }
}

fn plainly_inside(schema: &ElementSchema, element: Element<'_>, path: &str, found: &mut Vec<Violation>) {
    let places = schema.elements();
    let mut last: Option<usize> = None;
    let report_missing = |from: Option<usize>, to: usize, found: &mut Vec<Violation>| {
        for missing in places.iter().take(to).skip(from.map_or(0, |from| from + 1)).filter(|place| place.required) {
            found.push(violation(path, missing.name, ViolationKind::Missing));
        }
    };
    for content in element.contents() {
        let child = match content {
            Content::Element(child) => child,
            Content::Text(text) => {
                if !text.trim_matches([' ', '\t', '\n', '\r']).is_empty() {
                    found.push(violation(path, "", ViolationKind::Text));
                }
                continue;
            }
        };
        let Some(place) = places.iter().position(|place| place.name == child.name()) else {
            found.push(violation(path, child.name(), ViolationKind::Unknown));
            continue;
        };
        if last.is_some_and(|last| place < last) {
            found.push(violation(path, child.name(), ViolationKind::Order));
            continue;
        }
        if last == Some(place) && !places[place].characteristic.repeatable {
            found.push(violation(path, child.name(), ViolationKind::TooMany));
        }
        report_missing(last, place, found);
        last = Some(place);
        plainly(&places[place], child, &violation(path, child.name(), ViolationKind::Text).path, found);
    }
    report_missing(last, places.len(), found);
    if let Some(key) = schema.list_key {
        let mut seen = HashSet::new();
        for member in element.at(key.child) {
            let value = member.find(key.key).next();
            if value.is_some_and(|value| !seen.insert(words(&value))) {
                found.push(violation(path, key.child, ViolationKind::SameKey));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plain_check_finds_the_same(dice in prop::collection::vec(any::<u8>(), 1000..2000)) {
        for object in schema().objects().filter(|object| object.name != "StudentRecordExchange") {
            let mut maker = Maker { tree: Tree::new(Arc::new(Names::new())), dice: dice.iter().cycle() };
            maker.element(&object.root);
            let root = maker.tree.root().unwrap();
            let mut expected = Vec::new();
            if root.name() == object.name {
                plainly(&object.root, root, "", &mut expected);
            } else {
                expected.push(violation("", "", ViolationKind::Unknown));
            }
            prop_assert_eq!(check(object, &maker.tree), expected);
        }
    }
}

#[test]
fn keys_are_told_apart_however_many_there_are() {
    for count in [1, 2, 7, 8, 9, 20] {
        let mut keys = Keys::default();
        for number in 0..count {
            assert!(keys.add(Cow::Owned(format!("key {number}"))));
        }
        for number in 0..count {
            assert!(!keys.add(Cow::Owned(format!(" key\t{number}\n"))), "{number} of {count}");
        }
    }
    assert!(have_same_words("", " ") && !have_same_words("a b", "ab") && !have_same_words("a", "b"));
}
