#![allow(clippy::unwrap_used, reason = "tests may fail this way")]

use super::*;
use crate::schema::schema;

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
