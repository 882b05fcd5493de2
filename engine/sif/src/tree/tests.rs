#![allow(clippy::unwrap_used, reason = "tests may fail this way")]

use proptest::prelude::*;

use super::*;
use crate::schema::{ElementSchema, schema};

fn tree(names: &[&str]) -> (Tree, Vec<NameId>) {
    let mut all = Names::new();
    let ids = names.iter().map(|name| all.intern(name)).collect();
    (Tree::new(Arc::new(all)), ids)
}

fn written(tree: &Tree) -> String {
    let mut out = Vec::new();
    crate::xml::write::write_tree(tree, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn names_of_the_schema_have_the_same_id_everywhere() {
    let mut one = Names::new();
    let mut other = Names::new();
    one.intern("X");
    let id = other.intern("Y");
    assert_eq!(one.get("StudentPersonal"), other.get("StudentPersonal"));
    let object = schema().object("StudentPersonal").unwrap();
    assert_eq!(other.text(object.root.name_id()), "StudentPersonal");
    assert_eq!(other.text(id), "Y");
}

#[test]
fn text_and_elements_keep_their_order() {
    let (mut tree, ids) = tree(&["a", "b"]);
    tree.open(ids[0]);
    assert!(tree.attribute(ids[1], "1"));
    tree.text("x");
    tree.text("y");
    tree.open(ids[1]);
    tree.close();
    tree.text("z");
    tree.text("!");
    tree.open(ids[1]);
    tree.text("in");
    tree.close();
    tree.text("end");
    tree.close();
    assert_eq!(written(&tree), "<a b=\"1\">xy<b/>z!<b>in</b>end</a>");
    assert_eq!(tree.root().unwrap().text(), "xyz!end");
    assert_eq!(tree.find("b").collect::<Vec<_>>(), ["", "in"]);
    assert_eq!(tree.find("@b").collect::<Vec<_>>(), ["1"]);
}

#[test]
fn an_attribute_after_content_is_refused() {
    let (mut tree, ids) = tree(&["a", "b"]);
    assert!(!tree.attribute(ids[1], "no element is open"));
    tree.open(ids[0]);
    assert!(tree.attribute(ids[1], ""));
    tree.text("x");
    assert!(!tree.attribute(ids[1], "late"));
    tree.close();
    assert_eq!(written(&tree), "<a b=\"\">x</a>");
}

#[test]
fn rolling_back_takes_everything_back() {
    let (mut tree, ids) = tree(&["a", "b", "c"]);
    tree.open(ids[0]);
    tree.text("kept");
    let mark = tree.mark();
    assert!(tree.is_empty_since(mark));
    tree.text(" lost");
    assert!(!tree.is_empty_since(mark));
    tree.open(ids[1]);
    tree.attribute(ids[2], "ü");
    tree.close();
    tree.nil();
    tree.close();
    tree.roll_back(mark);
    assert!(tree.is_empty_since(mark));
    tree.open(ids[2]);
    tree.close();
    tree.close();
    assert_eq!(written(&tree), "<a>kept<c/></a>");
}

#[test]
fn rolling_back_inside_later_text_restores_it() {
    let (mut tree, ids) = tree(&["a", "b"]);
    tree.open(ids[0]);
    tree.open(ids[1]);
    tree.close();
    tree.text("one");
    let mark = tree.mark();
    tree.text("two");
    tree.roll_back(mark);
    tree.close();
    assert_eq!(written(&tree), "<a><b/>one</a>");
}

#[test]
fn nil_counts_as_content() {
    let (mut tree, ids) = tree(&["a"]);
    tree.open(ids[0]);
    let mark = tree.mark();
    tree.nil();
    assert!(!tree.is_empty_since(mark));
    tree.close();
    assert_eq!(written(&tree), "<a xsi:nil=\"true\"/>");
}

#[test]
fn a_cleared_tree_starts_anew() {
    let (mut tree, ids) = tree(&["a", "b"]);
    tree.open(ids[0]);
    tree.text("x");
    tree.clear();
    tree.open(ids[1]);
    tree.close();
    assert_eq!(written(&tree), "<b/>");
}

#[test]
fn misuse_neither_panics_nor_adds() {
    let (mut tree, _) = tree(&[]);
    tree.close();
    tree.text("nowhere");
    tree.nil();
    assert!(tree.is_empty());
    assert!(tree.root().is_none());
}

#[test]
fn debugging_shows_no_values() {
    let (mut tree, ids) = tree(&["a"]);
    tree.open(ids[0]);
    tree.text("secret");
    assert!(!format!("{tree:?}").contains("secret"));
}

/// A valid StudentAttendanceSummary, with a chance to change each element.
fn summary(change: impl Fn(&str, &mut Tree) -> bool) -> Vec<(String, ViolationKind)> {
    let object = schema().object("StudentAttendanceSummary").unwrap();
    let mut tree = Tree::new(Arc::new(Names::new()));
    tree.open(object.root.name_id());
    for attribute in object.root.attributes() {
        tree.attribute(
            attribute.name_id(),
            if attribute.name == "SchoolYear" { "2026" } else { "0123456789ABCDEF0123456789ABCDEF" },
        );
    }
    for element in object.root.elements().iter().filter(|element| element.required || element.name == "DaysTardy") {
        if change(element.name, &mut tree) {
            continue;
        }
        tree.open(element.name_id());
        tree.text(match element.name {
            "StartDate" | "EndDate" => "2026-01-31",
            "Resident" => "Yes",
            _ => "1",
        });
        tree.close();
    }
    tree.close();
    check(object, &tree).into_iter().map(|violation| (violation.path, violation.kind)).collect()
}

fn add(tree: &mut Tree, name: &str, value: &str) {
    let id = tree.intern(name);
    tree.open(id);
    tree.text(value);
    tree.close();
}

#[test]
fn a_valid_instance_has_no_violation() {
    assert_eq!(summary(|_, _| false), []);
}

#[test]
fn each_fault_is_found_where_it_is() {
    let one = |path: &str, kind| vec![(path.to_owned(), kind)];
    let missing = summary(|name, _| name == "EndDay");
    assert_eq!(missing, one("EndDay", ViolationKind::Missing));
    let last = summary(|name, _| name == "DaysInMembership");
    assert_eq!(last, one("DaysInMembership", ViolationKind::Missing));
    let twice = summary(|name, tree| {
        if name == "EndDay" {
            add(tree, "EndDay", "1");
        }
        false
    });
    assert_eq!(twice, one("EndDay", ViolationKind::TooMany));
    let late = summary(|name, tree| {
        if name == "EndDay" {
            add(tree, "StartDay", "1");
        }
        false
    });
    assert_eq!(late, one("StartDay", ViolationKind::Order));
    let unknown = summary(|name, tree| {
        if name == "EndDay" {
            add(tree, "StartNight", "1");
        }
        false
    });
    assert_eq!(unknown, one("StartNight", ViolationKind::Unknown));
    let nil = summary(|name, tree| {
        let here = matches!(name, "EndDay" | "DaysTardy");
        if here {
            let id = tree.intern(name);
            tree.open(id);
            tree.nil();
            tree.close();
        }
        here
    });
    assert_eq!(nil, one("EndDay", ViolationKind::NotNillable));
    let value = summary(|name, tree| {
        let here = name == "EndDate";
        if here {
            add(tree, name, "20260131");
        }
        here
    });
    assert_eq!(
        value,
        one("EndDate", ViolationKind::Value(crate::schema::ValueFault::Form(crate::schema::SimpleType::Date)))
    );
}

#[test]
fn no_reason_holds_the_value() {
    let object = schema().object("StudentPersonal").unwrap();
    for (_, element) in object.paths() {
        if let Err(fault) = element.check_value("s3cr3t") {
            assert!(!fault.why().contains("s3cr3t"), "{}", fault.why());
        }
    }
}

#[test]
fn a_leaf_is_what_its_steps_make() {
    for value in ["", "x"] {
        let (mut one, ids) = tree(&["a", "b"]);
        let mut other = one.clone();
        for tree in [&mut one, &mut other] {
            tree.open(ids[0]);
        }
        one.leaf(ids[1], value);
        other.open(ids[1]);
        other.text(value);
        other.close();
        for tree in [&mut one, &mut other] {
            tree.text("tail");
            tree.close();
        }
        assert_eq!(written(&one), written(&other));
        assert_eq!(format!("{:?}", one.nodes), format!("{:?}", other.nodes));
    }
}

#[test]
fn a_value_found_right_is_taken_only_where_it_is() {
    let object = schema().object("StudentAttendanceSummary").unwrap();
    let (date, day) = (object.find("StartDate").unwrap(), object.find("EndDate").unwrap());
    let mut value = ValueText::from("2026-01-31".to_owned());
    value.check(date).unwrap();
    let (mut tree, _) = tree(&[]);
    tree.open(object.root.name_id());
    tree.checked_leaf(date.name_id(), &value);
    assert_eq!(tree.nodes[1].right_for, RightFor::of(date));
    assert_ne!(tree.nodes[1].right_for, RightFor::of(day));
    tree.open(date.name_id());
    let empty = tree.mark();
    tree.checked_text(&value);
    assert_eq!(tree.nodes[2].right_for, RightFor::of(date));
    tree.text("!");
    assert_eq!(tree.nodes[2].right_for, RightFor::NOTHING);
    tree.roll_back(empty);
    tree.checked_text(&value);
    tree.checked_text(&value);
    assert_eq!(tree.nodes[2].right_for, RightFor::NOTHING);
    tree.roll_back(empty);
    tree.checked_text(&value);
    tree.roll_back(empty);
    assert_eq!(tree.nodes[2].right_for, RightFor::NOTHING);
}

/// A step of building a tree. Numbers name elements, values and marks.
#[derive(Clone, Debug)]
enum Step {
    Open(usize),
    Leaf(usize, &'static str),
    CheckedLeaf(usize, usize, &'static str),
    Attribute(usize, &'static str),
    CheckedAttribute(usize, usize, &'static str),
    Text(&'static str),
    CheckedText(usize, &'static str),
    Close,
    Mark,
    RollBack(usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    let value = || prop::sample::select(vec!["2026", "2026-01-31", "1", "Yes", "0.5", "é", "", "x", "026", "2"]);
    let name = || 0..64_usize;
    prop_oneof![
        name().prop_map(Step::Open),
        (name(), value()).prop_map(|(name, value)| Step::Leaf(name, value)),
        (name(), name(), value()).prop_map(|(name, by, value)| Step::CheckedLeaf(name, by, value)),
        name().prop_flat_map(move |name| value().prop_map(move |value| Step::CheckedLeaf(name, name, value))),
        (name(), value()).prop_map(|(name, value)| Step::Attribute(name, value)),
        (name(), name(), value()).prop_map(|(name, by, value)| Step::CheckedAttribute(name, by, value)),
        value().prop_map(Step::Text),
        (name(), value()).prop_map(|(by, value)| Step::CheckedText(by, value)),
        Just(Step::Close),
        Just(Step::Mark),
        name().prop_map(Step::RollBack),
    ]
}

/// Builds whatever the steps say, with marks that may be of no use any more.
fn build(all: &[(String, &ElementSchema)], steps: &[Step]) -> Tree {
    let (mut tree, _) = tree(&[]);
    let mut marks = vec![tree.mark()];
    let element = |number: usize| all[number % all.len()].1;
    let name = |number: usize| element(number).name_id();
    let checked = |by: usize, value: &str| {
        let mut text = ValueText::from(value.to_owned());
        let _ = text.check(element(by));
        text
    };
    tree.open(schema().object("StudentAttendanceSummary").unwrap().root.name_id());
    for step in steps {
        match *step {
            Step::Open(number) => tree.open(name(number)),
            Step::Leaf(number, value) => tree.leaf(name(number), value),
            Step::CheckedLeaf(number, by, value) => tree.checked_leaf(name(number), &checked(by, value)),
            Step::Attribute(number, value) => {
                tree.attribute(name(number), value);
            }
            Step::CheckedAttribute(number, by, value) => {
                tree.checked_attribute(name(number), &checked(by, value));
            }
            Step::Text(value) => tree.text(value),
            Step::CheckedText(by, value) => tree.checked_text(&checked(by, value)),
            Step::Close => tree.close(),
            Step::Mark => marks.push(tree.mark()),
            Step::RollBack(number) => tree.roll_back(marks[number % marks.len()]),
        }
    }
    tree
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_known_to_be_right_is_right(steps in prop::collection::vec(any_step(), 0..40)) {
        let object = schema().object("StudentAttendanceSummary").unwrap();
        let all = object.paths();
        let tree = build(&all, &steps);
        for node in tree.nodes.iter().filter(|node| node.right_for != RightFor::NOTHING) {
            let (path, schema) = all.iter().find(|(_, schema)| RightFor::of(schema) == node.right_for).unwrap();
            prop_assert_eq!(schema.check_value(tree.slice(node)), Ok(()), "{}", path);
        }
        let mut unknown = tree.clone();
        unknown.nodes.iter_mut().for_each(|node| node.right_for = RightFor::NOTHING);
        prop_assert_eq!(check(object, &tree), check(object, &unknown));
        let mut out = Vec::new();
        crate::xml::write::write_tree(&tree, &mut out);
    }
}
